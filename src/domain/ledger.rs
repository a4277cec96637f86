//! The ledger: kinds of entries, and the figures of a partner for a range (spec 5).

use super::money::Money;
use super::period::Period;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Earned by a sale; above zero.
    Commission,
    /// Taken back because the customer got money back; below zero.
    Clawback,
    /// A bonus or correction by hand; either sign.
    Adjustment,
    /// The partner was paid outside the system; below zero.
    Payment,
    /// The exact opposite of a payment that it names.
    Void,
}

/// One movement, as the figures see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Movement {
    pub kind: EntryKind,
    /// Its business date.
    pub dated_on: NaiveDate,
    pub amount: Money,
}

/// A partner's figures for a range. Every range's ending is the next one's beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Figures {
    /// All entries before the first day.
    pub beginning: Money,
    pub earned: Money,
    /// Zero or below.
    pub clawbacks: Money,
    pub adjustments: Money,
    /// −(payments + voids): what was paid, above zero as a rule.
    pub payments: Money,
}

impl EntryKind {
    pub const ALL: [EntryKind; 5] = [
        EntryKind::Commission,
        EntryKind::Clawback,
        EntryKind::Adjustment,
        EntryKind::Payment,
        EntryKind::Void,
    ];

    /// The word for it in the database, in files and in URLs.
    pub fn word(self) -> &'static str {
        match self {
            EntryKind::Commission => "commission",
            EntryKind::Clawback => "clawback",
            EntryKind::Adjustment => "adjustment",
            EntryKind::Payment => "payment",
            EntryKind::Void => "void",
        }
    }

    /// The kind of that word.
    pub fn from_word(word: &str) -> Option<EntryKind> {
        EntryKind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether it belongs to the Commissions column; the others to Payments.
    pub fn is_earning(self) -> bool {
        matches!(self, EntryKind::Commission | EntryKind::Clawback | EntryKind::Adjustment)
    }
}

impl Figures {
    /// Commissions earned, clawbacks and adjustments together.
    pub fn commissions(self) -> Money {
        self.earned + self.clawbacks + self.adjustments
    }

    /// Beginning + commissions − payments.
    pub fn ending(self) -> Money {
        self.beginning + self.commissions() - self.payments
    }

    /// Whether all of it is zero.
    pub fn is_nothing(self) -> bool {
        self == Figures::default()
    }
}

impl std::iter::Sum for Figures {
    fn sum<I: Iterator<Item = Figures>>(figures: I) -> Figures {
        figures.fold(Figures::default(), |sum, one| Figures {
            beginning: sum.beginning + one.beginning,
            earned: sum.earned + one.earned,
            clawbacks: sum.clawbacks + one.clawbacks,
            adjustments: sum.adjustments + one.adjustments,
            payments: sum.payments + one.payments,
        })
    }
}

/// A partner's figures for a range, from all of its entries. The report's query says the same in
/// SQL; tests hold the two together.
pub fn figures(entries: &[Movement], period: Period) -> Figures {
    let mut figures = Figures::default();
    for entry in entries {
        if entry.dated_on < period.from() {
            figures.beginning += entry.amount;
        } else if entry.dated_on <= period.to() {
            match entry.kind {
                EntryKind::Commission => figures.earned += entry.amount,
                EntryKind::Clawback => figures.clawbacks += entry.amount,
                EntryKind::Adjustment => figures.adjustments += entry.amount,
                EntryKind::Payment | EntryKind::Void => figures.payments -= entry.amount,
            }
        }
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(number: i64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::TimeDelta::days(number)
    }

    proptest! {
        #[test]
        fn the_ending_of_one_range_is_the_beginning_of_the_next(
            entries in prop::collection::vec((0_usize..5, 0_i64..90, -1000_i64..1000), 0..60),
            first in 0_i64..30, second in 0_i64..30,
        ) {
            let entries: Vec<Movement> = entries.iter().map(|(kind, on, amount)| Movement {
                kind: EntryKind::ALL[*kind], dated_on: day(*on), amount: Money::from_minor(*amount),
            }).collect();
            let early = figures(&entries, Period::new(day(10), day(10 + first)).unwrap());
            let late = figures(&entries, Period::new(day(11 + first), day(11 + first + second)).unwrap());
            prop_assert_eq!(early.ending(), late.beginning);
            let all = figures(&entries, Period::new(day(0), day(90)).unwrap());
            prop_assert_eq!(all.ending(), entries.iter().map(|entry| entry.amount).sum::<Money>());
        }
    }
}
