//! Brings a database to the shape this program needs. The migrations are built in.

use std::collections::HashSet;

use anyhow::{anyhow, bail};
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::{PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

/// Every migration, oldest first.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// Any number will do, as long as every Partnerbook takes the same.
const LOCK: i64 = i64::from_be_bytes(*b"partnerb");

/// Does what only one process may do to this database at a time. Waits for the one that is at it.
pub fn alone<T>(
    conn: &mut PgConnection,
    work: impl FnOnce(&mut PgConnection) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    sql_query(format!("SELECT pg_advisory_lock({LOCK})")).execute(conn)?;
    let result = work(conn);
    sql_query(format!("SELECT pg_advisory_unlock({LOCK})")).execute(conn)?;
    result
}

/// Runs what is missing and tells the names of it. To be called `alone`.
pub fn run(conn: &mut PgConnection) -> anyhow::Result<Vec<String>> {
    let missing = pending(conn)?;
    let mut done = Vec::new();
    for migration in missing {
        let name = migration.name().to_string();
        conn.run_migration(&migration)
            .map_err(|error| anyhow!(error).context(format!("migration {name}")))?;
        done.push(name);
    }
    Ok(done)
}

/// What is missing. Refuses a database that a newer program has been at: it may mean by a column what
/// this one does not know.
pub fn pending(conn: &mut PgConnection) -> anyhow::Result<Vec<Box<dyn Migration<Pg>>>> {
    let known = MigrationSource::<Pg>::migrations(&MIGRATIONS).map_err(|error| anyhow!(error))?;
    let applied = conn.applied_migrations().map_err(|error| anyhow!(error))?;
    let versions: HashSet<String> =
        known.iter().map(|migration| migration.name().version().to_string()).collect();
    if let Some(unknown) = applied.iter().find(|version| !versions.contains(&version.to_string())) {
        bail!(
            "the database was last used by a newer Partnerbook (migration {unknown} is not known here). Start \
             that version again"
        );
    }
    let applied: HashSet<String> = applied.iter().map(ToString::to_string).collect();
    let mut missing = known;
    missing.retain(|migration| !applied.contains(&migration.name().version().to_string()));
    Ok(missing)
}

/// Refuses a server on which the migrations could not work or would not mean the same.
pub fn check_server(conn: &mut PgConnection) -> anyhow::Result<()> {
    #[derive(QueryableByName)]
    struct Server {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        version: i32,
        #[diesel(sql_type = diesel::sql_types::Text)]
        encoding: String,
    }
    let server: Server = sql_query(
        "SELECT current_setting('server_version_num')::int AS version, \
         current_setting('server_encoding') AS encoding",
    )
    .get_result(conn)?;
    let oldest = super::embedded::OLDEST;
    if server.version < oldest as i32 * 10_000 {
        bail!("the server is PostgreSQL {}; Partnerbook needs {oldest} or newer", server.version / 10_000);
    }
    if server.encoding != "UTF8" {
        bail!(
            "the database is encoded in {}; Partnerbook needs one created with ENCODING 'UTF8'",
            server.encoding
        );
    }
    Ok(())
}

/// Server settings that are off and under which a power cut can lose what was acknowledged, or break the
/// database.
pub fn unsafe_settings(conn: &mut PgConnection) -> QueryResult<Vec<String>> {
    #[derive(QueryableByName)]
    struct Setting {
        #[diesel(sql_type = diesel::sql_types::Text)]
        name: String,
    }
    let found: Vec<Setting> = sql_query(
        "SELECT name FROM pg_settings
          WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off' ORDER BY name",
    )
    .load(conn)?;
    Ok(found.into_iter().map(|setting| setting.name).collect())
}

/// Refuses a server with such settings: a payment that was recorded could be gone after a power cut, and
/// be made again.
pub fn refuse_data_loss(conn: &mut PgConnection) -> anyhow::Result<()> {
    let found = unsafe_settings(conn)?;
    if !found.is_empty() {
        bail!(
            "the database server runs with {} off: a power cut can lose payments that were recorded. Switch it on, \
             or, for a trial, start with --accept-data-loss",
            found.join(", ")
        );
    }
    Ok(())
}
