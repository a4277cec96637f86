//! Mails: the outbox. Whoever wants somebody mailed writes the mail in the transaction of what it tells of
//! ([`ask`]); once that is committed the [`sender`] of some process hands it to the mail server, and tries again
//! where that fails (decision 0083). *CRM > Settings > Mail* shows what became of each.

pub mod handlers;
mod message;
mod pages;
mod queries;
pub mod sender;

pub use queries::{Failed, failed};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::PgConnection;
use lettre::Address;

use crate::domain::ids::{MailId, OrderId, SubmissionId, UserId};
use crate::domain::mail::is_local_email;
use crate::domain::typed::is_mark_of_direction;
use crate::error::AppError;

/// How long a mail is kept, whatever became of it.
const KEEP: TimeDelta = TimeDelta::days(30);

/// How long a mail is due at most that no process tries to send, as where the mail server was taken out of the
/// settings.
const DUE: TimeDelta = TimeDelta::days(3);

/// What columns of the database hold.
const MOST_SUBJECT: usize = 200;
const MOST_BODY: usize = 100_000;

/// A mail to be sent.
#[derive(Debug, Clone)]
pub struct NewMail {
    /// The address that it goes to.
    pub recipient: String,
    /// The address that an answer goes to, where that is not the sender's.
    pub reply_to: Option<String>,
    /// One line; what else comes is made one.
    pub subject: String,
    /// Plain text.
    pub body: String,
    pub about: About,
}

/// What a mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// What somebody sent by a web form.
    Submission(SubmissionId),
    /// An order that is credited to a partner.
    Order(OrderId),
    /// Nothing: this user wants to see whether mail works.
    Test(UserId),
}

/// How a mail stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is still to be sent, or to be tried again.
    Waiting,
    /// A mail server has it.
    Sent,
    /// It was given up.
    Failed,
}

impl State {
    /// All of them, in the order in which the page offers them.
    pub const ALL: [State; 3] = [State::Waiting, State::Sent, State::Failed];

    /// The word in addresses.
    pub fn word(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Sent => "sent",
            State::Failed => "failed",
        }
    }

    /// The one of this word.
    pub fn from_word(word: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// Asks for a mail to be sent as soon as the transaction is committed.
pub fn ask(conn: &mut PgConnection, new: &NewMail, at: DateTime<Utc>) -> Result<MailId, AppError> {
    let (subject, body) = (one_line(&new.subject, MOST_SUBJECT), cut(&new.body, MOST_BODY));
    Ok(queries::insert(conn, &NewMail { subject, body, ..new.clone() }, at)?)
}

/// Whether this is an address that mail can go to.
pub fn can_be_mailed(address: &str) -> bool {
    is_local_email(address) && address.parse::<Address>().is_ok()
}

/// Whether an answer to a mail can be led there. Not every server takes other letters in a header's address.
pub fn can_be_answered(address: &str) -> bool {
    address.is_ascii() && can_be_mailed(address)
}

/// Gives up what nobody tries to send, and forgets mails after a month.
pub fn forget_in_time(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), AppError> {
    queries::give_up_due(conn, now - DUE, now)?;
    queries::forget(conn, now - KEEP)?;
    Ok(())
}

/// In one line of at most so many characters, whatever it came as.
pub fn one_line(text: &str, most: usize) -> String {
    let blank = |c: char| if c.is_control() { ' ' } else { c };
    // Nobody's name turns round what stands after it.
    let line: String = text.chars().filter(|c| !is_mark_of_direction(*c)).map(blank).collect();
    cut(&line.split_whitespace().collect::<Vec<_>>().join(" "), most)
}

/// No more characters than fit.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.into();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_line_that_fits() {
        assert_eq!(
            one_line(" Hello\r\nBcc: all@example.com\u{0} \t x ", 200),
            "Hello Bcc: all@example.com x"
        );
        assert_eq!(one_line("äöüß", 3), "äö…");
        assert_eq!(one_line("äöü", 3), "äöü");
    }

    #[test]
    fn what_no_mail_can_go_to_is_told_from_what_it_can() {
        for address in ["ann@example.com", "ann+lee@mail.example.com", "o'hara@example.com"] {
            assert!(can_be_mailed(address), "{address}");
        }
        for address in
            ["", "ann", "ann@", "@example.com", "a b@example.com", "ann@example.com\r\nBcc: x@y.zz"]
        {
            assert!(!can_be_mailed(address), "{address}");
        }
    }
}
