//! A person's own data: all of it as one file, and erasing it for good. The book keeps its entries without the
//! person (docs/decisions/0078).

pub mod handlers;
mod indented;
mod pages;
mod queries;

use super::record;
use crate::book;
use crate::domain::ids::ContactId;
use crate::domain::money::Money;
use crate::error::AppError;
use crate::running::audit::{self, Who};
use diesel::PgConnection;
use serde_json::json;

pub use queries::{Kept, Owner};

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erased {
    Now,
    /// It had been erased already.
    Before,
    /// Nothing was erased: the partner that it is has this balance, and so many open entries.
    Owed(Money, i64),
}

/// Erases a person, in one transaction: locks the contact, its visitors and the partner's account, then looks.
pub fn erase(conn: &mut PgConnection, who: &Who, id: ContactId, reason: &str) -> Result<Erased, AppError> {
    // Others come to a contact by its visitors, or to those by it: who waits for long stands in their way.
    queries::wait_shortly(conn)?;
    let person = record::lock(conn, id)?.ok_or_else(|| AppError::not_found(format!("contact {id}")))?;
    if person.erased_at.is_some() {
        return Ok(Erased::Before);
    }
    queries::lock_visitors(conn, id)?;
    if let Some(owner) = queries::partner_of(conn, id)? {
        let accounts = book::accounts_of(conn, &[owner.id])?;
        book::lock_accounts(conn, &accounts.into_values().collect::<Vec<_>>())?;
        let (balance, open) = queries::owed(conn, owner.id)?;
        if !balance.is_zero() || open > 0 {
            return Ok(Erased::Owed(balance, open));
        }
    }
    let kept = queries::kept(conn, id, who.at)?;
    queries::erase(conn, id, who.at)?;
    let details = json!({
        "reason": reason, "orders": kept.orders, "clicks": kept.clicks, "forms": kept.submissions, "visitors": kept.visitors,
        "referrals": kept.referrals, "notes": kept.notes,
    });
    audit::write(conn, who, "contact.erase", ("contact", id.0), details)?;
    Ok(Erased::Now)
}

/// Everything that is kept about a person, as indented JSON, and the note in the audit log that it was given out.
pub fn export(conn: &mut PgConnection, who: &Who, id: ContactId) -> Result<String, AppError> {
    if record::find(conn, id)?.is_none() {
        return Err(AppError::not_found(format!("contact {id}")));
    }
    let json = queries::everything(conn, id, who.at)?;
    audit::write(conn, who, "contact.export", ("contact", id.0), json!({}))?;
    Ok(indented::indented(&json))
}
