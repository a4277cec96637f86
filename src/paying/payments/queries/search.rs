//! Payment Search: batches and payments by date, partner, batch, pay type and state.

use crate::db::columns::Number;
use crate::domain::ids::{PartnerId, PaymentBatchId, PaymentId};
use crate::domain::money::Money;
use crate::domain::payment::{PayType, PaymentMethod};
use crate::error::AppError;
use chrono::NaiveDate;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::BoxedSqlQuery;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text};

/// What is looked for; what is none or empty does not count.
#[derive(Debug, Clone, Default)]
pub struct Search {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    /// Part of a name, or a code.
    pub partner: String,
    /// Part of a Batch Id.
    pub batch: String,
    pub pay_type: Option<PayType>,
    /// Some(true): only those that stand; Some(false): only voided ones.
    pub standing: Option<bool>,
}

/// A page of results with the figures of all of them.
#[derive(Debug, Clone)]
pub struct Found<T> {
    pub rows: Vec<T>,
    pub total: i64,
    /// What stands of all results together.
    pub amount: Money,
}

/// A payment that was found.
#[derive(Debug, Clone, QueryableByName)]
pub struct FoundPayment {
    #[diesel(sql_type = BigInt)]
    pub id: PaymentId,
    #[diesel(sql_type = Date)]
    pub paid_on: NaiveDate,
    #[diesel(sql_type = BigInt)]
    pub partner_id: PartnerId,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub payment_batch_id: Option<PaymentBatchId>,
    #[diesel(sql_type = Text)]
    pub batch_id: String,
    #[diesel(sql_type = Text)]
    pub pay_type: PayType,
    #[diesel(sql_type = Bool)]
    pub on_account: bool,
    #[diesel(sql_type = Bool)]
    pub voided: bool,
    #[diesel(sql_type = Text)]
    pub note: String,
    #[diesel(sql_type = BigInt)]
    pub amount_minor: Money,
}

/// A batch that was found.
#[derive(Debug, Clone, QueryableByName)]
pub struct FoundBatch {
    #[diesel(sql_type = BigInt)]
    pub id: PaymentBatchId,
    #[diesel(sql_type = Text)]
    pub batch_id: String,
    #[diesel(sql_type = Date)]
    pub paid_on: NaiveDate,
    #[diesel(sql_type = Text)]
    pub method: PaymentMethod,
    #[diesel(sql_type = Date)]
    pub from_on: NaiveDate,
    #[diesel(sql_type = Date)]
    pub to_on: NaiveDate,
    #[diesel(sql_type = Text)]
    pub pay_type: PayType,
    #[diesel(sql_type = Text)]
    pub made_by_name: String,
    #[diesel(sql_type = BigInt)]
    pub payments: i64,
    /// Payments that were voided.
    #[diesel(sql_type = BigInt)]
    pub voided: i64,
    /// What was paid.
    #[diesel(sql_type = BigInt)]
    pub amount_minor: Money,
    /// What of it stands.
    #[diesel(sql_type = BigInt)]
    pub standing_minor: Money,
}

#[derive(QueryableByName)]
struct Sum {
    #[diesel(sql_type = BigInt)]
    rows: i64,
    #[diesel(sql_type = BigInt)]
    amount: Money,
}

const PAYMENTS: &str = "FROM payments p
  JOIN accounts a ON a.id = p.account_id JOIN partners pt ON pt.id = a.partner_id JOIN contacts c ON c.id = pt.contact_id
  LEFT JOIN payment_batches b ON b.id = p.payment_batch_id LEFT JOIN voids v ON v.payment_id = p.id
 WHERE ($1 IS NULL OR p.paid_on >= $1) AND ($2 IS NULL OR p.paid_on <= $2)
   AND ($3 = '' OR strpos(lower(c.name), lower($3)) > 0 OR lower(pt.code) = lower($3))
   AND ($4 = '' OR strpos(lower(b.batch_id), lower($4)) > 0)
   AND ($5 IS NULL OR p.pay_type = $5) AND ($6 IS NULL OR (v.id IS NULL) = $6)
   AND p.amount_minor > 0";

const BATCHES: &str = "FROM payment_batches b LEFT JOIN users u ON u.id = b.made_by
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE p.amount_minor > 0) AS payments, count(v.id) AS voided, count(*) AS parts,
              coalesce(sum(p.amount_minor), 0)::bigint AS amount_minor,
              coalesce(sum(p.amount_minor) FILTER (WHERE v.id IS NULL), 0)::bigint AS standing_minor
         FROM payments p LEFT JOIN voids v ON v.payment_id = p.id WHERE p.payment_batch_id = b.id) s
 WHERE ($1 IS NULL OR b.paid_on >= $1) AND ($2 IS NULL OR b.paid_on <= $2)
   AND ($3 = '' OR EXISTS (SELECT FROM payments p JOIN accounts a ON a.id = p.account_id JOIN partners pt ON pt.id = a.partner_id
                             JOIN contacts c ON c.id = pt.contact_id
                            WHERE p.payment_batch_id = b.id AND (strpos(lower(c.name), lower($3)) > 0 OR lower(pt.code) = lower($3))))
   AND ($4 = '' OR strpos(lower(b.batch_id), lower($4)) > 0)
   AND ($5 IS NULL OR b.pay_type = $5) AND ($6 IS NULL OR (s.parts = 0 OR s.voided < s.parts) = $6)";

/// Payments, the latest first.
pub fn payments(
    conn: &mut PgConnection,
    search: &Search,
    limit: i64,
    offset: i64,
) -> Result<Found<FoundPayment>, AppError> {
    let rows = bound(
        format!(
            "SELECT p.id, p.paid_on, pt.id AS partner_id, pt.code, coalesce(nullif(c.name, ''), c.email, pt.code) AS name,
                    p.payment_batch_id, coalesce(b.batch_id, '') AS batch_id, p.pay_type, p.on_account, v.id IS NOT NULL AS voided,
                    p.note, p.amount_minor {PAYMENTS} ORDER BY p.paid_on DESC, p.id DESC LIMIT $7 OFFSET $8"
        ),
        search,
    )
    .bind::<BigInt, _>(limit)
    .bind::<BigInt, _>(offset)
    .load(conn)?;
    let sum: Sum = bound(
        format!(
            "SELECT count(*) AS rows, coalesce(sum(p.amount_minor) FILTER (WHERE v.id IS NULL), 0)::bigint AS amount {PAYMENTS}"
        ),
        search,
    )
    .get_result(conn)?;
    Ok(Found { rows, total: sum.rows, amount: sum.amount })
}

/// Batches, the latest first.
pub fn batches(
    conn: &mut PgConnection,
    search: &Search,
    limit: i64,
    offset: i64,
) -> Result<Found<FoundBatch>, AppError> {
    let rows = bound(
        format!(
            "SELECT b.id, b.batch_id, b.paid_on, b.method, b.from_on, b.to_on, b.pay_type, coalesce(u.name, '') AS made_by_name,
                    s.payments, s.voided, s.amount_minor, s.standing_minor {BATCHES} ORDER BY b.paid_on DESC, b.id DESC LIMIT $7 OFFSET $8"
        ),
        search,
    )
    .bind::<BigInt, _>(limit)
    .bind::<BigInt, _>(offset)
    .load(conn)?;
    let total: Number = bound(format!("SELECT count(*) AS value {BATCHES}"), search).get_result(conn)?;
    let amount: Number =
        bound(format!("SELECT coalesce(sum(s.standing_minor), 0)::bigint AS value {BATCHES}"), search)
            .get_result(conn)?;
    Ok(Found { rows, total: total.value, amount: Money::from_minor(amount.value) })
}

fn bound<'a>(sql: String, search: &'a Search) -> BoxedSqlQuery<'a, Pg, diesel::query_builder::SqlQuery> {
    sql_query(sql)
        .into_boxed::<Pg>()
        .bind::<Nullable<Date>, _>(search.from)
        .bind::<Nullable<Date>, _>(search.to)
        .bind::<Text, _>(&search.partner)
        .bind::<Text, _>(&search.batch)
        .bind::<Nullable<Text>, _>(search.pay_type)
        .bind::<Nullable<Bool>, _>(search.standing)
}
