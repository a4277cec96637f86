//! CSV files for spreadsheets: UTF-8 with BOM, CRLF, and no cell that came from a person can start
//! a formula. Written while the database still reads, so that memory stays flat.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, rt, web};
use chrono::NaiveDate;
use std::borrow::Cow;
use std::io::{self, Write};
use tokio::sync::mpsc;

use crate::domain::money::{Currency, Money};
use crate::error::AppError;

const BOM: &[u8] = "\u{feff}".as_bytes();
const CHUNK_BYTES: usize = 64 * 1024;

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

/// What [`download`] writes to: chunks on their way to the browser.
pub struct Outlet {
    waiting: Vec<u8>,
    to_browser: mpsc::Sender<Result<Bytes, io::Error>>,
}

impl Outlet {
    fn send(&mut self) -> io::Result<()> {
        let chunk = std::mem::replace(&mut self.waiting, Vec::with_capacity(CHUNK_BYTES));
        self.to_browser
            .blocking_send(Ok(chunk.into()))
            .map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "the browser has gone away"))
    }
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= CHUNK_BYTES {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file that is written on a blocking thread while the browser reads it. `write` does all the
/// work, also the reading (`db.read_now(…)` inside it). Trouble before the first 64 kB is answered
/// with its page; later it breaks the download off, so that nobody takes a part for the whole.
pub async fn download<F>(file_name: &str, write: F) -> Result<HttpResponse, AppError>
where
    F: FnOnce(Outlet) -> Result<Outlet, AppError> + Send + 'static,
{
    let (to_browser, mut chunks) = mpsc::channel::<Result<Bytes, io::Error>>(4);
    let on_failure = to_browser.clone();
    let (failed, failure) = tokio::sync::oneshot::channel();
    let outlet = Outlet { waiting: Vec::with_capacity(CHUNK_BYTES), to_browser };
    let writing = web::block(move || {
        let written = write(outlet).and_then(|mut outlet| outlet.send().map_err(fault));
        if let Err(trouble) = written {
            tracing::warn!(trouble = ?trouble, "a download was broken off");
            let _ = on_failure.blocking_send(Err(io::Error::other("broken off")));
            let _ = failed.send(trouble);
        }
    });
    rt::spawn(writing);
    let first = match chunks.recv().await {
        Some(Ok(first)) => first,
        _ => {
            let gone = || AppError::Internal(anyhow::anyhow!("writing a file ended without a word"));
            return Err(failure.await.unwrap_or_else(|_| gone()));
        }
    };
    let rest = futures_util::stream::poll_fn(move |context| chunks.poll_recv(context));
    let body = futures_util::StreamExt::chain(futures_util::stream::iter([Ok(first)]), rest);
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{file_name}\"")))
        .streaming(body))
}

#[cfg(test)]
mod tests {
    use super::*;
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
