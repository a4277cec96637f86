//! API keys in the database.

use crate::db::columns::Number;
use crate::domain::ids::{ApiKeyId, UserId};
use chrono::{DateTime, SubsecRound, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bytea, Nullable, Text, Timestamptz};

/// A key as people see it.
#[derive(QueryableByName)]
pub struct KeyRow {
    #[diesel(sql_type = BigInt)]
    pub id: ApiKeyId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub first_characters: String,
    #[diesel(sql_type = Text)]
    pub made_by: String,
    #[diesel(sql_type = Timestamptz)]
    pub made_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_used_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    pub revoked_by: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A key that opens.
#[derive(QueryableByName)]
pub struct InForce {
    #[diesel(sql_type = BigInt)]
    pub id: ApiKeyId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_used_at: Option<DateTime<Utc>>,
}

const KEYS: &str = "
    SELECT k.id, k.name, k.first_characters, m.name AS made_by, k.made_at, k.last_used_at, r.name AS revoked_by, k.revoked_at
      FROM api_keys k JOIN users m ON m.id = k.made_by LEFT JOIN users r ON r.id = k.revoked_by";

/// All keys: those in force first, by name.
pub fn all(conn: &mut PgConnection) -> QueryResult<Vec<KeyRow>> {
    sql_query(format!("{KEYS} ORDER BY k.revoked_at IS NOT NULL, lower(k.name), k.made_at DESC, k.id"))
        .load(conn)
}

/// One of them.
pub fn find(conn: &mut PgConnection, id: ApiKeyId) -> QueryResult<Option<KeyRow>> {
    sql_query(format!("{KEYS} WHERE k.id = $1")).bind::<BigInt, _>(id).get_result(conn).optional()
}

/// The key with this hash, if it is in force.
pub fn in_force(conn: &mut PgConnection, hash: &[u8]) -> QueryResult<Option<InForce>> {
    sql_query("SELECT id, name, last_used_at FROM api_keys WHERE key_hash = $1 AND revoked_at IS NULL")
        .bind::<Bytea, _>(hash)
        .get_result(conn)
        .optional()
}

/// Notes that a key was used.
pub fn touch(conn: &mut PgConnection, id: ApiKeyId, at: DateTime<Utc>) -> QueryResult<()> {
    sql_query("UPDATE api_keys SET last_used_at = greatest(last_used_at, $2) WHERE id = $1")
        .bind::<BigInt, _>(id)
        .bind::<Timestamptz, _>(at.trunc_subsecs(6))
        .execute(conn)?;
    Ok(())
}

/// Adds a key; none where one of this name is in force. The savepoint leaves the transaction to stand in.
pub fn insert(
    conn: &mut PgConnection,
    name: &str,
    hash: &[u8],
    first_characters: &str,
    made_by: UserId,
    at: DateTime<Utc>,
) -> QueryResult<Option<ApiKeyId>> {
    let made = conn.transaction(|conn| {
        sql_query(
            "INSERT INTO api_keys (name, key_hash, first_characters, made_by, made_at) VALUES ($1, $2, $3, $4, $5)
             RETURNING id AS value",
        )
        .bind::<Text, _>(name)
        .bind::<Bytea, _>(hash)
        .bind::<Text, _>(first_characters)
        .bind::<BigInt, _>(made_by)
        .bind::<Timestamptz, _>(at.trunc_subsecs(6))
        .get_result::<Number>(conn)
    });
    match made {
        Ok(made) => Ok(Some(ApiKeyId(made.value))),
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Revokes a key; false where it was revoked before.
pub fn revoke(conn: &mut PgConnection, id: ApiKeyId, by: UserId, at: DateTime<Utc>) -> QueryResult<bool> {
    let revoked = sql_query(
        "UPDATE api_keys SET revoked_at = $3, revoked_by = $2 WHERE id = $1 AND revoked_at IS NULL",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(by)
    .bind::<Timestamptz, _>(at.trunc_subsecs(6))
    .execute(conn)?;
    Ok(revoked > 0)
}
