//! The `files` and `file_parts` tables.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bytea, Integer, Text, Timestamptz};

use super::NewFile;
use crate::domain::ids::FileId;

/// How much a row holds.
pub const PART_BYTES: usize = 1024 * 1024;
/// What `short_text` holds.
const NAME_CHARACTERS: usize = 200;

/// A file, without what is in it.
#[derive(Debug, Clone, QueryableByName)]
pub struct File {
    #[diesel(sql_type = BigInt)]
    pub id: FileId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub media_type: String,
    #[diesel(sql_type = BigInt)]
    pub bytes: i64,
    #[diesel(sql_type = Timestamptz)]
    pub keep_until: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Made {
    #[diesel(sql_type = BigInt)]
    id: FileId,
}

pub(super) fn insert(conn: &mut PgConnection, new: &NewFile) -> QueryResult<FileId> {
    let name: String = new.name.chars().take(NAME_CHARACTERS).collect();
    let made: Made = sql_query(
        "INSERT INTO files (name, media_type, made_at, keep_until) VALUES ($1, $2, $3, $4) RETURNING id",
    )
    .bind::<Text, _>(if name.is_empty() { "file" } else { &name })
    .bind::<Text, _>(new.media_type)
    .bind::<Timestamptz, _>(new.made_at)
    .bind::<Timestamptz, _>(new.made_at + new.keep)
    .get_result(conn)?;
    Ok(made.id)
}

pub(super) fn insert_part(
    conn: &mut PgConnection,
    id: FileId,
    number: i32,
    content: &[u8],
) -> QueryResult<usize> {
    sql_query("INSERT INTO file_parts (file_id, number, content) VALUES ($1, $2, $3)")
        .bind::<BigInt, _>(id)
        .bind::<Integer, _>(number)
        .bind::<Bytea, _>(content)
        .execute(conn)
}

pub(super) fn set_bytes(conn: &mut PgConnection, id: FileId, bytes: i64) -> QueryResult<usize> {
    sql_query("UPDATE files SET bytes = $2 WHERE id = $1")
        .bind::<BigInt, _>(id)
        .bind::<BigInt, _>(bytes)
        .execute(conn)
}

/// The file of this number; none where it is no longer kept.
pub fn find(conn: &mut PgConnection, id: FileId) -> QueryResult<Option<File>> {
    sql_query("SELECT id, name, media_type, bytes, keep_until FROM files WHERE id = $1")
        .bind::<BigInt, _>(id)
        .get_result(conn)
        .optional()
}

pub(super) fn part(conn: &mut PgConnection, id: FileId, number: i32) -> QueryResult<Option<Vec<u8>>> {
    #[derive(QueryableByName)]
    struct Part {
        #[diesel(sql_type = Bytea)]
        content: Vec<u8>,
    }
    let part: Option<Part> = sql_query("SELECT content FROM file_parts WHERE file_id = $1 AND number = $2")
        .bind::<BigInt, _>(id)
        .bind::<Integer, _>(number)
        .get_result(conn)
        .optional()?;
    Ok(part.map(|part| part.content))
}

/// Throws a file away before its time.
pub fn remove(conn: &mut PgConnection, id: FileId) -> QueryResult<usize> {
    sql_query("DELETE FROM files WHERE id = $1").bind::<BigInt, _>(id).execute(conn)
}

/// Throws away what has been kept long enough.
pub fn remove_expired(conn: &mut PgConnection, now: DateTime<Utc>) -> QueryResult<usize> {
    sql_query("DELETE FROM files WHERE keep_until <= $1").bind::<Timestamptz, _>(now).execute(conn)
}
