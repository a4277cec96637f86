//! A partner's record, kept by hand: made, edited, deleted.

pub mod forms;
pub mod handlers;
pub mod pages;
mod save;

pub use save::{change, create, delete, refuse_closed};

use super::PartnerStatus;
use super::queries::record as queries;
use crate::domain::ids::{PartnerId, ProgramId};
use crate::error::AppError;
use crate::people::contacts::record as person;
use crate::web::forms::Problems;
use diesel::PgConnection;

/// What people keep of a partner, beside the person that it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub code: String,
    /// Who recruited it.
    pub parent: Option<PartnerId>,
    pub status: PartnerStatus,
    /// *Track leads for* so many days; none = never expires.
    pub track_leads_days: Option<i32>,
    pub notify_on_lead: bool,
    pub notify_on_sale: bool,
    /// In the order of their numbers.
    pub programs: Vec<ProgramId>,
    /// By name.
    pub tags: Vec<String>,
}

/// A partner as typed and found sound; the parent is still a code.
#[derive(Debug, Clone)]
pub struct Sound {
    pub facts: Facts,
    pub parent_code: Option<String>,
    pub person: person::Facts,
}

/// A partner's record as it is.
#[derive(Debug, Clone)]
pub struct Record {
    pub id: PartnerId,
    pub version: i32,
    pub facts: Facts,
    /// Empty where it has no parent.
    pub parent_code: String,
    pub person: person::Record,
    /// The partner that it was merged into.
    pub merged_into: Option<PartnerId>,
}

/// Which versions of the two rows a form shows: of the partner, and of the person that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    pub partner: i32,
    pub person: i32,
}

/// What came of a save.
pub enum Saved {
    Done(PartnerId),
    /// Nothing was saved, for these reasons.
    Problems(Problems),
    /// Nothing was saved: somebody else has, since the form was opened.
    Stale,
}

/// A partner's record, or a page that says that there is no such partner.
pub fn find(conn: &mut PgConnection, id: PartnerId) -> Result<Record, AppError> {
    read(conn, id, false)
}

/// The same, locked until the transaction ends.
pub fn lock(conn: &mut PgConnection, id: PartnerId) -> Result<Record, AppError> {
    read(conn, id, true)
}

fn read(conn: &mut PgConnection, id: PartnerId, locked: bool) -> Result<Record, AppError> {
    let missing = || AppError::not_found(format!("partner {id}"));
    let row = queries::find(conn, id, locked)?.ok_or_else(missing)?;
    let person =
        if locked { person::lock(conn, row.contact_id)? } else { person::find(conn, row.contact_id)? };
    let (programs, tags) = (queries::programs_of(conn, id)?, queries::tags_of(conn, id)?);
    Ok(row.record(person.ok_or_else(missing)?, programs, tags))
}
