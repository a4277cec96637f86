//! CRM > Settings > Tracking: where visitors are led whom no link says where to, and how long they are
//! remembered.

mod forms;
pub mod handlers;
mod pages;
mod queries;

pub use queries::{Settings, settings};

use crate::error::AppError;
use crate::running::audit::{self, Who};
use diesel::PgConnection;
use serde_json::json;

/// What came of a save.
pub enum Saved {
    Done,
    /// It was saved so already.
    AsBefore,
    /// Somebody else has saved meanwhile.
    Stale,
}

/// Saves the settings of tracking. They count for clicks from now on; the clicks that there are keep what
/// they have, but for their addresses.
pub fn save(conn: &mut PgConnection, who: &Who, new: &Settings, version: i32) -> Result<Saved, AppError> {
    let (before, saved) = queries::locked(conn)?;
    if saved != version {
        return Ok(Saved::Stale);
    }
    if before == *new {
        return Ok(Saved::AsBefore);
    }
    queries::save(conn, new)?;
    let details = json!({ "before": before, "now": new });
    audit::write(conn, who, "tracking.update", ("tracking", 1), details)?;
    Ok(Saved::Done)
}
