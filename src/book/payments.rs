//! Writing payments and what they settle.

use super::entries::{NewEntry, next_ids, record};
use crate::domain::ids::{AccountId, EntryId, PaymentBatchId, PaymentId, UserId};
use crate::domain::ledger::EntryKind;
use crate::domain::money::Money;
use crate::domain::payment::PayType;
use crate::error::AppError;
use anyhow::anyhow;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

/// How many rows go into one insert.
const CHUNK: usize = 100_000;

/// A payment that is to be recorded, or (amount zero) a settlement without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPayment {
    pub account: AccountId,
    /// Zero or above. The sum of what it takes in, unless it is on account.
    pub amount: Money,
    /// Settles nothing by itself.
    pub on_account: bool,
    /// The open entries that it settles.
    pub takes: Vec<EntryId>,
    /// In a batch: the report's figure, and the difference to the amount.
    pub figures: Option<(Money, Money)>,
    pub pay_type: PayType,
    pub paid_on: NaiveDate,
    pub note: String,
    /// Its number elsewhere.
    pub reference: String,
    /// Of a single payment: the key of the form that it was recorded with.
    pub form_key: Option<Uuid>,
}

/// Records payments, their entries and what they settle; the ids come back in the order given. The
/// accounts must be locked, and the open entries read after that.
pub fn record_payments(
    conn: &mut PgConnection,
    batch: Option<PaymentBatchId>,
    payments: &[NewPayment],
    made_by: Option<UserId>,
) -> Result<Vec<PaymentId>, AppError> {
    let entries: Vec<NewEntry> = payments
        .iter()
        .filter(|payment| payment.amount.is_positive())
        .map(|payment| NewEntry {
            account: payment.account,
            kind: EntryKind::Payment,
            on_account: payment.on_account,
            amount: -payment.amount,
            dated_on: payment.paid_on,
            cause: None,
            voids: None,
        })
        .collect();
    let mut entry_ids = record(conn, &entries)?.into_iter();
    let entry_ids: Vec<Option<EntryId>> = payments
        .iter()
        .map(|payment| if payment.amount.is_positive() { entry_ids.next() } else { None })
        .collect();
    let ids = next_ids(conn, "payments", payments.len())?;
    for ((payments, entry_ids), ids) in
        payments.chunks(CHUNK).zip(entry_ids.chunks(CHUNK)).zip(ids.chunks(CHUNK))
    {
        insert_payments(conn, batch, payments, entry_ids, ids, made_by)?;
    }
    settle(conn, payments, &ids)?;
    Ok(ids.into_iter().map(PaymentId).collect())
}

fn insert_payments(
    conn: &mut PgConnection,
    batch: Option<PaymentBatchId>,
    payments: &[NewPayment],
    entry_ids: &[Option<EntryId>],
    ids: &[i64],
    made_by: Option<UserId>,
) -> Result<(), AppError> {
    sql_query(
        "INSERT INTO payments (id, account_id, entry_id, on_account, amount_minor, by_method_minor, already_settled_minor,
                               pay_type, paid_on, note, reference, form_key, payment_batch_id, made_by)
         SELECT new.*, $13, $14 FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) AS new",
    )
    .bind::<Array<BigInt>, _>(ids)
    .bind::<Array<BigInt>, _>(payments.iter().map(|p| p.account).collect::<Vec<_>>())
    .bind::<Array<Nullable<BigInt>>, _>(entry_ids)
    .bind::<Array<Bool>, _>(payments.iter().map(|p| p.on_account).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(payments.iter().map(|p| p.amount).collect::<Vec<_>>())
    .bind::<Array<Nullable<BigInt>>, _>(payments.iter().map(|p| p.figures.map(|f| f.0)).collect::<Vec<_>>())
    .bind::<Array<Nullable<BigInt>>, _>(payments.iter().map(|p| p.figures.map(|f| f.1)).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(payments.iter().map(|p| p.pay_type.word()).collect::<Vec<_>>())
    .bind::<Array<Date>, _>(payments.iter().map(|p| p.paid_on).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(payments.iter().map(|p| p.note.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(payments.iter().map(|p| p.reference.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(payments.iter().map(|p| p.form_key).collect::<Vec<_>>())
    .bind::<Nullable<BigInt>, _>(batch)
    .bind::<Nullable<BigInt>, _>(made_by)
    .execute(conn)?;
    Ok(())
}

/// Settles what the payments take in. What is not open any more cannot be settled: the count then
/// differs, and nothing of the transaction stays.
fn settle(conn: &mut PgConnection, payments: &[NewPayment], ids: &[i64]) -> Result<(), AppError> {
    let pairs: Vec<(EntryId, i64)> = payments
        .iter()
        .zip(ids)
        .flat_map(|(payment, id)| payment.takes.iter().map(|entry| (*entry, *id)))
        .collect();
    for chunk in pairs.chunks(CHUNK) {
        let settled = sql_query(
            "INSERT INTO settlements (entry_id, round, payment_id)
             SELECT o.entry_id, o.round, new.payment_id
               FROM unnest($1, $2) AS new (entry_id, payment_id) JOIN open_entries o USING (entry_id)",
        )
        .bind::<Array<BigInt>, _>(chunk.iter().map(|pair| pair.0).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(chunk.iter().map(|pair| pair.1).collect::<Vec<_>>())
        .execute(conn)?;
        if settled != chunk.len() {
            return Err(anyhow!("{settled} of {} entries were open", chunk.len()).into());
        }
    }
    Ok(())
}
