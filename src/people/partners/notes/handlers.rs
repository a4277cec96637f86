//! Notes over HTTP.

use actix_web::{HttpResponse, web};

use super::pages::NotesPage;
use super::{NoteForm, queries};
use crate::domain::ids::PartnerId;
use crate::error::AppError;
use crate::people::partners::handlers::find;
use crate::people::partners::pages::{Head, Tab};
use crate::web::admin::{Administrator, SignedIn, Viewer};
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, Query, page, page_with_problems, see_other};
use crate::web::list::{Address, Pager, Window};
use crate::web::{App, paths};

/// `GET /partners/{id}/notes`
pub async fn index(
    viewer: Viewer,
    app: App,
    id: web::Path<i64>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    page(&notes(&viewer, &app, PartnerId(*id), &query, NoteForm::fresh(), Problems::none()).await?)
}

/// `POST /partners/{id}/notes`
pub async fn create(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let (id, form) = (PartnerId(*id), NoteForm::read(&form));
    let new = match form.parse() {
        Ok(new) => new,
        Err(problems) => {
            let form = NoteForm { key: NoteForm::fresh().key, ..form };
            return page_with_problems(&notes(&admin, &app, id, &FormData::default(), form, problems).await?);
        }
    };
    let who = admin.who();
    app.db.run(move |conn| super::add(conn, &who, id, &new)).await?;
    admin.flash(Flash::ok("Written down.", ""));
    Ok(see_other(paths::partner_tab(id, "notes")))
}

async fn notes(
    visitor: &SignedIn,
    app: &App,
    id: PartnerId,
    query: &FormData,
    form: NoteForm,
    problems: Problems,
) -> Result<NotesPage, AppError> {
    let window = Window::of(query);
    let (row, rows) = app
        .db
        .read(move |conn| Ok((find(conn, id)?, queries::notes(conn, id, window.limit(), window.offset())?)))
        .await?;
    let pager = Pager::new(window, row.notes, &Address::new(paths::partner_tab(id, "notes"), query));
    let head = Head::new(visitor, app, &row, Tab::Notes);
    Ok(NotesPage::new(visitor, head, rows, pager, form, problems))
}
