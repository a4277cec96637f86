//! Programs one by one: made, renamed, counted, deleted.

use crate::domain::ids::{ProductId, ProgramId};
use crate::domain::period::Period;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Date, Integer, Nullable, Text};

/// A program's own row.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Record {
    #[diesel(sql_type = BigInt)]
    pub id: ProgramId,
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Counts saves.
    #[diesel(sql_type = Integer)]
    pub version: i32,
}

/// Where a program is used: while it is, it cannot be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Usage {
    /// Orders with a commission by one of its rules.
    #[diesel(sql_type = BigInt)]
    pub orders: i64,
    /// Partners enrolled in it.
    #[diesel(sql_type = BigInt)]
    pub partners: i64,
}

/// Finds a program that is not deleted.
pub fn find(conn: &mut PgConnection, id: ProgramId) -> QueryResult<Option<Record>> {
    sql_query("SELECT id, name, version FROM programs WHERE id = $1 AND deleted_at IS NULL")
        .bind::<BigInt, _>(id)
        .get_result(conn)
        .optional()
}

/// Locks a program against other saves and, unlike they, against enrolments too.
pub fn lock(conn: &mut PgConnection, id: ProgramId) -> QueryResult<()> {
    sql_query("SELECT FROM programs WHERE id = $1 FOR UPDATE").bind::<BigInt, _>(id).execute(conn)?;
    Ok(())
}

/// Makes a program; none where another one has the name.
pub fn insert(conn: &mut PgConnection, name: &str) -> QueryResult<Option<ProgramId>> {
    #[derive(QueryableByName)]
    struct Made {
        #[diesel(sql_type = BigInt)]
        id: ProgramId,
    }
    let made: Option<Made> = sql_query(
        "INSERT INTO programs (name) VALUES ($1)
         ON CONFLICT (lower(name)) WHERE deleted_at IS NULL DO NOTHING RETURNING id",
    )
    .bind::<Text, _>(name)
    .get_result(conn)
    .optional()?;
    Ok(made.map(|made| made.id))
}

/// Renames a program; false where another one has the name.
pub fn rename(conn: &mut PgConnection, id: ProgramId, name: &str) -> QueryResult<bool> {
    let renamed = sql_query(
        "UPDATE programs SET name = $2 WHERE id = $1
         AND NOT EXISTS (SELECT FROM programs other WHERE lower(other.name) = lower($2)
                         AND other.id <> $1 AND other.deleted_at IS NULL)",
    )
    .bind::<BigInt, _>(id)
    .bind::<Text, _>(name)
    .execute(conn)?;
    Ok(renamed == 1)
}

/// How many of these products there are. They stay until the transaction ends.
pub fn hold_products(conn: &mut PgConnection, products: &[ProductId]) -> QueryResult<usize> {
    sql_query("SELECT FROM products WHERE id = ANY ($1) ORDER BY id FOR KEY SHARE")
        .bind::<Array<BigInt>, _>(products)
        .execute(conn)
}

/// Where a program is used.
pub fn usage(conn: &mut PgConnection, id: ProgramId) -> QueryResult<Usage> {
    sql_query(
        "SELECT (SELECT count(DISTINCT c.order_id) FROM program_versions v
                   JOIN commission_rows r ON r.program_version_id = v.id
                   JOIN order_credits c ON c.id = r.order_credit_id WHERE v.program_id = $1) AS orders,
                (SELECT count(*) FROM enrolments WHERE program_id = $1) AS partners",
    )
    .bind::<BigInt, _>(id)
    .get_result(conn)
}

/// The days of the first and the last order; none where there is none.
pub fn days_of_orders(conn: &mut PgConnection) -> QueryResult<Option<Period>> {
    #[derive(QueryableByName)]
    struct Days {
        #[diesel(sql_type = Nullable<Date>)]
        first: Option<NaiveDate>,
        #[diesel(sql_type = Nullable<Date>)]
        last: Option<NaiveDate>,
    }
    let days: Days =
        sql_query("SELECT min(ordered_on) AS first, max(ordered_on) AS last FROM orders").get_result(conn)?;
    Ok(days.first.zip(days.last).and_then(|(first, last)| Period::new(first, last)))
}

/// Marks a program as deleted.
pub fn delete(conn: &mut PgConnection, id: ProgramId) -> QueryResult<usize> {
    sql_query("UPDATE programs SET deleted_at = now(), version = version + 1 WHERE id = $1")
        .bind::<BigInt, _>(id)
        .execute(conn)
}
