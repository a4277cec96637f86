//! Visits in the database: the list that they are written down in, what is known of links and partners, and
//! what visits are worked into.

mod set_aside;

pub use set_aside::{SetAside, clicks_set_aside, try_clicks_set_aside};

use super::directory::{Asked, Changes, Lead};
use super::{Answer, Visit};
use crate::db::columns::Number;
use crate::domain::attribution::expiry;
use crate::domain::destination::Destination;
use crate::domain::ids::{ContactId, LinkId, PartnerId, VisitorId};
use crate::error::AppError;
use anyhow::Context;
use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz};
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// What holds for all visits of a batch.
#[derive(Debug, Clone, Default)]
pub struct InForce {
    /// Tells whether what is remembered of links and partners is still right.
    pub changes: Changes,
    /// Where a partner's own address leads; none = nowhere yet.
    pub default_destination: Option<Arc<Destination>>,
    /// Where an unknown code leads; none = nowhere.
    pub unknown_destination: Option<Arc<Destination>>,
    /// How many days of 24 hours the cookie lasts.
    pub cookie_days: i32,
}

#[derive(QueryableByName)]
struct InForceRow {
    #[diesel(embed)]
    changes: Changes,
    #[diesel(sql_type = Text)]
    default_destination: String,
    #[diesel(sql_type = Text)]
    unknown_destination: String,
    #[diesel(sql_type = Integer)]
    cookie_days: i32,
}

/// What is in force as the transaction looks at it now.
pub fn in_force(conn: &mut PgConnection) -> QueryResult<InForce> {
    let row: InForceRow = sql_query(
        "SELECT changes, last, default_destination, unknown_destination, cookie_days
           FROM (SELECT count(*) AS changes, coalesce(sum(id), 0)::bigint AS last FROM link_changes) AS known
          CROSS JOIN tracking_settings",
    )
    .get_result(conn)?;
    Ok(InForce {
        changes: row.changes,
        default_destination: kept_destination(&row.default_destination),
        unknown_destination: kept_destination(&row.unknown_destination),
        cookie_days: row.cookie_days,
    })
}

/// Kept destinations were read in this way before; one that is none leads nowhere.
fn kept_destination(kept: &str) -> Option<Arc<Destination>> {
    Destination::parse(kept).ok().map(Arc::new)
}

#[derive(QueryableByName)]
struct LeadRow {
    #[diesel(sql_type = Nullable<BigInt>)]
    partner_id: Option<PartnerId>,
    #[diesel(sql_type = Nullable<BigInt>)]
    link_id: Option<LinkId>,
    #[diesel(sql_type = Nullable<Text>)]
    destination: Option<String>,
    #[diesel(sql_type = Bool)]
    names_visitor: bool,
    #[diesel(sql_type = Nullable<Integer>)]
    track_leads_days: Option<i32>,
}

/// Where each of these leads, by any code that link and partner ever had; none where it is nobody's.
pub fn look_up(conn: &mut PgConnection, asked: &[Asked]) -> QueryResult<Vec<Option<Lead>>> {
    let rows: Vec<LeadRow> = sql_query(
        "SELECT CASE WHEN asked.link IS NULL OR links.id IS NOT NULL THEN owner.partner_id END AS partner_id,
                links.id AS link_id, links.destination, coalesce(links.names_visitor, false) AS names_visitor,
                owner.track_leads_days
           FROM unnest($1, $2, $3) WITH ORDINALITY AS asked (link, partner, number, place)
           LEFT JOIN tracking_link_codes AS codes ON codes.code = lower(asked.link)
           LEFT JOIN tracking_links AS links ON links.id = codes.link_id
           LEFT JOIN LATERAL (
                SELECT codes.partner_id, partners.track_leads_days
                  FROM (SELECT 1 AS choice, lower(code) AS code FROM partners WHERE id = asked.number
                        UNION ALL
                        SELECT 2, lower(asked.partner)
                        UNION ALL
                        SELECT 3, substr(lower(asked.partner), char_length(prefix) + 1)
                          FROM code_prefixes WHERE starts_with(lower(asked.partner), lower(prefix))) AS tried
                  JOIN partner_codes AS codes ON codes.code = tried.code
                  JOIN partners ON partners.id = codes.partner_id
                 ORDER BY choice LIMIT 1) AS owner ON true
          ORDER BY asked.place",
    )
    .bind::<Array<Nullable<Text>>, _>(asked.iter().map(|asked| asked.link.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(asked.iter().map(|asked| asked.partner.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<BigInt>>, _>(asked.iter().map(|asked| asked.number).collect::<Vec<_>>())
    .load(conn)?;
    Ok(rows.into_iter().map(LeadRow::lead).collect())
}

impl LeadRow {
    fn lead(self) -> Option<Lead> {
        let LeadRow { partner_id, link_id: link, destination, names_visitor, track_leads_days } = self;
        let destination = destination.as_deref().and_then(kept_destination);
        Some(Lead { partner: partner_id?, link, destination, names_visitor, track_leads_days })
    }
}

/// Which of these keys visitors have.
pub fn known_keys(conn: &mut PgConnection, keys: &[&str]) -> QueryResult<HashSet<String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        key: String,
    }
    let rows: Vec<Row> =
        sql_query("SELECT key FROM visitors WHERE key = ANY ($1)").bind::<Array<Text>, _>(keys).load(conn)?;
    Ok(rows.into_iter().map(|row| row.key).collect())
}

/// A visit as it is written down, in the words of the database's type `visit`. What is not there is left out.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    visitor_key: Option<&'a str>,
    partner_id: PartnerId,
    #[serde(skip_serializing_if = "Option::is_none")]
    link_id: Option<LinkId>,
    at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
    robot: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    referrer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    utm_source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    utm_medium: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    utm_campaign: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    utm_term: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    utm_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    report_ms: Option<i64>,
}

/// A visit that is to be written down: where it led, and its visitor's key (a robot's has none).
pub type Kept<'a> = (&'a Visit, &'a Lead, Option<&'a str>);

impl<'a> Written<'a> {
    fn of((visit, lead, key): &Kept<'a>) -> Written<'a> {
        Written {
            visitor_key: *key,
            partner_id: lead.partner,
            link_id: lead.link,
            at: visit.at,
            expires_at: expiry(visit.at, lead.track_leads_days),
            address: visit.address.as_deref(),
            user_agent: visit.user_agent.as_deref(),
            robot: key.is_none(),
            referrer: visit.referrer.as_deref(),
            query: visit.query.as_deref(),
            page: visit.page.as_deref(),
            utm_source: visit.utm.source.as_deref(),
            utm_medium: visit.utm.medium.as_deref(),
            utm_campaign: visit.utm.campaign.as_deref(),
            utm_term: visit.utm.term.as_deref(),
            utm_content: visit.utm.content.as_deref(),
            report_ms: visit.report_ms,
        }
    }
}

/// The statement that writes a batch down, if nothing has changed since. A statement of its own kind, so that the
/// server prepares it once: it is the one that every click waits for.
struct WriteDown {
    visits: String,
    since: Changes,
}

impl QueryId for WriteDown {
    type QueryId = WriteDown;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for WriteDown {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("INSERT INTO visit_batches (visits) SELECT ");
        out.push_bind_param::<Text, _>(&self.visits)?;
        out.push_sql(" WHERE (SELECT count(*) = ");
        out.push_bind_param::<BigInt, _>(&self.since.changes)?;
        out.push_sql(" AND coalesce(sum(id), 0) = ");
        out.push_bind_param::<BigInt, _>(&self.since.last)?;
        out.push_sql(" FROM link_changes)");
        Ok(())
    }
}

impl RunQueryDsl<PgConnection> for WriteDown {}

/// About as many bytes of JSON are a visit.
const USUAL: usize = 400;

/// Writes visits down, unless links and partners have changed since they were looked up; whether it did.
pub fn write_down(conn: &mut PgConnection, visits: &[Kept<'_>], since: Changes) -> Result<bool, AppError> {
    let mut json = Vec::with_capacity(visits.len() * USUAL);
    serde_json::Serializer::new(&mut json)
        .collect_seq(visits.iter().map(Written::of))
        .context("visits are plain data")?;
    let visits = String::from_utf8(json).context("JSON is UTF-8")?;
    Ok(WriteDown { visits, since }.execute(conn)? > 0)
}

/// Counts people who asked for what nobody has.
pub fn count_unknown(conn: &mut PgConnection, missed: &[&Visit]) -> QueryResult<()> {
    let mut by_path: BTreeMap<String, (i64, DateTime<Utc>, DateTime<Utc>)> = BTreeMap::new();
    for visit in missed {
        let path = visit.link.iter().map(String::as_str).chain([visit.partner.as_str()]).collect::<Vec<_>>();
        let path = path.join("/").to_lowercase().chars().take(300).collect();
        let (hits, first, last) = by_path.entry(path).or_insert((0, visit.at, visit.at));
        (*hits, *first, *last) = (*hits + 1, visit.at.min(*first), visit.at.max(*last));
    }
    sql_query(
        "INSERT INTO unknown_links (path, hits, first_at, last_at) SELECT * FROM unnest($1, $2, $3, $4)
         ON CONFLICT (path) DO UPDATE SET hits = unknown_links.hits + excluded.hits,
                last_at = greatest(unknown_links.last_at, excluded.last_at)",
    )
    .bind::<Array<Text>, _>(by_path.keys().collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(by_path.values().map(|(hits, ..)| *hits).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(by_path.values().map(|(_, first, _)| *first).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(by_path.values().map(|(.., last)| *last).collect::<Vec<_>>())
    .execute(conn)
    .map(drop)
}

/// Whose visits are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Of<'a> {
    pub keys: &'a [&'a str],
    pub visitors: &'a [VisitorId],
    /// The visitors who are known as these.
    pub contacts: &'a [ContactId],
    pub addresses: &'a [String],
}

/// Works in what is written down of these and not worked in yet: for whoever is about to ask what they have
/// clicked, or to say whom they are.
pub fn work_in_of(conn: &mut PgConnection, of: Of<'_>) -> QueryResult<()> {
    sql_query("SELECT work_in_visits_of($1, $2, $3, $4)")
        .bind::<Array<Text>, _>(of.keys)
        .bind::<Array<BigInt>, _>(of.visitors)
        .bind::<Array<BigInt>, _>(of.contacts)
        .bind::<Array<Text>, _>(of.addresses)
        .execute(conn)
        .map(drop)
}

/// Works in the oldest batches that nobody else is working in, so many at most; how many visits it were.
pub fn work_in(conn: &mut PgConnection, batches: i64) -> QueryResult<i64> {
    let done: Number =
        sql_query("SELECT work_in_visits($1) AS value").bind::<BigInt, _>(batches).get_result(conn)?;
    Ok(done.value)
}

/// The same in a transaction that nobody waits for: where the server is killed, the batches are there again, and no
/// click is.
pub fn work_in_later(conn: &mut PgConnection, batches: i64) -> QueryResult<i64> {
    sql_query("SET LOCAL synchronous_commit = off").execute(conn)?;
    work_in(conn, batches)
}

/// Works in the only batch that is there; whether it did. Where there are more, those who come would wait for them.
pub fn work_in_only(conn: &mut PgConnection) -> QueryResult<bool> {
    let done = sql_query(
        "SELECT work_in_visits(1)
           FROM (SELECT count(*) AS waiting FROM (SELECT FROM visit_batches ORDER BY recorded LIMIT 2) AS first) AS batches
          WHERE waiting = 1",
    )
    .execute(conn)?;
    Ok(done > 0)
}

/// Waits until whatever an earlier connection of this writer had under way is over; later ones wait for this one.
pub fn alone(conn: &mut PgConnection, writer: i64) -> QueryResult<()> {
    sql_query("SELECT pg_advisory_lock($1)").bind::<BigInt, _>(writer).execute(conn).map(drop)
}

/// Whether the server still answers on a connection.
pub fn is_alive(conn: &mut PgConnection) -> bool {
    sql_query("SELECT 1").execute(conn).is_ok()
}

/// Whether a visit is recorded that would have been answered so.
pub fn is_recorded(conn: &mut PgConnection, visit: &Visit, answer: &Answer) -> Result<bool, AppError> {
    let partner = answer.partner.context("only a visit to a partner's link is recorded")?;
    let found: Number = sql_query(
        "SELECT (SELECT count(*) FROM visits
                  WHERE partner_id = $1 AND at = $2 AND visitor_key IS NOT DISTINCT FROM $3)
              + (SELECT count(*) FROM clicks LEFT JOIN visitors ON visitors.id = visitor_id
                  WHERE partner_id = $1 AND clicked_at = $2 AND visitors.key IS NOT DISTINCT FROM $3)
              + (SELECT count(*) FROM visits_set_aside
                  WHERE partner_id = $1 AND strpos(visits, $4) > 0 AND ($3 IS NULL OR strpos(visits, $3) > 0)) AS value",
    )
    .bind::<BigInt, _>(partner)
    .bind::<Timestamptz, _>(visit.at)
    .bind::<Nullable<Text>, _>(answer.visitor.as_deref())
    .bind::<Text, _>(serde_json::to_string(&visit.at).context("an instant is plain data")?)
    .get_result(conn)?;
    Ok(found.value > 0)
}

/// Erases the addresses of clicks that have been kept as long as *CRM > Settings > Tracking* says. An order that
/// comes later from such an address finds no click by it.
pub fn erase_addresses(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), AppError> {
    while work_in(conn, 100)? > 0 {}
    sql_query(
        "UPDATE clicks SET address = NULL
          WHERE address IS NOT NULL AND clicked_at < $1 - (SELECT address_days * interval '24 hours' FROM tracking_settings)",
    )
    .bind::<Timestamptz, _>(now)
    .execute(conn)?;
    sql_query(
        "SELECT erase_addresses_set_aside($1 - (SELECT address_days * interval '24 hours' FROM tracking_settings))",
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

/// Forgets most of what tells that links have changed: a few are enough to tell the next.
pub fn tidy_link_changes(conn: &mut PgConnection, _now: DateTime<Utc>) -> Result<(), AppError> {
    sql_query("DELETE FROM link_changes WHERE id < (SELECT max(id) - 100 FROM link_changes)")
        .execute(conn)?;
    Ok(())
}
