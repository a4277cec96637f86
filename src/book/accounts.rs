//! Accounts and their locks, and the lock of a form.

use crate::domain::ids::{AccountId, PartnerId};
use crate::error::AppError;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt};
use std::collections::HashMap;
use uuid::Uuid;

#[derive(QueryableByName)]
struct AccountRow {
    #[diesel(sql_type = BigInt)]
    id: AccountId,
    #[diesel(sql_type = BigInt)]
    partner_id: PartnerId,
}

/// Opens an account in the company's currency for each of these partners that has none.
pub fn open_accounts(conn: &mut PgConnection, partners: &[PartnerId]) -> Result<(), AppError> {
    sql_query(
        "INSERT INTO accounts (partner_id, currency)
         SELECT partner_id, company.currency FROM unnest($1) AS partner_id, company ORDER BY partner_id
         ON CONFLICT ON CONSTRAINT accounts_one_per_partner_and_currency DO NOTHING",
    )
    .bind::<Array<BigInt>, _>(partners)
    .execute(conn)?;
    Ok(())
}

/// The accounts of these partners in the company's currency.
pub fn accounts_of(
    conn: &mut PgConnection,
    partners: &[PartnerId],
) -> Result<HashMap<PartnerId, AccountId>, AppError> {
    let rows: Vec<AccountRow> = sql_query(
        "SELECT accounts.id, partner_id FROM accounts JOIN company USING (currency) WHERE partner_id = ANY ($1)",
    )
    .bind::<Array<BigInt>, _>(partners)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.partner_id, row.id)).collect())
}

/// Locks accounts for writing, in id order, until the transaction ends. What is then read in a
/// later statement stays true. `NO KEY` lets others refer to the accounts meanwhile.
pub fn lock_accounts(conn: &mut PgConnection, accounts: &[AccountId]) -> Result<(), AppError> {
    sql_query("SELECT FROM accounts WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE")
        .bind::<Array<BigInt>, _>(accounts)
        .execute(conn)?;
    Ok(())
}

/// Locks every account, in id order: for those who write so much that they cannot tell before whose it
/// will be, and would otherwise lock now this account and then an earlier one.
pub fn lock_all_accounts(conn: &mut PgConnection) -> Result<(), AppError> {
    sql_query("SELECT FROM accounts ORDER BY id FOR NO KEY UPDATE").execute(conn)?;
    Ok(())
}

/// Locks a form by its key until the transaction ends: of two presses at once the second then finds what
/// the first has recorded, also where they name other accounts and so do not meet at a lock of those.
pub fn lock_form(conn: &mut PgConnection, key: Uuid) -> Result<(), AppError> {
    let (high, low) = key.as_u64_pair();
    sql_query("SELECT pg_advisory_xact_lock($1)")
        .bind::<BigInt, _>((high ^ low).cast_signed())
        .execute(conn)?;
    Ok(())
}
