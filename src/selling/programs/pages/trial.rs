//! *What would it have paid?*: the figures below the form. `selling::trials` works them out.

use crate::domain::money::Money;
use crate::domain::period::{Period, Preset};
use crate::people::names::Person;
use chrono::{Datelike, NaiveDate};

/// What the program as edited would have paid, beside what was earned.
pub struct TrialView {
    /// Of which orders: *Jul 1, 2026 – Sep 30, 2026*.
    pub period: String,
    /// How many orders were looked at.
    pub orders: usize,
    pub sums: Figures,
    /// Those with the greatest differences.
    pub partners: Vec<TrialPartner>,
    pub partners_differing: usize,
    /// Those with the greatest differences.
    pub differing: Vec<TrialOrder>,
    pub orders_differing: usize,
}

/// What was earned, what the saved program would pay, and what the edited one would.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    pub earned: Money,
    pub saved: Money,
    pub edited: Money,
    pub difference: Money,
}

/// A partner whose commissions would differ.
pub struct TrialPartner {
    pub person: Person,
    pub code: String,
    pub figures: Figures,
}

/// An order whose commissions would differ.
pub struct TrialOrder {
    pub number: String,
    pub path: String,
    pub date: NaiveDate,
    pub figures: Figures,
}

/// How many quarters can be chosen, and how many months.
const QUARTERS: usize = 6;
const MONTHS: usize = 12;

/// The quarters and months that can be tried, as code and words: the last whole quarter with orders
/// first, then the others from the newest.
pub fn periods(orders: Period, today: NaiveDate) -> Vec<(String, String)> {
    let last = orders.to().min(today.max(orders.from()));
    let has_orders = |period: &Period| period.from() <= orders.to() && orders.from() <= period.to();
    let before = |period: Period| period.from().pred_opt().unwrap_or(period.from());
    let back = |preset: Preset| {
        let first = Period::preset(preset, last);
        std::iter::successors(Some(first), move |period| Some(Period::preset(preset, before(*period))))
    };
    let quarters = back(Preset::ThisQuarter).take(QUARTERS + 1).filter(has_orders);
    // A quarter that is not over comes after the last whole one.
    let (mut quarters, running): (Vec<Period>, Vec<Period>) =
        quarters.partition(|period| period.to() < today);
    let place = quarters.len().min(1);
    quarters.splice(place..place, running);
    let quarter = |period: Period| {
        let number = period.from().month0() / 3 + 1;
        (
            format!("{}-Q{number}", period.from().year()),
            format!("Quarter {number} of {}", period.from().year()),
        )
    };
    let month = |period: Period| {
        (period.from().format("%Y-%m").to_string(), period.from().format("%B %Y").to_string())
    };
    let months = back(Preset::ThisMonth).take(MONTHS).filter(has_orders).map(month);
    quarters.into_iter().take(QUARTERS).map(quarter).chain(months).collect()
}

impl TrialView {
    /// Whether the saved programs pay these orders otherwise than they were paid.
    pub fn has_moved(&self) -> bool {
        self.sums.saved != self.sums.earned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_whole_quarter_comes_first_and_times_without_orders_are_left_out() {
        let day = |text: &str| -> NaiveDate { text.parse().unwrap() };
        let codes = |from: &str, to: &str, today: &str| -> Vec<String> {
            let orders = Period::new(day(from), day(to)).unwrap();
            periods(orders, day(today)).into_iter().map(|(code, _)| code).collect()
        };
        let running = codes("2026-05-09", "2026-11-02", "2026-11-03");
        assert_eq!(running[..3], ["2026-Q3", "2026-Q4", "2026-Q2"]);
        assert_eq!(running[3..6], ["2026-11", "2026-10", "2026-09"]);
        assert_eq!(running.len(), 3 + 7);
        assert_eq!(codes("2010-12-01", "2011-12-09", "2026-11-03")[..2], ["2011-Q4", "2011-Q3"]);
        assert_eq!(codes("2026-11-01", "2026-11-02", "2026-11-03"), ["2026-Q4", "2026-11"]);
    }
}
