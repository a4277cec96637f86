//! The list of products.

use crate::db::columns::Number;
use crate::domain::ids::ProductId;
use crate::web::list::{Sort, Window};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Text};

/// By what products can be sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Name,
    Code,
}

/// One product.
#[derive(QueryableByName)]
pub struct ProductRow {
    #[diesel(sql_type = BigInt)]
    pub id: ProductId,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Bool)]
    pub commissionable: bool,
    /// On how many order lines it stands.
    #[diesel(sql_type = BigInt)]
    pub lines: i64,
    /// In how many programs it has a rule of its own now.
    #[diesel(sql_type = BigInt)]
    pub own_rules: i64,
}

const MATCHES: &str = "($1 = '' OR strpos(lower(p.name), lower($1 COLLATE by_name)) > 0 OR strpos(lower(p.code), lower($1)) > 0)";

/// How many products have these words in their name or code.
pub fn count(conn: &mut PgConnection, words: &str) -> QueryResult<i64> {
    let counted: Number = sql_query(format!("SELECT count(*) AS value FROM products p WHERE {MATCHES}"))
        .bind::<Text, _>(words)
        .get_result(conn)?;
    Ok(counted.value)
}

/// A page of them.
pub fn list(
    conn: &mut PgConnection,
    words: &str,
    sort: Sort<Column>,
    window: Window,
) -> QueryResult<Vec<ProductRow>> {
    let way = if sort.descending { "DESC" } else { "ASC" };
    let order = match sort.by {
        Column::Name => format!("nullif(p.name, '') {way} NULLS LAST, p.id {way}"),
        Column::Code => format!("p.code COLLATE by_name {way}, p.id {way}"),
    };
    // The page is chosen first, so that lines are counted for its rows only.
    sql_query(format!(
        "WITH chosen AS (SELECT p.id FROM products p WHERE {MATCHES} ORDER BY {order} LIMIT $2 OFFSET $3)
         SELECT p.id, p.code, p.name, p.commissionable,
                (SELECT count(*) FROM order_lines WHERE product_id = p.id) AS lines,
                (SELECT count(*) FROM program_rules r JOIN program_versions v ON v.id = r.program_version_id
                  WHERE r.product_id = p.id
                    AND NOT EXISTS (SELECT FROM program_versions n WHERE n.program_id = v.program_id AND n.number > v.number)) AS own_rules
           FROM products p WHERE p.id IN (SELECT id FROM chosen) ORDER BY {order}"
    ))
    .bind::<Text, _>(words)
    .bind::<BigInt, _>(window.limit())
    .bind::<BigInt, _>(window.offset())
    .load(conn)
}
