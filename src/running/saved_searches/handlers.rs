//! Saved searches over HTTP.

use actix_web::{HttpResponse, web};

use super::Page;
use super::pages::NewPage;
use crate::error::AppError;
use crate::web::App;
use crate::web::admin::Viewer;
use crate::web::flash::Flash;
use crate::web::forms::{FormData, page_with_problems, see_other};

/// `POST /saved-searches`
pub async fn create(viewer: Viewer, app: App, form: FormData) -> Result<HttpResponse, AppError> {
    let page = Page::from_word(form.get("page"))
        .ok_or_else(|| AppError::refused("Searches of this page cannot be saved. Nothing was saved."))?;
    let (who, name, query) = (viewer.who(), form.get("name").to_string(), super::plain(form.get("query"))?);
    let typed = (name.clone(), query.clone());
    let saved = app.db.run(move |conn| super::save(conn, &who, page, &name, &query)).await?;
    let address = match saved {
        Ok(address) => address,
        Err(problems) => return page_with_problems(&NewPage::new(&viewer, page, typed.0, typed.1, problems)),
    };
    viewer.flash(Flash::ok("Saved.", "The search stands above the list, for you alone."));
    Ok(see_other(address))
}

/// `POST /saved-searches/{id}/remove`
pub async fn remove(viewer: Viewer, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let (who, id) = (viewer.who(), *id);
    let page = app.db.run(move |conn| super::remove(conn, &who, id)).await?;
    viewer.flash(Flash::ok("Removed.", "The saved search is gone; what it found is untouched."));
    Ok(see_other(page.address("")))
}
