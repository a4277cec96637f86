//! Our own PostgreSQL, for everybody who has not set `DATABASE_URL`: made at the first start in the data
//! folder, run as a child of ours that nobody else can reach, stopped with us, whole again after any
//! crash. `locks` says who may do that, `cluster` how it is made and run, `supervisor` keeps it running.

mod cluster;
mod locks;
mod programs;
mod supervisor;

use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};

use cluster::{Cluster, OWNER};
use locks::HolderLock;
pub use programs::OLDEST;
use supervisor::Supervisor;

/// The database that the application uses in our own cluster.
pub const DATABASE: &str = "partnerbook";

/// What is special about a cluster.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// The folder of PostgreSQL's programs, if not to be looked for.
    pub programs: Option<PathBuf>,
    /// PostgreSQL settings beside ours, which they override. Tests switch fsync off.
    pub settings: Vec<(&'static str, &'static str)>,
}

/// The right to run the database of a data folder. One process has it at a time.
pub struct Claim {
    data: PathBuf,
    lock: HolderLock,
}

/// Why there is no claim to be had.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// Another Partnerbook runs the database already: see [`Guest::join`].
    #[error(
        "another Partnerbook{} is using the data folder {}. Stop that one first, or choose another folder with \
         PARTNERBOOK_DATA",
        process_name(*process),
        data.display()
    )]
    Busy { data: PathBuf, process: u32 },
    #[error(transparent)]
    Failed(#[from] anyhow::Error),
}

fn process_name(process: u32) -> String {
    if process == 0 { String::new() } else { format!(" (process {process})") }
}

impl Claim {
    /// Claims a folder that is there. With some patience a predecessor that is just being killed is not
    /// taken for one at work.
    pub fn take(data: &Path, patience: Duration) -> Result<Claim, ClaimError> {
        let started = Instant::now();
        loop {
            if let Some(lock) = HolderLock::take(data)? {
                return Ok(Claim { data: data.into(), lock });
            }
            if started.elapsed() >= patience {
                return Err(ClaimError::Busy { data: data.into(), process: locks::holder(data).process });
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Starts the database, making it first if it is not there, and returns when it takes connections.
    pub fn start(self, setup: &Setup) -> anyhow::Result<Embedded> {
        let Claim { data, lock } = self;
        if let Some(socket) = &lock.predecessor.socket {
            cluster::remove_short_socket_folder(socket);
        }
        let postgres_lock = locks::postgres_lock(&data, || false)?;
        let cluster = Cluster::prepare(&data, setup, cluster::descriptor(&postgres_lock))?;
        let socket = cluster.socket.clone();
        let supervisor = Supervisor::start(cluster, data.clone(), postgres_lock)?;
        let embedded = Embedded { data, socket, supervisor, lock };
        embedded.create_database()?;
        embedded.lock.write(Some(&embedded.socket))?;
        Ok(embedded)
    }
}

/// Our own PostgreSQL, running. It stops when this is dropped, or at the latest when the process ends,
/// however it ends.
pub struct Embedded {
    data: PathBuf,
    socket: PathBuf,
    supervisor: Supervisor,
    lock: HolderLock,
}

impl Embedded {
    /// How to connect to one of its databases as the owner.
    pub fn url(&self, database: &str) -> String {
        url(&self.socket, database)
    }

    /// Stops it at once; who still uses it loses the connection.
    pub fn stop(mut self) -> anyhow::Result<()> {
        self.halt()
    }

    /// Stops it as soon as no other command uses it.
    pub fn stop_after_guests(mut self) -> anyhow::Result<()> {
        let _closed = locks::no_guests_lock(&self.data)?;
        self.halt()
    }

    fn halt(&mut self) -> anyhow::Result<()> {
        self.lock.write(None)?;
        let stopped = self.supervisor.stop();
        cluster::remove_short_socket_folder(&self.socket);
        stopped
    }

    fn create_database(&self) -> anyhow::Result<()> {
        #[derive(QueryableByName)]
        struct Found {
            #[diesel(sql_type = diesel::sql_types::Bool)]
            found: bool,
        }
        let mut conn =
            PgConnection::establish(&self.url("postgres")).context("cannot connect to our PostgreSQL")?;
        let query = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1) AS found";
        let row: Found =
            sql_query(query).bind::<diesel::sql_types::Text, _>(DATABASE).get_result(&mut conn)?;
        if !row.found {
            sql_query(format!("CREATE DATABASE {DATABASE}")).execute(&mut conn)?;
        }
        Ok(())
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        if let Err(error) = self.halt() {
            tracing::error!("{error:#}");
        }
    }
}

/// A command's leave to use the database that another process runs. A process that only runs it for a
/// command of its own waits for its guests before it stops it.
pub struct Guest {
    socket: PathBuf,
    _lock: File,
}

impl Guest {
    /// None while that process is starting or stopping: ask again, or start the database.
    pub fn join(data: &Path) -> anyhow::Result<Option<Guest>> {
        let Some(lock) = locks::guest_lock(data)? else { return Ok(None) };
        Ok(locks::holder(data).socket.map(|socket| Guest { socket, _lock: lock }))
    }

    /// How to connect to the application's database as the owner.
    pub fn url(&self) -> String {
        url(&self.socket, DATABASE)
    }
}

fn url(socket: &Path, database: &str) -> String {
    let host = percent_encode(socket.as_os_str().as_bytes(), NON_ALPHANUMERIC);
    let database = percent_encode(database.as_bytes(), NON_ALPHANUMERIC);
    format!("postgresql:///{database}?host={host}&port=5432&user={OWNER}")
}
