//! Entries that come from another system: opening balances and history (spec 9).

use super::entries::{NewEntry, record};
use super::payments::{NewPayment, record_payments};
use super::{accounts_of, lock_accounts};
use crate::db::columns::Number;
use crate::domain::ids::{AccountId, EntryId, PartnerId, PaymentId};
use crate::domain::ledger::EntryKind;
use crate::domain::money::Money;
use crate::domain::payment::PayType;
use crate::error::AppError;
use anyhow::Context;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Text};
use std::collections::{HashMap, HashSet};

/// A row of an `entries` file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedEntry {
    pub partner: PartnerId,
    pub dated_on: NaiveDate,
    /// Commission, clawback, adjustment or payment (which becomes one on account).
    pub kind: EntryKind,
    /// An opening balance: an adjustment so marked.
    pub opening: bool,
    /// With the sign of its kind.
    pub amount: Money,
    pub reference: String,
    pub note: String,
    /// What the row said, and which of equal rows it is: the same key again is the same row.
    pub import_key: String,
}

/// What became of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportCounts {
    pub recorded: usize,
    pub already_there: usize,
}

#[derive(QueryableByName)]
struct Known {
    #[diesel(sql_type = Text)]
    import_key: String,
}

/// Records the rows that are not there yet, in the order given.
pub fn import_entries(conn: &mut PgConnection, rows: &[ImportedEntry]) -> Result<ImportCounts, AppError> {
    let mut partners: Vec<PartnerId> = rows.iter().map(|row| row.partner).collect();
    partners.sort_unstable();
    partners.dedup();
    let accounts = accounts_of(conn, &partners)?;
    let mut locked: Vec<AccountId> = accounts.values().copied().collect();
    locked.sort_unstable();
    lock_accounts(conn, &locked)?;
    let known = known(conn, rows)?;
    let fresh: Vec<&ImportedEntry> = rows.iter().filter(|row| !known.contains(&row.import_key)).collect();
    let ids = write(conn, &accounts, &fresh)?;
    sql_query(
        "INSERT INTO entry_details (entry_id, reason, reference, opening, import_key)
         SELECT * FROM unnest($1, $2, $3, $4, $5)",
    )
    .bind::<Array<BigInt>, _>(ids)
    .bind::<Array<Text>, _>(fresh.iter().map(|row| row.note.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(fresh.iter().map(|row| row.reference.as_str()).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(fresh.iter().map(|row| row.opening).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(fresh.iter().map(|row| row.import_key.as_str()).collect::<Vec<_>>())
    .execute(conn)?;
    Ok(ImportCounts { recorded: fresh.len(), already_there: rows.len() - fresh.len() })
}

/// Writes the rows: payments as payments on account, all others as entries; ids in the order given.
fn write(
    conn: &mut PgConnection,
    accounts: &HashMap<PartnerId, AccountId>,
    fresh: &[&ImportedEntry],
) -> Result<Vec<EntryId>, AppError> {
    let account_of =
        |row: &ImportedEntry| accounts.get(&row.partner).copied().context("a partner without an account");
    let (paid, other): (Vec<&ImportedEntry>, Vec<&ImportedEntry>) =
        fresh.iter().partition(|row| row.kind == EntryKind::Payment);
    let mut entries = Vec::with_capacity(other.len());
    for row in other {
        entries.push(NewEntry {
            account: account_of(row)?,
            kind: row.kind,
            on_account: false,
            amount: row.amount,
            dated_on: row.dated_on,
            cause: None,
            voids: None,
        });
    }
    let mut payments = Vec::with_capacity(paid.len());
    for row in paid {
        payments.push(NewPayment {
            account: account_of(row)?,
            amount: row.amount.abs(),
            on_account: true,
            takes: Vec::new(),
            figures: None,
            pay_type: PayType::Other,
            paid_on: row.dated_on,
            note: row.note.clone(),
            reference: row.reference.clone(),
            form_key: None,
        });
    }
    let mut entry_ids = record(conn, &entries)?.into_iter();
    let payment_ids = record_payments(conn, None, &payments, None)?;
    let mut paid_ids = entries_of_payments(conn, &payment_ids)?.into_iter();
    fresh
        .iter()
        .map(|row| {
            let ids = if row.kind == EntryKind::Payment { &mut paid_ids } else { &mut entry_ids };
            Ok(ids.next().context("fewer entries than rows")?)
        })
        .collect()
}

fn entries_of_payments(conn: &mut PgConnection, payments: &[PaymentId]) -> Result<Vec<EntryId>, AppError> {
    let rows: Vec<Number> = sql_query(
        "SELECT entry_id AS value FROM payments WHERE id = ANY ($1) AND entry_id IS NOT NULL ORDER BY id",
    )
    .bind::<Array<BigInt>, _>(payments)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| EntryId(row.value)).collect())
}

fn known(conn: &mut PgConnection, rows: &[ImportedEntry]) -> Result<HashSet<String>, AppError> {
    let keys: Vec<&str> = rows.iter().map(|row| row.import_key.as_str()).collect();
    let known: Vec<Known> = sql_query("SELECT import_key FROM entry_details WHERE import_key = ANY ($1)")
        .bind::<Array<Text>, _>(keys)
        .load(conn)?;
    Ok(known.into_iter().map(|row| row.import_key).collect())
}
