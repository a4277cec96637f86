//! Web forms as people outside see them: the page `/f/<form>`, and what becomes of what they send. See
//! docs/decisions/0073 for who is kept out, and how.

mod forms;
pub mod handlers;
mod notice;
mod page_key;
mod pages;
pub mod queries;

pub use forms::{Answer, TRAP, VISITOR};
pub use page_key::Signer;
pub use queries::forget_in_time;

use super::Record;
use crate::domain::ids::{ContactId, VisitorId, WebFormId};
use crate::error::AppError;
use crate::people::contacts;
use crate::selling::partner_mails::{self, Lead};
use crate::selling::tracking::{self, Prospect};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::PgConnection;
use forms::{Sound, content_hash};
use std::collections::BTreeSet;

/// For how long the same sent again from a page that is not ours is a second press of its button.
const A_PRESS: TimeDelta = TimeDelta::minutes(1);

/// What was sent, beside the answers.
#[derive(Debug, Clone)]
struct New {
    form: WebFormId,
    /// The number of the page of ours that it was sent from.
    page_key: Option<String>,
    /// Keys that may be visitors': of the cookie, and of the form's field.
    visitors: Vec<String>,
    address: Option<String>,
    at: DateTime<Utc>,
    /// What the links of a mail about it begin with; none: mail is not set up, and nobody is mailed.
    mail_links: Option<String>,
}

/// What is kept of it.
struct Submission {
    contact: Option<ContactId>,
    visitor: Option<VisitorId>,
    answers: Vec<Answer>,
    content_hash: [u8; 32],
}

/// Takes what a person sent: makes or finds the contact, ties to it the visitors that it came with, keeps the
/// answers, and writes the mails about it. The same from the same page again is kept once. False where the form has gone meanwhile.
fn take(conn: &mut PgConnection, form: &Record, new: &New, sound: &Sound) -> Result<bool, AppError> {
    if !queries::hold(conn, new.form)? {
        return Ok(false);
    }
    let content_hash = content_hash(new.form, &sound.answers);
    if queries::is_known(conn, new, &content_hash, A_PRESS)? {
        return Ok(true);
    }
    let rules = notice::rules(conn, new)?;
    let contact = contacts::find_or_make(conn, std::slice::from_ref(&sound.contact))?[0];
    if sound.opted_in {
        contacts::opt_in(conn, contact)?;
    }
    let visitors = queries::visitors(conn, &new.visitors)?;
    // In id order: two who come with the same two visitors wait for each other.
    for visitor in visitors.iter().collect::<BTreeSet<_>>() {
        tracking::identify(conn, *visitor, contact)?;
    }
    if let Some(partner) = form.facts.sales_rep {
        contacts::give_sales_rep(conn, contact, partner, form.id)?;
    }
    let (visitor, answers) = (visitors.first().copied(), sound.answers.clone());
    let kept = Submission { contact: Some(contact), visitor, answers, content_hash };
    let submission = queries::insert(conn, new, &kept)?;
    if let Some(links) = &new.mail_links {
        notice::mail(conn, form, submission, links, new.at)?;
    }
    if let Some(rules) = rules {
        let prospect = Prospect { visitor, contact: Some(contact), address: new.address.clone() };
        if let Some(partner) = prospect.partner(conn, rules, new.at)? {
            let (form, at) = (&form.facts.title, new.at);
            partner_mails::tell_of_lead(conn, Lead { submission, form, partner, at })?;
        }
    }
    Ok(true)
}

/// Keeps what a robot sent, and makes nobody by it. False where the form has gone meanwhile.
fn keep_spam(conn: &mut PgConnection, new: &New, answers: Vec<Answer>) -> Result<bool, AppError> {
    if !queries::hold(conn, new.form)? {
        return Ok(false);
    }
    let content_hash = content_hash(new.form, &answers);
    if !queries::is_known(conn, new, &content_hash, A_PRESS)? {
        queries::insert(conn, new, &Submission { contact: None, visitor: None, answers, content_hash })?;
    }
    Ok(true)
}

/// How many people have sent a form.
pub fn count(conn: &mut PgConnection, form: WebFormId) -> Result<i64, AppError> {
    Ok(queries::count(conn, form)?)
}

/// Forgets what robots sent by a form that is deleted.
pub fn forget(conn: &mut PgConnection, form: WebFormId) -> Result<(), AppError> {
    queries::forget(conn, form)?;
    Ok(())
}
