//! An import as its page shows it: the upload, its jobs, the beginning of the file, the remarks.

use diesel::PgConnection;

use super::looks::Looks;
use super::queries::uploads::{self, Uploaded};
use super::{file, forms};
use crate::domain::ids::{FileId, ImportId};
use crate::error::AppError;
use crate::running::files;
use crate::running::jobs::{self, Job, State};
use crate::selling::imports::told::Told;
use crate::web::forms::FormData;

/// How many rows of a file are shown.
const ROWS: usize = 6;

/// How many remarks are shown; the file has all.
const REMARKS: usize = 20;

/// One line of a saved report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedRemark {
    pub about: String,
    pub row: String,
    pub column: String,
    pub value: String,
    pub problem: String,
}

/// An import as it stands.
#[derive(Debug, Clone)]
pub struct View {
    pub uploaded: Uploaded,
    pub check: Job,
    pub job: Option<Job>,
    pub looks: Looks,
    /// The gravest first.
    pub remarks: Vec<SavedRemark>,
    /// What the visitor chose the columns to be, where that could not be taken.
    pub typed: Option<Vec<Option<String>>>,
}

/// Reads all that there is to show.
pub fn view(conn: &mut PgConnection, id: ImportId) -> Result<Option<View>, AppError> {
    let Some(uploaded) = uploads::find(conn, id)? else { return Ok(None) };
    let missing = || AppError::not_found("such job");
    let check = jobs::queries::find(conn, uploaded.check_job_id)?.ok_or_else(missing)?;
    let job = match uploaded.job_id {
        Some(job) => jobs::queries::find(conn, job)?,
        None => None,
    };
    let looks = match uploaded.file_id {
        Some(file) => looks(conn, &uploaded, file)?,
        None => Looks::default(),
    };
    let remarks = match uploaded.remarks_file_id {
        Some(file) => remarks(conn, file)?,
        None => Vec::new(),
    };
    Ok(Some(View { uploaded, check, job, looks, remarks, typed: None }))
}

/// The latest imports, each with the job that tells how it stands.
pub fn recent(conn: &mut PgConnection, most: i64) -> Result<Vec<(Uploaded, Option<Job>)>, AppError> {
    let mut found = Vec::new();
    for uploaded in uploads::recent(conn, most)? {
        let job = jobs::queries::find(conn, uploaded.job_id.unwrap_or(uploaded.check_job_id))?;
        found.push((uploaded, job));
    }
    Ok(found)
}

/// Whether it is being imported, or was: a job that failed or was cancelled has left nothing.
pub fn is_begun(conn: &mut PgConnection, uploaded: &Uploaded) -> Result<bool, AppError> {
    if uploaded.imported().is_some() {
        return Ok(true);
    }
    let Some(job) = uploaded.job_id else { return Ok(false) };
    Ok(jobs::queries::find(conn, job)?.is_some_and(|job| !job.state().has_ended()))
}

fn looks(conn: &mut PgConnection, uploaded: &Uploaded, file: FileId) -> Result<Looks, AppError> {
    let beginning = file::beginning_of(files::beginning(conn, file)?);
    let columns = uploaded.columns();
    Ok(Looks::of(&beginning, uploaded.kind().columns(), columns.as_deref(), ROWS))
}

/// The remarks at the beginning of a saved report, errors before all else.
fn remarks(conn: &mut PgConnection, file: FileId) -> Result<Vec<SavedRemark>, AppError> {
    let saved = files::beginning(conn, file)?;
    let text = saved.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&saved);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
    let remark = |row: csv::StringRecord| {
        let cell = |at: usize| row.get(at).unwrap_or_default().to_string();
        SavedRemark {
            about: cell(0),
            row: cell(2),
            column: cell(3),
            value: unguarded(cell(4)),
            problem: cell(5),
        }
    };
    // What is cut off at the end of the part is left out.
    let mut all: Vec<SavedRemark> = reader.records().filter_map(Result::ok).map(remark).collect();
    let rank = |remark: &SavedRemark| {
        ["error", "conflict", "unmatched", "note"].iter().position(|about| *about == remark.about)
    };
    all.sort_by_key(rank);
    all.truncate(REMARKS);
    Ok(all)
}

/// What stood in the cell before it was kept from starting a formula.
fn unguarded(cell: String) -> String {
    match cell.strip_prefix('\'') {
        Some(rest) if *crate::web::csv::guarded(rest) == *cell => rest.to_string(),
        _ => cell,
    }
}

impl View {
    /// Whether a job is looking what it would do.
    pub fn is_being_checked(&self) -> bool {
        self.job.is_none() && !self.check.state().has_ended()
    }

    /// Whether a job imports it.
    pub fn is_being_imported(&self) -> bool {
        self.job.as_ref().is_some_and(|job| !job.state().has_ended())
    }

    /// Whether it is being imported, or was.
    pub fn is_begun(&self) -> bool {
        self.uploaded.imported().is_some() || self.is_being_imported()
    }

    /// What it would do; none until that is known.
    pub fn told(&self) -> Option<Told> {
        self.uploaded.checked()
    }

    /// The job that has to be waited for.
    pub fn under_way(&self) -> Option<&Job> {
        let job = self.job.as_ref().unwrap_or(&self.check);
        (!job.state().has_ended()).then_some(job)
    }

    /// Why nothing came of it, in a sentence: the look or the import failed, was cancelled, or found
    /// rows that are bad only now.
    pub fn setback(&self) -> Option<&Job> {
        let of_import =
            self.job.as_ref().filter(|job| job.state().has_ended() && self.uploaded.imported().is_none());
        let of_check =
            (self.check.state().has_ended() && self.check.state() != State::Done).then_some(&self.check);
        of_import.or(of_check)
    }

    /// The same with what a visitor chose, which could not be taken.
    pub fn choosing(mut self, form: &FormData) -> View {
        let typed = (0..self.looks.headings.len().min(forms::MOST_COLUMNS))
            .map(|at| Some(form.get(&format!("column-{at}")).to_string()).filter(|name| !name.is_empty()));
        self.typed = Some(typed.collect());
        self
    }
}
