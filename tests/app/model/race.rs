//! Races whose outcome is no luck. All contenders do their work in transactions of their own, and none
//! commits before every one of them has either done its work or waits for another's lock. So whatever
//! two of them can do to each other, they do.

use crate::support::{self, TestDatabase};
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{PgConnection, RunQueryDsl, sql_query};
use partnerbook::db::columns::Number;
use partnerbook::error::AppError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// An advisory lock that stands before the end of every contender's transaction.
const GATE: i64 = 20_260_101;

/// What a contender does.
pub type Work<'a, T> = Box<dyn FnOnce(&mut PgConnection) -> Result<T, AppError> + Send + 'a>;

/// Lets all of them do their work at once; what became of each, in their order.
pub fn race<'a, T: Send>(database: &TestDatabase, works: Vec<Work<'a, T>>) -> Vec<Result<T, AppError>> {
    race_with(database, None, works)
}

/// The same race, in which each contender locks the rows of a copy of that table that is its own: as if
/// nobody locked anything. What is read and written is the same.
pub fn race_without_lock<'a, T: Send>(
    database: &TestDatabase,
    table: &str,
    works: Vec<Work<'a, T>>,
) -> Vec<Result<T, AppError>> {
    let role = database.access.role.as_deref().expect("tests have a role");
    for number in 0..works.len() {
        database.psql(&format!(
            "CREATE SCHEMA own_{number}; CREATE TABLE own_{number}.{table} (LIKE public.{table} INCLUDING ALL);
             INSERT INTO own_{number}.{table} SELECT * FROM public.{table};
             GRANT USAGE ON SCHEMA own_{number} TO {role}; GRANT ALL ON own_{number}.{table} TO {role}"
        ));
    }
    race_with(database, Some("own"), works)
}

fn race_with<'a, T: Send>(
    database: &TestDatabase,
    schemas: Option<&str>,
    works: Vec<Work<'a, T>>,
) -> Vec<Result<T, AppError>> {
    let mut gate = database.owner();
    gate.batch_execute(&format!("SELECT pg_advisory_lock({GATE})")).expect("the gate is ours");
    let contenders = works.len();
    let gave_up = AtomicUsize::new(0);
    thread::scope(|scope| {
        let threads: Vec<_> = works
            .into_iter()
            .enumerate()
            .map(|(number, work)| {
                let gave_up = &gave_up;
                scope.spawn(move || {
                    let result = database.db.run_now(|conn| {
                        if let Some(schema) = schemas {
                            conn.batch_execute(&format!(
                                "SET LOCAL search_path = {schema}_{number}, public"
                            ))?;
                        }
                        let done = work(conn)?;
                        conn.batch_execute(&format!("SELECT pg_advisory_xact_lock_shared({GATE})"))?;
                        Ok(done)
                    });
                    gave_up.fetch_add(1, Ordering::SeqCst);
                    result
                })
            })
            .collect();
        wait_until(|| waiting(database) + gave_up.load(Ordering::SeqCst) >= contenders);
        gate.batch_execute(&format!("SELECT pg_advisory_unlock({GATE})")).expect("the gate opens");
        threads.into_iter().map(|thread| thread.join().expect("no contender panics")).collect()
    })
}

/// Returns when so many wait for a lock in this database.
pub fn wait_for_waiting(database: &TestDatabase, wanted: usize) {
    wait_until(|| waiting(database) >= wanted);
}

fn wait_until(ready: impl Fn() -> bool) {
    let started = Instant::now();
    while !ready() {
        assert!(started.elapsed() < Duration::from_secs(60), "not all of them come to a lock");
        thread::sleep(Duration::from_millis(2));
    }
}

/// How many wait for a lock in this database.
fn waiting(database: &TestDatabase) -> usize {
    let waiting: Number = sql_query(
        "SELECT count(*) AS value FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'",
    )
    .bind::<Text, _>(&database.name)
    .get_result(&mut *support::server().administrator())
    .expect("activity can be read");
    usize::try_from(waiting.value).expect("a count")
}

/// Takes all guards but the locks away: no trigger follows the book, nothing is unique, and the derived
/// tables are views that work everything out anew. What is left is the order of locking and looking.
pub fn strip(database: &TestDatabase) {
    database.psql(
        "ALTER TABLE entries DISABLE TRIGGER entries_are_followed;
         ALTER TABLE payments DISABLE TRIGGER payments_are_followed;
         ALTER TABLE voids DISABLE TRIGGER voids_are_followed;
         ALTER TABLE settlements DISABLE TRIGGER settlements_are_followed;
         ALTER TABLE releases DISABLE TRIGGER releases_are_followed;
         ALTER TABLE entries DROP CONSTRAINT entries_one_per_account_and_number, DROP CONSTRAINT entries_one_void_per_payment;
         ALTER TABLE settlements DROP CONSTRAINT settlements_one_per_entry_and_round;
         ALTER TABLE voids DROP CONSTRAINT voids_one_per_payment;
         ALTER TABLE releases DROP CONSTRAINT releases_pkey;
         ALTER TABLE entry_details DROP CONSTRAINT entry_details_one_per_import_key;
         DROP TABLE account_totals, ledger_days, ledger_months, open_entries;
         CREATE VIEW account_totals AS
             SELECT a.id AS account_id, coalesce(max(e.number), 0) AS last_number, coalesce(sum(e.amount_minor), 0)::bigint AS balance_minor,
                    (SELECT coalesce(max(id), 0) FROM payments p WHERE p.account_id = a.id) AS last_payment_id,
                    (SELECT coalesce(max(id), 0) FROM voids v WHERE v.account_id = a.id) AS last_void_id
               FROM accounts a LEFT JOIN entries e ON e.account_id = a.id GROUP BY a.id;
         CREATE VIEW ledger_days AS
             SELECT account_id, dated_on AS day,
                    coalesce(sum(amount_minor) FILTER (WHERE kind = 'commission'), 0)::bigint AS earned_minor,
                    coalesce(sum(amount_minor) FILTER (WHERE kind = 'clawback'), 0)::bigint AS clawbacks_minor,
                    coalesce(sum(amount_minor) FILTER (WHERE kind = 'adjustment'), 0)::bigint AS adjustments_minor,
                    coalesce(sum(amount_minor) FILTER (WHERE kind IN ('payment', 'void')), 0)::bigint AS payments_minor
               FROM entries GROUP BY 1, 2;
         CREATE VIEW ledger_months AS
             SELECT account_id, date_trunc('month', day)::date AS month, sum(earned_minor)::bigint AS earned_minor, sum(clawbacks_minor)::bigint AS clawbacks_minor,
                    sum(adjustments_minor)::bigint AS adjustments_minor, sum(payments_minor)::bigint AS payments_minor
               FROM ledger_days GROUP BY 1, 2;
         CREATE VIEW open_entries AS
             SELECT e.id AS entry_id, e.account_id, e.number, e.kind, e.dated_on, e.amount_minor::bigint AS amount_minor,
                    1 + (SELECT count(*)::integer FROM settlements s WHERE s.entry_id = e.id) AS round
               FROM entries e
              WHERE (e.kind IN ('commission', 'clawback', 'adjustment') OR e.kind = 'payment' AND e.on_account)
                AND NOT EXISTS (SELECT FROM settlements s WHERE s.entry_id = e.id AND NOT EXISTS (SELECT FROM releases r WHERE r.settlement_id = s.id))
                AND NOT EXISTS (SELECT FROM entries v WHERE v.voids_entry_id = e.id)",
    );
    let role = database.access.role.as_deref().expect("tests have a role");
    database
        .psql(&format!("GRANT SELECT ON account_totals, ledger_days, ledger_months, open_entries TO {role}"));
}

/// Counts what this finds.
pub fn count(database: &TestDatabase, sql: &str) -> i64 {
    let counted: Number =
        sql_query(format!("SELECT ({sql})::bigint AS value")).get_result(&mut database.owner()).expect(sql);
    counted.value
}

/// Accounts that got more than they were owed, and entries that two standing payments settle: worked out
/// from what was recorded alone.
pub fn paid_twice(database: &TestDatabase) -> i64 {
    count(
        database,
        "SELECT (SELECT count(*) FROM (SELECT account_id FROM entries GROUP BY 1 HAVING sum(amount_minor) < 0) AS overpaid)
              + (SELECT count(*) FROM (SELECT s.entry_id FROM settlements s LEFT JOIN releases r ON r.settlement_id = s.id
                                        WHERE r.settlement_id IS NULL GROUP BY 1 HAVING count(*) > 1) AS twice)",
    )
}
