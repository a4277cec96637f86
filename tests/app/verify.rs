//! `verify` finds every kind of fault and names the place, and finds nothing in a sound book. What it
//! finds stands in `faults`.

mod faults;

use std::cell::RefCell;
use std::process::Command;

use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use partnerbook::book::verify::{self, Progress, Report};

use crate::model::{busy, cases};
use crate::support::program::{Serving, partnerbook, run, text};
use crate::support::{self, TestDatabase, database};

fn verified(conn: &mut PgConnection) -> Report {
    verify::verify(conn, &|_| {}).expect("the book can be verified")
}

fn places(report: &Report) -> Vec<&str> {
    report.places().collect()
}

/// What `verify` finds once this has been done behind everybody's back: by the owner, with all triggers
/// asleep. Nothing of it stays.
fn after(conn: &mut PgConnection, mischief: &str) -> Report {
    let quietly = format!(
        "BEGIN; SET LOCAL session_replication_role = replica; {mischief}; SET LOCAL session_replication_role = origin"
    );
    conn.batch_execute(&quietly).unwrap_or_else(|error| panic!("{error} in: {mischief}"));
    let report = verified(conn);
    conn.batch_execute("ROLLBACK").expect("it can be undone");
    report
}

/// Asserts that each mischief is found, at the place that is named.
fn finds(faults: &str) {
    let book = busy::book();
    let mut owner = book.owner();
    assert_eq!(places(&verified(&mut owner)), [""; 0]);
    for (mischief, place) in cases(faults) {
        let report = after(&mut owner, &mischief.replace("THIS_DATABASE", &book.name));
        let found = places(&report);
        assert!(
            !report.is_clean() && found.contains(&place.as_str()),
            "{mischief}\nshould find {place}\nand finds {found:#?}"
        );
    }
    assert_eq!(places(&verified(&mut owner)), [""; 0], "everything was undone");
}

#[test]
fn a_sound_book_is_clean_and_everything_in_it_was_looked_at() {
    let book = busy::book();
    let report = book.db.read_now(|conn| verify::verify(conn, &|_| {})).unwrap();
    assert_eq!(places(&report), [""; 0]);
    for check in &report.checks {
        assert!(check.count > 0, "nothing was looked at for: {}", check.proves);
    }
}

#[test]
fn an_empty_book_is_clean() {
    let report = database().db.read_now(|conn| verify::verify(conn, &|_| {})).unwrap();
    assert_eq!(places(&report), [""; 0]);
    assert_eq!(report.digest.len(), 64);
}

/// The number of the whole.
fn digest(database: &TestDatabase) -> String {
    verified(&mut database.owner()).digest
}

#[test]
fn the_digest_changes_with_anything_that_is_recorded_and_with_nothing_else() {
    let book = busy::book();
    let mut owner = book.owner();
    let sound = verified(&mut owner).digest;
    assert_eq!(sound, verified(&mut owner).digest);
    for change in [
        "UPDATE entries SET amount_minor = 100 WHERE id = 1",
        "UPDATE entries SET dated_on = '2026-01-03' WHERE id = 1",
        "UPDATE entries SET recorded_at = recorded_at + interval '1 microsecond' WHERE id = 45",
        "DELETE FROM entries WHERE id = 45",
        "UPDATE entry_details SET reason = 'other'",
        "UPDATE payments SET note = 'x' WHERE id = 1",
        "UPDATE settlements SET round = 7 WHERE id = 1",
        "DELETE FROM releases",
        "UPDATE run_accounts SET last_number = 0 WHERE run_id = 1 AND account_id = 2",
        "UPDATE order_credits SET why = why || '{\"omitted\": 1}' WHERE id = 1",
        "UPDATE order_lines SET unit_price = 33.350 WHERE id = 1",
        "DELETE FROM imported_returns WHERE number = 'R1'",
    ] {
        assert_ne!(after(&mut owner, change).digest, sound, "{change}");
    }
    for no_change in [
        // The same rows, elsewhere on disk and last in every scan.
        "CREATE TEMP TABLE moved AS SELECT * FROM entries WHERE id < 20; DELETE FROM entries WHERE id < 20; INSERT INTO entries SELECT * FROM moved",
        "UPDATE partners SET status = 'inactive'",
        "UPDATE contacts SET name = 'Forgotten', email = NULL",
        "UPDATE orders SET address = NULL, contact_id = NULL",
        "SET LOCAL DateStyle = 'German'; SET LOCAL TimeZone = 'Asia/Tokyo'; SET LOCAL bytea_output = 'escape'",
    ] {
        assert_eq!(after(&mut owner, no_change).digest, sound, "{no_change}");
    }
}

#[test]
fn a_book_that_was_dumped_and_restored_has_its_digest() {
    let book = busy::book();
    let restored = support::unused_name();
    support::server().administrator().batch_execute(&format!("CREATE DATABASE {restored}")).unwrap();
    let url = support::server().url(&restored);
    let dump = postgresql("pg_dump").arg("--no-owner").arg(&book.url).output().expect("pg_dump runs");
    assert!(dump.status.success(), "{}", text(&dump));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &dump.stdout).unwrap();
    let mut psql = postgresql("psql");
    psql.args(["--quiet", "--set=ON_ERROR_STOP=1", "--file"]).arg(file.path()).arg(&url);
    let restore = psql.output().expect("psql runs");
    assert!(restore.status.success(), "{}", text(&restore));

    let report = verified(&mut partnerbook::db::owner(&url).unwrap());
    assert_eq!(places(&report), [""; 0]);
    assert_eq!(report.digest, digest(&book));
    support::server()
        .administrator()
        .batch_execute(&format!("DROP DATABASE {restored} WITH (FORCE)"))
        .unwrap();
}

/// A program of PostgreSQL, of the newest version that is installed.
fn postgresql(program: &str) -> Command {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest =
        versions.map(|version| version.path().join("bin").join(program)).filter(|path| path.is_file()).max();
    Command::new(newest.unwrap_or(program.into()))
}

#[test]
fn progress_is_told_and_never_more_than_there_is() {
    let book = busy::book();
    let told = RefCell::new(Vec::new());
    verify::verify(&mut book.owner(), &|progress: Progress| told.borrow_mut().push(progress)).unwrap();
    let told = told.into_inner();
    for at in ["the ledger", "orders", "the digest"] {
        assert!(told.iter().any(|progress| progress.at == at), "{at}");
    }
    assert!(told.iter().all(|progress| progress.done <= progress.of));
}

#[test]
fn server_settings_that_can_lose_data_are_pointed_out() {
    // The tests' own server is such a one.
    let report = database().db.read_now(|conn| verify::verify(conn, &|_| {})).unwrap();
    let settings = ["fsync off", "full_page_writes off", "synchronous_commit off"];
    for (warning, setting) in report.warnings.iter().zip(settings) {
        assert!(warning.contains(setting), "{warning}");
    }
    assert_eq!(report.warnings.len(), settings.len());
    assert!(report.is_clean(), "they are no faults of the book");
}

#[test]
fn a_role_that_may_do_more_than_add_is_found() {
    let book = database();
    let role = book.access.role.clone().expect("tests have one");
    book.psql(&format!("GRANT UPDATE ON entries TO {role}; GRANT INSERT ON open_entries TO {role}"));
    let report = book.db.read_now(|conn| verify::verify(conn, &|_| {})).unwrap();
    let name = role.trim_matches('"');
    assert_eq!(
        places(&report),
        [format!("{name} may INSERT open_entries"), format!("{name} may UPDATE entries")]
    );
}

/// What is in the database and starts like that.
fn named(conn: &mut PgConnection, query: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let rows: Vec<Row> = sql_query(query).load(conn).unwrap();
    rows.into_iter().map(|row| row.name).collect()
}

#[test]
fn every_table_of_the_book_is_among_those_that_are_guarded() {
    // Some tables outside the book are only added to as well.
    let tables = |comment: &str| {
        format!(
            "SELECT relname::text AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
                AND obj_description(oid, 'pg_class') LIKE '{comment}%' AND relname NOT IN ('audit_log', 'code_prefixes', 'partner_codes', 'partner_notes', 'order_forms')
              ORDER BY relname"
        )
    };
    let database = database();
    let mut owner = database.owner();
    let sorted = |list: &[&str]| {
        let mut list: Vec<String> = list.iter().map(ToString::to_string).collect();
        list.sort();
        list
    };
    assert_eq!(sorted(verify::APPEND_ONLY), named(&mut owner, &tables("Append-only")));
    assert_eq!(sorted(verify::DERIVED), named(&mut owner, &tables("Derived")));
}

#[test]
fn the_command_tells_what_it_proved_while_the_server_runs_and_while_it_does_not() {
    let folder = support::passable_folder();
    assert!(run(folder.path(), ["migrate"]).status.success());
    let alone = run(folder.path(), ["verify"]);
    assert!(alone.status.success(), "{}", text(&alone));
    assert!(text(&alone).contains("The book is whole."), "{}", text(&alone));

    let server = Serving::start(folder.path());
    let beside = run(folder.path(), ["verify", "--json"]);
    assert!(beside.status.success(), "{}", text(&beside));
    let told: serde_json::Value = serde_json::from_slice(&beside.stdout).expect("JSON");
    assert_eq!(told["clean"], true);
    let digest = told["report"]["digest"].as_str().expect("a text");
    assert!(text(&alone).contains(&format!("Digest: {digest}")), "{} and {digest}", text(&alone));
    drop(server);
}

#[test]
fn the_command_names_the_fault_and_fails() {
    let book = busy::book();
    book.psql("ALTER TABLE account_totals DISABLE TRIGGER ALL; UPDATE account_totals SET balance_minor = -251 WHERE account_id = 1");
    let folder = support::passable_folder();
    let mut command = partnerbook(folder.path());
    let output = command.env("DATABASE_URL", &book.url).arg("verify").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output);
    for line in [
        "FAULT  not so: the totals of each account are those of its entries, payments and voids (4 accounts)",
        "account 1 (code sam): balance -2.51, entries sum to -2.50",
        "may only add to the book",
        "fsync off",
        "FAULTS were found.",
    ] {
        assert!(said.contains(line), "{line} is not in: {said}");
    }
}

#[test]
fn a_mistyped_folder_is_no_whole_book() {
    let folder = support::passable_folder();
    let output = partnerbook(&folder.path().join("typo")).arg("verify").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("there is no Partnerbook in"), "{}", text(&output));
    assert!(!folder.path().join("typo").exists(), "and none is made");
}
