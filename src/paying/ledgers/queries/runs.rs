//! Runs: what one showed, row by row, and the partners that a run is to be made of.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Text};

use crate::domain::ids::{AccountId, PartnerId, PaymentBatchId, RunId};
use crate::domain::ledger::Figures;
use crate::domain::money::Money;
use crate::domain::period::Period;
use crate::error::AppError;

/// A run that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    pub id: RunId,
    pub period: Period,
}

/// One partner as a run showed it; names as they are now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    pub partner: PartnerId,
    pub code: String,
    pub name: String,
    pub email: String,
    pub parent_code: String,
    pub status: String,
    pub currency: String,
    pub figures: Figures,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    partner_id: PartnerId,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    email: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    parent_code: Option<String>,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = BigInt)]
    beginning: Money,
    #[diesel(sql_type = BigInt)]
    earned: Money,
    #[diesel(sql_type = BigInt)]
    clawbacks: Money,
    #[diesel(sql_type = BigInt)]
    adjustments: Money,
    #[diesel(sql_type = BigInt)]
    payments: Money,
}

/// The run of this number.
pub fn run(conn: &mut PgConnection, id: RunId) -> QueryResult<Option<Run>> {
    #[derive(QueryableByName)]
    struct Dates {
        #[diesel(sql_type = Date)]
        from_on: NaiveDate,
        #[diesel(sql_type = Date)]
        to_on: NaiveDate,
    }
    let found: Option<Dates> = sql_query("SELECT from_on, to_on FROM runs WHERE id = $1")
        .bind::<BigInt, _>(id)
        .get_result(conn)
        .optional()?;
    Ok(found.and_then(|dates| Some(Run { id, period: Period::new(dates.from_on, dates.to_on)? })))
}

/// Every partner of a run by code, with the figures that the run showed: entries recorded since are
/// left out. Through a cursor: memory stays flat, and a browser that reads slowly does not let the
/// statement run into its time limit.
pub fn each_row(
    conn: &mut PgConnection,
    run: Run,
    accounts: &[AccountId],
    mut write: impl FnMut(RunRow) -> Result<(), AppError>,
) -> Result<(), AppError> {
    sql_query(
        "DECLARE run_rows NO SCROLL CURSOR FOR
         SELECT p.id AS partner_id, p.code, c.name, c.email, up.code AS parent_code, p.status, a.currency,
                coalesce(f.beginning_minor, 0) AS beginning, coalesce(f.earned_minor, 0) AS earned,
                coalesce(f.clawbacks_minor, 0) AS clawbacks, coalesce(f.adjustments_minor, 0) AS adjustments,
                coalesce(f.payments_minor, 0) AS payments
           FROM run_accounts r
           JOIN accounts a ON a.id = r.account_id
           JOIN partners p ON p.id = a.partner_id
           JOIN contacts c ON c.id = p.contact_id
           LEFT JOIN partners up ON up.id = p.parent_id
           LEFT JOIN ledger_figures_as_of($1, $2, $3, $4) f ON f.account_id = r.account_id
          WHERE r.run_id = $3
          ORDER BY lower(p.code) COLLATE \"C\"",
    )
    .bind::<Date, _>(run.period.from())
    .bind::<Date, _>(run.period.to())
    .bind::<BigInt, _>(run.id)
    .bind::<Array<BigInt>, _>(accounts)
    .execute(conn)?;
    loop {
        let rows: Vec<Found> = sql_query("FETCH 2000 FROM run_rows").load(conn)?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows {
            write(row.into())?;
        }
    }
}

/// The accounts that a batch paid.
pub fn paid_by(conn: &mut PgConnection, batch: PaymentBatchId) -> QueryResult<Vec<AccountId>> {
    #[derive(QueryableByName)]
    struct Id {
        #[diesel(sql_type = BigInt)]
        id: AccountId,
    }
    let found: Vec<Id> =
        sql_query("SELECT account_id AS id FROM payments WHERE payment_batch_id = $1 AND amount_minor > 0 ORDER BY account_id")
            .bind::<BigInt, _>(batch)
            .load(conn)?;
    Ok(found.into_iter().map(|row| row.id).collect())
}

/// Which of these partners there are.
pub fn known_partners(conn: &mut PgConnection, partners: &[PartnerId]) -> QueryResult<Vec<PartnerId>> {
    #[derive(QueryableByName)]
    struct Id {
        #[diesel(sql_type = BigInt)]
        id: PartnerId,
    }
    let found: Vec<Id> = sql_query("SELECT id FROM partners WHERE id = ANY ($1)")
        .bind::<Array<BigInt>, _>(partners)
        .load(conn)?;
    Ok(found.into_iter().map(|row| row.id).collect())
}

impl From<Found> for RunRow {
    fn from(row: Found) -> RunRow {
        RunRow {
            partner: row.partner_id,
            code: row.code,
            name: row.name,
            email: row.email.unwrap_or_default(),
            parent_code: row.parent_code.unwrap_or_default(),
            status: row.status,
            currency: row.currency,
            figures: Figures {
                beginning: row.beginning,
                earned: row.earned,
                clawbacks: row.clawbacks,
                adjustments: row.adjustments,
                payments: row.payments,
            },
        }
    }
}
