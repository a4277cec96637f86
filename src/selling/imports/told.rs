//! What an import did, or would do, as counts: kept with it, and told on its page.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{About, ImportReport, Kind};
use crate::web::html::{count, counted};

/// The counts of a report; see [`ImportReport`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    pub rows_read: usize,
    pub recorded: usize,
    pub returns_recorded: usize,
    pub already_there: usize,
    pub conflicts: usize,
    pub unmatched_lines: usize,
    pub unmatched_units: Decimal,
    pub left_out: usize,
    pub bad_rows: usize,
    /// How many remarks there are about single rows, in all.
    pub remarks: usize,
    /// Why the file cannot be used at all; empty where it can.
    pub unusable: String,
}

/// One tile of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    pub name: String,
    pub figure: String,
    pub words: String,
}

impl Told {
    /// The counts of a report.
    pub fn of(report: &ImportReport) -> Told {
        let unusable = report.errors().find(|_| report.unusable).map(|error| {
            let sentence = error.to_string();
            if error.row > 0 { format!("The file cannot be read: {sentence}.") } else { sentence }
        });
        Told {
            rows_read: report.rows_read,
            recorded: report.recorded,
            returns_recorded: report.returns_recorded,
            already_there: report.already_there,
            conflicts: report.conflicts,
            unmatched_lines: report.unmatched_lines,
            unmatched_units: report.unmatched_units,
            left_out: report.left_out,
            bad_rows: report.bad_rows(),
            remarks: report.remarks.len() + report.remarks_omitted,
            unusable: unusable.unwrap_or_default(),
        }
    }

    /// Whether the import would write anything.
    pub fn writes(&self) -> bool {
        self.unusable.is_empty() && self.recorded + self.returns_recorded > 0
    }

    /// What would be, or was, recorded: `72 partners`, `1,024 orders and 31 returns`.
    pub fn what(&self, kind: Kind) -> String {
        let (one, many) = kind.nouns();
        let recorded = counted(self.recorded, one, many);
        let returns = counted(self.returns_recorded, "return", "returns");
        match (self.recorded, self.returns_recorded) {
            (_, 0) => recorded,
            (0, _) => returns,
            _ => format!("{recorded} and {returns}"),
        }
    }

    /// The tiles: `done` says whether it is about what was or what would be.
    pub fn figures(&self, kind: Kind, done: bool) -> Vec<Figure> {
        let (one, many) = kind.nouns();
        let noun = |n: usize| if n == 1 { one } else { many };
        let figure =
            |name: &str, n: usize, words: String| Figure { name: name.into(), figure: count(n), words };
        let mut figures = vec![
            figure("Rows", self.rows_read, "in the file, without the headings".into()),
            figure(
                if done { "Recorded" } else { "Would be recorded" },
                self.recorded,
                match kind {
                    Kind::Products | Kind::Programs => format!("{}, new or changed", noun(self.recorded)),
                    _ => format!("new {}", noun(self.recorded)),
                },
            ),
        ];
        if self.returns_recorded > 0 {
            let name = if done { "Returns taken back" } else { "Returns to take back" };
            figures.push(figure(name, self.returns_recorded, "from the orders that they give back".into()));
        }
        figures.push(figure(
            "Already there",
            self.already_there,
            "with the same content: nothing changes".into(),
        ));
        let more = [
            ("Conflicts", self.conflicts, "known with other content: left as they are".to_string()),
            (
                "Unmatched returns",
                self.unmatched_lines,
                format!("lines, {} units: they take nothing back", self.units()),
            ),
            (
                "Bad rows",
                self.bad_rows,
                if done { "were left out".into() } else { "cannot be written as they are".into() },
            ),
            ("Left out with them", self.left_out, format!("good rows of the same {one}")),
        ];
        let there = more.into_iter().filter(|(_, n, _)| *n > 0);
        figures.extend(there.map(|(name, n, words)| figure(name, n, words)));
        figures
    }

    fn units(&self) -> String {
        match i64::try_from(self.unmatched_units) {
            Ok(whole) if self.unmatched_units.is_integer() => count(whole),
            _ => self.unmatched_units.normalize().to_string(),
        }
    }

    /// The result as a sentence.
    pub fn sentence(&self, kind: Kind) -> String {
        let mut told = format!("{} recorded, {} already there", self.what(kind), count(self.already_there));
        for (n, one, many) in [
            (self.conflicts, "conflict", "conflicts"),
            (self.unmatched_lines, "return line without a sale", "return lines without a sale"),
            (self.bad_rows, "bad row left out", "bad rows left out"),
        ] {
            if n > 0 {
                told.push_str(&format!(", {}", counted(n, one, many)));
            }
        }
        told + "."
    }
}

impl About {
    /// How it is told on a page: word and tone of its badge.
    pub fn badge(word: &str) -> (&'static str, &'static str) {
        match word {
            "error" => ("Bad row", "bad"),
            "conflict" => ("Conflict", "warn"),
            "unmatched" => ("Unmatched", "warn"),
            _ => ("Note", ""),
        }
    }
}
