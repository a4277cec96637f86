//! Tells the story of an order again, event by event: each must have booked exactly what brought every
//! row to its target at that moment. So what the ledger showed for any day in the past was right too.

use super::Check;
use super::orders::name;
use crate::domain::ids::{CommissionRowId, OrderEventId, OrderId, OrderLineId};
use crate::domain::money::{Currency, Money};
use crate::domain::order::{Change, HeldRow};
use crate::error::AppError;
use crate::selling::orders::queries::StoredOrder;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Numeric, Text};
use rust_decimal::Decimal;
use std::collections::HashMap;

/// An event of an order to which something happened.
#[derive(QueryableByName)]
struct Event {
    #[diesel(sql_type = BigInt)]
    order_id: OrderId,
    #[diesel(sql_type = BigInt)]
    id: OrderEventId,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    amount_minor: Money,
    /// The rows of the credit that it made.
    #[diesel(sql_type = Array<BigInt>)]
    rows: Vec<i64>,
}

#[derive(QueryableByName)]
struct Returned {
    #[diesel(sql_type = BigInt)]
    order_event_id: OrderEventId,
    #[diesel(sql_type = BigInt)]
    order_line_id: OrderLineId,
    #[diesel(sql_type = Numeric)]
    quantity: Decimal,
}

#[derive(QueryableByName)]
struct Booked {
    #[diesel(sql_type = BigInt)]
    order_event_id: OrderEventId,
    #[diesel(sql_type = BigInt)]
    commission_row_id: CommissionRowId,
    #[diesel(sql_type = BigInt)]
    amount: Money,
}

/// What each event gave back, and what it booked for which row.
#[derive(Default)]
struct Told {
    returned: HashMap<OrderEventId, Vec<(OrderLineId, Decimal)>>,
    booked: HashMap<(OrderEventId, CommissionRowId), Money>,
}

/// Tells these orders again. One that was only placed has no story beside its end.
pub fn check(
    conn: &mut PgConnection,
    ids: &[OrderId],
    stored: Vec<StoredOrder>,
    currency: Currency,
    check: &mut Check,
) -> Result<(), AppError> {
    let mut events: HashMap<OrderId, Vec<Event>> = HashMap::new();
    for event in eventful(conn, ids)? {
        events.entry(event.order_id).or_default().push(event);
    }
    if events.is_empty() {
        return Ok(());
    }
    let ids: Vec<OrderId> = events.keys().copied().collect();
    let told = told(conn, &ids)?;
    for order in stored {
        if let Some(events) = events.get(&order.id) {
            tell(order, events, &told, currency, check);
        }
    }
    Ok(())
}

fn tell(stored: StoredOrder, events: &[Event], told: &Told, currency: Currency, check: &mut Check) {
    let place = name(&stored);
    let positions: HashMap<OrderLineId, usize> =
        stored.lines.iter().enumerate().map(|(position, id)| (*id, position)).collect();
    // As it was placed: nothing came back, nothing was paid, nobody is credited yet.
    let mut order = stored.order;
    let mut rows: HashMap<i64, HeldRow<CommissionRowId>> =
        order.rows.drain(..).map(|row| (row.key.0, row)).collect();
    for line in &mut order.lines {
        line.returned = Decimal::ZERO;
    }
    (order.received, order.given_back, order.refunded_without_lines) =
        (Money::ZERO, Money::ZERO, Money::ZERO);
    order.cancelled = false;
    for event in events {
        match event.kind.as_str() {
            "customer_payment" => order.apply(&Change::Received(event.amount_minor)),
            "refund" => {
                let lines = told.returned.get(&event.id).into_iter().flatten();
                let lines = lines.filter_map(|(line, quantity)| Some((*positions.get(line)?, *quantity)));
                order.apply(&Change::GivenBack { lines: lines.collect(), amount: event.amount_minor });
            }
            "cancelled" => order.apply(&Change::Cancelled),
            _ => {
                order.retire_rows();
                order.rows.extend(event.rows.iter().filter_map(|row| rows.remove(row)).map(as_placed));
            }
        }
        let due: HashMap<CommissionRowId, Money> =
            order.settle().into_iter().map(|correction| (correction.key, correction.amount)).collect();
        for row in &order.rows {
            let due = due.get(&row.key).copied().unwrap_or_default();
            let booked = told.booked.get(&(event.id, row.key)).copied().unwrap_or_default();
            if due != booked {
                check.fault(|| {
                    let (booked, due) = (booked.plain(currency), due.plain(currency));
                    format!("{place} row {}: its event {} booked {booked}, due was {due}", row.key, event.id)
                });
            }
        }
    }
}

fn as_placed(mut row: HeldRow<CommissionRowId>) -> HeldRow<CommissionRowId> {
    row.held = Money::ZERO;
    row.terms.retired = false;
    row
}

/// The events of those of these orders that have more than one.
fn eventful(conn: &mut PgConnection, ids: &[OrderId]) -> Result<Vec<Event>, AppError> {
    Ok(sql_query(
        "SELECT v.order_id, v.id, v.kind, v.amount_minor,
                ARRAY(SELECT r.id FROM order_credits c JOIN commission_rows r ON r.order_credit_id = c.id
                       WHERE c.order_event_id = v.id AND c.order_id = v.order_id ORDER BY r.id) AS rows
           FROM order_events v
          WHERE v.order_id IN (SELECT order_id FROM order_events WHERE order_id = ANY ($1) GROUP BY 1 HAVING count(*) > 1)
          ORDER BY v.order_id, v.id",
    )
    .bind::<Array<BigInt>, _>(ids)
    .load(conn)?)
}

fn told(conn: &mut PgConnection, ids: &[OrderId]) -> Result<Told, AppError> {
    let mut told = Told::default();
    let returned: Vec<Returned> = sql_query(
        "SELECT r.order_event_id, r.order_line_id, r.quantity FROM order_events v JOIN returned_lines r ON r.order_event_id = v.id
          WHERE v.order_id = ANY ($1)",
    )
    .bind::<Array<BigInt>, _>(ids)
    .load(conn)?;
    for row in returned {
        told.returned.entry(row.order_event_id).or_default().push((row.order_line_id, row.quantity));
    }
    let booked: Vec<Booked> = sql_query(
        "SELECT e.order_event_id, e.commission_row_id, sum(e.amount_minor)::bigint AS amount
           FROM order_events v JOIN entries e ON e.order_event_id = v.id WHERE v.order_id = ANY ($1) GROUP BY 1, 2",
    )
    .bind::<Array<BigInt>, _>(ids)
    .load(conn)?;
    told.booked =
        booked.into_iter().map(|row| ((row.order_event_id, row.commission_row_id), row.amount)).collect();
    Ok(told)
}
