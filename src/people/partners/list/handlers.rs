//! The list of partners over HTTP.

use actix_web::HttpResponse;

use super::export::as_csv;
use super::{Chosen, Typed};
use crate::error::AppError;
use crate::people::names::Person;
use crate::people::partners::pages::{COLUMNS, Found, IndexPage};
use crate::people::partners::queries::list::{self, Column};
use crate::people::partners::queries::{pages as head, record};
use crate::running::saved_searches::{self, Saved};
use crate::web::admin::Viewer;
use crate::web::forms::{FormData, Query, page, page_with_problems};
use crate::web::list::{Address, Pager, Sort, Window};
use crate::web::{App, paths};

/// `GET /partners`
pub async fn index(viewer: Viewer, app: App, query: Query) -> Result<HttpResponse, AppError> {
    let typed = Typed::of(&query);
    let sort = Sort::of(&query, COLUMNS, Sort { by: Column::Name, descending: false });
    let window = Window::of(&query);
    let (asked, user, searched) = (typed.clone(), viewer.user.id, query.clone());
    let (total, found, problems) = app
        .db
        .read(move |conn| {
            let (search, problems) = asked.read(conn)?;
            let parent = search.parent.map(|parent| head::head(conn, parent)).transpose()?.flatten();
            let found = Found {
                saved: Some(Saved::read(conn, user, saved_searches::Page::Partners, &searched)?),
                programs: list::program_names(conn)?,
                tags: record::all_tags(conn)?,
                parent: parent.map(|row| Person::partner(row.id, &row.name, &row.code)),
                ..Found::default()
            };
            if !problems.is_empty() {
                return Ok((0, found, problems));
            }
            let total = list::total(conn, &search)?;
            let rows = list::list(conn, &search, sort, window)?;
            Ok((total.partners, Found { rows, balance: total.balance_minor, ..found }, problems))
        })
        .await?;
    let address = Address::new(paths::PARTNERS, &query);
    let (pager, is_sound) = (Pager::new(window, total, &address), problems.is_empty());
    let list = IndexPage::new(&viewer, (typed, problems), found, pager, sort, &address);
    if is_sound { page(&list) } else { page_with_problems(&list) }
}

/// `GET /partners.csv`: all results.
pub async fn export(_viewer: Viewer, app: App, query: Query) -> Result<HttpResponse, AppError> {
    as_csv(&app, Typed::of(&query), Chosen::All).await
}

/// `POST /partners.csv`: those that are ticked, or all results.
pub async fn export_chosen(_viewer: Viewer, app: App, form: FormData) -> Result<HttpResponse, AppError> {
    as_csv(&app, Typed::of(&form), Chosen::of(&form)?).await
}
