//! A long print as a job: its file is kept for a day.

use anyhow::Context;
use chrono::TimeDelta;
use diesel::PgConnection;
use serde_json::json;
use std::cell::Cell;

use super::print::{letterhead, print, printed};
use crate::domain::ids::{JobId, RunId};
use crate::error::AppError;
use crate::paper::page::Sheet;
use crate::running::audit::Who;
use crate::running::files::{NewFile, Writer};
use crate::running::jobs::{self, JobKind, NewJob, Outcome, Work};
use crate::web::html::counted;
use crate::web::paths;

/// More ledgers than these are printed by a job: nobody should have to look at an empty page for long.
pub const MOST_AT_ONCE: usize = 300;
/// And so are more entries than these, in however few ledgers: some five hundred pages.
pub const MOST_ENTRIES: i64 = 20_000;

/// How long the file is kept.
const KEPT: TimeDelta = TimeDelta::days(1);

/// Asks for the print of a run, in its transaction. Call [`jobs::ring`] afterwards.
pub fn ask(
    conn: &mut PgConnection,
    who: &Who,
    run: RunId,
    sheet: Option<Sheet>,
    ledgers: usize,
) -> Result<JobId, AppError> {
    let new = NewJob {
        kind: JobKind::Print,
        title: format!("Print {}", counted(ledgers, "ledger", "ledgers")),
        page: paths::LEDGERS.into(),
        input: json!({ "run": run, "paper": sheet.map(Sheet::word) }),
    };
    jobs::ask(conn, who, &new)
}

/// Prints, and keeps the file.
pub fn run(work: &mut Work) -> Result<Outcome, AppError> {
    let run = work.job.input["run"].as_i64().map(RunId).context("a print names its run")?;
    let sheet = work.job.input["paper"].as_str().and_then(Sheet::from_word);
    let (shown, head) = work.db.read_now(|conn| {
        let shown = printed(conn, run)?;
        let head = letterhead(conn, &shown, sheet)?;
        Ok((shown, head))
    })?;
    let name = format!("ledgers-{}-{}.pdf", shown.period.from(), shown.period.to());
    let new = NewFile { name: &name, media_type: "application/pdf", made_at: work.clock.now(), keep: KEPT };
    let pulse = work.pulse();
    let writer = Cell::new(Some(Writer::new(work.conn, &new)?));
    let ledgers = Cell::new(0);
    let writer = work.db.read_now(|conn| {
        let lost = || AppError::Unavailable(anyhow::anyhow!("the database was lost during a print"));
        print(conn, &shown, &head, writer.take().ok_or_else(lost)?, &|done, of| {
            ledgers.set(of);
            pulse.progress(done, of, "Ledgers are laid out")
        })
    })?;
    let file = writer.finish()?;
    Ok(Outcome {
        result: format!(
            "{} in one file, ready to be printed. It is kept for a day; after that, print again.",
            counted(ledgers.get(), "ledger", "ledgers")
        ),
        page: Some(paths::print_file(file)),
        wrote_much: false,
    })
}
