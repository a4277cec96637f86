//! What another currency or time zone would do, told before it is saved.

use chrono::NaiveDate;

use super::Current;
use crate::domain::money::{Currency, Money};
use crate::domain::program::{Level, Program, Role, Rule};
use crate::domain::settings::Place;
use crate::running::settings::queries::Recorded;
use crate::web::html::counted;

/// The company's currency and time zone, and others in their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceChange {
    before: Place,
    after: Place,
    /// What day it is, as things are and as they would be.
    today: (NaiveDate, NaiveDate),
}

impl PlaceChange {
    /// None where both stay.
    pub fn new(before: Place, after: Place, today: impl Fn(Place) -> NaiveDate) -> Option<PlaceChange> {
        (before != after).then(|| PlaceChange { before, after, today: (today(before), today(after)) })
    }

    /// Stands for exactly what is told of this change.
    pub fn key(&self) -> String {
        let Place { currency, zone } = self.after;
        format!("{currency} {zone} {}", self.today.1)
    }

    /// What happens, in sentences.
    pub fn sentences(&self, current: &Current, day: impl Fn(&NaiveDate) -> String) -> Vec<String> {
        let mut told = Vec::new();
        if self.before.currency != self.after.currency {
            let accounts = match current.partners {
                0 => String::new(),
                n => format!(
                    " An account in {} is opened for {}.",
                    self.after.currency,
                    counted(n, "partner", "partners")
                ),
            };
            told.push(format!(
                "The currency changes from {} to {}.{accounts}",
                self.before.currency, self.after.currency
            ));
        }
        if self.before.zone != self.after.zone {
            let (now, then) = (&self.today.0, &self.today.1);
            let today = if now == then {
                format!("Today stays {}.", day(now))
            } else {
                format!("Today would be {} instead of {}.", day(then), day(now))
            };
            told.push(format!(
                "The time zone changes from {} to {}. {today} Dates already stamped stay; times are shown in the new \
                 zone.",
                self.before.zone, self.after.zone
            ));
        }
        told
    }

    /// What the button says.
    pub fn button(&self) -> String {
        let Place { currency, zone } = self.after;
        match (self.before.currency != currency, self.before.zone != zone) {
            (true, true) => format!("Save with {currency} and {zone}"),
            (true, false) => format!("Save with the currency {currency}"),
            _ => format!("Save with the time zone {zone}"),
        }
    }
}

/// Why the currency cannot be changed any more; empty where it can.
pub fn why_fixed(recorded: Recorded, currency: Currency) -> String {
    let what = match recorded {
        Recorded { orders: true, entries: true } => "there are orders and ledger entries",
        Recorded { orders: true, .. } => "there are orders",
        Recorded { entries: true, .. } => "there are ledger entries",
        _ => return String::new(),
    };
    format!("The currency is fixed, because {what} in {currency}.")
}

/// Why amounts of programs stand against another currency; empty where they do not. They are kept in
/// minor units, so 500 cents must not become 500 yen.
pub fn why_not(programs: &[(String, Program)], before: Currency, after: Currency) -> String {
    if before.minor_units() == after.minor_units() {
        return String::new();
    }
    let with_amounts = programs.iter().filter(|(_, program)| rules(program).any(has_amounts));
    let names: Vec<&str> = with_amounts.map(|(name, _)| name.as_str()).collect();
    if names.is_empty() {
        return String::new();
    }
    let decimals = |currency: Currency| match currency.minor_units() {
        0 => "no decimals".into(),
        n => format!("{n} decimals"),
    };
    format!(
        "{} {} flat amounts in {before}, which has {}; {after} has {}. Take these amounts out of the rates first, or \
         stay with {before}.",
        crate::running::settings::defaults::live::listed(&names),
        if names.len() == 1 { "pays" } else { "pay" },
        decimals(before),
        decimals(after),
    )
}

fn rules(program: &Program) -> impl Iterator<Item = &Rule> {
    program.default.iter().chain(program.products.values())
}

fn has_amounts(rule: &Rule) -> bool {
    let amounts =
        Level::ALL.into_iter().flat_map(|level| Role::ALL.map(|role| rule.rates(level).of(role).amount));
    amounts.into_iter().any(|amount| amount != Money::ZERO)
}
