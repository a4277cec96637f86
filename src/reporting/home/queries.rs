//! What the start page counts.

use crate::db::columns::Number;
use crate::domain::ids::{PartnerId, PaymentBatchId};
use crate::domain::money::Money;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Date, Integer, Nullable, SmallInt, Text};

/// How far a new system has come.
#[derive(Debug, QueryableByName)]
pub struct Progress {
    #[diesel(sql_type = Text)]
    pub company: String,
    #[diesel(sql_type = Text)]
    pub currency: String,
    #[diesel(sql_type = Text)]
    pub time_zone: String,
    /// Whether Referral Partner Defaults were ever saved.
    #[diesel(sql_type = Bool)]
    pub defaults_saved: bool,
    #[diesel(sql_type = SmallInt)]
    pub levels: i16,
    #[diesel(sql_type = Bool)]
    pub latest: bool,
    #[diesel(sql_type = Bool)]
    pub pays_percent: bool,
    #[diesel(sql_type = BigInt)]
    pub programs: i64,
    #[diesel(sql_type = BigInt)]
    pub partners: i64,
    #[diesel(sql_type = Bool)]
    pub has_orders: bool,
    /// Entries may also come from another system, without an order.
    #[diesel(sql_type = Bool)]
    pub has_entries: bool,
}

impl Progress {
    /// Nothing was sold and nothing is owed yet.
    pub fn is_fresh(&self) -> bool {
        !self.has_orders && !self.has_entries
    }
}

/// How far the system has come.
pub fn progress(conn: &mut PgConnection) -> QueryResult<Progress> {
    sql_query(
        "SELECT company.name AS company, company.currency, company.time_zone, defaults.version > 1 AS defaults_saved,
                defaults.levels, defaults.choose_partner = 'latest' AS latest, defaults.payout_percent AS pays_percent,
                (SELECT count(*) FROM programs WHERE deleted_at IS NULL) AS programs, (SELECT count(*) FROM partners) AS partners,
                EXISTS (SELECT FROM orders) AS has_orders, EXISTS (SELECT FROM entries) AS has_entries
           FROM company, defaults",
    )
    .get_result(conn)
}

/// Balances of the same sign, added up.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Owed {
    #[diesel(sql_type = BigInt)]
    pub partners: i64,
    #[diesel(sql_type = BigInt)]
    pub owed_minor: Money,
    /// Partners who owe us: more was taken back than they had.
    #[diesel(sql_type = BigInt)]
    pub behind: i64,
    #[diesel(sql_type = BigInt)]
    pub behind_minor: Money,
}

/// What partners are owed today.
pub fn owed(conn: &mut PgConnection) -> QueryResult<Owed> {
    sql_query(
        "SELECT count(*) FILTER (WHERE balance_minor > 0) AS partners,
                coalesce(sum(balance_minor) FILTER (WHERE balance_minor > 0), 0)::bigint AS owed_minor,
                count(*) FILTER (WHERE balance_minor < 0) AS behind,
                coalesce(sum(balance_minor) FILTER (WHERE balance_minor < 0), 0)::bigint AS behind_minor
           FROM account_totals",
    )
    .get_result(conn)
}

/// What the method *Ending balance* would pay.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Due {
    #[diesel(sql_type = BigInt)]
    pub partners: i64,
    #[diesel(sql_type = BigInt)]
    pub sum_minor: Money,
    /// Partners of whom nothing is open up to then, or less than nothing.
    #[diesel(sql_type = BigInt)]
    pub skipped: i64,
}

/// What is to be paid up to this day: by the method *Ending balance* of `domain::payment`. A balance
/// is the sum of what is open; so only what came after the day is looked at, and not all of history.
pub fn due_up_to(conn: &mut PgConnection, last: NaiveDate) -> QueryResult<Due> {
    sql_query(
        "SELECT count(*) FILTER (WHERE due > 0) AS partners, coalesce(sum(due) FILTER (WHERE due > 0), 0)::bigint AS sum_minor,
                count(*) FILTER (WHERE due <= 0 AND last_number > 0) AS skipped
           FROM (SELECT t.last_number, t.balance_minor - coalesce((
                            SELECT sum(o.amount_minor) FROM entries n JOIN open_entries o ON o.entry_id = n.id
                             WHERE n.account_id = t.account_id AND n.dated_on > $1
                               AND n.kind IN ('commission', 'clawback', 'adjustment')), 0) AS due
                   FROM account_totals t) AS accounts",
    )
    .bind::<Date, _>(last)
    .get_result(conn)
}

#[derive(QueryableByName)]
pub struct OwedRow {
    #[diesel(sql_type = BigInt)]
    pub id: PartnerId,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = BigInt)]
    pub balance_minor: Money,
}

/// The partners who are owed most.
pub fn most_owed(conn: &mut PgConnection, limit: i64) -> QueryResult<Vec<OwedRow>> {
    sql_query(
        "SELECT p.id, p.code, c.name, t.balance_minor
           FROM account_totals t JOIN accounts a ON a.id = t.account_id
           JOIN partners p ON p.id = a.partner_id JOIN contacts c ON c.id = p.contact_id
          WHERE t.balance_minor > 0 ORDER BY t.balance_minor DESC, coalesce(nullif(c.name, ''), p.code), p.id LIMIT $1",
    )
    .bind::<BigInt, _>(limit)
    .load(conn)
}

/// The latest month, up to today's, in which anything was booked.
pub fn latest_month(conn: &mut PgConnection, today: NaiveDate) -> QueryResult<Option<NaiveDate>> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Nullable<Date>)]
        month: Option<NaiveDate>,
    }
    let found: Found = sql_query("SELECT max(month) AS month FROM ledger_months WHERE month <= $1")
        .bind::<Date, _>(today)
        .get_result(conn)?;
    Ok(found.month)
}

#[derive(QueryableByName)]
pub struct LedgerMonth {
    #[diesel(sql_type = Date)]
    pub month: NaiveDate,
    #[diesel(sql_type = BigInt)]
    pub net_minor: Money,
    #[diesel(sql_type = BigInt)]
    pub paid_minor: Money,
}

/// All partners' commissions and payments by month.
pub fn ledger_months(
    conn: &mut PgConnection,
    first: NaiveDate,
    last: NaiveDate,
) -> QueryResult<Vec<LedgerMonth>> {
    sql_query(
        "SELECT month, sum(earned_minor + clawbacks_minor + adjustments_minor)::bigint AS net_minor,
                (-sum(payments_minor))::bigint AS paid_minor
           FROM ledger_months WHERE month BETWEEN $1 AND $2 GROUP BY month ORDER BY month",
    )
    .bind::<Date, _>(first)
    .bind::<Date, _>(last)
    .load(conn)
}

#[derive(QueryableByName)]
pub struct OrderMonth {
    #[diesel(sql_type = Date)]
    pub month: NaiveDate,
    #[diesel(sql_type = BigInt)]
    pub orders: i64,
}

/// Orders by month, whoever is credited.
pub fn order_months(
    conn: &mut PgConnection,
    first: NaiveDate,
    last: NaiveDate,
) -> QueryResult<Vec<OrderMonth>> {
    sql_query(
        "SELECT date_trunc('month', ordered_on)::date AS month, count(*) AS orders
           FROM orders WHERE ordered_on BETWEEN $1 AND $2 GROUP BY 1 ORDER BY 1",
    )
    .bind::<Date, _>(first)
    .bind::<Date, _>(last)
    .load(conn)
}

#[derive(QueryableByName)]
pub struct BatchRow {
    #[diesel(sql_type = BigInt)]
    pub id: PaymentBatchId,
    #[diesel(sql_type = Text)]
    pub batch_id: String,
    #[diesel(sql_type = Integer)]
    pub partners: i32,
    #[diesel(sql_type = BigInt)]
    pub paid_minor: Money,
    /// All of its payments were voided.
    #[diesel(sql_type = Bool)]
    pub voided: bool,
}

/// The latest batches, with what of them stands.
pub fn latest_batches(conn: &mut PgConnection, limit: i64) -> QueryResult<Vec<BatchRow>> {
    sql_query(
        "SELECT b.id, b.batch_id, count(y.id) FILTER (WHERE y.amount_minor > 0 AND v.id IS NULL)::integer AS partners,
                coalesce(sum(y.amount_minor) FILTER (WHERE v.id IS NULL), 0)::bigint AS paid_minor,
                count(y.id) > 0 AND count(y.id) = count(v.id) AS voided
           FROM (SELECT id, batch_id FROM payment_batches ORDER BY id DESC LIMIT $1) b
           LEFT JOIN payments y ON y.payment_batch_id = b.id
           LEFT JOIN voids v ON v.payment_id = y.id
          GROUP BY b.id, b.batch_id ORDER BY b.id DESC",
    )
    .bind::<BigInt, _>(limit)
    .load(conn)
}

/// How many active partners are in no program, and so earn nothing by what they sell.
pub fn partners_without_program(conn: &mut PgConnection) -> QueryResult<i64> {
    let counted: Number = sql_query(
        "SELECT count(*) AS value FROM partners p
          WHERE p.status = 'active' AND NOT EXISTS (SELECT FROM enrolments WHERE partner_id = p.id)",
    )
    .get_result(conn)?;
    Ok(counted.value)
}
