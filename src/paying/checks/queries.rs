//! Who is to get a cheque, and what a batch paid.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Text};

use crate::domain::ids::{AccountId, PaymentBatchId};
use crate::domain::money::Money;

/// Who is to get a cheque, and where.
#[derive(Debug, Clone, QueryableByName)]
pub struct Payee {
    #[diesel(sql_type = BigInt)]
    pub account: AccountId,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Text)]
    pub address_line1: String,
    #[diesel(sql_type = Text)]
    pub address_line2: String,
    #[diesel(sql_type = Text)]
    pub city: String,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Text)]
    pub postal_code: String,
    #[diesel(sql_type = Text)]
    pub country: String,
}

/// The partners of these accounts, by code.
pub fn payees(conn: &mut PgConnection, accounts: &[AccountId]) -> QueryResult<Vec<Payee>> {
    sql_query(
        "SELECT a.id AS account, p.code, c.name, coalesce(c.email, '') AS email,
                c.address_line1, c.address_line2, c.city, c.state, c.postal_code, c.country
           FROM accounts a JOIN partners p ON p.id = a.partner_id JOIN contacts c ON c.id = p.contact_id
          WHERE a.id = ANY ($1) ORDER BY lower(p.code) COLLATE \"C\"",
    )
    .bind::<Array<BigInt>, _>(accounts)
    .load(conn)
}

/// What was paid to an account.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Paid {
    #[diesel(sql_type = BigInt)]
    pub account: AccountId,
    #[diesel(sql_type = BigInt)]
    pub amount: Money,
}

/// The payments of a batch that stand.
pub fn paid(conn: &mut PgConnection, batch: PaymentBatchId) -> QueryResult<Vec<Paid>> {
    sql_query(
        "SELECT p.account_id AS account, p.amount_minor AS amount FROM payments p
          WHERE p.payment_batch_id = $1 AND p.amount_minor > 0 AND NOT EXISTS (SELECT FROM voids v WHERE v.payment_id = p.id)",
    )
    .bind::<BigInt, _>(batch)
    .load(conn)
}
