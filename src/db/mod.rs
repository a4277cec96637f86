//! The way to the database. [`Db::run`] and [`Db::read`] are how a request works with it: one
//! transaction each, on a blocking thread.

pub mod columns;
pub mod embedded;
pub mod migrations;
pub mod roles;

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::web;
use anyhow::{Context, anyhow, bail};
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::r2d2::{self, ConnectionManager, CustomizeConnection, Pool, PooledConnection, R2D2Connection};
use diesel::{Connection, PgConnection};

use crate::error::AppError;
pub use roles::{Access, Guards};

/// Each statement sees what is committed when it begins: lock first, look in a later statement.
const WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
/// All statements see one and the same moment.
const READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// A pool of connections. Clones share it.
#[derive(Clone)]
pub struct Db {
    pool: Pool<ConnectionManager<PgConnection>>,
    /// What each connection is told first, and where they lead.
    at_connect: Arc<(AtConnect, String)>,
    guards: Guards,
    patience: Duration,
}

/// How many connections, and how long to wait for what.
#[derive(Debug, Clone)]
pub struct PoolOptions {
    pub connections: u32,
    /// For a connection.
    pub patience: Duration,
    /// For a lock that another transaction holds; zero waits for ever.
    pub lock_timeout: Duration,
    /// For one statement; zero waits for ever.
    pub statement_timeout: Duration,
}

impl PoolOptions {
    /// For visitors: better a clear "not now" within five seconds than a page that never comes.
    pub fn serving() -> PoolOptions {
        PoolOptions {
            connections: connections(),
            patience: Duration::from_secs(3),
            lock_timeout: Duration::from_secs(4),
            statement_timeout: Duration::from_secs(30),
        }
    }

    /// For commands, whose work may take its time.
    pub fn command() -> PoolOptions {
        let patience = Duration::from_secs(5);
        PoolOptions {
            patience,
            lock_timeout: Duration::ZERO,
            statement_timeout: Duration::ZERO,
            ..Self::serving()
        }
    }
}

/// Two for each core gave the best throughput; PostgreSQL takes a hundred by default.
fn connections() -> u32 {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    u32::try_from(2 * cores).unwrap_or(u32::MAX).clamp(2, 40)
}

impl Db {
    /// Migrates the database, sees to the application's role, and connects.
    pub fn open(url: &str, options: &PoolOptions) -> anyhow::Result<(Db, Access)> {
        let (_, access) = prepare(url)?;
        Ok((Db::connect(url, &access, options)?, access))
    }

    /// Connects to a database that a running Partnerbook has opened, and changes nothing about it.
    pub fn join(url: &str, options: &PoolOptions) -> anyhow::Result<Db> {
        let mut conn = owner(url)?;
        if !migrations::pending(&mut conn)?.is_empty() {
            bail!("the Partnerbook that is running is older than this one. Restart it first");
        }
        let access = roles::inspect(&mut conn)?;
        Db::connect(url, &access, options)
    }

    /// Connects to a database that is ready.
    pub fn connect(url: &str, access: &Access, options: &PoolOptions) -> anyhow::Result<Db> {
        let mut at_connect = format!(
            "SET TIME ZONE 'UTC'; SET application_name = 'partnerbook'; SET lock_timeout = {}; \
             SET statement_timeout = {}; SET idle_in_transaction_session_timeout = '5min';",
            options.lock_timeout.as_millis(),
            options.statement_timeout.as_millis(),
        );
        if let Some(role) = &access.role {
            at_connect.push_str(&format!("SET ROLE {role};"));
        }
        let at_connect = AtConnect(at_connect);
        let url = with_timeouts(url);
        let pool = Pool::builder()
            .max_size(options.connections)
            // Made when needed: one that is being made just in case while we stop would complain.
            .min_idle(Some(0))
            // Asking each time whether a connection is alive costs a fifth of the throughput; `begin`
            // finds out anyway.
            .test_on_check_out(false)
            .connection_timeout(options.patience)
            .connection_customizer(Box::new(at_connect.clone()))
            .build(ConnectionManager::new(&url))
            .context("cannot make the pool of connections")?;
        drop(pool.get().context("cannot connect to the database")?);
        let at_connect = Arc::new((at_connect, url));
        Ok(Db { pool, at_connect, guards: access.guards(), patience: options.patience })
    }

    /// What keeps the book from being changed afterwards.
    pub fn guards(&self) -> Guards {
        self.guards
    }

    /// Does work in one READ COMMITTED transaction: committed if it is `Ok`, else as if it had not been.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let db = self.clone();
        web::block(move || db.run_now(work)).await.unwrap_or_else(|_| Err(panicked()))
    }

    /// Reads in one REPEATABLE READ READ ONLY transaction: all figures are of the same moment. The work
    /// is done a second time if the connection is lost, so it is an `Fn`.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&mut PgConnection) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let db = self.clone();
        web::block(move || db.read_now(work)).await.unwrap_or_else(|_| Err(panicked()))
    }

    /// [`Db::run`] on this thread, for commands and tests.
    pub fn run_now<T>(
        &self,
        work: impl FnOnce(&mut PgConnection) -> Result<T, AppError>,
    ) -> Result<T, AppError> {
        let mut conn = self.begin(WRITE)?;
        let result = work(&mut conn);
        finish(&mut conn, result)
    }

    /// Lets the server count what is in its tables, so that it plans well right after a large import and
    /// not only when it comes to it by itself. Takes the owner's part, who alone may; where even that is
    /// not enough, pages are slower for a minute and nothing else.
    pub fn count_rows(&self) {
        let counted = self.run_now(|conn| Ok(conn.batch_execute("SET LOCAL ROLE NONE; ANALYZE")?));
        if let Err(error) = counted {
            tracing::debug!(?error, "the tables could not be analysed");
        }
    }

    /// [`Db::read`] on this thread, for commands and tests.
    pub fn read_now<T>(
        &self,
        work: impl Fn(&mut PgConnection) -> Result<T, AppError>,
    ) -> Result<T, AppError> {
        let mut conn = self.begin(READ)?;
        let result = work(&mut conn);
        match finish(&mut conn, result) {
            Err(AppError::Unavailable(_)) if conn.is_broken() => {
                drop(conn);
                let mut conn = self.begin(READ)?;
                let result = work(&mut conn);
                finish(&mut conn, result)
            }
            result => result,
        }
    }

    /// A connection of one's own, not of the pool, for somebody who keeps it; no transaction is begun on it.
    pub fn connection(&self) -> Result<PgConnection, AppError> {
        let (at_connect, url) = &*self.at_connect;
        let mut conn = PgConnection::establish(url).map_err(|error| AppError::Unavailable(error.into()))?;
        at_connect.tell(&mut conn).map_err(|error| AppError::Unavailable(error.into()))?;
        Ok(conn)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), AppError> {
        self.read(|conn| Ok(conn.batch_execute("SELECT 1")?)).await
    }

    /// A connection with a transaction begun. One that has died in the pool, as they all have after a
    /// restart of the database, is found out here, before anything was done on it: the next is as good.
    fn begin(&self, how: &str) -> Result<PooledConnection<ConnectionManager<PgConnection>>, AppError> {
        let started = Instant::now();
        loop {
            let left = self.patience.saturating_sub(started.elapsed());
            let conn = self.pool.get_timeout(left.max(Duration::from_millis(1)));
            let mut conn = conn.map_err(|error| AppError::Unavailable(error.into()))?;
            match AnsiTransactionManager::begin_transaction_sql(&mut *conn, how) {
                Ok(()) => return Ok(conn),
                Err(error) if left.is_zero() => return Err(AppError::Unavailable(error.into())),
                Err(error) => tracing::debug!("a pooled connection is dead: {error}"),
            }
        }
    }
}

/// Commits what went well and rolls back the rest. A connection on which that fails counts as broken,
/// and the pool throws it away; as it does with one that is dropped by a panic.
fn finish<T>(conn: &mut PgConnection, result: Result<T, AppError>) -> Result<T, AppError> {
    match result {
        Ok(value) => match AnsiTransactionManager::commit_transaction(conn) {
            Ok(()) => Ok(value),
            // Nobody can know whether it was recorded, so this is not `Unavailable`, which denies it.
            Err(error) if conn.is_broken() => {
                Err(AppError::Internal(anyhow!(error).context("the connection was lost during COMMIT")))
            }
            Err(error) => Err(error.into()),
        },
        Err(error) => {
            let rolled_back = AnsiTransactionManager::rollback_transaction(conn);
            Err(if rolled_back.is_err() || conn.is_broken() { unavailable(error) } else { timed_out(error) })
        }
    }
}

/// The connection is lost, so whatever else the error says comes from that.
fn unavailable(error: AppError) -> AppError {
    match error {
        AppError::Internal(error) => AppError::Unavailable(error),
        AppError::Unavailable(_) => error,
        other => AppError::Unavailable(other.into()),
    }
}

/// A statement that takes too long is no fault of ours, and later it may go well. Diesel does not tell the
/// error's code, so its words have to do.
fn timed_out(error: AppError) -> AppError {
    match error {
        AppError::Internal(error) => {
            let words =
                error.downcast_ref::<diesel::result::Error>().map(ToString::to_string).unwrap_or_default();
            let timeout = words.contains("due to statement timeout");
            if timeout { AppError::Unavailable(error) } else { AppError::Internal(error) }
        }
        other => other,
    }
}

fn panicked() -> AppError {
    AppError::Internal(anyhow!("the work with the database panicked"))
}

/// What each new connection is told first.
#[derive(Debug, Clone)]
struct AtConnect(String);

impl AtConnect {
    fn tell(&self, conn: &mut PgConnection) -> diesel::QueryResult<()> {
        conn.batch_execute(&self.0)
    }
}

impl CustomizeConnection<PgConnection, r2d2::Error> for AtConnect {
    fn on_acquire(&self, conn: &mut PgConnection) -> Result<(), r2d2::Error> {
        self.tell(conn).map_err(r2d2::Error::QueryError)
    }
}

/// A connection as the owner, for migrations and what else the application's role may not.
pub fn owner(url: &str) -> anyhow::Result<PgConnection> {
    PgConnection::establish(&with_timeouts(url)).context("cannot connect to the database")
}

/// Migrates and sees to the application's role; tells the migrations that were run.
pub fn prepare(url: &str) -> anyhow::Result<(Vec<String>, Access)> {
    let mut conn = owner(url)?;
    migrations::check_server(&mut conn)?;
    migrations::alone(&mut conn, |conn| {
        let done = migrations::run(conn).context("cannot migrate the database")?;
        let access = roles::prepare(conn).context("cannot set up the application's role")?;
        Ok((done, access))
    })
}

/// A server that does not answer must be noticed: libpq by itself waits for minutes. What the
/// administrator has chosen stays.
fn with_timeouts(url: &str) -> String {
    let mut url = url.to_string();
    for (name, value) in [("connect_timeout", "3"), ("tcp_user_timeout", "5000"), ("keepalives_idle", "10")] {
        if url.contains(name) {
            continue;
        }
        let between = match (url.contains("://"), url.contains('?')) {
            (false, _) => ' ',
            (true, false) => '?',
            (true, true) => '&',
        };
        url.push(between);
        url.push_str(&format!("{name}={value}"));
    }
    url
}
