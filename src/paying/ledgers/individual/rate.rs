//! The Rate column: how an entry of an order was worked out, in a few signs. The order's page tells
//! the whole story.

use rust_decimal::Decimal;

use super::super::queries::Sale;
use crate::domain::money::{Currency, Money};
use crate::domain::program::Role;
use crate::web::html::count;

/// `348.00 × 10 %`, `2 × 348.00 × 3 %, level 2`, `1 of 3 returned, 3 × 20.00 × 10 %`.
pub fn rate(sale: &Sale, amount: Money, currency: Currency) -> String {
    let why = why(sale, amount, currency);
    let formula = formula(sale, currency);
    if why.is_empty() { formula } else { format!("{why}, {formula}") }
}

/// What happened to the order, where that is not just that it was placed.
fn why(sale: &Sale, amount: Money, currency: Currency) -> String {
    let moved = || sale.event_amount.grouped(currency);
    let total = || number(sale.order_total, currency.minor_units());
    match (sale.event.as_str(), amount.is_negative()) {
        ("customer_payment", _) => format!("{} of {} paid", moved(), total()),
        ("refund", false) => "share grown by a return".into(),
        ("refund", true) => match sale.returned {
            Some(returned) => format!("{} of {} returned", number(returned, 0), number(sale.quantity, 0)),
            None if sale.names_lines => "goods of the order returned".into(),
            None => format!("{} of {} refunded", moved(), total()),
        },
        ("cancelled", _) => "order cancelled".into(),
        ("credited", true) => "credited to another partner".into(),
        _ => String::new(),
    }
}

/// What the row is worth in full.
fn formula(sale: &Sale, currency: Currency) -> String {
    let worth = match (&sale.item, sale.unit_price) {
        (Some(_), Some(price)) => line_worth(sale, price, currency),
        _ => format!("{} once for the order", sale.amount.grouped(currency)),
    };
    let role = if sale.role == Role::Lead { ", lead" } else { "" };
    let level = match sale.level {
        0 => ", unused".into(),
        1 => String::new(),
        level => format!(", level {level}"),
    };
    format!("{worth}{level}{role}")
}

fn line_worth(sale: &Sale, price: Decimal, currency: Currency) -> String {
    let mut parts = Vec::new();
    if !sale.percent.is_zero() {
        let goods = times(sale.quantity, number(price, currency.minor_units()));
        let discount = sale.discount.unwrap_or_default();
        let goods = match discount.minor().signum() {
            0 => goods,
            1 => format!("({goods} − {})", discount.grouped(currency)),
            _ => format!("({goods} + {})", discount.abs().grouped(currency)),
        };
        parts.push(format!("{goods} × {} %", sale.percent));
    }
    if !sale.amount.is_zero() {
        parts.push(format!("{} a unit", times(sale.quantity, sale.amount.grouped(currency))));
    }
    parts.join(" + ")
}

fn times(quantity: Decimal, each: String) -> String {
    if quantity == Decimal::ONE { each } else { format!("{} × {each}", number(quantity, 0)) }
}

/// With thousands, at least so many decimals, and all that it has.
fn number(value: Decimal, least_decimals: u32) -> String {
    let digits = value.abs().normalize().to_string();
    let (whole, decimals) = digits.split_once('.').unwrap_or((&digits, ""));
    let sign = if value.is_sign_negative() && !value.is_zero() { "\u{2212}" } else { "" };
    let whole = count(whole.parse::<i64>().unwrap_or(i64::MAX));
    let width = least_decimals as usize;
    if decimals.is_empty() && width == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{decimals:0<width$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::program::Percent;

    fn sale(quantity: &str, price: &str, percent: &str) -> Sale {
        Sale::example(
            quantity.parse().unwrap(),
            price.parse().unwrap(),
            Percent::new(percent.parse().unwrap()).unwrap(),
        )
    }

    fn usd(sale: &Sale, minor: i64) -> String {
        rate(sale, Money::from_minor(minor), Currency::from_code("USD").unwrap())
    }

    #[test]
    fn a_commission_shows_its_factors() {
        assert_eq!(usd(&sale("1", "348", "10"), 3480), "348.00 × 10 %");
        assert_eq!(usd(&Sale { level: 2, ..sale("2", "348", "3") }, 2088), "2 × 348.00 × 3 %, level 2");
        assert_eq!(
            usd(&Sale { level: 0, ..sale("1.5", "0.0125", "12.5") }, 1),
            "1.5 × 0.0125 × 12.5 %, unused"
        );
        let discounted = Sale { discount: Some(Money::from_minor(5700)), ..sale("1", "1140", "10") };
        assert_eq!(usd(&discounted, 10830), "(1,140.00 − 57.00) × 10 %");
        let both = Sale { amount: Money::from_minor(150), role: Role::Lead, ..sale("2", "20", "10") };
        assert_eq!(usd(&both, 700), "2 × 20.00 × 10 % + 2 × 1.50 a unit, lead");
        let once =
            Sale { item: None, unit_price: None, amount: Money::from_minor(500), ..sale("1", "0", "0") };
        assert_eq!(usd(&once, 500), "5.00 once for the order");
    }

    #[test]
    fn what_happened_to_the_order_stands_before_it() {
        let sold = || Sale { order_total: "189".parse().unwrap(), ..sale("3", "63", "10") };
        let returned =
            Sale { event: "refund".into(), names_lines: true, returned: Some(Decimal::ONE), ..sold() };
        assert_eq!(usd(&returned, -630), "1 of 3 returned, 3 × 63.00 × 10 %");
        let refunded = Sale { event: "refund".into(), event_amount: Money::from_minor(9450), ..sold() };
        assert_eq!(usd(&refunded, -945), "94.50 of 189.00 refunded, 3 × 63.00 × 10 %");
        let paid = Sale { event: "customer_payment".into(), event_amount: Money::from_minor(9450), ..sold() };
        assert_eq!(usd(&paid, 945), "94.50 of 189.00 paid, 3 × 63.00 × 10 %");
        assert_eq!(
            usd(&Sale { event: "cancelled".into(), ..sold() }, -1890),
            "order cancelled, 3 × 63.00 × 10 %"
        );
    }
}
