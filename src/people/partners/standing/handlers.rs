//! A partner's status over HTTP.

use actix_web::{HttpResponse, web};

use super::pages::StatusPage;
use crate::domain::ids::PartnerId;
use crate::error::AppError;
use crate::people::names::shown;
use crate::people::partners::queries::standing;
use crate::people::partners::{PartnerStatus, record};
use crate::web::admin::Administrator;
use crate::web::flash::Flash;
use crate::web::forms::{FormData, page, see_other};
use crate::web::{App, paths};

/// `GET /partners/{id}/status`
pub async fn edit(admin: Administrator, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let (id, now) = (PartnerId(*id), app.clock.now());
    let (record, standing, touches) = app
        .db
        .read(move |conn| {
            let record = record::find(conn, id)?;
            Ok((record, standing::standing(conn, id)?, standing::touches(conn, id, now)?))
        })
        .await?;
    if let Some(into) = record.merged_into {
        return Ok(see_other(paths::partner(into)));
    }
    page(&StatusPage::new(&admin, &record, standing, touches))
}

/// `POST /partners/{id}/status`
pub async fn update(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let (id, who) = (PartnerId(*id), admin.who());
    let status = PartnerStatus::from_word(form.get("status")).ok_or_else(|| {
        AppError::refused("Choose whether the partner is active or inactive. Nothing was changed.")
    })?;
    let before = app.db.run(move |conn| super::change(conn, &who, id, status)).await?;
    let name = shown(&before.person.facts.name, &before.facts.code);
    admin.flash(match status {
        PartnerStatus::Active => {
            Flash::ok("Active.", format!("{name} is credited for new orders and earns by them again."))
        }
        PartnerStatus::Inactive => Flash::ok(
            "Inactive.",
            format!("{name} earns by no new order. What is recorded stays, and what it is owed can be paid."),
        ),
    });
    Ok(see_other(paths::partner(id)))
}
