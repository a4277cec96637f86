//! What the page about mail shows.

use askama::Template;
use chrono::{DateTime, Utc};

use super::State;
use super::queries::{MailRow, Totals};
use crate::config::mail::Mail;
use crate::web::admin::Viewer;
use crate::web::layout::Layout;
use crate::web::list::Pager;
use crate::web::{App, paths};

/// CRM > Settings > Mail.
#[derive(Template)]
#[template(path = "mail/index.html")]
pub struct IndexPage {
    layout: Layout,
    may_change: bool,
    /// Where a test mail would go.
    me: String,
    /// How mail is sent; none: nobody is mailed.
    mail: Option<Mail>,
    state: Option<State>,
    totals: Totals,
    mails: Vec<MailRow>,
    last_test: Option<MailRow>,
    /// Something is to be sent just now.
    is_under_way: bool,
    pager: Pager,
}

/// Everything that was read.
pub struct Shown {
    pub state: Option<State>,
    pub totals: Totals,
    pub mails: Vec<MailRow>,
    pub last_test: Option<MailRow>,
}

impl Shown {
    /// How many mails stand so.
    pub fn total(&self) -> i64 {
        let Totals { waiting, sent, failed, .. } = self.totals;
        match self.state {
            None => waiting + sent + failed,
            Some(State::Waiting) => waiting,
            Some(State::Sent) => sent,
            Some(State::Failed) => failed,
        }
    }
}

impl IndexPage {
    pub fn new(viewer: &Viewer, app: &App, shown: Shown, pager: Pager) -> IndexPage {
        let now = app.clock.now();
        let Shown { state, totals, mails, last_test } = shown;
        let is_due = |mail: &MailRow| mail.next_try_at.is_some_and(|at| at <= now);
        IndexPage {
            layout: viewer.layout("Mail").under("CRM", "").under("Settings", paths::SETTINGS),
            may_change: viewer.may_change(),
            me: viewer.user.email.clone(),
            mail: app.mail.clone(),
            is_under_way: app.mail.is_some() && (mails.iter().any(is_due) || last_test.iter().any(is_due)),
            state,
            totals,
            mails,
            last_test,
            pager,
        }
    }

    /// Each choice of what is listed: its words, where it leads, how many there are, whether it is this.
    fn choices(&self) -> Vec<(&'static str, String, i64, bool)> {
        let Totals { waiting, sent, failed, .. } = self.totals;
        let one = |words, state: State, mails| {
            (words, format!("{}?state={}", paths::MAIL, state.word()), mails, self.state == Some(state))
        };
        vec![
            ("All", paths::MAIL.into(), waiting + sent + failed, self.state.is_none()),
            one("Waiting", State::Waiting, waiting),
            one("Sent", State::Sent, sent),
            one("Failed", State::Failed, failed),
        ]
    }
}

impl MailRow {
    /// How it stands.
    pub fn state(&self) -> State {
        match (self.sent_at, self.given_up_at) {
            (Some(_), _) => State::Sent,
            (None, Some(_)) => State::Failed,
            (None, None) => State::Waiting,
        }
    }

    /// The same in a word.
    pub fn words(&self) -> &'static str {
        match self.state() {
            State::Waiting => "Waiting",
            State::Sent => "Sent",
            State::Failed => "Failed",
        }
    }

    /// How its badge looks.
    pub fn tone(&self) -> &'static str {
        match self.state() {
            State::Waiting if self.tries > 0 => "warn",
            State::Waiting => "info",
            State::Sent => "ok",
            State::Failed if self.is_seen => "",
            State::Failed => "bad",
        }
    }

    /// When it came to stand so.
    pub fn at(&self) -> &DateTime<Utc> {
        self.sent_at.as_ref().or(self.given_up_at.as_ref()).unwrap_or(&self.made_at)
    }

    /// Whether somebody may want to try it now.
    pub fn can_be_tried(&self) -> bool {
        self.state() == State::Failed || (self.state() == State::Waiting && self.tries > 0)
    }

    /// Whether somebody may want to leave it as it is.
    pub fn can_be_left(&self) -> bool {
        self.state() == State::Failed && !self.is_seen
    }

    /// The page of whom or what it tells.
    pub fn subject_page(&self) -> Option<String> {
        self.contact_id.map(paths::contact).or(self.order_id.map(paths::order))
    }

    /// The page of the form that was sent.
    pub fn form(&self) -> Option<String> {
        self.form_id.map(paths::web_form)
    }
}
