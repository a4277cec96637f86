//! The migrations: each can be taken back without a trace, and what they make keeps our rules for a
//! schema. The rules are queries that name what breaks them; a schema that breaks them all proves that
//! they see it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use diesel_migrations::MigrationHarness;
use partnerbook::db::migrations::{self, MIGRATIONS};

use crate::support::{self, TestDatabase, database, program};

/// Tables that are append-only by comment and yet let some change through, and why.
const NOT_QUITE_APPEND_ONLY: &[(&str, &str)] = &[
    // The application's role may neither change nor delete it. A trigger of its own lets a code change
    // hands when its partner is merged or taken out; for the owner DELETE is open.
    ("partner_codes", "DELETE"),
    ("partner_codes", "UPDATE"),
    // The same, so that a partner made by mistake, with nothing in the book, can be taken out with its notes.
    ("partner_notes", "DELETE"),
];

/// Columns of amounts that are not of the domain `amount_minor`, and why. A single amount has limits; a
/// sum of many of them would fail on the day when it passes these limits, and money that was earned
/// must be recordable.
const SUMS: &[&str] = &[
    "account_totals.balance_minor",
    "ledger_days.earned_minor",
    "ledger_days.clawbacks_minor",
    "ledger_days.adjustments_minor",
    "ledger_days.payments_minor",
    "ledger_months.earned_minor",
    "ledger_months.clawbacks_minor",
    "ledger_months.adjustments_minor",
    "ledger_months.payments_minor",
    // A copy of entries.amount_minor, which has been checked.
    "open_entries.amount_minor",
];

/// Whole numbers of diesel's own.
const OURS: &str = "n.nspname = 'public' AND c.relname <> '__diesel_schema_migrations'";

/// A database without anything in it.
fn empty_database() -> (String, PgConnection) {
    let name = support::unused_name();
    support::server().administrator().batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    let url = support::server().url(&name);
    let conn = PgConnection::establish(&url).unwrap();
    (url, conn)
}

fn lines(conn: &mut PgConnection, sql: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        line: String,
    }
    let rows: Vec<Line> =
        sql_query(format!("SELECT line::text AS line FROM ({sql}) AS lines (line) ORDER BY 1"))
            .load(conn)
            .unwrap_or_else(|error| panic!("{error} in: {sql}"));
    rows.into_iter().map(|row| row.line).collect()
}

/// Everything that migrations can make, as text: tables, columns, constraints, indexes, triggers,
/// functions, types, sequences, collations, comments, and how many rows each table has.
fn catalog(conn: &mut PgConnection) -> Vec<String> {
    let parts = [
        format!(
            "SELECT concat_ws(' ', c.relkind, c.relname, c.relpersistence, c.reloptions::text,
                    (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %I', c.relname), false, true, '')))[1]::text)
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'v', 'm') AND {OURS}"
        ),
        format!(
            "SELECT concat_ws(' ', 'column', c.relname,
                    (SELECT count(*) FROM pg_attribute e WHERE e.attrelid = a.attrelid AND e.attnum BETWEEN 1 AND a.attnum AND NOT e.attisdropped),
                    a.attname, format_type(a.atttypid, a.atttypmod),
                    CASE WHEN a.attnotnull THEN 'not null' END, a.attidentity, a.attgenerated,
                    pg_get_expr(d.adbin, d.adrelid), (SELECT collname FROM pg_collation WHERE oid = a.attcollation))
               FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
               LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
              WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'm') AND {OURS}"
        ),
        "SELECT concat_ws(' ', 'constraint', coalesce(c.relname, t.typname), k.conname, k.condeferrable, k.convalidated,
                    pg_get_constraintdef(k.oid))
               FROM pg_constraint k LEFT JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_type t ON t.oid = k.contypid
               JOIN pg_namespace n ON n.oid = k.connamespace WHERE n.nspname = 'public'
                AND c.relname IS DISTINCT FROM '__diesel_schema_migrations'".to_string(),
        "SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> '__diesel_schema_migrations'".into(),
        format!(
            "SELECT concat_ws(' ', 'trigger', t.tgenabled, pg_get_triggerdef(t.oid)) FROM pg_trigger t
               JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE NOT t.tgisinternal AND {OURS}"
        ),
        "SELECT 'function ' || pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
          WHERE n.nspname = 'public' AND p.prokind IN ('f', 'p')"
            .into(),
        "SELECT concat_ws(' ', 'type', t.typname, t.typtype, format_type(t.typbasetype, t.typtypmod), t.typnotnull, t.typdefault,
                (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
           FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = 'public' AND t.typtype IN ('d', 'e', 'r')"
            .into(),
        "SELECT concat_ws(' ', 'sequence', sequencename, data_type, start_value, min_value, max_value, increment_by, cycle, cache_size)
           FROM pg_sequences WHERE schemaname = 'public'"
            .into(),
        "SELECT concat_ws(' ', 'collation', collname, collprovider, collisdeterministic) FROM pg_collation l
           JOIN pg_namespace n ON n.oid = l.collnamespace WHERE n.nspname = 'public'"
            .into(),
        "SELECT concat_ws(' ', 'comment', (pg_identify_object(classoid, objoid, objsubid)).identity, description)
           FROM pg_description WHERE objoid >= 16384"
            .into(),
    ];
    parts.iter().flat_map(|part| lines(conn, part)).collect()
}

fn assert_same(what: &str, before: &[String], after: &[String]) {
    let (before, after): (BTreeSet<_>, BTreeSet<_>) = (before.iter().collect(), after.iter().collect());
    let gone: Vec<_> = before.difference(&after).collect();
    let left: Vec<_> = after.difference(&before).collect();
    assert!(gone.is_empty() && left.is_empty(), "{what}: missing {gone:#?}, too much {left:#?}");
}

#[test]
fn each_migration_takes_back_what_it_did_and_can_be_run_again() {
    let (_, mut conn) = empty_database();
    let mut steps = vec![catalog(&mut conn)];
    while conn.has_pending_migration(MIGRATIONS).unwrap() {
        conn.run_next_migration(MIGRATIONS).unwrap();
        steps.push(catalog(&mut conn));
    }
    assert!(steps.len() > 10 && steps[steps.len() - 1].len() > 500, "the catalog is read");
    for after in (0..steps.len() - 1).rev() {
        let name = conn.revert_last_migration(MIGRATIONS).unwrap();
        assert_same(&format!("after taking back {name}"), &steps[after], &catalog(&mut conn));
    }
    let all = migrations::run(&mut conn).unwrap();
    assert_eq!(all.len(), steps.len() - 1);
    assert_same("after all of them, down and up again", &steps[all.len()], &catalog(&mut conn));
}

#[test]
fn each_migration_has_both_ways_and_a_name_that_sorts() {
    let folders = migration_folders();
    for folder in &folders {
        for file in ["up.sql", "down.sql"] {
            let text = std::fs::read_to_string(folder.join(file));
            let text = text.unwrap_or_else(|error| panic!("{}: {file}: {error}", folder.display()));
            assert!(text.contains(';'), "{}: {file} does nothing", folder.display());
        }
    }
    let built_in = migrations::pending(&mut empty_database().1).unwrap();
    assert_eq!(built_in.len(), folders.len(), "all of them are built into the program");
}

#[test]
fn two_processes_that_migrate_at_once_do_it_once() {
    let (url, mut conn) = empty_database();
    let folder = support::passable_folder();
    let start = |_| -> Child {
        let mut command = program::partnerbook(folder.path());
        command.arg("migrate").env("DATABASE_URL", &url);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<Child> = (0..3).map(start).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", program::text(&output));
    }
    let applied = lines(&mut conn, "SELECT version FROM __diesel_schema_migrations");
    assert_eq!(applied.len(), migration_folders().len());
    assert_same("migrated by several", &catalog(&mut database().owner()), &catalog(&mut conn));
}

#[test]
fn the_schema_keeps_our_rules() {
    let database = database();
    let broken: Vec<String> = rules().into_iter().flat_map(|rule| rule(&database)).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_rule_for_the_schema_sees_what_breaks_it() {
    let database = database();
    database.psql(
        "CREATE TABLE bad (id int PRIMARY KEY, partner_id bigint REFERENCES partners (id), fee_minor bigint,
                           price numeric, ratio real CHECK (ratio > 0));
         CREATE FUNCTION bad() RETURNS int LANGUAGE sql RETURN 1;
         CREATE TABLE kept (x int); COMMENT ON TABLE kept IS 'Append-only. Or so it says.'; COMMENT ON COLUMN kept.x IS 'x';",
    );
    for rule in rules() {
        assert!(!rule(&database).is_empty(), "a rule does not see: {:#?}", rules().len());
    }
    let broken: Vec<String> = rules().into_iter().flat_map(|rule| rule(&database)).collect();
    for expected in [
        "no comment: bad",
        "no comment: bad.fee_minor",
        "no comment: bad()",
        "not named in the SQL: bad_ratio_check",
        "not named in the SQL: bad_partner_id_fkey",
        "no index for: bad_partner_id_fkey",
        "not of the domain amount_minor: bad.fee_minor bigint",
        "a number that rounds or takes NaN: bad.price numeric",
        "a number that rounds or takes NaN: bad.ratio real",
        "lets through: kept UPDATE",
        "lets through: kept DELETE",
        "lets through: kept TRUNCATE",
    ] {
        assert!(broken.iter().any(|line| line == expected), "“{expected}” is not among {broken:#?}");
    }
}

#[test]
fn what_is_append_only_refuses_even_its_owner() {
    let database = database();
    let tables = lines(&mut database.owner(), &format!("SELECT c.relname {APPEND_ONLY}"));
    assert!(tables.len() > 15, "{tables:?}");
    for table in tables {
        let refused = database.owner().batch_execute(&format!("TRUNCATE {table} CASCADE")).unwrap_err();
        assert!(refused.to_string().contains("is append-only"), "{table}: {refused}");
    }
}

type Rule = fn(&TestDatabase) -> Vec<String>;

fn rules() -> [Rule; 6] {
    [
        all_is_commented,
        constraints_have_names,
        keys_have_indexes,
        amounts_are_amounts,
        numbers_are_exact,
        book_is_kept,
    ]
}

const APPEND_ONLY: &str = "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relkind = 'r' AND obj_description(c.oid, 'pg_class') LIKE 'Append-only%'";

fn asked(database: &TestDatabase, what: &str, sql: &str) -> Vec<String> {
    lines(&mut database.owner(), sql).into_iter().map(|line| format!("{what}: {line}")).collect()
}

fn all_is_commented(database: &TestDatabase) -> Vec<String> {
    let sql = format!(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r', 'v', 'm') AND {OURS} AND coalesce(obj_description(c.oid, 'pg_class'), '') = ''
         UNION ALL
         SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
           JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped AND {OURS}
            AND coalesce(col_description(c.oid, a.attnum), '') = ''
         UNION ALL
         SELECT p.proname || '()' FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
          WHERE n.nspname = 'public' AND p.proname NOT LIKE 'diesel\\_%' AND obj_description(p.oid, 'pg_proc') IS NULL
         UNION ALL
         SELECT t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
          WHERE n.nspname = 'public' AND t.typtype IN ('d', 'e') AND obj_description(t.oid, 'pg_type') IS NULL"
    );
    asked(database, "no comment", &sql)
}

/// PostgreSQL makes up a name where none is given, and numbers it by accident. Ours say the rule, so
/// each must stand in a migration.
fn constraints_have_names(database: &TestDatabase) -> Vec<String> {
    let sql: String = migration_folders()
        .iter()
        .map(|folder| std::fs::read_to_string(folder.join("up.sql")).unwrap())
        .collect();
    let words: Vec<&str> =
        sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    let named: BTreeSet<&str> =
        words.windows(2).filter(|pair| pair[0] == "CONSTRAINT").map(|pair| pair[1]).collect();
    // From PostgreSQL 18 on NOT NULL is a constraint too, and triggers that defer always were.
    let constraints = lines(
        &mut database.owner(),
        "SELECT k.conname FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
           LEFT JOIN pg_class c ON c.oid = k.conrelid
          WHERE n.nspname = 'public' AND k.contype NOT IN ('n', 't') AND c.relname IS DISTINCT FROM '__diesel_schema_migrations'",
    );
    assert!(constraints.len() > 100, "constraints are found");
    let unnamed = constraints.into_iter().filter(|name| !named.contains(name.as_str()));
    unnamed.map(|name| format!("not named in the SQL: {name}")).collect()
}

/// Without one, each delete and each "what belongs to it?" reads the whole table.
fn keys_have_indexes(database: &TestDatabase) -> Vec<String> {
    let sql = "SELECT k.conname FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
          WHERE n.nspname = 'public' AND k.contype = 'f' AND NOT EXISTS (
                SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indisvalid
                   AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey
                   AND (i.indpred IS NULL
                        OR pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)',
                           (SELECT attname FROM pg_attribute WHERE (attrelid, attnum) = (k.conrelid, k.conkey[1])))))";
    asked(database, "no index for", sql)
}

fn amounts_are_amounts(database: &TestDatabase) -> Vec<String> {
    let sql = format!(
        "SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
           FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND {OURS}
            AND a.attname LIKE '%\\_minor' AND a.atttypid <> 'amount_minor'::regtype"
    );
    let found = lines(&mut database.owner(), &sql);
    let stale = SUMS.iter().filter(|sum| !found.iter().any(|line| line.as_str() == format!("{sum} bigint")));
    let stale: Vec<String> = stale.map(|sum| format!("no longer an exception: {sum}")).collect();
    let is_sum = |line: &String| SUMS.iter().any(|sum| *line == format!("{sum} bigint"));
    let wrong = found.into_iter().filter(|line| !is_sum(line));
    wrong.map(|line| format!("not of the domain amount_minor: {line}")).chain(stale).collect()
}

/// `numeric(18,2)` rounds without a word, a plain numeric takes NaN, and a float is no number for money:
/// each number with decimals is of a domain that says what it takes.
fn numbers_are_exact(database: &TestDatabase) -> Vec<String> {
    let sql = format!(
        "SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
           FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND {OURS}
            AND a.atttypid IN ('numeric'::regtype, 'real'::regtype, 'double precision'::regtype, 'money'::regtype)"
    );
    asked(database, "a number that rounds or takes NaN", &sql)
}

/// The row triggers let TRUNCATE through, so there must be a statement trigger as well. The numbers are
/// the bits of `tgtype`: before 2, row 1, delete 8, update 16, truncate 32.
fn book_is_kept(database: &TestDatabase) -> Vec<String> {
    let sql = format!(
        "SELECT kept.relname || ' ' || verb.name FROM (SELECT c.oid, c.relname {APPEND_ONLY}) kept
          CROSS JOIN (VALUES ('UPDATE', 1 + 2 + 16), ('DELETE', 1 + 2 + 8), ('TRUNCATE', 2 + 32)) verb (name, bits)
          WHERE NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = kept.oid AND t.tgfoid = 'refuse_change'::regproc
                               AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND t.tgtype & verb.bits = verb.bits)"
    );
    let allowed =
        |line: &String| NOT_QUITE_APPEND_ONLY.iter().any(|(table, verb)| *line == format!("{table} {verb}"));
    let found = lines(&mut database.owner(), &sql);
    let open = found.into_iter().filter(|line| !allowed(line));
    open.map(|line| format!("lets through: {line}")).collect()
}

fn migration_folders() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}
