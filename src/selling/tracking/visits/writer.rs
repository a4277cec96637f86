//! The one who records visits. What comes while it records waits, and is recorded together next: the more
//! come at once, the fewer transactions each of them costs.
//!
//! A visit is answered when it is committed, so what was answered is never lost. Where the database goes away
//! the writer tries again for as long as somebody waits. What was only written down is worked in by a thread
//! beside it (`catching_up.rs`).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use actix_web::rt::time::timeout;
use anyhow::anyhow;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

use super::catching_up::CatchingUp;
use super::{Answer, Directory, Visit, coming, journal, queries};
use crate::db::Db;
use crate::error::AppError;

/// How many visits may wait. Whoever comes when so many do is told to come again.
const WAITING: usize = 8192;
/// How many are recorded together at most.
const TOGETHER: usize = 1024;
/// For how long a visit is tried again while the database is away. One try takes up to three seconds more.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How long a request waits for the writer, which gives up before.
const LONGEST: Duration = Duration::from_millis(4800);
/// How long after a failure the writer tries again.
const PAUSE: Duration = Duration::from_millis(50);

/// Where requests hand in their visits. Clones answer to the same writer.
#[derive(Clone)]
pub struct Visits(Sender<Waiting>);

/// The writer at work. It ends when every [`Visits`] is gone and everything is recorded.
pub struct Writer {
    thread: JoinHandle<()>,
    ended: mpsc::Receiver<()>,
}

/// A visit, and who waits for what becomes of it.
struct Waiting {
    visit: Visit,
    since: Instant,
    asker: oneshot::Sender<Result<Answer, AppError>>,
}

impl Visits {
    /// Starts a writer on this database, of which it takes two connections at most.
    pub fn start(db: &Db) -> std::io::Result<(Visits, Writer)> {
        let (send, receive) = channel(WAITING);
        let (end, ended) = mpsc::channel();
        let catching_up = CatchingUp::start(db)?;
        let db = db.clone();
        let thread = thread::Builder::new().name("visits".into()).spawn(move || {
            coming::know_robots();
            let mut recorder = Recorder {
                db,
                number: rand::random(),
                directory: Directory::default(),
                pace: Pace::new(),
                catching_up,
            };
            recorder.work(receive);
            recorder.catching_up.end();
            drop(end);
        })?;
        Ok((Visits(send), Writer { thread, ended }))
    }

    /// Records a visit; it is committed when this comes back. `Unavailable` where it was not recorded, or
    /// nobody can know.
    pub async fn record(&self, visit: Visit) -> Result<Answer, AppError> {
        let (asker, answer) = oneshot::channel();
        match self.0.try_send(Waiting { visit, since: Instant::now(), asker }) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(unavailable("too many visits are waiting")),
            Err(TrySendError::Closed(_)) => return Err(unavailable("the writer of visits has ended")),
        }
        match timeout(LONGEST, answer).await {
            Ok(Ok(recorded)) => recorded,
            Ok(Err(_)) => Err(unavailable("the writer of visits gave no answer")),
            Err(_) => Err(unavailable("the writer of visits gave no answer in time")),
        }
    }
}

impl Writer {
    /// Waits until it has ended, for so long; whether it has.
    pub fn wait(self, patience: Duration) -> bool {
        let ended = !matches!(self.ended.recv_timeout(patience), Err(mpsc::RecvTimeoutError::Timeout));
        ended && self.thread.join().is_ok()
    }
}

struct Recorder {
    db: Db,
    /// Tells this writer's transactions from those of other processes.
    number: i64,
    directory: Directory,
    pace: Pace,
    catching_up: CatchingUp,
}

/// How many have come lately.
struct Pace {
    since: Instant,
    came: usize,
    /// How many came in the while before.
    before: usize,
}

impl Pace {
    /// What is looked at together.
    const WHILE: Duration = Duration::from_millis(100);
    /// When more than this come meanwhile, those who come wait for what is worked in.
    const CALM: usize = 64;

    fn new() -> Pace {
        Pace { since: Instant::now(), came: 0, before: 0 }
    }

    /// Counts so many more; whether there is time to work them in at once.
    fn is_calm(&mut self, more: usize) -> bool {
        let passed = self.since.elapsed();
        if passed > Pace::WHILE {
            let before = if passed > 2 * Pace::WHILE { 0 } else { self.came };
            *self = Pace { before, ..Pace::new() };
        }
        self.came += more;
        self.came.max(self.before) <= Pace::CALM
    }
}

impl Recorder {
    fn work(&mut self, mut receive: Receiver<Waiting>) {
        let mut batch = Vec::with_capacity(TOGETHER);
        while let Some(first) = receive.blocking_recv() {
            batch.push(first);
            while batch.len() < TOGETHER
                && let Ok(next) = receive.try_recv()
            {
                batch.push(next);
            }
            // Whoever waits is told by the end of the channel; those who come after are seen to.
            if catch_unwind(AssertUnwindSafe(|| self.see_to(&mut batch))).is_err() {
                tracing::error!(lost = batch.len(), "the writer of visits panicked");
                batch.clear();
            }
        }
    }

    /// Sees to it that everybody of a batch gets an answer.
    fn see_to(&mut self, batch: &mut Vec<Waiting>) {
        loop {
            // Who has gone away, or has waited long enough, waits no more.
            batch.retain(|waiting| !waiting.asker.is_closed());
            if batch.is_empty() {
                return;
            }
            let visits: Vec<Visit> = batch.iter().map(|waiting| waiting.visit.clone()).collect();
            let trouble = match self.record(&visits) {
                Ok(answers) => {
                    for (waiting, answer) in batch.drain(..).zip(answers) {
                        let _ = waiting.asker.send(Ok(answer));
                    }
                    return;
                }
                Err(trouble) => trouble,
            };
            if !matches!(trouble, AppError::Unavailable(_)) {
                return self.see_to_each(batch, trouble);
            }
            tracing::warn!(waiting = batch.len(), "visits wait for the database");
            batch.retain(|waiting| waiting.since.elapsed() < PATIENCE);
            thread::sleep(PAUSE);
        }
    }

    /// One visit of a batch cannot be recorded: that one is refused, and the others are not.
    fn see_to_each(&mut self, batch: &mut Vec<Waiting>, trouble: AppError) {
        if batch.len() == 1 {
            for waiting in batch.drain(..) {
                let _ =
                    waiting.asker.send(Err(AppError::Internal(anyhow!("{trouble:?}: {:?}", waiting.visit))));
            }
            return;
        }
        for waiting in batch.drain(..) {
            self.see_to(&mut vec![waiting]);
        }
    }

    /// Records visits in one transaction. Where the connection is lost while that commits, nobody can know
    /// what became of it: the next transaction waits until it is over, and looks.
    fn record(&mut self, visits: &[Visit]) -> Result<Vec<Answer>, AppError> {
        let is_calm = visits.len() < journal::FEW && self.pace.is_calm(visits.len());
        let mut recorded = None;
        let committed = self.db.run_now(|conn| {
            queries::alone(conn, self.number)?;
            let answers = journal::write_down(conn, visits, &mut self.directory)?;
            if is_calm {
                journal::work_in_few(conn);
            }
            recorded = Some(answers);
            Ok(())
        });
        if !is_calm {
            self.catching_up.there_is_more();
        }
        match (committed, recorded) {
            (Ok(()), Some(answers)) => Ok(answers),
            (Err(_), Some(answers)) if self.has_recorded(visits, &answers)? => Ok(answers),
            (Err(_), Some(_)) => Err(unavailable("the connection was lost while visits were recorded")),
            (Err(trouble), None) => Err(trouble),
            (Ok(()), None) => Err(unavailable("visits were committed and not recorded")),
        }
    }

    /// Whether a transaction came to its end of which that was not told. All of it is there, or nothing.
    fn has_recorded(&self, visits: &[Visit], answers: &[Answer]) -> Result<bool, AppError> {
        let kept =
            visits.iter().zip(answers).find(|(visit, answer)| visit.is_kept() && answer.partner.is_some());
        let Some((visit, answer)) = kept else { return Ok(false) };
        let asked = Instant::now();
        loop {
            let found = self.db.run_now(|conn| {
                queries::alone(conn, self.number)?;
                queries::is_recorded(conn, visit, answer)
            });
            match found {
                // Answered without knowing, a visit would be lost or recorded twice: this is worth waiting for.
                Err(AppError::Unavailable(_)) if asked.elapsed() < LONGEST * 4 => thread::sleep(PAUSE),
                found => return found,
            }
        }
    }
}

fn unavailable(why: &str) -> AppError {
    AppError::Unavailable(anyhow!("{why}"))
}
