//! Visits in the database. The function `record_visits` does the work: one statement for as many as came.

use super::{Answer, Coming, Visit};
use crate::db::columns::Number;
use crate::domain::ids::{PartnerId, VisitorId};
use crate::error::AppError;
use anyhow::Context;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz};

#[derive(QueryableByName)]
struct AnswerRow {
    #[diesel(sql_type = Nullable<BigInt>)]
    partner_id: Option<PartnerId>,
    #[diesel(sql_type = Text)]
    destination: String,
    #[diesel(sql_type = Bool)]
    names_visitor: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    visitor_id: Option<VisitorId>,
    #[diesel(sql_type = Nullable<Text>)]
    visitor_key: Option<String>,
    #[diesel(sql_type = Integer)]
    cookie_days: i32,
}

/// Records visits in the order given, and tells for each where it leads. A click of a visitor who is known as
/// a contact is a referral of it at once (spec 3).
pub fn record(conn: &mut PgConnection, visits: &[Visit]) -> Result<Vec<Answer>, AppError> {
    fn column<'a, T>(visits: &'a [Visit], of: impl Fn(&'a Visit) -> T) -> Vec<T> {
        visits.iter().map(of).collect()
    }
    fn text<'a>(visits: &'a [Visit], of: impl Fn(&'a Visit) -> &'a Option<String>) -> Vec<Option<&'a str>> {
        column(visits, |visit| of(visit).as_deref())
    }
    type Texts = Array<Nullable<Text>>;
    let rows: Vec<AnswerRow> = sql_query(
        "SELECT partner_id, destination, names_visitor, visitor_id, visitor_key, cookie_days
           FROM record_visits($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ORDER BY place",
    )
    .bind::<Texts, _>(text(visits, |visit| &visit.link))
    .bind::<Array<Text>, _>(column(visits, |visit| visit.partner.as_str()))
    .bind::<Texts, _>(text(visits, |visit| &visit.key))
    .bind::<Array<Text>, _>(column(visits, |visit| visit.fresh.as_str()))
    .bind::<Array<Bool>, _>(column(visits, Visit::is_kept))
    .bind::<Array<Bool>, _>(column(visits, |visit| visit.coming == Coming::Robot))
    .bind::<Array<Timestamptz>, _>(column(visits, |visit| visit.at))
    .bind::<Texts, _>(text(visits, |visit| &visit.address))
    .bind::<Texts, _>(text(visits, |visit| &visit.user_agent))
    .bind::<Texts, _>(text(visits, |visit| &visit.referrer))
    .bind::<Texts, _>(text(visits, |visit| &visit.query))
    .bind::<Texts, _>(text(visits, |visit| &visit.utm.source))
    .bind::<Texts, _>(text(visits, |visit| &visit.utm.medium))
    .bind::<Texts, _>(text(visits, |visit| &visit.utm.campaign))
    .bind::<Texts, _>(text(visits, |visit| &visit.utm.term))
    .bind::<Texts, _>(text(visits, |visit| &visit.utm.content))
    .load(conn)?;
    Ok(rows.into_iter().map(AnswerRow::answer).collect())
}

impl AnswerRow {
    fn answer(self) -> Answer {
        Answer {
            partner: self.partner_id,
            destination: self.destination,
            names_visitor: self.names_visitor,
            visitor: self.visitor_id.zip(self.visitor_key),
            cookie_days: self.cookie_days,
        }
    }
}

/// Waits until whatever a writer with this number had under way is over, and keeps others of that number
/// waiting until the transaction ends.
pub fn alone(conn: &mut PgConnection, writer: i64) -> QueryResult<()> {
    sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(writer).execute(conn).map(drop)
}

/// Whether a visit is recorded that would have led so.
pub fn is_recorded(conn: &mut PgConnection, visit: &Visit, answer: &Answer) -> Result<bool, AppError> {
    let partner = answer.partner.context("only a visit to a partner's link is recorded")?;
    let found: Number = sql_query(
        "SELECT count(*) AS value FROM clicks
          WHERE partner_id = $1 AND clicked_at = $2 AND visitor_id IS NOT DISTINCT FROM $3",
    )
    .bind::<BigInt, _>(partner)
    .bind::<Timestamptz, _>(visit.at)
    .bind::<Nullable<BigInt>, _>(answer.visitor.as_ref().map(|(visitor, _)| *visitor))
    .get_result(conn)?;
    Ok(found.value > 0)
}

/// Erases the addresses of clicks that have been kept as long as *CRM > Settings > Tracking* says. An order that
/// comes later from such an address finds no click by it.
pub fn erase_addresses(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), AppError> {
    sql_query(
        "UPDATE clicks SET address = NULL
          WHERE address IS NOT NULL AND clicked_at < $1 - (SELECT address_days * interval '24 hours' FROM tracking_settings)",
    )
    .bind::<Timestamptz, _>(now)
    .execute(conn)?;
    Ok(())
}

/// How many addresses that lead nowhere are kept.
const UNKNOWN_KEPT: i64 = 10_000;

/// Forgets addresses that lead nowhere and that nobody has asked for in a year, and the oldest where they are too
/// many: anybody can make one.
pub fn forget_unknown_links(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), AppError> {
    sql_query(
        "DELETE FROM unknown_links WHERE last_at < $1 - interval '365 days' OR path IN (
                SELECT path FROM unknown_links ORDER BY last_at DESC, path OFFSET $2)",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(UNKNOWN_KEPT)
    .execute(conn)?;
    Ok(())
}
