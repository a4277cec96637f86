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
    /// What the key is, and what comes before every key.
    kind: (&'static str, &'static str),
    /// Columns that may be erased without touching the book.
    but: &'static [&'static str],
}

const NUMBERS: (&str, &str) = ("bigint", "-9223372036854775808");
const WORDS: (&str, &str) = ("text", "");

const fn table(table: &'static str, key: &'static [&'static str]) -> Content {
    Content { table, key, kind: NUMBERS, but: &[] }
}

/// All that is recorded; what follows from it is proven to, and left out.
const CONTENT: &[Content] = &[
    table("program_versions", &["id"]),
    table("program_rules", &["id"]),
    table("program_rates", &["rule_id", "level"]),
    // Who bought and from where belongs to people, who can be merged and forgotten.
    Content { but: &["contact_id", "visitor_id", "address"], ..table("orders", &["id"]) },
    table("order_lines", &["id"]),
    table("order_events", &["id"]),
    table("returned_lines", &["order_event_id", "order_line_id"]),
    table("order_credits", &["id"]),
    table("commission_rows", &["id"]),
    table("commission_row_lines", &["commission_row_id", "order_line_id"]),
    // Words stand in another order where the server has another collation.
    Content { kind: WORDS, ..table("imported_returns", &["number COLLATE \"C\""]) },
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
    #[diesel(sql_type = Array<Text>)]
    last: Vec<String>,
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
        let mut after = vec![content.kind.1.to_string(); content.key.len()];
        while done < of {
            progress(Progress { at: "the digest", done, of });
            let part: Part = sql_query(&sql).bind::<Array<Text>, _>(&after).get_result(conn)?;
            hash.update(&part.hash);
            done += part.rows.unsigned_abs();
            after = part.last;
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
        let list = |each: &dyn Fn(usize, &str) -> String| {
            let parts: Vec<String> =
                self.key.iter().zip(1..).map(|(column, number)| each(number, column)).collect();
            parts.join(", ")
        };
        let after = list(&|number, _| format!("($1::text[])[{number}]::{}", self.kind.0));
        let last =
            list(&|_, column| format!("(array_agg(({column})::text ORDER BY {key}))[count(*)::integer]"));
        Ok(format!(
            "SELECT count(*) AS rows, sha256(convert_to(coalesce(string_agg(ROW({})::text, E'\\n' ORDER BY {key}), ''), 'UTF8')) AS hash,
                    ARRAY[{last}] AS last
               FROM (SELECT * FROM {} WHERE ({key}) > ({after}) ORDER BY {key} LIMIT {PART}) AS part",
            columns.columns, self.table
        ))
    }
}
