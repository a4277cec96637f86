//! Who did what, when and from where: one row for each change, written in the same transaction as
//! the change, never altered afterwards. Rows hold ids and amounts; names, e-mails and secrets stay
//! in their own rows, which can be erased.

pub mod handlers;
pub mod pages;
mod queries;

use diesel::PgConnection;

use crate::error::AppError;
pub use crate::web::admin::{Source, Who};

/// Writes one row: `audit::write(conn, &who, "order.cancel", ("order", id.0), json!({"reason": "…"}))`.
/// The action is `noun.verb`, the subject its kind and number, the details an object.
pub fn write(
    conn: &mut PgConnection,
    who: &Who,
    action: &str,
    subject: (&str, i64),
    details: serde_json::Value,
) -> Result<(), AppError> {
    queries::insert(conn, who, action, subject, &details)?;
    Ok(())
}
