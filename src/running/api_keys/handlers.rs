//! CRM > Settings > API keys.

use actix_web::{HttpResponse, web};

use super::pages::{IndexPage, MadePage, NewPage, RevokePage};
use super::queries;
use crate::domain::ids::ApiKeyId;
use crate::error::AppError;
use crate::web::admin::Administrator;
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, page, page_with_problems, see_other};
use crate::web::{App, paths};

/// The most characters of a name.
const MOST_NAME: usize = 100;

/// `GET /settings/api-keys`
pub async fn index(admin: Administrator, app: App) -> Result<HttpResponse, AppError> {
    let keys = app.db.read(|conn| Ok(queries::all(conn)?)).await?;
    page(&IndexPage::new(&admin, keys))
}

/// `GET /settings/api-keys/new`
pub async fn new(admin: Administrator) -> Result<HttpResponse, AppError> {
    page(&NewPage::new(&admin, String::new(), Problems::none()))
}

/// `POST /settings/api-keys`: answers with the page that shows the key, which no other page does. Loading it again
/// makes no second key: the name is taken then.
pub async fn create(admin: Administrator, app: App, form: FormData) -> Result<HttpResponse, AppError> {
    let typed = form.get("name").to_string();
    let mut problems = Problems::none();
    let name = problems.text("name", "Name", &typed, MOST_NAME);
    if !problems.is_empty() {
        return page_with_problems(&NewPage::new(&admin, typed, problems));
    }
    let (who, of) = (admin.who(), name.clone());
    match app.db.run(move |conn| super::make(conn, &who, &of)).await? {
        Some(made) => page(&MadePage::new(&admin, name, made, &app.public_url)),
        None => {
            let sentence =
                format!("There is a key {name} in force already. Revoke it first, or choose another name.");
            page_with_problems(&NewPage::new(&admin, typed, Problems::one("name", sentence)))
        }
    }
}

/// `GET /settings/api-keys/{id}/revoke`
pub async fn confirm_revoke(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
) -> Result<HttpResponse, AppError> {
    let id = ApiKeyId(*id);
    let key = app.db.read(move |conn| super::find(conn, id)).await?;
    if key.revoked_at.is_some() {
        return Ok(revoked_before(&admin));
    }
    page(&RevokePage::new(&admin, key))
}

/// `POST /settings/api-keys/{id}/revoke`
pub async fn revoke(admin: Administrator, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let (id, who) = (ApiKeyId(*id), admin.who());
    if !app.db.run(move |conn| super::revoke(conn, &who, id)).await? {
        return Ok(revoked_before(&admin));
    }
    admin.flash(Flash::ok(
        "Revoked.",
        "Requests with this key are refused from now on. What it recorded stays.",
    ));
    Ok(see_other(paths::API_KEYS))
}

fn revoked_before(admin: &Administrator) -> HttpResponse {
    admin.flash(Flash::warn("Revoked before.", "This key was revoked already; nothing was changed."));
    see_other(paths::API_KEYS)
}
