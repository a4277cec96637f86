//! Mails of web forms: written with what they tell of, sent once, tried again, given up, seen.

mod outbox;
mod pages;
mod partners;
mod program;
mod refusals;
mod words;

use std::time::Duration;

use chrono::TimeDelta;
use partnerbook::running::mails::{self, sender};
use partnerbook::web::admin::Role::{Administrator, Viewer};

use crate::support::http::{self, TestApp, Visitor};
use crate::support::program::eventually;
use crate::support::smtp::{self, MailServer, Taken};
use crate::web_forms::{ANN, CONTACT_US, make, rows, send, with};

const ADDRESSES: &str = "ops@partners.example, sales@partners.example";

/// A company that knows a mail server, with a form that tells two people.
struct Office {
    app: TestApp,
    admin: Visitor,
    port: u16,
    senders: Vec<sender::Sender>,
}

/// The office, with nobody yet who sends its mails.
fn office(port: u16) -> Office {
    let app = http::app_with(|state| state.mailing(Some(smtp::settings(port))));
    let admin = app.sign_in_as(Administrator);
    make(&admin, &with(&CONTACT_US, "mail_to", ADDRESSES)).location();
    Office { app, admin, port, senders: Vec::new() }
}

/// The office with a mail server that takes everything, and a sender.
fn busy_office() -> (Office, MailServer) {
    let server = MailServer::start();
    let mut office = office(server.port);
    office.start_a_sender();
    (office, server)
}

impl Office {
    fn start_a_sender(&mut self) {
        let settings = smtp::settings(self.port);
        let sender = sender::start(&self.app.database.db, &self.app.clock, &settings);
        self.senders.push(sender.expect("the sender starts"));
    }

    /// Ann, or whoever this is, sends the form.
    fn send(&self, fields: &[(&str, &str)]) {
        assert_eq!(send(&self.app, &self.app.visitor(), "/f/contact", fields).status, 303);
    }

    /// What each mail says of itself.
    fn mails(&self, what: &str) -> Vec<String> {
        rows(&self.app, &format!("SELECT {what} FROM mails ORDER BY id"))
    }

    /// Waits until mails stand like this.
    fn until(&self, what: &str, expected: &[&str]) {
        eventually(&format!("{what}: {expected:?}"), || Some(()).filter(|_| self.mails(what) == expected));
    }

    fn pass(&self, time: TimeDelta) {
        self.app.clock.advance(time);
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        for sender in std::mem::take(&mut self.senders) {
            sender.stop();
            sender.wait(Duration::from_secs(60));
        }
    }
}

/// How a mail stands, in a word.
const STATE: &str =
    "CASE WHEN sent_at IS NOT NULL THEN 'sent' WHEN given_up_at IS NOT NULL THEN 'failed' ELSE 'waiting' END";

/// Whom the mails went to, in order of the alphabet.
fn recipients(taken: &[Taken]) -> Vec<String> {
    let mut to: Vec<String> = taken.iter().flat_map(|mail| mail.to.clone()).collect();
    to.sort();
    to
}
