//! Where the requests of one thread hand in their visits. A thread of the server sees many requests before it looks
//! up: their visits go to the writer together, and the answers come back together, so that threads wake each
//! other once for all of them and not once for each.

use std::cell::{Cell, RefCell};
use std::mem;
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::rt;
use actix_web::rt::time::timeout;
use anyhow::anyhow;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Sender, UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use super::{Answer, Visit};
use crate::error::AppError;

/// How long a request waits for the writer, which gives up before.
pub const LONGEST: Duration = Duration::from_millis(4800);

/// A visit, who waits for what becomes of it, and where the answer goes.
pub struct Waiting {
    /// Beside, because it is large, and this is passed on from hand to hand.
    pub visit: Box<Visit>,
    pub since: Instant,
    pub asker: Asker,
    pub desk: UnboundedSender<Vec<Told>>,
}

/// Who waits for what becomes of a visit.
pub type Asker = oneshot::Sender<Result<Answer, AppError>>;

/// What became of a visit, for whoever waits. The visit comes home with it: memory is given back where it was taken.
pub type Told = (Waiting, Result<Answer, AppError>);

/// The desk of one thread. It is made where it is used.
pub struct Desk(Rc<Inner>);

struct Inner {
    writer: Sender<Vec<Waiting>>,
    /// What has been handed in and is not on its way yet.
    gathered: RefCell<Vec<Waiting>>,
    answers: UnboundedSender<Vec<Told>>,
    /// The other end, until somebody passes the answers on.
    arriving: Cell<Option<UnboundedReceiver<Vec<Told>>>>,
}

impl Desk {
    /// A desk whose visits this writer records.
    pub fn of(writer: Sender<Vec<Waiting>>) -> Desk {
        let (answers, arriving) = unbounded_channel();
        Desk(Rc::new(Inner {
            writer,
            gathered: RefCell::default(),
            answers,
            arriving: Cell::new(Some(arriving)),
        }))
    }

    /// Records a visit; it is committed when this comes back. `Unavailable` where it was not recorded, or
    /// nobody can know.
    pub async fn record(&self, visit: Visit) -> Result<Answer, AppError> {
        let (asker, answer) = oneshot::channel();
        let visit = Box::new(visit);
        self.hand_in(Waiting { visit, since: Instant::now(), asker, desk: self.0.answers.clone() });
        match timeout(LONGEST, answer).await {
            Ok(Ok(recorded)) => recorded,
            Ok(Err(_)) => Err(unavailable("the writer of visits gave no answer")),
            Err(_) => Err(unavailable("the writer of visits gave no answer in time")),
        }
    }

    fn hand_in(&self, waiting: Waiting) {
        if let Some(arriving) = self.0.arriving.take() {
            rt::spawn(pass_on(arriving));
        }
        let mut gathered = self.0.gathered.borrow_mut();
        gathered.push(waiting);
        if gathered.len() == 1 {
            // It runs after the requests that this thread has read already.
            let inner = Rc::clone(&self.0);
            rt::spawn(async move { inner.send() });
        }
    }
}

impl Inner {
    fn send(&self) {
        let gathered = mem::take(&mut *self.gathered.borrow_mut());
        let (gathered, why) = match self.writer.try_send(gathered) {
            Ok(()) => return,
            Err(TrySendError::Full(gathered)) => (gathered, "too many visits are waiting"),
            Err(TrySendError::Closed(gathered)) => (gathered, "the writer of visits has ended"),
        };
        for waiting in gathered {
            let _ = waiting.asker.send(Err(unavailable(why)));
        }
    }
}

/// Gives the answers to those who wait, until the desk and the writer are gone.
async fn pass_on(mut arriving: UnboundedReceiver<Vec<Told>>) {
    while let Some(told) = arriving.recv().await {
        for (waiting, answer) in told {
            // Who has gone away meanwhile needs none.
            let _ = waiting.asker.send(answer);
        }
    }
}

/// Trouble that passes: whoever waits is told to come again.
pub fn unavailable(why: &str) -> AppError {
    AppError::Unavailable(anyhow!("{why}"))
}
