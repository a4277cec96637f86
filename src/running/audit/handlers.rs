//! CRM > Settings > Audit log.

use actix_web::HttpResponse;

use super::pages::IndexPage;
use super::queries::{self, Search};
use crate::error::AppError;
use crate::web::admin::Administrator;
use crate::web::forms::{Query, page};
use crate::web::list::{Address, Pager, Window};
use crate::web::{App, paths};

/// `GET /settings/audit`
pub async fn index(admin: Administrator, app: App, query: Query) -> Result<HttpResponse, AppError> {
    let action = Some(query.get("action").to_string()).filter(|action| !action.is_empty());
    let search = Search { user_id: query.id("user", |id| id), action };
    let window = Window::of(&query);
    let sought = search.clone();
    let (total, rows, users, actions) = app
        .db
        .read(move |conn| {
            Ok((
                queries::count(conn, &sought)?,
                queries::rows(conn, &sought, window.limit(), window.offset())?,
                queries::users(conn)?,
                queries::actions(conn)?,
            ))
        })
        .await?;
    let pager = Pager::new(window, total, &Address::new(paths::AUDIT, &query));
    page(&IndexPage::new(&admin, search, rows, pager, users, actions))
}
