//! The two files for cheques.

use actix_web::{HttpResponse, web};

use super::{Check, queries, write};
use crate::domain::ids::{PaymentBatchId, RunId};
use crate::domain::payment::{OnAccount, Outcome, PaymentMethod};
use crate::error::AppError;
use crate::paying::payments;
use crate::web::App;
use crate::web::admin::Viewer;
use crate::web::csv::{download_read, in_name, name_of_period};

/// `GET /runs/{id}/checks.csv`: what *Ending balance* would pay now of what the run showed. What was
/// settled since is left out, so that nobody gets a second cheque.
pub async fn of_run(viewer: Viewer, app: App, id: web::Path<RunId>) -> Result<HttpResponse, AppError> {
    let (run, today, format) = (*id, viewer.today(), viewer.company.format());
    let shown = app.db.read(move |conn| payments::queries::run(conn, run)).await?;
    let period = shown.period()?;
    let name = name_of_period("checks", &period, "csv");
    let memo = format!("Referral commissions {}", format.period(&period));
    download_read(app.db.clone(), &name, move |conn, out| {
        let basis = payments::basis(conn, run, run, period)?;
        let due = basis.due(PaymentMethod::EndingBalance, &OnAccount::TakenIn);
        let paid = due.into_iter().filter(|due| due.outcome == Outcome::Paid);
        let checks = paid.map(|due| Check { account: due.account, amount: due.to_pay, memo: memo.clone() });
        write(conn, checks.collect(), today, format.currency, out)
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
    let name = format!("{}-checks.csv", in_name(&batch.batch_id));
    download_read(app.db.clone(), &name, move |conn, out| {
        let paid = queries::paid(conn, id)?.into_iter();
        let memo = batch.batch_id.clone();
        let checks =
            paid.map(|paid| Check { account: paid.account, amount: paid.amount, memo: memo.clone() });
        write(conn, checks.collect(), batch.paid_on, format.currency, out)
    })
    .await
}
