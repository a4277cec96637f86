//! Working in what was only written down: as soon as nobody has come for a moment, and little by little where
//! somebody always comes.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
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
    loop {
        let began = Instant::now();
        loop {
            match wait(told, QUIET) {
                Told::End => return,
                Told::More if began.elapsed() < LONGEST => {}
                Told::More | Told::Nothing => break,
            }
        }
        loop {
            let began = Instant::now();
            match db.run_now(|conn| Ok(queries::work_in_later(conn, PIECE)?)) {
                Ok(0) => break,
                Ok(_) => {}
                Err(AppError::Unavailable(_)) => break,
                Err(error) => {
                    tracing::error!(?error, "visits that are recorded could not be worked in");
                    break;
                }
            }
            match told.try_recv() {
                Ok(()) => thread::sleep(began.elapsed() * PAUSE),
                Err(TryRecvError::Disconnected) => return,
                Err(TryRecvError::Empty) => {}
            }
        }
        if wait(told, LOOK) == Told::End {
            return;
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
