//! What the database itself holds true, whatever the program does: rows are only added, every rule has
//! a name, and nobody gets around them, not even the owner.

mod more;

use diesel::connection::SimpleConnection;
use diesel::result::Error;
use diesel::sql_types::{Array, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use partnerbook::book::verify::{self, APPEND_ONLY, DERIVED};
use partnerbook::domain::money::{Currency, Money, exact, round};
use partnerbook::error::AppError;
use rust_decimal::{Decimal, RoundingStrategy};
use std::path::Path;

use crate::model::busy;
use crate::scenarios::story::{Event, Story};
use crate::support::TestDatabase;

#[derive(QueryableByName)]
struct TableRow {
    #[diesel(sql_type = Text)]
    name: String,
    /// The last of its columns: the first may be one that PostgreSQL itself keeps from being set.
    #[diesel(sql_type = Text)]
    column: String,
    #[diesel(sql_type = Array<Text>)]
    triggers: Vec<String>,
}

/// The tables whose comment begins like this.
fn tables(conn: &mut PgConnection, comment: &str) -> Vec<TableRow> {
    let tables: Vec<TableRow> = sql_query(
        "SELECT c.relname::text AS name,
                (SELECT attname::text FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 ORDER BY attnum DESC LIMIT 1) AS column,
                ARRAY(SELECT tgname::text FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal) AS triggers
           FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
            AND obj_description(c.oid, 'pg_class') LIKE $1 || '%' ORDER BY 1",
    )
    .bind::<Text, _>(comment)
    .load(conn)
    .unwrap();
    assert!(!tables.is_empty());
    tables
}

/// What the database answers, as the owner; nothing of it stays.
fn tried(conn: &mut PgConnection, sql: &str) -> Result<(), Error> {
    conn.batch_execute("BEGIN").unwrap();
    let result = conn.batch_execute(sql);
    conn.batch_execute("ROLLBACK").unwrap();
    result
}

/// The name of the rule by which the owner is refused.
fn refused_by(conn: &mut PgConnection, sql: &str) -> String {
    match tried(conn, sql) {
        Err(Error::DatabaseError(_, what)) => what.constraint_name().unwrap_or(what.message()).to_string(),
        other => format!("{other:?}"),
    }
}

/// Asserts that each statement is refused by the rule of that name.
fn refused(rules: &[(&str, &str)]) {
    let book = busy::book();
    let mut owner = book.owner();
    for (sql, rule) in rules {
        assert_eq!(refused_by(&mut owner, sql), *rule, "{sql}");
    }
    let report = verify::verify(&mut owner, &|_| {}).unwrap();
    assert_eq!(report.places().collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn what_is_recorded_is_never_changed_by_the_owner_either() {
    let book = busy::book();
    let mut owner = book.owner();
    for table in tables(&mut owner, "Append-only") {
        let name = &table.name;
        let is_empty = tried(&mut owner, &format!("SELECT 1 / count(*) FROM {name}")).is_err();
        assert!(
            !is_empty || !APPEND_ONLY.contains(&name.as_str()),
            "nothing can be tried on {name}: it has no row"
        );
        let is_refused = |verb: &str| format!("{name} is append-only: {verb} is refused");
        if !is_empty {
            let update = format!("UPDATE {name} SET {0} = {0}", table.column);
            assert_eq!(refused_by(&mut owner, &update), is_refused("UPDATE"));
            // A partner without any history may be deleted, and its codes with it.
            if name != "partner_codes" {
                assert_eq!(refused_by(&mut owner, &format!("DELETE FROM {name}")), is_refused("DELETE"));
            }
        }
        let truncated = refused_by(&mut owner, &format!("TRUNCATE {name} CASCADE"));
        assert!(truncated.ends_with("is append-only: TRUNCATE is refused"), "{name}: {truncated}");
        assert!(table.triggers.len() >= 2, "{name} has {:?}", table.triggers);
    }
}

#[test]
fn the_application_may_not_even_ask() {
    let book = busy::book();
    let mut owner = book.owner();
    let denied = |sql: String| {
        let answer = book.db.run_now(|conn| Ok(conn.batch_execute(&sql)?));
        match answer {
            Err(AppError::Internal(error)) => {
                assert!(error.to_string().starts_with("permission denied"), "{sql}: {error}");
            }
            other => panic!("{sql}: {other:?}"),
        }
    };
    let changes = |table: &TableRow| {
        let TableRow { name, column, .. } = table;
        [
            format!("UPDATE {name} SET {column} = {column}"),
            format!("DELETE FROM {name}"),
            format!("TRUNCATE {name}"),
        ]
    };
    for table in tables(&mut owner, "Append-only") {
        changes(&table).into_iter().for_each(denied);
    }
    for table in tables(&mut owner, "Derived") {
        changes(&table).into_iter().for_each(denied);
        denied(format!("INSERT INTO {} DEFAULT VALUES", table.name));
        assert!(DERIVED.contains(&table.name.as_str()));
    }
}

#[test]
fn an_order_keeps_its_figures_and_an_account_its_partner() {
    let book = busy::book();
    let mut owner = book.owner();
    for change in [
        "total = 1",
        "paid_in_full = false",
        "shipping_minor = 0",
        "tax_minor = 0",
        "ordered_on = '2026-03-01'",
        "number = 'B' || number",
        "currency = 'EUR'",
    ] {
        assert_eq!(
            refused_by(&mut owner, &format!("UPDATE orders SET {change}")),
            "orders is append-only: UPDATE is refused"
        );
    }
    assert_eq!(refused_by(&mut owner, "DELETE FROM orders"), "orders is append-only: DELETE is refused");
    assert_eq!(
        refused_by(&mut owner, "UPDATE accounts SET partner_id = 2 WHERE id = 1"),
        "accounts is append-only: UPDATE is refused"
    );
    // People can be merged and forgotten.
    tried(&mut owner, "UPDATE orders SET contact_id = NULL, visitor_id = NULL, address = NULL").unwrap();
}

/// Begins an insert of one entry; account 1 has 19 of them.
macro_rules! entry {
    ($values:literal) => {
        concat!(
            "INSERT INTO entries (account_id, number, kind, on_account, amount_minor, dated_on, commission_row_id, order_event_id, voids_entry_id) VALUES (",
            $values,
            ")"
        )
    };
}

#[test]
fn entries_keep_their_rules() {
    refused(&[
        (
            entry!("1, 21, 'adjustment', false, 1, '2026-03-01', NULL, NULL, NULL"),
            "entries_are_numbered_without_gaps",
        ),
        (
            entry!(
                "1, 20, 'adjustment', false, 1, '2026-03-01', NULL, NULL, NULL), (1, 22, 'adjustment', false, 1, '2026-03-01', NULL, NULL, NULL"
            ),
            "entries_are_numbered_without_gaps",
        ),
        (
            entry!("1, 19, 'adjustment', false, 1, '2026-03-01', NULL, NULL, NULL"),
            "entries_one_per_account_and_number",
        ),
        (
            entry!("1, 0, 'adjustment', false, 1, '2026-03-01', NULL, NULL, NULL"),
            "entries_are_counted_from_1",
        ),
        (
            entry!("1, 20, 'commission', false, -1, '2026-03-01', 1, 1, NULL"),
            "entries_have_the_sign_of_their_kind",
        ),
        (
            entry!("1, 20, 'clawback', false, 1, '2026-03-01', 1, 1, NULL"),
            "entries_have_the_sign_of_their_kind",
        ),
        (
            entry!("1, 20, 'adjustment', false, 0, '2026-03-01', NULL, NULL, NULL"),
            "entries_have_the_sign_of_their_kind",
        ),
        (
            entry!("1, 20, 'payment', false, 1, '2026-03-01', NULL, NULL, NULL"),
            "entries_have_the_sign_of_their_kind",
        ),
        (
            entry!("1, 20, 'void', false, -450, '2026-03-01', NULL, NULL, 30"),
            "entries_have_the_sign_of_their_kind",
        ),
        (
            entry!("1, 20, 'adjustment', true, 1, '2026-03-01', NULL, NULL, NULL"),
            "entries_on_account_are_payments_and_voids",
        ),
        (
            entry!("1, 20, 'void', false, 450, '2026-03-01', NULL, NULL, NULL"),
            "entries_voids_name_their_payment",
        ),
        (
            entry!("1, 20, 'payment', false, -450, '2026-03-01', NULL, NULL, 30"),
            "entries_voids_name_their_payment",
        ),
        (
            entry!("1, 20, 'commission', false, 1, '2026-03-01', 1, NULL, NULL"),
            "entries_of_orders_name_row_and_event",
        ),
        (
            entry!("1, 20, 'adjustment', false, 1, '2026-03-01', 1, 1, NULL"),
            "entries_of_orders_are_commissions_and_clawbacks",
        ),
        (
            entry!("1, 20, 'adjustment', false, 1, '1815-12-10', NULL, NULL, NULL"),
            "entries_dated_on_is_plausible",
        ),
        (
            entry!("1, 20, 'adjustment', false, 1, 'infinity', NULL, NULL, NULL"),
            "entries_dated_on_is_plausible",
        ),
        (
            entry!("1, 20, 'adjustment', false, 1000000000000001, '2026-03-01', NULL, NULL, NULL"),
            "amount_minor_within_limits",
        ),
        (entry!("999, 1, 'adjustment', false, 1, '2026-03-01', NULL, NULL, NULL"), "entries_account_fkey"),
        (entry!("2, 15, 'void', false, 900, '2026-03-01', NULL, NULL, 26"), "entries_one_void_per_payment"),
        (
            entry!("1, 20, 'void', false, 451, '2026-03-01', NULL, NULL, 30"),
            "entries_voids_mirror_their_payment",
        ),
        (
            entry!("2, 15, 'void', false, 450, '2026-03-01', NULL, NULL, 30"),
            "entries_voids_mirror_their_payment",
        ),
        (
            entry!("1, 20, 'void', true, 450, '2026-03-01', NULL, NULL, 30"),
            "entries_voids_mirror_their_payment",
        ),
        (
            entry!("1, 20, 'void', false, 438, '2026-03-01', NULL, NULL, 37"),
            "entries_voids_mirror_their_payment",
        ),
        // The payment is of 4 February.
        (
            entry!("1, 20, 'void', false, 450, '2026-02-03', NULL, NULL, 30"),
            "entries_voids_mirror_their_payment",
        ),
    ]);
}

#[test]
fn settlements_keep_their_rules() {
    refused(&[
        // Entry 1 is settled, 37 is open and payment 9 is another account's, 36 is open for its first round.
        (
            "INSERT INTO settlements (entry_id, round, payment_id) VALUES (1, 2, 8)",
            "settlements_take_open_entries_only",
        ),
        (
            "INSERT INTO settlements (entry_id, round, payment_id) VALUES (37, 1, 9)",
            "settlements_take_open_entries_only",
        ),
        (
            "INSERT INTO settlements (entry_id, round, payment_id) VALUES (36, 2, 8)",
            "settlements_take_open_entries_only",
        ),
        (
            "INSERT INTO settlements (entry_id, round, payment_id) VALUES (36, 1, 8), (1, 2, 8)",
            "settlements_take_open_entries_only",
        ),
        // A payment that settles is never open, nor is a voided payment on account.
        (
            "INSERT INTO settlements (entry_id, round, payment_id) VALUES (25, 1, 8)",
            "settlements_take_open_entries_only",
        ),
        (
            "INSERT INTO settlements (entry_id, round, payment_id) VALUES (20, 1, 9)",
            "settlements_take_open_entries_only",
        ),
        (
            "INSERT INTO settlements (entry_id, round, payment_id) VALUES (1, 1, 8)",
            "settlements_one_per_entry_and_round",
        ),
        (
            "INSERT INTO settlements (entry_id, round, payment_id) VALUES (36, 0, 8)",
            "settlements_rounds_are_counted_from_1",
        ),
        (
            "INSERT INTO settlements (entry_id, round, payment_id) VALUES (36, 1, 999)",
            "settlements_payment_fkey",
        ),
        ("INSERT INTO releases VALUES (27, 3)", "releases_are_of_the_voided_payment"),
        ("INSERT INTO releases VALUES (10, 3)", "releases_pkey"),
    ]);
}
