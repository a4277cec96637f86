//! Recording what happened to orders: one order on a page, or twenty thousand of a file, by the same
//! steps. Read what matters, let the rules decide, write it all at once.

use super::known::{Known, learn};
use super::queries::{self, DraftCredit, DraftEntry, DraftEvent, DraftOrder, DraftRow, Key, LineKey, Writes};
use super::{EventKind, MadeBy, NewEvent, NewOrder, OrderEvent};
use crate::book;
use crate::domain::attribution::{self, Credit, Step, Why};
use crate::domain::clawback::RowTerms;
use crate::domain::commission::{self, Lineage, Row, Scope, SoldLine};
use crate::domain::ids::{CommissionRowId, OrderEventId, OrderId, PartnerId, WebFormId};
use crate::domain::money::{AmountProblem, Exact, Money, to_decimal};
use crate::domain::order::{Change, HeldRow, Line, Order};
use crate::domain::period::business_date;
use crate::domain::settings::PayoutRules;
use crate::error::AppError;
use crate::selling::tracking;
use anyhow::Context as _;
use chrono::NaiveDate;
use diesel::PgConnection;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// The story that an order keeps of its credit: ids and times, no names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Story {
    #[serde(flatten)]
    pub why: Why,
    /// The lead partner and those above it, as they stood.
    pub lead: Option<Lineage>,
    /// The sale partner and those above it, as they stood.
    pub sale: Option<Lineage>,
    /// Who said who the sale partner is; none: it is the lead partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sold_by: Option<SoldBy>,
    /// What was paid for, when it was recorded.
    pub payout: PayoutRules,
}

/// Who said who the sale partner of an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SoldBy {
    /// The order, or whoever credited it to another.
    Named,
    /// The record of its contact, which somebody has edited.
    Contact,
    /// The form by which its contact came.
    Form(WebFormId),
}

/// An order that is being worked on.
struct File {
    id: Key<OrderId>,
    lines: Vec<LineKey>,
    sold: Vec<SoldLine>,
    credits: i32,
    order: Order<Key<CommissionRowId>>,
}

/// Records what happened, in the order given, each after the one before. Gives the event of each.
/// Locks the orders, then the accounts. Refused, with nothing recorded, where an order number is
/// taken or unknown, or an amount beyond what can be kept.
pub fn record(
    conn: &mut PgConnection,
    events: &[OrderEvent],
    made_by: impl Into<MadeBy>,
) -> Result<Vec<OrderEventId>, AppError> {
    let made_by = made_by.into();
    let parts = split_at_visitors(events);
    if parts.len() > 1 {
        // Parts that lock one after the other what they need would cross with whoever locks in order:
        // first the orders, then the accounts, each by id.
        let named = events.iter().filter_map(|event| match event {
            OrderEvent::Happened(event) => Some(event.order.as_str()),
            OrderEvent::Placed(_) => None,
        });
        lock_before_parts(conn, &named.collect())?;
    }
    let mut ids = Vec::with_capacity(events.len());
    for together in parts {
        ids.extend(record_together(conn, together, made_by)?);
    }
    Ok(ids)
}

/// Locks these orders, by their numbers, and then all accounts: for those who record in several parts.
pub fn lock_before_parts(conn: &mut PgConnection, orders: &HashSet<&str>) -> Result<(), AppError> {
    queries::lock_orders(conn, orders)?;
    book::lock_all_accounts(conn)
}

/// An order that comes with a visitor makes clicks into referrals before it is credited; those must
/// not be seen by orders recorded before it. So such an order starts a part of its own.
fn split_at_visitors(events: &[OrderEvent]) -> Vec<&[OrderEvent]> {
    let starts = |event: &OrderEvent| matches!(event, OrderEvent::Placed(order) if order.visitor.is_some());
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, event) in events.iter().enumerate() {
        if at > from && starts(event) {
            parts.push(&events[from..at]);
            from = at;
        }
    }
    if from < events.len() {
        parts.push(&events[from..]);
    }
    parts
}

fn record_together(
    conn: &mut PgConnection,
    events: &[OrderEvent],
    made_by: MadeBy,
) -> Result<Vec<OrderEventId>, AppError> {
    for event in events {
        if let OrderEvent::Placed(NewOrder { visitor: Some(visitor), contact: Some(contact), .. }) = event {
            tracking::identify(conn, *visitor, *contact)?;
        }
    }
    let mut files = open_files(conn, events)?;
    let known = learn(conn, events)?;
    let mut writes = Writes::default();
    for event in events {
        match event {
            OrderEvent::Placed(order) => {
                let file = place(order, &known, &mut writes)?;
                files.insert(order.number.clone(), file);
            }
            OrderEvent::Happened(event) => {
                let file = files
                    .get_mut(&event.order)
                    .ok_or_else(|| AppError::not_found(format!("order {:?}", event.order)))?;
                happen(event, file, &known, &mut writes)?;
            }
        }
    }
    queries::write(conn, &writes, made_by)
}

/// Locks and reads the orders that something happened to; sees to it that new numbers are new.
fn open_files(conn: &mut PgConnection, events: &[OrderEvent]) -> Result<HashMap<String, File>, AppError> {
    let mut placed = HashSet::new();
    let mut earlier = HashSet::new();
    for event in events {
        match event {
            OrderEvent::Placed(order) => {
                if !placed.insert(order.number.as_str()) {
                    return Err(taken(&order.number));
                }
            }
            OrderEvent::Happened(event) if !placed.contains(event.order.as_str()) => {
                earlier.insert(event.order.as_str());
            }
            OrderEvent::Happened(_) => {}
        }
    }
    if let Some(number) = queries::known_numbers(conn, &placed)?.into_iter().next() {
        return Err(taken(&number));
    }
    let ids = queries::lock_orders(conn, &earlier)?;
    let stored = queries::load(conn, &ids)?;
    Ok(stored
        .into_iter()
        .map(|stored| {
            let file = File {
                id: Key::Known(stored.id),
                lines: stored.lines.iter().map(|id| Key::Known(*id)).collect(),
                sold: stored.sold,
                credits: stored.credits,
                order: stored.order.with_keys(Key::Known),
            };
            (stored.number, file)
        })
        .collect())
}

fn taken(number: &str) -> AppError {
    AppError::Refused(format!("There is an order {number:?} already. Order numbers are used once."))
}

/// An order is placed: credited, valued, and what it earns at once is booked.
fn place(new: &NewOrder, known: &Known, writes: &mut Writes) -> Result<File, AppError> {
    let currency = known.place.currency;
    let sold: Vec<SoldLine> = new
        .lines
        .iter()
        .map(|line| SoldLine {
            product: line.product,
            quantity: line.quantity,
            unit_price: line.unit_price,
            discount: line.discount,
            commissionable: line.commissionable
                && known.commissionable.get(&line.product).copied().unwrap_or(true),
        })
        .collect();
    let total = commission::order_total(&sold, new.shipping, new.tax, currency);
    let bases: Vec<Exact> = sold.iter().map(|line| commission::base(line, currency)).collect();
    let ordered_on = business_date(new.ordered_at, known.place.zone);
    let order = writes.orders.len();
    let first_line = writes.lines;
    writes.lines += sold.len();
    writes.orders.push(DraftOrder {
        new: new.clone(),
        currency,
        ordered_on,
        total: kept_exactly(&total)?,
        bases: bases.iter().map(kept_exactly).collect::<Result<_, _>>()?,
        commissionable: sold.iter().map(|line| line.commissionable).collect(),
    });
    let mut file = File {
        id: Key::New(order),
        lines: (first_line..writes.lines).map(Key::New).collect(),
        order: Order {
            currency,
            lines: bases
                .into_iter()
                .zip(&sold)
                .map(|(base, line)| Line { base, quantity: line.quantity, returned: Default::default() })
                .collect(),
            total,
            paid_in_full: new.paid_in_full,
            received: Money::ZERO,
            given_back: Money::ZERO,
            refunded_without_lines: Money::ZERO,
            cancelled: false,
            rows: Vec::new(),
        },
        sold,
        credits: 0,
    };
    let event = writes.events.len();
    writes.events.push(DraftEvent {
        order: file.id,
        kind: "placed",
        happened_at: new.ordered_at,
        dated_on: ordered_on,
        amount: Money::ZERO,
        names_lines: false,
        reference: String::new(),
        reason: new.note.clone(),
    });
    let credit = attribution::credit(&known.question(new), known.defaults.tracking, |partner| {
        known.is_active(partner)
    });
    credit_file(&mut file, event, credit, known.sale(new), known, writes)?;
    book(&mut file, event, ordered_on, writes);
    Ok(file)
}

/// Something happens to an order that is there.
fn happen(event: &NewEvent, file: &mut File, known: &Known, writes: &mut Writes) -> Result<(), AppError> {
    let dated_on = business_date(event.happened_at, known.place.zone);
    let place = writes.events.len();
    let (amount, names_lines) = match &event.kind {
        EventKind::CustomerPayment(amount) => (*amount, false),
        EventKind::Refund { lines, amount } => (*amount, !lines.is_empty()),
        EventKind::Cancelled | EventKind::Credited { .. } => (Money::ZERO, false),
    };
    writes.events.push(DraftEvent {
        order: file.id,
        kind: event.kind.word(),
        happened_at: event.happened_at,
        dated_on,
        amount,
        names_lines,
        reference: event.reference.clone(),
        reason: event.reason.clone(),
    });
    if file.order.cancelled {
        return Err(AppError::Refused(format!(
            "Order {:?} is cancelled: nothing more can happen to it.",
            event.order
        )));
    }
    match &event.kind {
        EventKind::CustomerPayment(amount) => file.order.apply(&Change::Received(*amount)),
        EventKind::Refund { lines, amount } => {
            let mut back = Vec::with_capacity(lines.len());
            for (number, quantity) in lines {
                let position =
                    usize::try_from(*number - 1).ok().filter(|position| *position < file.lines.len());
                let position = position.ok_or_else(|| {
                    AppError::Refused(format!("Order {:?} has no line {number}.", event.order))
                })?;
                writes.returned.push((place, file.lines[position], *quantity));
                back.push((position, *quantity));
            }
            file.order.apply(&Change::GivenBack { lines: back, amount: *amount });
        }
        EventKind::Cancelled => file.order.apply(&Change::Cancelled),
        EventKind::Credited { partner, sale_partner } => {
            file.order.retire_rows();
            let why = Why {
                step: Step::Named,
                rules: known.defaults.tracking,
                had_visitor: false,
                had_address: false,
                coupons: Vec::new(),
                candidates: Vec::new(),
                omitted: 0,
            };
            let credit = Credit { partner: Some(*partner), why };
            let sale = sale_partner.map(|partner| (partner, SoldBy::Named));
            credit_file(file, place, credit, sale, known, writes)?;
        }
    }
    book(file, place, dated_on, writes);
    Ok(())
}

/// Writes down who is credited, and the commission rows that follow.
fn credit_file(
    file: &mut File,
    event: usize,
    credit: Credit,
    sale: Option<(PartnerId, SoldBy)>,
    known: &Known,
    writes: &mut Writes,
) -> Result<(), AppError> {
    let lead = known.lineage(credit.partner)?;
    let (sale_partner, sold_by) = sale.unzip();
    let sale = known.lineage(sale_partner.or(credit.partner))?;
    let rows = commission::rows(
        &file.sold,
        lead.as_ref(),
        sale.as_ref(),
        |partner| known.enrolled(partner),
        known.defaults.payout,
        known.place.currency,
    )
    .map_err(too_large)?;
    file.credits += 1;
    let place = writes.credits.len();
    let step = credit.why.step;
    let story = Story { why: credit.why, lead, sale, sold_by, payout: known.defaults.payout };
    writes.credits.push(DraftCredit {
        order: file.id,
        event,
        number: file.credits,
        lead: lead.map(|lineage| lineage.own.partner),
        sale: sale.map(|lineage| lineage.own.partner),
        step,
        why: serde_json::to_value(&story).context("the story of a credit")?,
    });
    for row in rows {
        keep_row(file, place, row, writes)?;
    }
    Ok(())
}

fn keep_row(file: &mut File, credit: usize, row: Row, writes: &mut Writes) -> Result<(), AppError> {
    let (line, positions) = match &row.scope {
        Scope::Line(position) => (Some(file.lines[*position]), vec![*position]),
        Scope::Order(positions) => (None, positions.clone()),
    };
    file.order.rows.push(HeldRow {
        key: Key::New(writes.rows.len()),
        partner: row.partner,
        terms: RowTerms { full: row.full, payout: row.payout, lines: positions.clone(), retired: false },
        held: Money::ZERO,
    });
    let under_rule =
        if line.is_none() { positions.iter().map(|at| file.lines[*at]).collect() } else { Vec::new() };
    writes.rows.push(DraftRow { credit, line, under_rule, base: kept_exactly(&row.base)?, row });
    Ok(())
}

/// Books what brings every row to its target.
fn book(file: &mut File, event: usize, dated_on: NaiveDate, writes: &mut Writes) {
    for correction in file.order.settle() {
        writes.entries.push(DraftEntry {
            partner: correction.partner,
            row: correction.key,
            event,
            amount: correction.amount,
            dated_on,
        });
    }
}

fn kept_exactly(value: &Exact) -> Result<rust_decimal::Decimal, AppError> {
    to_decimal(value, 10).ok_or_else(|| too_large(AmountProblem::TooLarge))
}

fn too_large(problem: AmountProblem) -> AppError {
    AppError::Refused(format!("An amount of the order {problem}: more than can be kept."))
}
