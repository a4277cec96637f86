//! The SQL of products.

pub mod pages;
pub mod record;

use super::Product;
use crate::db::columns::ROWS_AT_ONCE;
use crate::domain::ids::ProductId;
use diesel::result::Error;
use diesel::sql_types::{Array, BigInt, Bool, Text};
use diesel::{PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: ProductId,
    #[diesel(sql_type = Bool)]
    commissionable: bool,
}

/// The products of these codes, each listed once, with a name or none; makes what is missing.
pub fn find_or_make(conn: &mut PgConnection, named: &[(&str, &str)]) -> QueryResult<Vec<Product>> {
    let mut products = Vec::with_capacity(named.len());
    for named in named.chunks(ROWS_AT_ONCE) {
        let codes: Vec<&str> = named.iter().map(|(code, _)| *code).collect();
        let names: Vec<&str> = named.iter().map(|(_, name)| *name).collect();
        sql_query(
            "INSERT INTO products (code, name)
             SELECT code, name FROM unnest($1, $2) WITH ORDINALITY AS given (code, name, place)
             WHERE code NOT IN (SELECT code FROM products) ORDER BY place
             ON CONFLICT (code) DO NOTHING",
        )
        .bind::<Array<Text>, _>(&codes)
        .bind::<Array<Text>, _>(&names)
        .execute(conn)?;
        sql_query(
            "WITH nameless AS (
                 SELECT products.id, given.name
                 FROM unnest($1, $2) AS given (code, name) JOIN products USING (code)
                 WHERE products.name = '' AND given.name <> ''
                 ORDER BY code COLLATE \"C\" FOR NO KEY UPDATE OF products)
             UPDATE products SET name = nameless.name, version = version + 1
             FROM nameless WHERE products.id = nameless.id",
        )
        .bind::<Array<Text>, _>(&codes)
        .bind::<Array<Text>, _>(&names)
        .execute(conn)?;
        // A later statement: it sees what another transaction made just now.
        let found: Vec<Row> = sql_query(
            "SELECT id, commissionable
             FROM unnest($1) WITH ORDINALITY AS given (code, place) JOIN products USING (code) ORDER BY place",
        )
        .bind::<Array<Text>, _>(&codes)
        .load(conn)?;
        if found.len() != named.len() {
            return Err(Error::NotFound);
        }
        products
            .extend(found.into_iter().map(|row| Product { id: row.id, commissionable: row.commissionable }));
    }
    Ok(products)
}
