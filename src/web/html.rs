//! How figures, dates and counts are written on a page: as the company writes them.

use askama::filters::HtmlSafe;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use std::fmt::{self, Display};

use crate::domain::money::{Currency, Money};
use crate::domain::period::Period;

/// The ways in which a company may write a day. Kept in the company's settings by its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateFormat {
    /// Oct 31, 2026
    #[default]
    MonthDayYear,
    /// 31 Oct 2026
    DayMonthYear,
    /// 2026-10-31
    YearMonthDay,
}

impl DateFormat {
    /// All of them, in the order in which the Company page offers them.
    pub const ALL: [DateFormat; 3] =
        [DateFormat::MonthDayYear, DateFormat::DayMonthYear, DateFormat::YearMonthDay];

    /// The code that the database and forms carry.
    pub fn code(self) -> &'static str {
        match self {
            DateFormat::MonthDayYear => "mdy",
            DateFormat::DayMonthYear => "dmy",
            DateFormat::YearMonthDay => "ymd",
        }
    }

    /// The format of this code.
    pub fn from_code(code: &str) -> Option<DateFormat> {
        DateFormat::ALL.into_iter().find(|format| format.code() == code)
    }

    /// The day, written so.
    pub fn show(self, day: NaiveDate) -> String {
        let pattern = match self {
            DateFormat::MonthDayYear => "%b %-d, %Y",
            DateFormat::DayMonthYear => "%-d %b %Y",
            DateFormat::YearMonthDay => "%Y-%m-%d",
        };
        day.format(pattern).to_string()
    }
}

/// How this company writes figures and days. Every page has one as `layout.format`.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The company's currency.
    pub currency: Currency,
    /// The company's time zone; instants are shown in it.
    pub zone: Tz,
    /// How days are written.
    pub dates: DateFormat,
}

impl Format {
    /// For table cells, without a currency sign: `1,234.50`, `−3.00`.
    pub fn money(&self, amount: &Money) -> String {
        amount.grouped(self.currency)
    }

    /// For totals, tiles and buttons: `$1,234.50`, `−$3.00`.
    pub fn total(&self, amount: &Money) -> String {
        amount.with_sign(self.currency)
    }

    /// For a field's value: `1234.50`.
    pub fn plain(&self, amount: &Money) -> String {
        amount.plain(self.currency)
    }

    /// A day, with the machine-readable form beside it.
    pub fn date(&self, day: &NaiveDate) -> Time {
        Time { machine: day.to_string(), shown: self.dates.show(*day) }
    }

    /// A day as text only, for titles and sentences.
    pub fn day(&self, day: &NaiveDate) -> String {
        self.dates.show(*day)
    }

    /// Both days of a period: `Oct 1, 2026 – Oct 31, 2026`; `All dates` where it has no end either way.
    pub fn period(&self, period: &Period) -> String {
        if period.is_all() {
            return "All dates".into();
        }
        format!("{} – {}", self.dates.show(period.from()), self.dates.show(period.to()))
    }

    /// An instant in the company's time zone, to the minute.
    pub fn instant(&self, at: &DateTime<Utc>) -> Time {
        self.time(at, "%H:%M")
    }

    /// The same to the second, where it matters which of two came first.
    pub fn second(&self, at: &DateTime<Utc>) -> Time {
        self.time(at, "%H:%M:%S")
    }

    fn time(&self, at: &DateTime<Utc>, clock: &str) -> Time {
        let local = at.with_timezone(&self.zone);
        let shown = format!("{}, {}", self.dates.show(local.date_naive()), local.format(clock));
        Time { machine: at.format("%Y-%m-%dT%H:%M:%SZ").to_string(), shown }
    }
}

/// A `<time>` element.
#[derive(Debug, Clone)]
pub struct Time {
    machine: String,
    shown: String,
}

impl Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Both parts are made of digits, month names and punctuation: nothing to escape.
        write!(f, r#"<time datetime="{}">{}</time>"#, self.machine, self.shown)
    }
}

impl HtmlSafe for Time {}

/// The class of a cell or figure: zero is grey, negative is red (and has its minus sign).
pub fn money_class(amount: &Money) -> &'static str {
    if amount.is_zero() {
        "money zero"
    } else if amount.is_negative() {
        "money neg"
    } else {
        "money"
    }
}

/// Whole numbers, as code has them and, by reference, as templates hand them on.
pub trait Countable {
    /// As one type.
    fn whole(&self) -> i64;
}

macro_rules! countable {
    ($($number:ty),*) => {$(
        impl Countable for $number {
            fn whole(&self) -> i64 {
                i64::try_from(*self).unwrap_or(i64::MAX)
            }
        }
    )*};
}
countable!(i16, i32, i64, u8, u16, u32, u64, usize);

impl<N: Countable> Countable for &N {
    fn whole(&self) -> i64 {
        (**self).whole()
    }
}

/// A count with thousands: `541,909`.
pub fn count(n: impl Countable) -> String {
    let n = n.whole();
    let digits = n.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if n < 0 { format!("\u{2212}{out}") } else { out }
}

/// A count with its noun: `1 partner`, `1,024 partners`.
pub fn counted(n: impl Countable, one: &str, many: &str) -> String {
    format!("{} {}", count(&n), if n.whole() == 1 { one } else { many })
}

/// The first letters of the first and the last word of a name, for an avatar.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_thousands_and_their_noun() {
        assert_eq!(count(541_909), "541,909");
        assert_eq!(count(-1_000), "\u{2212}1,000");
        assert_eq!(counted(1, "partner", "partners"), "1 partner");
        assert_eq!(counted(0_usize, "partner", "partners"), "0 partners");
    }

    #[test]
    fn initials_are_of_the_first_and_the_last_word() {
        assert_eq!(initials("Dana Maria Fields"), "DF");
        assert_eq!(initials("łukasz"), "Ł");
        assert_eq!(initials("  "), "");
    }

    #[test]
    fn days_and_instants_are_written_as_the_company_does() {
        let format = Format {
            currency: Currency::from_code("GBP").unwrap(),
            zone: chrono_tz::Europe::London,
            dates: DateFormat::DayMonthYear,
        };
        let at: DateTime<Utc> = "2011-06-30T23:30:00Z".parse().unwrap();
        let shown = r#"<time datetime="2011-06-30T23:30:00Z">1 Jul 2011, 00:30</time>"#;
        assert_eq!(format.instant(&at).to_string(), shown);
        for dates in DateFormat::ALL {
            assert_eq!(DateFormat::from_code(dates.code()), Some(dates));
        }
    }
}
