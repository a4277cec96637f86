//! CRM > Settings > About: which version this is, and what guards the book.

use actix_web::HttpResponse;
use askama::Template;

use crate::db::Guards;
use crate::error::AppError;
use crate::web::admin::Administrator;
use crate::web::forms::page;
use crate::web::layout::Layout;
use crate::web::{App, paths};

#[derive(Template)]
#[template(path = "about/show.html")]
struct ShowPage {
    layout: Layout,
    version: &'static str,
    has_role: bool,
    url: String,
    /// The mail server, and whom mails are from.
    mail: Option<(String, String)>,
}

/// `GET /settings/about`
pub async fn show(admin: Administrator, app: App) -> Result<HttpResponse, AppError> {
    page(&ShowPage {
        layout: admin.layout("About").under("CRM", "").under("Settings", paths::SETTINGS).narrow(),
        version: env!("CARGO_PKG_VERSION"),
        has_role: app.db.guards() == Guards::RoleAndTriggers,
        url: app.public_url.clone(),
        mail: app.mail.as_ref().map(|mail| (mail.server.clone(), mail.from.to_string())),
    })
}
