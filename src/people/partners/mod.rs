//! Referral partners: who they are, under which codes, whose recruits, and in which programs.
//! Others call [`make`], [`enrol`], [`by_code`], [`lineages`] and what else is public here.

pub mod handlers;
pub mod list;
pub mod mass;
pub mod merging;
pub mod notes;
pub mod pages;
pub(crate) mod queries;
pub mod record;
pub mod standing;

use super::contacts::{self, NewContact, PostalAddress};
use crate::book;
use crate::domain::commission::Lineage;
use crate::domain::ids::{ContactId, PartnerId, ProgramId};
use crate::error::AppError;
use crate::running::mails;
use diesel::PgConnection;
use diesel::result::{DatabaseErrorKind, Error};
use std::collections::HashMap;

/// A partner to be made; its codes, names and e-mail are checked already.
#[derive(Debug, Clone)]
pub struct NewPartner {
    pub code: String,
    pub name: String,
    pub email: Option<String>,
    /// Who recruited it.
    pub parent: Option<PartnerId>,
    pub status: PartnerStatus,
    /// *Track leads for* so many days; none = never expires.
    pub track_leads_days: Option<i32>,
    pub notify_on_lead: bool,
    pub notify_on_sale: bool,
    pub address: PostalAddress,
}

/// An inactive partner earns nothing new, and is paid what it is owed (spec 3, 4.3, 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartnerStatus {
    Active,
    Inactive,
}

impl PartnerStatus {
    pub const ALL: [PartnerStatus; 2] = [PartnerStatus::Active, PartnerStatus::Inactive];

    /// The word for it in the database, in files and in URLs.
    pub fn word(self) -> &'static str {
        match self {
            PartnerStatus::Active => "active",
            PartnerStatus::Inactive => "inactive",
        }
    }

    /// The status of that word.
    pub fn from_word(word: &str) -> Option<PartnerStatus> {
        PartnerStatus::ALL.into_iter().find(|status| status.word() == word)
    }
}

/// Whether a text may be a partner's code: up to 60 letters, digits, dashes and underscores, because
/// it stands in links.
pub fn is_code(text: &str) -> bool {
    (1..=60).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Makes partners, each with its contact and its account in the company's currency; their ids in
/// the order of the list. A contact that is known by the e-mail becomes the partner, under the name
/// and address that are given here: this is the record that its ledgers are sent by.
pub fn make(conn: &mut PgConnection, new: &[NewPartner]) -> Result<Vec<PartnerId>, AppError> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let people: Vec<NewContact> = new
        .iter()
        .map(|partner| NewContact {
            external_id: None,
            email: partner.email.clone(),
            name: partner.name.clone(),
            address: partner.address.clone(),
        })
        .collect();
    let contacts = contacts::find_or_make(conn, &people)?;
    queries::name_contacts(conn, &contacts, new)?;
    let made = queries::insert(conn, &contacts, new).map_err(explain)?;
    book::open_accounts(conn, &made)?;
    Ok(made)
}

/// Sets the parents of partners. A loop is refused by the database.
pub fn set_parents(conn: &mut PgConnection, parents: &[(PartnerId, PartnerId)]) -> Result<(), AppError> {
    queries::set_parents(conn, parents).map_err(explain)
}

/// Enrols partners in programs; who is enrolled already stays so. Gives those who were not.
pub fn enrol(
    conn: &mut PgConnection,
    enrolments: &[(PartnerId, ProgramId)],
) -> Result<Vec<(PartnerId, ProgramId)>, AppError> {
    Ok(queries::enrol(conn, enrolments)?)
}

/// Takes partners out of programs: they earn nothing more by them. Gives those who were enrolled.
pub fn withdraw(
    conn: &mut PgConnection,
    enrolments: &[(PartnerId, ProgramId)],
) -> Result<Vec<(PartnerId, ProgramId)>, AppError> {
    Ok(queries::withdraw(conn, enrolments)?)
}

/// The partners of these codes, by the code in lower case. A code that a partner had earlier leads
/// to it too; unknown ones are left out.
pub fn by_code(conn: &mut PgConnection, codes: &[String]) -> Result<HashMap<String, PartnerId>, AppError> {
    Ok(queries::by_code(conn, codes)?)
}

/// Partners with their parents and grandparents.
pub fn lineages(
    conn: &mut PgConnection,
    partners: &[PartnerId],
) -> Result<HashMap<PartnerId, Lineage>, AppError> {
    Ok(queries::lineages(conn, partners)?)
}

/// The partner that each of these contacts is; of a merged one, the partner that it turned out to be.
pub fn own_partners(
    conn: &mut PgConnection,
    contacts: &[ContactId],
) -> Result<HashMap<ContactId, PartnerId>, AppError> {
    Ok(queries::own_partners(conn, contacts)?)
}

/// What a partner may be mailed about, where its record says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// Somebody whom it referred sent a web form.
    Lead,
    /// An order is credited to it.
    Sale,
}

/// A partner who is to be mailed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    pub name: String,
    pub email: String,
}

/// The partner as mail goes to it; none where it is inactive, does not want to be told of this, or has no e-mail.
pub fn addressee(
    conn: &mut PgConnection,
    partner: PartnerId,
    occasion: Occasion,
) -> Result<Option<Addressee>, AppError> {
    let found = queries::notified::addressee(conn, partner, occasion)?;
    Ok(found.filter(|partner| mails::can_be_mailed(&partner.email)))
}

/// For how many days each of these partners' leads are tracked; none = for ever.
pub fn track_leads_days(
    conn: &mut PgConnection,
    partners: &[PartnerId],
) -> Result<HashMap<PartnerId, Option<i32>>, AppError> {
    Ok(queries::track_leads_days(conn, partners)?)
}

/// Makes a partner active or inactive.
pub fn set_status(
    conn: &mut PgConnection,
    partner: PartnerId,
    status: PartnerStatus,
) -> Result<(), AppError> {
    match queries::set_status(conn, partner, status)? {
        0 => Err(AppError::not_found(format!("partner {partner}"))),
        _ => Ok(()),
    }
}

/// Whether each partner is active.
pub fn all_statuses(conn: &mut PgConnection) -> Result<HashMap<PartnerId, bool>, AppError> {
    Ok(queries::all_statuses(conn)?)
}

/// Every tag that partners have or had, by name.
pub fn tags(conn: &mut PgConnection) -> Result<Vec<String>, AppError> {
    Ok(queries::record::all_tags(conn)?)
}

/// What the database refuses by a rule of its own, in words. Who asks first is told better; this is
/// for two who save at the same moment.
pub(super) fn explain(error: Error) -> AppError {
    let Error::DatabaseError(DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::CheckViolation, what) =
        &error
    else {
        return error.into();
    };
    let sentence = match what.constraint_name() {
        Some("partners_one_per_code" | "partner_codes_are_never_used_again") => {
            "A code is, or was, another partner's. Codes are never used again."
        }
        Some("partners_one_per_contact") => {
            "An e-mail is another partner's already. Each partner is a person of its own."
        }
        Some("partners_have_no_parent_loop" | "partners_are_not_their_own_parent") => {
            "A partner would be recruited by its own recruit. Choose another parent."
        }
        _ => return error.into(),
    };
    AppError::refused(sentence)
}
