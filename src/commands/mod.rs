//! The commands of the program, a file each, and what they share: a database to work with.

pub mod demo;
pub mod import;
pub mod migrate;
pub mod serve;
mod statement;
pub mod user;
pub mod verify;

use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::config::Config;
use crate::db::embedded::{Claim, ClaimError, DATABASE, Embedded, Guest, Setup};
use crate::db::{self, Access, Db, PoolOptions};

/// How long a command waits for another one that is starting or stopping the database.
const TURN: Duration = Duration::from_secs(60);

/// Where a command's database comes from.
pub enum Source {
    /// The administrator's own server.
    Server(String),
    /// Started for this command.
    Own(Embedded),
    /// Run by another Partnerbook, most often `serve`.
    Shared(Guest),
}

/// Does a command's work with the database: the administrator's server if there is one, else that of
/// the Partnerbook that is running, else our own PostgreSQL, started for this and stopped afterwards.
pub fn with_database<T>(config: &Config, work: impl FnOnce(&Db) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let source = Source::find(config)?;
    let result = source.connect().and_then(|db| work(&db));
    // Also when the work failed. If both fail the work's error is the one to tell.
    let closed = source.close();
    let value = result?;
    closed.map(|()| value)
}

impl Source {
    /// Finds the database, and starts it if nobody else has.
    pub fn find(config: &Config) -> anyhow::Result<Source> {
        if let Some(url) = &config.database_url {
            return Ok(Source::Server(url.reveal().to_string()));
        }
        config.make_data_folder()?;
        let started = Instant::now();
        loop {
            match Claim::take(&config.data, Duration::ZERO) {
                Ok(claim) => return claim.start(&setup(config)).map(Source::Own),
                Err(ClaimError::Failed(error)) => return Err(error),
                Err(busy) if started.elapsed() > TURN => return Err(busy.into()),
                Err(ClaimError::Busy { .. }) => {
                    // One that was killed a moment ago may look busy, but has no database any more.
                    let guest = Guest::join(&config.data)?;
                    if let Some(guest) = guest.filter(|guest| db::owner(&guest.url()).is_ok()) {
                        return Ok(Source::Shared(guest));
                    }
                    thread::sleep(Duration::from_millis(50));
                }
            }
        }
    }

    /// How to connect as the owner.
    pub fn url(&self) -> String {
        match self {
            Source::Server(url) => url.clone(),
            Source::Own(own) => own.url(DATABASE),
            Source::Shared(guest) => guest.url(),
        }
    }

    fn connect(&self) -> anyhow::Result<Db> {
        let options = PoolOptions::command();
        match self {
            // The one that runs it has migrated it.
            Source::Shared(guest) => Db::join(&guest.url(), &options),
            Source::Server(_) | Source::Own(_) => {
                let (db, access) = Db::open(&self.url(), &options)?;
                warn_of_missing_role(&access);
                Ok(db)
            }
        }
    }

    /// Stops what was started.
    pub fn close(self) -> anyhow::Result<()> {
        match self {
            Source::Own(own) => own.stop_after_guests().context("cannot stop our PostgreSQL"),
            Source::Server(_) | Source::Shared(_) => Ok(()),
        }
    }
}

/// Our own PostgreSQL as the settings have it.
pub fn setup(config: &Config) -> Setup {
    Setup { programs: config.pg_bin.clone(), settings: Vec::new() }
}

/// Says on stderr what is missing for the second guard, and how to get it.
pub fn warn_of_missing_role(access: &Access) {
    if let Some(remedy) = &access.remedy {
        eprintln!(
            "The database server does not let Partnerbook make a role for itself. It runs all the same: triggers \
             keep the book append-only, but they alone. An administrator of the server can add the second guard; \
             then start Partnerbook again:\n\n{remedy}\n"
        );
    }
}
