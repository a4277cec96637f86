//! What recording by hand asks: forms that were recorded, numbers that are taken, products that are known.

use crate::domain::ids::{OrderEventId, OrderId};
use crate::error::AppError;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bytea, Nullable, Text, Uuid as SqlUuid};
use std::collections::HashMap;
use uuid::Uuid;

/// A form that was recorded.
#[derive(QueryableByName)]
pub struct RecordedForm {
    #[diesel(sql_type = BigInt)]
    pub order_id: OrderId,
    #[diesel(sql_type = Bytea)]
    pub content_hash: Vec<u8>,
}

#[derive(QueryableByName)]
struct OrderOf {
    #[diesel(sql_type = BigInt)]
    id: OrderId,
}

#[derive(QueryableByName)]
struct NumberOf {
    #[diesel(sql_type = Text)]
    number: String,
}

#[derive(QueryableByName)]
struct ProductOf {
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    name: String,
}

/// A contact as a form or a link names it.
#[derive(QueryableByName)]
pub struct ContactOf {
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub email: Option<String>,
}

/// The form of this key, where it was recorded.
pub fn form(conn: &mut PgConnection, key: Uuid) -> QueryResult<Option<RecordedForm>> {
    sql_query(
        "SELECT e.order_id, f.content_hash FROM order_forms f JOIN order_events e ON e.id = f.order_event_id WHERE f.form_key = $1",
    )
    .bind::<SqlUuid, _>(key)
    .get_result(conn)
    .optional()
}

/// Keeps by which form an event was recorded.
pub fn keep_form(
    conn: &mut PgConnection,
    key: Uuid,
    event: OrderEventId,
    content: [u8; 32],
) -> QueryResult<()> {
    sql_query("INSERT INTO order_forms (form_key, order_event_id, content_hash) VALUES ($1, $2, $3)")
        .bind::<SqlUuid, _>(key)
        .bind::<BigInt, _>(event)
        .bind::<Bytea, _>(content.to_vec())
        .execute(conn)?;
    Ok(())
}

/// The order of an event.
pub fn order_of_event(conn: &mut PgConnection, event: OrderEventId) -> Result<OrderId, AppError> {
    let found: OrderOf = sql_query("SELECT order_id AS id FROM order_events WHERE id = $1")
        .bind::<BigInt, _>(event)
        .get_result(conn)?;
    Ok(found.id)
}

/// The number of the order that was recorded last: by hand, or else in any way.
pub fn last_number(conn: &mut PgConnection) -> QueryResult<Option<String>> {
    let last = |conn: &mut PgConnection, sql: &str| -> QueryResult<Option<NumberOf>> {
        sql_query(sql).get_result(conn).optional()
    };
    let by_hand = last(conn, "SELECT number FROM orders WHERE source = 'hand' ORDER BY id DESC LIMIT 1")?;
    let found = match by_hand {
        Some(found) => Some(found),
        None => last(conn, "SELECT number FROM orders ORDER BY id DESC LIMIT 1")?,
    };
    Ok(found.map(|found| found.number))
}

/// Which of these numbers orders have.
pub fn taken(conn: &mut PgConnection, numbers: &[String]) -> QueryResult<Vec<String>> {
    let found: Vec<NumberOf> = sql_query("SELECT number FROM orders WHERE number = ANY ($1)")
        .bind::<Array<Text>, _>(numbers)
        .load(conn)?;
    Ok(found.into_iter().map(|found| found.number).collect())
}

/// The products that there are of these codes, with their names.
pub fn products(conn: &mut PgConnection, codes: &[String]) -> QueryResult<HashMap<String, String>> {
    let found: Vec<ProductOf> = sql_query("SELECT code, name FROM products WHERE code = ANY ($1)")
        .bind::<Array<Text>, _>(codes)
        .load(conn)?;
    Ok(found.into_iter().map(|found| (found.code, found.name)).collect())
}

/// What a contact is called.
pub fn contact(conn: &mut PgConnection, id: crate::domain::ids::ContactId) -> QueryResult<ContactOf> {
    sql_query("SELECT name, email FROM contacts WHERE id = $1").bind::<BigInt, _>(id).get_result(conn)
}

/// Locks an order until the transaction ends.
pub fn lock_order(conn: &mut PgConnection, id: OrderId) -> QueryResult<()> {
    sql_query("SELECT FROM orders WHERE id = $1 FOR NO KEY UPDATE").bind::<BigInt, _>(id).execute(conn)?;
    Ok(())
}
