//! Making, editing and deleting a product by hand.

pub mod forms;
pub mod handlers;
pub mod pages;

use super::queries::record as queries;
use crate::domain::ids::ProductId;
use crate::error::AppError;
use crate::running::audit::{self, Who};
use diesel::PgConnection;
use serde_json::{Map, Value, json};

pub use queries::{Facts, Record, Use};

/// What came of a save.
pub enum Saved {
    Done,
    /// Another product has the code: its name.
    CodeTaken(String),
    /// Somebody else has saved it since the form was opened.
    Stale,
}

/// Makes a product.
pub fn create(conn: &mut PgConnection, who: &Who, facts: &Facts) -> Result<Saved, AppError> {
    let Some(id) = queries::insert(conn, facts)? else {
        return Ok(Saved::CodeTaken(queries::name_of(conn, &facts.code)?));
    };
    let details = json!({ "code": facts.code, "commissionable": facts.commissionable });
    audit::write(conn, who, "product.create", ("product", id.0), details)?;
    Ok(Saved::Done)
}

/// Saves an edited product. Orders keep what they recorded: their lines and what these earned.
pub fn change(
    conn: &mut PgConnection,
    who: &Who,
    id: ProductId,
    facts: &Facts,
    version: i32,
) -> Result<Saved, AppError> {
    let before = lock(conn, id)?;
    if before.version != version {
        return Ok(Saved::Stale);
    }
    if before.facts == *facts {
        return Ok(Saved::Done);
    }
    if !queries::update(conn, id, facts)? {
        return Ok(Saved::CodeTaken(queries::name_of(conn, &facts.code)?));
    }
    let mut changed = Map::new();
    if before.facts.name != facts.name {
        changed.insert("name".into(), json!("changed"));
    }
    if before.facts.code != facts.code {
        changed.insert("code".into(), json!([before.facts.code, facts.code]));
    }
    if before.facts.commissionable != facts.commissionable {
        changed.insert("commissionable".into(), json!([before.facts.commissionable, facts.commissionable]));
    }
    audit::write(conn, who, "product.update", ("product", id.0), Value::Object(changed))?;
    Ok(Saved::Done)
}

/// Deletes a product that nothing uses; gives back where it is used otherwise.
pub fn delete(conn: &mut PgConnection, who: &Who, id: ProductId) -> Result<Vec<Use>, AppError> {
    let before = lock(conn, id)?;
    let uses = queries::uses(conn, id)?;
    if uses.is_empty() {
        queries::delete(conn, id)?;
        audit::write(conn, who, "product.delete", ("product", id.0), json!({ "code": before.facts.code }))?;
    }
    Ok(uses)
}

/// A product's record, or a page that says that there is no such product.
pub fn find(conn: &mut PgConnection, id: ProductId) -> Result<Record, AppError> {
    queries::find(conn, id, false)?.ok_or_else(|| AppError::not_found(format!("product {id}")))
}

fn lock(conn: &mut PgConnection, id: ProductId) -> Result<Record, AppError> {
    queries::find(conn, id, true)?.ok_or_else(|| AppError::not_found(format!("product {id}")))
}
