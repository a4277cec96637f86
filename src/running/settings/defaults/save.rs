//! Saving Referral Partner Defaults: the settings, a dated version of every program where 7 to 10
//! change, and an audit row for each, all or nothing.

use diesel::PgConnection;
use serde_json::json;

use super::changes::{ProgramChanges, program_changes};
use super::words::{SETTINGS, level};
use super::{NewDefaults, SAVED};
use crate::domain::link::{self, EqualLinks};
use crate::domain::rate::{RateKind, Switched};
use crate::domain::settings::Defaults;
use crate::error::AppError;
use crate::running::audit::{self, Who};
use crate::running::settings::queries;
use crate::selling::programs;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved {
    /// It was done. None: no program got a version, for 7 to 10 are as before.
    Done(Option<ProgramChanges>),
    /// They were saved so already.
    AsBefore,
    /// Somebody else has saved meanwhile.
    Stale,
    /// Rates of programs go on or off, and the visitor has not seen just these.
    Unseen,
    /// The prefix would make partners' links equal.
    EqualLinks(Vec<EqualLinks>),
}

/// Saves, or tells why not.
pub fn save(conn: &mut PgConnection, who: &Who, new: &NewDefaults) -> Result<Saved, AppError> {
    queries::lock_defaults(conn)?;
    let (before, version) = queries::defaults(conn)?;
    if version != new.version {
        return Ok(Saved::Stale);
    }
    if before == new.defaults {
        return Ok(Saved::AsBefore);
    }
    let equal = equal_links(conn, &before, &new.defaults)?;
    if !equal.is_empty() {
        return Ok(Saved::EqualLinks(equal));
    }
    if before.payout == new.defaults.payout {
        write(conn, who, &before, &new.defaults)?;
        return Ok(Saved::Done(None));
    }
    let changes = program_changes(&super::programs(conn)?, before.payout, new.defaults.payout);
    if !changes.programs.is_empty() && changes.key != new.confirm {
        return Ok(Saved::Unseen);
    }
    write(conn, who, &before, &new.defaults)?;
    write_versions(conn, who, &changes)?;
    Ok(Saved::Done(Some(changes)))
}

/// The pairs of partners whose links the new prefix makes equal.
fn equal_links(conn: &mut PgConnection, old: &Defaults, new: &Defaults) -> Result<Vec<EqualLinks>, AppError> {
    if new.code_prefix.is_empty() || new.code_prefix == old.code_prefix {
        return Ok(Vec::new());
    }
    let earlier = queries::code_prefixes(conn)?;
    let codes = queries::partner_codes(conn)?;
    let codes: Vec<_> = codes.iter().map(|(code, partner)| (code.as_str(), *partner)).collect();
    // The new one first: where an earlier one differs in case only, this is how it is told.
    let prefixes: Vec<&str> = std::iter::once(&new.code_prefix).chain(&earlier).map(String::as_str).collect();
    let mut equal = link::equal_links(&prefixes, &codes);
    equal.retain(|equal| equal.begins_with(&new.code_prefix));
    Ok(equal)
}

fn write(conn: &mut PgConnection, who: &Who, old: &Defaults, new: &Defaults) -> Result<(), AppError> {
    queries::save_defaults(conn, new)?;
    let says = SETTINGS.iter().map(|setting| (setting.field, setting.says(old), setting.says(new)));
    let changed = says.filter(|(_, old, new)| old != new);
    let details = changed.map(|(field, old, new)| (field.to_string(), json!(format!("{old} → {new}"))));
    audit::write(conn, who, SAVED, ("defaults", 1), serde_json::Value::Object(details.collect()))
}

fn write_versions(conn: &mut PgConnection, who: &Who, changes: &ProgramChanges) -> Result<(), AppError> {
    let versions = programs::new_versions_for_defaults(conn, who.user_id)?;
    for program in versions {
        let change = changes.programs.iter().find(|change| change.id == program);
        let switched = change.map_or(&[][..], |change| &change.switched);
        let places =
            |on: bool| -> Vec<_> { switched.iter().filter(|rate| rate.on == on).map(place).collect() };
        let details =
            json!({ "because": "referral partner defaults", "on": places(true), "off": places(false) });
        audit::write(conn, who, "program.new_version", ("program", program.0), details)?;
    }
    Ok(())
}

/// `sale percent 2`: role, kind and level.
fn place(switched: &Switched) -> String {
    let kind = match switched.place.kind {
        RateKind::Percent => "percent",
        RateKind::Amount => "amount",
    };
    format!("{} {kind} {}", switched.place.role.word(), level(switched.place.level))
}
