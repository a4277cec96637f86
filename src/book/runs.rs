//! Runs: what a showing of the Ledgers report included, kept so that it can be paid later exactly.

use crate::domain::ids::{AccountId, RunId, UserId};
use crate::domain::period::Period;
use crate::error::AppError;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Date, Jsonb, Nullable, Text};

/// How the report was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunKind {
    Export,
    Print,
    Preview,
}

/// A showing that is to be kept.
#[derive(Debug, Clone)]
pub struct NewRun {
    pub kind: RunKind,
    pub period: Period,
    /// The filters that chose the partners, or how many were ticked.
    pub criteria: serde_json::Value,
    pub made_by: Option<UserId>,
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

impl RunKind {
    /// The word for it in the database.
    pub fn word(self) -> &'static str {
        match self {
            RunKind::Export => "export",
            RunKind::Print => "print",
            RunKind::Preview => "preview",
        }
    }
}

/// Keeps a run: for each account the last entry, payment and void that it has now. One statement
/// reads them all, so they are of one moment.
pub fn make_run(conn: &mut PgConnection, run: &NewRun, accounts: &[AccountId]) -> Result<RunId, AppError> {
    let made: Id = sql_query(
        "INSERT INTO runs (kind, from_on, to_on, criteria, made_by) VALUES ($1, $2, $3, $4, $5) RETURNING id",
    )
    .bind::<Text, _>(run.kind.word())
    .bind::<Date, _>(run.period.from())
    .bind::<Date, _>(run.period.to())
    .bind::<Jsonb, _>(&run.criteria)
    .bind::<Nullable<BigInt>, _>(run.made_by)
    .get_result(conn)?;
    sql_query(
        "INSERT INTO run_accounts (run_id, account_id, last_number, last_payment_id, last_void_id)
         SELECT $1, account_id, last_number, last_payment_id, last_void_id FROM account_totals WHERE account_id = ANY ($2)",
    )
    .bind::<BigInt, _>(made.id)
    .bind::<Array<BigInt>, _>(accounts)
    .execute(conn)?;
    Ok(RunId(made.id))
}

/// The accounts of a run, in id order.
pub fn run_accounts(conn: &mut PgConnection, run: RunId) -> Result<Vec<AccountId>, AppError> {
    let rows: Vec<Id> =
        sql_query("SELECT account_id AS id FROM run_accounts WHERE run_id = $1 ORDER BY account_id")
            .bind::<BigInt, _>(run)
            .load(conn)?;
    Ok(rows.into_iter().map(|row| AccountId(row.id)).collect())
}
