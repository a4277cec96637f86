//! What fits while somebody types whom or what to choose (`forms::pick`): a few options, best first.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::SHOWN;
use super::queries::{self, Choice};
use crate::error::AppError;
use crate::web::App;
use crate::web::admin::Viewer;
use crate::web::forms::{Problems, Query, page};

/// The options, for a `<datalist>`.
#[derive(Template)]
#[template(path = "search/choices.html")]
struct ChoicesPage {
    choices: Vec<Choice>,
}

/// `GET /choices/{kind}?q=`
pub async fn index(
    _viewer: Viewer,
    app: App,
    kind: web::Path<String>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let find = match kind.as_str() {
        "partners" => queries::partner_choices,
        "contacts" => queries::contact_choices,
        "products" => queries::product_choices,
        "programs" => queries::program_choices,
        _ => return Err(AppError::not_found("page at this address")),
    };
    let mut problems = Problems::none();
    let words = problems.optional_text("q", "What to look for", query.get("q"), 200);
    if !problems.is_empty() {
        // Nothing is called so.
        return page(&ChoicesPage { choices: Vec::new() });
    }
    let choices = app.db.read(move |conn| Ok(find(conn, &words, SHOWN)?)).await?;
    page(&ChoicesPage { choices })
}
