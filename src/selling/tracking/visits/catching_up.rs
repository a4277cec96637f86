//! Working in what was only written down: as soon as nobody has come for a moment, and little by little where
//! somebody always comes.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::queries;
use crate::db::Db;
use crate::error::AppError;

/// When nobody has come for so long, there is time.
const QUIET: Duration = Duration::from_millis(20);
/// After so long without quiet it is begun all the same.
const LONGEST: Duration = Duration::from_secs(5);
/// How many batches are worked in by one transaction: few, so that whoever needs a visit of theirs need not wait.
const PIECE: i64 = 3;
/// How much longer than a piece took is the pause after it, where there is no quiet.
const PAUSE: u32 = 3;
/// When it looks without being told: another process may have died and left something.
const LOOK: Duration = Duration::from_secs(60);

/// The thread that works in visits.
pub struct CatchingUp {
    more: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl CatchingUp {
    /// Starts it; it begins with what is left from before.
    pub fn start(db: &Db) -> std::io::Result<CatchingUp> {
        let (more, told) = sync_channel(1);
        let db = db.clone();
        let thread =
            thread::Builder::new().name("visits, later".into()).spawn(move || catch_up(&db, &told))?;
        Ok(CatchingUp { more, thread })
    }

    /// Something was written down. Does not wait.
    pub fn there_is_more(&self) {
        // It is full where that has been said already.
        let _ = self.more.try_send(());
    }

    /// Ends it after the piece in hand. What is left is for the next start.
    pub fn end(self) {
        drop(self.more);
        let _ = self.thread.join();
    }
}

fn catch_up(db: &Db, told: &Receiver<()>) {
    let mut set_aside = 0;
    loop {
        if work_in_all(db, told).is_none() {
            return;
        }
        set_aside = tell_of_set_aside(db, set_aside);
        if wait(told, LOOK) == Told::End {
            return;
        }
    }
}

/// Says in the log that clicks are set aside, when there are others than it said before; how many there are.
fn tell_of_set_aside(db: &Db, before: i64) -> i64 {
    let now = match db.read_now(|conn| Ok(queries::clicks_set_aside(conn)?)) {
        Ok(found) => found,
        // The next look tells.
        Err(_) => return before,
    };
    let clicks = now.as_ref().map_or(0, |set_aside| set_aside.visits);
    if let Some(set_aside) = now.filter(|_| clicks > before) {
        tracing::error!(clicks, reason = set_aside.reason, "clicks are recorded and could not be worked in");
    }
    clicks
}

/// Works in what there is, in quiet moments; after [`LONGEST`] without enough of them it does not wait for them any
/// more. None where it is to end.
fn work_in_all(db: &Db, told: &Receiver<()>) -> Option<()> {
    let began = Instant::now();
    let mut is_quiet = false;
    loop {
        let is_late = began.elapsed() > LONGEST;
        // Once it is quiet nothing is waited for, until somebody comes.
        match wait(told, if is_late || is_quiet { Duration::ZERO } else { QUIET }) {
            Told::End => return None,
            Told::Nothing => is_quiet = true,
            Told::More => is_quiet = false,
        }
        if !is_quiet && !is_late {
            continue;
        }
        let piece = Instant::now();
        match db.run_now(|conn| Ok(queries::work_in_later(conn, PIECE)?)) {
            Ok(0) | Err(AppError::Unavailable(_)) => return Some(()),
            Ok(_) if !is_quiet => thread::sleep(piece.elapsed() * PAUSE),
            Ok(_) => {}
            Err(error) => {
                tracing::error!(?error, "visits that are recorded could not be worked in");
                return Some(());
            }
        }
    }
}

#[derive(PartialEq)]
enum Told {
    More,
    Nothing,
    End,
}

fn wait(told: &Receiver<()>, longest: Duration) -> Told {
    match told.recv_timeout(longest) {
        Ok(()) => Told::More,
        Err(RecvTimeoutError::Timeout) => Told::Nothing,
        Err(RecvTimeoutError::Disconnected) => Told::End,
    }
}
