//! Accounts and their locks.

use crate::domain::ids::{AccountId, PartnerId};
use crate::error::AppError;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt};
use std::collections::HashMap;

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
