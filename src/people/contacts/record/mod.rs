//! Making, editing and deleting a contact by hand. Partners use the same steps for the person behind
//! them: [`find`], [`lock`], [`save`].

pub mod forms;
pub mod handlers;
pub mod pages;

use super::{NewContact, PostalAddress, queries};
use crate::domain::ids::{ContactId, PartnerId};
use crate::error::AppError;
use crate::running::audit::{self, Who};
use crate::web::forms::Problems;
use chrono::{DateTime, Utc};
use diesel::result::{DatabaseErrorKind, Error};
use diesel::{Connection, PgConnection};
use serde_json::{Map, Value, json};

pub use queries::record::Use;

/// What people keep of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    pub name: String,
    pub email: Option<String>,
    /// Its number in the system that it came from.
    pub external_id: Option<String>,
    pub address: PostalAddress,
    /// Wants e-mail.
    pub opted_in: bool,
    /// The sale partner of its later orders that name none.
    pub sales_rep: Option<PartnerId>,
}

/// A contact's record as it is.
#[derive(Debug, Clone)]
pub struct Record {
    pub id: ContactId,
    pub version: i32,
    pub facts: Facts,
    /// When the person was erased: the record stays as it is then.
    pub erased_at: Option<DateTime<Utc>>,
    /// The code of its sales rep; empty where it has none.
    pub sales_rep_code: String,
}

/// What came of a save.
pub enum Saved {
    Done(ContactId),
    /// Nothing was saved, for these reasons.
    Problems(Problems),
    /// Nothing was saved: somebody else has, since the form was opened.
    Stale,
}

/// A contact's record; none where there is no such contact.
pub fn find(conn: &mut PgConnection, id: ContactId) -> Result<Option<Record>, AppError> {
    Ok(queries::record::find(conn, id, false)?)
}

/// The same, locked until the transaction ends.
pub fn lock(conn: &mut PgConnection, id: ContactId) -> Result<Option<Record>, AppError> {
    Ok(queries::record::find(conn, id, true)?)
}

/// Makes a contact.
pub fn create(conn: &mut PgConnection, who: &Who, facts: &Facts) -> Result<Saved, AppError> {
    let problems = taken(conn, None, facts)?;
    if !problems.is_empty() {
        return Ok(Saved::Problems(problems));
    }
    let new = NewContact {
        external_id: facts.external_id.clone(),
        email: facts.email.clone(),
        name: facts.name.clone(),
        address: facts.address.clone(),
    };
    let made = unless_taken(conn, facts, |conn| {
        let id = queries::insert(conn, &[&new])?[0];
        queries::record::update(conn, id, facts)?;
        Ok(id)
    })?;
    let id = match made {
        Ok(id) => id,
        Err(problems) => return Ok(Saved::Problems(problems)),
    };
    audit::write(conn, who, "contact.create", ("contact", id.0), json!({}))?;
    Ok(Saved::Done(id))
}

/// Saves an edited contact.
pub fn change(
    conn: &mut PgConnection,
    who: &Who,
    id: ContactId,
    facts: &Facts,
    version: i32,
) -> Result<Saved, AppError> {
    let before = lock(conn, id)?.ok_or_else(|| AppError::not_found(format!("contact {id}")))?;
    refuse_erased(&before)?;
    if before.version != version {
        return Ok(Saved::Stale);
    }
    let problems = save(conn, &before, facts)?;
    if !problems.is_empty() {
        return Ok(Saved::Problems(problems));
    }
    let changed = changes(&before.facts, facts);
    if !changed.is_empty() {
        audit::write(conn, who, "contact.update", ("contact", id.0), Value::Object(changed))?;
    }
    Ok(Saved::Done(id))
}

/// Refuses to change an erased person.
pub fn refuse_erased(record: &Record) -> Result<(), AppError> {
    match record.erased_at {
        None => Ok(()),
        Some(_) => Err(AppError::refused(
            "This person was erased. What is left is the number that its orders and entries hang on; it stays as it is.",
        )),
    }
}

/// Writes what differs from the locked record; tells what another contact has already. The caller
/// writes the audit row.
pub fn save(conn: &mut PgConnection, before: &Record, facts: &Facts) -> Result<Problems, AppError> {
    if before.facts == *facts {
        return Ok(Problems::none());
    }
    let problems = taken(conn, Some(before.id), facts)?;
    if !problems.is_empty() {
        return Ok(problems);
    }
    let saved = unless_taken(conn, facts, |conn| queries::record::update(conn, before.id, facts))?;
    Ok(saved.err().unwrap_or_default())
}

/// What of a person's record changed, for the audit log: which fields, never what they hold.
pub fn changes(before: &Facts, after: &Facts) -> Map<String, Value> {
    let differ = [
        ("name", before.name != after.name),
        ("email", before.email != after.email),
        ("customer_number", before.external_id != after.external_id),
        ("address", before.address != after.address),
    ];
    let mut changed: Map<String, Value> = differ
        .iter()
        .filter(|(_, differs)| *differs)
        .map(|(name, _)| (name.to_string(), json!("changed")))
        .collect();
    if before.opted_in != after.opted_in {
        changed.insert("wants_e_mail".into(), json!([before.opted_in, after.opted_in]));
    }
    if before.sales_rep != after.sales_rep {
        changed.insert("sales_rep".into(), json!([before.sales_rep, after.sales_rep]));
    }
    changed
}

/// Where a contact is used; nothing where it can be deleted.
pub fn uses(conn: &mut PgConnection, id: ContactId) -> Result<Vec<Use>, AppError> {
    Ok(queries::record::uses(conn, id)?)
}

/// Deletes a contact that nothing uses; gives back where it is used otherwise.
pub fn delete(conn: &mut PgConnection, who: &Who, id: ContactId) -> Result<Vec<Use>, AppError> {
    if lock(conn, id)?.is_none() {
        return Err(AppError::not_found(format!("contact {id}")));
    }
    let uses = uses(conn, id)?;
    if uses.is_empty() {
        queries::record::delete(conn, id)?;
        audit::write(conn, who, "contact.delete", ("contact", id.0), json!({}))?;
    }
    Ok(uses)
}

/// What of this is another contact's.
fn taken(conn: &mut PgConnection, own: Option<ContactId>, facts: &Facts) -> Result<Problems, AppError> {
    let mut problems = Problems::none();
    for (is_email, other) in queries::record::others(conn, own, facts)? {
        match is_email {
            true => problems.add("email", format!("{other} has this e-mail already.")),
            false => problems.add("external_id", format!("{other} has this customer number already.")),
        }
    }
    Ok(problems)
}

/// Writes; somebody may take the e-mail or the number between our look and our writing.
fn unless_taken<T>(
    conn: &mut PgConnection,
    facts: &Facts,
    write: impl FnOnce(&mut PgConnection) -> Result<T, Error>,
) -> Result<Result<T, Problems>, AppError> {
    match conn.transaction(write) {
        Ok(written) => Ok(Ok(written)),
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, what)) => {
            let by_email = what.constraint_name() == Some("contacts_one_per_email") && facts.email.is_some();
            let field = if by_email { "email" } else { "external_id" };
            Ok(Err(Problems::one(field, "Another contact got this just now.")))
        }
        Err(error) => Err(error.into()),
    }
}
