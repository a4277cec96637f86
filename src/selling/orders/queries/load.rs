//! Orders as the rules see them, read back: for what happens next, and for `verify`.

use crate::domain::clawback::RowTerms;
use crate::domain::commission::SoldLine;
use crate::domain::ids::{CommissionRowId, ContactId, OrderId, OrderLineId, PartnerId, ProductId};
use crate::domain::money::{Currency, Money, exact};
use crate::domain::order::{HeldRow, Line, Order};
use crate::domain::program::Payout;
use crate::error::AppError;
use anyhow::Context;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Numeric, Text};
use rust_decimal::Decimal;
use std::collections::{HashMap, HashSet};

/// An order as it stands in the database.
#[derive(Debug)]
pub struct StoredOrder {
    pub id: OrderId,
    pub number: String,
    pub contact: Option<ContactId>,
    /// In the order of the lines.
    pub lines: Vec<OrderLineId>,
    pub sold: Vec<SoldLine>,
    /// How often it was credited.
    pub credits: i32,
    pub order: Order<CommissionRowId>,
}

#[derive(QueryableByName)]
struct OrderRow {
    #[diesel(sql_type = BigInt)]
    id: OrderId,
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    contact_id: Option<ContactId>,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Numeric)]
    total: Decimal,
    #[diesel(sql_type = Bool)]
    paid_in_full: bool,
    #[diesel(sql_type = BigInt)]
    received: Money,
    #[diesel(sql_type = BigInt)]
    given_back: Money,
    #[diesel(sql_type = BigInt)]
    refunded_without_lines: Money,
    #[diesel(sql_type = Bool)]
    cancelled: bool,
    #[diesel(sql_type = Integer)]
    credits: i32,
}

#[derive(QueryableByName)]
struct LineRow {
    #[diesel(sql_type = BigInt)]
    order_id: OrderId,
    #[diesel(sql_type = BigInt)]
    id: OrderLineId,
    #[diesel(sql_type = BigInt)]
    product_id: ProductId,
    #[diesel(sql_type = Numeric)]
    quantity: Decimal,
    #[diesel(sql_type = Numeric)]
    unit_price: Decimal,
    #[diesel(sql_type = BigInt)]
    discount_minor: Money,
    #[diesel(sql_type = Numeric)]
    base: Decimal,
    #[diesel(sql_type = Bool)]
    commissionable: bool,
    #[diesel(sql_type = Numeric)]
    returned: Decimal,
}

#[derive(QueryableByName)]
struct RowRow {
    #[diesel(sql_type = BigInt)]
    order_id: OrderId,
    #[diesel(sql_type = BigInt)]
    id: CommissionRowId,
    #[diesel(sql_type = Nullable<BigInt>)]
    order_line_id: Option<OrderLineId>,
    #[diesel(sql_type = Array<BigInt>)]
    under_rule: Vec<i64>,
    #[diesel(sql_type = BigInt)]
    partner_id: PartnerId,
    #[diesel(sql_type = Text)]
    payout: Payout,
    #[diesel(sql_type = BigInt)]
    full_minor: Money,
    #[diesel(sql_type = Bool)]
    retired: bool,
    #[diesel(sql_type = BigInt)]
    held: Money,
}

#[derive(QueryableByName)]
struct NumberRow {
    #[diesel(sql_type = BigInt)]
    id: OrderId,
    #[diesel(sql_type = Text)]
    number: String,
}

#[derive(QueryableByName)]
struct Commissionable {
    #[diesel(sql_type = BigInt)]
    id: ProductId,
    #[diesel(sql_type = Bool)]
    commissionable: bool,
}

/// Which of these order numbers are taken.
pub fn known_numbers(conn: &mut PgConnection, numbers: &HashSet<&str>) -> Result<Vec<String>, AppError> {
    let rows: Vec<NumberRow> = sql_query("SELECT id, number FROM orders WHERE number = ANY ($1) ORDER BY id")
        .bind::<Array<Text>, _>(numbers.iter().copied().collect::<Vec<_>>())
        .load(conn)?;
    Ok(rows.into_iter().map(|row| row.number).collect())
}

/// Locks the orders with these numbers, in id order, until the transaction ends.
pub fn lock_orders(conn: &mut PgConnection, numbers: &HashSet<&str>) -> Result<Vec<OrderId>, AppError> {
    let rows: Vec<NumberRow> =
        sql_query("SELECT id, number FROM orders WHERE number = ANY ($1) ORDER BY id FOR NO KEY UPDATE")
            .bind::<Array<Text>, _>(numbers.iter().copied().collect::<Vec<_>>())
            .load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Whether each of these products earns commission.
pub fn commissionable(
    conn: &mut PgConnection,
    products: &[ProductId],
) -> Result<HashMap<ProductId, bool>, AppError> {
    let rows: Vec<Commissionable> = sql_query("SELECT id, commissionable FROM products WHERE id = ANY ($1)")
        .bind::<Array<BigInt>, _>(products)
        .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.id, row.commissionable)).collect())
}

/// These orders with their lines, their rows and what the ledger holds for each, in id order.
pub fn load(conn: &mut PgConnection, ids: &[OrderId]) -> Result<Vec<StoredOrder>, AppError> {
    let orders: Vec<OrderRow> = sql_query(
        "SELECT o.id, o.number, o.contact_id, o.currency, o.total, o.paid_in_full,
                coalesce(sum(e.amount_minor) FILTER (WHERE e.kind = 'customer_payment'), 0)::bigint AS received,
                coalesce(sum(e.amount_minor) FILTER (WHERE e.kind = 'refund'), 0)::bigint AS given_back,
                coalesce(sum(e.amount_minor) FILTER (WHERE e.kind = 'refund' AND NOT e.names_lines), 0)::bigint AS refunded_without_lines,
                coalesce(bool_or(e.kind = 'cancelled'), false) AS cancelled,
                (SELECT coalesce(max(c.number), 0) FROM order_credits c WHERE c.order_id = o.id) AS credits
           FROM orders o LEFT JOIN order_events e ON e.order_id = o.id
          WHERE o.id = ANY ($1) GROUP BY o.id ORDER BY o.id",
    )
    .bind::<Array<BigInt>, _>(ids)
    .load(conn)?;
    let mut stored = Vec::with_capacity(orders.len());
    let mut lines = lines(conn, ids)?;
    let mut rows = rows(conn, ids)?;
    for row in orders {
        let lines = lines.remove(&row.id).unwrap_or_default();
        let rows = rows.remove(&row.id).unwrap_or_default();
        stored.push(assemble(row, lines, rows)?);
    }
    Ok(stored)
}

fn lines(conn: &mut PgConnection, ids: &[OrderId]) -> Result<HashMap<OrderId, Vec<LineRow>>, AppError> {
    let rows: Vec<LineRow> = sql_query(
        "SELECT l.order_id, l.id, l.product_id, l.quantity, l.unit_price, l.discount_minor, l.base, l.commissionable,
                coalesce(r.quantity, 0) AS returned
           FROM order_lines l
           LEFT JOIN LATERAL (SELECT sum(quantity) AS quantity FROM returned_lines WHERE order_line_id = l.id) r ON true
          WHERE l.order_id = ANY ($1) ORDER BY l.order_id, l.number",
    )
    .bind::<Array<BigInt>, _>(ids)
    .load(conn)?;
    let mut by_order: HashMap<OrderId, Vec<LineRow>> = HashMap::new();
    for row in rows {
        by_order.entry(row.order_id).or_default().push(row);
    }
    Ok(by_order)
}

fn rows(conn: &mut PgConnection, ids: &[OrderId]) -> Result<HashMap<OrderId, Vec<RowRow>>, AppError> {
    let rows: Vec<RowRow> = sql_query(
        "SELECT c.order_id, r.id, r.order_line_id, r.partner_id, r.payout, r.full_minor,
                EXISTS (SELECT FROM order_credits n WHERE n.order_id = c.order_id AND n.number > c.number) AS retired,
                ARRAY(SELECT order_line_id FROM commission_row_lines WHERE commission_row_id = r.id) AS under_rule,
                (SELECT coalesce(sum(amount_minor), 0)::bigint FROM entries WHERE commission_row_id = r.id) AS held
           FROM order_credits c JOIN commission_rows r ON r.order_credit_id = c.id
          WHERE c.order_id = ANY ($1) ORDER BY c.order_id, r.id",
    )
    .bind::<Array<BigInt>, _>(ids)
    .load(conn)?;
    let mut by_order: HashMap<OrderId, Vec<RowRow>> = HashMap::new();
    for row in rows {
        by_order.entry(row.order_id).or_default().push(row);
    }
    Ok(by_order)
}

fn assemble(row: OrderRow, lines: Vec<LineRow>, rows: Vec<RowRow>) -> Result<StoredOrder, AppError> {
    let positions: HashMap<i64, usize> = lines.iter().enumerate().map(|(at, line)| (line.id.0, at)).collect();
    let rows = rows
        .into_iter()
        .map(|row| {
            let named = row.order_line_id.map(|line| line.0);
            let positions = named.iter().chain(&row.under_rule).map(|line| positions.get(line).copied());
            HeldRow {
                key: row.id,
                partner: row.partner_id,
                terms: RowTerms {
                    full: row.full_minor,
                    payout: row.payout,
                    lines: positions.flatten().collect(),
                    retired: row.retired,
                },
                held: row.held,
            }
        })
        .collect();
    Ok(StoredOrder {
        id: row.id,
        contact: row.contact_id,
        credits: row.credits,
        order: Order {
            currency: Currency::from_code(&row.currency)
                .with_context(|| format!("order {:?} is in {:?}", row.number, row.currency))?,
            lines: lines
                .iter()
                .map(|line| Line { base: exact(line.base), quantity: line.quantity, returned: line.returned })
                .collect(),
            total: exact(row.total),
            paid_in_full: row.paid_in_full,
            received: row.received,
            given_back: row.given_back,
            refunded_without_lines: row.refunded_without_lines,
            cancelled: row.cancelled,
            rows,
        },
        number: row.number,
        sold: lines.iter().map(LineRow::sold).collect(),
        lines: lines.into_iter().map(|line| line.id).collect(),
    })
}

impl LineRow {
    fn sold(&self) -> SoldLine {
        SoldLine {
            product: self.product_id,
            quantity: self.quantity,
            unit_price: self.unit_price,
            discount: self.discount_minor,
            commissionable: self.commissionable,
        }
    }
}
