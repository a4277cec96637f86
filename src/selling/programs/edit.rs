//! What administrators do to programs: make one, change one, put them in another order, delete one.
//! Each with its audit row.

use super::queries::edit as queries;
use super::{ProgramTerms, in_force, says, terms_of};
use crate::domain::ids::{PartnerId, ProductId, ProgramId};
use crate::domain::program::Program;
use crate::error::AppError;
use crate::people::partners;
use crate::running::audit::{self, Who};
use crate::running::settings;
use diesel::PgConnection;
use diesel::result::{DatabaseErrorKind, Error};
use serde_json::json;
use std::collections::HashMap;

/// A program to be made, and who is enrolled in it from the start.
#[derive(Debug, Clone)]
pub struct NewProgram {
    pub terms: ProgramTerms,
    pub partners: Vec<PartnerId>,
}

/// What came of an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// It was saved; with a new version where what it pays is different now.
    Saved { new_version: bool },
    /// It said just this already.
    AsBefore,
    /// Another program has this name.
    NameTaken,
    /// Somebody else has saved this program meanwhile.
    Stale,
}

/// Makes a program, with its first version; none where another one has the name.
pub fn create(conn: &mut PgConnection, who: &Who, new: &NewProgram) -> Result<Option<ProgramId>, AppError> {
    settings::queries::hold_defaults(conn)?;
    let Some(id) = queries::insert(conn, &new.terms.name)? else { return Ok(None) };
    add_version(conn, who, id, &new.terms)?;
    let enrolments: Vec<_> = new.partners.iter().map(|partner| (*partner, id)).collect();
    partners::enrol(conn, &enrolments)?;
    let details = json!({ "rules": new.terms.rules.len(), "partners": enrolments.len() });
    audit::write(conn, who, "program.create", ("program", id.0), details)?;
    Ok(Some(id))
}

/// Saves an edited program: its name, and a dated version where what it pays differs.
pub fn change(
    conn: &mut PgConnection,
    who: &Who,
    id: ProgramId,
    terms: &ProgramTerms,
    version: i32,
) -> Result<Changed, AppError> {
    settings::queries::hold_defaults(conn)?;
    queries::lock(conn, id)?;
    let before = queries::find(conn, id)?.ok_or_else(|| AppError::not_found(format!("program {id}")))?;
    if before.version != version {
        return Ok(Changed::Stale);
    }
    let programs = in_force(conn)?;
    let program = programs.iter().find(|program| program.id == id);
    let new_version = program.is_none_or(|program| !says(program, terms));
    let renamed = before.name != terms.name;
    if !new_version && !renamed {
        return Ok(Changed::AsBefore);
    }
    if renamed && !queries::rename(conn, id, &terms.name).map_err(explain)? {
        return Ok(Changed::NameTaken);
    }
    if new_version {
        add_version(conn, who, id, terms)?;
    }
    super::queries::count_save(conn, &[id])?;
    let mut details = json!({ "new_version": new_version });
    if renamed {
        details["name_before"] = json!(before.name);
        details["name"] = json!(terms.name);
    }
    audit::write(conn, who, "program.update", ("program", id.0), details)?;
    Ok(Changed::Saved { new_version })
}

fn add_version(
    conn: &mut PgConnection,
    who: &Who,
    id: ProgramId,
    terms: &ProgramTerms,
) -> Result<(), AppError> {
    let products: Vec<ProductId> = terms.rules.iter().filter_map(|rule| rule.product).collect();
    if queries::hold_products(conn, &products)? != products.len() {
        return Err(AppError::refused(
            "A product with a rule of its own was deleted meanwhile. Nothing was saved; go back and look again.",
        ));
    }
    Ok(super::queries::add_versions(conn, &[(id, terms)], who.user_id)?)
}

/// Gives programs other priorities: each as it was shown, and as it shall be. Every program whose
/// priority differs gets a version; these come back. Or, with nothing saved, those whose priority is
/// not what was shown.
pub fn set_priorities(
    conn: &mut PgConnection,
    who: &Who,
    wanted: &[(ProgramId, i32, i32)],
) -> Result<Result<usize, Vec<ProgramId>>, AppError> {
    settings::queries::hold_defaults(conn)?;
    super::queries::lock_all(conn)?;
    let names = super::queries::names(conn)?;
    let programs: HashMap<ProgramId, Program> =
        in_force(conn)?.into_iter().map(|program| (program.id, program)).collect();
    let is_stale = |(id, shown, _): &&(ProgramId, i32, i32)| {
        programs.get(id).is_none_or(|program| program.priority != *shown)
    };
    let stale: Vec<ProgramId> = wanted.iter().filter(is_stale).map(|(id, ..)| *id).collect();
    if !stale.is_empty() {
        return Ok(Err(stale));
    }
    let mut changed: Vec<(ProgramId, ProgramTerms)> = Vec::new();
    for (id, shown, priority) in wanted.iter().filter(|(_, shown, wanted)| shown != wanted) {
        let Some(program) = programs.get(id) else { continue };
        let name = names.get(id).cloned().unwrap_or_default();
        changed.push((*id, ProgramTerms { priority: *priority, ..terms_of(program, name) }));
        let details = json!({ "priority_before": shown, "priority": priority });
        audit::write(conn, who, "program.update", ("program", id.0), details)?;
    }
    let terms: Vec<_> = changed.iter().map(|(id, terms)| (*id, terms)).collect();
    super::queries::add_versions(conn, &terms, who.user_id)?;
    super::queries::count_save(conn, &terms.iter().map(|(id, _)| *id).collect::<Vec<_>>())?;
    Ok(Ok(terms.len()))
}

/// Deletes a program that nothing uses; refused with where it is used. Its name, which is free then.
pub fn remove(conn: &mut PgConnection, who: &Who, id: ProgramId) -> Result<String, AppError> {
    queries::lock(conn, id)?;
    let program = queries::find(conn, id)?.ok_or_else(|| AppError::not_found(format!("program {id}")))?;
    let usage = queries::usage(conn, id)?;
    if usage.is_used() {
        return Err(AppError::Refused(format!(
            "{} cannot be deleted: {}. Nothing was changed.",
            program.name,
            usage.words()
        )));
    }
    queries::delete(conn, id)?;
    audit::write(conn, who, "program.delete", ("program", id.0), json!({ "name": program.name }))?;
    Ok(program.name)
}

impl queries::Usage {
    /// Whether anything uses the program.
    pub fn is_used(self) -> bool {
        self.orders > 0 || self.partners > 0
    }

    /// *3 partners are enrolled in it, and 12 orders earned commissions by it*.
    pub fn words(self) -> String {
        let partners = match self.partners {
            0 => None,
            1 => Some("1 partner is enrolled in it".to_string()),
            n => Some(format!("{} partners are enrolled in it", crate::web::html::count(n))),
        };
        let orders = match self.orders {
            0 => None,
            1 => Some("1 order has commissions by its rules".to_string()),
            n => Some(format!("{} orders have commissions by its rules", crate::web::html::count(n))),
        };
        partners.into_iter().chain(orders).collect::<Vec<_>>().join(", and ")
    }
}

/// For two who take the same name at the same moment.
fn explain(error: Error) -> AppError {
    match &error {
        Error::DatabaseError(DatabaseErrorKind::UniqueViolation, what)
            if what.constraint_name() == Some("programs_one_per_name") =>
        {
            AppError::refused("Another program was given this name just now. Nothing was saved.")
        }
        _ => error.into(),
    }
}
