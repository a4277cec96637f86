//! A partner's clicks in the database.

mod days;
mod totals;

pub use days::{keep_days, mark_days};
pub use totals::totals;

use super::forms::{Became, Link, Search, Who};
use crate::domain::ids::{ContactId, LinkId, OrderId, PartnerId, VisitorId};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Jsonb, Nullable, Text, Timestamptz};
use serde::Deserialize;

/// A click and what became of it.
#[derive(Debug, QueryableByName)]
pub struct ClickRow {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Timestamptz)]
    pub clicked_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    pub robot: bool,
    /// None: the partner's own address.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub link_id: Option<LinkId>,
    #[diesel(sql_type = Text)]
    pub link_name: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub visitor_id: Option<VisitorId>,
    /// Whom the click made a lead of, or else whom the visitor is known as.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub contact_id: Option<ContactId>,
    #[diesel(sql_type = Text)]
    pub contact_name: String,
    #[diesel(sql_type = Text)]
    pub contact_otherwise: String,
    #[diesel(sql_type = Bool)]
    pub is_lead: bool,
    /// Orders that were credited by it, as a list of [`OrderOf`].
    #[diesel(sql_type = Jsonb)]
    orders: serde_json::Value,
    #[diesel(sql_type = Text)]
    pub address: String,
    #[diesel(sql_type = Text)]
    pub user_agent: String,
    #[diesel(sql_type = Text)]
    pub referrer: String,
    /// The page of a shop that it began on; empty = through a link.
    #[diesel(sql_type = Text)]
    pub page: String,
    #[diesel(sql_type = Text)]
    pub query: String,
    #[diesel(sql_type = Text)]
    pub utm_source: String,
    #[diesel(sql_type = Text)]
    pub utm_medium: String,
    #[diesel(sql_type = Text)]
    pub utm_campaign: String,
    #[diesel(sql_type = Text)]
    pub utm_term: String,
    #[diesel(sql_type = Text)]
    pub utm_content: String,
}

/// An order that was credited by a click.
#[derive(Debug, Clone, Deserialize)]
pub struct OrderOf {
    pub id: i64,
    pub number: String,
}

/// What clicks have brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Of people.
    pub clicks: i64,
    /// How many visitors they were.
    pub visitors: i64,
    /// How many contacts the clicks made leads of.
    pub leads: i64,
    /// How many orders were credited by them.
    pub orders: i64,
    /// Clicks of known robots.
    pub robots: i64,
}

impl ClickRow {
    /// The orders that were credited by it.
    pub fn orders(&self) -> Vec<(OrderId, String)> {
        let orders: Vec<OrderOf> = Deserialize::deserialize(&self.orders).unwrap_or_default();
        orders.into_iter().map(|order| (OrderId(order.id), order.number)).collect()
    }
}

type Bound<'a> = BoxedSqlQuery<'a, Pg, SqlQuery>;

/// What is asked of `clicks AS c`, whoever clicked. Only what is asked for is asked: the database plans by it.
fn matches(search: &Search) -> String {
    let mut sql = String::from(
        "c.partner_id = $1 AND ($2 IS NULL OR c.clicked_at >= $2) AND ($3 IS NULL OR c.clicked_at < $3)",
    );
    sql.push_str(match search.link {
        None => " AND $4 IS NULL",
        Some(Link::Own) => " AND $4 IS NULL AND c.link_id IS NULL",
        Some(Link::This(_)) => " AND c.link_id = $4",
    });
    sql.push_str(match search.became {
        None => "",
        Some(Became::Lead) => " AND c.id IN (SELECT click_id FROM referrals WHERE partner_id = $1)",
        Some(Became::Sale) => " AND c.recorded IN (SELECT won_by FROM credited)",
    });
    sql
}

/// The touches that hold a credit now, with the order.
const CREDITED: &str = "credited AS (
    SELECT k.won_by, k.order_id FROM order_credits k
     WHERE k.won_by IS NOT NULL AND NOT EXISTS (SELECT FROM order_credits l WHERE l.order_id = k.order_id AND l.number > k.number))";

fn of_whom(who: Who) -> &'static str {
    match who {
        Who::People => " AND NOT c.robot",
        Who::Robots => " AND c.robot",
        Who::All => "",
    }
}

fn bound<'a>(sql: String, partner: PartnerId, search: &Search, zone: Tz) -> Bound<'a> {
    let (from, to) = search.instants(zone);
    let link = match search.link {
        Some(Link::This(link)) => Some(link),
        _ => None,
    };
    sql_query(sql)
        .into_boxed()
        .bind::<BigInt, _>(partner)
        .bind::<Nullable<Timestamptz>, _>(from)
        .bind::<Nullable<Timestamptz>, _>(to)
        .bind::<Nullable<BigInt>, _>(link)
}

/// Some of the clicks, newest first: so many, after so many or after the one that was read last.
pub fn list(
    conn: &mut PgConnection,
    partner: PartnerId,
    search: &Search,
    zone: Tz,
    limit: i64,
    place: Place,
) -> QueryResult<Vec<ClickRow>> {
    let (offset, after) = match place {
        Place::Offset(offset) => (offset, None),
        Place::After(at, id) => (0, Some((at, id))),
    };
    // The clicks are chosen first, so that names are looked up for them only.
    let sql = format!(
        "WITH {CREDITED}, chosen AS (
             SELECT c.* FROM clicks c
              WHERE {}{} AND ($5::timestamptz IS NULL OR (c.clicked_at, c.id) < ($5, $6))
              ORDER BY c.clicked_at DESC, c.id DESC LIMIT $7 OFFSET $8)
         SELECT c.id, c.clicked_at, c.expires_at, c.robot, c.link_id, coalesce(l.name, '') AS link_name, c.visitor_id,
                person.id AS contact_id, coalesce(person.name, '') AS contact_name,
                coalesce(person.email, person.external_id, 'Contact ' || person.id, '') AS contact_otherwise,
                r.id IS NOT NULL AS is_lead, coalesce(o.orders, '[]') AS orders, coalesce(c.address, '') AS address,
                coalesce(c.user_agent, '') AS user_agent, coalesce(c.referrer, '') AS referrer, coalesce(c.page, '') AS page, coalesce(c.query, '') AS query,
                coalesce(c.utm_source, '') AS utm_source, coalesce(c.utm_medium, '') AS utm_medium,
                coalesce(c.utm_campaign, '') AS utm_campaign, coalesce(c.utm_term, '') AS utm_term,
                coalesce(c.utm_content, '') AS utm_content
           FROM chosen c LEFT JOIN tracking_links l ON l.id = c.link_id LEFT JOIN referrals r ON r.click_id = c.id
           LEFT JOIN visitors v ON v.id = c.visitor_id LEFT JOIN contacts person ON person.id = coalesce(r.contact_id, v.contact_id)
           LEFT JOIN LATERAL (
                SELECT jsonb_agg(jsonb_build_object('id', o.id, 'number', o.number) ORDER BY o.ordered_at, o.id) AS orders
                  FROM order_credits k JOIN orders o ON o.id = k.order_id
                 WHERE k.won_by = c.recorded
                   AND NOT EXISTS (SELECT FROM order_credits l WHERE l.order_id = k.order_id AND l.number > k.number)) o ON true
          ORDER BY c.clicked_at DESC, c.id DESC",
        matches(search),
        of_whom(search.who)
    );
    bound(sql, partner, search, zone)
        .bind::<Nullable<Timestamptz>, _>(after.map(|(at, _)| at))
        .bind::<Nullable<BigInt>, _>(after.map(|(_, id)| id))
        .bind::<BigInt, _>(limit)
        .bind::<BigInt, _>(offset)
        .load(conn)
}

/// From where on clicks are listed.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    /// After so many.
    Offset(i64),
    /// After this one.
    After(DateTime<Utc>, i64),
}

/// The links that there are, by name.
pub fn links(conn: &mut PgConnection) -> QueryResult<Vec<(LinkId, String)>> {
    #[derive(QueryableByName)]
    struct Named {
        #[diesel(sql_type = BigInt)]
        id: LinkId,
        #[diesel(sql_type = Text)]
        name: String,
    }
    let links: Vec<Named> =
        sql_query("SELECT id, name FROM tracking_links ORDER BY name COLLATE by_name, id").load(conn)?;
    Ok(links.into_iter().map(|link| (link.id, link.name)).collect())
}
