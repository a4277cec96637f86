//! One number for the whole content of the book: equal for equal content, whatever the order of the
//! rows on disk. Rows are taken by their keys, as text that depends on no setting, in parts that fit
//! into memory.

use super::Progress;
use super::question::count;
use crate::error::AppError;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bytea, Text};
use sha2::{Digest, Sha256};

/// How many rows the server makes one text of.
const PART: usize = 20_000;

/// A table of the book, and its key.
struct Content {
    table: &'static str,
    key: &'static [&'static str],
    /// Columns that may be erased without touching the book.
    but: &'static [&'static str],
}

const fn table(table: &'static str, key: &'static [&'static str]) -> Content {
    Content { table, key, but: &[] }
}

/// All that is recorded; what follows from it is proven to, and left out.
const CONTENT: &[Content] = &[
    table("program_versions", &["id"]),
    table("program_rules", &["id"]),
    table("program_rates", &["rule_id", "level"]),
    // Who bought and from where belongs to people, who can be merged and forgotten.
    Content { table: "orders", key: &["id"], but: &["contact_id", "visitor_id", "address"] },
    table("order_lines", &["id"]),
    table("order_events", &["id"]),
    table("returned_lines", &["order_event_id", "order_line_id"]),
    table("order_credits", &["id"]),
    table("commission_rows", &["id"]),
    table("commission_row_lines", &["commission_row_id", "order_line_id"]),
    table("accounts", &["id"]),
    table("entries", &["id"]),
    table("entry_details", &["entry_id"]),
    table("runs", &["id"]),
    table("run_accounts", &["run_id", "account_id"]),
    table("payment_batches", &["id"]),
    table("payments", &["id"]),
    table("payment_skips", &["payment_batch_id", "account_id"]),
    table("voids", &["id"]),
    table("settlements", &["id"]),
    table("releases", &["settlement_id"]),
];

#[derive(QueryableByName)]
struct Part {
    #[diesel(sql_type = BigInt)]
    rows: i64,
    #[diesel(sql_type = Bytea)]
    hash: Vec<u8>,
    /// Key of its last row.
    #[diesel(sql_type = Array<BigInt>)]
    last: Vec<i64>,
}

#[derive(QueryableByName)]
struct Columns {
    #[diesel(sql_type = Text)]
    columns: String,
}

/// SHA-256 over the content of the book, in hex.
pub fn digest(conn: &mut PgConnection, progress: &dyn Fn(Progress)) -> Result<String, AppError> {
    let mut hash = Sha256::new();
    for content in CONTENT {
        let of = count(conn, content.table)?;
        let mut done = 0;
        hash.update(content.table);
        hash.update([0]);
        hash.update(of.to_be_bytes());
        let sql = content.part(conn)?;
        let mut after = vec![i64::MIN; 2];
        while done < of {
            progress(Progress { at: "the digest", done, of });
            let part: Part =
                sql_query(&sql).bind::<BigInt, _>(after[0]).bind::<BigInt, _>(after[1]).get_result(conn)?;
            hash.update(&part.hash);
            done += part.rows.unsigned_abs();
            after = part.last;
            // A key of one column has nothing for the second parameter.
            after.resize(2, i64::MIN);
        }
    }
    Ok(hex::encode(hash.finalize()))
}

impl Content {
    /// The query for the part of the table that begins after a key.
    fn part(&self, conn: &mut PgConnection) -> Result<String, AppError> {
        let columns: Columns = sql_query(
            "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS columns FROM pg_attribute
              WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attname <> ALL ($2)",
        )
        .bind::<Text, _>(self.table)
        .bind::<Array<Text>, _>(self.but)
        .get_result(conn)?;
        let key = self.key.join(", ");
        let after = if self.key.len() == 1 { "$1 AND $2::bigint IS NOT NULL" } else { "($1, $2)" };
        let last =
            self.key.iter().map(|column| format!("(array_agg({column} ORDER BY {key}))[count(*)::integer]"));
        let last = last.collect::<Vec<String>>().join(", ");
        Ok(format!(
            "SELECT count(*) AS rows, sha256(convert_to(coalesce(string_agg(ROW({})::text, E'\\n' ORDER BY {key}), ''), 'UTF8')) AS hash,
                    ARRAY[{last}]::bigint[] AS last
               FROM (SELECT * FROM {} WHERE ({key}) > {after} ORDER BY {key} LIMIT {PART}) AS part",
            columns.columns, self.table
        ))
    }
}
