//! The keys that the pages know. app.js shows the same list over any page when `?` is pressed.

use actix_web::HttpResponse;
use askama::Template;

use crate::error::AppError;
use crate::web::admin::Viewer;
use crate::web::forms::page;
use crate::web::layout::Layout;

#[derive(Template)]
#[template(path = "keys/show.html")]
struct ShowPage {
    layout: Layout,
}

/// `GET /keys`
pub async fn show(viewer: Viewer) -> Result<HttpResponse, AppError> {
    page(&ShowPage { layout: viewer.layout("Keyboard").narrow() })
}
