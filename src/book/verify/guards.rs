//! What guards the book: triggers, constraints, the functions behind them, the application's rights.
//! What there must be is read from the migrations themselves, so there is no second list of it.

use super::Check;
use crate::db::columns::Number;
use crate::db::migrations::unsafe_settings;
use crate::error::AppError;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Bool, Text};
use std::collections::{BTreeSet, HashMap, HashSet};

/// The migrations that make the book and what it stands on.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/2026-01-01-000001_value_domains/up.sql"),
    include_str!("../../../migrations/2026-01-01-000005_products_and_programs/up.sql"),
    include_str!("../../../migrations/2026-01-01-000007_orders/up.sql"),
    include_str!("../../../migrations/2026-01-01-000008_the_book/up.sql"),
    include_str!("../../../migrations/2026-01-01-000009_payments/up.sql"),
    include_str!("../../../migrations/2026-01-01-000010_what_follows_from_the_book/up.sql"),
    include_str!("../../../migrations/2026-01-01-000011_figures/up.sql"),
    include_str!("../../../migrations/2026-01-01-000012_imported_returns/up.sql"),
];

/// The tables to which rows are only ever added.
pub const APPEND_ONLY: &[&str] = &[
    "program_versions",
    "program_rules",
    "program_rates",
    "order_lines",
    "order_events",
    "returned_lines",
    "order_credits",
    "commission_rows",
    "commission_row_lines",
    "imported_returns",
    "entries",
    "entry_details",
    "runs",
    "run_accounts",
    "payment_batches",
    "payments",
    "payment_skips",
    "voids",
    "settlements",
    "releases",
];

/// The tables that triggers keep, and nobody else.
pub const DERIVED: &[&str] = &["account_totals", "ledger_days", "ledger_months", "open_entries"];

/// The triggers that keep derived tables: on which table, which function, and as `pg_trigger.tgtype`
/// counts: after each insert, once for the statement.
const FOLLOWERS: &[(&str, &str)] = &[
    ("accounts", "follow_accounts"),
    ("entries", "follow_entries"),
    ("payments", "follow_payments"),
    ("voids", "follow_voids"),
    ("settlements", "follow_settlements"),
    ("releases", "follow_releases"),
];
const AFTER_INSERT: i64 = 4;
/// Before each UPDATE of a row.
const BEFORE_UPDATE: i64 = 1 + 2 + 16;
/// Before each UPDATE and DELETE of a row.
const BEFORE_CHANGE: i64 = 1 + 2 + 8 + 16;
/// Before TRUNCATE, once for the statement.
const BEFORE_TRUNCATE: i64 = 2 + 32;

/// A trigger that there must be.
struct Expected {
    table: &'static str,
    function: &'static str,
    /// As `pg_trigger.tgtype` counts.
    kind: i64,
    /// Fires for every column. Of an order only who bought and from where may change.
    all_columns: bool,
}

#[derive(QueryableByName)]
struct Trigger {
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    function: String,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    kind: i64,
    #[diesel(sql_type = Bool)]
    enabled: bool,
    /// Fires whatever the row holds.
    #[diesel(sql_type = Bool)]
    always: bool,
    #[diesel(sql_type = Bool)]
    all_columns: bool,
}

#[derive(QueryableByName)]
struct Function {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    body: String,
    #[diesel(sql_type = Bool)]
    confined: bool,
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    holds: bool,
}

/// A sentence of the database's own.
#[derive(QueryableByName)]
struct Said {
    #[diesel(sql_type = Text)]
    said: String,
}

/// Looks for every guard.
pub fn check(conn: &mut PgConnection) -> Result<Vec<Check>, AppError> {
    Ok(vec![triggers(conn)?, functions(conn)?, constraints(conn)?, rights(conn)?])
}

/// The triggers that there must be.
fn expected_triggers() -> Vec<Expected> {
    let refuses = |table, kind| Expected { table, function: "refuse_change", kind, all_columns: true };
    let kept =
        APPEND_ONLY.iter().flat_map(|table| [refuses(table, BEFORE_CHANGE), refuses(table, BEFORE_TRUNCATE)]);
    let followed = FOLLOWERS.iter().map(|(table, function)| Expected {
        table,
        function,
        kind: AFTER_INSERT,
        all_columns: true,
    });
    let others = [
        Expected { all_columns: false, ..refuses("orders", BEFORE_CHANGE) },
        refuses("orders", BEFORE_TRUNCATE),
        refuses("accounts", BEFORE_UPDATE),
        refuses("accounts", BEFORE_TRUNCATE),
    ];
    kept.chain(followed).chain(others).collect()
}

fn triggers(conn: &mut PgConnection) -> Result<Check, AppError> {
    let found: Vec<Trigger> = sql_query(
        "SELECT c.relname::text AS table, t.tgname::text AS name, p.proname::text AS function, t.tgtype::bigint AS kind,
                t.tgenabled IN ('O', 'A') AS enabled, t.tgqual IS NULL AS always, cardinality(t.tgattr::int2[]) = 0 AS all_columns
           FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
          WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1, 2",
    )
    .load(conn)?;
    let expected = expected_triggers();
    let mut check =
        Check::new("each trigger is there, fires and does what it should", "triggers", expected.len() as u64);
    // Those by which PostgreSQL holds foreign keys can be switched off too.
    for trigger in found.iter().filter(|trigger| !trigger.enabled) {
        check.fault(|| format!("trigger {} on {} is disabled", trigger.name, trigger.table));
    }
    for expected in expected {
        let is_it = |trigger: &Trigger| {
            (trigger.table.as_str(), trigger.function.as_str(), trigger.kind)
                == (expected.table, expected.function, expected.kind)
                && trigger.always
                && (trigger.all_columns || !expected.all_columns)
        };
        if !found.iter().any(is_it) {
            check.fault(|| {
                format!(
                    "{} has no trigger that calls {} {}",
                    expected.table,
                    expected.function,
                    when(expected.kind)
                )
            });
        }
    }
    let asleep: Vec<Said> = sql_query(
        "SELECT 'session_replication_role is ' || current_setting('session_replication_role') || ' here' AS said
          WHERE current_setting('session_replication_role') <> 'origin'
          UNION ALL
         SELECT format('%s is set for %s', setting, coalesce(nullif(setrole, 0)::regrole::text, 'everybody'))
           FROM pg_db_role_setting, unnest(setconfig) AS setting
          WHERE setting LIKE 'session_replication_role=%' AND setting <> 'session_replication_role=origin'
            AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))",
    )
    .load(conn)?;
    for setting in asleep {
        check.fault(|| format!("{}, under which no trigger fires", setting.said));
    }
    Ok(check)
}

fn when(kind: i64) -> &'static str {
    match kind {
        BEFORE_UPDATE => "before each update",
        BEFORE_CHANGE => "before each update and delete",
        BEFORE_TRUNCATE => "before truncate",
        _ => "after each insert",
    }
}

/// The functions of the book are those of the migrations, and run with their owner's rights in our own
/// schema where they write what the application may not.
fn functions(conn: &mut PgConnection) -> Result<Check, AppError> {
    let expected: Vec<&str> = names_after(&["CREATE FUNCTION"]);
    let found: Vec<Function> = sql_query(
        "SELECT proname::text AS name, prosrc AS body,
                prosecdef AND coalesce(proconfig, '{}') @> '{search_path=public}' AS confined
           FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname = ANY ($1)",
    )
    .bind::<Array<Text>, _>(&expected)
    .load(conn)?;
    let mut check = Check::new(
        "each function of the book is the one that the migrations made",
        "functions",
        expected.len() as u64,
    );
    let by_name: HashMap<&str, &Function> =
        found.iter().map(|function| (function.name.as_str(), function)).collect();
    for name in expected {
        match by_name.get(name) {
            None => check.fault(|| format!("function {name} is not there")),
            Some(function) if !MIGRATIONS.iter().any(|text| text.contains(&function.body)) => {
                check.fault(|| format!("function {name} is not the one that the migrations made"));
            }
            Some(function) if name.starts_with("follow_") && !function.confined => {
                check.fault(|| {
                    format!("function {name} does not run with its owner's rights in the schema public")
                });
            }
            Some(_) => {}
        }
    }
    Ok(check)
}

fn constraints(conn: &mut PgConnection) -> Result<Check, AppError> {
    let expected: BTreeSet<&str> = names_after(&["CONSTRAINT", "CREATE UNIQUE INDEX"])
        .into_iter()
        .filter(|name| !name.starts_with('='))
        .collect();
    let found: Vec<Named> = sql_query(
        "SELECT conname::text AS name, convalidated AS holds FROM pg_constraint WHERE connamespace = 'public'::regnamespace
          UNION ALL
         SELECT c.relname::text, i.indisvalid AND i.indisready FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
          WHERE c.relnamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
          ORDER BY 1",
    )
    .load(conn)?;
    let mut check = Check::new("each constraint is there and holds", "constraints", expected.len() as u64);
    for broken in found.iter().filter(|found| !found.holds) {
        check.fault(|| format!("{} does not hold for the rows that were there before it", broken.name));
    }
    let found: HashSet<&str> = found.iter().map(|found| found.name.as_str()).collect();
    for missing in expected.into_iter().filter(|name| !found.contains(name)) {
        check.fault(|| format!("{missing} is not there"));
    }
    Ok(check)
}

/// What whoever asks may do with the book, unless it is the owner, whom only triggers stop.
fn rights(conn: &mut PgConnection) -> Result<Check, AppError> {
    let looked_at: Number = sql_query(
        "SELECT CASE WHEN pg_has_role(current_user, relowner, 'MEMBER') THEN 0 ELSE cardinality($1) + cardinality($2) END::bigint AS value
           FROM pg_class WHERE oid = 'entries'::regclass",
    )
    .bind::<Array<Text>, _>(APPEND_ONLY)
    .bind::<Array<Text>, _>(DERIVED)
    .get_result(conn)?;
    let mut check = Check::new(
        "the application's role may only add to the book, and not write what follows from it",
        "tables",
        looked_at.value.unsigned_abs(),
    );
    if looked_at.value == 0 {
        return Ok(check);
    }
    let excess: Vec<Said> = sql_query(
        "SELECT format('%s may %s %s', current_user, verb, name) AS said
           FROM (SELECT name, unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS verb FROM unnest($1) AS name
                  UNION ALL
                 SELECT name, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) FROM unnest($2) AS name) AS rights
          WHERE has_table_privilege(name, verb) ORDER BY 1",
    )
    .bind::<Array<Text>, _>(APPEND_ONLY)
    .bind::<Array<Text>, _>(DERIVED)
    .load(conn)?;
    for right in excess {
        check.fault(|| right.said);
    }
    Ok(check)
}

/// Server settings under which a power cut can lose what was acknowledged.
pub fn warnings(conn: &mut PgConnection) -> Result<Vec<String>, AppError> {
    let loses = |name: String| {
        format!("the server runs with {name} off: a power cut can lose or break what was recorded")
    };
    Ok(unsafe_settings(conn)?.into_iter().map(loses).collect())
}

/// The names that stand after these words in the migrations.
fn names_after(words: &[&str]) -> Vec<&'static str> {
    let mut names = Vec::new();
    for text in MIGRATIONS {
        for word in words {
            for (at, _) in text.match_indices(word) {
                let rest = text[at + word.len()..].trim_start();
                let end = rest
                    .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                    .unwrap_or(rest.len());
                if end > 0 && text[at + word.len()..].starts_with([' ', '\n']) {
                    names.push(&rest[..end]);
                }
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_must_be_is_read_from_the_migrations() {
        let constraints = names_after(&["CONSTRAINT", "CREATE UNIQUE INDEX"]);
        for known in [
            "quantity_is_a_number_of_four_decimals",
            "settlements_one_per_entry_and_round",
            "payment_batches_one_per_batch_id",
            "orders_one_per_number",
            "entries_have_the_sign_of_their_kind",
        ] {
            assert!(constraints.contains(&known), "{known}");
        }
        assert!(names_after(&["CREATE FUNCTION"]).contains(&"follow_releases"));
    }
}
