//! One product's record: as it is, edited, deleted.

use crate::db::columns::Number;
use crate::domain::ids::ProductId;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Integer, Text};
use diesel::{Connection, QueryableByName};

/// What people keep of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub code: String,
    pub name: String,
    /// False: earns nothing, whatever the program (spec 4.2).
    pub commissionable: bool,
}

/// A product's record as it is.
#[derive(Debug, Clone)]
pub struct Record {
    pub id: ProductId,
    pub version: i32,
    pub facts: Facts,
}

/// Where a product is used: how often, and in which words.
pub struct Use {
    pub count: i64,
    pub one: &'static str,
    pub many: &'static str,
}

const USES: &[(&str, &str, &str)] = &[
    ("SELECT count(*) AS value FROM order_lines WHERE product_id = $1", "order line", "order lines"),
    (
        "SELECT count(DISTINCT v.program_id) AS value FROM program_rules r JOIN program_versions v ON v.id = r.program_version_id
          WHERE r.product_id = $1",
        "commission program has or had a rule for it",
        "commission programs have or had a rule for it",
    ),
];

/// The record, locked or not.
pub fn find(conn: &mut PgConnection, id: ProductId, locked: bool) -> QueryResult<Option<Record>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Integer)]
        version: i32,
        #[diesel(sql_type = Text)]
        code: String,
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Bool)]
        commissionable: bool,
    }
    let lock = if locked { "FOR UPDATE" } else { "" };
    let row: Option<Row> =
        sql_query(format!("SELECT version, code, name, commissionable FROM products WHERE id = $1 {lock}"))
            .bind::<BigInt, _>(id)
            .get_result(conn)
            .optional()?;
    Ok(row.map(|row| Record {
        id,
        version: row.version,
        facts: Facts { code: row.code, name: row.name, commissionable: row.commissionable },
    }))
}

/// Makes a product; none where another one has the code.
pub fn insert(conn: &mut PgConnection, facts: &Facts) -> QueryResult<Option<ProductId>> {
    let made: Option<Number> = sql_query(
        "INSERT INTO products (code, name, commissionable) VALUES ($1, $2, $3) ON CONFLICT (code) DO NOTHING RETURNING id AS value",
    )
    .bind::<Text, _>(&facts.code)
    .bind::<Text, _>(&facts.name)
    .bind::<Bool, _>(facts.commissionable)
    .get_result(conn)
    .optional()?;
    Ok(made.map(|made| ProductId(made.value)))
}

/// Saves a product; false where another one has the code.
pub fn update(conn: &mut PgConnection, id: ProductId, facts: &Facts) -> QueryResult<bool> {
    // A savepoint: what comes after a clash still has a transaction to stand in.
    let updated = conn.transaction(|conn| {
        sql_query(
            "UPDATE products SET code = $2, name = $3, commissionable = $4, version = version + 1 WHERE id = $1",
        )
        .bind::<BigInt, _>(id)
        .bind::<Text, _>(&facts.code)
        .bind::<Text, _>(&facts.name)
        .bind::<Bool, _>(facts.commissionable)
        .execute(conn)
    });
    match updated {
        Ok(_) => Ok(true),
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What the product with this code is called.
pub fn name_of(conn: &mut PgConnection, code: &str) -> QueryResult<String> {
    #[derive(QueryableByName)]
    struct Named {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let named: Option<Named> =
        sql_query("SELECT coalesce(nullif(name, ''), code) AS name FROM products WHERE code = $1")
            .bind::<Text, _>(code)
            .get_result(conn)
            .optional()?;
    Ok(named.map_or_else(|| code.to_string(), |named| named.name))
}

/// Where it is used.
pub fn uses(conn: &mut PgConnection, id: ProductId) -> QueryResult<Vec<Use>> {
    let mut uses = Vec::new();
    for (sql, one, many) in USES {
        let Number { value: count } = sql_query(*sql).bind::<BigInt, _>(id).get_result(conn)?;
        if count > 0 {
            uses.push(Use { count, one, many });
        }
    }
    Ok(uses)
}

/// Takes it out.
pub fn delete(conn: &mut PgConnection, id: ProductId) -> QueryResult<usize> {
    sql_query("DELETE FROM products WHERE id = $1").bind::<BigInt, _>(id).execute(conn)
}
