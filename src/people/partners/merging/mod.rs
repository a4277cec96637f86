//! Merging two partners that are one. What speaks for them from now on follows: codes, referrals, clicks,
//! recruits, programs, tags. The book stays as it was recorded: each keeps its account, the pages show
//! both together, and each can be paid what it is owed. See docs/decisions/0040.

pub mod handlers;
mod pages;

use super::queries::{merging as queries, record as codes};
use super::record::{self, Record, Versions};
use crate::domain::ids::PartnerId;
use crate::error::AppError;
use crate::running::audit::{self, Who};
use diesel::PgConnection;
use serde_json::json;

pub use queries::Moved;

/// What was shown before the button was pressed: versions of both records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    pub stays: Versions,
    pub gone: Versions,
}

/// What came of it.
pub enum Merged {
    Done(Moved),
    /// Nothing was done: the reason, as a sentence.
    Refused(String),
    /// Nothing was done: one of the two has been changed since it was shown.
    Stale,
}

/// Why the second cannot be merged into the first; none where it can.
pub fn obstacle(conn: &mut PgConnection, stays: &Record, gone: &Record) -> Result<Option<String>, AppError> {
    if stays.id == gone.id {
        return Ok(Some("These are the same record. Choose the other one.".into()));
    }
    for record in [stays, gone] {
        if record.merged_into.is_some() {
            let code = &record.facts.code;
            return Ok(Some(format!("The record with the code {code} was merged into another one already.")));
        }
    }
    for record in [stays, gone] {
        if record.person.erased_at.is_some() {
            let code = &record.facts.code;
            return Ok(Some(format!(
                "The person behind the code {code} was erased: its record stays as it is."
            )));
        }
    }
    if queries::is_above(conn, gone.id, stays.id)? {
        return Ok(Some(format!(
            "{} stands above {} in the tree: keep {0}, and merge {1} into it.",
            gone.facts.code, stays.facts.code
        )));
    }
    Ok(None)
}

/// Merges one partner into another, in one transaction.
pub fn merge(
    conn: &mut PgConnection,
    who: &Who,
    stays: PartnerId,
    gone: PartnerId,
    shown: Shown,
) -> Result<Merged, AppError> {
    codes::hold_codes(conn)?;
    // In id order, so that two who merge the same pair crosswise wait for each other.
    let (first, second) = (stays.min(gone), stays.max(gone));
    let (one, other) = (record::lock(conn, first)?, record::lock(conn, second)?);
    let (kept, merged) = if one.id == stays { (one, other) } else { (other, one) };
    if let Some(sentence) = obstacle(conn, &kept, &merged)? {
        return Ok(Merged::Refused(sentence));
    }
    if shown != (Shown { stays: kept.versions(), gone: merged.versions() }) {
        return Ok(Merged::Stale);
    }
    let moved = queries::hand_over(conn, gone, stays)?;
    queries::mark(conn, gone, stays, who.at)?;
    let details = json!({
        "recruits": moved.recruits, "referrals": moved.referrals, "clicks": moved.clicks,
        "enrolments": moved.enrolments, "tags": moved.tags,
    });
    let mut into = details.clone();
    into["merged_into"] = json!(stays);
    into["parent_before"] = json!(merged.facts.parent);
    audit::write(conn, who, "partner.merge_into", ("partner", gone.0), into)?;
    let mut took = details;
    took["took_over"] = json!(gone);
    audit::write(conn, who, "partner.merge", ("partner", stays.0), took)?;
    Ok(Merged::Done(moved))
}

impl Record {
    /// The versions of its two rows.
    pub fn versions(&self) -> Versions {
        Versions { partner: self.version, person: self.person.version }
    }
}
