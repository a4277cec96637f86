//! The Ledgers report as a file. It shows a run: downloaded again it says the same, whatever was
//! recorded since.

use actix_web::HttpResponse;

use super::queries::{self, Run};
use crate::book;
use crate::db::Db;
use crate::domain::money::Currency;
use crate::error::AppError;
use crate::web::csv::{Cell, CsvWriter, download_read, name_of_period};

/// The headings that others rely on (spec 6), in this order.
const HEADINGS: [&str; 14] = [
    "Partner ID",
    "Code",
    "Referral Partner",
    "Email",
    "Parent",
    "Status",
    "Currency",
    "Beginning Balance",
    "Commissions Earned",
    "Clawbacks",
    "Adjustments",
    "Commissions",
    "Payments",
    "Ending Balance",
];

/// The file of a run, written while it is being read.
pub async fn run_as_csv(db: Db, run: Run) -> Result<HttpResponse, AppError> {
    let name = name_of_period("ledgers", &run.period, "csv");
    download_read(db, &name, move |conn, outlet| {
        let accounts = book::run_accounts(conn, run.id)?;
        let mut file = CsvWriter::new(outlet, &HEADINGS)?;
        queries::each_row(conn, run, &accounts, |row| {
            let amount = |amount| match Currency::from_code(&row.currency) {
                Some(currency) => Ok(Cell::Amount(amount, currency)),
                None => Err(AppError::Internal(anyhow::anyhow!("{} is no currency", row.currency))),
            };
            let figures = row.figures;
            file.row(&[
                Cell::Number(row.partner.0),
                Cell::Text(&row.code),
                Cell::Text(&row.name),
                Cell::Text(&row.email),
                Cell::Text(&row.parent_code),
                Cell::Word(&row.status),
                Cell::Word(&row.currency),
                amount(figures.beginning)?,
                amount(figures.earned)?,
                amount(figures.clawbacks)?,
                amount(figures.adjustments)?,
                amount(figures.commissions())?,
                amount(figures.payments)?,
                amount(figures.ending())?,
            ])
        })?;
        file.finish()
    })
    .await
}
