//! The `audit_log` table.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Jsonb, Nullable, Text, Timestamptz};

use super::Who;

/// One row, with the name that its user has now.
#[derive(QueryableByName)]
pub struct Row {
    /// When it was done.
    #[diesel(sql_type = Timestamptz)]
    pub written_at: DateTime<Utc>,
    /// Who did it, as they are called now; none for the command line.
    #[diesel(sql_type = Nullable<Text>)]
    pub user_name: Option<String>,
    /// The API key by which it was done, as it is called.
    #[diesel(sql_type = Nullable<Text>)]
    pub api_key_name: Option<String>,
    /// From where.
    #[diesel(sql_type = Nullable<Text>)]
    pub address: Option<String>,
    /// By which way.
    #[diesel(sql_type = Text)]
    pub source: String,
    /// What was done.
    #[diesel(sql_type = Text)]
    pub action: String,
    /// To what.
    #[diesel(sql_type = Text)]
    pub subject_kind: String,
    /// Its number.
    #[diesel(sql_type = BigInt)]
    pub subject_id: i64,
    /// What changed.
    #[diesel(sql_type = Jsonb)]
    pub details: serde_json::Value,
}

/// What the page is asked for.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// By this user only.
    pub user_id: Option<i64>,
    /// This action only.
    pub action: Option<String>,
}

pub(super) fn insert(
    conn: &mut PgConnection,
    who: &Who,
    action: &str,
    (subject_kind, subject_id): (&str, i64),
    details: &serde_json::Value,
) -> QueryResult<usize> {
    sql_query(
        "INSERT INTO audit_log (written_at, user_id, address, source, action, subject_kind, subject_id, details, api_key_id)
         VALUES ($1, $2, $3::inet, $4, $5, $6, $7, $8, $9)",
    )
    .bind::<Timestamptz, _>(who.at)
    .bind::<Nullable<BigInt>, _>(who.user_id.map(|id| id.0))
    .bind::<Nullable<Text>, _>(who.address.map(|address| address.to_string()))
    .bind::<Text, _>(who.source.code())
    .bind::<Text, _>(action)
    .bind::<Text, _>(subject_kind)
    .bind::<BigInt, _>(subject_id)
    .bind::<Jsonb, _>(details)
    .bind::<Nullable<BigInt>, _>(who.api_key_id)
    .execute(conn)
}

const MATCHES: &str = "($1::bigint IS NULL OR log.user_id = $1) AND ($2::text IS NULL OR log.action = $2)";

/// How many rows match.
pub fn count(conn: &mut PgConnection, search: &Search) -> QueryResult<i64> {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = BigInt)]
        rows: i64,
    }
    let counted: Counted = sql_query(format!("SELECT count(*) AS rows FROM audit_log log WHERE {MATCHES}"))
        .bind::<Nullable<BigInt>, _>(search.user_id)
        .bind::<Nullable<Text>, _>(search.action.as_deref())
        .get_result(conn)?;
    Ok(counted.rows)
}

/// The matching rows, the latest first.
pub fn rows(conn: &mut PgConnection, search: &Search, limit: i64, offset: i64) -> QueryResult<Vec<Row>> {
    sql_query(format!(
        "SELECT log.written_at, u.name AS user_name, key.name AS api_key_name, host(log.address) AS address, log.source, log.action,
                log.subject_kind, log.subject_id, log.details
         FROM audit_log log LEFT JOIN users u ON u.id = log.user_id LEFT JOIN api_keys key ON key.id = log.api_key_id
         WHERE {MATCHES} ORDER BY log.id DESC LIMIT $3 OFFSET $4"
    ))
    .bind::<Nullable<BigInt>, _>(search.user_id)
    .bind::<Nullable<Text>, _>(search.action.as_deref())
    .bind::<BigInt, _>(limit)
    .bind::<BigInt, _>(offset)
    .load(conn)
}

/// The actions that there are, for the filter: one step along the index for each, however long the
/// log is.
pub fn actions(conn: &mut PgConnection) -> QueryResult<Vec<String>> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Text)]
        action: String,
    }
    let found: Vec<Found> = sql_query(
        "WITH RECURSIVE found (action) AS (
             (SELECT action FROM audit_log ORDER BY action LIMIT 1)
             UNION ALL
             SELECT (SELECT log.action FROM audit_log log WHERE log.action > found.action ORDER BY log.action LIMIT 1)
             FROM found WHERE found.action IS NOT NULL)
         SELECT action FROM found WHERE action IS NOT NULL",
    )
    .load(conn)?;
    Ok(found.into_iter().map(|found| found.action).collect())
}

/// The users, for the filter.
pub fn users(conn: &mut PgConnection) -> QueryResult<Vec<(i64, String)>> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = BigInt)]
        id: i64,
        #[diesel(sql_type = Text)]
        name: String,
    }
    let found: Vec<Found> = sql_query("SELECT id, name FROM users ORDER BY name, id").load(conn)?;
    Ok(found.into_iter().map(|found| (found.id, found.name)).collect())
}
