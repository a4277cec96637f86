//! What an import did and what it could not do: counts, and remarks row by row.

use super::Kind;
use crate::error::AppError;
use crate::web::csv::{Cell, CsvWriter};
use crate::web::html::{count, counted};
use rust_decimal::Decimal;
use std::collections::HashSet;
use std::io::Write;

/// How much of a cell is repeated in a remark.
const VALUE_SHOWN: usize = 200;

/// How many remarks are kept; more are counted. A file that is wrong from top to bottom must not
/// fill the memory.
const REMARKS_KEPT: usize = 100_000;

/// What an import did (spec 9).
#[derive(Debug, Clone, Default)]
pub struct ImportReport {
    /// The name of the file.
    pub file: String,
    pub kind: Kind,
    /// Rows with content, without the headings.
    pub rows_read: usize,
    /// Partners, referrals, products, programs, orders or entries made; of products and programs
    /// also those changed.
    pub recorded: usize,
    /// Orders only: returns that gave something back.
    pub returns_recorded: usize,
    pub already_there: usize,
    /// Known under the same name, with other content; left as they are.
    pub conflicts: usize,
    /// Return lines that found no sale, wholly or in part, and the units that did.
    pub unmatched_lines: usize,
    pub unmatched_units: Decimal,
    /// Good rows that were left out because a row that they belong to is bad.
    pub left_out: usize,
    pub remarks: Vec<Remark>,
    /// How many remarks more there were than are kept.
    pub remarks_omitted: usize,
    /// Whether anything was written; by default nothing is where a row is bad.
    pub written: bool,
    /// The file cannot be used at all, or not beyond some row: nothing is written whatever is asked.
    pub unusable: bool,
    bad_rows: HashSet<u64>,
}

/// What is wrong with a row: where, what stands there, and why it cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// As a spreadsheet counts rows, the headings in row 1; 0 where it is about the whole file.
    pub row: u64,
    /// Empty where it is about the whole row.
    pub column: String,
    /// What stands there, shortened.
    pub value: String,
    /// Reads on after the column's name: `is not a number`.
    pub problem: String,
}

/// Something to be told about a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    pub about: About,
    pub at: RowError,
}

/// How grave a remark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// A bad row.
    Error,
    /// Known with other content, and left as it is.
    Conflict,
    /// A return that finds no sale.
    Unmatched,
    /// Good to know.
    Note,
}

impl RowError {
    /// About one cell.
    pub fn new(row: u64, column: impl Into<String>, value: &str, problem: impl Into<String>) -> RowError {
        let mut shown: String = value.chars().take(VALUE_SHOWN).collect();
        if shown.len() < value.len() {
            shown.push('…');
        }
        RowError { row, column: column.into(), value: shown, problem: problem.into() }
    }

    /// About the whole file: a sentence.
    pub fn of_file(sentence: impl Into<String>) -> RowError {
        RowError::new(0, "", "", sentence)
    }
}

impl std::fmt::Display for RowError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.row > 0 {
            write!(f, "row {}", self.row)?;
            if self.column.is_empty() && self.value.is_empty() {
                f.write_str(" ")?;
            } else {
                f.write_str(", ")?;
            }
        }
        if !self.column.is_empty() {
            write!(f, "{} ", self.column)?;
        }
        if !self.value.is_empty() {
            write!(f, "{:?} ", self.value)?;
        }
        f.write_str(&self.problem)
    }
}

impl About {
    /// The word for it in a saved report.
    pub fn word(self) -> &'static str {
        match self {
            About::Error => "error",
            About::Conflict => "conflict",
            About::Unmatched => "unmatched",
            About::Note => "note",
        }
    }
}

impl ImportReport {
    /// A report about nothing yet.
    pub fn new(kind: Kind, file: &str) -> ImportReport {
        ImportReport { kind, file: file.to_string(), ..ImportReport::default() }
    }

    /// Notes a bad row.
    pub fn error(&mut self, error: RowError) {
        if error.row > 0 {
            self.bad_rows.insert(error.row);
        }
        self.remark(About::Error, error);
    }

    /// Notes that the file cannot be used.
    pub fn unusable(&mut self, error: RowError) {
        self.unusable = true;
        self.error(error);
    }

    /// The value if it is one; else its row is bad.
    pub fn check<T>(&mut self, value: Result<T, RowError>) -> Option<T> {
        value.map_err(|error| self.error(error)).ok()
    }

    /// Notes something known under the same name with other content.
    pub fn conflict(&mut self, at: RowError) {
        self.conflicts += 1;
        self.remark(About::Conflict, at);
    }

    /// Notes a return line that finds no sale for so many units.
    pub fn unmatched(&mut self, units: Decimal, at: RowError) {
        self.unmatched_lines += 1;
        self.unmatched_units += units;
        self.remark(About::Unmatched, at);
    }

    /// Notes something that changes nothing.
    pub fn note(&mut self, at: RowError) {
        self.remark(About::Note, at);
    }

    fn remark(&mut self, about: About, at: RowError) {
        if self.remarks.len() < REMARKS_KEPT {
            self.remarks.push(Remark { about, at });
        } else {
            self.remarks_omitted += 1;
        }
    }

    /// The same where nothing was kept of what was recorded.
    pub fn of_nothing_written(self) -> ImportReport {
        ImportReport { recorded: 0, returns_recorded: 0, written: false, ..self }
    }

    /// Puts the remarks in the order of the rows; they were found check by check.
    pub fn sort(&mut self) {
        self.remarks.sort_by_key(|remark| remark.at.row);
    }

    /// How many rows are bad.
    pub fn bad_rows(&self) -> usize {
        self.bad_rows.len()
    }

    /// Whether something is wrong with the row.
    pub fn is_bad(&self, row: u64) -> bool {
        self.bad_rows.contains(&row)
    }

    /// Whether anything at all is wrong.
    pub fn has_errors(&self) -> bool {
        self.unusable || !self.bad_rows.is_empty()
    }

    /// The bad rows, each cell of them.
    pub fn errors(&self) -> impl Iterator<Item = &RowError> {
        self.remarks.iter().filter(|remark| remark.about == About::Error).map(|remark| &remark.at)
    }

    /// The whole of it in plain words, without the remarks.
    pub fn summary(&self) -> Vec<String> {
        let (one, many) = self.kind.nouns();
        let mut told = vec![format!("{} read from {}.", counted(self.rows_read, "row", "rows"), self.file)];
        if self.has_errors() {
            told.push(self.told_of_errors());
        }
        if self.written {
            told.push(format!(
                "{} recorded, {} already there.",
                counted(self.recorded, one, many),
                count(self.already_there)
            ));
        }
        if self.returns_recorded > 0 {
            told.push(format!(
                "{} taken back from their sales.",
                counted(self.returns_recorded, "return", "returns")
            ));
        }
        if self.conflicts > 0 {
            told.push(format!(
                "{} known already with other content, and left as they are.",
                counted(self.conflicts, &format!("{one} is"), &format!("{many} are"))
            ));
        }
        if self.unmatched_lines > 0 {
            told.push(format!(
                "{} found no sale to take back, wholly or in part: {}.",
                counted(self.unmatched_lines, "return line", "return lines"),
                units(self.unmatched_units)
            ));
        }
        if self.left_out > 0 {
            told.push(format!(
                "{} left out, because another row of the same {one} is bad.",
                counted(self.left_out, "good row was", "good rows were")
            ));
        }
        if self.remarks_omitted > 0 {
            let kept = count(self.remarks.len());
            told.push(format!("Of all that there is to say, the first {kept} remarks are kept."));
        }
        told
    }

    fn told_of_errors(&self) -> String {
        let bad = counted(self.bad_rows.len(), "row is bad", "rows are bad");
        match (self.written, self.unusable) {
            (true, _) => format!("{bad} and left out."),
            (false, true) => "The file cannot be used; nothing was written.".to_string(),
            (false, false) => format!(
                "{bad}; nothing was written. Mend the file, or leave the bad rows out with --skip-bad-rows."
            ),
        }
    }

    /// Saves all remarks as CSV.
    pub fn save(&self, out: impl Write) -> Result<(), AppError> {
        let mut csv = CsvWriter::new(out, &["About", "File", "Row", "Column", "Value", "Problem"])?;
        for Remark { about, at } in &self.remarks {
            csv.row(&[
                Cell::Word(about.word()),
                Cell::Text(&self.file),
                if at.row > 0 { Cell::Number(at.row.try_into().unwrap_or(i64::MAX)) } else { Cell::Empty },
                Cell::Text(&at.column),
                Cell::Text(&at.value),
                Cell::Text(&at.problem),
            ])?;
        }
        if self.remarks_omitted > 0 {
            let more = format!("{} more like these", count(self.remarks_omitted));
            let empty = Cell::Empty;
            csv.row(&[Cell::Word("note"), Cell::Text(&self.file), empty, empty, empty, Cell::Text(&more)])?;
        }
        csv.finish().map(|_| ())
    }
}

/// The value, or nothing and one problem more.
pub fn sound<T: Default>(value: Result<T, RowError>, problems: &mut Vec<RowError>) -> T {
    value.unwrap_or_else(|problem| {
        problems.push(problem);
        T::default()
    })
}

fn units(units: Decimal) -> String {
    match i64::try_from(units) {
        Ok(whole) if units.is_integer() => counted(whole, "unit", "units"),
        _ => format!("{} units", units.normalize()),
    }
}
