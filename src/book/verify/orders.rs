//! What was earned: every total, base, full value and target worked out again from the order, by the
//! same pure functions that recorded it. Some orders at a time, so that memory stays flat.

use super::question::{company_currency, count};
use super::replay;
use super::{Check, Progress};
use crate::db::columns::Number;
use crate::domain::commission;
use crate::domain::ids::{CommissionRowId, OrderId, OrderLineId};
use crate::domain::money::{self, Currency, Exact, Money, exact};
use crate::domain::program::Percent;
use crate::error::AppError;
use crate::selling::orders::queries::{StoredOrder, load};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Nullable, Numeric};
use num_traits::Zero;
use rust_decimal::Decimal;
use std::collections::HashMap;

/// How many orders are worked out at a time.
const ORDERS_AT_ONCE: i64 = 2_000;

/// What a commission row says that it was worked out from.
#[derive(QueryableByName)]
struct Working {
    #[diesel(sql_type = BigInt)]
    order_id: OrderId,
    #[diesel(sql_type = BigInt)]
    id: CommissionRowId,
    #[diesel(sql_type = Nullable<BigInt>)]
    order_line_id: Option<OrderLineId>,
    #[diesel(sql_type = Array<BigInt>)]
    under_rule: Vec<i64>,
    #[diesel(sql_type = Numeric)]
    base: Decimal,
    #[diesel(sql_type = Numeric)]
    quantity: Decimal,
    #[diesel(sql_type = Numeric)]
    percent: Percent,
    #[diesel(sql_type = BigInt)]
    amount_minor: Money,
    #[diesel(sql_type = BigInt)]
    full_minor: Money,
}

#[derive(QueryableByName)]
struct Extras {
    #[diesel(sql_type = BigInt)]
    id: OrderId,
    #[diesel(sql_type = BigInt)]
    shipping_minor: Money,
    #[diesel(sql_type = BigInt)]
    tax_minor: Money,
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: OrderId,
}

/// The checks while they are made.
pub(super) struct Checks {
    totals: Check,
    bases: Check,
    values: Check,
    targets: Check,
    /// Made by `replay`.
    pub(super) steps: Check,
}

/// Works every order out again.
pub fn check(conn: &mut PgConnection, progress: &dyn Fn(Progress)) -> Result<Vec<Check>, AppError> {
    let orders = count(conn, "orders")?;
    let rows = count(conn, "commission_rows")?;
    let of_orders: Number =
        sql_query("SELECT count(*) AS value FROM entries WHERE commission_row_id IS NOT NULL")
            .get_result(conn)?;
    let mut checks = Checks {
        totals: Check::new("the total of each order is its lines, shipping and tax", "orders", orders),
        bases: Check::new(
            "the base of each line is quantity × unit price − discount",
            "order lines",
            count(conn, "order_lines")?,
        ),
        values: Check::new(
            "the full value of each commission row follows from its working",
            "commission rows",
            rows,
        ),
        targets: Check::new("each commission row holds its target", "commission rows", rows),
        steps: Check::new(
            "each event of an order booked what brought its rows to their targets",
            "entries of orders",
            of_orders.value.unsigned_abs(),
        ),
    };
    let company = company_currency(conn)?;
    let (mut after, mut done) = (OrderId(i64::MIN), 0);
    loop {
        progress(Progress { at: "orders", done, of: orders });
        let ids: Vec<Id> = sql_query("SELECT id FROM orders WHERE id > $1 ORDER BY id LIMIT $2")
            .bind::<BigInt, _>(after)
            .bind::<BigInt, _>(ORDERS_AT_ONCE)
            .load(conn)?;
        let Some(last) = ids.last() else { break };
        after = last.id;
        let ids: Vec<OrderId> = ids.into_iter().map(|row| row.id).collect();
        checks.some(conn, &ids, company)?;
        done += ids.len() as u64;
    }
    let Checks { totals, bases, values, targets, steps } = checks;
    Ok(vec![totals, bases, values, targets, steps])
}

impl Checks {
    fn some(&mut self, conn: &mut PgConnection, ids: &[OrderId], company: Currency) -> Result<(), AppError> {
        let stored = load(conn, ids)?;
        let extras = extras(conn, ids)?;
        let mut workings = workings(conn, ids)?;
        for order in &stored {
            let (shipping, tax) = extras.get(&order.id).copied().unwrap_or_default();
            self.totals(order, shipping, tax);
            self.values(order, &workings.remove(&order.id).unwrap_or_default());
            self.targets(order);
        }
        replay::check(conn, ids, stored, company, &mut self.steps)
    }

    /// The total, and the base of each line.
    fn totals(&mut self, order: &StoredOrder, shipping: Money, tax: Money) {
        let currency = order.order.currency;
        let total = commission::order_total(&order.sold, shipping, tax, currency);
        if total != order.order.total {
            self.totals.fault(|| {
                format!(
                    "{}: total {}, its parts make {}",
                    name(order),
                    shown(&order.order.total),
                    shown(&total)
                )
            });
        }
        for (number, (line, sold)) in order.order.lines.iter().zip(&order.sold).enumerate() {
            let base = commission::base(sold, currency);
            if base != line.base {
                let number = number + 1;
                self.bases.fault(|| {
                    format!(
                        "{} line {number}: base {}, it works out as {}",
                        name(order),
                        shown(&line.base),
                        shown(&base)
                    )
                });
            }
        }
    }

    /// What each row was worked out from, and F.
    fn values(&mut self, order: &StoredOrder, workings: &[Working]) {
        let currency = order.order.currency;
        let positions: HashMap<OrderLineId, usize> =
            order.lines.iter().enumerate().map(|(position, id)| (*id, position)).collect();
        let line = |id: OrderLineId| positions.get(&id).and_then(|position| order.order.lines.get(*position));
        for working in workings {
            let mut fault = |says: String| {
                self.values.fault(|| format!("{} row {}: {says}", name(order), working.id));
            };
            let (base, quantity) = match working.order_line_id {
                Some(id) => (line(id).map(|line| line.base.clone()), line(id).map(|line| line.quantity)),
                None => {
                    let lines = working.under_rule.iter().map(|id| line(OrderLineId(*id)));
                    let bases: Option<Vec<&Exact>> = lines.map(|line| line.map(|line| &line.base)).collect();
                    (
                        bases.map(|bases| bases.into_iter().fold(Exact::zero(), |sum, base| sum + base)),
                        Some(Decimal::ONE),
                    )
                }
            };
            if base.as_ref() != Some(&exact(working.base)) {
                let lines = base.as_ref().map_or("none of this order".into(), shown);
                fault(format!("base {}, its lines have {lines}", working.base.normalize()));
            }
            if quantity.is_some_and(|quantity| quantity != working.quantity) {
                fault(format!("quantity {}, its line has another", working.quantity.normalize()));
            }
            let value = exact(working.base) * working.percent.fraction()
                + working.amount_minor.exact(currency) * exact(working.quantity);
            if money::round(&value, currency) != Ok(working.full_minor) {
                let full = working.full_minor.plain(currency);
                fault(format!("full value {full}, its working gives {}", shown(&value)));
            }
        }
    }

    fn targets(&mut self, order: &StoredOrder) {
        let currency = order.order.currency;
        for (row, target) in order.order.targets() {
            if row.held != target {
                self.targets.fault(|| {
                    let (held, target) = (row.held.plain(currency), target.plain(currency));
                    format!("{} row {}: holds {held}, target {target}", name(order), row.key)
                });
            }
        }
    }
}

/// `order "A1"`
pub(super) fn name(order: &StoredOrder) -> String {
    format!("order {:?}", order.number)
}

/// An exact amount as people read it.
fn shown(value: &Exact) -> String {
    money::to_decimal(value, 15).map_or_else(|| value.to_string(), |value| value.to_string())
}

fn extras(conn: &mut PgConnection, ids: &[OrderId]) -> Result<HashMap<OrderId, (Money, Money)>, AppError> {
    let rows: Vec<Extras> = sql_query("SELECT id, shipping_minor, tax_minor FROM orders WHERE id = ANY ($1)")
        .bind::<Array<BigInt>, _>(ids)
        .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.id, (row.shipping_minor, row.tax_minor))).collect())
}

fn workings(conn: &mut PgConnection, ids: &[OrderId]) -> Result<HashMap<OrderId, Vec<Working>>, AppError> {
    let rows: Vec<Working> = sql_query(
        "SELECT c.order_id, r.id, r.order_line_id, r.base, r.quantity, r.percent, r.amount_minor, r.full_minor,
                ARRAY(SELECT order_line_id FROM commission_row_lines WHERE commission_row_id = r.id) AS under_rule
           FROM order_credits c JOIN commission_rows r ON r.order_credit_id = c.id
          WHERE c.order_id = ANY ($1) ORDER BY c.order_id, r.id",
    )
    .bind::<Array<BigInt>, _>(ids)
    .load(conn)?;
    let mut by_order: HashMap<OrderId, Vec<Working>> = HashMap::new();
    for row in rows {
        by_order.entry(row.order_id).or_default().push(row);
    }
    Ok(by_order)
}
