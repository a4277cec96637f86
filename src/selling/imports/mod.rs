//! Imports: partners, referrals, products, programs, orders and entries from CSV files (spec 9).
//! [`file`] reads one, [`import`] brings it in, all of it or nothing, and tells what it did; [`demo`]
//! fills an empty system.

mod cells;
pub mod demo;
mod entries;
pub mod file;
mod forms;
pub mod handlers;
pub mod job;
mod looks;
mod orders;
mod pages;
mod partners;
mod products;
mod programs;
mod queries;
mod records;
mod referrals;
mod report;
mod samples;
mod table;
mod told;
mod view;

pub use queries::uploads;
pub use report::{About, ImportReport, Remark, RowError};
pub use table::{Chosen, Column};

use crate::domain::settings::Place;
use crate::error::AppError;
use crate::running::{audit, settings};
use crate::web::admin::Who;
use diesel::{Connection, PgConnection};
use serde_json::json;

/// What a file can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    #[default]
    Partners,
    Referrals,
    Products,
    Programs,
    Orders,
    Entries,
}

/// A file to be brought in.
pub struct Import<'a> {
    pub kind: Kind,
    /// Its name, for the report.
    pub file: &'a str,
    /// Its text, as [`file`] gives it.
    pub text: &'a [u8],
    /// For each column of the file what it is; none: as its headings say.
    pub columns: Option<&'a table::Chosen>,
    /// Write the good rows even if there are bad ones.
    pub skip_bad_rows: bool,
    /// The number that the audit log names it by; 0 for a file of the command line.
    pub number: i64,
    pub who: &'a Who,
    /// Is told how far it is. An error stops the import, and nothing of it is kept.
    pub progress: &'a dyn Fn(Progress) -> Result<(), AppError>,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being done: `Reading`.
    pub stage: &'static str,
    pub done: usize,
    pub of: usize,
}

/// An import at work.
struct Task<'a> {
    import: &'a Import<'a>,
    place: Place,
    report: ImportReport,
}

/// Why nothing is kept.
enum Stop {
    KeepNothing(Box<ImportReport>),
    Failed(AppError),
}

impl Kind {
    /// One of them, and several.
    pub fn nouns(self) -> (&'static str, &'static str) {
        match self {
            Kind::Partners => ("partner", "partners"),
            Kind::Referrals => ("referral", "referrals"),
            Kind::Products => ("product", "products"),
            Kind::Programs => ("program", "programs"),
            Kind::Orders => ("order", "orders"),
            Kind::Entries => ("entry", "entries"),
        }
    }

    /// All of them, in an order in which each finds what it names.
    pub const ALL: [Kind; 6] =
        [Kind::Products, Kind::Programs, Kind::Partners, Kind::Referrals, Kind::Orders, Kind::Entries];

    /// The columns that such a file may have.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Kind::Partners => partners::COLUMNS,
            Kind::Referrals => referrals::COLUMNS,
            Kind::Products => products::COLUMNS,
            Kind::Programs => programs::COLUMNS,
            Kind::Orders => orders::COLUMNS,
            Kind::Entries => entries::COLUMNS,
        }
    }

    /// The word for it in commands and URLs.
    pub fn word(self) -> &'static str {
        self.nouns().1
    }

    /// The kind of this word.
    pub fn from_word(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Brings a file in. By default nothing is written if any row is bad; the report says which and why.
/// The same file again changes nothing. Imports wait for each other.
pub fn import(conn: &mut PgConnection, import: &Import) -> Result<ImportReport, AppError> {
    // A savepoint: what was written before a bad row was found goes away, and the report stays.
    let done = conn.transaction(|conn| {
        queries::take_turn(conn)?;
        let report = ImportReport::new(import.kind, import.file);
        let mut task = Task { import, place: settings::place(conn)?, report };
        match import.kind {
            Kind::Partners => partners::import(conn, &mut task)?,
            Kind::Referrals => referrals::import(conn, &mut task)?,
            Kind::Products => products::import(conn, &mut task)?,
            Kind::Programs => programs::import(conn, &mut task)?,
            Kind::Orders => orders::import(conn, &mut task)?,
            Kind::Entries => entries::import(conn, &mut task)?,
        }
        if !task.goes_on() {
            return Err(Stop::KeepNothing(Box::new(task.report)));
        }
        task.report.written = true;
        if task.report.recorded > 0 || task.report.returns_recorded > 0 {
            note_in_audit(conn, import.who, import.number, &task.report)?;
        }
        Ok(task.report)
    });
    let mut report = match done {
        Ok(report) => report,
        Err(Stop::KeepNothing(report)) => report.of_nothing_written(),
        Err(Stop::Failed(error)) => return Err(error),
    };
    report.sort();
    Ok(report)
}

/// What an import would do: does it, leaving bad rows out, and takes all of it back.
pub fn try_out(conn: &mut PgConnection, import: &Import) -> Result<ImportReport, AppError> {
    let tried = conn.transaction(|conn| -> Result<ImportReport, Stop> {
        let report = self::import(conn, &Import { skip_bad_rows: true, ..*import })?;
        Err(Stop::KeepNothing(Box::new(report)))
    });
    match tried {
        Ok(report) => Ok(report),
        Err(Stop::KeepNothing(report)) => Ok(*report),
        Err(Stop::Failed(error)) => Err(error),
    }
}

fn note_in_audit(
    conn: &mut PgConnection,
    who: &Who,
    number: i64,
    report: &ImportReport,
) -> Result<(), AppError> {
    let details = json!({
        "rows": report.rows_read,
        "recorded": report.recorded,
        "returns": report.returns_recorded,
        "already_there": report.already_there,
        "conflicts": report.conflicts,
        "unmatched": report.unmatched_lines,
        "bad_rows": report.bad_rows(),
    });
    audit::write(conn, who, &format!("{}.import", report.kind.word()), ("import", number), details)
}

impl Task<'_> {
    /// Whether anything is to be written, after what was found so far.
    fn goes_on(&self) -> bool {
        !self.report.unusable && (self.import.skip_bad_rows || !self.report.has_errors())
    }

    fn progress(&self, stage: &'static str, done: usize, of: usize) -> Result<(), AppError> {
        (self.import.progress)(Progress { stage, done, of })
    }
}

impl From<AppError> for Stop {
    fn from(error: AppError) -> Stop {
        Stop::Failed(error)
    }
}

impl From<diesel::result::Error> for Stop {
    fn from(error: diesel::result::Error) -> Stop {
        Stop::Failed(error.into())
    }
}
