//! What recording asks and writes.

use super::super::NewBatch;
use super::super::single::NewSingle;
use crate::db::columns::Number;
use crate::domain::ids::{AccountId, EntryId, PaymentBatchId, PaymentId};
use crate::domain::ledger::EntryKind;
use crate::domain::money::Money;
use crate::domain::payment::{OpenEntry, PayType, PaymentDue};
use crate::error::AppError;
use crate::running::audit::Who;
use anyhow::Context;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bytea, Date, Jsonb, Nullable, Text, Uuid as SqlUuid};
use std::collections::HashSet;
use uuid::Uuid;

#[derive(QueryableByName)]
struct KnownBatch {
    #[diesel(sql_type = BigInt)]
    id: PaymentBatchId,
    #[diesel(sql_type = Bytea)]
    content_hash: Vec<u8>,
}

/// A single payment that a form has recorded.
#[derive(QueryableByName)]
pub struct KnownPayment {
    #[diesel(sql_type = BigInt)]
    pub id: PaymentId,
    #[diesel(sql_type = BigInt)]
    account_id: AccountId,
    #[diesel(sql_type = BigInt)]
    amount_minor: Money,
    #[diesel(sql_type = Text)]
    pay_type: PayType,
    #[diesel(sql_type = Date)]
    paid_on: NaiveDate,
    #[diesel(sql_type = Text)]
    note: String,
}

impl KnownPayment {
    /// Whether it is what a form says.
    pub fn is_of(&self, form: &NewSingle) -> bool {
        (self.account_id, self.amount_minor, self.pay_type, self.paid_on, self.note.as_str())
            == (form.account, form.amount, form.pay_type, form.paid_on, form.note.as_str())
    }
}

#[derive(QueryableByName)]
struct BatchId {
    #[diesel(sql_type = Text)]
    batch_id: String,
}

#[derive(QueryableByName)]
struct OpenRow {
    #[diesel(sql_type = BigInt)]
    entry_id: EntryId,
    #[diesel(sql_type = Text)]
    kind: EntryKind,
    #[diesel(sql_type = Date)]
    dated_on: NaiveDate,
    #[diesel(sql_type = BigInt)]
    amount_minor: Money,
}

/// The batch that was recorded with this key, and the hash of what was sent then.
pub fn batch_of_key(
    conn: &mut PgConnection,
    key: Uuid,
) -> Result<Option<(PaymentBatchId, Vec<u8>)>, AppError> {
    let known: Option<KnownBatch> =
        sql_query("SELECT id, content_hash FROM payment_batches WHERE form_key = $1")
            .bind::<SqlUuid, _>(key)
            .get_result(conn)
            .optional()?;
    Ok(known.map(|batch| (batch.id, batch.content_hash)))
}

/// The single payment that was recorded with this key.
pub fn payment_of_key(conn: &mut PgConnection, key: Uuid) -> Result<Option<KnownPayment>, AppError> {
    let known = sql_query(
        "SELECT id, account_id, amount_minor, pay_type, paid_on, note FROM payments WHERE form_key = $1",
    )
    .bind::<SqlUuid, _>(key)
    .get_result(conn)
    .optional()?;
    Ok(known)
}

/// Writes the batch itself. Refused where its Batch Id was used at the same moment.
pub fn insert_batch(conn: &mut PgConnection, new: &NewBatch, who: &Who) -> Result<PaymentBatchId, AppError> {
    let made: Result<Number, Error> = sql_query(
        "INSERT INTO payment_batches (batch_id, run_id, as_of_run_id, method, on_account, from_on, to_on, pay_type, paid_on, note,
                                      form_key, content_hash, made_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id AS value",
    )
    .bind::<Text, _>(&new.batch_id)
    .bind::<BigInt, _>(new.chosen)
    .bind::<BigInt, _>(new.as_of)
    .bind::<Text, _>(new.method)
    .bind::<Jsonb, _>(serde_json::to_value(&new.on_account).context("on account")?)
    .bind::<Date, _>(new.period.from())
    .bind::<Date, _>(new.period.to())
    .bind::<Text, _>(new.pay_type)
    .bind::<Date, _>(new.paid_on)
    .bind::<Text, _>(&new.note)
    .bind::<SqlUuid, _>(new.form_key)
    .bind::<Bytea, _>(new.content_hash())
    .bind::<Nullable<BigInt>, _>(who.user_id)
    .get_result(conn);
    match made {
        Ok(made) => Ok(PaymentBatchId(made.value)),
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, info))
            if info.constraint_name() == Some("payment_batches_one_per_batch_id") =>
        {
            Err(AppError::Refused(format!(
                "Batch Id {:?} was used before. Give this batch another one; nothing was recorded.",
                new.batch_id
            )))
        }
        Err(other) => Err(other.into()),
    }
}

/// Writes down who was skipped, and why.
pub fn insert_skips(
    conn: &mut PgConnection,
    batch: PaymentBatchId,
    skipped: &[&PaymentDue],
) -> Result<(), AppError> {
    sql_query(
        "INSERT INTO payment_skips (payment_batch_id, account_id, reason, by_method_minor, already_settled_minor, to_pay_minor)
         SELECT $1, new.* FROM unnest($2, $3, $4, $5, $6) AS new",
    )
    .bind::<BigInt, _>(batch)
    .bind::<Array<BigInt>, _>(skipped.iter().map(|due| due.account).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(skipped.iter().map(|due| due.outcome).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(skipped.iter().map(|due| due.by_method).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(skipped.iter().map(|due| due.already_settled).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(skipped.iter().map(|due| due.to_pay).collect::<Vec<_>>())
    .execute(conn)?;
    Ok(())
}

/// Whether a batch has this Batch Id; a voided one keeps its own.
pub fn batch_id_is_taken(conn: &mut PgConnection, batch_id: &str) -> Result<bool, AppError> {
    let found: Number =
        sql_query("SELECT count(*) AS value FROM payment_batches WHERE lower(batch_id) = lower($1)")
            .bind::<Text, _>(batch_id)
            .get_result(conn)?;
    Ok(found.value > 0)
}

/// The Batch Ids that start like this, in lower case.
pub fn batch_ids_like(conn: &mut PgConnection, start: &str) -> Result<HashSet<String>, AppError> {
    let rows: Vec<BatchId> =
        sql_query("SELECT lower(batch_id) AS batch_id FROM payment_batches WHERE starts_with(lower(batch_id), lower($1))")
            .bind::<Text, _>(start)
            .load(conn)?;
    Ok(rows.into_iter().map(|row| row.batch_id).collect())
}

/// The payments of a batch, settlements without payment included.
pub fn payments_of_batch(conn: &mut PgConnection, batch: PaymentBatchId) -> Result<Vec<PaymentId>, AppError> {
    let rows: Vec<Number> =
        sql_query("SELECT id AS value FROM payments WHERE payment_batch_id = $1 ORDER BY id")
            .bind::<BigInt, _>(batch)
            .load(conn)?;
    Ok(rows.into_iter().map(|row| PaymentId(row.value)).collect())
}

/// The open entries of an account that are dated so early or are on account, in the order of their numbers.
pub fn open_now(
    conn: &mut PgConnection,
    account: AccountId,
    to: NaiveDate,
) -> Result<Vec<OpenEntry>, AppError> {
    let rows: Vec<OpenRow> = sql_query(
        "SELECT entry_id, kind::text AS kind, dated_on, amount_minor FROM open_entries
          WHERE account_id = $1 AND (dated_on <= $2 OR kind IN ('payment', 'void')) ORDER BY number",
    )
    .bind::<BigInt, _>(account)
    .bind::<Date, _>(to)
    .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|row| OpenEntry {
            id: row.entry_id,
            kind: row.kind,
            dated_on: row.dated_on,
            amount: row.amount_minor,
        })
        .collect())
}
