//! The start page. Until there is a page of what needs doing now, it leads to the Ledgers report.

use actix_web::HttpResponse;

use crate::error::AppError;
use crate::web::App;
use crate::web::admin::Viewer;
use crate::web::forms::see_other;
use crate::web::paths;

/// `GET /`
pub async fn show(viewer: Viewer, app: App) -> Result<HttpResponse, AppError> {
    let first = [paths::LEDGERS, paths::USERS, paths::PROFILE];
    let may_open = |path: &&str| app.routes.access("GET", path).is_some_and(|a| a.allows(viewer.user.role));
    Ok(see_other(first.into_iter().find(may_open).unwrap_or(paths::PROFILE)))
}
