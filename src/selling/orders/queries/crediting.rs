//! Crediting many orders at once: how each stands, and what the events did.

use super::list::{Search, bound, matching};
use crate::domain::ids::{OrderEventId, OrderId, PartnerId};
use crate::domain::money::Money;
use crate::people::names::Person;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Timestamptz};
use std::collections::HashMap;

/// An order as it stands: whom the credit in force names.
#[derive(QueryableByName)]
pub struct Standing {
    #[diesel(sql_type = BigInt)]
    pub id: OrderId,
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Date)]
    pub ordered_on: NaiveDate,
    #[diesel(sql_type = Bool)]
    pub cancelled: bool,
    /// A merged partner as the one that it turned out to be.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub lead: Option<PartnerId>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub sale: Option<PartnerId>,
    /// The latest thing that happened to it.
    #[diesel(sql_type = BigInt)]
    pub last_event: OrderEventId,
}

/// What an event did to a partner's account.
#[derive(QueryableByName)]
pub struct Movement {
    #[diesel(sql_type = BigInt)]
    pub event_id: OrderEventId,
    #[diesel(sql_type = BigInt)]
    pub partner_id: PartnerId,
    /// Zero or below.
    #[diesel(sql_type = BigInt)]
    pub taken_minor: Money,
    /// Zero or above.
    #[diesel(sql_type = BigInt)]
    pub given_minor: Money,
}

/// Something that somebody else recorded.
#[derive(QueryableByName)]
pub struct Meanwhile {
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub made_by: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub recorded_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = BigInt)]
    id: OrderId,
}

/// The orders that match, in id order; at most so many.
pub fn ids(conn: &mut PgConnection, search: &Search, most: usize) -> QueryResult<Vec<OrderId>> {
    let sql = matching("SELECT o.id FROM orders o", "ORDER BY o.id LIMIT $7");
    let rows: Vec<IdRow> =
        bound(sql, search).bind::<BigInt, _>(i64::try_from(most).unwrap_or(i64::MAX)).load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Locks orders, in id order, until the transaction ends.
pub fn lock(conn: &mut PgConnection, orders: &[OrderId]) -> QueryResult<()> {
    sql_query("SELECT FROM orders WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE")
        .bind::<Array<BigInt>, _>(orders)
        .execute(conn)?;
    Ok(())
}

/// How these orders stand, in id order.
pub fn standing(conn: &mut PgConnection, orders: &[OrderId]) -> QueryResult<Vec<Standing>> {
    sql_query(
        "SELECT o.id, o.number, o.ordered_on,
                EXISTS (SELECT FROM order_events WHERE order_id = o.id AND kind = 'cancelled') AS cancelled,
                coalesce(lead.merged_into_id, lead.id) AS lead, coalesce(sale.merged_into_id, sale.id) AS sale,
                (SELECT max(id) FROM order_events WHERE order_id = o.id) AS last_event
           FROM orders o
           JOIN LATERAL (SELECT * FROM order_credits WHERE order_id = o.id ORDER BY number DESC LIMIT 1) c ON true
           LEFT JOIN partners lead ON lead.id = c.lead_partner_id
           LEFT JOIN partners sale ON sale.id = c.sale_partner_id
          WHERE o.id = ANY ($1) ORDER BY o.id",
    )
    .bind::<Array<BigInt>, _>(orders)
    .load(conn)
}

/// What these events did, by partner.
pub fn movements(conn: &mut PgConnection, events: &[OrderEventId]) -> QueryResult<Vec<Movement>> {
    sql_query(
        "SELECT n.order_event_id AS event_id, a.partner_id, sum(least(n.amount_minor, 0))::bigint AS taken_minor,
                sum(greatest(n.amount_minor, 0))::bigint AS given_minor
           FROM entries n JOIN accounts a ON a.id = n.account_id
          WHERE n.order_event_id = ANY ($1) GROUP BY 1, 2 ORDER BY 1, 2",
    )
    .bind::<Array<BigInt>, _>(events)
    .load(conn)
}

/// What the rows of the credits that these events made are worth in full, paid or not yet.
pub fn promised(
    conn: &mut PgConnection,
    events: &[OrderEventId],
) -> QueryResult<HashMap<OrderEventId, Money>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        event_id: OrderEventId,
        #[diesel(sql_type = BigInt)]
        full_minor: Money,
    }
    let rows: Vec<Row> = sql_query(
        "SELECT c.order_event_id AS event_id, sum(r.full_minor)::bigint AS full_minor
           FROM order_credits c JOIN commission_rows r ON r.order_credit_id = c.id
          WHERE c.order_event_id = ANY ($1) GROUP BY 1",
    )
    .bind::<Array<BigInt>, _>(events)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.event_id, row.full_minor)).collect())
}

/// What happened to these orders after that event.
pub fn meanwhile(
    conn: &mut PgConnection,
    orders: &[OrderId],
    after: OrderEventId,
) -> QueryResult<Vec<Meanwhile>> {
    sql_query(
        "SELECT o.number, e.kind, coalesce(u.name, 'API key ' || k.name) AS made_by, e.recorded_at
           FROM order_events e JOIN orders o ON o.id = e.order_id LEFT JOIN users u ON u.id = e.made_by
           LEFT JOIN api_keys k ON k.id = e.api_key_id
          WHERE e.order_id = ANY ($1) AND e.id > $2 ORDER BY e.id",
    )
    .bind::<Array<BigInt>, _>(orders)
    .bind::<BigInt, _>(after)
    .load(conn)
}

/// These partners as pages name them.
pub fn people(conn: &mut PgConnection, partners: &[PartnerId]) -> QueryResult<HashMap<PartnerId, Person>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: PartnerId,
        #[diesel(sql_type = Text)]
        code: String,
        #[diesel(sql_type = Text)]
        name: String,
    }
    let rows: Vec<Row> = sql_query(
        "SELECT p.id, p.code, c.name FROM partners p JOIN contacts c ON c.id = p.contact_id WHERE p.id = ANY ($1)",
    )
    .bind::<Array<BigInt>, _>(partners)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.id, Person::partner(row.id, &row.name, &row.code))).collect())
}
