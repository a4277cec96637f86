//! The jobs of an uploaded file: looking what it would do, and importing it.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::queries::uploads::{self, Uploaded};
use super::told::Told;
use super::{Import, ImportReport, Kind, Progress, file, import, queries, try_out};
use crate::domain::ids::{FileId, ImportId, JobId};
use crate::error::AppError;
use crate::running::audit::Who;
use crate::running::files::{self, NewFile};
use crate::running::jobs::{self, JobKind, NewJob, Outcome, Work};
use crate::web::paths;
use diesel::PgConnection;

/// After so many rows the database should count anew.
const MUCH: usize = 10_000;

/// How long what is said about single rows is kept.
const KEEP_REMARKS: TimeDelta = TimeDelta::days(30);

const GONE: &str = "The file is no longer kept. Upload it once more.";

/// What an import's job works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    pub import: ImportId,
}

/// Asks for the job that looks what an import would do, or for the one that does it.
pub fn ask(
    conn: &mut PgConnection,
    who: &Who,
    kind: JobKind,
    id: ImportId,
    file_name: &str,
) -> Result<JobId, AppError> {
    let verb = if kind == JobKind::Import { "Import" } else { "Check" };
    let new = NewJob {
        kind,
        title: format!("{verb} {file_name}"),
        page: paths::import(id),
        input: json!(Input { import: id }),
    };
    jobs::ask(conn, who, &new)
}

/// Does what an import would do, keeps what came of it, and takes the rest back.
pub fn check(work: &mut Work) -> Result<Outcome, AppError> {
    let (uploaded, text) = fetch(work)?;
    // Other columns were chosen meanwhile, and another job looks at those.
    if uploaded.check_job_id != work.job.id {
        return Ok(Outcome { result: "Other columns were chosen meanwhile.".into(), ..Outcome::default() });
    }
    let report = with_import(work, &uploaded, &text, try_out)?;
    let told = keep_check(work, &uploaded, &report)?;
    let result = if told.unusable.is_empty() {
        format!("Would record {}.", told.what(uploaded.kind()))
    } else {
        told.unusable
    };
    Ok(Outcome { result, page: Some(paths::import(uploaded.id)), wrote_much: false })
}

/// Imports the file; if a row is bad that was good when somebody looked, nothing is written and the
/// page shows what has changed.
pub fn run(work: &mut Work) -> Result<Outcome, AppError> {
    let (uploaded, text) = fetch(work)?;
    let page = Some(paths::import(uploaded.id));
    let report = with_import(work, &uploaded, &text, import)?;
    if !report.written {
        let report = with_import(work, &uploaded, &text, try_out)?;
        keep_check(work, &uploaded, &report)?;
        let result = "Nothing was written: rows are bad that were good before. Look at the file once more.";
        return Ok(Outcome { result: result.into(), page, wrote_much: false });
    }
    let told = Told::of(&report);
    let remarks = keep_remarks(work, &report)?;
    uploads::keep_result(work.conn, uploaded.id, &json!(told), remarks)?;
    if let Some(file) = uploaded.file_id {
        files::remove(work.conn, file)?;
    }
    let wrote_much = report.rows_read > MUCH;
    Ok(Outcome { result: told.sentence(uploaded.kind()), page, wrote_much })
}

/// The upload and its text. Imports wait for each other before they read: only one file is ever held.
fn fetch(work: &mut Work) -> Result<(Uploaded, Vec<u8>), AppError> {
    let input: Input = serde_json::from_value(work.job.input.clone()).map_err(anyhow::Error::from)?;
    work.progress(0, 0, "Waiting for other imports to end")?;
    queries::take_turn(work.conn)?;
    let uploaded = uploads::lock(work.conn, input.import)?.ok_or_else(|| AppError::refused(GONE))?;
    let file = uploaded.file_id.ok_or_else(|| AppError::refused(GONE))?;
    work.progress(0, 0, "Fetching the file")?;
    let bytes = files::read(work.conn, file)?.ok_or_else(|| AppError::refused(GONE))?;
    Ok((uploaded, file::text_of(bytes)?))
}

fn with_import(
    work: &mut Work,
    uploaded: &Uploaded,
    text: &[u8],
    act: impl FnOnce(&mut PgConnection, &Import) -> Result<ImportReport, AppError>,
) -> Result<ImportReport, AppError> {
    let (who, pulse) = (work.who(), work.pulse());
    let columns = uploaded.columns();
    let import = Import {
        kind: uploaded.kind(),
        file: &uploaded.file_name,
        text,
        columns: columns.as_deref(),
        skip_bad_rows: uploaded.skip_bad_rows,
        number: uploaded.id.0,
        who: &who,
        progress: &|Progress { stage, done, of }| pulse.progress(done, of, stage),
    };
    act(work.conn, &import)
}

fn keep_check(work: &mut Work, uploaded: &Uploaded, report: &ImportReport) -> Result<Told, AppError> {
    let told = Told::of(report);
    let remarks = keep_remarks(work, report)?;
    uploads::keep_check(work.conn, uploaded.id, &json!(told), remarks)?;
    Ok(told)
}

/// Keeps what is to be said about single rows as the file that the page offers.
fn keep_remarks(work: &mut Work, report: &ImportReport) -> Result<Option<FileId>, AppError> {
    if report.remarks.is_empty() {
        return Ok(None);
    }
    let mut csv = Vec::new();
    report.save(&mut csv)?;
    let new = NewFile {
        name: &format!("{}-remarks.csv", stem(&report.file, report.kind)),
        media_type: "text/csv; charset=utf-8",
        made_at: work.clock.now(),
        keep: KEEP_REMARKS,
    };
    files::keep(work.conn, &new, &mut csv.as_slice()).map(Some)
}

/// The name of a file without its ending, in letters that every system takes.
fn stem(name: &str, kind: Kind) -> String {
    let stem = name.split('.').next().unwrap_or_default();
    let plain: String =
        stem.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).take(60).collect();
    if plain.is_empty() { kind.word().into() } else { plain }
}
