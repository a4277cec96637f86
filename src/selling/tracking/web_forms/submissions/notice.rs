//! The mails that tell of a submission: those who keep the form what was sent by it, and a partner that somebody
//! came.

use askama::Template;
use chrono::{DateTime, Utc};
use diesel::PgConnection;

use super::New;
use super::forms::Answer;
use super::queries::{self, SubmissionRow};
use crate::domain::ids::SubmissionId;
use crate::domain::settings::TrackingRules;
use crate::error::AppError;
use crate::running::mails::{self, About, NewMail};
use crate::running::settings;
use crate::selling::tracking::visits::{self, Of};
use crate::selling::tracking::web_forms::Record;
use crate::web::paths;

/// A mail has so many characters of an answer at most; all of it stands on the contact's page.
const MOST_OF_AN_ANSWER: usize = 2000;

const MOST_OF_A_NAME: usize = 200;
const MOST_OF_A_LABEL: usize = 300;

/// The text of the mail.
#[derive(Template)]
#[template(path = "web_forms/notice.txt")]
struct Notice<'a> {
    form: String,
    /// Who sent it: the name, or else the e-mail.
    who: &'a str,
    email: &'a str,
    /// Whether an answer to the mail goes there.
    is_answered: bool,
    answers: Vec<Answer>,
    /// Through whose link somebody had come: name and code; empty where through nobody's.
    partner: String,
    contact_url: String,
    form_url: String,
}

/// Writes a mail for each address that the form says.
pub(super) fn mail(
    conn: &mut PgConnection,
    form: &Record,
    id: SubmissionId,
    links: &str,
    at: DateTime<Utc>,
) -> Result<(), AppError> {
    if form.facts.mail_to.is_empty() {
        return Ok(());
    }
    let sent = queries::find(conn, id)?;
    // Also a name may have been sent with line breaks in it.
    let who = mails::one_line(if sent.name.is_empty() { &sent.email } else { &sent.name }, MOST_OF_A_NAME);
    let new = NewMail {
        recipient: String::new(),
        reply_to: Some(sent.email.clone()).filter(|email| mails::can_be_answered(email)),
        subject: format!("{}: {who}", form.facts.name),
        body: text(form, &sent, &who, links)?,
        about: About::Submission(id),
    };
    for address in &form.facts.mail_to {
        mails::ask(conn, &NewMail { recipient: address.clone(), ..new.clone() }, at)?;
    }
    Ok(())
}

/// The rules by which a partner is found to be told of a lead; none where no partner is mailed. What clicks from its
/// address wait to be worked in are, before anybody is locked.
pub(super) fn rules(conn: &mut PgConnection, new: &New) -> Result<Option<TrackingRules>, AppError> {
    if new.mail_links.is_none() {
        return Ok(None);
    }
    let defaults = settings::defaults(conn)?.0;
    if defaults.skip_notifications {
        return Ok(None);
    }
    if defaults.tracking.use_ip_address {
        visits::work_in_of(conn, Of { addresses: new.address.as_slice(), ..Of::default() })?;
    }
    Ok(Some(defaults.tracking))
}

fn text(form: &Record, sent: &SubmissionRow, who: &str, links: &str) -> Result<String, AppError> {
    let partner = match (sent.partner_name.as_str(), sent.partner_code.as_str()) {
        ("", code) => code.to_string(),
        (name, code) => format!("{} ({code})", mails::one_line(name, MOST_OF_A_NAME)),
    };
    let contact = sent.contact_id.map(paths::contact).unwrap_or_default();
    let notice = Notice {
        form: mails::one_line(&form.facts.name, MOST_OF_A_NAME),
        who,
        email: &sent.email,
        is_answered: mails::can_be_answered(&sent.email),
        answers: sent.answers().into_iter().map(indented).collect(),
        partner,
        contact_url: format!("{links}{contact}"),
        form_url: format!("{links}{}", paths::web_form(form.id)),
    };
    notice.render().map_err(|error| AppError::Internal(error.into()))
}

/// As it stands in the mail, the label with its colon and what comes after it: cut where it is long, and set in where
/// it has several lines, so that nobody's answer looks like something else of the mail.
fn indented(answer: Answer) -> Answer {
    let mut text: String = answer.answer.chars().take(MOST_OF_AN_ANSWER).collect();
    if text.len() < answer.answer.len() {
        text.push_str("… (the rest stands on the contact’s page)");
    }
    let lines: Vec<&str> = text.split(['\n', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']).collect();
    let set_in = |line: &&str| if line.is_empty() { "\n".into() } else { format!("\n    {line}") };
    let label = mails::one_line(&answer.label, MOST_OF_A_LABEL);
    Answer {
        label: if label.ends_with(['?', '!', '.', ':', '…']) { label } else { label + ":" },
        answer: if lines.len() == 1 { format!(" {text}") } else { lines.iter().map(set_in).collect() },
    }
}
