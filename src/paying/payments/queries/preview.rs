//! What the preview shows beside the figures: who the accounts belong to, and which runs there are.

use crate::domain::ids::{AccountId, PartnerId, RunId, UserId};
use crate::domain::period::Period;
use crate::error::AppError;
use anyhow::Context;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Timestamptz};

/// The partner that an account belongs to.
#[derive(Debug, Clone, QueryableByName)]
pub struct PartnerLine {
    #[diesel(sql_type = BigInt)]
    pub account_id: AccountId,
    #[diesel(sql_type = BigInt)]
    pub partner_id: PartnerId,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Bool)]
    pub active: bool,
}

/// A kept showing of the report.
#[derive(Debug, Clone, QueryableByName)]
pub struct RunLine {
    #[diesel(sql_type = BigInt)]
    pub id: RunId,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Date)]
    pub from_on: NaiveDate,
    #[diesel(sql_type = Date)]
    pub to_on: NaiveDate,
    #[diesel(sql_type = Timestamptz)]
    pub made_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub made_by: Option<UserId>,
    /// Who; empty for a command.
    #[diesel(sql_type = Text)]
    pub made_by_name: String,
    #[diesel(sql_type = BigInt)]
    pub partners: i64,
}

#[derive(QueryableByName)]
struct Repeated {
    #[diesel(sql_type = BigInt)]
    id: RunId,
}

impl RunLine {
    /// Its dates.
    pub fn period(&self) -> Result<Period, AppError> {
        Ok(Period::new(self.from_on, self.to_on).context("a run's dates stand the right way round")?)
    }
}

/// Whose accounts these are, sorted by name.
pub fn partner_lines(conn: &mut PgConnection, accounts: &[AccountId]) -> Result<Vec<PartnerLine>, AppError> {
    Ok(sql_query(
        "SELECT a.id AS account_id, p.id AS partner_id, p.code, coalesce(nullif(c.name, ''), c.email, p.code) AS name,
                p.status = 'active' AS active
           FROM accounts a JOIN partners p ON p.id = a.partner_id JOIN contacts c ON c.id = p.contact_id
          WHERE a.id = ANY ($1) ORDER BY c.name, lower(p.code)",
    )
    .bind::<Array<BigInt>, _>(accounts)
    .load(conn)?)
}

const RUNS: &str =
    "SELECT r.id, r.kind, r.from_on, r.to_on, r.made_at, r.made_by, coalesce(u.name, '') AS made_by_name,
       (SELECT count(*) FROM run_accounts WHERE run_id = r.id) AS partners
  FROM runs r LEFT JOIN users u ON u.id = r.made_by";

/// A run.
pub fn run(conn: &mut PgConnection, id: RunId) -> Result<RunLine, AppError> {
    let run: Option<RunLine> =
        sql_query(format!("{RUNS} WHERE r.id = $1")).bind::<BigInt, _>(id).get_result(conn).optional()?;
    run.ok_or_else(|| AppError::not_found(format!("preview {id}")))
}

/// The latest exports and prints of the same dates, the newest first.
pub fn runs_of(conn: &mut PgConnection, period: Period) -> Result<Vec<RunLine>, AppError> {
    Ok(sql_query(format!(
        "{RUNS} WHERE r.kind IN ('export', 'print') AND r.from_on = $1 AND r.to_on = $2 ORDER BY r.id DESC LIMIT 8"
    ))
    .bind::<Date, _>(period.from())
    .bind::<Date, _>(period.to())
    .load(conn)?)
}

/// The same dates and partners as a preview, as they stand now.
pub fn repeat_run(conn: &mut PgConnection, id: RunId, made_by: UserId) -> Result<RunId, AppError> {
    let made: Repeated = sql_query(
        "INSERT INTO runs (kind, from_on, to_on, criteria, made_by)
         SELECT 'preview', from_on, to_on, criteria, $2 FROM runs WHERE id = $1 RETURNING id",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(made_by)
    .get_result(conn)?;
    sql_query(
        "INSERT INTO run_accounts (run_id, account_id, last_number, last_payment_id, last_void_id)
         SELECT $2, account_id, t.last_number, t.last_payment_id, t.last_void_id
           FROM run_accounts r JOIN account_totals t USING (account_id) WHERE r.run_id = $1",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(made.id)
    .execute(conn)?;
    Ok(made.id)
}
