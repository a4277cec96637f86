//! The lines of an order: what was sold, and how much of it came back.

use super::commissions::item;
use super::working::number;
use crate::domain::ids::{OrderEventId, OrderLineId};
use crate::domain::money::Money;
use crate::selling::orders::queries::{LineRow, OrderFile};
use crate::web::html::Format;
use crate::web::paths;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::HashMap;

/// What was sold.
pub struct Lines {
    pub lines: Vec<Line>,
    pub count: usize,
    /// The bases of all lines, with all their decimals.
    pub sum: String,
    pub shipping: Money,
    pub tax: Money,
    pub total: Money,
    pub all: String,
}

/// One line.
pub struct Line {
    pub name: String,
    pub code: String,
    pub note: String,
    /// More came back than was sold.
    pub too_much_back: bool,
    pub quantity: String,
    pub price: String,
    pub discount: Money,
    pub amount: String,
    pub amount_class: &'static str,
}

impl Lines {
    pub fn new(file: &OrderFile, format: &Format, skip: usize, take: usize) -> Lines {
        let back = returned(file);
        let days: HashMap<OrderEventId, NaiveDate> =
            file.events.iter().map(|event| (event.id, event.dated_on)).collect();
        let mut returned_on: HashMap<OrderLineId, Vec<String>> = HashMap::new();
        for returned in &file.returned {
            let day = days.get(&returned.event_id).map(|day| format.day(day)).unwrap_or_default();
            let on = returned_on.entry(returned.line_id).or_default();
            if !on.contains(&day) {
                on.push(day);
            }
        }
        let least = format.currency.minor_units();
        let line = |line: &LineRow| {
            let gone = back.get(&line.id).copied().unwrap_or_default();
            let on = returned_on.get(&line.id).map(|on| on.join(", ")).unwrap_or_default();
            let name = item(line);
            Line {
                code: if name == line.code { String::new() } else { line.code.clone() },
                name,
                note: line_note(line, gone, &on),
                too_much_back: gone > line.quantity,
                quantity: number(line.quantity, 0),
                price: number(line.unit_price, least),
                discount: line.discount_minor,
                amount: number(line.base, least),
                amount_class: if line.base < Decimal::ZERO { "neg" } else { "" },
            }
        };
        let sum: Decimal = file.lines.iter().map(|line| line.base).sum();
        Lines {
            lines: file.lines.iter().skip(skip).take(take).map(line).collect(),
            count: file.lines.len(),
            sum: number(sum, least),
            shipping: file.head.shipping_minor,
            tax: file.head.tax_minor,
            total: file.total(format.currency),
            all: paths::order_lines(file.head.id),
        }
    }
}

fn line_note(line: &LineRow, gone: Decimal, on: &str) -> String {
    let mut notes = Vec::new();
    if !gone.is_zero() {
        let more = if gone > line.quantity { ", more than was sold: counts as all of it" } else { "" };
        notes.push(format!("{} returned {on}{more}", number(gone, 0)));
    }
    if !line.commissionable {
        notes.push("not commissionable".into());
    }
    notes.join("; ")
}

/// How many units of each line came back, as said.
pub fn returned(file: &OrderFile) -> HashMap<OrderLineId, Decimal> {
    let mut back: HashMap<OrderLineId, Decimal> = HashMap::new();
    for returned in &file.returned {
        *back.entry(returned.line_id).or_default() += returned.quantity;
    }
    back
}
