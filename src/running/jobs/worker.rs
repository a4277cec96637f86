//! The worker: a few threads that take jobs one after the other. Every process of the application has
//! one; a job is done by whichever takes it first.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::PgConnection;
use diesel::connection::{AnsiTransactionManager, TransactionManager};

use super::work::{Pulse, ended};
use super::{Job, JobKind, Outcome, Runner, State, Work, bell, queries};
use crate::db::{Db, PoolOptions};
use crate::domain::ids::JobId;
use crate::error::AppError;
use crate::running::files;
use crate::web::clock::Clock;

/// How many jobs go on at once: a short one need not wait for a long one.
const AT_ONCE: u32 = 3;

/// How often a worker looks for jobs of other processes.
const LOOK: Duration = Duration::from_secs(1);

/// How long it leaves a database alone that does not answer.
const REST: Duration = Duration::from_secs(2);

/// How often what has been kept long enough is thrown away.
const TIDY: Duration = Duration::from_secs(600);

/// How long the list of jobs tells of one that has ended (decision 0062).
const KEEP: TimeDelta = TimeDelta::days(30);

/// A job that went down with its process so often is not tried again.
const MOST_ATTEMPTS: i32 = 3;

/// The threads at work.
pub struct Worker {
    stopping: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

/// Connections for a worker: each job may hold its transaction, read on the side, and give signs of life. One more
/// is for what is done beside the jobs, and one for the sender of mails.
pub fn pool() -> PoolOptions {
    PoolOptions { connections: 3 * AT_ONCE + 2, ..PoolOptions::command() }
}

/// What is done from time to time beside the jobs, at this instant. Doing it twice does no harm.
pub type Chore = fn(&mut PgConnection, DateTime<Utc>) -> Result<(), AppError>;

/// Starts a worker. `runner` tells what each kind of job does.
pub fn start(db: &Db, clock: &Clock, runner: fn(JobKind) -> Runner) -> Worker {
    start_with_chores(db, clock, runner, &[])
}

/// The same with what is to be done beside the jobs.
pub fn start_with_chores(
    db: &Db,
    clock: &Clock,
    runner: fn(JobKind) -> Runner,
    chores: &'static [Chore],
) -> Worker {
    let stopping = Arc::new(AtomicBool::new(false));
    let thread = |number: u32| {
        let (db, clock, stopping) = (db.clone(), clock.clone(), stopping.clone());
        let hand = Hand { db, clock, runner, chores, stopping, tidied: None, tidies: number == 0 };
        thread::Builder::new().name(format!("job-{number}")).spawn(move || hand.work())
    };
    // With fewer threads than wanted the work takes longer, and with none another process does it.
    let threads = (0..AT_ONCE).filter_map(|number| thread(number).ok()).collect();
    Worker { stopping, threads }
}

impl Worker {
    /// Asks the jobs that run to stop at their next step; they are taken up again at the next start.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        bell::ring();
    }

    /// Waits until they have stopped, but no longer than this. What has not stopped by then stops with
    /// the process, and the database forgets what it had written. True if all have stopped.
    pub fn wait(self, longest: Duration) -> bool {
        let started = Instant::now();
        while self.threads.iter().any(|thread| !thread.is_finished()) {
            if started.elapsed() > longest {
                return false;
            }
            thread::sleep(Duration::from_millis(10));
        }
        true
    }
}

/// One thread of a worker.
struct Hand {
    db: Db,
    clock: Clock,
    runner: fn(JobKind) -> Runner,
    chores: &'static [Chore],
    stopping: Arc<AtomicBool>,
    /// When it last threw away what has been kept long enough.
    tidied: Option<Instant>,
    tidies: bool,
}

/// What a look into the queue led to.
enum Found {
    Nothing,
    Ended {
        wrote_much: bool,
    },
    /// It was begun and is still to be done.
    Left {
        id: JobId,
        attempt: i32,
    },
}

impl Hand {
    fn work(mut self) {
        while !self.stopping.load(Ordering::Relaxed) {
            let heard = bell::rings();
            let found = catch_unwind(AssertUnwindSafe(|| self.next()));
            match found {
                Ok(Ok(Found::Ended { wrote_much })) => {
                    if wrote_much {
                        self.db.count_rows();
                    }
                }
                Ok(Ok(Found::Nothing)) => {
                    self.tidy();
                    bell::wait(heard, LOOK);
                }
                Ok(Ok(Found::Left { id, attempt })) if self.stopping.load(Ordering::Relaxed) => {
                    let left = self.db.run_now(|conn| Ok(queries::interrupt(conn, id, attempt)?));
                    if let Err(error) = left {
                        tracing::debug!(?error, "an interrupted job could not be marked as waiting");
                    }
                }
                Ok(Ok(Found::Left { .. })) => bell::wait(bell::rings(), REST),
                Ok(Err(error)) => {
                    tracing::debug!(?error, "no job could be looked for");
                    bell::wait(bell::rings(), REST);
                }
                // The transaction is gone, as if the process had died; so its attempt counts as well.
                Err(_) => {
                    tracing::error!("a job panicked, and will be tried again");
                    bell::wait(bell::rings(), REST);
                }
            }
        }
    }

    /// Takes the job that has waited longest, does it, and ends it, all in one transaction.
    fn next(&self) -> Result<Found, AppError> {
        let mut begun = None;
        let found = self.db.run_now(|conn| {
            let Some(id) = queries::take_next(conn)? else { return Ok(Found::Nothing) };
            queries::take_time(conn)?;
            let job = self.db.run_now(|conn| Ok(queries::begin(conn, id)?))?;
            begun = Some((id, job.attempts));
            if job.attempts > MOST_ATTEMPTS {
                let result = "The application went down each time while it did this. Nothing of it was kept.";
                queries::end(conn, id, State::Failed, result, None)?;
                return Ok(Found::Ended { wrote_much: false });
            }
            let pulse = Pulse::new(id, self.stopping.clone());
            let worked = self.do_it(conn, &job, &pulse);
            // What the job wrote is rolled back already; the claim ends with this transaction.
            let Some((state, outcome)) = ended(&pulse, worked) else { return Err(AppError::refused("left")) };
            queries::end(conn, id, state, &outcome.result, outcome.page.as_deref())?;
            Ok(Found::Ended { wrote_much: outcome.wrote_much })
        });
        match (found, begun) {
            (Ok(found), _) => Ok(found),
            (Err(error), Some((id, attempt))) => {
                tracing::debug!(?error, %id, "a job was left");
                Ok(Found::Left { id, attempt })
            }
            (Err(error), None) => Err(error),
        }
    }

    /// Does a job within a savepoint, so that the claim outlives what it wrote.
    fn do_it(&self, conn: &mut PgConnection, job: &Job, pulse: &Pulse) -> Result<Outcome, AppError> {
        let Some(kind) = JobKind::from_word(&job.kind) else {
            let sentence = "This version of Partnerbook does not know such jobs. Ask for it once more.";
            return Err(AppError::refused(sentence));
        };
        AnsiTransactionManager::begin_transaction(conn)?;
        let worked = thread::scope(|scope| {
            scope.spawn(|| pulse.beat(&self.db));
            // Also when it panics, or the signs of life would go on for ever.
            let _end = AtEnd(pulse);
            let mut work = Work { job, conn, db: &self.db, clock: &self.clock, pulse };
            (self.runner)(kind)(&mut work)
        });
        match worked {
            Ok(outcome) => {
                AnsiTransactionManager::commit_transaction(conn)?;
                Ok(outcome)
            }
            Err(error) => {
                let rolled_back = AnsiTransactionManager::rollback_transaction(conn);
                rolled_back.map_err(|lost| AppError::Unavailable(lost.into()))?;
                Err(error)
            }
        }
    }

    fn tidy(&mut self) {
        if !self.tidies || self.tidied.is_some_and(|at| at.elapsed() < TIDY) {
            return;
        }
        self.tidied = Some(Instant::now());
        let now = self.clock.now();
        let tidied = self.db.run_now(|conn| {
            files::remove_expired(conn, now)?;
            Ok(queries::remove_old(conn, now - KEEP)?)
        });
        if let Err(error) = tidied {
            tracing::debug!(?error, "old files and jobs could not be thrown away");
        }
        // Each in a transaction of its own: one that fails keeps no other from being done.
        for chore in self.chores {
            if let Err(error) = self.db.run_now(|conn| chore(conn, now)) {
                tracing::warn!(?error, "a chore could not be done and is tried again later");
            }
        }
    }
}

struct AtEnd<'a>(&'a Pulse);

impl Drop for AtEnd<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}
