//! What other systems record and ask, as JSON, each by its API key: orders, credits, contacts (decision 0082).
//! `bodies` is what they send, `answers` what they get; between the two stand the functions that forms and files
//! go through as well.

mod answers;
mod bodies;
mod contact;
mod credit;
mod description;
pub mod handlers;
mod order;

use crate::domain::ids::PartnerId;
use crate::error::AppError;
use crate::people::partners;
use crate::web::json::Faults;
use diesel::PgConnection;

/// The partner of a code in lower case; none where none was sent.
fn partner(
    conn: &mut PgConnection,
    faults: &mut Faults,
    field: &str,
    code: Option<&String>,
) -> Result<Option<PartnerId>, AppError> {
    let Some(code) = code else { return Ok(None) };
    let found = match partners::is_code(code) {
        true => partners::by_code(conn, std::slice::from_ref(code))?.remove(code),
        false => None,
    };
    if found.is_none() {
        faults.add(format!("/{field}"), format!("No partner has the code “{code}”."));
    }
    Ok(found)
}
