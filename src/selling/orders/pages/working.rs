//! How a commission was worked out, in figures: what a row is worth, and why each of its entries
//! brought it to what it holds. The figures are the ledger's; the workings are told from the order
//! as it stood after each event (spec 4.2–4.6).

use crate::domain::ids::{CommissionRowId, OrderEventId, OrderLineId};
use crate::domain::money::{Currency, Exact, Money, exact, round};
use crate::domain::program::Payout;
use crate::selling::orders::queries::{CreditFile, EventRow, LineRow, OrderFile, RowRow};
use chrono::NaiveDate;
use num_traits::{One, Signed, Zero};
use rust_decimal::Decimal;
use std::collections::HashMap;

/// One entry of the ledger, with its working.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub dated_on: NaiveDate,
    pub amount: Money,
    /// What the row holds with it.
    pub holds: Money,
    /// It gave all that the row is worth as soon as the row was made.
    pub at_once: bool,
    /// Why: `1 of 3 returned: 7.50 × 2 ÷ 3 = 5.00, had 7.50`. Empty where the row's own working
    /// says it all.
    pub words: String,
}

/// What a row is worth: `3 × 19.99 × 12.5 % + 3 × 2.00`.
pub fn of_row(row: &RowRow, line: Option<&LineRow>, currency: Currency) -> String {
    let Some(line) = line else {
        return format!("{} once for the order", row.amount_minor.grouped(currency));
    };
    let mut parts = Vec::new();
    if !row.percent.is_zero() {
        parts.push(format!("{} × {} %", base(line, currency), row.percent));
    }
    if !row.amount_minor.is_zero() {
        parts.push(times(row.quantity, row.amount_minor.grouped(currency)));
    }
    parts.join(" + ")
}

/// `3 × 19.99`, `(1,140.00 − 57.00)`
fn base(line: &LineRow, currency: Currency) -> String {
    let price = times(line.quantity, number(line.unit_price, currency.minor_units()));
    let discount = line.discount_minor;
    match discount.minor().signum() {
        0 => price,
        sign => {
            let sign = if sign > 0 { "−" } else { "+" };
            format!("({price} {sign} {})", discount.abs().grouped(currency))
        }
    }
}

fn times(quantity: Decimal, each: String) -> String {
    if quantity == Decimal::ONE { each } else { format!("{} × {each}", number(quantity, 0)) }
}

/// A number as tables show it, with at least so many decimals and all that it has.
pub fn number(value: Decimal, least_decimals: u32) -> String {
    let value = value.normalize();
    let digits = value.abs().to_string();
    let (whole, decimals) = digits.split_once('.').unwrap_or((&digits, ""));
    let whole = crate::web::html::count(whole.parse::<i64>().unwrap_or(i64::MAX));
    let sign = if value.is_sign_negative() && !value.is_zero() { "\u{2212}" } else { "" };
    let width = usize::try_from(least_decimals).unwrap_or(0);
    if decimals.is_empty() && width == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{decimals:0<width$}")
}

/// An exact amount as tables show it; *about* where it has more decimals than the currency.
fn amount(value: &Exact, currency: Currency) -> String {
    match round(value, currency) {
        Ok(rounded) if rounded.exact(currency) == *value => rounded.grouped(currency),
        Ok(rounded) => format!("about {}", rounded.grouped(currency)),
        Err(_) => "more than can be shown".into(),
    }
}

/// The order as it stood after an event.
struct Moment<'a> {
    file: &'a OrderFile,
    places: HashMap<OrderLineId, usize>,
    currency: Currency,
    /// Of each line, as said.
    returned: Vec<Decimal>,
    received: Exact,
    given_back: Exact,
    /// R
    without_lines: Exact,
}

/// A share as figures: what is left of how much.
struct Share {
    value: Exact,
    left: String,
    gone: String,
    whole: String,
    whole_is_positive: bool,
}

/// The entries of these rows with their workings, by row, in the order of recording.
pub fn of_entries(
    file: &OrderFile,
    credit: &CreditFile,
    rows: &[&RowRow],
    currency: Currency,
) -> HashMap<CommissionRowId, Vec<Told>> {
    let mut by_event: HashMap<OrderEventId, Vec<(&RowRow, Money, NaiveDate)>> = HashMap::new();
    for row in rows {
        for entry in credit.entries.get(&row.id).into_iter().flatten() {
            by_event.entry(entry.event_id).or_default().push((*row, entry.amount_minor, entry.dated_on));
        }
    }
    let mut told: HashMap<CommissionRowId, Vec<Told>> = HashMap::new();
    let mut moment = Moment::before(file, currency);
    for event in &file.events {
        moment.apply(event);
        for (row, amount, dated_on) in by_event.remove(&event.id).into_iter().flatten() {
            let entries = told.entry(row.id).or_default();
            let had = entries.last().map_or(Money::ZERO, |last| last.holds);
            let holds = had + amount;
            let words = moment.words(row, event, credit.event, had, holds);
            let at_once = event.id == credit.event && holds == row.full_minor;
            entries.push(Told { dated_on, amount, holds, at_once, words });
        }
    }
    told
}

impl<'a> Moment<'a> {
    fn before(file: &'a OrderFile, currency: Currency) -> Moment<'a> {
        let paid_with_order = if file.head.paid_in_full { exact(file.head.total) } else { Exact::zero() };
        Moment {
            file,
            places: file.lines.iter().enumerate().map(|(place, line)| (line.id, place)).collect(),
            currency,
            returned: vec![Decimal::ZERO; file.lines.len()],
            received: paid_with_order,
            given_back: Exact::zero(),
            without_lines: Exact::zero(),
        }
    }

    fn apply(&mut self, event: &EventRow) {
        let money = event.amount_minor.exact(self.currency);
        match event.kind.as_str() {
            "customer_payment" => self.received += money,
            "refund" => {
                if !event.names_lines {
                    self.without_lines += &money;
                }
                self.given_back += money;
                let file = self.file;
                for returned in file.returned.iter().filter(|returned| returned.event_id == event.id) {
                    if let Some(place) = self.places.get(&returned.line_id) {
                        self.returned[*place] += returned.quantity;
                    }
                }
            }
            _ => {}
        }
    }

    /// Why a row holds now what it holds.
    fn words(&self, row: &RowRow, event: &EventRow, made: OrderEventId, had: Money, holds: Money) -> String {
        let figure = |money: Money| money.grouped(self.currency);
        let all_gone = |why: &str| format!("{why}: all of it is taken back, had {}", figure(had));
        match event.kind.as_str() {
            "cancelled" => return all_gone("The order was cancelled"),
            "credited" if event.id != made => return all_gone("Another partner was credited"),
            _ => {}
        }
        let kept = self.kept(row);
        let (reasons, factors) = match row.payout {
            _ if kept.value.is_zero() => return all_gone(&kept.told().0.join(", ")),
            Payout::UpFront => self.up_front(&kept),
            Payout::OnPayment => self.on_payment(&kept),
        };
        if reasons.is_empty() {
            return String::new();
        }
        let had = if had.is_zero() { String::new() } else { format!(", had {}", figure(had)) };
        let (reasons, full) = (reasons.join(", "), figure(row.full_minor));
        if factors.is_empty() {
            return format!("{reasons}: all of {full}{had}");
        }
        format!("{reasons}: {full} × {} = {}{had}", factors.join(" × "), figure(holds))
    }

    /// Credit in full: kept − R ÷ X, and why.
    fn up_front(&self, kept: &Share) -> (Vec<String>, Vec<String>) {
        let (mut reasons, mut factors) = kept.told();
        let total = exact(self.file.head.total);
        if self.without_lines.is_positive() && total.is_positive() {
            let (back, of) = (amount(&self.without_lines, self.currency), amount(&total, self.currency));
            let left = factors.pop().unwrap_or_else(|| "1".into());
            let below = if kept.value < &self.without_lines / &total { ", never below 0" } else { "" };
            factors.push(format!("({left} − {back} ÷ {of}{below})"));
            reasons.push(format!("{back} of {of} refunded"));
        }
        (reasons, factors)
    }

    /// Credit on customer payment: kept × paid, and why.
    fn on_payment(&self, kept: &Share) -> (Vec<String>, Vec<String>) {
        let (mut reasons, mut factors) = kept.told();
        let paid = self.paid();
        if paid.whole_is_positive {
            reasons.push(format!("{} of {} paid", paid.left, paid.whole));
            if !paid.value.is_one() {
                factors.push(paid.fraction());
            }
        } else {
            reasons.push("nothing to be paid for the order".into());
        }
        (reasons, factors)
    }

    /// What is kept of the row's lines.
    fn kept(&self, row: &RowRow) -> Share {
        let place = row.line_id.and_then(|line| self.places.get(&line)).copied();
        if let Some((line, returned)) = place.map(|place| (&self.file.lines[place], self.returned[place])) {
            let gone = returned.min(line.quantity);
            let left = line.quantity - gone;
            return Share {
                value: exact(left) / exact(line.quantity),
                left: number(left, 0),
                gone: number(gone, 0),
                whole: number(line.quantity, 0),
                whole_is_positive: true,
            };
        }
        let under = row.under_rule.iter().filter_map(|line| self.places.get(line).copied());
        let (whole, back) = self.bases(under);
        self.money_share(&whole - &back, whole)
    }

    /// What is paid of what the customer still keeps.
    fn paid(&self) -> Share {
        let total = exact(self.file.head.total);
        let earning = (0..self.file.lines.len()).filter(|place| self.file.lines[*place].base > Decimal::ZERO);
        let (whole, back) = self.bases(earning);
        let kept = if whole.is_positive() { (&whole - back) / whole } else { Exact::zero() };
        self.money_share(&self.received - &self.given_back, total * kept)
    }

    /// The bases of these lines, and how much of them came back.
    fn bases(&self, places: impl Iterator<Item = usize>) -> (Exact, Exact) {
        let (mut whole, mut back) = (Exact::zero(), Exact::zero());
        for place in places {
            let (line, base) = (&self.file.lines[place], exact(self.file.lines[place].base));
            let gone = self.returned[place].min(line.quantity);
            if !gone.is_zero() {
                back += &base * exact(gone) / exact(line.quantity);
            }
            whole += base;
        }
        (whole, back)
    }

    fn money_share(&self, left: Exact, whole: Exact) -> Share {
        let value = match (left.is_negative(), whole.is_positive()) {
            (_, false) => Exact::one(),
            (true, true) => Exact::zero(),
            (false, true) => (&left / &whole).min(Exact::one()),
        };
        Share {
            value,
            gone: amount(&(&whole - &left), self.currency),
            left: amount(&left.max(Exact::zero()), self.currency),
            whole: amount(&whole, self.currency),
            whole_is_positive: whole.is_positive(),
        }
    }
}

impl Share {
    /// As the reason and the factor of a working; neither where all of it is left.
    fn told(&self) -> (Vec<String>, Vec<String>) {
        if self.value.is_one() {
            return (Vec::new(), Vec::new());
        }
        (vec![format!("{} of {} returned", self.gone, self.whole)], vec![self.fraction()])
    }

    fn fraction(&self) -> String {
        format!("{} ÷ {}", self.left, self.whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_thousands_and_the_decimals_that_they_need() {
        for (value, least, shown) in [
            ("3", 0, "3"),
            ("3.50", 0, "3.5"),
            ("1140", 2, "1,140.00"),
            ("0.123456", 2, "0.123456"),
            ("-19.9", 2, "\u{2212}19.90"),
            ("0", 2, "0.00"),
        ] {
            assert_eq!(number(value.parse().unwrap(), least), shown, "{value}");
        }
    }
}
