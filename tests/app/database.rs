//! How the application holds its database: transactions, lost connections, the application's role.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use partnerbook::db::{Db, Guards, PoolOptions, roles};
use partnerbook::error::AppError;

use crate::support::{self, TestDatabase, database};

/// A database with a table to play in, and a pool of that many connections.
fn with_pool_of(connections: u32) -> (TestDatabase, Db) {
    let database = database();
    database.psql("CREATE TABLE notes (note text NOT NULL)");
    let access = roles::prepare(&mut database.owner()).unwrap();
    let patience = Duration::from_secs(if connections == 1 { 2 } else { 60 });
    let options = PoolOptions { connections, patience, ..support::pool() };
    let db = Db::connect(&database.url, &access, &options).unwrap();
    (database, db)
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Text)]
    value: String,
}

fn value(conn: &mut PgConnection, sql: &str) -> Result<String, AppError> {
    Ok(sql_query(format!("SELECT ({sql})::text AS value")).get_result::<Value>(conn)?.value)
}

fn note(conn: &mut PgConnection, note: &str) -> Result<(), AppError> {
    sql_query("INSERT INTO notes VALUES ($1)").bind::<Text, _>(note).execute(conn)?;
    Ok(())
}

fn notes(db: &Db) -> String {
    db.read_now(|conn| value(conn, "SELECT coalesce(string_agg(note, ' '), '') FROM notes")).unwrap()
}

#[test]
fn each_test_has_a_database_of_its_own_with_all_guards() {
    let (one, other) = (database(), database());
    for database in [&one, &other] {
        let name = database.db.read_now(|conn| value(conn, "SELECT current_database()")).unwrap();
        assert_eq!(name, database.name);
        assert_eq!(database.db.guards(), Guards::RoleAndTriggers);
    }
    assert_ne!(one.name, other.name);
}

#[test]
fn work_that_succeeds_is_kept_and_work_that_fails_is_not() {
    let (_database, db) = with_pool_of(1);
    db.run_now(|conn| note(conn, "kept")).unwrap();
    let refused = db.run_now(|conn| {
        note(conn, "not kept")?;
        Err::<(), _>(AppError::refused("No."))
    });
    assert!(matches!(refused, Err(AppError::Refused(_))), "{refused:?}");
    assert_eq!(notes(&db), "kept");
}

#[test]
fn a_panic_leaves_nothing_behind_and_a_usable_pool_of_one() {
    let (_database, db) = with_pool_of(1);
    for _ in 0..3 {
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            db.run_now(|conn| {
                note(conn, "half done")?;
                panic!("on purpose");
                #[allow(unreachable_code, reason = "tells the closure's type")]
                Ok(())
            })
        }));
        assert!(panicked.is_err());
        assert_eq!(notes(&db), "");
        db.run_now(|conn| value(conn, "SELECT 1")).unwrap();
    }
}

#[actix_web::test]
async fn a_panic_in_a_request_is_our_fault_and_the_next_request_works() {
    let (_database, db) = with_pool_of(1);
    let panicked = db.run(|_| -> Result<(), AppError> { panic!("on purpose") }).await;
    assert!(matches!(panicked, Err(AppError::Internal(_))), "{panicked:?}");
    let panicked = db.read(|_| -> Result<(), AppError> { panic!("on purpose") }).await;
    assert!(matches!(panicked, Err(AppError::Internal(_))), "{panicked:?}");
    db.run(|conn| note(conn, "after")).await.unwrap();
    assert_eq!(db.read(|conn| value(conn, "SELECT note FROM notes")).await.unwrap(), "after");
}

#[test]
fn work_reads_committed_and_a_read_sees_one_moment() {
    let (_database, db) = with_pool_of(2);
    let isolation =
        "current_setting('transaction_isolation') || ' ' || current_setting('transaction_read_only')";
    assert_eq!(db.run_now(|conn| value(conn, isolation)).unwrap(), "read committed off");
    assert_eq!(db.read_now(|conn| value(conn, isolation)).unwrap(), "repeatable read on");
    assert_eq!(db.run_now(|conn| value(conn, "current_setting('TimeZone')")).unwrap(), "UTC");
    let seen = db.read_now(|conn| {
        let before = value(conn, "SELECT count(*) FROM notes")?;
        db.run_now(|other| note(other, "meanwhile"))?;
        Ok(before == value(conn, "SELECT count(*) FROM notes")?)
    });
    assert!(seen.unwrap());
}

#[test]
fn connections_lost_while_idle_are_noticed_before_anything_is_done_on_them() {
    let (database, db) = with_pool_of(4);
    for _ in 0..3 {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| db.run_now(|conn| value(conn, "SELECT pg_sleep(0.1)")).unwrap());
            }
        });
        disconnect_all(&database);
        db.run_now(|conn| note(conn, "x")).unwrap();
        disconnect_all(&database);
        notes(&db);
    }
    assert_eq!(notes(&db), "x x x");
}

#[test]
fn a_read_that_loses_its_connection_is_read_again_and_a_write_is_not() {
    let (database, db) = with_pool_of(4);
    let tries = AtomicU32::new(0);
    let read = db.read_now(|conn| {
        if tries.fetch_add(1, Ordering::Relaxed) == 0 {
            disconnect_all(&database);
        }
        value(conn, "SELECT 'read'")
    });
    assert_eq!((read.unwrap().as_str(), tries.load(Ordering::Relaxed)), ("read", 2));

    let written = db.run_now(|conn| {
        disconnect_all(&database);
        note(conn, "lost")
    });
    assert!(matches!(written, Err(AppError::Unavailable(_))), "{written:?}");
    assert_eq!(notes(&db), "");
}

#[test]
fn a_commit_that_loses_its_connection_does_not_say_that_nothing_was_recorded() {
    let (database, db) = with_pool_of(1);
    let unknown = db.run_now(|conn| {
        note(conn, "who knows")?;
        disconnect_all(&database);
        Ok(())
    });
    assert!(matches!(unknown, Err(AppError::Internal(_))), "{unknown:?}");
}

#[test]
fn no_connection_left_is_said_within_five_seconds() {
    let (_database, db) = with_pool_of(1);
    let started = Instant::now();
    let inner = db.run_now(|_| Ok(db.run_now(|_| Ok(())))).unwrap();
    assert!(matches!(inner, Err(AppError::Unavailable(_))), "{inner:?}");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn waiting_too_long_for_a_lock_is_no_fault_of_ours() {
    let database = database();
    database.psql("CREATE TABLE notes (note text)");
    let options = PoolOptions { lock_timeout: Duration::from_millis(50), ..support::pool() };
    let (db, _) = Db::open(&database.url, &options).unwrap();
    let mut other = database.owner();
    other.batch_execute("BEGIN; LOCK TABLE notes").unwrap();
    let waited = db.run_now(|conn| note(conn, "x"));
    assert!(matches!(waited, Err(AppError::Busy(_))), "{waited:?}");
}

#[test]
fn the_application_may_do_with_a_table_what_its_comment_says() {
    let database = database();
    database.psql(
        "CREATE TABLE free (x int); CREATE TABLE book (x int); CREATE TABLE sums (x int);
         COMMENT ON TABLE free IS 'Anything goes.';
         COMMENT ON TABLE book IS 'Append-only: what happened.';
         COMMENT ON TABLE sums IS 'Derived: kept by a trigger.';",
    );
    let access = roles::prepare(&mut database.owner()).unwrap();
    assert_eq!(access.role, Some(format!("\"{}_app\"", database.name)));
    let db = Db::connect(&database.url, &access, &support::pool()).unwrap();
    assert_eq!(db.guards(), Guards::RoleAndTriggers);

    let may = |statement: &str| match db.run_now(|conn| Ok(conn.batch_execute(statement)?)) {
        Ok(()) => true,
        Err(AppError::Internal(error)) if error.to_string().contains("permission denied") => false,
        Err(error) => panic!("{statement}: {error:?}"),
    };
    let rights = |table: &str| {
        let verbs = ["SELECT x FROM", "INSERT INTO", "UPDATE", "DELETE FROM", "TRUNCATE"];
        let ends = ["", "VALUES (1)", "SET x = 2", "", ""];
        verbs.iter().zip(ends).map(|(verb, end)| may(&format!("{verb} {table} {end}"))).collect::<Vec<_>>()
    };
    assert_eq!(rights("free"), [true, true, true, true, false]);
    assert_eq!(rights("book"), [true, true, false, false, false]);
    assert_eq!(rights("sums"), [true, false, false, false, false]);
    assert!(!may("INSERT INTO __diesel_schema_migrations VALUES ('x')"));
    assert!(!may("CREATE TABLE more (x int)"));

    // A table that changes its nature changes its rights.
    database.psql("COMMENT ON TABLE book IS 'Anything goes.'");
    roles::prepare(&mut database.owner()).unwrap();
    assert_eq!(rights("book"), [true, true, true, true, false]);
}

#[test]
fn a_database_that_a_newer_program_has_used_is_left_alone() {
    let database = database();
    database.psql("INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')");
    let refused = Db::open(&database.url, &support::pool()).map(|_| ()).unwrap_err();
    assert!(refused.to_string().contains("cannot migrate"), "{refused:#}");
    assert!(format!("{refused:#}").contains("newer Partnerbook"), "{refused:#}");
}

#[test]
fn two_starts_at_once_migrate_once() {
    let name = support::unused_name();
    support::server().administrator().batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    let url = support::server().url(&name);
    let prepare = || partnerbook::db::prepare(&url).unwrap().0.len();
    let (one, other) = std::thread::scope(|scope| {
        let (one, other) = (scope.spawn(prepare), scope.spawn(prepare));
        (one.join().unwrap(), other.join().unwrap())
    });
    assert!(one.min(other) == 0 && one.max(other) > 0, "{one} and {other}");
}

/// Ends all connections to a test's database, as a restart does.
fn disconnect_all(database: &TestDatabase) {
    #[derive(QueryableByName)]
    struct Ended {
        #[diesel(sql_type = BigInt)]
        ended: i64,
    }
    let query = "SELECT count(pg_terminate_backend(pid, 5000)) AS ended FROM pg_stat_activity \
                 WHERE datname = $1 AND backend_type = 'client backend'";
    let ended: Ended = sql_query(query)
        .bind::<Text, _>(&database.name)
        .get_result(&mut *support::server().administrator())
        .unwrap();
    assert!(ended.ended > 0, "there was something to end");
}
