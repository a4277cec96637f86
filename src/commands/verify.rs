//! `partnerbook verify`: proves that the book is whole.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::with_database;
use crate::book::verify::{self, Check, Progress, Report};
use crate::config::{Config, cluster_in};
use crate::db::Guards;
use crate::web::html::count;

/// Prove that every sum, settlement and commission in the book is right
///
/// Works every balance, roll-up, payment and commission out again from what it came from, looks for every
/// trigger and constraint that guards them, and prints one digest of the book: the same before a backup and
/// after its restore. Exits with status 1 and names the place if anything does not agree. It changes
/// nothing, and works while Partnerbook is running and while it is not.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  partnerbook verify && echo all is well
  partnerbook verify --json | jq -r .digest
  partnerbook verify --statement ledger-of-sam.pdf
  partnerbook verify --statement 412-87-1a2b3c4d-5e6f7a8b-9c0d1e2f-3a4b5c6d")]
pub struct Args {
    /// Hold a printed ledger against the book: its PDF file, or the digest that it bears
    ///
    /// Of a file every figure of every ledger is compared, of a digest all that it stands for: the run, the
    /// dates, the account, each figure and each entry. Names and addresses are not part of it.
    #[arg(long, value_name = "FILE or DIGEST")]
    pub statement: Option<String>,

    /// Print what was found as JSON, for other programs
    #[arg(long)]
    pub json: bool,
}

pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    if config.database_url.is_none() && !cluster_in(&config.data).exists() {
        bail!(
            "there is no Partnerbook in {}: nothing was verified. PARTNERBOOK_DATA or --data says where it is",
            config.data.display()
        );
    }
    if let Some(statement) = &args.statement {
        return super::statement::run(statement, args.json, config);
    }
    let (report, guards) = with_database(config, |db| {
        let bar = bar();
        let report = db.read_now(|conn| verify::verify(conn, &|progress| show(&bar, progress)))?;
        bar.finish_and_clear();
        Ok((report, db.guards()))
    })?;
    if args.json {
        println!("{:#}", json!({ "clean": report.is_clean(), "guards": words(guards), "report": report }));
    } else {
        print(&report, guards);
    }
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// On stderr, and only where that is a terminal.
fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

fn show(bar: &ProgressBar, progress: Progress) {
    bar.set_message(progress.at);
    bar.set_length(progress.of);
    bar.set_position(progress.done);
}

fn print(report: &Report, guards: Guards) {
    for check in &report.checks {
        let things = check.things.replace('_', " ");
        if check.holds() {
            println!("ok     {} ({} {things})", check.proves, count(check.count));
        } else {
            print_faults(check, &things);
        }
    }
    println!("\nGuards: {}.", words(guards));
    for warning in &report.warnings {
        println!("Warning: {warning}.");
    }
    println!("Digest: {}", report.digest);
    match report.checks.iter().map(|check| check.faults).sum::<u64>() {
        0 => println!("The book is whole."),
        1 => println!("1 FAULT was found."),
        faults => println!("{} FAULTS were found.", count(faults)),
    }
}

fn print_faults(check: &Check, things: &str) {
    println!("FAULT  not so: {} ({} {things})", check.proves, count(check.count));
    for place in &check.places {
        println!("         {place}");
    }
    let named = check.places.len() as u64;
    if check.faults > named {
        println!("         and {} more", count(check.faults - named));
    }
}

fn words(guards: Guards) -> &'static str {
    match guards {
        Guards::RoleAndTriggers => {
            "the application's own role may only add to the book, and triggers refuse changes to everybody"
        }
        Guards::TriggersAlone => {
            "triggers refuse changes to everybody, and they alone: the server has no role of the application's own"
        }
    }
}
