//! Money from the customer and back to it, and how the order stands for it.

use super::commissions::item;
use super::lines::returned;
use super::working::number;
use crate::domain::ids::OrderEventId;
use crate::domain::money::{Currency, Exact, Money, exact, round};
use crate::selling::orders::queries::{EventRow, LineRow, OrderFile};
use crate::web::html::{Format, counted};
use chrono::NaiveDate;
use num_traits::{Signed, Zero};

/// Money from the customer, and to it.
pub struct CustomerMoney {
    pub movements: Vec<Movement>,
    pub kept: Money,
    /// How much more was given back than the whole order is worth.
    pub too_much_back: Option<Money>,
}

/// One payment, refund or return.
pub struct Movement {
    pub date: NaiveDate,
    pub what: String,
    /// Reference and reason, as they were given.
    pub note: String,
    pub amount: Money,
}

impl CustomerMoney {
    pub fn new(file: &OrderFile, format: &Format) -> CustomerMoney {
        let currency = format.currency;
        let sums = Sums::of(file, currency);
        let mut movements = Vec::new();
        if file.head.paid_in_full {
            let date = file.events.first().map(|event| event.dated_on).unwrap_or_default();
            let (what, note) = ("Paid in full with the order".to_string(), String::new());
            movements.push(Movement { date, what, note, amount: file.total(currency) });
        }
        movements.extend(file.events.iter().filter_map(|event| movement(file, event)));
        let total = exact(file.head.total);
        let whole = if total.is_positive() { total } else { Exact::zero() };
        let too_much = &sums.given_back - &whole;
        CustomerMoney {
            movements,
            kept: rounded(&(&sums.received - &sums.given_back), currency),
            too_much_back: too_much.is_positive().then(|| rounded(&too_much, currency)),
        }
    }
}

fn movement(file: &OrderFile, event: &EventRow) -> Option<Movement> {
    let (what, amount) = match event.kind.as_str() {
        "customer_payment" => ("Payment".to_string(), event.amount_minor),
        "refund" if event.names_lines => {
            (format!("Returned: {}", goods(file, event.id)), -event.amount_minor)
        }
        "refund" => ("Refund".to_string(), -event.amount_minor),
        "cancelled" => ("Cancelled".to_string(), Money::ZERO),
        _ => return None,
    };
    let by = event.made_by.as_deref().map_or(String::new(), |name| format!("by {name}"));
    let notes = [event.reference.as_str(), event.reason.as_str(), &by];
    let note = notes.into_iter().filter(|note| !note.is_empty()).collect::<Vec<_>>().join(" · ");
    Some(Movement { date: event.dated_on, what, note, amount })
}

/// What a refund gives back: the first few lines by name, the rest counted.
fn goods(file: &OrderFile, event: OrderEventId) -> String {
    let of_event: Vec<_> = file.returned.iter().filter(|returned| returned.event_id == event).collect();
    let names: Vec<String> = of_event
        .iter()
        .take(3)
        .filter_map(|returned| {
            let line = file.lines.iter().find(|line| line.id == returned.line_id)?;
            Some(format!("{} × {}", number(returned.quantity, 0), item(line)))
        })
        .collect();
    match of_event.len().saturating_sub(names.len()) {
        0 => names.join(", "),
        more => format!("{} and {}", names.join(", "), counted(more, "more line", "more lines")),
    }
}

/// How the order stands, each word with its tone.
pub fn badges(file: &OrderFile, currency: Currency) -> Vec<(&'static str, &'static str)> {
    let mut badges = Vec::new();
    let (total, sums) = (exact(file.head.total), Sums::of(file, currency));
    if total.is_positive() {
        badges.push(match &sums.received {
            received if received.is_zero() => ("Not paid", "warn"),
            received if *received < total => ("Part paid", "warn"),
            _ => ("Paid", "ok"),
        });
    }
    let back = returned(file);
    let all_back = |line: &LineRow| back.get(&line.id).is_some_and(|back| *back >= line.quantity);
    if !back.is_empty() {
        badges.push(if file.lines.iter().all(all_back) {
            ("Returned", "bad")
        } else {
            ("Partly returned", "warn")
        });
    }
    if sums.without_lines.is_positive() {
        let whole = sums.without_lines >= total;
        badges.push(if whole { ("Refunded", "bad") } else { ("Partly refunded", "warn") });
    }
    if file.events.iter().any(|event| event.kind == "cancelled") {
        badges.push(("Cancelled", "bad"));
    }
    badges
}

/// What the events say about money.
struct Sums {
    received: Exact,
    given_back: Exact,
    without_lines: Exact,
}

impl Sums {
    fn of(file: &OrderFile, currency: Currency) -> Sums {
        let sum = |wanted: fn(&EventRow) -> bool| -> Exact {
            let events = file.events.iter().filter(|event| wanted(event));
            events.map(|event| event.amount_minor).sum::<Money>().exact(currency)
        };
        let with_order = if file.head.paid_in_full { exact(file.head.total) } else { Exact::zero() };
        Sums {
            received: with_order + sum(|event| event.kind == "customer_payment"),
            given_back: sum(|event| event.kind == "refund"),
            without_lines: sum(|event| event.kind == "refund" && !event.names_lines),
        }
    }
}

fn rounded(value: &Exact, currency: Currency) -> Money {
    // What is beyond the limits was refused when it was recorded.
    round(value, currency).unwrap_or_default()
}

impl OrderFile {
    /// X, as it is written on the order.
    pub fn total(&self, currency: Currency) -> Money {
        rounded(&exact(self.head.total), currency)
    }
}
