//! An import as a job: a file that was uploaded, brought in while nobody has to wait for it.

use serde::{Deserialize, Serialize};

use super::{Import, Kind, file, import, queries};
use crate::domain::ids::FileId;
use crate::error::AppError;
use crate::running::files;
use crate::running::jobs::{Outcome, Work};

/// After so many rows the database should count anew.
const MUCH: usize = 10_000;

/// What an import job works on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    pub file: FileId,
    /// The word of its [`Kind`].
    pub kind: String,
    pub skip_bad_rows: bool,
}

/// Brings the file in. Imports wait for each other before they read: only one of them is ever held.
pub fn run(work: &mut Work) -> Result<Outcome, AppError> {
    let input: Input = serde_json::from_value(work.job.input.clone()).map_err(anyhow::Error::from)?;
    let kind = Kind::from_word(&input.kind).ok_or_else(|| anyhow::anyhow!("no such kind of file"))?;
    work.progress(0, 0, "Waiting for other imports to end")?;
    queries::take_turn(work.conn)?;
    let kept = files::find(work.conn, input.file)?.ok_or_else(|| AppError::refused(GONE))?;
    work.progress(0, 0, "Fetching the file")?;
    let bytes = files::read(work.conn, kept.id)?.ok_or_else(|| AppError::refused(GONE))?;
    let text = file::text_of(bytes)?;
    let (who, pulse) = (work.who(), work.pulse());
    let report = import(
        work.conn,
        &Import {
            kind,
            file: &kept.name,
            text: &text,
            skip_bad_rows: input.skip_bad_rows,
            who: &who,
            progress: &|at| pulse.progress(at.done, at.of, at.stage),
        },
    )?;
    if !report.written {
        return Err(AppError::refused(report.summary().join(" ")));
    }
    Ok(Outcome { result: report.summary().join(" "), page: None, wrote_much: report.rows_read > MUCH })
}

const GONE: &str = "The file is no longer kept. Upload it once more.";
