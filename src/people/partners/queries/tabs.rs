//! The long lists of a partner's page: whom it referred, what it was paid, what was changed about it.

use crate::db::columns::Number;
use crate::domain::ids::{ContactId, PartnerId, PaymentBatchId, PaymentId};
use crate::domain::money::Money;
use crate::domain::payment::PayType;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Date, Jsonb, Nullable, Text, Timestamptz};
use std::collections::HashMap;

#[derive(QueryableByName)]
pub struct PaymentRow {
    #[diesel(sql_type = BigInt)]
    pub id: PaymentId,
    #[diesel(sql_type = Date)]
    pub paid_on: NaiveDate,
    #[diesel(sql_type = Text)]
    pub pay_type: PayType,
    #[diesel(sql_type = BigInt)]
    pub amount_minor: Money,
    #[diesel(sql_type = Bool)]
    pub on_account: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub batch: Option<PaymentBatchId>,
    #[diesel(sql_type = Text)]
    pub batch_id: String,
    #[diesel(sql_type = Text)]
    pub note: String,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Nullable<Date>)]
    pub voided_on: Option<NaiveDate>,
}

#[derive(QueryableByName)]
pub struct ReferralRow {
    #[diesel(sql_type = BigInt)]
    pub contact_id: ContactId,
    #[diesel(sql_type = Text)]
    pub contact_name: String,
    #[diesel(sql_type = Text)]
    pub contact_otherwise: String,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Timestamptz)]
    pub referred_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub expires_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
pub struct ChangeRow {
    #[diesel(sql_type = Timestamptz)]
    pub written_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    pub user_name: Option<String>,
    #[diesel(sql_type = Text)]
    pub source: String,
    #[diesel(sql_type = Text)]
    pub action: String,
    #[diesel(sql_type = Jsonb)]
    pub details: serde_json::Value,
}

/// Its payments, the latest first.
pub fn payments(
    conn: &mut PgConnection,
    id: PartnerId,
    limit: i64,
    offset: i64,
) -> QueryResult<Vec<PaymentRow>> {
    sql_query(
        "SELECT y.id, y.paid_on, y.pay_type, y.amount_minor, y.on_account, b.id AS batch, coalesce(b.batch_id, '') AS batch_id,
                y.note, y.reference, v.voided_on
           FROM payments y JOIN accounts a ON a.id = y.account_id
           LEFT JOIN payment_batches b ON b.id = y.payment_batch_id
           LEFT JOIN voids v ON v.payment_id = y.id
          WHERE a.partner_id IN (SELECT id FROM partners WHERE id = $1 OR merged_into_id = $1) ORDER BY y.paid_on DESC, y.id DESC LIMIT $2 OFFSET $3",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(limit)
    .bind::<BigInt, _>(offset)
    .load(conn)
}

/// Its latest payment that stands.
pub fn latest_payment(conn: &mut PgConnection, id: PartnerId) -> QueryResult<Option<PaymentRow>> {
    sql_query(
        "SELECT y.id, y.paid_on, y.pay_type, y.amount_minor, y.on_account, b.id AS batch, coalesce(b.batch_id, '') AS batch_id,
                y.note, y.reference, NULL::date AS voided_on
           FROM payments y JOIN accounts a ON a.id = y.account_id
           LEFT JOIN payment_batches b ON b.id = y.payment_batch_id
          WHERE a.partner_id IN (SELECT id FROM partners WHERE id = $1 OR merged_into_id = $1) AND y.amount_minor > 0 AND NOT EXISTS (SELECT FROM voids WHERE payment_id = y.id)
          ORDER BY y.paid_on DESC, y.id DESC LIMIT 1",
    )
    .bind::<BigInt, _>(id)
    .get_result(conn)
    .optional()
}

/// Whom it referred, the latest first.
pub fn referrals(
    conn: &mut PgConnection,
    id: PartnerId,
    limit: i64,
    offset: i64,
) -> QueryResult<Vec<ReferralRow>> {
    sql_query(
        "SELECT r.contact_id, c.name AS contact_name, coalesce(c.email, c.external_id, 'Contact ' || c.id) AS contact_otherwise,
                r.kind, r.referred_at, r.expires_at
           FROM referrals r JOIN contacts c ON c.id = r.contact_id
          WHERE r.partner_id = $1 ORDER BY r.referred_at DESC, r.recorded DESC LIMIT $2 OFFSET $3",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(limit)
    .bind::<BigInt, _>(offset)
    .load(conn)
}

/// What was changed about it, the latest first, and how many changes there are.
pub fn changes(
    conn: &mut PgConnection,
    id: PartnerId,
    limit: i64,
    offset: i64,
) -> QueryResult<(i64, Vec<ChangeRow>)> {
    let counted: Number = sql_query(
        "SELECT count(*) AS value FROM audit_log WHERE subject_kind = 'partner' AND subject_id = $1",
    )
    .bind::<BigInt, _>(id)
    .get_result(conn)?;
    let rows = sql_query(
        "SELECT log.written_at, u.name AS user_name, log.source, log.action, log.details
           FROM audit_log log LEFT JOIN users u ON u.id = log.user_id
          WHERE log.subject_kind = 'partner' AND log.subject_id = $1 ORDER BY log.id DESC LIMIT $2 OFFSET $3",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(limit)
    .bind::<BigInt, _>(offset)
    .load(conn)?;
    Ok((counted.value, rows))
}

/// What partners, programs and contacts are called, by their numbers.
#[derive(Debug, Default)]
pub struct Names {
    pub partners: HashMap<i64, String>,
    pub programs: HashMap<i64, String>,
}

/// The names of what these numbers may mean.
pub fn names(conn: &mut PgConnection, numbers: &[i64]) -> QueryResult<Names> {
    #[derive(QueryableByName)]
    struct Named {
        #[diesel(sql_type = BigInt)]
        id: i64,
        #[diesel(sql_type = Text)]
        name: String,
    }
    let mut named = |sql: &str| -> QueryResult<HashMap<i64, String>> {
        let rows: Vec<Named> = sql_query(sql).bind::<Array<BigInt>, _>(numbers).load(conn)?;
        Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
    };
    Ok(Names {
        partners: named(
            "SELECT p.id, coalesce(nullif(c.name, ''), p.code) AS name FROM partners p JOIN contacts c ON c.id = p.contact_id
              WHERE p.id = ANY ($1)",
        )?,
        programs: named("SELECT id, name FROM programs WHERE id = ANY ($1)")?,
    })
}
