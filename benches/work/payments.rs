//! Process Action over everybody, against the rows that it writes, written by INSERT … SELECT.

use crate::filled::Filled;
use crate::machine::{fields, token};
use crate::table::{Table, timed};

/// The same rows into the same tables, with the same triggers, in one transaction: a payment entry, a
/// payment and its settlements for each account that is owed something, a skip for the others.
const PEER: &str = "
    BEGIN;
    INSERT INTO payment_batches (batch_id, run_id, as_of_run_id, method, on_account, from_on, to_on, pay_type, paid_on, form_key, content_hash)
    SELECT 'peer', max(id), max(id), 'ending_balance', '{}', '1900-01-01', '2999-12-31', 'manual', current_date, gen_random_uuid(), sha256('') FROM runs;
    CREATE TEMPORARY TABLE due ON COMMIT DROP AS
    SELECT account_id, sum(amount_minor)::bigint AS amount FROM open_entries GROUP BY account_id;
    INSERT INTO entries (account_id, number, kind, amount_minor, dated_on)
    SELECT account_id, last_number + 1, 'payment', -amount, current_date FROM due JOIN account_totals USING (account_id)
     WHERE amount > 0 ORDER BY account_id;
    INSERT INTO payments (account_id, payment_batch_id, entry_id, amount_minor, by_method_minor, already_settled_minor, pay_type, paid_on)
    SELECT e.account_id, (SELECT max(id) FROM payment_batches), e.id, -e.amount_minor, -e.amount_minor, 0, 'manual', current_date
      FROM entries e WHERE e.kind = 'payment' ORDER BY e.account_id;
    INSERT INTO settlements (entry_id, round, payment_id)
    SELECT o.entry_id, o.round, p.id FROM open_entries o JOIN payments p ON p.account_id = o.account_id;
    INSERT INTO payment_skips (payment_batch_id, account_id, reason, by_method_minor, already_settled_minor, to_pay_minor)
    SELECT (SELECT max(id) FROM payment_batches), account_id, CASE WHEN amount < 0 THEN 'negative' ELSE 'nothing' END, amount, 0, amount
      FROM due WHERE amount <= 0;
    COMMIT";

pub fn process(filled: &Filled, table: &mut Table) {
    let machine = &filled.machine;
    machine.psql(
        "partnerbook",
        "INSERT INTO runs (kind, from_on, to_on) VALUES ('print', '1900-01-01', '2999-12-31')",
    );
    machine.copy("peer");
    let (_, theirs) = timed(|| machine.psql("peer", PEER));
    let expected = machine.psql("peer", "SELECT count(*) || ' ' || sum(amount_minor) FROM payments");
    machine.psql("postgres", "DROP DATABASE peer");

    machine.sign_in();
    let (first, _) = filled.month(1);
    let search = format!("/reports/ledgers?from={first}&to={}&show=all", filled.last_day);
    let mut chosen: Vec<(&str, String)> =
        vec![("csrf", token(&machine.get(&search))), ("kind", "preview".into())];
    chosen.extend([("from", first.to_string()), ("to", filled.last_day.to_string()), ("show", "all".into())]);
    let (answer, took) = timed(|| machine.send("/runs", &chosen));
    table.note(format!("a run of {} partners: {:.2} s", filled.partners, took.as_secs_f64()));
    let preview =
        answer.headers()["location"].to_str().expect("an address").to_string() + "&method=ending_balance";
    let (page, took) = timed(|| machine.get(&preview));
    table.note(format!("the preview of it: {:.2} s", took.as_secs_f64()));
    let form = fields(&page, "#batch");
    let form: Vec<(&str, String)> = form.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let (answer, ours) = timed(|| machine.send("/payment-batches", &form));
    let status = answer.status();
    assert_eq!(status, 303, "{}", answer.text().unwrap_or_default());
    let paid = machine.psql("partnerbook", "SELECT count(*) || ' ' || sum(amount_minor) FROM payments");
    assert_eq!(paid, expected, "the peer pays the same");
    let work = format!(
        "Process Action, {} partners, {} open entries | INSERT … SELECT",
        filled.partners, filled.entries
    );
    table.add(work, ours, theirs, "≤ 2");
}
