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

use anyhow::anyhow;
use diesel::{Connection, PgConnection};
use tokio::sync::mpsc::{Receiver, Sender, UnboundedSender, channel};

use super::catching_up::CatchingUp;
use super::desk::{Desk, LONGEST, Told, Waiting, unavailable};
use super::{Answer, Directory, Visit, coming, journal, queries};
use crate::db::Db;
use crate::error::AppError;

/// How many groups of visits may wait, which a thread of the server has handed in together. Whoever comes when so
/// many do is told to come again.
const WAITING: usize = 2048;
/// How many visits are recorded together at most: as many as a batch has places (migration 51).
const TOGETHER: usize = 1024;
/// For how long a visit is tried again while the database is away. One try takes up to three seconds more.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How long after a failure the writer tries again.
const PAUSE: Duration = Duration::from_millis(50);

/// The way to the writer. Clones lead to the same one.
#[derive(Clone)]
pub struct Visits(Sender<Vec<Waiting>>);

/// The writer at work. It ends when every [`Visits`] and every [`Desk`] is gone and everything is recorded.
pub struct Writer {
    thread: JoinHandle<()>,
    ended: mpsc::Receiver<()>,
}

impl Visits {
    /// Starts a writer on this database, of which it takes one connection, and one more that it keeps.
    pub fn start(db: &Db) -> std::io::Result<(Visits, Writer)> {
        let (send, receive) = channel(WAITING);
        let (end, ended) = mpsc::channel();
        let catching_up = CatchingUp::start(db)?;
        let db = db.clone();
        let thread = thread::Builder::new().name("visits".into()).spawn(move || {
            coming::know_robots();
            let mut recorder = Recorder {
                db,
                conn: None,
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

    /// Where requests of this thread hand in their visits.
    pub fn desk(&self) -> Desk {
        Desk::of(self.0.clone())
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
    /// Kept, so that a batch takes one statement and no more. None until it is needed, and after it was lost.
    conn: Option<PgConnection>,
    /// Tells this writer's connections from those of other processes.
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
    fn work(&mut self, mut receive: Receiver<Vec<Waiting>>) {
        while let Some(mut batch) = receive.blocking_recv() {
            while batch.len() < TOGETHER
                && let Ok(more) = receive.try_recv()
            {
                batch.extend(more);
            }
            while !batch.is_empty() {
                let mut together: Vec<Waiting> = batch.drain(..batch.len().min(TOGETHER)).collect();
                // Whoever waits is told by the end of the channel; those who come after are seen to.
                if catch_unwind(AssertUnwindSafe(|| self.see_to(&mut together))).is_err() {
                    tracing::error!(lost = together.len(), "the writer of visits panicked");
                    self.conn = None;
                }
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
            let visits: Vec<&Visit> = batch.iter().map(|waiting| &*waiting.visit).collect();
            let trouble = match self.record(&visits) {
                Ok(answers) => return tell(batch.drain(..).zip(answers.into_iter().map(Ok))),
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
            let refused = |waiting: Waiting| {
                let trouble = AppError::Internal(anyhow!("{trouble:?}: {:?}", waiting.visit));
                (waiting, Err(trouble))
            };
            return tell(batch.drain(..).map(refused));
        }
        for waiting in batch.drain(..) {
            self.see_to(&mut vec![waiting]);
        }
    }

    /// Records visits: in one statement where they are many, else in a transaction that works them in too. Where
    /// the connection is lost nobody can know what became of them: the next one waits until it is over, and looks.
    fn record(&mut self, visits: &[&Visit]) -> Result<Vec<Answer>, AppError> {
        let is_calm = visits.len() < journal::FEW && self.pace.is_calm(visits.len());
        let number = self.number;
        if self.conn.is_none() {
            let mut conn = self.db.connection()?;
            queries::alone(&mut conn, number)?;
            self.conn = Some(conn);
        }
        let conn = self.conn.as_mut().ok_or_else(|| unavailable("there is no connection"))?;
        let (mut tried, mut are_worked_in) = (None, false);
        let recorded = if is_calm {
            conn.transaction(|conn| {
                let answers = journal::write_down(conn, visits, &mut self.directory, &mut tried)?;
                are_worked_in = journal::work_in_few(conn);
                Ok(answers)
            })
        } else {
            journal::write_down(conn, visits, &mut self.directory, &mut tried)
        };
        let recorded = match recorded {
            // Where the server still answers, it has said no.
            Err(trouble) if queries::is_alive(conn) => return Err(trouble),
            Err(trouble) => {
                self.conn = None;
                match tried {
                    Some(answers) if self.has_recorded(visits, &answers)? => answers,
                    _ => return Err(AppError::Unavailable(anyhow!("{trouble:?}"))),
                }
            }
            Ok(answers) => answers,
        };
        if !are_worked_in {
            self.catching_up.there_is_more();
        }
        Ok(recorded)
    }

    /// Whether visits were written down of which that was not told. All of them are there, or none.
    fn has_recorded(&mut self, visits: &[&Visit], answers: &[Answer]) -> Result<bool, AppError> {
        let kept =
            visits.iter().zip(answers).find(|(visit, answer)| visit.is_kept() && answer.partner.is_some());
        let Some((visit, answer)) = kept else { return Ok(false) };
        let asked = Instant::now();
        loop {
            let found = self.db.connection().and_then(|mut conn| {
                queries::alone(&mut conn, self.number)?;
                let found = queries::is_recorded(&mut conn, visit, answer)?;
                self.conn = Some(conn);
                Ok(found)
            });
            match found {
                Ok(found) => return Ok(found),
                // Answered without knowing, a visit would be lost or recorded twice: this is worth waiting for.
                Err(_) if asked.elapsed() < LONGEST * 4 => thread::sleep(PAUSE),
                Err(trouble) => return Err(trouble),
            }
        }
    }
}

/// Tells everybody what became of a visit; each desk hears of all of its own at once.
fn tell(outcomes: impl Iterator<Item = (Waiting, Result<Answer, AppError>)>) {
    let mut by_desk: Vec<(UnboundedSender<Vec<Told>>, Vec<Told>)> = Vec::new();
    for (waiting, outcome) in outcomes {
        match by_desk.iter_mut().find(|(known, _)| known.same_channel(&waiting.desk)) {
            Some((_, told)) => told.push((waiting, outcome)),
            None => by_desk.push((waiting.desk.clone(), vec![(waiting, outcome)])),
        }
    }
    for (desk, told) in by_desk {
        // Where the desk is gone, so are those who waited there.
        let _ = desk.send(told);
    }
}
