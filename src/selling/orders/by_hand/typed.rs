//! Figures and days as they are typed into the forms of orders.

use crate::domain::commission::{PRICE_DECIMALS, PRICE_LIMIT, QUANTITY_DECIMALS, QUANTITY_LIMIT};
use crate::domain::ids::PartnerId;
use crate::domain::money::{AmountProblem, Currency, Money, parse_decimal};
use crate::domain::typed::Trimmed;
use crate::error::AppError;
use crate::people::partners;
use crate::web::forms::Problems;
use diesel::PgConnection;
use rust_decimal::Decimal;

/// Reads how many units a line sold.
pub fn quantity(typed: &str, currency: Currency) -> Result<Decimal, String> {
    match number(typed, QUANTITY_DECIMALS, QUANTITY_LIMIT, currency)? {
        zero if zero.is_zero() => Err("is zero: take the line out".into()),
        negative if negative.is_sign_negative() => {
            Err("is below zero: what comes back is recorded as a return, on the order's page".into())
        }
        quantity => Ok(quantity),
    }
}

/// Reads the price of a unit; it may be below zero.
pub fn price(typed: &str, currency: Currency) -> Result<Decimal, String> {
    number(typed, PRICE_DECIMALS, PRICE_LIMIT, currency)
}

/// Reads a number with at most so many decimals, nearer to zero than the limit.
pub fn number(typed: &str, decimals: u32, limit: i64, currency: Currency) -> Result<Decimal, String> {
    let value = parse_decimal(typed, decimals).map_err(|problem| figure_alone(typed, problem, currency))?;
    if value.abs() >= Decimal::from(limit) {
        return Err(AmountProblem::TooLarge.to_string());
    }
    Ok(value)
}

/// Reads an amount of money that is zero or more; nothing typed is nothing.
pub fn money_or_none(typed: &str, currency: Currency) -> Result<Money, String> {
    if typed.trimmed().is_empty() {
        return Ok(Money::ZERO);
    }
    let amount = Money::parse(typed, currency).map_err(|problem| figure_alone(typed, problem, currency))?;
    if amount.is_negative() {
        return Err("may not be below zero".into());
    }
    Ok(amount)
}

/// Reads an amount of money above zero.
pub fn money(typed: &str, currency: Currency) -> Result<Money, String> {
    if typed.trimmed().is_empty() {
        return Err(AmountProblem::Missing.to_string());
    }
    match money_or_none(typed, currency)? {
        amount if amount.is_zero() => Err("is zero: nothing would be recorded".into()),
        amount => Ok(amount),
    }
}

/// What is wrong with a figure. Who writes a currency beside it is told which it is.
fn figure_alone(typed: &str, problem: AmountProblem, currency: Currency) -> String {
    let has_sign = typed.chars().any(|c| c.is_alphabetic() || "$€£¥₹₩₽₺₫₴₦".contains(c));
    match problem {
        AmountProblem::NotANumber if has_sign => {
            format!(
                "is not a plain number: amounts are in {}, write the figure alone, like 1234.50",
                currency.code()
            )
        }
        problem => problem.to_string(),
    }
}

/// Notes what is wrong with a field as a sentence, and gives what was read.
pub fn note<T>(problems: &mut Problems, field: String, label: &str, read: Result<T, String>) -> Option<T> {
    read.map_err(|problem| problems.add(field, format!("{label} {problem}."))).ok()
}

/// The partner of a code that was typed into a field; none where nothing was typed.
pub fn partner(
    conn: &mut PgConnection,
    problems: &mut Problems,
    field: &'static str,
    code: &str,
) -> Result<Option<PartnerId>, AppError> {
    let code = code.trimmed().to_lowercase();
    if code.is_empty() {
        return Ok(None);
    }
    let found = if partners::is_code(&code) {
        partners::by_code(conn, std::slice::from_ref(&code))?.remove(&code)
    } else {
        None
    };
    if found.is_none() {
        problems.add(field, "No partner has this code. Type a part of the code or the name and choose.");
    }
    Ok(found)
}
