//! The `imports` table.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Jsonb, Nullable, Text, Timestamptz};
use serde_json::Value;

use crate::domain::ids::{FileId, ImportId, JobId, UserId};
use crate::selling::imports::Kind;
use crate::selling::imports::told::Told;
use crate::web::admin::Who;

/// An uploaded file, as it stands.
#[derive(Debug, Clone, QueryableByName)]
pub struct Uploaded {
    #[diesel(sql_type = BigInt)]
    pub id: ImportId,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    pub file_name: String,
    #[diesel(sql_type = BigInt)]
    pub bytes: i64,
    #[diesel(sql_type = BigInt)]
    pub uploaded_by: UserId,
    #[diesel(sql_type = Text)]
    pub uploaded_by_name: String,
    #[diesel(sql_type = Timestamptz)]
    pub uploaded_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub file_id: Option<FileId>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    columns: Option<Value>,
    #[diesel(sql_type = BigInt)]
    pub check_job_id: JobId,
    #[diesel(sql_type = Nullable<Jsonb>)]
    checked: Option<Value>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub job_id: Option<JobId>,
    #[diesel(sql_type = Bool)]
    pub skip_bad_rows: bool,
    #[diesel(sql_type = Nullable<Jsonb>)]
    imported: Option<Value>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub remarks_file_id: Option<FileId>,
}

impl Uploaded {
    /// What the file holds.
    pub fn kind(&self) -> Kind {
        Kind::from_word(&self.kind).unwrap_or_default()
    }

    /// What somebody chose its columns to be; none: as the headings say.
    pub fn columns(&self) -> Option<Vec<Option<String>>> {
        serde_json::from_value(self.columns.clone()?).ok()
    }

    /// What the import would do; none until that is known.
    pub fn checked(&self) -> Option<Told> {
        serde_json::from_value(self.checked.clone()?).ok()
    }

    /// What the import did; none until it is done.
    pub fn imported(&self) -> Option<Told> {
        serde_json::from_value(self.imported.clone()?).ok()
    }
}

/// A file that was uploaded.
pub struct NewUpload<'a> {
    pub kind: Kind,
    pub file_name: &'a str,
    pub bytes: u64,
    pub uploaded_by: UserId,
    pub file: FileId,
    pub check_job: JobId,
}

fn uploads(which: &str) -> String {
    format!(
        "SELECT i.id, i.kind, i.file_name, i.bytes, i.uploaded_by, u.name AS uploaded_by_name, i.uploaded_at, i.file_id,
                i.columns, i.check_job_id, i.checked, i.job_id, i.skip_bad_rows, i.imported, i.remarks_file_id
           FROM imports i JOIN users u ON u.id = i.uploaded_by {which}"
    )
}

/// The upload of this number.
pub fn find(conn: &mut PgConnection, id: ImportId) -> QueryResult<Option<Uploaded>> {
    sql_query(uploads("WHERE i.id = $1")).bind::<BigInt, _>(id).get_result(conn).optional()
}

/// The same, and nobody else changes it until the transaction ends.
pub fn lock(conn: &mut PgConnection, id: ImportId) -> QueryResult<Option<Uploaded>> {
    sql_query("SELECT FROM imports WHERE id = $1 FOR NO KEY UPDATE").bind::<BigInt, _>(id).execute(conn)?;
    find(conn, id)
}

/// The number for the next upload: its jobs name it before it is there.
pub fn next_id(conn: &mut PgConnection) -> QueryResult<ImportId> {
    #[derive(QueryableByName)]
    struct Next {
        #[diesel(sql_type = BigInt)]
        id: ImportId,
    }
    let next: Next =
        sql_query("SELECT nextval(pg_get_serial_sequence('imports', 'id')) AS id").get_result(conn)?;
    Ok(next.id)
}

/// Keeps an upload under the number that was taken for it.
pub fn insert(conn: &mut PgConnection, who: &Who, id: ImportId, new: &NewUpload) -> QueryResult<usize> {
    sql_query(
        "INSERT INTO imports (id, kind, file_name, bytes, uploaded_by, uploaded_at, file_id, check_job_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind::<BigInt, _>(id)
    .bind::<Text, _>(new.kind.word())
    .bind::<Text, _>(new.file_name)
    .bind::<BigInt, _>(i64::try_from(new.bytes).unwrap_or(i64::MAX))
    .bind::<BigInt, _>(new.uploaded_by)
    .bind::<Timestamptz, _>(who.at)
    .bind::<BigInt, _>(new.file)
    .bind::<BigInt, _>(new.check_job)
    .execute(conn)
}

/// The latest uploads.
pub fn recent(conn: &mut PgConnection, limit: i64) -> QueryResult<Vec<Uploaded>> {
    sql_query(uploads("ORDER BY i.id DESC LIMIT $1")).bind::<BigInt, _>(limit).load(conn)
}

/// Other columns, and the job that looks what they come to.
pub fn choose_columns(
    conn: &mut PgConnection,
    id: ImportId,
    columns: Option<&[Option<String>]>,
    check_job: JobId,
) -> QueryResult<usize> {
    sql_query(
        "UPDATE imports SET columns = $2, check_job_id = $3, checked = NULL, job_id = NULL WHERE id = $1",
    )
    .bind::<BigInt, _>(id)
    .bind::<Nullable<Jsonb>, _>(columns.map(|columns| serde_json::json!(columns)))
    .bind::<BigInt, _>(check_job)
    .execute(conn)
}

/// What the import would do, and what is to be said about single rows.
pub fn keep_check(
    conn: &mut PgConnection,
    id: ImportId,
    told: &Value,
    remarks: Option<FileId>,
) -> QueryResult<usize> {
    sql_query("UPDATE imports SET checked = $2, remarks_file_id = $3 WHERE id = $1")
        .bind::<BigInt, _>(id)
        .bind::<Jsonb, _>(told)
        .bind::<Nullable<BigInt>, _>(remarks)
        .execute(conn)
}

/// The job that imports it.
pub fn begin(conn: &mut PgConnection, id: ImportId, job: JobId, skip_bad_rows: bool) -> QueryResult<usize> {
    sql_query("UPDATE imports SET job_id = $2, skip_bad_rows = $3 WHERE id = $1")
        .bind::<BigInt, _>(id)
        .bind::<BigInt, _>(job)
        .bind::<Bool, _>(skip_bad_rows)
        .execute(conn)
}

/// What the import did, and what is to be said about single rows.
pub fn keep_result(
    conn: &mut PgConnection,
    id: ImportId,
    told: &Value,
    remarks: Option<FileId>,
) -> QueryResult<usize> {
    sql_query("UPDATE imports SET imported = $2, remarks_file_id = $3 WHERE id = $1")
        .bind::<BigInt, _>(id)
        .bind::<Jsonb, _>(told)
        .bind::<Nullable<BigInt>, _>(remarks)
        .execute(conn)
}
