//! Making a partner inactive or active again: a page that tells first what follows, then the change.

pub mod handlers;
pub mod pages;

use super::PartnerStatus;
use super::record::{self, Record};
use super::set_status;
use crate::domain::ids::PartnerId;
use crate::error::AppError;
use crate::running::audit::{self, Who};
use diesel::PgConnection;
use serde_json::json;

/// Makes a partner active or inactive; the record as it was. Where it is so already nothing happens: a
/// second press.
pub fn change(
    conn: &mut PgConnection,
    who: &Who,
    id: PartnerId,
    status: PartnerStatus,
) -> Result<Record, AppError> {
    let before = record::lock(conn, id)?;
    record::refuse_closed(&before)?;
    if before.facts.status != status {
        set_status(conn, id, status)?;
        let details = json!({ "status": [before.facts.status.word(), status.word()] });
        audit::write(conn, who, "partner.update", ("partner", id.0), details)?;
    }
    Ok(before)
}
