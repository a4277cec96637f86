//! What a save would do to the commission programs.

use sha2::{Digest, Sha256};

use crate::domain::ids::ProgramId;
use crate::domain::program::Program;
use crate::domain::rate::{self, Switched};
use crate::domain::settings::PayoutRules;

/// A program with rates that go on or off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramChange {
    pub id: ProgramId,
    pub name: String,
    pub switched: Vec<Switched>,
}

/// What settings 7 to 10, saved in place of others, do to all programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramChanges {
    /// Those with rates that go on or off, by name.
    pub programs: Vec<ProgramChange>,
    /// The names of the others; they get a dated version too.
    pub others: Vec<String>,
    /// Stands for exactly this: the same key again is the same change to the same programs.
    pub key: String,
}

/// Which programs' rates go on or off.
pub fn program_changes(
    programs: &[(String, Program)],
    before: PayoutRules,
    after: PayoutRules,
) -> ProgramChanges {
    let mut changes =
        ProgramChanges { programs: Vec::new(), others: Vec::new(), key: key(programs, before, after) };
    for (name, program) in programs {
        match rate::switched(program, before, after) {
            none if none.is_empty() => changes.others.push(name.clone()),
            switched => changes.programs.push(ProgramChange { id: program.id, name: name.clone(), switched }),
        }
    }
    changes
}

impl ProgramChanges {
    /// How many programs there are.
    pub fn total(&self) -> usize {
        self.programs.len() + self.others.len()
    }
}

/// A version of a program never changes, so its number stands for all its rates.
fn key(programs: &[(String, Program)], before: PayoutRules, after: PayoutRules) -> String {
    let mut versions: Vec<i64> = programs.iter().map(|(_, program)| program.version.0).collect();
    versions.sort();
    let all = serde_json::json!([before, after, versions]);
    hex::encode(&Sha256::digest(all.to_string())[..8])
}
