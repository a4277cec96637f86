//! *CRM > Settings > Referral Partner Defaults*: the eleven settings of the help page, what they pay
//! by a worked example, and which programs' rates a save switches on or off, told before it.

pub mod changes;
pub mod example;
pub mod forms;
pub mod handlers;
pub mod live;
pub mod pages;
pub mod save;
pub mod words;

use super::queries::{self, LastSave};
use crate::domain::program::Program;
use crate::domain::settings::Defaults;
use crate::error::AppError;
use crate::selling::programs;
use diesel::PgConnection;
use forms::DefaultsForm;
use std::collections::HashMap;

/// Settings as they were sent, read and found sound.
#[derive(Debug, Clone)]
pub struct NewDefaults {
    pub defaults: Defaults,
    /// How often they had been saved when the page was shown.
    pub version: i32,
    /// The key of the program changes that the visitor has seen.
    pub confirm: String,
}

/// How things stand.
#[derive(Debug, Clone)]
pub struct Current {
    pub defaults: Defaults,
    /// How often they were saved.
    pub version: i32,
    /// All programs with their names, by name; read only for choices that change what they pay.
    pub programs: Vec<(String, Program)>,
    /// None: as they came.
    pub last_save: Option<LastSave>,
}

/// The action under which the audit log has each save.
pub const SAVED: &str = "defaults.update";

/// Reads how things stand, for the page with these choices; none: as they are saved.
pub fn current(conn: &mut PgConnection, choices: Option<&DefaultsForm>) -> Result<Current, AppError> {
    let (defaults, version) = queries::defaults(conn)?;
    let pays_otherwise = |form: &DefaultsForm| form.as_far_as_read(&defaults).payout != defaults.payout;
    let programs = if choices.is_some_and(pays_otherwise) { programs(conn)? } else { Vec::new() };
    Ok(Current { defaults, version, programs, last_save: queries::last_save(conn, SAVED)? })
}

/// All programs with their names, by name.
pub fn programs(conn: &mut PgConnection) -> Result<Vec<(String, Program)>, AppError> {
    let in_force = programs::in_force(conn)?;
    let mut in_force: HashMap<_, _> = in_force.into_iter().map(|program| (program.id, program)).collect();
    let names = queries::program_names(conn)?;
    Ok(names.into_iter().filter_map(|(id, name)| Some((name, in_force.remove(&id)?))).collect())
}
