//! A person that another system tells of: made or found, and the visitor that it is from now on.

use super::bodies::SentContact;
use crate::domain::ids::ContactId;
use crate::error::AppError;
use crate::people::contacts;
use crate::running::audit::{self, Who};
use crate::selling::tracking;
use diesel::PgConnection;
use serde_json::json;

/// The contact, and whether it was made.
pub fn meet(conn: &mut PgConnection, sent: &SentContact, who: &Who) -> Result<(ContactId, bool), AppError> {
    let (id, is_new) = contacts::find_or_make_one(conn, &sent.contact)?;
    if is_new {
        audit::write(conn, who, "contact.create", ("contact", id.0), json!({}))?;
    }
    if let Some(key) = &sent.visitor {
        let visitor = tracking::visitor_met(conn, key)?;
        tracking::identify(conn, visitor, id)?;
    }
    Ok((id, is_new))
}
