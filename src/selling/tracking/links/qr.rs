//! A partner's link as a QR code, for paper.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use anyhow::Context;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

use super::queries;
use crate::domain::ids::{LinkId, PartnerId};
use crate::domain::link;
use crate::error::AppError;
use crate::running::settings;
use crate::web::App;
use crate::web::admin::Viewer;
use crate::web::forms::Query;

/// `GET /partners/{id}/link.svg?link=7`: the partner's address of this link, or without `link=` its own
/// address to the default destination.
pub async fn show(
    _viewer: Viewer,
    app: App,
    id: web::Path<PartnerId>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let id = *id;
    let link = match query.get("link") {
        "" => None,
        number => Some(LinkId(number.parse().map_err(|_| AppError::not_found("such tracking link"))?)),
    };
    let own_url = app.public_url.clone();
    let address = app.db.read(move |conn| {
        let (defaults, _) = settings::defaults(conn)?;
        let base = link::base(&defaults.custom_link_url, &own_url);
        let code =
            queries::partner_code(conn, id)?.ok_or_else(|| AppError::not_found(format!("partner {id}")))?;
        Ok(match link {
            Some(link) => {
                let facts = super::find(conn, link)?.facts;
                link::address(base, &facts.code, &defaults.code_prefix, &code)
            }
            None => link::default_address(base, &defaults.code_prefix, &code),
        })
    });
    // A quarter of it may be covered or torn: it is made for paper.
    let code =
        QrCode::with_error_correction_level(address.await?, EcLevel::Q).context("too long for a QR code")?;
    let image = code.render::<svg::Color>().min_dimensions(240, 240).build();
    Ok(HttpResponse::Ok()
        .content_type("image/svg+xml")
        .insert_header((header::CONTENT_DISPOSITION, "inline; filename=\"link.svg\""))
        .body(image))
}
