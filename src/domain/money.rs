//! Money: whole numbers of a currency's minor unit, and the one place that rounds.
//!
//! Shares, percents and unit prices are exact fractions ([`Exact`]) until [`round`] turns them into
//! [`Money`]: multiply first, divide once, round half away from zero, once (spec 4.5, 4.6).

use super::typed::Trimmed;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

/// An exact fraction. Prices, quantities, percents and shares of money are computed in it.
pub type Exact = BigRational;

/// The largest amount that one entry, line or total may have, in minor units: 10 trillion of a
/// currency with two decimals. Sums of a billion such entries still fit.
pub const LARGEST_MINOR: i64 = 1_000_000_000_000_000;

/// An amount of money in the currency's minor unit (cents for USD, yen for JPY). Which currency is
/// said once, by the account or the company; amounts of different currencies never meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Money(i64);

/// A currency of ISO 4217, with the number of decimals that its minor unit has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Currency(iso_currency::Currency);

/// Why a text or a number is no amount. Reads on after the field's name: "Amount …".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountProblem {
    /// The field is empty.
    #[error("is missing")]
    Missing,
    /// Letters, exponents, NaN, two points, misplaced commas.
    #[error("is not a number: write it like 1234.50")]
    NotANumber,
    /// More decimals than the value may have; the currency's, where it is money.
    #[error("has more than {0} decimals")]
    TooManyDecimals(u32),
    /// Money in a currency that has no minor unit.
    #[error("may not have decimals")]
    NoDecimals,
    /// Beyond what the system keeps.
    #[error("is too large")]
    TooLarge,
}

impl Money {
    /// Nothing.
    pub const ZERO: Money = Money(0);

    /// So many minor units.
    pub const fn from_minor(minor: i64) -> Money {
        Money(minor)
    }

    /// The number of minor units.
    pub const fn minor(self) -> i64 {
        self.0
    }

    /// Whether it is exactly zero.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether it is above zero.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Whether it is below zero.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Without its sign.
    pub const fn abs(self) -> Money {
        Money(self.0.abs())
    }

    /// As an exact fraction of the currency's major unit: 150 cents are 3/2.
    pub fn exact(self, currency: Currency) -> Exact {
        Exact::new(self.0.into(), power_of_ten(currency.minor_units()))
    }

    /// As files and forms carry it: `1234.50`, `-3.00`, `500` for yen.
    pub fn plain(self, currency: Currency) -> String {
        let digits = self.digits(currency, "");
        if self.is_negative() { format!("-{digits}") } else { digits }
    }

    /// As tables show it: `1,234.50`, `−3.00` with a real minus sign.
    pub fn grouped(self, currency: Currency) -> String {
        let digits = self.digits(currency, ",");
        if self.is_negative() { format!("\u{2212}{digits}") } else { digits }
    }

    /// As totals and buttons show it: `$1,234.50`, `−€3.00`.
    pub fn with_sign(self, currency: Currency) -> String {
        let sign = if self.is_negative() { "\u{2212}" } else { "" };
        format!("{sign}{}{}", currency.symbol(), self.digits(currency, ","))
    }

    fn digits(self, currency: Currency, separator: &str) -> String {
        let decimals = currency.minor_units();
        let unit = 10_u64.pow(decimals);
        let (whole, rest) = (self.0.unsigned_abs() / unit, self.0.unsigned_abs() % unit);
        let whole = group(&whole.to_string(), separator);
        if decimals == 0 { whole } else { format!("{whole}.{rest:0width$}", width = decimals as usize) }
    }

    /// Reads what a person typed or a file holds: `1234.50`, `1,234.50`, `-3`. Refuses exponents,
    /// NaN, stray separators and more decimals than the currency has.
    pub fn parse(text: &str, currency: Currency) -> Result<Money, AmountProblem> {
        let decimals = currency.minor_units();
        let value = parse_decimal(text, decimals).map_err(|problem| match problem {
            AmountProblem::TooManyDecimals(0) => AmountProblem::NoDecimals,
            other => other,
        })?;
        round(&exact(value), currency)
    }
}

impl Currency {
    /// The currency of this ISO 4217 code; none where it is unknown or is no money that is paid out
    /// (metals and test codes have no minor unit).
    pub fn from_code(code: &str) -> Option<Currency> {
        let currency = iso_currency::Currency::from_code(&code.trimmed().to_ascii_uppercase())?;
        currency.exponent().filter(|decimals| *decimals <= 4).map(|_| Currency(currency))
    }

    /// The ISO 4217 code: `USD`.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimals its amounts have: 2 for USD, 0 for JPY.
    pub fn minor_units(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(0))
    }

    /// Its English name: `United States dollar`.
    pub fn name(self) -> String {
        self.0.name().to_string()
    }

    /// What is put before an amount: `$`, or the code and a space where the sign would be unclear.
    pub fn symbol(self) -> String {
        match self.code() {
            "USD" => "$".into(),
            "EUR" => "€".into(),
            "GBP" => "£".into(),
            "JPY" => "¥".into(),
            code => format!("{code} "),
        }
    }

    /// All currencies that can be chosen, by code.
    pub fn all() -> Vec<Currency> {
        use iso_currency::IntoEnumIterator;
        let mut all: Vec<Currency> =
            iso_currency::Currency::iter().filter_map(|c| Currency::from_code(c.code())).collect();
        all.sort_by_key(|currency| currency.code());
        all
    }
}

/// Rounds an exact amount to the currency's minor unit, half away from zero. The only place where
/// money is rounded.
pub fn round(value: &Exact, currency: Currency) -> Result<Money, AmountProblem> {
    let minor = (value * Exact::from_integer(power_of_ten(currency.minor_units()))).round();
    let minor = minor.to_integer().to_i64().ok_or(AmountProblem::TooLarge)?;
    if minor.abs() > LARGEST_MINOR { Err(AmountProblem::TooLarge) } else { Ok(Money(minor)) }
}

/// A share of an amount, rounded to the minor unit, half away from zero. The share is held between
/// 0 and 1 by the caller, so that the result is never more than the whole.
pub fn share_of(whole: Money, share: &Exact) -> Money {
    debug_assert!(!share.is_negative() && *share <= Exact::from_integer(1.into()));
    if share.is_zero() {
        return Money::ZERO;
    }
    let rounded = (Exact::from_integer(whole.0.into()) * share).round().to_integer();
    Money(rounded.to_i64().unwrap_or(whole.0))
}

/// A decimal as an exact fraction.
pub fn exact(value: Decimal) -> Exact {
    Exact::new(value.mantissa().into(), power_of_ten(value.scale()))
}

/// An exact fraction as a decimal of at most so many decimals; none where it has more or is too
/// large, for it would have to be rounded.
pub fn to_decimal(value: &Exact, most_decimals: u32) -> Option<Decimal> {
    let scaled = value * Exact::from_integer(power_of_ten(most_decimals));
    let mantissa = scaled.is_integer().then(|| scaled.to_integer().to_i128())??;
    Decimal::try_from_i128_with_scale(mantissa, most_decimals).ok().map(|decimal| decimal.normalize())
}

/// Reads a plain decimal number with at most so many decimals. Grouping commas are taken where they
/// stand rightly (`1,234.5`); exponents, NaN, underscores and stray signs are refused.
pub fn parse_decimal(text: &str, most_decimals: u32) -> Result<Decimal, AmountProblem> {
    let text = text.trimmed();
    if text.is_empty() {
        return Err(AmountProblem::Missing);
    }
    let unsigned = text.strip_prefix(['-', '\u{2212}']);
    let negative = unsigned.is_some();
    let unsigned = unsigned.or_else(|| text.strip_prefix('+')).unwrap_or(text);
    let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let whole = ungroup(whole).ok_or(AmountProblem::NotANumber)?;
    let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits_only(&whole) || !digits_only(decimals) || (whole.is_empty() && decimals.is_empty()) {
        return Err(AmountProblem::NotANumber);
    }
    let decimals = decimals.trim_end_matches('0');
    if decimals.len() > most_decimals as usize {
        return Err(AmountProblem::TooManyDecimals(most_decimals));
    }
    let whole = whole.trim_start_matches('0');
    if whole.len() > 15 {
        return Err(AmountProblem::TooLarge);
    }
    let mantissa: i128 = format!("0{whole}{decimals}").parse().map_err(|_| AmountProblem::NotANumber)?;
    let signed = if negative { -mantissa } else { mantissa };
    Decimal::try_from_i128_with_scale(signed, decimals.len() as u32).map_err(|_| AmountProblem::TooLarge)
}

/// `1,234,567` → `1234567`; none where a comma stands in the wrong place.
fn ungroup(whole: &str) -> Option<String> {
    if !whole.contains(',') {
        return Some(whole.to_string());
    }
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let rightly = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
    rightly.then(|| whole.replace(',', ""))
}

fn group(digits: &str, separator: &str) -> String {
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push_str(separator);
        }
        out.push(digit);
    }
    out
}

fn power_of_ten(exponent: u32) -> num_bigint::BigInt {
    num_bigint::BigInt::from(10_u32).pow(exponent)
}

impl Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        Money(self.0 + other.0)
    }
}

impl Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        Money(self.0 - other.0)
    }
}

impl Neg for Money {
    type Output = Money;
    fn neg(self) -> Money {
        Money(-self.0)
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Money) {
        self.0 += other.0;
    }
}

impl SubAssign for Money {
    fn sub_assign(&mut self, other: Money) {
        self.0 -= other.0;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Money {
        amounts.fold(Money::ZERO, Add::add)
    }
}

impl<'a> Sum<&'a Money> for Money {
    fn sum<I: Iterator<Item = &'a Money>>(amounts: I) -> Money {
        amounts.copied().sum()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn usd() -> Currency {
        Currency::from_code("USD").unwrap()
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        for (text, minor) in [("0.125", 13), ("-0.125", -13), ("0.124", 12), ("2.675", 268), ("0.005", 1)] {
            let value = exact(text.parse().unwrap());
            assert_eq!(round(&value, usd()), Ok(Money(minor)), "{text}");
        }
        let yen = Currency::from_code("JPY").unwrap();
        assert_eq!(round(&exact("10.5".parse().unwrap()), yen), Ok(Money(11)));
    }

    #[test]
    fn what_is_no_amount_is_refused_by_name() {
        use AmountProblem::*;
        for (text, problem) in [
            ("", Missing),
            ("1e3", NotANumber),
            ("NaN", NotANumber),
            ("Infinity", NotANumber),
            ("1_000", NotANumber),
            ("1,00", NotANumber),
            ("12,34.5", NotANumber),
            ("--1", NotANumber),
            (".", NotANumber),
            ("١٢", NotANumber),
            ("1.234", TooManyDecimals(2)),
            ("99999999999999999999", TooLarge),
            ("10000000000000.01", TooLarge),
        ] {
            assert_eq!(Money::parse(text, usd()), Err(problem), "{text}");
        }
        assert_eq!(Money::parse("1.5", Currency::from_code("JPY").unwrap()), Err(NoDecimals));
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, minor) in [
            ("1234.50", 123450),
            ("1,234.5", 123450),
            (" 7 ", 700),
            ("-3", -300),
            ("\u{2212}.5", -50),
            ("1.5000", 150),
        ] {
            assert_eq!(Money::parse(text, usd()), Ok(Money(minor)), "{text}");
        }
    }

    #[test]
    fn amounts_are_shown_with_the_decimals_of_their_currency() {
        assert_eq!(Money(-123456).grouped(usd()), "\u{2212}1,234.56");
        assert_eq!(Money(-5).plain(usd()), "-0.05");
        assert_eq!(Money(123456789).with_sign(usd()), "$1,234,567.89");
        assert_eq!(Money(1500).with_sign(Currency::from_code("JPY").unwrap()), "¥1,500");
        assert_eq!(Money(1500).plain(Currency::from_code("KWD").unwrap()), "1.500");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(minor in -LARGEST_MINOR..=LARGEST_MINOR, code in "USD|JPY|KWD") {
            let currency = Currency::from_code(&code).unwrap();
            prop_assert_eq!(Money::parse(&Money(minor).plain(currency), currency), Ok(Money(minor)));
            prop_assert_eq!(Money::parse(&Money(minor).grouped(currency), currency), Ok(Money(minor)));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".*") {
            let _ = Money::parse(&text, usd());
            let _ = parse_decimal(&text, 6);
        }

        #[test]
        fn a_share_is_never_more_than_the_whole(whole in 0..LARGEST_MINOR, n in 0_i64..1000, more in 0_i64..1000) {
            let share = Exact::new(n.into(), (n + more).max(1).into());
            prop_assert!(share_of(Money(whole), &share) <= Money(whole));
            prop_assert!(share_of(Money(whole), &share) >= Money::ZERO);
        }
    }
}
