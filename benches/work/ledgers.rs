//! Referral Partner Ledgers: the page with its totals, and the whole of it as a file.

use chrono::NaiveDate;

use crate::filled::Filled;
use crate::table::{Table, timed, usual};

/// What anybody would write to see what each account was owed, earned and was paid.
fn plain(first: NaiveDate, last: NaiveDate) -> String {
    format!(
        "SELECT account_id,
                sum(amount_minor) FILTER (WHERE dated_on < '{first}') AS beginning,
                sum(amount_minor) FILTER (WHERE dated_on >= '{first}' AND kind IN ('commission', 'clawback', 'adjustment')) AS commissions,
                sum(amount_minor) FILTER (WHERE dated_on >= '{first}' AND kind IN ('payment', 'void')) AS payments
           FROM entries WHERE dated_on <= '{last}' GROUP BY account_id"
    )
}

pub fn pages(filled: &Filled, table: &mut Table) {
    let machine = &filled.machine;
    machine.sign_in();
    for (what, ago) in [("last month", 1), ("a month a year ago", 13)] {
        let (first, last) = filled.month(ago);
        let page = machine.get(&format!("/reports/ledgers?from={first}&to={last}"));
        assert!(page.contains("Partner "), "partners are on it");
        let ours = usual(5, || drop(machine.get(&format!("/reports/ledgers?from={first}&to={last}"))));
        let sql = format!(
            "SELECT count(*), sum(beginning), sum(commissions), sum(payments) FROM ({}) figures",
            plain(first, last)
        );
        let theirs = usual(3, || drop(machine.psql("partnerbook", &sql)));
        let work = format!("Ledgers page with totals, {what}, {} entries | GROUP BY", filled.entries);
        table.add(work, ours, theirs, "≤ 0.05 at 10,000,000 entries");
    }
}

pub fn files(filled: &Filled, table: &mut Table) {
    let machine = &filled.machine;
    machine.sign_in();
    let (first, last) = filled.month(1);
    // The figures come from the same function, so that what differs is who writes the file; names and the
    // parent's code as the file has them.
    let sql = format!(
        r"\copy (SELECT p.id, p.code, c.name, c.email, parent.code, p.status, a.currency, f.beginning_minor / 100.0,
                        f.earned_minor / 100.0, f.clawbacks_minor / 100.0, f.adjustments_minor / 100.0,
                        (f.earned_minor + f.clawbacks_minor + f.adjustments_minor) / 100.0, f.payments_minor / 100.0,
                        (f.beginning_minor + f.earned_minor + f.clawbacks_minor + f.adjustments_minor - f.payments_minor) / 100.0
                   FROM ledger_figures('{first}', '{last}') f JOIN accounts a ON a.id = f.account_id
                   JOIN partners p ON p.id = a.partner_id JOIN contacts c ON c.id = p.contact_id
                   LEFT JOIN partners parent ON parent.id = p.parent_id ORDER BY c.name, p.id) TO '/dev/null' WITH (FORMAT csv, HEADER)"
    );
    let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    let theirs = usual(3, || drop(machine.psql("partnerbook", &sql)));
    let before = machine.memory();
    let path = format!("/reports/ledgers.csv?from={first}&to={last}");
    let (file, _) = timed(|| machine.get(&path));
    assert!(file.lines().count() as u64 > filled.partners / 2, "all partners are in it");
    let ours = usual(3, || drop(machine.get(&path)));
    let rows = file.lines().count() - 1;
    table.add(format!("CSV of {rows} ledgers, kept as a run | \\copy"), ours, theirs, "≤ 1.5");
    let run = machine.psql("partnerbook", "SELECT max(id) FROM runs");
    let ours = usual(3, || drop(machine.get(&format!("/runs/{run}/ledgers.csv"))));
    table.add(format!("CSV of {rows} ledgers, of an earlier run | \\copy"), ours, theirs, "≤ 1.5");
    table.note(format!("memory: {before} MB before the CSV, {} MB after it", machine.memory()));
}
