//! The real file, imported with attribution, commissions and clawbacks, against the same rows by
//! INSERT … SELECT into the same tables, with the same constraints, indexes and triggers.

use crate::machine::{Machine, folder};
use crate::program;
use crate::table::{Table, timed};

/// The tables that the demo fills, in an order in which each finds what it names. What triggers write is
/// not among them.
const TABLES: &[&str] = &[
    "contacts",
    "partners",
    "accounts",
    "products",
    "programs",
    "program_versions",
    "program_rules",
    "program_rates",
    "enrolments",
    "visitors",
    "clicks",
    "referrals",
    "orders",
    "order_lines",
    "order_events",
    "returned_lines",
    "order_credits",
    "commission_rows",
    "commission_row_lines",
    "entries",
    "entry_details",
    "imported_returns",
];

pub fn retail(table: &mut Table) {
    let folder = folder();
    let (output, ours) = timed(|| program::run(folder.path(), ["demo"]));
    assert!(output.status.success(), "{}", program::text(&output));
    let machine = Machine::start_in(folder);
    machine.copy("peer");
    // The rows wait in a schema of their own while the tables that they came from are emptied.
    let stage: String = TABLES
        .iter()
        .map(|name| format!("CREATE TABLE stage.{name} AS SELECT * FROM public.{name} ORDER BY ctid;"))
        .collect();
    machine.psql("peer", &format!("CREATE SCHEMA stage; {stage}"));
    let tables = TABLES.join(", ");
    // What is append-only lets itself be emptied only where triggers sleep.
    machine.psql(
        "peer",
        &format!("SET session_replication_role = replica; TRUNCATE {tables}, partner_codes CASCADE"),
    );
    machine.psql("peer", "VACUUM ANALYZE");
    let insert: String =
        TABLES.iter().map(|name| format!("INSERT INTO {name} SELECT * FROM stage.{name};")).collect();
    let (_, theirs) = timed(|| machine.psql("peer", &format!("BEGIN; {insert} COMMIT")));
    let sums = "SELECT count(*) || ' ' || sum(amount_minor) FROM entries";
    assert_eq!(machine.psql("peer", sums), machine.psql("partnerbook", sums), "the peer writes the same");
    let lines = machine.psql("partnerbook", "SELECT count(*) FROM order_lines");
    table.add(format!("demo: 541,909 lines read, {lines} kept | INSERT … SELECT"), ours, theirs, "≤ 2");
}
