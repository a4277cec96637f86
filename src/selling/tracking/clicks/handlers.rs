//! A partner's clicks over HTTP.

use actix_web::{HttpResponse, web};

use super::export::as_csv;
use super::forms::SearchForm;
use super::pages::{ClicksPage, Found, rows_of};
use super::queries::{self, Place};
use crate::domain::ids::PartnerId;
use crate::error::AppError;
use crate::people::partners::handlers::find;
use crate::people::partners::pages::{Head, Tab};
use crate::web::admin::Viewer;
use crate::web::forms::{Problems, Query, page, page_with_problems};
use crate::web::list::{Address, Pager, Window};
use crate::web::{App, paths};

/// `GET /partners/{id}/clicks`
pub async fn index(
    viewer: Viewer,
    app: App,
    id: web::Path<i64>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let (id, window) = (PartnerId(*id), Window::of(&query));
    let form = SearchForm::read(&query, viewer.today());
    let (search, problems) = match form.parse() {
        Ok(search) => (Some(search), Problems::none()),
        Err(problems) => (None, problems),
    };
    let (sought, zone) = (search.clone(), viewer.company.format().zone);
    let (row, links, found) = app
        .db
        .read(move |conn| {
            let found = match &sought {
                None => None,
                Some(search) => {
                    let totals = queries::totals(conn, id, search, zone)?;
                    let (limit, place) = (window.limit(), Place::Offset(window.offset()));
                    // Where there is none it would be looked for among all others.
                    let rows = match rows_of(&totals, search.who) {
                        0 => Vec::new(),
                        _ => queries::list(conn, id, search, zone, limit, place)?,
                    };
                    Some((totals, rows))
                }
            };
            Ok((find(conn, id)?, queries::links(conn)?, found))
        })
        .await?;
    let head = Head::new(&viewer, &app, &row, Tab::Clicks);
    let found = search.zip(found).map(|(search, (totals, rows))| {
        let address = Address::new(paths::partner_tab(id, "clicks"), &query);
        let pager = Pager::new(window, rows_of(&totals, search.who), &address);
        let days = address.without("preset").without("page");
        let days = days.with("from", search.period.from()).with("to", search.period.to());
        let export = days.at(paths::partner_tab(id, "clicks.csv"));
        (search, Found { totals, rows, pager, export })
    });
    let is_sound = problems.is_empty();
    let clicks = ClicksPage::new(&viewer, head, (form, problems), links, found, app.clock.now());
    if is_sound { page(&clicks) } else { page_with_problems(&clicks) }
}

/// `GET /partners/{id}/clicks.csv`
pub async fn export(
    viewer: Viewer,
    app: App,
    id: web::Path<i64>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let id = PartnerId(*id);
    let search = match SearchForm::read(&query, viewer.today()).parse() {
        Ok(search) => search,
        Err(problems) => {
            let sentences: Vec<&str> = problems.iter().map(|(_, sentence)| sentence).collect();
            return Err(AppError::refused(sentences.join(" ")));
        }
    };
    let row = app.db.read(move |conn| find(conn, id)).await?;
    as_csv(app.db.clone(), id, row.code, search, viewer.company.format().zone).await
}
