//! Products made, edited and deleted over HTTP.

use actix_web::{HttpResponse, web};

use super::forms::ProductForm;
use super::pages::{DeletePage, EditPage};
use super::{Record, Saved, queries};
use crate::domain::ids::ProductId;
use crate::domain::typed::Trimmed;
use crate::error::AppError;
use crate::web::admin::Administrator;
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, page, page_with_problems, see_other};
use crate::web::{App, paths};

/// `GET /products/new`
pub async fn new(admin: Administrator) -> Result<HttpResponse, AppError> {
    let form = ProductForm { commissionable: true, ..ProductForm::default() };
    page(&EditPage::new(&admin, None, form, Problems::none()))
}

/// `POST /products`
pub async fn create(admin: Administrator, app: App, form: FormData) -> Result<HttpResponse, AppError> {
    let form = ProductForm::read(&form);
    let problems = match form.parse() {
        Err(problems) => problems,
        Ok(facts) => {
            let who = admin.who();
            match app.db.run(move |conn| super::create(conn, &who, &facts)).await? {
                Saved::CodeTaken(name) => taken(&name),
                Saved::Done | Saved::Stale => {
                    admin.flash(Flash::ok("Added.", format!("{} can be sold now.", form.code.trimmed())));
                    return Ok(see_other(paths::PRODUCTS));
                }
            }
        }
    };
    page_with_problems(&EditPage::new(&admin, None, form, problems))
}

/// `GET /products/{id}/edit`
pub async fn edit(admin: Administrator, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let record = find(&app, ProductId(*id)).await?;
    let form = ProductForm::of(&record.facts, record.version);
    page(&EditPage::new(&admin, Some(&record), form, Problems::none()))
}

/// `POST /products/{id}`
pub async fn update(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let (id, form) = (ProductId(*id), ProductForm::read(&form));
    let problems = match form.parse() {
        Err(problems) => problems,
        Ok(facts) => {
            let (who, version) = (admin.who(), form.version());
            match app.db.run(move |conn| super::change(conn, &who, id, &facts, version)).await? {
                Saved::Done => {
                    admin.flash(Flash::ok("Saved.", "Orders that are recorded already stay as they are."));
                    return Ok(see_other(paths::PRODUCTS));
                }
                Saved::CodeTaken(name) => taken(&name),
                Saved::Stale => {
                    let record = find(&app, id).await?;
                    return page_with_problems(&EditPage::with_conflict(&admin, &record, form));
                }
            }
        }
    };
    page_with_problems(&EditPage::new(&admin, Some(&find(&app, id).await?), form, problems))
}

/// `GET /products/{id}/delete`
pub async fn confirm_delete(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
) -> Result<HttpResponse, AppError> {
    let id = ProductId(*id);
    let record = find(&app, id).await?;
    let uses = app.db.read(move |conn| Ok(queries::uses(conn, id)?)).await?;
    page(&DeletePage::new(&admin, &record, uses))
}

/// `POST /products/{id}/delete`
pub async fn remove(admin: Administrator, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let (id, who) = (ProductId(*id), admin.who());
    let record = find(&app, id).await?;
    let uses = app.db.run(move |conn| super::delete(conn, &who, id)).await?;
    if !uses.is_empty() {
        return page_with_problems(&DeletePage::new(&admin, &record, uses));
    }
    admin.flash(Flash::ok("Deleted.", "Nothing used this product."));
    Ok(see_other(paths::PRODUCTS))
}

fn taken(name: &str) -> Problems {
    Problems::one(
        "code",
        format!("{name} has this code already. Capital and small letters count as different."),
    )
}

async fn find(app: &App, id: ProductId) -> Result<Record, AppError> {
    app.db.read(move |conn| super::find(conn, id)).await
}
