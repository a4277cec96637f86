//! The sender: one thread that hands due mails to the mail server, one after the other. Every process of the
//! application that knows a mail server has one; a mail is sent by whichever locks its row first.

use std::error::Error;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, RecvTimeoutError, Sender as Stop};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use lettre::Transport;
use lettre::transport::smtp;

use super::message::message;
use super::queries::{self, Due};
use super::{cut, one_line};
use crate::config::mail::Mail;
use crate::db::Db;
use crate::domain::mail::next_try;
use crate::error::AppError;
use crate::running::jobs;
use crate::web::clock::Clock;

/// How often it looks for mails that are due.
const LOOK: Duration = Duration::from_secs(1);

/// How long it leaves a database alone that does not answer.
const REST: Duration = Duration::from_secs(2);

/// What the column of the database holds.
const MOST_TROUBLE: usize = 500;

/// Replies to who we say we are (RFC 4954): they are about our settings and not about the mail.
const ABOUT_US: [u16; 4] = [530, 534, 535, 538];

/// The thread at work.
pub struct Sender {
    stop: Stop<()>,
    thread: JoinHandle<()>,
}

/// Why a mail was not taken.
struct Refusal {
    words: String,
    /// It would be refused again.
    is_final: bool,
}

/// Starts the sender.
pub fn start(db: &Db, clock: &Clock, mail: &Mail) -> io::Result<Sender> {
    let (stop, stopped) = mpsc::channel();
    let hand = Hand { db: db.clone(), clock: clock.clone(), mail: mail.clone() };
    let work = move || {
        let mut pause = Duration::ZERO;
        // Sending is one step: between two of them it stops.
        while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(pause) {
            pause = match hand.next() {
                Ok(true) => Duration::ZERO,
                Ok(false) => LOOK,
                Err(error) => {
                    tracing::debug!(?error, "no mail could be sent");
                    REST
                }
            };
        }
    };
    Ok(Sender { stop, thread: thread::Builder::new().name("mails".into()).spawn(work)? })
}

impl Sender {
    /// Asks it to stop when the mail at hand is sent.
    pub fn stop(&self) {
        // An error says that it has stopped by itself.
        let _ = self.stop.send(());
    }

    /// Waits until it has stopped, but no longer than this; true if it has. Else the mail at hand stops with the
    /// process, and is tried again at the next start.
    pub fn wait(self, longest: Duration) -> bool {
        let started = Instant::now();
        while !self.thread.is_finished() {
            if started.elapsed() > longest {
                return false;
            }
            thread::sleep(Duration::from_millis(10));
        }
        true
    }
}

struct Hand {
    db: Db,
    clock: Clock,
    mail: Mail,
}

impl Hand {
    /// Sends the mail that has been due for longest, and holds its row until it is noted what came of it. False
    /// where none is due.
    fn next(&self) -> Result<bool, AppError> {
        self.db.run_now(|conn| {
            let Some(mail) = queries::take_due(conn, self.clock.now())? else { return Ok(false) };
            jobs::take_time(conn)?;
            // A mail that nobody can send must not keep the others waiting.
            let sent = catch_unwind(AssertUnwindSafe(|| self.send(&mail)));
            let sent = sent.unwrap_or_else(|_| Err(Refusal::ours()));
            let now = self.clock.now();
            match sent {
                Ok(()) => queries::note_sent(conn, mail.id, now)?,
                Err(refusal) => {
                    let again = next_try(mail.tries + 1, now).filter(|_| !refusal.is_final);
                    tracing::info!(mail = mail.id.0, trouble = refusal.words, ?again, "a mail was not sent");
                    queries::note_failed(conn, mail.id, now, again, &refusal.words)?;
                }
            }
            Ok(true)
        })
    }

    fn send(&self, mail: &Due) -> Result<(), Refusal> {
        let message = message(&self.mail.from, mail).map_err(|error| Refusal {
            words: told(&format!("No mail can be made: {error:#}.")),
            is_final: true,
        })?;
        self.mail.transport.send(&message).map(drop).map_err(|error| Refusal::of(&error))
    }
}

impl Refusal {
    fn ours() -> Refusal {
        tracing::error!("sending a mail panicked");
        Refusal { words: "Something went wrong on our side, and it was logged.".into(), is_final: true }
    }

    /// What the server said, or why it said nothing.
    fn of(error: &smtp::Error) -> Refusal {
        let why = error.source().map(ToString::to_string).unwrap_or_default();
        let code = error.status().map(|code| code.to_string());
        let words = match &code {
            Some(code) => format!("{code} {why}"),
            None if is_silence(error) => "The mail server did not answer in time.".into(),
            None if error.is_response() => {
                format!("The mail server broke off or cannot be understood: {why}.")
            }
            None if error.is_tls() => format!("No encrypted connection to the mail server: {why}."),
            None if error.is_client() => format!("The mail server cannot do what is needed: {why}."),
            None => format!("No connection to the mail server: {why}."),
        };
        let is_about_us =
            code.and_then(|code| code.parse().ok()).is_some_and(|code| ABOUT_US.contains(&code));
        Refusal { words: told(&words), is_final: error.is_permanent() && !is_about_us }
    }
}

fn told(words: &str) -> String {
    cut(&one_line(words, MOST_TROUBLE), MOST_TROUBLE)
}

/// Whether a wait was too long; sockets say so in two ways.
fn is_silence(error: &smtp::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return [io::ErrorKind::TimedOut, io::ErrorKind::WouldBlock].contains(&error.kind());
        }
        cause = error.source();
    }
    false
}
