//! Products over HTTP: the list.

use actix_web::HttpResponse;

use super::pages::{COLUMNS, IndexPage};
use super::queries::pages::{self, Column};
use crate::error::AppError;
use crate::web::admin::Viewer;
use crate::web::forms::{Problems, Query, page, page_with_problems};
use crate::web::list::{Address, Pager, Sort, Window};
use crate::web::{App, paths};

/// `GET /products`
pub async fn index(viewer: Viewer, app: App, query: Query) -> Result<HttpResponse, AppError> {
    let mut problems = Problems::none();
    let typed = query.get("q").to_string();
    let words = problems.optional_text("q", "What to look for", &typed, 200);
    let sort = Sort::of(&query, COLUMNS, Sort { by: Column::Name, descending: false });
    let (window, is_sound) = (Window::of(&query), problems.is_empty());
    let (total, rows) = app
        .db
        .read(move |conn| {
            if !is_sound {
                return Ok((0, Vec::new()));
            }
            Ok((pages::count(conn, &words)?, pages::list(conn, &words, sort, window)?))
        })
        .await?;
    let address = Address::new(paths::PRODUCTS, &query);
    let pager = Pager::new(window, total, &address);
    let list = IndexPage::new(&viewer, (typed, problems), rows, pager, sort, &address);
    if is_sound { page(&list) } else { page_with_problems(&list) }
}
