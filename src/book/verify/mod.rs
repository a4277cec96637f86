//! `verify`: proves the book. Every figure that is kept is worked out again from what it came from,
//! every rule that holds between tables is looked at from both sides, and what guards the book is
//! looked for. It trusts no trigger and no constraint: whoever can change tables can take those away.
//!
//! `sums` proves what follows from the entries, `open` which of them are open, `payments`, `voids` and
//! `batches` what was paid, `orders` what was earned, `links` what holds between tables, `guards` the
//! guards; `digest` makes one number of it all.

mod batches;
mod digest;
mod guards;
mod links;
mod open;
mod orders;
mod payments;
mod question;
mod replay;
mod sums;
mod voids;

use crate::error::AppError;
use diesel::PgConnection;
use diesel::connection::SimpleConnection;
pub use guards::{APPEND_ONLY, DERIVED};
use question::{Asker, Question};
use serde::Serialize;

/// How many places a check names; the rest is counted. A book that is wrong everywhere has one cause.
const PLACES_NAMED: usize = 20;

/// What `verify` found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    pub checks: Vec<Check>,
    /// What is no fault of the book but should not be so: server settings that can lose data.
    pub warnings: Vec<String>,
    /// SHA-256 over the content of the book, in hex. The same for a book that was restored.
    pub digest: String,
}

/// One thing that was proven, or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What holds, as a sentence.
    pub proves: &'static str,
    /// What was looked at: `entries`.
    pub things: &'static str,
    /// How many of them.
    pub count: u64,
    /// How often it does not hold.
    pub faults: u64,
    /// The first of the places where it does not.
    pub places: Vec<String>,
}

/// How far `verify` has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What it is at.
    pub at: &'static str,
    pub done: u64,
    /// Of so many.
    pub of: u64,
}

impl Report {
    /// Whether everything holds.
    pub fn is_clean(&self) -> bool {
        self.checks.iter().all(Check::holds)
    }

    /// The places where something does not hold, as far as they are named.
    pub fn places(&self) -> impl Iterator<Item = &str> {
        self.checks.iter().flat_map(|check| &check.places).map(String::as_str)
    }
}

impl Check {
    /// Whether it holds everywhere.
    pub fn holds(&self) -> bool {
        self.faults == 0
    }

    fn new(proves: &'static str, things: &'static str, count: u64) -> Check {
        Check { proves, things, count, faults: 0, places: Vec::new() }
    }

    fn fault(&mut self, place: impl FnOnce() -> String) {
        self.faults += 1;
        if self.places.len() < PLACES_NAMED {
            self.places.push(place());
        }
    }
}

/// Proves the book. To be called in one REPEATABLE READ READ ONLY transaction, so that all figures are
/// of the same moment while others go on writing.
pub fn verify(conn: &mut PgConnection, progress: &dyn Fn(Progress)) -> Result<Report, AppError> {
    // The digest is made of texts, which must not depend on how the server is set up.
    conn.batch_execute(
        "SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL TimeZone = 'UTC'; SET LOCAL bytea_output = 'hex'; \
         SET LOCAL extra_float_digits = 1; SET LOCAL jit = off",
    )?;
    let questions: Vec<&Question> = [
        sums::QUESTIONS,
        open::QUESTIONS,
        payments::QUESTIONS,
        voids::QUESTIONS,
        batches::QUESTIONS,
        links::QUESTIONS,
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut asker = Asker::new(conn)?;
    let mut checks = Vec::new();
    for (done, question) in questions.iter().enumerate() {
        progress(Progress { at: "the ledger", done: done as u64, of: questions.len() as u64 });
        checks.push(asker.ask(conn, question)?);
    }
    checks.extend(orders::check(conn, progress)?);
    checks.push(links::references(conn)?);
    checks.extend(guards::check(conn)?);
    let warnings = guards::warnings(conn)?;
    let digest = digest::digest(conn, progress)?;
    Ok(Report { checks, warnings, digest })
}
