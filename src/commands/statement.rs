//! `partnerbook verify --statement`: a printed ledger held against the book.

use std::process::ExitCode;

use anyhow::Context;

use super::with_database;
use crate::config::Config;
use crate::paying::statements::Seal;
use crate::paying::statements::check::{Verdict, check_file, check_seal};
use crate::web::html::{count, counted};

/// Checks a file or a digest and says what was found; success only where all of it is genuine.
pub fn run(statement: &str, json: bool, config: &Config) -> anyhow::Result<ExitCode> {
    let seal: Option<Seal> = statement.parse().ok();
    let file = match seal {
        Some(_) => Vec::new(),
        None => std::fs::read(statement).with_context(|| {
            format!("“{statement}” is neither a digest, like 412-87-1a2b3c4d-5e6f7a8b-9c0d1e2f-3a4b5c6d, nor a file")
        })?,
    };
    let verdicts = with_database(config, |db| {
        let checked = db.read_now(|conn| match seal {
            Some(seal) => Ok(vec![check_seal(conn, seal)?]),
            None => check_file(conn, &file),
        });
        Ok(checked?)
    })?;
    if json {
        println!("{:#}", serde_json::to_value(&verdicts)?);
    } else {
        verdicts.iter().for_each(print);
        let bad = verdicts.iter().filter(|verdict| !verdict.is_genuine()).count();
        let all = counted(verdicts.len(), "ledger was", "ledgers were");
        match bad {
            0 => println!("\n{all} checked: as the book has it."),
            bad => println!("\n{all} checked: {} NOT as the book has it.", count(bad)),
        }
    }
    let genuine = verdicts.iter().all(Verdict::is_genuine);
    Ok(if genuine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(verdict: &Verdict) {
    let word = if verdict.is_genuine() { "ok   " } else { "FAULT" };
    match &verdict.ledger {
        None => println!("{word}  {}", verdict.digest),
        Some(ledger) => {
            let entries = counted(ledger.entries, "entry", "entries");
            let figures = match verdict.figures {
                0 => String::new(),
                figures => format!(", {} read from the file", counted(figures, "figure", "figures")),
            };
            println!(
                "{word}  {} ({}), {} to {}, {entries}, ending balance {}{figures}; printed {}",
                ledger.name,
                ledger.code,
                ledger.period.from(),
                ledger.period.to(),
                ledger.ending,
                ledger.printed_at.format("%Y-%m-%d %H:%M UTC"),
            );
        }
    }
    for fault in &verdict.faults {
        println!("         {fault}");
    }
    if verdict.changed_words > 0 && verdict.is_genuine() {
        println!(
            "         {} read differently today, none of them a figure",
            counted(verdict.changed_words, "word", "words")
        );
    }
}
