//! Files that are written while the browser reads them, so that memory stays flat.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, rt, web};
use diesel::PgConnection;
use std::cell::Cell;
use std::io::{self, Write};
use tokio::sync::mpsc;

use crate::db::Db;
use crate::domain::period::Period;
use crate::error::AppError;

const CHUNK_BYTES: usize = 64 * 1024;

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

/// A file on its way to the browser.
#[derive(Debug, Clone)]
pub struct File {
    pub name: String,
    pub media_type: &'static str,
    /// Shown by the browser where it can; else saved.
    pub inline: bool,
}

/// A file that is written on a blocking thread while the browser reads it. `write` does all the
/// work, also the reading (`db.read_now(…)` inside it). Trouble before the first 64 kB is answered
/// with its page; later it breaks the download off, so that nobody takes a part for the whole.
pub async fn download<F>(file: File, write: F) -> Result<HttpResponse, AppError>
where
    F: FnOnce(Outlet) -> Result<Outlet, AppError> + Send + 'static,
{
    let (to_browser, mut chunks) = mpsc::channel::<Result<Bytes, io::Error>>(4);
    let on_failure = to_browser.clone();
    let (failed, failure) = tokio::sync::oneshot::channel();
    let outlet = Outlet { waiting: Vec::with_capacity(CHUNK_BYTES), to_browser };
    let writing = web::block(move || {
        let written = write(outlet)
            .and_then(|mut outlet| outlet.send().map_err(|error| AppError::Internal(error.into())));
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
    let how = if file.inline { "inline" } else { "attachment" };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, file.media_type))
        .insert_header((CONTENT_DISPOSITION, format!("{how}; filename=\"{}\"", file.name)))
        .streaming(body))
}

/// A file that is written from one read of the database, in one read-only transaction. Where the database is
/// lost a read is tried again, but only before the file was begun: what went out cannot be taken back.
pub async fn download_read<F>(db: Db, file: File, write: F) -> Result<HttpResponse, AppError>
where
    F: Fn(&mut PgConnection, Outlet) -> Result<Outlet, AppError> + Send + 'static,
{
    let lost = || AppError::Unavailable(anyhow::anyhow!("the database was lost while a file was written"));
    download(file, move |outlet| {
        let outlet = Cell::new(Some(outlet));
        db.read_now(|conn| write(conn, outlet.take().ok_or_else(lost)?))
    })
    .await
}

/// The name of a file about a range of dates: `ledgers-2026-10-01-2026-10-31.csv`, `ledgers-all.csv`.
pub fn name_of_period(about: &str, period: &Period, ending: &str) -> String {
    match period.is_all() {
        true => format!("{about}-all.{ending}"),
        false => format!("{about}-{}-{}.{ending}", period.from(), period.to()),
    }
}

/// What a person called something, as a part of a file's name: all but letters, digits and dashes is `_`.
pub fn in_name(words: &str) -> String {
    words.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect()
}
