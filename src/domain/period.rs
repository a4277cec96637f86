//! Days: a period of business dates, and the day that an instant falls on in the company's zone.

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// A range of business dates, both ends included. Never the wrong way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    from: NaiveDate,
    to: NaiveDate,
}

/// The ranges that people ask for by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    ThisMonth,
    LastMonth,
    ThisQuarter,
    LastQuarter,
    ThisYear,
    LastYear,
    All,
}

impl Period {
    /// The first day that a report can start from and the last that it can end on: four-digit years.
    pub const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(1900, 1, 1).expect("a calendar day");
    /// See [`Period::FIRST_DAY`].
    pub const LAST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2999, 12, 31).expect("a calendar day");

    /// From the one day to the other, both included; none where they stand the wrong way round.
    pub fn new(from: NaiveDate, to: NaiveDate) -> Option<Period> {
        (from <= to).then_some(Period { from, to })
    }

    /// The first day.
    pub fn from(self) -> NaiveDate {
        self.from
    }

    /// The last day, included.
    pub fn to(self) -> NaiveDate {
        self.to
    }

    /// Whether the day lies within.
    pub fn contains(self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.to
    }

    /// Whether it takes in every day that an entry may have.
    pub fn is_all(&self) -> bool {
        (self.from, self.to) == (Period::FIRST_DAY, Period::LAST_DAY)
    }

    /// The calendar month that the day lies in.
    pub fn month_of(day: NaiveDate) -> Period {
        let from = day.with_day(1).unwrap_or(day);
        Period { from, to: end_of_months(from, 1) }
    }

    /// The range that a preset means today.
    pub fn preset(preset: Preset, today: NaiveDate) -> Period {
        let month = Period::month_of(today).from;
        let quarter = month.with_month0(month.month0() / 3 * 3).unwrap_or(month);
        let year = month.with_month(1).unwrap_or(month);
        match preset {
            Preset::ThisMonth => Period::month_of(today),
            Preset::LastMonth => Period::month_of(month - Months::new(1)),
            Preset::ThisQuarter => Period { from: quarter, to: end_of_months(quarter, 3) },
            Preset::LastQuarter => {
                let from = quarter - Months::new(3);
                Period { from, to: end_of_months(from, 3) }
            }
            Preset::ThisYear => Period { from: year, to: end_of_months(year, 12) },
            Preset::LastYear => {
                let from = year - Months::new(12);
                Period { from, to: end_of_months(from, 12) }
            }
            Preset::All => Period { from: Period::FIRST_DAY, to: Period::LAST_DAY },
        }
    }
}

/// The business date of an instant: the calendar day in the company's time zone (spec 1). Stamped
/// when something is recorded, and never worked out again.
pub fn business_date(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// Whether people can mean this day: between the years 1900 and 2999.
pub fn is_plausible(day: NaiveDate) -> bool {
    Period::FIRST_DAY <= day && day <= Period::LAST_DAY
}

fn end_of_months(first: NaiveDate, months: u32) -> NaiveDate {
    (first + Months::new(months)).pred_opt().unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn presets_are_whole_calendar_units() {
        let today = day("2026-03-31");
        for (preset, from, to) in [
            (Preset::ThisMonth, "2026-03-01", "2026-03-31"),
            (Preset::LastMonth, "2026-02-01", "2026-02-28"),
            (Preset::ThisQuarter, "2026-01-01", "2026-03-31"),
            (Preset::LastQuarter, "2025-10-01", "2025-12-31"),
            (Preset::ThisYear, "2026-01-01", "2026-12-31"),
            (Preset::LastYear, "2025-01-01", "2025-12-31"),
        ] {
            assert_eq!(Some(Period::preset(preset, today)), Period::new(day(from), day(to)), "{preset:?}");
        }
    }

    #[test]
    fn a_day_ends_at_midnight_where_the_company_is() {
        let at = "2018-11-04T02:30:00Z".parse().unwrap();
        assert_eq!(business_date(at, chrono_tz::America::Sao_Paulo), day("2018-11-03"));
        assert_eq!(business_date(at, chrono_tz::Pacific::Auckland), day("2018-11-04"));
    }

    #[test]
    fn a_range_is_never_the_wrong_way_round() {
        assert_eq!(Period::new(day("2026-02-02"), day("2026-02-01")), None);
        assert!(Period::new(day("2026-02-01"), day("2026-02-01")).unwrap().contains(day("2026-02-01")));
    }
}
