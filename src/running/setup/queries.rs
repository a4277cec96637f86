//! The `setup_links` table.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Binary, Timestamptz};

/// Keeps the link of this start.
pub fn insert(conn: &mut PgConnection, token_hash: &[u8], now: DateTime<Utc>) -> QueryResult<usize> {
    sql_query("INSERT INTO setup_links (token_hash, made_at) VALUES ($1, $2)")
        .bind::<Binary, _>(token_hash)
        .bind::<Timestamptz, _>(now)
        .execute(conn)
}

/// Whether the link is valid.
pub fn exists(conn: &mut PgConnection, token_hash: &[u8]) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = BigInt)]
        links: i64,
    }
    let found: Found = sql_query(
        "SELECT count(*) AS links FROM setup_links WHERE token_hash = $1 AND NOT EXISTS (SELECT FROM users)",
    )
    .bind::<Binary, _>(token_hash)
    .get_result(conn)?;
    Ok(found.links > 0)
}

/// Uses a link up.
pub fn delete(conn: &mut PgConnection, token_hash: &[u8]) -> QueryResult<usize> {
    sql_query("DELETE FROM setup_links WHERE token_hash = $1").bind::<Binary, _>(token_hash).execute(conn)
}

/// Voids the links of earlier starts.
pub fn delete_all(conn: &mut PgConnection) -> QueryResult<usize> {
    sql_query("DELETE FROM setup_links").execute(conn)
}
