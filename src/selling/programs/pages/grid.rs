//! The grid of a rule: levels down, rates across; what Referral Partner Defaults switch off is greyed,
//! with the reason at its row or column.

use super::super::forms::{Cells, cell_name, cell_words};
use super::super::words;
use crate::domain::money::Currency;
use crate::domain::program::{Level, Role, Rule};
use crate::domain::rate::{RateKind, RatePlace};
use crate::domain::settings::PayoutRules;

/// A rule as a grid.
pub struct Grid {
    pub columns: [Column; 4],
    pub rows: Vec<Row>,
}

/// One of the four rates of a level.
pub struct Column {
    pub words: &'static str,
    /// Why none of it counts; empty where it does.
    pub off: &'static str,
}

/// A level.
pub struct Row {
    pub level: &'static str,
    /// Who is paid.
    pub whose: &'static str,
    /// Why none of it counts; empty where it does.
    pub off: String,
    pub cells: Vec<Cell>,
}

/// A rate.
pub struct Cell {
    pub field: String,
    /// For those who hear the page.
    pub label: String,
    /// What stands in it; empty for nothing.
    pub value: String,
    pub is_percent: bool,
    pub counts: bool,
}

const COLUMNS: [(Role, RateKind); 4] = [
    (Role::Sale, RateKind::Percent),
    (Role::Sale, RateKind::Amount),
    (Role::Lead, RateKind::Percent),
    (Role::Lead, RateKind::Amount),
];

impl Grid {
    /// What was typed (or, where a place was not sent, is saved), in fields that begin so.
    pub fn new(
        prefix: &str,
        cells: &Cells,
        saved: Option<&Rule>,
        rules: PayoutRules,
        currency: Currency,
    ) -> Grid {
        let cell = |place: RatePlace| Cell {
            field: cell_name(prefix, place),
            label: cell_words(place),
            value: cells.shown(place, saved, currency),
            is_percent: place.kind == RateKind::Percent,
            counts: place.counts(rules),
        };
        let row = |level: Level| Row {
            level: words::level(level),
            whose: match level {
                Level::One => "the credited partner",
                Level::Two => "its parent",
                Level::Three => "its grandparent",
                Level::Unused => "a sale partner without a parent, once more",
            },
            off: words::level_off(level, rules),
            cells: COLUMNS.map(|(role, kind)| cell(RatePlace { level, role, kind })).into(),
        };
        let column = |(role, kind)| Column {
            words: words::column(role, kind),
            off: words::column_off(role, kind, rules),
        };
        Grid { columns: COLUMNS.map(column), rows: Level::ALL.into_iter().map(row).collect() }
    }

    /// A rule as it is saved.
    pub fn of(rule: &Rule, rules: PayoutRules, currency: Currency) -> Grid {
        Grid::new("", &Cells::default(), Some(rule), rules, currency)
    }
}
