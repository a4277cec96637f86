//! What a partner's clicks have brought, added up. Where nothing but days is asked for, the figures that are kept by
//! day answer for the whole days, and only what they do not reach is counted click by click.

use super::super::forms::Search;
use super::{CREDITED, Totals, bound, matches};
use crate::domain::ids::PartnerId;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Date, Nullable, Timestamptz};

#[derive(QueryableByName)]
struct Clicks {
    #[diesel(sql_type = BigInt)]
    clicks: i64,
    #[diesel(sql_type = BigInt)]
    visitors: i64,
    #[diesel(sql_type = BigInt)]
    robots: i64,
}

#[derive(QueryableByName)]
struct Brought {
    #[diesel(sql_type = BigInt)]
    leads: i64,
    #[diesel(sql_type = BigInt)]
    orders: i64,
}

/// Instants, the first included and the last not, and the whole days of UTC between them; none = open.
struct WholeDays {
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
    first: Option<NaiveDate>,
    /// The day after the last.
    end: Option<NaiveDate>,
}

/// What the clicks have brought: of people, and of robots beside.
pub fn totals(conn: &mut PgConnection, partner: PartnerId, search: &Search, zone: Tz) -> QueryResult<Totals> {
    let days = WholeDays::of(search, zone).filter(|_| search.link.is_none() && search.became.is_none());
    let (clicks, brought) = match days {
        Some(days) => (clicks_of_days(conn, partner, &days)?, brought_in_days(conn, partner, &days)?),
        None => (clicks_of(conn, partner, search, zone)?, brought_by(conn, partner, search, zone)?),
    };
    Ok(Totals {
        clicks: clicks.clicks,
        visitors: clicks.visitors,
        leads: brought.leads,
        orders: brought.orders,
        robots: clicks.robots,
    })
}

impl WholeDays {
    /// None where there is no whole day among them.
    fn of(search: &Search, zone: Tz) -> Option<WholeDays> {
        let (from, to) = search.instants(zone);
        let day = |at: DateTime<Utc>| at.date_naive();
        let first = from.map(|at| if at.time() == NaiveTime::MIN { day(at) } else { day(at) + Days::new(1) });
        let end = to.map(day);
        let is_whole = first.zip(end).is_none_or(|(first, end)| first < end);
        is_whole.then_some(WholeDays { from, to, first, end })
    }
}

/// By the figures that are kept: whoever came beside them is looked up, whether he is in them.
fn clicks_of_days(conn: &mut PgConnection, partner: PartnerId, days: &WholeDays) -> QueryResult<Clicks> {
    sql_query(
        "WITH mark AS (SELECT up_to FROM click_days_mark), others AS MATERIALIZED (
             SELECT visitor_id, robot FROM clicks
              WHERE partner_id = $1 AND id > (SELECT up_to FROM mark) AND ($2 IS NULL OR clicked_at >= $2) AND ($3 IS NULL OR clicked_at < $3)
             UNION ALL
             SELECT visitor_id, robot FROM clicks
              WHERE partner_id = $1 AND id <= (SELECT up_to FROM mark) AND clicked_at >= $2 AND clicked_at < $4::timestamp AT TIME ZONE 'UTC'
             UNION ALL
             SELECT visitor_id, robot FROM clicks
              WHERE partner_id = $1 AND id <= (SELECT up_to FROM mark) AND clicked_at >= $5::timestamp AT TIME ZONE 'UTC' AND clicked_at < $3
         ), kept AS (
             SELECT coalesce(sum(people), 0)::bigint AS people, coalesce(sum(robots), 0)::bigint AS robots
               FROM click_days WHERE partner_id = $1 AND ($4 IS NULL OR day >= $4) AND ($5 IS NULL OR day < $5)
         ), known AS (
             SELECT coalesce(sum(visitors), 0)::bigint AS visitors FROM visitor_days
              WHERE partner_id = $1 AND ($4 IS NULL OR day >= $4) AND ($5 IS NULL OR day < $5) AND (before = '-infinity' OR before < $4)
         ), strangers AS (
             SELECT count(*) AS visitors FROM (SELECT DISTINCT visitor_id FROM others WHERE visitor_id IS NOT NULL) came
              WHERE NOT EXISTS (SELECT FROM clicks c
                     WHERE c.visitor_id = came.visitor_id AND c.partner_id = $1 AND c.id <= (SELECT up_to FROM mark)
                       AND ($4 IS NULL OR c.clicked_at >= $4::timestamp AT TIME ZONE 'UTC')
                       AND ($5 IS NULL OR c.clicked_at < $5::timestamp AT TIME ZONE 'UTC'))
         )
         SELECT kept.people + (SELECT count(*) FROM others WHERE NOT robot) AS clicks, known.visitors + strangers.visitors AS visitors,
                kept.robots + (SELECT count(*) FROM others WHERE robot) AS robots
           FROM kept, known, strangers",
    )
    .bind::<BigInt, _>(partner)
    .bind::<Nullable<Timestamptz>, _>(days.from)
    .bind::<Nullable<Timestamptz>, _>(days.to)
    .bind::<Nullable<Date>, _>(days.first)
    .bind::<Nullable<Date>, _>(days.end)
    .get_result(conn)
}

/// A referral by cookie has its click's time, and the story of a credit that of the touch that won. A touch that was
/// made by hand is no click; a partner that was merged into this one was credited by clicks that are this one's now.
fn brought_in_days(conn: &mut PgConnection, partner: PartnerId, days: &WholeDays) -> QueryResult<Brought> {
    sql_query(
        "SELECT (SELECT count(*) FROM (
                     SELECT DISTINCT contact_id FROM referrals
                      WHERE partner_id = $1 AND click_id IS NOT NULL
                        AND ($2 IS NULL OR referred_at >= $2) AND ($3 IS NULL OR referred_at < $3)) leads) AS leads,
                (SELECT count(*) FROM order_credits k
                  WHERE k.lead_partner_id IN (SELECT id FROM partners WHERE (id = $1 AND merged_into_id IS NULL) OR merged_into_id = $1)
                    AND k.won_by IS NOT NULL AND ($2 IS NULL OR k.won_at >= $2) AND ($3 IS NULL OR k.won_at < $3)
                    AND NOT EXISTS (SELECT FROM order_credits l WHERE l.order_id = k.order_id AND l.number > k.number)
                    AND NOT EXISTS (SELECT FROM referrals r WHERE r.click_id IS NULL AND r.partner_id = $1 AND r.recorded = k.won_by)) AS orders",
    )
    .bind::<BigInt, _>(partner)
    .bind::<Nullable<Timestamptz>, _>(days.from)
    .bind::<Nullable<Timestamptz>, _>(days.to)
    .get_result(conn)
}

/// Click by click.
fn clicks_of(conn: &mut PgConnection, partner: PartnerId, search: &Search, zone: Tz) -> QueryResult<Clicks> {
    let matches = matches(search);
    let sql = format!(
        "WITH {CREDITED}, by_visitor AS (
             SELECT c.visitor_id, count(*) FILTER (WHERE NOT c.robot) AS clicks, count(*) FILTER (WHERE c.robot) AS robots
               FROM clicks c WHERE {matches} GROUP BY c.visitor_id)
         SELECT coalesce(sum(clicks), 0)::bigint AS clicks, count(visitor_id) AS visitors, coalesce(sum(robots), 0)::bigint AS robots
           FROM by_visitor"
    );
    bound(sql, partner, search, zone).get_result(conn)
}

/// Click by click.
fn brought_by(
    conn: &mut PgConnection,
    partner: PartnerId,
    search: &Search,
    zone: Tz,
) -> QueryResult<Brought> {
    let matches = matches(search);
    let sql = format!(
        "WITH {CREDITED}
         SELECT (SELECT count(DISTINCT r.contact_id) FROM referrals r JOIN clicks c ON c.id = r.click_id
                  WHERE r.partner_id = $1 AND {matches}) AS leads,
                (SELECT count(DISTINCT k.order_id) FROM credited k JOIN clicks c ON c.recorded = k.won_by
                  WHERE {matches}) AS orders"
    );
    bound(sql, partner, search, zone).get_result(conn)
}
