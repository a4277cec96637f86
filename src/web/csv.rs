//! CSV files for spreadsheets: UTF-8 with BOM, CRLF, and no cell that came from a person can start
//! a formula. Written while the database still reads, so that memory stays flat.

use actix_web::HttpResponse;
use chrono::NaiveDate;
use diesel::PgConnection;
use std::borrow::Cow;
use std::io::Write;

use super::download::File;
pub use super::download::{Outlet, in_name, name_of_period};
use crate::db::Db;
use crate::domain::money::{Currency, Money};
use crate::error::AppError;

const BOM: &[u8] = "\u{feff}".as_bytes();

/// One cell. Which kind it is decides whether it is guarded.
#[derive(Debug, Clone, Copy)]
pub enum Cell<'a> {
    /// A text that came from a person, or may have: guarded.
    Text(&'a str),
    /// A word of ours: a heading, a currency code, a kind. Never guarded.
    Word(&'a str),
    /// An amount, plain: `-1234.50`. Never guarded, so that sums work.
    Amount(Money, Currency),
    /// A number.
    Number(i64),
    /// A day: `2026-10-31`.
    Day(NaiveDate),
    /// Nothing.
    Empty,
}

impl<'a> Cell<'a> {
    fn text(self) -> Cow<'a, str> {
        match self {
            Cell::Text(text) => guarded(text),
            Cell::Word(word) => word.into(),
            Cell::Amount(amount, currency) => amount.plain(currency).into(),
            Cell::Number(number) => number.to_string().into(),
            Cell::Day(day) => day.to_string().into(),
            Cell::Empty => "".into(),
        }
    }
}

/// A text that spreadsheets do not take for a formula: where it begins like one (also after blanks,
/// also with full-width signs), an apostrophe is put before it.
pub fn guarded(text: &str) -> Cow<'_, str> {
    const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    let word = text.trim_start_matches(' ');
    let begins = word.starts_with(['\t', '\r', '\n']) || word.trim_start().starts_with(SIGNS);
    if begins { format!("'{text}").into() } else { text.into() }
}

/// Writes rows of cells.
pub struct CsvWriter<W: Write>(csv::Writer<W>);

impl<W: Write> CsvWriter<W> {
    /// Starts a file with its headings.
    pub fn new(mut out: W, headings: &[&str]) -> Result<CsvWriter<W>, AppError> {
        out.write_all(BOM).map_err(fault)?;
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        writer.write_record(headings).map_err(fault)?;
        Ok(CsvWriter(writer))
    }

    /// Writes one row; it must have as many cells as there are headings.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), AppError> {
        for cell in cells {
            self.0.write_field(cell.text().as_bytes()).map_err(fault)?;
        }
        self.0.write_record(None::<&[u8]>).map_err(fault)
    }

    /// Writes what is still buffered, and gives back what was written to.
    pub fn finish(self) -> Result<W, AppError> {
        self.0.into_inner().map_err(|error| fault(error.into_error()))
    }
}

fn fault(error: impl Into<anyhow::Error>) -> AppError {
    AppError::Internal(error.into().context("writing a CSV file"))
}

/// A CSV file that is written while the browser reads it: see [`super::download`].
pub async fn download<F>(file_name: &str, write: F) -> Result<HttpResponse, AppError>
where
    F: FnOnce(Outlet) -> Result<Outlet, AppError> + Send + 'static,
{
    super::download::download(named(file_name), write).await
}

/// A CSV file that is written from one read of the database: see [`super::download::download_read`].
pub async fn download_read<F>(db: Db, file_name: &str, write: F) -> Result<HttpResponse, AppError>
where
    F: Fn(&mut PgConnection, Outlet) -> Result<Outlet, AppError> + Send + 'static,
{
    super::download::download_read(db, named(file_name), write).await
}

fn named(file_name: &str) -> File {
    File { name: file_name.into(), media_type: "text/csv; charset=utf-8", inline: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::CONTENT_DISPOSITION;
    use proptest::prelude::*;

    #[test]
    fn text_cells_never_start_a_formula_and_amounts_stay_numbers() {
        let usd = Currency::from_code("USD").unwrap();
        let mut writer = CsvWriter::new(Vec::new(), &["Name", "Amount"]).unwrap();
        writer.row(&[Cell::Text("=1+1"), Cell::Amount(Money::from_minor(-123450), usd)]).unwrap();
        writer.row(&[Cell::Text("Zoë, \"the\" van"), Cell::Empty]).unwrap();
        writer.row(&[Cell::Text(" ＋cmd|' /C calc'!A0"), Cell::Number(-3)]).unwrap();
        let written = String::from_utf8(writer.finish().unwrap()).unwrap();
        let expected = "\u{feff}Name,Amount\r\n'=1+1,-1234.50\r\n\"Zoë, \"\"the\"\" van\",\r\n' ＋cmd|' /C calc'!A0,-3\r\n";
        assert_eq!(written, expected);
    }

    #[test]
    fn a_row_of_another_length_is_our_fault_and_not_a_crooked_file() {
        let mut writer = CsvWriter::new(Vec::new(), &["Name", "Amount"]).unwrap();
        assert!(writer.row(&[Cell::Empty]).is_err());
    }

    #[actix_web::test]
    async fn trouble_before_the_first_row_is_a_page_and_later_breaks_the_download_off() {
        let rows = |n: usize, end: Result<(), AppError>| {
            download("ledgers.csv", move |outlet| {
                let mut writer = CsvWriter::new(outlet, &["Number"])?;
                (0..n).try_for_each(|n| writer.row(&[Cell::Number(n as i64)]))?;
                end?;
                writer.finish()
            })
        };
        let whole = rows(100_000, Ok(())).await.unwrap();
        assert_eq!(whole.headers().get(CONTENT_DISPOSITION).unwrap(), "attachment; filename=\"ledgers.csv\"");
        let body = actix_web::body::to_bytes(whole.into_body()).await.ok().unwrap();
        assert!(body.starts_with(BOM) && body.ends_with(b"\r\n99999\r\n"));
        assert!(matches!(rows(3, Err(AppError::refused("No."))).await, Err(AppError::Refused(_))));
        let broken = rows(100_000, Err(AppError::refused("No."))).await.unwrap();
        assert!(
            actix_web::body::to_bytes(broken.into_body()).await.is_err(),
            "a part is not taken for the whole"
        );
    }

    proptest! {
        #[test]
        fn whatever_a_person_typed_is_read_back_and_is_no_formula(text in "[=+@\\-\t\r\n ＝a-z\"',;]{0,8}") {
            let mut writer = CsvWriter::new(Vec::new(), &["Text", "End"]).unwrap();
            writer.row(&[Cell::Text(&text), Cell::Word("end")]).unwrap();
            let written = writer.finish().unwrap();
            let mut reader = csv::Reader::from_reader(&written[BOM.len()..]);
            let row = reader.records().next().unwrap().unwrap();
            let cell = row.get(0).unwrap();
            prop_assert_eq!(cell.strip_prefix('\'').unwrap_or(cell), text.strip_prefix('\'').unwrap_or(&text));
            let first = cell.trim_start_matches(' ').chars().next();
            prop_assert!(!first.is_some_and(|c| "=+-@\t\r\n＝＋－＠".contains(c)), "{:?}", cell);
        }
    }
}
