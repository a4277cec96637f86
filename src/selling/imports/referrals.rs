//! `referrals`: contact_external_id or email, partner_code, referred_at, type, expires_at.

use super::Task;
use super::cells::SHORT;
use super::report::RowError;
use super::table::{Column, Table};
use crate::error::AppError;
use crate::people::contacts::{self, NewContact};
use crate::people::partners;
use crate::selling::tracking::{self, NewReferral};
use chrono::{DateTime, Utc};
use diesel::PgConnection;

pub(super) const COLUMNS: &[Column] = &[
    Column::optional(
        "contact_external_id",
        &["CustomerID"],
        "The contact's number in your system; this or an email. A contact that is not known yet is made.",
    ),
    Column::optional("email", &[], "The contact's e-mail address."),
    Column::required("partner_code", &[], "Who referred the contact."),
    Column::required("referred_at", &["date"], "When; a time without a zone is in the company's."),
    Column::optional("type", &[], "manual (where it is empty), permanent or cookie."),
    Column::optional("expires_at", &[], "When the referral ends; empty: never."),
];

/// A referral as a row has it.
struct Draft {
    contact: NewContact,
    partner_code: String,
    /// For the message, should nobody have the code.
    unknown_partner: RowError,
    referred_at: DateTime<Utc>,
    permanent: bool,
    expires_at: Option<DateTime<Utc>>,
}

/// Records the ties of contacts to partners. A contact that is not known yet is made.
pub fn import(conn: &mut PgConnection, task: &mut Task) -> Result<(), AppError> {
    let mut drafts = read(task);
    let codes: Vec<String> = drafts.iter().map(|draft| draft.partner_code.clone()).collect();
    let partners = partners::by_code(conn, &codes)?;
    drafts.retain(|draft| {
        let known = partners.contains_key(&draft.partner_code);
        if !known {
            task.report.error(draft.unknown_partner.clone());
        }
        known
    });
    if !task.goes_on() {
        return Ok(());
    }
    let people: Vec<NewContact> = drafts.iter().map(|draft| draft.contact.clone()).collect();
    let contacts = contacts::find_or_make(conn, &people)?;
    let referrals: Vec<NewReferral> = drafts
        .iter()
        .zip(contacts)
        .filter_map(|(draft, contact)| {
            Some(NewReferral {
                contact,
                partner: *partners.get(&draft.partner_code)?,
                referred_at: draft.referred_at,
                permanent: draft.permanent,
                expires_at: draft.expires_at,
            })
        })
        .collect();
    for referrals in referrals.chunks(crate::db::columns::ROWS_AT_ONCE) {
        task.report.recorded += tracking::make_referrals(conn, referrals)?;
    }
    task.report.already_there = drafts.len() - task.report.recorded;
    Ok(())
}

fn read(task: &mut Task) -> Vec<Draft> {
    let (zone, now, report) = (task.place.zone, task.import.who.at, &mut task.report);
    let mut drafts = Vec::new();
    let Some(mut table) = Table::open(task.import, COLUMNS, report) else { return drafts };
    let [external_id, email, partner, at, kind, end] =
        ["contact_external_id", "email", "partner_code", "referred_at", "type", "expires_at"]
            .map(|name| table.place(name));
    if !external_id.is_there() && !email.is_there() {
        report.unusable(RowError::of_file("The file needs a column contact_external_id or email."));
        return drafts;
    }
    while let Some(row) = table.next_row(report) {
        let expires_at = if row.is_empty(end) { Ok(None) } else { row.instant(end, zone).map(Some) };
        // One from a cookie comes without its click, so it is kept as made by hand: it counts the same.
        let kinds = [("manual", false), ("permanent", true), ("cookie", false)];
        let values = (
            report.check(row.text(external_id, SHORT)),
            report.check(row.email(email)),
            report.check(row.partner_code(partner)),
            report.check(row.past_instant(at, zone, now)),
            report.check(row.word(kind, &kinds)),
            report.check(expires_at),
        );
        let (Some(number), Some(address), Some(code), Some(referred_at), Some(permanent), Some(expires_at)) =
            values
        else {
            continue;
        };
        if number.is_empty() && address.is_none() {
            report.error(row.problem("names no contact: it needs a contact_external_id or an email"));
        } else if permanent && expires_at.is_some() {
            report.error(row.error(end, "is set, but a permanent referral never expires"));
        } else if expires_at.is_some_and(|expires_at| expires_at < referred_at) {
            report.error(row.error(end, "is before referred_at"));
        } else {
            drafts.push(Draft {
                contact: NewContact {
                    external_id: Some(number.to_string()).filter(|number| !number.is_empty()),
                    email: address.map(str::to_string),
                    ..NewContact::default()
                },
                partner_code: code.to_ascii_lowercase(),
                unknown_partner: row.error(partner, "is no partner's code"),
                referred_at,
                permanent,
                expires_at,
            });
        }
    }
    drafts
}
