//! The two files for cheques.

use actix_web::{HttpResponse, web};

use super::{Check, queries, write};
use crate::domain::ids::{PaymentBatchId, RunId};
use crate::domain::payment::{OnAccount, Outcome, PaymentMethod};
use crate::error::AppError;
use crate::paying::payments;
use crate::web::App;
use crate::web::admin::Viewer;
use crate::web::csv::download;

/// `GET /runs/{id}/checks.csv`: what *Ending balance* would pay now of what the run showed. What was
/// settled since is left out, so that nobody gets a second cheque.
pub async fn of_run(viewer: Viewer, app: App, id: web::Path<RunId>) -> Result<HttpResponse, AppError> {
    let (run, today, format) = (*id, viewer.today(), viewer.company.format());
    let shown = app.db.read(move |conn| payments::queries::run(conn, run)).await?;
    let period = shown.period()?;
    let name = format!("checks-{}-{}.csv", period.from(), period.to());
    let memo = format!("Referral commissions {}", format.period(&period));
    let db = app.db.clone();
    download(&name, move |out| {
        let out = std::cell::Cell::new(Some(out));
        db.read_now(|conn| {
            let basis = payments::basis(conn, run, run, period)?;
            let due = basis.due(PaymentMethod::EndingBalance, &OnAccount::TakenIn);
            let paid = due.into_iter().filter(|due| due.outcome == Outcome::Paid);
            let checks =
                paid.map(|due| Check { account: due.account, amount: due.to_pay, memo: memo.clone() });
            write(conn, checks.collect(), today, format.currency, out.take().ok_or_else(lost)?)
        })
    })
    .await
}

/// `GET /payment-batches/{id}/checks.csv`: what the batch paid, voided payments left out.
pub async fn of_batch(
    viewer: Viewer,
    app: App,
    id: web::Path<PaymentBatchId>,
) -> Result<HttpResponse, AppError> {
    let (id, format) = (*id, viewer.company.format());
    let (batch, _) = app.db.read(move |conn| payments::queries::batch(conn, id)).await?;
    let name: String =
        batch.batch_id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
    let db = app.db.clone();
    download(&format!("{name}-checks.csv"), move |out| {
        let out = std::cell::Cell::new(Some(out));
        db.read_now(|conn| {
            let paid = queries::paid(conn, id)?.into_iter();
            let memo = batch.batch_id.clone();
            let checks =
                paid.map(|paid| Check { account: paid.account, amount: paid.amount, memo: memo.clone() });
            write(conn, checks.collect(), batch.paid_on, format.currency, out.take().ok_or_else(lost)?)
        })
    })
    .await
}

fn lost() -> AppError {
    AppError::Unavailable(anyhow::anyhow!("the database was lost while a file was written"))
}
