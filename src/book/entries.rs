//! Writing entries: numbered without gaps within their account, all of a transaction in one insert.

use super::{lock_accounts, lock_form};
use crate::domain::ids::{AccountId, CommissionRowId, EntryId, OrderEventId, UserId};
use crate::domain::ledger::EntryKind;
use crate::domain::money::Money;
use crate::error::AppError;
use anyhow::Context;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text, Uuid as SqlUuid};
use std::collections::HashMap;
use uuid::Uuid;

/// How many entries go into one insert. One statement for all would hold them twice in memory.
const CHUNK: usize = 50_000;

/// A movement that is to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    pub account: AccountId,
    pub kind: EntryKind,
    /// Only for payments and voids: settles nothing by itself.
    pub on_account: bool,
    /// With the sign of its kind; never zero.
    pub amount: Money,
    pub dated_on: NaiveDate,
    /// For commissions and clawbacks of orders: the row that it brings to its target, and why now.
    pub cause: Option<(CommissionRowId, OrderEventId)>,
    /// For voids: the payment that it takes back.
    pub voids: Option<EntryId>,
}

#[derive(QueryableByName)]
struct LastNumber {
    #[diesel(sql_type = BigInt)]
    account_id: AccountId,
    #[diesel(sql_type = Integer)]
    last_number: i32,
}

/// An adjustment that a form has recorded.
#[derive(QueryableByName)]
struct Known {
    #[diesel(sql_type = BigInt)]
    id: EntryId,
    #[diesel(sql_type = BigInt)]
    account_id: AccountId,
    #[diesel(sql_type = BigInt)]
    amount: Money,
    #[diesel(sql_type = Date)]
    dated_on: NaiveDate,
    #[diesel(sql_type = Text)]
    reason: String,
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// Records entries in the order given and returns their ids in the same order. Locks the accounts.
pub fn record(conn: &mut PgConnection, entries: &[NewEntry]) -> Result<Vec<EntryId>, AppError> {
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    let mut accounts: Vec<AccountId> = entries.iter().map(|entry| entry.account).collect();
    accounts.sort_unstable();
    accounts.dedup();
    lock_accounts(conn, &accounts)?;
    let numbers = numbers(conn, &accounts, entries)?;
    let ids = next_ids(conn, "entries", entries.len())?;
    for ((entries, numbers), ids) in entries.chunks(CHUNK).zip(numbers.chunks(CHUNK)).zip(ids.chunks(CHUNK)) {
        insert(conn, entries, numbers, ids)?;
    }
    Ok(ids.into_iter().map(EntryId).collect())
}

/// The number of each entry: counted on from the last of its account, which is locked.
fn numbers(
    conn: &mut PgConnection,
    accounts: &[AccountId],
    entries: &[NewEntry],
) -> Result<Vec<i32>, AppError> {
    let rows: Vec<LastNumber> =
        sql_query("SELECT account_id, last_number FROM account_totals WHERE account_id = ANY ($1)")
            .bind::<Array<BigInt>, _>(accounts)
            .load(conn)?;
    let mut last: HashMap<AccountId, i32> =
        rows.into_iter().map(|row| (row.account_id, row.last_number)).collect();
    entries
        .iter()
        .map(|entry| {
            let number = last.get_mut(&entry.account).context("an account without totals")?;
            *number += 1;
            Ok(*number)
        })
        .collect()
}

fn insert(
    conn: &mut PgConnection,
    entries: &[NewEntry],
    numbers: &[i32],
    ids: &[i64],
) -> Result<(), AppError> {
    let column = |of: fn(&NewEntry) -> i64| entries.iter().map(of).collect::<Vec<i64>>();
    sql_query(
        "INSERT INTO entries (id, account_id, number, kind, on_account, amount_minor, dated_on, commission_row_id, order_event_id, voids_entry_id)
         SELECT id, account_id, number, kind::entry_kind, on_account, amount, dated_on, row_id, event_id, voids
           FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                AS new (id, account_id, number, kind, on_account, amount, dated_on, row_id, event_id, voids)",
    )
    .bind::<Array<BigInt>, _>(ids)
    .bind::<Array<BigInt>, _>(column(|entry| entry.account.0))
    .bind::<Array<Integer>, _>(numbers)
    .bind::<Array<Text>, _>(entries.iter().map(|entry| entry.kind.word()).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(entries.iter().map(|entry| entry.on_account).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(column(|entry| entry.amount.minor()))
    .bind::<Array<Date>, _>(entries.iter().map(|entry| entry.dated_on).collect::<Vec<_>>())
    .bind::<Array<Nullable<BigInt>>, _>(
        entries.iter().map(|entry| entry.cause.map(|(row, _)| row.0)).collect::<Vec<_>>(),
    )
    .bind::<Array<Nullable<BigInt>>, _>(
        entries.iter().map(|entry| entry.cause.map(|(_, event)| event.0)).collect::<Vec<_>>(),
    )
    .bind::<Array<Nullable<BigInt>>, _>(
        entries.iter().map(|entry| entry.voids.map(|entry| entry.0)).collect::<Vec<_>>(),
    )
    .execute(conn)?;
    Ok(())
}

/// So many fresh ids of a table, ascending: rows that refer to each other can then be written list
/// by list.
pub fn next_ids(conn: &mut PgConnection, table: &str, count: usize) -> Result<Vec<i64>, AppError> {
    let rows: Vec<Id> =
        sql_query("SELECT nextval(pg_get_serial_sequence($1, 'id')) AS id FROM generate_series(1, $2)")
            .bind::<Text, _>(table)
            .bind::<BigInt, _>(i64::try_from(count).context("too many rows")?)
            .load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Records an adjustment by hand. The same form key again records nothing and gives the first one's
/// entry; refused where it comes with another content.
pub fn adjust(
    conn: &mut PgConnection,
    account: AccountId,
    amount: Money,
    dated_on: NaiveDate,
    reason: &str,
    form_key: Option<Uuid>,
    made_by: Option<UserId>,
) -> Result<EntryId, AppError> {
    if let Some(key) = form_key {
        lock_form(conn, key)?;
    }
    lock_accounts(conn, &[account])?;
    if let Some(known) = form_key.map(|key| adjustment_of_key(conn, key)).transpose()?.flatten() {
        return if (known.account_id, known.amount, known.dated_on, known.reason.as_str())
            == (account, amount, dated_on, reason)
        {
            Ok(known.id)
        } else {
            Err(AppError::refused(
                "This form was sent before with other content, and was recorded then. Nothing more was recorded.",
            ))
        };
    }
    let adjustment = NewEntry {
        account,
        kind: EntryKind::Adjustment,
        on_account: false,
        amount,
        dated_on,
        cause: None,
        voids: None,
    };
    let entry = record(conn, &[adjustment])?.into_iter().next().context("no entry was recorded")?;
    sql_query("INSERT INTO entry_details (entry_id, reason, form_key, made_by) VALUES ($1, $2, $3, $4)")
        .bind::<BigInt, _>(entry)
        .bind::<Text, _>(reason)
        .bind::<Nullable<SqlUuid>, _>(form_key)
        .bind::<Nullable<BigInt>, _>(made_by)
        .execute(conn)?;
    Ok(entry)
}

fn adjustment_of_key(conn: &mut PgConnection, key: Uuid) -> Result<Option<Known>, AppError> {
    let known = sql_query(
        "SELECT e.id, e.account_id, e.amount_minor AS amount, e.dated_on, d.reason
           FROM entry_details d JOIN entries e ON e.id = d.entry_id WHERE d.form_key = $1",
    )
    .bind::<SqlUuid, _>(key)
    .get_result(conn)
    .optional()?;
    Ok(known)
}
