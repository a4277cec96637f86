//! Writing orders, what happened to them and what they earn: list by list, so that twenty thousand
//! orders are a few statements. Rows that are not written yet are named by their place in the lists.

use super::super::{MadeBy, NewOrder};
use crate::book::{self, NewEntry, next_ids};
use crate::domain::attribution::Step;
use crate::domain::commission::Row;
use crate::domain::ids::{CommissionRowId, OrderEventId, OrderId, OrderLineId, PartnerId};
use crate::domain::ledger::EntryKind;
use crate::domain::money::{Currency, Money};
use crate::error::AppError;
use anyhow::Context;
use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_query;
use diesel::sql_types::{
    Array, BigInt, Bool, Bytea, Date, Integer, Jsonb, Nullable, Numeric, SmallInt, Text, Timestamptz,
};
use rust_decimal::Decimal;

/// How many rows go into one insert.
const CHUNK: usize = 20_000;

/// A row that is there, or one of the lists to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key<I> {
    Known(I),
    New(usize),
}

/// A line that is there, or the place among all lines to be written.
pub type LineKey = Key<OrderLineId>;

/// All that is to be written.
#[derive(Debug, Default)]
pub struct Writes {
    pub orders: Vec<DraftOrder>,
    /// How many lines the orders have together.
    pub lines: usize,
    pub events: Vec<DraftEvent>,
    /// Event, line, quantity.
    pub returned: Vec<(usize, LineKey, Decimal)>,
    pub credits: Vec<DraftCredit>,
    pub rows: Vec<DraftRow>,
    pub entries: Vec<DraftEntry>,
}

#[derive(Debug)]
pub struct DraftOrder {
    pub new: NewOrder,
    pub currency: Currency,
    pub ordered_on: NaiveDate,
    pub total: Decimal,
    /// Of each line.
    pub bases: Vec<Decimal>,
    /// Of each line, the product's say included.
    pub commissionable: Vec<bool>,
}

#[derive(Debug)]
pub struct DraftEvent {
    pub order: Key<OrderId>,
    pub kind: &'static str,
    pub happened_at: DateTime<Utc>,
    pub dated_on: NaiveDate,
    pub amount: Money,
    pub names_lines: bool,
    pub reference: String,
    pub reason: String,
}

#[derive(Debug)]
pub struct DraftCredit {
    pub order: Key<OrderId>,
    pub event: usize,
    pub number: i32,
    pub lead: Option<PartnerId>,
    pub sale: Option<PartnerId>,
    pub step: Step,
    pub why: serde_json::Value,
}

#[derive(Debug)]
pub struct DraftRow {
    pub credit: usize,
    pub line: Option<LineKey>,
    /// Of a once-per-order amount.
    pub under_rule: Vec<LineKey>,
    pub base: Decimal,
    pub row: Row,
}

#[derive(Debug)]
pub struct DraftEntry {
    pub partner: PartnerId,
    pub row: Key<CommissionRowId>,
    pub event: usize,
    pub amount: Money,
    pub dated_on: NaiveDate,
}

/// The ids that the lists get.
struct Ids {
    orders: Vec<i64>,
    lines: Vec<i64>,
    events: Vec<i64>,
    credits: Vec<i64>,
    rows: Vec<i64>,
}

impl Ids {
    fn order(&self, key: Key<OrderId>) -> i64 {
        match key {
            Key::Known(id) => id.0,
            Key::New(place) => self.orders[place],
        }
    }

    fn line(&self, key: LineKey) -> i64 {
        match key {
            Key::Known(id) => id.0,
            Key::New(place) => self.lines[place],
        }
    }

    fn row(&self, key: Key<CommissionRowId>) -> CommissionRowId {
        match key {
            Key::Known(id) => id,
            Key::New(place) => CommissionRowId(self.rows[place]),
        }
    }
}

/// Writes everything and gives the ids of the events, in their order.
pub fn write(
    conn: &mut PgConnection,
    writes: &Writes,
    made_by: MadeBy,
) -> Result<Vec<OrderEventId>, AppError> {
    let ids = Ids {
        orders: next_ids(conn, "orders", writes.orders.len())?,
        lines: next_ids(conn, "order_lines", writes.lines)?,
        events: next_ids(conn, "order_events", writes.events.len())?,
        credits: next_ids(conn, "order_credits", writes.credits.len())?,
        rows: next_ids(conn, "commission_rows", writes.rows.len())?,
    };
    orders(conn, writes, &ids)?;
    lines(conn, writes, &ids)?;
    events(conn, writes, &ids, made_by)?;
    returned(conn, writes, &ids)?;
    credits(conn, writes, &ids)?;
    rows(conn, writes, &ids)?;
    entries(conn, writes, &ids)?;
    Ok(ids.events.into_iter().map(OrderEventId).collect())
}

/// A list as the array of one column.
fn column<'a, T, C>(list: &'a [T], of: impl FnMut(&'a T) -> C) -> Vec<C> {
    list.iter().map(of).collect()
}

fn orders(conn: &mut PgConnection, writes: &Writes, ids: &Ids) -> Result<(), AppError> {
    for (orders, ids) in writes.orders.chunks(CHUNK).zip(ids.orders.chunks(CHUNK)) {
        sql_query(
            "INSERT INTO orders (id, number, contact_id, ordered_at, ordered_on, currency, shipping_minor, tax_minor, total,
                                 paid_in_full, visitor_id, address, source, content_hash, coupon)
             SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        )
        .bind::<Array<BigInt>, _>(ids)
        .bind::<Array<Text>, _>(column(orders, |o| o.new.number.as_str()))
        .bind::<Array<Nullable<BigInt>>, _>(column(orders, |o| o.new.contact))
        .bind::<Array<Timestamptz>, _>(column(orders, |o| o.new.ordered_at.trunc_subsecs(6)))
        .bind::<Array<Date>, _>(column(orders, |o| o.ordered_on))
        .bind::<Array<Text>, _>(column(orders, |o| o.currency.code()))
        .bind::<Array<BigInt>, _>(column(orders, |o| o.new.shipping))
        .bind::<Array<BigInt>, _>(column(orders, |o| o.new.tax))
        .bind::<Array<Numeric>, _>(column(orders, |o| o.total))
        .bind::<Array<Bool>, _>(column(orders, |o| o.new.paid_in_full))
        .bind::<Array<Nullable<BigInt>>, _>(column(orders, |o| o.new.visitor))
        .bind::<Array<Nullable<Text>>, _>(column(orders, |o| o.new.address.as_deref()))
        .bind::<Array<Text>, _>(column(orders, |o| o.new.source.word()))
        .bind::<Array<Bytea>, _>(column(orders, |o| o.new.content_hash.to_vec()))
        .bind::<Array<Text>, _>(column(orders, |o| o.new.coupon.as_deref().unwrap_or_default()))
        .execute(conn)
        .map_err(explain)?;
    }
    Ok(())
}

/// Two that record the same number at the same moment both see it free; the index tells the second.
fn explain(error: Error) -> AppError {
    match &error {
        Error::DatabaseError(DatabaseErrorKind::UniqueViolation, what)
            if what.constraint_name() == Some("orders_one_per_number") =>
        {
            AppError::refused(
                "There is an order of that number already: it was recorded a moment ago. Nothing more was recorded.",
            )
        }
        _ => error.into(),
    }
}

fn lines(conn: &mut PgConnection, writes: &Writes, ids: &Ids) -> Result<(), AppError> {
    let lines: Vec<_> = writes
        .orders
        .iter()
        .zip(&ids.orders)
        .flat_map(|(order, id)| {
            let parts = order.new.lines.iter().zip(&order.bases).zip(&order.commissionable);
            parts
                .zip(1_i32..)
                .map(move |(((line, base), commissionable), number)| (id, number, line, base, commissionable))
        })
        .collect();
    for (lines, ids) in lines.chunks(CHUNK).zip(ids.lines.chunks(CHUNK)) {
        sql_query(
            "INSERT INTO order_lines (id, order_id, number, product_id, description, quantity, unit_price, discount_minor, base, commissionable)
             SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind::<Array<BigInt>, _>(ids)
        .bind::<Array<BigInt>, _>(column(lines, |l| *l.0))
        .bind::<Array<Integer>, _>(column(lines, |l| l.1))
        .bind::<Array<BigInt>, _>(column(lines, |l| l.2.product))
        .bind::<Array<Nullable<Text>>, _>(column(lines, |l| l.2.description.as_deref()))
        .bind::<Array<Numeric>, _>(column(lines, |l| l.2.quantity))
        .bind::<Array<Numeric>, _>(column(lines, |l| l.2.unit_price))
        .bind::<Array<BigInt>, _>(column(lines, |l| l.2.discount))
        .bind::<Array<Numeric>, _>(column(lines, |l| *l.3))
        .bind::<Array<Bool>, _>(column(lines, |l| *l.4))
        .execute(conn)?;
    }
    Ok(())
}

fn events(conn: &mut PgConnection, writes: &Writes, ids: &Ids, made_by: MadeBy) -> Result<(), AppError> {
    for (events, event_ids) in writes.events.chunks(CHUNK).zip(ids.events.chunks(CHUNK)) {
        sql_query(
            "INSERT INTO order_events (id, order_id, kind, happened_at, dated_on, amount_minor, names_lines, reference, reason, made_by, api_key_id)
             SELECT new.*, $10, $11 FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) AS new",
        )
        .bind::<Array<BigInt>, _>(event_ids)
        .bind::<Array<BigInt>, _>(column(events, |e| ids.order(e.order)))
        .bind::<Array<Text>, _>(column(events, |e| e.kind))
        .bind::<Array<Timestamptz>, _>(column(events, |e| e.happened_at.trunc_subsecs(6)))
        .bind::<Array<Date>, _>(column(events, |e| e.dated_on))
        .bind::<Array<BigInt>, _>(column(events, |e| e.amount))
        .bind::<Array<Bool>, _>(column(events, |e| e.names_lines))
        .bind::<Array<Text>, _>(column(events, |e| e.reference.as_str()))
        .bind::<Array<Text>, _>(column(events, |e| e.reason.as_str()))
        .bind::<Nullable<BigInt>, _>(made_by.user)
        .bind::<Nullable<BigInt>, _>(made_by.api_key)
        .execute(conn)?;
    }
    Ok(())
}

fn returned(conn: &mut PgConnection, writes: &Writes, ids: &Ids) -> Result<(), AppError> {
    for returned in writes.returned.chunks(CHUNK) {
        // A refund may name a line twice: its quantities add up.
        sql_query(
            "INSERT INTO returned_lines (order_event_id, order_line_id, quantity)
             SELECT event_id, line_id, sum(quantity) FROM unnest($1, $2, $3) AS new (event_id, line_id, quantity)
              GROUP BY event_id, line_id",
        )
        .bind::<Array<BigInt>, _>(column(returned, |r| ids.events[r.0]))
        .bind::<Array<BigInt>, _>(column(returned, |r| ids.line(r.1)))
        .bind::<Array<Numeric>, _>(column(returned, |r| r.2))
        .execute(conn)?;
    }
    Ok(())
}

fn credits(conn: &mut PgConnection, writes: &Writes, ids: &Ids) -> Result<(), AppError> {
    for (credits, credit_ids) in writes.credits.chunks(CHUNK).zip(ids.credits.chunks(CHUNK)) {
        sql_query(
            "INSERT INTO order_credits (id, order_id, order_event_id, number, lead_partner_id, sale_partner_id, step, why)
             SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind::<Array<BigInt>, _>(credit_ids)
        .bind::<Array<BigInt>, _>(column(credits, |c| ids.order(c.order)))
        .bind::<Array<BigInt>, _>(column(credits, |c| ids.events[c.event]))
        .bind::<Array<Integer>, _>(column(credits, |c| c.number))
        .bind::<Array<Nullable<BigInt>>, _>(column(credits, |c| c.lead))
        .bind::<Array<Nullable<BigInt>>, _>(column(credits, |c| c.sale))
        .bind::<Array<Text>, _>(column(credits, |c| c.step.word()))
        .bind::<Array<Jsonb>, _>(column(credits, |c| c.why.clone()))
        .execute(conn)?;
    }
    Ok(())
}

fn rows(conn: &mut PgConnection, writes: &Writes, ids: &Ids) -> Result<(), AppError> {
    for (rows, row_ids) in writes.rows.chunks(CHUNK).zip(ids.rows.chunks(CHUNK)) {
        sql_query(
            "INSERT INTO commission_rows (id, order_credit_id, order_line_id, program_version_id, rule_id, payout, role, level,
                                          partner_id, base, quantity, percent, amount_minor, full_minor)
             SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        )
        .bind::<Array<BigInt>, _>(row_ids)
        .bind::<Array<BigInt>, _>(column(rows, |r| ids.credits[r.credit]))
        .bind::<Array<Nullable<BigInt>>, _>(column(rows, |r| r.line.map(|line| ids.line(line))))
        .bind::<Array<BigInt>, _>(column(rows, |r| r.row.program_version))
        .bind::<Array<BigInt>, _>(column(rows, |r| r.row.rule))
        .bind::<Array<Text>, _>(column(rows, |r| r.row.payout.word()))
        .bind::<Array<Text>, _>(column(rows, |r| r.row.role.word()))
        .bind::<Array<SmallInt>, _>(column(rows, |r| r.row.level.number()))
        .bind::<Array<BigInt>, _>(column(rows, |r| r.row.partner))
        .bind::<Array<Numeric>, _>(column(rows, |r| r.base))
        .bind::<Array<Numeric>, _>(column(rows, |r| r.row.quantity))
        .bind::<Array<Numeric>, _>(column(rows, |r| r.row.percent.decimal()))
        .bind::<Array<BigInt>, _>(column(rows, |r| r.row.amount))
        .bind::<Array<BigInt>, _>(column(rows, |r| r.row.full))
        .execute(conn)?;
    }
    let under_rule: Vec<(i64, i64)> = writes
        .rows
        .iter()
        .zip(&ids.rows)
        .flat_map(|(row, id)| row.under_rule.iter().map(|line| (*id, ids.line(*line))))
        .collect();
    for pairs in under_rule.chunks(CHUNK) {
        sql_query("INSERT INTO commission_row_lines (commission_row_id, order_line_id) SELECT * FROM unnest($1, $2)")
            .bind::<Array<BigInt>, _>(column(pairs, |pair| pair.0))
            .bind::<Array<BigInt>, _>(column(pairs, |pair| pair.1))
            .execute(conn)?;
    }
    Ok(())
}

fn entries(conn: &mut PgConnection, writes: &Writes, ids: &Ids) -> Result<(), AppError> {
    let mut partners = column(&writes.entries, |entry| entry.partner);
    partners.sort_unstable();
    partners.dedup();
    let accounts = book::accounts_of(conn, &partners)?;
    let entries = writes
        .entries
        .iter()
        .map(|entry| {
            Ok(NewEntry {
                account: *accounts.get(&entry.partner).context("a partner without an account")?,
                kind: if entry.amount.is_positive() { EntryKind::Commission } else { EntryKind::Clawback },
                on_account: false,
                amount: entry.amount,
                dated_on: entry.dated_on,
                cause: Some((ids.row(entry.row), OrderEventId(ids.events[entry.event]))),
                voids: None,
            })
        })
        .collect::<Result<Vec<NewEntry>, AppError>>()?;
    book::record(conn, &entries)?;
    Ok(())
}
