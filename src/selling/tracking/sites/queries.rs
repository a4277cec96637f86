//! What sites ask of the database.

use crate::domain::ids::{ContactId, VisitorId};
use crate::error::AppError;
use crate::selling::tracking::{identify, visitor, visitor_with};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz};

/// Two visitors turn out to be one browser, which a shop knows by a number of its own when it comes through a link
/// that tells it another: from now on the clicks of both speak for partners where either orders. Each number
/// stays what it was. Nothing where the other is nobody, is known as another person, or is joined already.
pub fn join(conn: &mut PgConnection, own: &str, other: &str) -> Result<(), AppError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: VisitorId,
        #[diesel(sql_type = Nullable<BigInt>)]
        contact_id: Option<ContactId>,
        #[diesel(sql_type = Nullable<BigInt>)]
        joined_to_id: Option<VisitorId>,
        #[diesel(sql_type = Bool)]
        has_joined: bool,
    }
    let Some(other) = visitor_with(conn, other)? else { return Ok(()) };
    let own = visitor(conn, own)?;
    let mut both: Vec<Row> = sql_query(
        "SELECT id, contact_id, joined_to_id, EXISTS (SELECT FROM visitors j WHERE j.joined_to_id = v.id) AS has_joined
           FROM visitors v WHERE id IN ($1, $2) ORDER BY id FOR NO KEY UPDATE",
    )
    .bind::<BigInt, _>(own)
    .bind::<BigInt, _>(other)
    .load(conn)?;
    both.sort_by_key(|row| row.id != own);
    let [own, other] = both.as_slice() else { return Ok(()) };
    let is_somebody_else = other.contact_id.is_some() && other.contact_id != own.contact_id;
    if is_somebody_else || other.joined_to_id.is_some() || other.has_joined {
        return Ok(());
    }
    sql_query("UPDATE visitors SET joined_to_id = $2 WHERE id = $1")
        .bind::<BigInt, _>(other.id)
        .bind::<BigInt, _>(own.joined_to_id.unwrap_or(own.id))
        .execute(conn)?;
    match (own.contact_id, other.contact_id) {
        (Some(contact), None) => identify(conn, other.id, contact),
        _ => Ok(()),
    }
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
