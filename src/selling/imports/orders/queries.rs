//! The SQL of importing orders: what is known of them already.

use crate::db::columns::ROWS_AT_ONCE;
use crate::domain::ids::{ContactId, ProductId};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Binary, Integer, Nullable, Numeric, Text, Timestamptz};
use diesel::{PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query};
use rust_decimal::Decimal;
use std::collections::HashMap;

/// An order or a return of that number.
#[derive(QueryableByName)]
pub struct Known {
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Binary)]
    pub content_hash: Vec<u8>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub contact_id: Option<ContactId>,
}

/// The orders and returns that have one of these numbers, by number.
pub fn known(conn: &mut PgConnection, numbers: &[&str]) -> QueryResult<HashMap<String, Known>> {
    let mut known = HashMap::new();
    for numbers in numbers.chunks(ROWS_AT_ONCE) {
        let found: Vec<Known> = sql_query(
            "SELECT number::text, content_hash, contact_id FROM orders WHERE number = ANY ($1)
             UNION ALL
             SELECT number::text, content_hash, NULL FROM imported_returns WHERE number = ANY ($1)",
        )
        .bind::<Array<Text>, _>(numbers)
        .load(conn)?;
        known.extend(found.into_iter().map(|found| (found.number.clone(), found)));
    }
    Ok(known)
}

/// A line of a recorded order that may have something to give back.
#[derive(QueryableByName)]
pub struct SoldLine {
    #[diesel(sql_type = Text)]
    pub order_number: String,
    #[diesel(sql_type = Timestamptz)]
    pub ordered_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub contact_id: Option<ContactId>,
    #[diesel(sql_type = Integer)]
    pub number: i32,
    #[diesel(sql_type = BigInt)]
    pub product_id: ProductId,
    /// What it has left; below zero where more came back than was sold.
    #[diesel(sql_type = Numeric)]
    pub remaining: Decimal,
}

/// The lines of these products in recorded orders that have one of these contacts or numbers. A
/// cancelled order has given all of it back. By the orders' time.
pub fn sold_lines(
    conn: &mut PgConnection,
    contacts: &[ContactId],
    numbers: &[&str],
    products: &[ProductId],
) -> QueryResult<Vec<SoldLine>> {
    sql_query(
        "SELECT orders.number::text AS order_number, ordered_at, contact_id,
                order_lines.number, product_id,
                order_lines.quantity - coalesce((SELECT sum(returned_lines.quantity) FROM returned_lines
                                                 WHERE order_line_id = order_lines.id), 0) AS remaining
         FROM orders JOIN order_lines ON order_id = orders.id
         WHERE (contact_id = ANY ($1) OR orders.number = ANY ($2)) AND product_id = ANY ($3)
           AND NOT EXISTS (SELECT FROM order_events WHERE order_events.order_id = orders.id AND kind = 'cancelled')
         ORDER BY ordered_at, orders.id, order_lines.number",
    )
    .bind::<Array<BigInt>, _>(contacts)
    .bind::<Array<Text>, _>(numbers)
    .bind::<Array<BigInt>, _>(products)
    .load(conn)
}

/// The names of products.
pub fn product_names(
    conn: &mut PgConnection,
    products: &[ProductId],
) -> QueryResult<HashMap<ProductId, String>> {
    #[derive(QueryableByName)]
    struct Named {
        #[diesel(sql_type = BigInt)]
        id: ProductId,
        #[diesel(sql_type = Text)]
        name: String,
    }
    let mut names = HashMap::new();
    for products in products.chunks(ROWS_AT_ONCE) {
        let named: Vec<Named> = sql_query("SELECT id, name FROM products WHERE id = ANY ($1)")
            .bind::<Array<BigInt>, _>(products)
            .load(conn)?;
        names.extend(named.into_iter().map(|row| (row.id, row.name)));
    }
    Ok(names)
}

/// Keeps the numbers and contents of returns that gave something back.
pub fn keep_returns(conn: &mut PgConnection, returns: &[(&str, [u8; 32])]) -> QueryResult<()> {
    for returns in returns.chunks(ROWS_AT_ONCE) {
        sql_query("INSERT INTO imported_returns (number, content_hash) SELECT * FROM unnest($1, $2)")
            .bind::<Array<Text>, _>(returns.iter().map(|(number, _)| *number).collect::<Vec<_>>())
            .bind::<Array<Binary>, _>(returns.iter().map(|(_, hash)| hash.as_slice()).collect::<Vec<_>>())
            .execute(conn)?;
    }
    Ok(())
}
