//! Files that are kept for a while: uploads that a job is to read, and what a job made for download.
//! They are in the database, so that every process of the application finds them, also after a
//! restart; in parts, so that nobody ever holds all of one (decision 0036).

mod queries;

use std::io::{self, Read, Write};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::PgConnection;

use crate::domain::ids::FileId;
use crate::error::AppError;
use queries::PART_BYTES;
pub use queries::{File, find, remove, remove_expired};

/// A file to be kept.
#[derive(Debug, Clone)]
pub struct NewFile<'a> {
    /// What it is called when it is saved; cut where it is longer than 200 characters.
    pub name: &'a str,
    /// What it is: `text/csv; charset=utf-8`.
    pub media_type: &'a str,
    pub made_at: DateTime<Utc>,
    /// How long it is kept.
    pub keep: TimeDelta,
}

/// Keeps what can be read here.
pub fn keep(conn: &mut PgConnection, new: &NewFile, content: &mut impl Read) -> Result<FileId, AppError> {
    let mut writer = Writer::new(conn, new)?;
    io::copy(content, &mut writer).map_err(fault)?;
    writer.finish()
}

/// Writes a file part by part, in the transaction of its connection.
pub struct Writer<'c> {
    conn: &'c mut PgConnection,
    id: FileId,
    waiting: Vec<u8>,
    parts: i32,
    bytes: i64,
}

impl<'c> Writer<'c> {
    /// A file with nothing in it yet.
    pub fn new(conn: &'c mut PgConnection, new: &NewFile) -> Result<Writer<'c>, AppError> {
        let id = queries::insert(conn, new)?;
        Ok(Writer { conn, id, waiting: Vec::with_capacity(PART_BYTES), parts: 0, bytes: 0 })
    }

    /// Writes what is left, and tells the file's number. Without this the file stays cut off.
    pub fn finish(mut self) -> Result<FileId, AppError> {
        self.write_part().map_err(fault)?;
        queries::set_bytes(self.conn, self.id, self.bytes)?;
        Ok(self.id)
    }

    fn write_part(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        self.parts += 1;
        queries::insert_part(self.conn, self.id, self.parts, &self.waiting).map_err(io::Error::other)?;
        self.bytes += i64::try_from(self.waiting.len()).map_err(io::Error::other)?;
        self.waiting.clear();
        Ok(())
    }
}

impl Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = PART_BYTES - self.waiting.len();
        let taken = &bytes[..bytes.len().min(room)];
        self.waiting.extend_from_slice(taken);
        if self.waiting.len() == PART_BYTES {
            self.write_part()?;
        }
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes what is in a file to `out`, a part at a time.
pub fn copy(conn: &mut PgConnection, id: FileId, out: &mut impl Write) -> Result<(), AppError> {
    let mut number = 1;
    while let Some(part) = queries::part(conn, id, number)? {
        out.write_all(&part).map_err(fault)?;
        number += 1;
    }
    Ok(())
}

/// All that is in a file. None where it is no longer kept.
pub fn read(conn: &mut PgConnection, id: FileId) -> Result<Option<Vec<u8>>, AppError> {
    let Some(file) = find(conn, id)? else { return Ok(None) };
    let mut bytes = Vec::with_capacity(usize::try_from(file.bytes).unwrap_or_default());
    copy(conn, id, &mut bytes)?;
    Ok(Some(bytes))
}

/// What a file begins with, up to a megabyte.
pub fn beginning(conn: &mut PgConnection, id: FileId) -> Result<Vec<u8>, AppError> {
    Ok(queries::part(conn, id, 1)?.unwrap_or_default())
}

fn fault(error: io::Error) -> AppError {
    // What the database said when it refused a part, and not only that it did.
    match error.downcast::<diesel::result::Error>() {
        Ok(error) => error.into(),
        Err(error) => AppError::Internal(anyhow::Error::new(error).context("keeping a file")),
    }
}
