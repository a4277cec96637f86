//! What a job gets to work with, and what it answers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::PgConnection;

use super::queries;
use super::{Job, State};
use crate::db::Db;
use crate::domain::ids::JobId;
use crate::error::AppError;
use crate::running::audit::{Source, Who};
use crate::web::clock::Clock;

/// How often a running job gives a sign of life and looks whether it is to stop.
const BEAT: Duration = Duration::from_millis(500);

/// Does a job's work. What it returns is kept with what it wrote; an error leaves nothing, and its
/// sentence is what came of the job.
pub type Runner = fn(&mut Work) -> Result<Outcome, AppError>;

/// A job at work.
pub struct Work<'a> {
    /// What was asked for.
    pub job: &'a Job,
    /// The transaction that ends the job: what is written here is kept with its result, or not at all.
    pub conn: &'a mut PgConnection,
    /// For reading on the side, all of one moment: `read_now`. What `conn` has written is not seen here.
    pub db: &'a Db,
    /// The time.
    pub clock: &'a Clock,
    pub(super) pulse: &'a Pulse,
}

/// What came of a job.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// In a sentence: `72 partners recorded.`
    pub result: String,
    /// The path of the page or file that shows it.
    pub page: Option<String>,
    /// So much was written that the database should count anew, to plan well from now on.
    pub wrote_much: bool,
}

impl<'a> Work<'a> {
    /// Who asked for it, for the audit log: at this moment, from where it was asked.
    pub fn who(&self) -> Who {
        Who {
            user_id: self.job.user_id,
            api_key_id: None,
            name: self.job.user_name.clone().unwrap_or_default(),
            address: self.job.address.as_ref().and_then(|address| address.parse().ok()),
            source: if self.job.user_id.is_some() { Source::Web } else { Source::Command },
            at: self.clock.now(),
        }
    }

    /// Tells how far it is (`in_all` 0: nobody knows) and what it does, in a few words. An error: it is
    /// to stop, and what it has written goes away; hand the error on. Cheap, so call it often.
    pub fn progress(&self, done: usize, in_all: usize, doing: &str) -> Result<(), AppError> {
        self.pulse.progress(done, in_all, doing)
    }

    /// The same for work that cannot hold on to this.
    pub fn pulse(&self) -> &'a Pulse {
        self.pulse
    }
}

/// How far a job is, between its worker and those who watch it.
pub struct Pulse {
    id: JobId,
    at: Mutex<Progress>,
    changed: Condvar,
    stopping: Arc<AtomicBool>,
    cancelled: AtomicBool,
}

#[derive(Default)]
struct Progress {
    done: usize,
    in_all: usize,
    doing: String,
    has_ended: bool,
}

impl Pulse {
    pub(super) fn new(id: JobId, stopping: Arc<AtomicBool>) -> Pulse {
        Pulse {
            id,
            at: Mutex::default(),
            changed: Condvar::new(),
            stopping,
            cancelled: AtomicBool::new(false),
        }
    }

    /// As [`Work::progress`].
    pub fn progress(&self, done: usize, in_all: usize, doing: &str) -> Result<(), AppError> {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        (at.done, at.in_all) = (done, in_all);
        if at.doing != doing {
            doing.clone_into(&mut at.doing);
        }
        if self.is_to_stop() { Err(AppError::refused("The job was stopped.")) } else { Ok(()) }
    }

    /// Whether it should come to an end.
    pub fn is_to_stop(&self) -> bool {
        self.is_stopping() || self.is_cancelled()
    }

    /// Whether the application stops.
    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Whether somebody wants the job to stop.
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Gives signs of life on a connection of its own until the job ends. A sign that fails is only
    /// missed: whether the job goes well is its own connection's matter.
    pub(super) fn beat(&self, db: &Db) {
        loop {
            let (progress, has_ended) = self.wait();
            if has_ended {
                return;
            }
            let (done, in_all, doing) = progress;
            let whole = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
            let beaten =
                db.run_now(|conn| Ok(queries::beat(conn, self.id, (whole(done), whole(in_all)), &doing)?));
            match beaten {
                Ok(cancel_wanted) => self.cancelled.store(cancel_wanted, Ordering::Relaxed),
                Err(error) => tracing::debug!(?error, "a sign of life was missed"),
            }
        }
    }

    fn wait(&self) -> ((usize, usize, String), bool) {
        let at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        let started = Instant::now();
        let waited =
            self.changed.wait_timeout_while(at, BEAT, |at| !at.has_ended && started.elapsed() < BEAT);
        let (at, _) = waited.unwrap_or_else(PoisonError::into_inner);
        ((at.done, at.in_all, at.doing.clone()), at.has_ended)
    }

    /// No more signs of life.
    pub(super) fn end(&self) {
        self.at.lock().unwrap_or_else(PoisonError::into_inner).has_ended = true;
        self.changed.notify_all();
    }
}

/// How a piece of work ended.
pub(super) fn ended(pulse: &Pulse, worked: Result<Outcome, AppError>) -> Option<(State, Outcome)> {
    let failed = |result: String| Some((State::Failed, Outcome { result, ..Outcome::default() }));
    match worked {
        Ok(outcome) => Some((State::Done, outcome)),
        Err(_) if pulse.is_stopping() => None,
        Err(_) if pulse.is_cancelled() => {
            let result = "It was cancelled. Nothing of it was kept.".into();
            Some((State::Cancelled, Outcome { result, ..Outcome::default() }))
        }
        Err(AppError::Unavailable(error)) => {
            tracing::warn!(?error, "a job lost the database, and will be taken up again");
            None
        }
        Err(AppError::Busy(error)) => {
            tracing::info!(?error, "a job gave way to another transaction, and will be taken up again");
            None
        }
        Err(AppError::Internal(error)) => {
            let id = format!("{:08x}", rand::random::<u32>());
            tracing::error!(id, story = format!("{error:?}"), "a job failed");
            failed(format!(
                "Something went wrong on our side, and it was logged as {id}. Nothing of it was kept."
            ))
        }
        Err(refusal) => failed(refusal.to_string()),
    }
}
