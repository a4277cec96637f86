//! Open entries: those of a run that are open now, and those that were open then and are not now.

use crate::domain::ids::{AccountId, EntryId, RunId};
use crate::domain::ledger::EntryKind;
use crate::domain::money::Money;
use crate::domain::payment::OpenEntry;
use crate::error::AppError;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Date, Text};
use std::collections::HashMap;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    account_id: AccountId,
    #[diesel(sql_type = BigInt)]
    entry_id: EntryId,
    #[diesel(sql_type = Text)]
    kind: EntryKind,
    #[diesel(sql_type = Date)]
    dated_on: NaiveDate,
    #[diesel(sql_type = BigInt)]
    amount_minor: Money,
}

/// Of these accounts, the entries that the run included and that are open now: also those that were
/// settled then and that a void has opened since (spec 7).
pub fn open_entries(
    conn: &mut PgConnection,
    run: RunId,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, Vec<OpenEntry>>, AppError> {
    let rows: Vec<Row> = sql_query(
        "SELECT o.account_id, o.entry_id, o.kind::text AS kind, o.dated_on, o.amount_minor
           FROM run_accounts r JOIN open_entries o ON o.account_id = r.account_id AND o.number <= r.last_number
          WHERE r.run_id = $1 AND r.account_id = ANY ($2) ORDER BY o.account_id, o.number",
    )
    .bind::<BigInt, _>(run)
    .bind::<Array<BigInt>, _>(accounts)
    .load(conn)?;
    Ok(by_account(rows))
}

/// Of these accounts, the entries that were open when the run was made and have been settled or
/// voided since. A batch that would take one of them in is refused.
pub fn lost_since(
    conn: &mut PgConnection,
    run: RunId,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, Vec<OpenEntry>>, AppError> {
    let rows: Vec<Row> = sql_query(
        "SELECT e.account_id, e.id AS entry_id, e.kind::text AS kind, e.dated_on, e.amount_minor
           FROM run_accounts r
           JOIN account_totals t ON t.account_id = r.account_id
            AND (t.last_payment_id > r.last_payment_id OR t.last_void_id > r.last_void_id)
          CROSS JOIN LATERAL (
                SELECT s.entry_id FROM payments p JOIN settlements s ON s.payment_id = p.id
                 WHERE p.account_id = r.account_id AND p.id > r.last_payment_id
                 UNION
                SELECT p.entry_id FROM payments p WHERE p.account_id = r.account_id AND p.on_account
                 UNION
                SELECT v.entry_id FROM voids v JOIN payments p ON p.id = v.payment_id AND p.on_account WHERE v.account_id = r.account_id
          ) AS touched
           JOIN entries e ON e.id = touched.entry_id AND e.number <= r.last_number
           LEFT JOIN entries pair ON e.on_account AND pair.id <> e.id
                AND (pair.id = e.voids_entry_id OR pair.voids_entry_id = e.id) AND pair.number <= r.last_number
          WHERE r.run_id = $1 AND r.account_id = ANY ($2)
            AND NOT EXISTS (SELECT FROM open_entries o WHERE o.entry_id = e.id)
            AND NOT EXISTS (SELECT FROM settlements s LEFT JOIN releases l ON l.settlement_id = s.id
                             WHERE s.entry_id = e.id AND s.payment_id <= r.last_payment_id
                               AND (l.void_id IS NULL OR l.void_id > r.last_void_id))
            AND (pair.id IS NULL
                 OR EXISTS (SELECT FROM settlements s LEFT JOIN releases l ON l.settlement_id = s.id
                             WHERE s.entry_id = pair.id AND s.payment_id <= r.last_payment_id
                               AND (l.void_id IS NULL OR l.void_id > r.last_void_id)))
          ORDER BY e.account_id, e.number",
    )
    .bind::<BigInt, _>(run)
    .bind::<Array<BigInt>, _>(accounts)
    .load(conn)?;
    Ok(by_account(rows))
}

fn by_account(rows: Vec<Row>) -> HashMap<AccountId, Vec<OpenEntry>> {
    let mut accounts: HashMap<AccountId, Vec<OpenEntry>> = HashMap::new();
    for row in rows {
        accounts.entry(row.account_id).or_default().push(OpenEntry {
            id: row.entry_id,
            kind: row.kind,
            dated_on: row.dated_on,
            amount: row.amount_minor,
        });
    }
    accounts
}
