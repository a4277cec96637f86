//! What tests stand on. One PostgreSQL for the whole test process, made for it and gone with it, also
//! when a test panics or the process is killed; in it a database for each test that asks for one.

pub mod http;
pub mod program;
pub mod smtp;

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use partnerbook::db::embedded::{Claim, Embedded, Setup};
use partnerbook::db::{self, Access, Db, PoolOptions, roles};

/// The database that all others are copies of: migrated, and empty.
const TEMPLATE: &str = "template";

/// Nothing here has to outlive a power cut.
const FAST: &[(&str, &str)] = &[
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
    ("autovacuum", "off"),
    ("max_connections", "500"),
];

/// The PostgreSQL of this test process.
pub struct TestServer {
    embedded: Embedded,
    /// How to copy a database: file by file takes a fifth of the time of going through the log.
    strategy: &'static str,
    /// For making and dropping databases, one at a time.
    administrator: Mutex<PgConnection>,
    /// When this closes, which it does however the process ends, the folder is removed.
    _alive: ChildStdin,
}

/// The server, started by the first test that needs it.
pub fn server() -> &'static TestServer {
    static SERVER: OnceLock<TestServer> = OnceLock::new();
    SERVER.get_or_init(|| {
        let folder = passable_folder().keep();
        let alive = remove_at_the_end(&folder);
        let setup = Setup { programs: None, settings: FAST.to_vec() };
        let claim = Claim::take(&folder, Duration::ZERO).expect("a new folder is nobody's");
        let embedded = claim.start(&setup).expect("PostgreSQL starts");
        let mut administrator = PgConnection::establish(&embedded.url("postgres")).expect("we may connect");
        administrator.batch_execute(&format!("CREATE DATABASE {TEMPLATE}")).expect("a database can be made");
        db::prepare(&embedded.url(TEMPLATE)).expect("the migrations run");
        // Before 15 there was no other way, and no word for it.
        let copying = administrator.batch_execute("CREATE DATABASE copied STRATEGY file_copy");
        let strategy = if copying.is_ok() { "STRATEGY file_copy" } else { "" };
        TestServer { embedded, strategy, administrator: Mutex::new(administrator), _alive: alive }
    })
}

impl TestServer {
    /// How to connect to a database as its owner, who may do anything on this server.
    pub fn url(&self, database: &str) -> String {
        self.embedded.url(database)
    }

    /// A connection that may do anything on this server.
    pub fn administrator(&self) -> MutexGuard<'_, PgConnection> {
        self.administrator.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A database of a test's own. It is dropped with this.
pub struct TestDatabase {
    /// As the application sees it.
    pub db: Db,
    pub name: String,
    /// As the owner.
    pub url: String,
    pub access: Access,
}

/// A migrated, empty database.
pub fn database() -> TestDatabase {
    let name = unused_name();
    let server = server();
    let create = format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE} {}", server.strategy);
    server.administrator().batch_execute(&create).expect("the template can be copied");
    let url = server.url(&name);
    let access = roles::prepare(&mut owner(&url)).expect("the role can be made");
    let db = Db::connect(&url, &access, &pool()).expect("the database takes connections");
    TestDatabase { db, name, url, access }
}

impl TestDatabase {
    /// A connection as the owner, for breaking things that the application could not.
    pub fn owner(&self) -> PgConnection {
        owner(&self.url)
    }

    /// The one value that a query finds, as text; empty where it is null.
    pub fn ask(&self, query: &str) -> String {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
            value: Option<String>,
        }
        let row: Row =
            sql_query(format!("SELECT ({query})::text AS value")).get_result(&mut self.owner()).expect(query);
        row.value.unwrap_or_default()
    }

    /// Runs SQL as the owner.
    pub fn psql(&self, sql: &str) {
        self.owner().batch_execute(sql).unwrap_or_else(|error| panic!("{error} in: {sql}"));
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // What cannot be dropped vanishes with the server.
        let drop_all = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        let _ = server().administrator().batch_execute(&drop_all);
        if let Some(role) = &self.access.role {
            let _ = server().administrator().batch_execute(&format!("DROP ROLE {role}"));
        }
    }
}

/// A name for a database that no test has yet.
pub fn unused_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// As a server has it, but with time: a busy machine must not make a test fail, and sixteen threads at
/// once must all get a connection.
pub fn pool() -> PoolOptions {
    PoolOptions {
        connections: 20,
        patience: Duration::from_secs(60),
        lock_timeout: Duration::from_secs(60),
        statement_timeout: Duration::from_secs(120),
    }
}

fn owner(url: &str) -> PgConnection {
    PgConnection::establish(url).expect("the owner may connect")
}

/// A temporary folder that PostgreSQL's account can reach, should we be root.
pub fn passable_folder() -> tempfile::TempDir {
    let folder =
        tempfile::Builder::new().prefix("partnerbook-test-").tempdir().expect("a folder can be made");
    let passable = fs::Permissions::from_mode(0o711);
    fs::set_permissions(folder.path(), passable).expect("it is ours");
    folder
}

/// Statics are not dropped, so another process waits for our end, and for PostgreSQL's.
fn remove_at_the_end(folder: &Path) -> ChildStdin {
    let script = r#"
        cat
        for i in $(seq 200); do [ -e "$0/pgdata/postmaster.pid" ] || break; sleep 0.1; done
        rm -rf "$0""#;
    let spawn = || -> io::Result<Option<ChildStdin>> {
        let mut shell = Command::new("sh");
        // A group of its own, so that Ctrl-C does not take it along.
        shell.arg("-c").arg(script).arg(folder).process_group(0);
        Ok(shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?.stdin)
    };
    spawn().ok().flatten().expect("a shell can be started")
}
