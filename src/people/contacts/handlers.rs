//! Contacts over HTTP: the list, and one contact.

use actix_web::{HttpResponse, web};

use super::pages::{COLUMNS, IndexPage, SHOWN, ShowPage};
use super::queries::pages::{self, Column};
use super::queries::story;
use crate::domain::ids::ContactId;
use crate::error::AppError;
use crate::web::admin::Viewer;
use crate::web::forms::{Problems, Query, page, page_with_problems};
use crate::web::list::{Address, Pager, Sort, Window};
use crate::web::{App, paths};

/// `GET /contacts`
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
    let address = Address::new(paths::CONTACTS, &query);
    let pager = Pager::new(window, total, &address);
    let list = IndexPage::new(&viewer, (typed, problems), rows, pager, sort, &address);
    if is_sound { page(&list) } else { page_with_problems(&list) }
}

/// `GET /contacts/{id}`
pub async fn show(
    viewer: Viewer,
    app: App,
    id: web::Path<i64>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let (id, window) = (ContactId(*id), Window::of(&query));
    let (contact, orders, referrals, (story, things)) = app
        .db
        .read(move |conn| {
            Ok((
                pages::find(conn, id)?,
                pages::orders(conn, id, SHOWN)?,
                pages::referrals(conn, id, SHOWN)?,
                (story::story(conn, id, window)?, story::count(conn, id)?),
            ))
        })
        .await?;
    let contact = contact.ok_or_else(|| AppError::not_found(format!("contact {id}")))?;
    let pager = Pager::new(window, things, &Address::new(paths::contact(id), &query));
    page(&ShowPage::new(&viewer, contact, orders, referrals, (story, pager), app.clock.now()))
}
