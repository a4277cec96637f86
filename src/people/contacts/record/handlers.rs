//! Contacts made, edited and deleted over HTTP.

use actix_web::{HttpResponse, web};

use super::super::queries;
use super::forms::ContactForm;
use super::pages::{DeletePage, EditPage};
use super::{Facts, Record, Saved};
use crate::domain::ids::ContactId;
use crate::error::AppError;
use crate::web::admin::Administrator;
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, page, page_with_problems, see_other};
use crate::web::{App, paths};

/// `GET /contacts/new`
pub async fn new(admin: Administrator) -> Result<HttpResponse, AppError> {
    page(&EditPage::new(&admin, None, ContactForm::default(), Problems::none()))
}

/// `POST /contacts`
pub async fn create(admin: Administrator, app: App, form: FormData) -> Result<HttpResponse, AppError> {
    let form = ContactForm::read(&form);
    let facts = match parse(&app, &form).await? {
        Ok(facts) => facts,
        Err(problems) => return page_with_problems(&EditPage::new(&admin, None, form, problems)),
    };
    let who = admin.who();
    match app.db.run(move |conn| super::create(conn, &who, &facts)).await? {
        Saved::Done(id) => {
            admin.flash(Flash::ok("Added.", "Orders and referrals can name this contact now."));
            Ok(see_other(paths::contact(id)))
        }
        Saved::Problems(problems) => page_with_problems(&EditPage::new(&admin, None, form, problems)),
        Saved::Stale => Err(AppError::not_found("contact yet")),
    }
}

/// `GET /contacts/{id}/edit`
pub async fn edit(admin: Administrator, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let record = find(&app, ContactId(*id)).await?;
    super::refuse_erased(&record)?;
    let form = ContactForm::of(&record);
    page(&EditPage::new(&admin, Some(record), form, Problems::none()))
}

/// `POST /contacts/{id}`
pub async fn update(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let (id, form) = (ContactId(*id), ContactForm::read(&form));
    let facts = match parse(&app, &form).await? {
        Ok(facts) => facts,
        Err(problems) => {
            return page_with_problems(&EditPage::new(&admin, Some(find(&app, id).await?), form, problems));
        }
    };
    let (who, version) = (admin.who(), form.version());
    match app.db.run(move |conn| super::change(conn, &who, id, &facts, version)).await? {
        Saved::Done(id) => {
            admin.flash(Flash::ok("Saved.", ""));
            Ok(see_other(paths::contact(id)))
        }
        Saved::Problems(problems) => {
            page_with_problems(&EditPage::new(&admin, Some(find(&app, id).await?), form, problems))
        }
        Saved::Stale => page_with_problems(&EditPage::with_conflict(&admin, find(&app, id).await?, form)),
    }
}

/// `GET /contacts/{id}/delete`
pub async fn confirm_delete(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
) -> Result<HttpResponse, AppError> {
    let id = ContactId(*id);
    let record = find(&app, id).await?;
    let uses = app.db.read(move |conn| super::uses(conn, id)).await?;
    page(&DeletePage::new(&admin, record, uses))
}

/// `POST /contacts/{id}/delete`
pub async fn remove(admin: Administrator, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let (id, who) = (ContactId(*id), admin.who());
    let record = find(&app, id).await?;
    let uses = app.db.run(move |conn| super::delete(conn, &who, id)).await?;
    if !uses.is_empty() {
        return page_with_problems(&DeletePage::new(&admin, record, uses));
    }
    admin.flash(Flash::ok("Deleted.", "Nothing used this contact."));
    Ok(see_other(paths::CONTACTS))
}

async fn parse(app: &App, form: &ContactForm) -> Result<Result<Facts, Problems>, AppError> {
    let code = form.sales_rep_code();
    let named = app.db.read(move |conn| Ok(queries::record::partner_by_code(conn, &code)?)).await?;
    Ok(form.parse(named))
}

async fn find(app: &App, id: ContactId) -> Result<Record, AppError> {
    let found = app.db.read(move |conn| super::find(conn, id)).await?;
    found.ok_or_else(|| AppError::not_found(format!("contact {id}")))
}
