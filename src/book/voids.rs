//! Voiding: a payment is taken back by an entry of its own, and what it settled is open again.

use super::entries::{NewEntry, next_ids, record};
use super::lock_accounts;
use crate::domain::ids::{AccountId, EntryId, PaymentId, UserId};
use crate::domain::ledger::EntryKind;
use crate::domain::money::Money;
use crate::error::AppError;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text};

/// The voiding of some payments together.
#[derive(Debug, Clone)]
pub struct NewVoid {
    /// Those that are voided already are left alone.
    pub payments: Vec<PaymentId>,
    pub voided_on: NaiveDate,
    pub reason: String,
    pub made_by: Option<UserId>,
}

#[derive(QueryableByName)]
struct AccountRow {
    #[diesel(sql_type = BigInt)]
    account_id: AccountId,
}

#[derive(QueryableByName)]
struct Standing {
    #[diesel(sql_type = BigInt)]
    id: PaymentId,
    #[diesel(sql_type = BigInt)]
    account_id: AccountId,
    #[diesel(sql_type = Nullable<BigInt>)]
    entry_id: Option<EntryId>,
    #[diesel(sql_type = Bool)]
    on_account: bool,
    #[diesel(sql_type = BigInt)]
    amount_minor: Money,
    #[diesel(sql_type = Date)]
    paid_on: NaiveDate,
}

/// Voids payments, and tells which and how much was voided now. Refused where the void would be
/// dated before a payment of them (spec 7).
pub fn void_payments(conn: &mut PgConnection, void: &NewVoid) -> Result<Vec<(PaymentId, Money)>, AppError> {
    let accounts: Vec<AccountRow> =
        sql_query("SELECT DISTINCT account_id FROM payments WHERE id = ANY ($1) ORDER BY account_id")
            .bind::<Array<BigInt>, _>(&void.payments)
            .load(conn)?;
    let accounts: Vec<AccountId> = accounts.into_iter().map(|row| row.account_id).collect();
    lock_accounts(conn, &accounts)?;
    let standing: Vec<Standing> = sql_query(
        "SELECT id, account_id, entry_id, on_account, amount_minor, paid_on FROM payments p
          WHERE id = ANY ($1) AND NOT EXISTS (SELECT FROM voids WHERE payment_id = p.id) ORDER BY account_id, id",
    )
    .bind::<Array<BigInt>, _>(&void.payments)
    .load(conn)?;
    if let Some(later) =
        standing.iter().map(|payment| payment.paid_on).max().filter(|on| *on > void.voided_on)
    {
        return Err(AppError::Refused(format!(
            "A void cannot be dated before its payment: the payment is of {later}, the void would be of {}.",
            void.voided_on
        )));
    }
    write(conn, void, &standing)?;
    Ok(standing.into_iter().map(|payment| (payment.id, payment.amount_minor)).collect())
}

fn write(conn: &mut PgConnection, void: &NewVoid, standing: &[Standing]) -> Result<(), AppError> {
    let entries: Vec<NewEntry> = standing
        .iter()
        .filter_map(|payment| {
            Some(NewEntry {
                account: payment.account_id,
                kind: EntryKind::Void,
                on_account: payment.on_account,
                amount: payment.amount_minor,
                dated_on: void.voided_on,
                cause: None,
                voids: Some(payment.entry_id?),
            })
        })
        .collect();
    let mut entry_ids = record(conn, &entries)?.into_iter();
    let entry_ids: Vec<Option<EntryId>> =
        standing.iter().map(|payment| payment.entry_id.and_then(|_| entry_ids.next())).collect();
    let ids = next_ids(conn, "voids", standing.len())?;
    sql_query(
        "INSERT INTO voids (id, account_id, payment_id, entry_id, voided_on, reason, made_by)
         SELECT new.*, $5, $6, $7 FROM unnest($1, $2, $3, $4) AS new",
    )
    .bind::<Array<BigInt>, _>(&ids)
    .bind::<Array<BigInt>, _>(standing.iter().map(|p| p.account_id).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(standing.iter().map(|p| p.id).collect::<Vec<_>>())
    .bind::<Array<Nullable<BigInt>>, _>(entry_ids)
    .bind::<Date, _>(void.voided_on)
    .bind::<Text, _>(&void.reason)
    .bind::<Nullable<BigInt>, _>(void.made_by)
    .execute(conn)?;
    sql_query(
        "INSERT INTO releases (settlement_id, void_id)
         SELECT s.id, v.id FROM voids v JOIN settlements s USING (payment_id) WHERE v.id = ANY ($1)",
    )
    .bind::<Array<BigInt>, _>(&ids)
    .execute(conn)?;
    Ok(())
}
