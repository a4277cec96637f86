//! Orders by the numbers that other systems know them by.

use crate::book;
use crate::domain::ids::OrderId;
use crate::error::AppError;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bytea, Text};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// An order that there is.
#[derive(QueryableByName)]
pub struct Numbered {
    #[diesel(sql_type = BigInt)]
    pub id: OrderId,
    #[diesel(sql_type = Bytea)]
    pub content_hash: Vec<u8>,
}

/// The order with this number.
pub fn by_number(conn: &mut PgConnection, number: &str) -> QueryResult<Option<Numbered>> {
    sql_query("SELECT id, content_hash FROM orders WHERE number = $1")
        .bind::<Text, _>(number)
        .get_result(conn)
        .optional()
}

/// Locks a number, whether or not there is such an order, until the transaction ends: of two that bring it at
/// once the second then finds what the first has recorded.
pub fn lock_number(conn: &mut PgConnection, number: &str) -> Result<(), AppError> {
    let hash: [u8; 32] = Sha256::digest(format!("order {number}")).into();
    let key = hash.first_chunk().map_or(Uuid::nil(), |first| Uuid::from_bytes(*first));
    book::lock_form(conn, key)
}
