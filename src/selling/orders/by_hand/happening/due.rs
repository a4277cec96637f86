//! What is left of an order to be paid and to be returned.

use crate::domain::money::{Currency, Exact, Money, exact, round};
use crate::selling::orders::queries::OrderFile;
use num_traits::{Signed, Zero};
use rust_decimal::Decimal;

/// How much of each line the customer still has; zero where more came back than was sold.
pub fn left(file: &OrderFile) -> Vec<Decimal> {
    let back = crate::selling::orders::pages::returned(file);
    let lines = file.lines.iter();
    lines
        .map(|line| {
            let gone = back.get(&line.id).copied().unwrap_or_default();
            (line.quantity - gone).max(Decimal::ZERO)
        })
        .collect()
}

/// What was sold for so many units of these lines, by their numbers.
pub fn worth(file: &OrderFile, lines: &[(i32, Decimal)], currency: Currency) -> Money {
    let parts = lines.iter().filter_map(|(number, quantity)| {
        let line = file.lines.iter().find(|line| line.number == *number)?;
        Some(exact(line.base) * exact(*quantity) / exact(line.quantity))
    });
    rounded(&parts.fold(Exact::zero(), |sum, part| sum + part), currency)
}

/// Money that came in and was not given back.
pub fn received(file: &OrderFile, currency: Currency) -> Money {
    let paid = if file.head.paid_in_full { file.total(currency) } else { Money::ZERO };
    paid + sum(file, "customer_payment") - sum(file, "refund")
}

/// What the customer owes for what it keeps: the kept share of the order, less what was refunded without
/// goods, less what came in. Never below zero.
pub fn due(file: &OrderFile, currency: Currency) -> Money {
    let (mut whole, mut kept) = (Exact::zero(), Exact::zero());
    for (line, left) in file.lines.iter().zip(left(file)).filter(|(line, _)| line.base > Decimal::ZERO) {
        let base = exact(line.base);
        kept += &base * exact(left) / exact(line.quantity);
        whole += base;
    }
    let total = exact(file.head.total);
    if !whole.is_positive() || !total.is_positive() {
        return Money::ZERO;
    }
    let refunds = file.events.iter().filter(|event| event.kind == "refund" && !event.names_lines);
    let without_goods: Money = refunds.map(|event| event.amount_minor).sum();
    let due = rounded(&(total * kept / whole), currency) - without_goods - received(file, currency);
    due.max(Money::ZERO)
}

fn sum(file: &OrderFile, kind: &str) -> Money {
    file.events.iter().filter(|event| event.kind == kind).map(|event| event.amount_minor).sum()
}

fn rounded(value: &Exact, currency: Currency) -> Money {
    // What is beyond the limits was refused when it was recorded.
    round(value, currency).unwrap_or_default()
}
