//! Voiding a batch or a payment: first what it will do, then doing it.

use crate::domain::ids::{PaymentBatchId, PaymentId};
use crate::error::AppError;
use crate::paying::payments::forms::VoidForm;
use crate::paying::payments::pages::VoidPage;
use crate::paying::payments::queries;
use crate::paying::payments::void::{Which, void as void_now};
use crate::web::admin::Administrator;
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, page, page_with_problems, see_other};
use crate::web::html::counted;
use crate::web::{App, paths};
use actix_web::{HttpResponse, web};
use chrono::NaiveDate;

/// `GET /payment-batches/{id}/void`
pub async fn confirm_void(
    admin: Administrator,
    app: App,
    id: web::Path<PaymentBatchId>,
) -> Result<HttpResponse, AppError> {
    let id = *id;
    let (batch, _) = app.db.read(move |conn| queries::batch(conn, id)).await?;
    if batch.standing == 0 {
        return Ok(nothing_stands(&admin, paths::payment_batch(id)));
    }
    let form = VoidForm::proposed(admin.today(), batch.paid_on);
    page(&VoidPage::of_batch(&admin, batch, form, Problems::none()))
}

/// `POST /payment-batches/{id}/void`
pub async fn void_batch(
    admin: Administrator,
    app: App,
    id: web::Path<PaymentBatchId>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let (id, form) = (*id, VoidForm::read(&form));
    let (batch, _) = app.db.read(move |conn| queries::batch(conn, id)).await?;
    match void(&admin, &app, Which::Batch(id), &form, (batch.paid_on, paths::payment_batch(id))).await {
        Ok(response) => Ok(response),
        Err(Trouble::Problems(problems)) => {
            let (batch, _) = app.db.read(move |conn| queries::batch(conn, id)).await?;
            if batch.standing == 0 {
                return Ok(nothing_stands(&admin, paths::payment_batch(id)));
            }
            page_with_problems(&VoidPage::of_batch(&admin, batch, form, problems))
        }
        Err(Trouble::Other(error)) => Err(error),
    }
}

/// `GET /payments/{id}/void`
pub async fn confirm_void_payment(
    admin: Administrator,
    app: App,
    id: web::Path<PaymentId>,
) -> Result<HttpResponse, AppError> {
    let id = *id;
    let payment = app.db.read(move |conn| queries::payment(conn, id)).await?;
    if payment.voided_on.is_some() {
        return Ok(nothing_stands(&admin, paths::payment(id)));
    }
    let form = VoidForm::proposed(admin.today(), payment.paid_on);
    page(&VoidPage::of_payment(&admin, payment, form, Problems::none()))
}

/// `POST /payments/{id}/void`
pub async fn void_payment(
    admin: Administrator,
    app: App,
    id: web::Path<PaymentId>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let (id, form) = (*id, VoidForm::read(&form));
    let payment = app.db.read(move |conn| queries::payment(conn, id)).await?;
    match void(&admin, &app, Which::Payment(id), &form, (payment.paid_on, paths::payment(id))).await {
        Ok(response) => Ok(response),
        Err(Trouble::Problems(problems)) => {
            let payment = app.db.read(move |conn| queries::payment(conn, id)).await?;
            if payment.voided_on.is_some() {
                return Ok(nothing_stands(&admin, paths::payment(id)));
            }
            page_with_problems(&VoidPage::of_payment(&admin, payment, form, problems))
        }
        Err(Trouble::Other(error)) => Err(error),
    }
}

/// A second press, or somebody who was faster: what was asked for is so already.
fn nothing_stands(admin: &Administrator, then: String) -> HttpResponse {
    admin.flash(Flash::warn("Nothing was voided.", "Nothing of it stands any more: it was voided before."));
    see_other(then)
}

/// Why nothing was voided: the form shows it, or a page of its own does.
enum Trouble {
    Problems(Problems),
    Other(AppError),
}

async fn void(
    admin: &Administrator,
    app: &App,
    which: Which,
    form: &VoidForm,
    (paid_on, then): (NaiveDate, String),
) -> Result<HttpResponse, Trouble> {
    let (voided_on, reason) = form.parse().map_err(Trouble::Problems)?;
    if voided_on < paid_on {
        let sentence = format!(
            "A void cannot be dated before its payment, which is of {}.",
            admin.company.format().day(&paid_on)
        );
        return Err(Trouble::Problems(Problems::one("voided_on", sentence)));
    }
    let who = admin.who();
    match app.db.run(move |conn| void_now(conn, which, voided_on, &reason, &who)).await {
        Ok(voided) => {
            let lead = format!("Voided {}.", admin.company.format().total(&voided.total));
            let text = format!(
                "{}; what was settled is open again.",
                counted(voided.payments, "payment was taken back", "payments were taken back")
            );
            admin.flash(Flash::ok(lead, text));
            Ok(see_other(then))
        }
        Err(AppError::Refused(sentence)) => Err(Trouble::Problems(Problems::one("voided_on", sentence))),
        Err(other) => Err(Trouble::Other(other)),
    }
}
