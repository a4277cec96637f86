//! A printed ledger held against the book: by its digest alone, or by its file, every figure of it.

use diesel::PgConnection;

use super::layout::pages;
use super::print::{letterhead, printed};
use super::queries;
use super::read::read;
use super::seal::Seal;
use crate::domain::money::{Currency, Money};
use crate::domain::period::Period;
use crate::error::AppError;
use crate::paper::page::Sheet;
use crate::paper::reading;
use crate::paper::shaping::Shaper;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::HashMap;

/// What the book says of one digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    pub digest: String,
    /// None where the book has no such print.
    pub ledger: Option<Ledger>,
    /// What is wrong, in sentences; nothing where the ledger is genuine.
    pub faults: Vec<String>,
    /// How many figures of a file were compared, and how many other words read differently today.
    pub figures: usize,
    pub changed_words: usize,
}

/// The ledger that a digest names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ledger {
    pub code: String,
    pub name: String,
    pub period: Period,
    pub printed_at: DateTime<Utc>,
    pub entries: usize,
    pub ending: String,
}

impl Verdict {
    /// Whether the ledger is as the book has it.
    pub fn is_genuine(&self) -> bool {
        self.faults.is_empty()
    }

    fn unknown(seal: Seal) -> Verdict {
        let fault = "the book has no such print: it was not printed from this book".into();
        Verdict { digest: seal.to_string(), ledger: None, faults: vec![fault], figures: 0, changed_words: 0 }
    }
}

/// A digest that somebody typed.
pub fn check_seal(conn: &mut PgConnection, seal: Seal) -> Result<Verdict, AppError> {
    Ok(held(conn, seal, None)?.0)
}

/// Every ledger of a file.
pub fn check_file(conn: &mut PgConnection, file: &[u8]) -> Result<Vec<Verdict>, AppError> {
    let pages = reading::pages(file).map_err(|error| AppError::Refused(error.to_string()))?;
    let mut verdicts = Vec::new();
    let mut of_ledger: Vec<&reading::Read> = Vec::new();
    for page in &pages {
        of_ledger.push(page);
        let seals = Seal::all_in(&page.words.join("\n"));
        // A ledger's last page bears its seal.
        if let Some(seal) = seals.first() {
            verdicts.push(compared(conn, *seal, &of_ledger)?);
            of_ledger.clear();
        }
    }
    if verdicts.is_empty() {
        return Err(AppError::refused(
            "This file bears no digest: it is no printed ledger of Partnerbook's.",
        ));
    }
    if let (Some(last), false) = (verdicts.last_mut(), of_ledger.is_empty()) {
        last.faults.push(format!("{} of the file's pages bear no digest", of_ledger.len()));
    }
    Ok(verdicts)
}

fn compared(conn: &mut PgConnection, seal: Seal, file: &[&reading::Read]) -> Result<Verdict, AppError> {
    let (mut verdict, expected) = held(conn, seal, file.first().map(|page| page.sheet))?;
    let Some((currency, expected)) = expected else { return Ok(verdict) };
    let words: Vec<&str> = file.iter().flat_map(|page| &page.words).map(String::as_str).collect();
    let figures = |words: &[&str]| -> Vec<String> {
        words.iter().filter(|word| is_figure(word, currency)).map(ToString::to_string).collect()
    };
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    let (printed, booked) = (figures(&words), figures(&expected));
    verdict.figures = printed.len();
    if printed.len() != booked.len() {
        verdict.faults.push(format!("it has {} figures, and the book makes {}", printed.len(), booked.len()));
    }
    let differing = printed.iter().zip(&booked).filter(|(printed, booked)| printed != booked);
    for (printed, booked) in differing.take(5) {
        verdict.faults.push(format!("it says {printed} where the book says {booked}"));
    }
    // Where one stretch ends and the next begins is the viewer's business.
    let is_same = words.concat() == expected.concat();
    let mut others: HashMap<&str, usize> = HashMap::new();
    for word in expected {
        *others.entry(word).or_default() += 1;
    }
    let mut is_new = |word: &&&str| match others.get_mut(**word).filter(|left| **left > 0) {
        Some(left) => {
            *left -= 1;
            false
        }
        None => true,
    };
    if !is_same {
        verdict.changed_words = words.iter().filter(|word| is_new(word)).count();
    }
    Ok(verdict)
}

/// An amount as ledgers have it: `1,234.50`, `−$3.00`. Of a currency without decimals any whole number,
/// if nothing else stands beside it.
fn is_figure(word: &str, currency: Currency) -> bool {
    let bare = word.trim_start_matches('−');
    let bare = bare.strip_prefix(currency.symbol().as_str()).unwrap_or(bare);
    let minor = Money::parse(bare, currency);
    minor.is_ok_and(|amount| amount.grouped(currency) == bare)
}

/// The words of a ledger as it would be printed today, and its currency.
type Expected = Option<(Currency, Vec<String>)>;

fn held(conn: &mut PgConnection, seal: Seal, sheet: Option<Sheet>) -> Result<(Verdict, Expected), AppError> {
    let printed = match printed(conn, seal.run) {
        Ok(printed) if queries::is_in_run(conn, seal.run, seal.account)? => printed,
        Ok(_) | Err(AppError::NotFound(_)) => return Ok((Verdict::unknown(seal), None)),
        Err(other) => return Err(other),
    };
    let head = letterhead(conn, &printed, sheet)?;
    let statements = read(conn, &printed, &[seal.account])?;
    let Some(statement) = statements.first() else { return Ok((Verdict::unknown(seal), None)) };
    let mut verdict = Verdict {
        digest: seal.to_string(),
        ledger: Some(Ledger {
            code: statement.to.code.clone(),
            name: statement.to.name.clone(),
            period: printed.period,
            printed_at: printed.made_at,
            entries: statement.lines.len(),
            ending: statement.figures.ending().with_sign(statement.currency),
        }),
        faults: Vec::new(),
        figures: 0,
        changed_words: 0,
    };
    if statement.seal != seal {
        verdict.faults.push(format!("its digest is not the book's, which is {}", statement.seal));
    }
    let words = sheet.map(|_| {
        let pages = pages(&mut Shaper::default(), &head, statement);
        (statement.currency, pages.iter().flat_map(reading::words).collect())
    });
    Ok((verdict, words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_told_from_other_words() {
        let (usd, yen) = (Currency::from_code("USD").unwrap(), Currency::from_code("JPY").unwrap());
        for figure in ["0.00", "1,234.50", "−17.40", "$20.22", "−$3.00"] {
            assert!(is_figure(figure, usd), "{figure}");
        }
        for word in ["27", "1234.5", "Oct 2", "10.00 %", "12,34.00", "", "−", "Order 10421"] {
            assert!(!is_figure(word, usd), "{word}");
        }
        assert!(is_figure("1,500", yen) && is_figure("¥0", yen) && !is_figure("15.00", yen));
    }
}
