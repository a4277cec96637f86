//! All the SQL of printed ledgers: the run, its accounts, their entries as the run showed them, and
//! what was paid.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz};

use super::Printed;
use crate::db::columns::Number;
use crate::domain::ids::{AccountId, EntryId, PartnerId, RunId};
use crate::domain::ledger::EntryKind;
use crate::domain::money::Money;
use crate::domain::payment::PayType;
use crate::domain::period::Period;

/// The run of this number.
pub fn printed(conn: &mut PgConnection, run: RunId) -> QueryResult<Option<Printed>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Date)]
        from_on: NaiveDate,
        #[diesel(sql_type = Date)]
        to_on: NaiveDate,
        #[diesel(sql_type = Timestamptz)]
        made_at: DateTime<Utc>,
    }
    let row: Option<Row> = sql_query("SELECT from_on, to_on, made_at FROM runs WHERE id = $1")
        .bind::<BigInt, _>(run)
        .get_result(conn)
        .optional()?;
    let printed = |row: Row| {
        let period = Period::new(row.from_on, row.to_on)?;
        Some(Printed { run, period, made_at: row.made_at })
    };
    Ok(row.and_then(printed))
}

/// An account of a run, and how much there is to print of it.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Share {
    #[diesel(sql_type = BigInt)]
    pub account: AccountId,
    #[diesel(sql_type = BigInt)]
    pub entries: i64,
}

/// The accounts of a run in the order of their partners' codes, as its files have them.
pub fn shares(conn: &mut PgConnection, printed: &Printed) -> QueryResult<Vec<Share>> {
    sql_query(
        "SELECT r.account_id AS account, coalesce(d.entries, 0) AS entries
           FROM run_accounts r JOIN accounts a ON a.id = r.account_id JOIN partners p ON p.id = a.partner_id
           LEFT JOIN (SELECT account_id, count(*) AS entries FROM entries WHERE dated_on BETWEEN $2 AND $3 GROUP BY account_id) d
                ON d.account_id = r.account_id
          WHERE r.run_id = $1 ORDER BY lower(p.code) COLLATE \"C\"",
    )
    .bind::<BigInt, _>(printed.run)
    .bind::<Date, _>(printed.period.from())
    .bind::<Date, _>(printed.period.to())
    .load(conn)
}

/// Whom a ledger is for.
#[derive(Debug, Clone, QueryableByName)]
pub struct Addressee {
    #[diesel(sql_type = BigInt)]
    pub account: AccountId,
    #[diesel(sql_type = BigInt)]
    pub partner: PartnerId,
    #[diesel(sql_type = Text)]
    pub currency: String,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Text)]
    pub address_line1: String,
    #[diesel(sql_type = Text)]
    pub address_line2: String,
    #[diesel(sql_type = Text)]
    pub city: String,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Text)]
    pub postal_code: String,
    #[diesel(sql_type = Text)]
    pub country: String,
}

/// Names and addresses as they are now, by code.
pub fn addressees(conn: &mut PgConnection, accounts: &[AccountId]) -> QueryResult<Vec<Addressee>> {
    sql_query(
        "SELECT a.id AS account, p.id AS partner, a.currency, p.code, c.name, coalesce(c.email, '') AS email,
                c.address_line1, c.address_line2, c.city, c.state, c.postal_code, c.country
           FROM accounts a JOIN partners p ON p.id = a.partner_id JOIN contacts c ON c.id = p.contact_id
          WHERE a.id = ANY ($1) ORDER BY lower(p.code) COLLATE \"C\"",
    )
    .bind::<Array<BigInt>, _>(accounts)
    .load(conn)
}

/// One entry of an account.
#[derive(Debug, Clone, QueryableByName)]
pub struct AccountEntry {
    #[diesel(sql_type = BigInt)]
    pub account: AccountId,
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

/// The entries of these accounts that the run showed, each account's in the order of its ledger.
pub fn entries(
    conn: &mut PgConnection,
    printed: &Printed,
    accounts: &[AccountId],
) -> QueryResult<Vec<AccountEntry>> {
    sql_query(
        "SELECT e.account_id AS account, e.id, e.number, e.kind::text AS kind, e.on_account, e.amount_minor AS amount, e.dated_on, e.recorded_at
           FROM entries e JOIN run_accounts r ON r.run_id = $1 AND r.account_id = e.account_id
          WHERE e.account_id = ANY ($2) AND e.dated_on BETWEEN $3 AND $4 AND e.number <= r.last_number
          ORDER BY e.account_id, e.dated_on, e.number",
    )
    .bind::<BigInt, _>(printed.run)
    .bind::<Array<BigInt>, _>(accounts)
    .bind::<Date, _>(printed.period.from())
    .bind::<Date, _>(printed.period.to())
    .load(conn)
}

/// A payment of an account.
#[derive(Debug, Clone, QueryableByName)]
pub struct AccountPayment {
    #[diesel(sql_type = BigInt)]
    pub account: AccountId,
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = BigInt)]
    pub amount: Money,
    #[diesel(sql_type = Text)]
    pub pay_type: PayType,
    #[diesel(sql_type = Date)]
    pub paid_on: NaiveDate,
    #[diesel(sql_type = Nullable<Text>)]
    pub batch_id: Option<String>,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Text)]
    pub note: String,
}

/// The payments of these accounts that stood when the run was made: those dated in its range, and later
/// ones that paid entries up to its last day.
pub fn payments(
    conn: &mut PgConnection,
    printed: &Printed,
    accounts: &[AccountId],
) -> QueryResult<Vec<AccountPayment>> {
    sql_query(
        "SELECT p.account_id AS account, p.id, p.amount_minor AS amount, p.pay_type, p.paid_on, b.batch_id, p.reference, p.note
           FROM payments p JOIN run_accounts r ON r.run_id = $1 AND r.account_id = p.account_id
           LEFT JOIN payment_batches b ON b.id = p.payment_batch_id
          WHERE p.account_id = ANY ($2) AND p.amount_minor > 0 AND p.id <= r.last_payment_id AND p.paid_on >= $3
            AND (p.paid_on <= $4 OR EXISTS (
                    SELECT FROM settlements s JOIN entries e ON e.id = s.entry_id WHERE s.payment_id = p.id AND e.dated_on <= $4))
            AND NOT EXISTS (SELECT FROM voids v WHERE v.payment_id = p.id AND v.id <= r.last_void_id)
          ORDER BY p.account_id, p.paid_on, p.id",
    )
    .bind::<BigInt, _>(printed.run)
    .bind::<Array<BigInt>, _>(accounts)
    .bind::<Date, _>(printed.period.from())
    .bind::<Date, _>(printed.period.to())
    .load(conn)
}

/// Whether an account is part of a run.
pub fn is_in_run(conn: &mut PgConnection, run: RunId, account: AccountId) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        found: bool,
    }
    let row: Row =
        sql_query("SELECT EXISTS (SELECT FROM run_accounts WHERE run_id = $1 AND account_id = $2) AS found")
            .bind::<BigInt, _>(run)
            .bind::<BigInt, _>(account)
            .get_result(conn)?;
    Ok(row.found)
}

/// Whether what a run showed has more entries than so many.
pub fn has_more_entries(conn: &mut PgConnection, run: RunId, most: i64) -> QueryResult<bool> {
    let counted: Number = sql_query(
        "SELECT count(*) AS value FROM (
             SELECT FROM runs u JOIN run_accounts r ON r.run_id = u.id JOIN entries e ON e.account_id = r.account_id
              WHERE u.id = $1 AND e.number <= r.last_number AND e.dated_on BETWEEN u.from_on AND u.to_on LIMIT $2) AS found",
    )
    .bind::<BigInt, _>(run)
    .bind::<BigInt, _>(most + 1)
    .get_result(conn)?;
    Ok(counted.value > most)
}
