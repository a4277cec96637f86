//! What sites ask of the database.

use crate::domain::ids::{ContactId, PartnerId};
use crate::error::AppError;
use crate::selling::tracking::{identify, visitor, visitor_with};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz};
use std::collections::HashSet;

/// Which of these partners are active.
pub fn active(
    conn: &mut PgConnection,
    partners: impl Iterator<Item = PartnerId>,
) -> QueryResult<HashSet<PartnerId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: PartnerId,
    }
    let rows: Vec<Row> = sql_query("SELECT id FROM partners WHERE id = ANY ($1) AND status = 'active'")
        .bind::<Array<BigInt>, _>(partners.collect::<Vec<_>>())
        .load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Two visitors turn out to be one browser, which a shop knew by another key before it came through a link: what
/// the one has clicked is the other's, and whom the one is known as the other is known as too, where it is not
/// known yet. Nothing where the one is nobody.
pub fn make_one(conn: &mut PgConnection, before: &str, now: &str) -> Result<(), AppError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<BigInt>)]
        contact_id: Option<ContactId>,
    }
    let Some(before) = visitor_with(conn, before)? else { return Ok(()) };
    let now = visitor(conn, now)?;
    if before == now {
        return Ok(());
    }
    let both: Vec<Row> = sql_query(
        "SELECT contact_id FROM (SELECT id, contact_id FROM visitors WHERE id IN ($1, $2) ORDER BY id FOR NO KEY UPDATE) v
          ORDER BY id <> $1",
    )
    .bind::<BigInt, _>(before)
    .bind::<BigInt, _>(now)
    .load(conn)?;
    if let [Row { contact_id: Some(contact) }, Row { contact_id: None }] = both[..] {
        identify(conn, now, contact)?;
    }
    sql_query("UPDATE clicks SET visitor_id = $2 WHERE visitor_id = $1")
        .bind::<BigInt, _>(before)
        .bind::<BigInt, _>(now)
        .execute(conn)?;
    Ok(())
}

/// The code of an active partner, for examples.
pub fn some_code(conn: &mut PgConnection) -> QueryResult<Option<String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        code: String,
    }
    let row: Option<Row> = sql_query("SELECT code FROM partners WHERE status = 'active' ORDER BY id LIMIT 1")
        .get_result(conn)
        .optional()?;
    Ok(row.map(|row| row.code))
}

/// What a site has reported.
#[derive(Debug, QueryableByName)]
pub struct ReportedRow {
    #[diesel(sql_type = Text)]
    pub host: String,
    #[diesel(sql_type = BigInt)]
    pub visits: i64,
    #[diesel(sql_type = Timestamptz)]
    pub last_at: DateTime<Utc>,
}

/// What sites have reported since, the latest first.
pub fn reported(conn: &mut PgConnection, since: DateTime<Utc>) -> QueryResult<Vec<ReportedRow>> {
    sql_query(
        "SELECT host, count(*) AS visits, max(clicked_at) AS last_at
           FROM (SELECT clicked_at, coalesce(substring(page FROM '^https?://([^/?#]+)'), page) AS host
                   FROM clicks WHERE page IS NOT NULL AND NOT robot AND clicked_at >= $1) AS reported
          GROUP BY host ORDER BY last_at DESC, host LIMIT 20",
    )
    .bind::<Timestamptz, _>(since)
    .load(conn)
}
