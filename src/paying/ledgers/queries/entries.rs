//! The entries of one account for a range, in the order of their dates and then of recording.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Date, Integer, Text, Timestamptz};

use crate::db::columns::Number;
use crate::domain::ids::{AccountId, EntryId};
use crate::domain::ledger::EntryKind;
use crate::domain::money::Money;
use crate::domain::period::Period;
use crate::web::list::Window;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Entry {
    #[diesel(sql_type = BigInt)]
    pub id: EntryId,
    #[diesel(sql_type = Integer)]
    pub number: i32,
    #[diesel(sql_type = Text)]
    pub kind: EntryKind,
    #[diesel(sql_type = Bool)]
    pub on_account: bool,
    #[diesel(sql_type = BigInt)]
    pub amount: Money,
    #[diesel(sql_type = Date)]
    pub dated_on: NaiveDate,
    #[diesel(sql_type = Timestamptz)]
    pub recorded_at: DateTime<Utc>,
}

/// How many entries a range has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, QueryableByName)]
pub struct EntryCount {
    #[diesel(sql_type = BigInt)]
    pub all: i64,
    /// Payments, voided ones too.
    #[diesel(sql_type = BigInt)]
    pub payments: i64,
    #[diesel(sql_type = BigInt)]
    pub voids: i64,
}

const COLUMNS: &str =
    "id, number, kind::text AS kind, on_account, amount_minor AS amount, dated_on, recorded_at";

/// How many entries the range has.
pub fn count(conn: &mut PgConnection, account: AccountId, period: Period) -> QueryResult<EntryCount> {
    sql_query(
        "SELECT count(*) AS \"all\", count(*) FILTER (WHERE kind = 'payment') AS payments,
                count(*) FILTER (WHERE kind = 'void') AS voids
           FROM entries WHERE account_id = $1 AND dated_on BETWEEN $2 AND $3",
    )
    .bind::<BigInt, _>(account)
    .bind::<Date, _>(period.from())
    .bind::<Date, _>(period.to())
    .get_result(conn)
}

/// One page of them, and the sum of those on the pages before.
pub fn page(
    conn: &mut PgConnection,
    account: AccountId,
    period: Period,
    window: Window,
) -> QueryResult<(Money, Vec<Entry>)> {
    let before: Number = sql_query(
        "SELECT coalesce(sum(amount_minor), 0)::bigint AS value
           FROM (SELECT amount_minor FROM entries WHERE account_id = $1 AND dated_on BETWEEN $2 AND $3
                  ORDER BY dated_on, number LIMIT $4) AS earlier",
    )
    .bind::<BigInt, _>(account)
    .bind::<Date, _>(period.from())
    .bind::<Date, _>(period.to())
    .bind::<BigInt, _>(window.offset())
    .get_result(conn)?;
    let entries = sql_query(format!(
        "SELECT {COLUMNS} FROM entries WHERE account_id = $1 AND dated_on BETWEEN $2 AND $3
          ORDER BY dated_on, number LIMIT $4 OFFSET $5"
    ))
    .bind::<BigInt, _>(account)
    .bind::<Date, _>(period.from())
    .bind::<Date, _>(period.to())
    .bind::<BigInt, _>(window.limit())
    .bind::<BigInt, _>(window.offset())
    .load(conn)?;
    Ok((Money::from_minor(before.value), entries))
}

/// The next entries of the range after this one, for reading them all piece by piece.
pub fn following(
    conn: &mut PgConnection,
    account: AccountId,
    period: Period,
    after: Option<&Entry>,
    limit: i64,
) -> QueryResult<Vec<Entry>> {
    // Numbers are counted from 1.
    let (day, number) = after.map_or((period.from(), 0), |entry| (entry.dated_on, entry.number));
    sql_query(format!(
        "SELECT {COLUMNS} FROM entries
          WHERE account_id = $1 AND (dated_on, number) > ($2, $3) AND dated_on <= $4
          ORDER BY dated_on, number LIMIT $5"
    ))
    .bind::<BigInt, _>(account)
    .bind::<Date, _>(day)
    .bind::<Integer, _>(number)
    .bind::<Date, _>(period.to())
    .bind::<BigInt, _>(limit)
    .load(conn)
}
