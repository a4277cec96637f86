//! What a batch paid.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;

use crate::domain::ids::{AccountId, PaymentBatchId};
use crate::domain::money::Money;

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
