//! One message after a redirect, kept in the session until the next page shows it.

use actix_session::Session;
use serde::{Deserialize, Serialize};

const KEY: &str = "flash";

/// How a message looks; each kind also has its own icon, and its words say what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FlashKind {
    /// It was done.
    Ok,
    /// It was done, but look at this.
    Warn,
    /// It was not done.
    Error,
}

/// A message: what happened in a few bold words, then the rest, then perhaps a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// How it looks.
    pub kind: FlashKind,
    /// A short sentence, shown bold: `Saved.`
    pub lead: String,
    /// The rest, may be empty: `3 commission program records were changed.`
    pub text: String,
    /// Path and words of a link at the end.
    pub link: Option<(String, String)>,
}

impl Flash {
    /// It was done: `Flash::ok("Saved.", "3 commission program records were changed.")`.
    pub fn ok(lead: impl Into<String>, text: impl Into<String>) -> Flash {
        Flash { kind: FlashKind::Ok, lead: lead.into(), text: text.into(), link: None }
    }

    /// It was done, but the visitor should look at something.
    pub fn warn(lead: impl Into<String>, text: impl Into<String>) -> Flash {
        Flash { kind: FlashKind::Warn, ..Flash::ok(lead, text) }
    }

    /// It was not done.
    pub fn error(lead: impl Into<String>, text: impl Into<String>) -> Flash {
        Flash { kind: FlashKind::Error, ..Flash::ok(lead, text) }
    }

    /// Adds a link at the end.
    pub fn link(mut self, path: impl Into<String>, words: impl Into<String>) -> Flash {
        self.link = Some((path.into(), words.into()));
        self
    }

    /// The modifier of its class: `ok`, `warn` or `error`.
    pub fn class(&self) -> &'static str {
        match self.kind {
            FlashKind::Ok => "ok",
            FlashKind::Warn => "warn",
            FlashKind::Error => "error",
        }
    }

    /// Keeps it for the next page of this session. A message that cannot be kept is only logged: the
    /// work that it tells of is done.
    pub fn keep(&self, session: &Session) {
        if let Err(error) = session.insert(KEY, self) {
            tracing::warn!(?error, "a flash message was lost");
        }
    }

    /// Takes the kept message out of the session.
    pub fn take(session: &Session) -> Option<Flash> {
        if !session.contains_key(KEY) {
            return None;
        }
        session.remove_as::<Flash>(KEY).and_then(Result::ok)
    }
}
