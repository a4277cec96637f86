//! *CRM > Settings > Company*: who pays the partners, in which currency, in which time zone, and how
//! days are written.

pub mod forms;
pub mod handlers;
pub mod logo;
pub mod pages;
pub mod place;
pub mod save;
pub mod zones;

use diesel::PgConnection;

use super::queries::{self, Company, LastSave, Recorded};
use crate::domain::settings::Place;
use crate::error::AppError;
use crate::web::html::DateFormat;

/// The action under which the audit log has each save.
pub const SAVED: &str = "company.update";

/// The company as it was sent, read and found sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCompany {
    pub name: String,
    pub address_line1: String,
    pub address_line2: String,
    pub city: String,
    pub state: String,
    pub postal_code: String,
    pub country: String,
    pub email: String,
    pub phone: String,
    pub place: Place,
    pub dates: DateFormat,
    /// How often it had been saved when the page was shown.
    pub version: i32,
    /// The key of the change of currency or time zone that the visitor has seen.
    pub confirm: String,
}

/// How things stand.
#[derive(Debug, Clone)]
pub struct Current {
    pub company: Company,
    pub place: Place,
    /// What fixes the currency.
    pub recorded: Recorded,
    /// How many partners there are: each would have an account in another currency.
    pub partners: i64,
    /// None: as it came.
    pub last_save: Option<LastSave>,
    pub logo: logo::Current,
}

/// Reads how things stand.
pub fn current(conn: &mut PgConnection) -> Result<Current, AppError> {
    Ok(Current {
        company: queries::company(conn)?,
        place: queries::place(conn)?,
        recorded: queries::recorded(conn)?,
        partners: queries::count_partners(conn)?,
        last_save: queries::last_save(conn, SAVED)?,
        logo: logo::current(conn)?,
    })
}
