//! Partners made, edited and deleted over HTTP.

use actix_web::{HttpResponse, web};

use super::forms::PartnerForm;
use super::pages::{DeletePage, EditPage, Known};
use super::{Record, Saved, queries};
use crate::domain::ids::PartnerId;
use crate::domain::typed::Trimmed;
use crate::error::AppError;
use crate::people::contacts::record as person;
use crate::people::partners::queries::{list, standing};
use crate::web::admin::Administrator;
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, Query, page, page_with_problems, see_other};
use crate::web::{App, paths};

/// `GET /partners/new`; `?parent=` a code.
pub async fn new(admin: Administrator, app: App, query: Query) -> Result<HttpResponse, AppError> {
    let form = PartnerForm { parent: query.get("parent").into(), ..PartnerForm::fresh() };
    page(&EditPage::new(&admin, None, form, known(&app, None).await?, Problems::none()))
}

/// `POST /partners`
pub async fn create(admin: Administrator, app: App, form: FormData) -> Result<HttpResponse, AppError> {
    let form = PartnerForm::read(&form);
    let problems = match form.parse() {
        Err(problems) => problems,
        Ok(sound) => {
            let who = admin.who();
            match app.db.run(move |conn| super::create(conn, &who, &sound)).await? {
                Saved::Done(id) => {
                    let code = form.code.trimmed();
                    admin.flash(Flash::ok(
                        "Added.",
                        format!("Links with the code {code} lead to this partner."),
                    ));
                    return Ok(see_other(paths::partner(id)));
                }
                Saved::Problems(problems) => problems,
                Saved::Stale => return Err(AppError::not_found("partner yet")),
            }
        }
    };
    page_with_problems(&EditPage::new(&admin, None, form, known(&app, None).await?, problems))
}

/// `GET /partners/{id}/edit`
pub async fn edit(admin: Administrator, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let id = PartnerId(*id);
    let record = find(&app, id).await?;
    if let Some(into) = record.merged_into {
        return Ok(see_other(paths::edit_partner(into)));
    }
    person::refuse_erased(&record.person)?;
    let form = PartnerForm::of(&record);
    page(&EditPage::new(&admin, Some(&record), form, known(&app, Some(id)).await?, Problems::none()))
}

/// `POST /partners/{id}`
pub async fn update(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let (id, form) = (PartnerId(*id), PartnerForm::read(&form));
    let problems = match form.parse() {
        Err(problems) => problems,
        Ok(sound) => {
            let (who, versions) = (admin.who(), form.versions());
            match app.db.run(move |conn| super::change(conn, &who, id, &sound, versions)).await? {
                Saved::Done(id) => {
                    admin.flash(Flash::ok("Saved.", "Orders that are recorded from now on go by it."));
                    return Ok(see_other(paths::partner(id)));
                }
                Saved::Problems(problems) => problems,
                Saved::Stale => {
                    let (record, known) = (find(&app, id).await?, known(&app, Some(id)).await?);
                    return page_with_problems(&EditPage::with_conflict(&admin, &record, form, known));
                }
            }
        }
    };
    let record = find(&app, id).await?;
    page_with_problems(&EditPage::new(&admin, Some(&record), form, known(&app, Some(id)).await?, problems))
}

/// `GET /partners/{id}/delete`
pub async fn confirm_delete(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
) -> Result<HttpResponse, AppError> {
    let id = PartnerId(*id);
    let record = find(&app, id).await?;
    let uses = app.db.read(move |conn| Ok(queries::uses(conn, id)?)).await?;
    page(&DeletePage::new(&admin, &record, uses))
}

/// `POST /partners/{id}/delete`
pub async fn remove(admin: Administrator, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let (id, who) = (PartnerId(*id), admin.who());
    let record = find(&app, id).await?;
    let uses = app.db.run(move |conn| super::delete(conn, &who, id)).await?;
    if !uses.is_empty() {
        return page_with_problems(&DeletePage::new(&admin, &record, uses));
    }
    let text = format!("The code {} is given to nobody else. The contact is kept.", record.facts.code);
    admin.flash(Flash::ok("Deleted.", text).link(paths::contact(record.person.id), "The contact"));
    Ok(see_other(paths::PARTNERS))
}

async fn find(app: &App, id: PartnerId) -> Result<Record, AppError> {
    app.db.read(move |conn| super::find(conn, id)).await
}

async fn known(app: &App, id: Option<PartnerId>) -> Result<Known, AppError> {
    let mails = app.mail.is_some();
    app.db
        .read(move |conn| {
            Ok(Known {
                programs: list::program_names(conn)?,
                tags: queries::all_tags(conn)?,
                standing: id.map(|id| standing::standing(conn, id)).transpose()?,
                mails,
            })
        })
        .await
}
