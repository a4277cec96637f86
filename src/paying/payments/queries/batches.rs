//! A batch, a payment, and what they settled.

use crate::domain::ids::{AccountId, EntryId, OrderId, PartnerId, PaymentBatchId, PaymentId, RunId};
use crate::domain::ledger::EntryKind;
use crate::domain::money::Money;
use crate::domain::payment::{Outcome, PayType, PaymentMethod};
use crate::error::AppError;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz};

/// A batch with its sums.
#[derive(Debug, Clone, QueryableByName)]
pub struct BatchLine {
    #[diesel(sql_type = BigInt)]
    pub id: PaymentBatchId,
    #[diesel(sql_type = Text)]
    pub batch_id: String,
    #[diesel(sql_type = Text)]
    pub method: PaymentMethod,
    #[diesel(sql_type = Date)]
    pub from_on: NaiveDate,
    #[diesel(sql_type = Date)]
    pub to_on: NaiveDate,
    #[diesel(sql_type = Text)]
    pub pay_type: PayType,
    #[diesel(sql_type = Date)]
    pub paid_on: NaiveDate,
    #[diesel(sql_type = Text)]
    pub note: String,
    #[diesel(sql_type = Text)]
    pub made_by_name: String,
    #[diesel(sql_type = Timestamptz)]
    pub recorded_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    pub as_of_run_id: RunId,
    /// `export`, `print` or `preview`.
    #[diesel(sql_type = Text)]
    pub as_of_kind: String,
    #[diesel(sql_type = Timestamptz)]
    pub as_of_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub as_of_by: String,
    /// Payments, settlements without payment left out.
    #[diesel(sql_type = BigInt)]
    pub paid: i64,
    #[diesel(sql_type = BigInt)]
    pub settled_without: i64,
    #[diesel(sql_type = BigInt)]
    pub total_minor: Money,
    /// What of it still stands.
    #[diesel(sql_type = BigInt)]
    pub standing: i64,
    #[diesel(sql_type = BigInt)]
    pub standing_minor: Money,
    #[diesel(sql_type = BigInt)]
    pub entries: i64,
    /// Those that payments which still stand settled.
    #[diesel(sql_type = BigInt)]
    pub standing_entries: i64,
    #[diesel(sql_type = BigInt)]
    pub skipped: i64,
}

/// A payment, of a batch or a single one.
#[derive(Debug, Clone, QueryableByName)]
pub struct PaymentLine {
    #[diesel(sql_type = BigInt)]
    pub id: PaymentId,
    #[diesel(sql_type = BigInt)]
    pub account_id: AccountId,
    #[diesel(sql_type = BigInt)]
    pub partner_id: PartnerId,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub payment_batch_id: Option<PaymentBatchId>,
    #[diesel(sql_type = Text)]
    pub batch_id: String,
    #[diesel(sql_type = BigInt)]
    pub amount_minor: Money,
    #[diesel(sql_type = Bool)]
    pub on_account: bool,
    #[diesel(sql_type = Text)]
    pub pay_type: PayType,
    #[diesel(sql_type = Date)]
    pub paid_on: NaiveDate,
    #[diesel(sql_type = Text)]
    pub note: String,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Text)]
    pub made_by_name: String,
    #[diesel(sql_type = Timestamptz)]
    pub recorded_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    pub entries: i64,
    #[diesel(sql_type = Nullable<Date>)]
    pub voided_on: Option<NaiveDate>,
    #[diesel(sql_type = Text)]
    pub void_reason: String,
    #[diesel(sql_type = Text)]
    pub voided_by: String,
    /// The partner's balance now.
    #[diesel(sql_type = BigInt)]
    pub balance_minor: Money,
}

/// A partner that a batch skipped.
#[derive(Debug, Clone, QueryableByName)]
pub struct SkipLine {
    #[diesel(sql_type = BigInt)]
    pub partner_id: PartnerId,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Bool)]
    pub active: bool,
    #[diesel(sql_type = Text)]
    pub reason: Outcome,
    #[diesel(sql_type = BigInt)]
    pub to_pay_minor: Money,
}

/// An entry that a payment settled.
#[derive(Debug, Clone, QueryableByName)]
pub struct SettledEntry {
    #[diesel(sql_type = BigInt)]
    pub payment_id: PaymentId,
    #[diesel(sql_type = BigInt)]
    pub entry_id: EntryId,
    #[diesel(sql_type = Integer)]
    pub number: i32,
    #[diesel(sql_type = Text)]
    pub kind: EntryKind,
    #[diesel(sql_type = Date)]
    pub dated_on: NaiveDate,
    #[diesel(sql_type = BigInt)]
    pub amount_minor: Money,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub order_id: Option<OrderId>,
    #[diesel(sql_type = Text)]
    pub order_number: String,
    /// The product, the reason of an adjustment, or the note of a payment on account.
    #[diesel(sql_type = Text)]
    pub item: String,
}

/// What was recorded after the run and before the batch, and stayed open.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Later {
    #[diesel(sql_type = BigInt)]
    pub entries: i64,
    #[diesel(sql_type = BigInt)]
    pub total_minor: Money,
}

/// A batch.
pub fn batch(conn: &mut PgConnection, id: PaymentBatchId) -> Result<(BatchLine, Later), AppError> {
    let batch: Option<BatchLine> = sql_query(
        "SELECT b.id, b.batch_id, b.method, b.from_on, b.to_on, b.pay_type, b.paid_on, b.note, coalesce(u.name, '') AS made_by_name,
                b.recorded_at, b.as_of_run_id, r.kind AS as_of_kind, r.made_at AS as_of_at, coalesce(ru.name, '') AS as_of_by,
                s.paid, s.settled_without, s.total_minor, s.standing, s.standing_minor,
                (SELECT count(*) FROM settlements x JOIN payments y ON y.id = x.payment_id WHERE y.payment_batch_id = b.id) AS entries,
                (SELECT count(*) FROM settlements x JOIN payments y ON y.id = x.payment_id
                  WHERE y.payment_batch_id = b.id AND NOT EXISTS (SELECT FROM voids WHERE payment_id = y.id)) AS standing_entries,
                (SELECT count(*) FROM payment_skips WHERE payment_batch_id = b.id) AS skipped
           FROM payment_batches b JOIN runs r ON r.id = b.as_of_run_id
           LEFT JOIN users u ON u.id = b.made_by LEFT JOIN users ru ON ru.id = r.made_by
          CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE p.amount_minor > 0) AS paid, count(*) FILTER (WHERE p.amount_minor = 0) AS settled_without,
                       coalesce(sum(p.amount_minor), 0)::bigint AS total_minor,
                       count(*) FILTER (WHERE v.id IS NULL) AS standing,
                       coalesce(sum(p.amount_minor) FILTER (WHERE v.id IS NULL), 0)::bigint AS standing_minor
                  FROM payments p LEFT JOIN voids v ON v.payment_id = p.id WHERE p.payment_batch_id = b.id) s
          WHERE b.id = $1",
    )
    .bind::<BigInt, _>(id)
    .get_result(conn)
    .optional()?;
    let batch = batch.ok_or_else(|| AppError::not_found(format!("batch {id}")))?;
    let later: Later = sql_query(
        "SELECT count(*) AS entries, coalesce(sum(e.amount_minor), 0)::bigint AS total_minor
           FROM payment_batches b
           JOIN run_accounts c ON c.run_id = b.run_id
           LEFT JOIN run_accounts r ON r.run_id = b.as_of_run_id AND r.account_id = c.account_id
           JOIN entries e ON e.account_id = c.account_id AND e.number > coalesce(r.last_number, 0) AND e.recorded_at <= b.recorded_at
          WHERE b.id = $1 AND (e.kind IN ('commission', 'clawback', 'adjustment') OR e.on_account)
            AND NOT EXISTS (SELECT FROM payments p WHERE p.payment_batch_id = b.id AND p.entry_id = e.id)",
    )
    .bind::<BigInt, _>(id)
    .get_result(conn)?;
    Ok((batch, later))
}

const PAYMENTS: &str = "SELECT p.id, p.account_id, a.partner_id, pt.code, coalesce(nullif(c.name, ''), c.email, pt.code) AS name,
       coalesce(c.email, '') AS email, p.payment_batch_id, coalesce(b.batch_id, '') AS batch_id, p.amount_minor, p.on_account,
       p.pay_type, p.paid_on, p.note, p.reference, coalesce(u.name, '') AS made_by_name, p.recorded_at,
       (SELECT count(*) FROM settlements WHERE payment_id = p.id) AS entries,
       v.voided_on, coalesce(v.reason, '') AS void_reason, coalesce(vu.name, '') AS voided_by, t.balance_minor
  FROM payments p
  JOIN accounts a ON a.id = p.account_id JOIN account_totals t ON t.account_id = a.id
  JOIN partners pt ON pt.id = a.partner_id JOIN contacts c ON c.id = pt.contact_id
  LEFT JOIN payment_batches b ON b.id = p.payment_batch_id LEFT JOIN users u ON u.id = p.made_by
  LEFT JOIN voids v ON v.payment_id = p.id LEFT JOIN users vu ON vu.id = v.made_by";

/// The payments of a batch, by name: a page of them.
pub fn batch_payments(
    conn: &mut PgConnection,
    batch: PaymentBatchId,
    limit: i64,
    offset: i64,
) -> Result<Vec<PaymentLine>, AppError> {
    Ok(sql_query(format!(
        "{PAYMENTS} WHERE p.payment_batch_id = $1 ORDER BY c.name, lower(pt.code) LIMIT $2 OFFSET $3"
    ))
    .bind::<BigInt, _>(batch)
    .bind::<BigInt, _>(limit)
    .bind::<BigInt, _>(offset)
    .load(conn)?)
}

/// A payment.
pub fn payment(conn: &mut PgConnection, id: PaymentId) -> Result<PaymentLine, AppError> {
    let payment: Option<PaymentLine> =
        sql_query(format!("{PAYMENTS} WHERE p.id = $1")).bind::<BigInt, _>(id).get_result(conn).optional()?;
    payment.ok_or_else(|| AppError::not_found(format!("payment {id}")))
}

/// The partners that a batch skipped, by name: a page of them.
pub fn skips(conn: &mut PgConnection, batch: PaymentBatchId, limit: i64) -> Result<Vec<SkipLine>, AppError> {
    Ok(sql_query(
        "SELECT p.id AS partner_id, p.code, coalesce(nullif(c.name, ''), c.email, p.code) AS name, p.status = 'active' AS active,
                s.reason, s.to_pay_minor
           FROM payment_skips s JOIN accounts a ON a.id = s.account_id JOIN partners p ON p.id = a.partner_id
           JOIN contacts c ON c.id = p.contact_id
          WHERE s.payment_batch_id = $1 ORDER BY s.reason IN ('nothing', 'not_in_run'), c.name, lower(p.code) LIMIT $2",
    )
    .bind::<BigInt, _>(batch)
    .bind::<BigInt, _>(limit)
    .load(conn)?)
}

/// What these payments settled, in the order of the ledger: of each payment so many after so many.
pub fn settled_entries(
    conn: &mut PgConnection,
    payments: &[PaymentId],
    most_of_each: i64,
    after: i64,
) -> Result<Vec<SettledEntry>, AppError> {
    Ok(sql_query(
        "SELECT s.payment_id, e.id AS entry_id, e.number, e.kind::text AS kind, e.dated_on, e.amount_minor, o.id AS order_id,
                coalesce(o.number, '') AS order_number,
                coalesce(l.description, nullif(pr.name, ''), pr.code, nullif(d.reason, ''), pp.note, '') AS item
           FROM (SELECT payment_id, entry_id, row_number() OVER (PARTITION BY payment_id ORDER BY id) AS place
                   FROM settlements WHERE payment_id = ANY ($1)) s
           JOIN entries e ON e.id = s.entry_id
           LEFT JOIN commission_rows r ON r.id = e.commission_row_id
           LEFT JOIN order_lines l ON l.id = r.order_line_id
           LEFT JOIN products pr ON pr.id = l.product_id
           LEFT JOIN order_events v ON v.id = e.order_event_id
           LEFT JOIN orders o ON o.id = v.order_id
           LEFT JOIN entry_details d ON d.entry_id = e.id
           LEFT JOIN payments pp ON pp.entry_id = e.id
          WHERE s.place > $3 AND s.place <= $3 + $2 ORDER BY s.payment_id, e.dated_on, e.number",
    )
    .bind::<Array<BigInt>, _>(payments)
    .bind::<BigInt, _>(most_of_each)
    .bind::<BigInt, _>(after)
    .load(conn)?)
}
