//! Jobs: work that takes longer than a page may. A page asks for one in its own transaction
//! ([`ask`]) and calls [`ring`] afterwards; a worker in the application runs it; its page `/jobs/{id}`
//! shows how far it is, may be left, and is found again.
//!
//! What a job writes is written in the transaction that ends it, so it happens once: a worker that
//! dies leaves nothing, and the next one begins anew (decision 0035).
//!
//! # A new kind of job
//! A variant of [`JobKind`], and its line in `src/runners.rs`: a function `fn(&mut Work) ->
//! Result<Outcome, AppError>` of the feature that does the work. It writes through `work.conn`, reads
//! long lists through `work.db.read_now(…)` if it wants all of one moment, and calls
//! `work.progress(…)?` at every step: that is where it is stopped or cancelled.

mod bell;
pub mod handlers;
pub mod pages;
pub mod queries;
mod work;
pub mod worker;

pub use bell::ring;
pub use queries::{Job, take_time};
pub use work::{Outcome, Runner, Work};

use diesel::PgConnection;
use serde_json::Value;

use crate::domain::ids::JobId;
use crate::error::AppError;
use crate::running::audit::Who;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$of])* $variant),* }

        impl $name {
            /// The word that the database keeps.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word),* }
            }

            /// The one of this word.
            pub fn from_word(word: &str) -> Option<$name> {
                match word { $($word => Some($name::$variant),)* _ => None }
            }
        }
    };
}

words! {
    /// Which kind of work. What each does stands in `src/runners.rs`.
    JobKind {
        /// Looks what an uploaded file would do.
        CheckImport = "check_import",
        /// Brings an uploaded file in.
        Import = "import",
        /// Prints many ledgers.
        Print = "print",
    }
}

words! {
    /// How a job stands.
    State {
        /// Nobody has begun it, or an orderly stop has interrupted it.
        Waiting = "waiting",
        /// A worker is at it; or was, and died: then another takes it up.
        Running = "running",
        /// It did what it was to do.
        Done = "done",
        /// It could not, and nothing of it was kept.
        Failed = "failed",
        /// Somebody stopped it, and nothing of it was kept.
        Cancelled = "cancelled",
    }
}

/// A job to be done.
#[derive(Debug, Clone)]
pub struct NewJob {
    pub kind: JobKind,
    /// What it does, as people call it: `Import orders.csv`.
    pub title: String,
    /// The path of the page that it is asked for on.
    pub page: String,
    /// What to work on, an object: `{"import": 17}`.
    pub input: Value,
}

/// Asks for a job: it is begun once the transaction is committed. Call [`ring`] then, or a worker
/// finds it within a second by itself.
pub fn ask(conn: &mut PgConnection, who: &Who, new: &NewJob) -> Result<JobId, AppError> {
    Ok(queries::insert(conn, who, new)?)
}

/// Stops a job: at once where nobody has begun it, or else at its next step. False where it has ended.
pub fn cancel(conn: &mut PgConnection, id: JobId) -> Result<bool, AppError> {
    if queries::take(conn, id)? {
        queries::end(conn, id, State::Cancelled, "It was cancelled before it had begun.", None)?;
        return Ok(true);
    }
    Ok(queries::want_cancel(conn, id)? > 0)
}

impl State {
    /// Whether nothing more will come of it.
    pub fn has_ended(self) -> bool {
        matches!(self, State::Done | State::Failed | State::Cancelled)
    }
}
