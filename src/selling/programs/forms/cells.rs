//! The grid of a rule: sixteen rates, as typed and as they are read.

use crate::domain::ids::{ProductId, RuleId};
use crate::domain::money::{Currency, Money, parse_decimal};
use crate::domain::program::{Level, Percent, Rates, Role, Rule};
use crate::domain::rate::{RateKind, RatePlace, Worth};
use crate::domain::typed::Trimmed;
use crate::web::forms::Problems;
use std::collections::HashMap;

/// What was typed at each place; a place that was not sent keeps what is saved there.
#[derive(Debug, Clone, Default)]
pub struct Cells([Option<String>; 16]);

impl Cells {
    /// What was sent under this prefix.
    pub fn read(fields: &HashMap<&str, &str>, prefix: &str) -> Cells {
        let mut cells = Cells::default();
        for (cell, place) in cells.0.iter_mut().zip(RatePlace::all()) {
            *cell = fields.get(name(prefix, place).as_str()).map(|typed| typed.to_string());
        }
        cells
    }

    /// What stands at a place: as typed, or else as it is saved.
    pub fn shown(&self, place: RatePlace, saved: Option<&Rule>, currency: Currency) -> String {
        let typed = self.0.iter().zip(RatePlace::all()).find(|(_, at)| *at == place);
        let typed = typed.and_then(|(typed, _)| typed.clone());
        typed.unwrap_or_else(|| shown(saved.and_then(|rule| place.worth(rule)), currency))
    }

    /// Reads the grid. `what` names the rule in problems.
    pub fn parse(
        &self,
        prefix: &str,
        what: &str,
        saved: Option<&Rule>,
        currency: Currency,
        problems: &mut Problems,
    ) -> Vec<(Level, Rates)> {
        let mut rows: HashMap<Level, Rates> = HashMap::new();
        for (typed, place) in self.0.iter().zip(RatePlace::all()) {
            let worth = match typed {
                None => saved.and_then(|rule| place.worth(rule)),
                Some(typed) => worth(typed, place, currency).unwrap_or_else(|problem| {
                    let words = words(place);
                    problems.add(name(prefix, place), format!("{what}: {words} {problem}."));
                    None
                }),
            };
            let row = rows.entry(place.level).or_default();
            let rate = match place.role {
                Role::Lead => &mut row.lead,
                Role::Sale => &mut row.sale,
            };
            match worth {
                Some(Worth::Percent(percent)) => rate.percent = percent,
                Some(Worth::Amount(amount)) => rate.amount = amount,
                None => {}
            }
        }
        Level::ALL.into_iter().filter_map(|level| Some((level, rows.remove(&level)?))).collect()
    }

    /// The grid as a rule, as far as it can be read.
    pub fn as_rule(&self, product: Option<ProductId>, saved: Option<&Rule>, currency: Currency) -> Rule {
        let rows = self.parse("", "", saved, currency, &mut Problems::none());
        Rule::new(RuleId(0), product, rows)
    }
}

/// The field of a place: `rule-3-level_2-sale_percent`.
pub fn name(prefix: &str, place: RatePlace) -> String {
    let level = match place.level {
        Level::One => "level_1",
        Level::Two => "level_2",
        Level::Three => "level_3",
        Level::Unused => "unused",
    };
    let kind = match place.kind {
        RateKind::Percent => "percent",
        RateKind::Amount => "amount",
    };
    format!("{prefix}-{level}-{}_{kind}", place.role.word())
}

/// *the sale percent of level 2*
pub fn words(place: RatePlace) -> String {
    let (level, column) =
        (super::super::words::level(place.level), super::super::words::column(place.role, place.kind));
    format!("the {} of {}", column.to_lowercase(), level.to_lowercase())
}

fn worth(typed: &str, place: RatePlace, currency: Currency) -> Result<Option<Worth>, String> {
    if typed.trimmed().is_empty() {
        return Ok(None);
    }
    match place.kind {
        RateKind::Percent => {
            let typed = typed.trimmed().trim_end_matches('%');
            let value = parse_decimal(typed, 3).map_err(|problem| problem.to_string())?;
            let percent = Percent::new(value).ok_or("is not between 0 and 100")?;
            Ok(Some(Worth::Percent(percent)))
        }
        RateKind::Amount => {
            let amount = Money::parse(typed, currency).map_err(|problem| problem.to_string())?;
            if amount.is_negative() {
                return Err("is below zero".into());
            }
            Ok(Some(Worth::Amount(amount)))
        }
    }
}

fn shown(worth: Option<Worth>, currency: Currency) -> String {
    match worth {
        Some(Worth::Percent(percent)) => percent.to_string(),
        Some(Worth::Amount(amount)) => amount.plain(currency),
        None => String::new(),
    }
}
