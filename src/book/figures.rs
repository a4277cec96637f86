//! The figures of the Ledgers report: now, or as a run showed them. The rule is told in SQL by
//! `ledger_figures` (for speed) and in Rust by `domain::ledger::figures`; tests hold them together.

use crate::domain::ids::{AccountId, RunId};
use crate::domain::ledger::Figures;
use crate::domain::money::Money;
use crate::domain::period::Period;
use crate::error::AppError;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Date};

/// One account's figures for a range, and its balance now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountFigures {
    pub account: AccountId,
    pub figures: Figures,
    /// The sum of all its entries, whatever the range.
    pub balance: Money,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    account_id: AccountId,
    #[diesel(sql_type = BigInt)]
    beginning_minor: Money,
    #[diesel(sql_type = BigInt)]
    earned_minor: Money,
    #[diesel(sql_type = BigInt)]
    clawbacks_minor: Money,
    #[diesel(sql_type = BigInt)]
    adjustments_minor: Money,
    #[diesel(sql_type = BigInt)]
    payments_minor: Money,
    #[diesel(sql_type = BigInt)]
    balance_minor: Money,
}

impl From<Row> for AccountFigures {
    fn from(row: Row) -> AccountFigures {
        AccountFigures {
            account: row.account_id,
            figures: Figures {
                beginning: row.beginning_minor,
                earned: row.earned_minor,
                clawbacks: row.clawbacks_minor,
                adjustments: row.adjustments_minor,
                payments: row.payments_minor,
            },
            balance: row.balance_minor,
        }
    }
}

/// The figures of these accounts as they stand, by account.
pub fn figures_now(
    conn: &mut PgConnection,
    period: Period,
    accounts: &[AccountId],
) -> Result<Vec<AccountFigures>, AppError> {
    let rows: Vec<Row> = sql_query(
        "SELECT t.account_id, coalesce(f.beginning_minor, 0) AS beginning_minor, coalesce(f.earned_minor, 0) AS earned_minor,
                coalesce(f.clawbacks_minor, 0) AS clawbacks_minor, coalesce(f.adjustments_minor, 0) AS adjustments_minor,
                coalesce(f.payments_minor, 0) AS payments_minor, t.balance_minor
           FROM account_totals t LEFT JOIN ledger_figures($1, $2, $3) f USING (account_id)
          WHERE t.account_id = ANY ($3) ORDER BY t.account_id",
    )
    .bind::<Date, _>(period.from())
    .bind::<Date, _>(period.to())
    .bind::<Array<BigInt>, _>(accounts)
    .load(conn)?;
    Ok(rows.into_iter().map(AccountFigures::from).collect())
}

/// The figures of these accounts as a run showed them, by account; the balance is today's.
pub fn figures_as_of(
    conn: &mut PgConnection,
    period: Period,
    run: RunId,
    accounts: &[AccountId],
) -> Result<Vec<AccountFigures>, AppError> {
    let rows: Vec<Row> = sql_query(
        "SELECT t.account_id, coalesce(f.beginning_minor, 0) AS beginning_minor, coalesce(f.earned_minor, 0) AS earned_minor,
                coalesce(f.clawbacks_minor, 0) AS clawbacks_minor, coalesce(f.adjustments_minor, 0) AS adjustments_minor,
                coalesce(f.payments_minor, 0) AS payments_minor, t.balance_minor
           FROM account_totals t LEFT JOIN ledger_figures_as_of($1, $2, $3, $4) f USING (account_id)
          WHERE t.account_id = ANY ($4) ORDER BY t.account_id",
    )
    .bind::<Date, _>(period.from())
    .bind::<Date, _>(period.to())
    .bind::<BigInt, _>(run)
    .bind::<Array<BigInt>, _>(accounts)
    .load(conn)?;
    Ok(rows.into_iter().map(AccountFigures::from).collect())
}
