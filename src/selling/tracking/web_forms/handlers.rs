//! Web forms over HTTP, as those who keep them see them.

use actix_web::{HttpResponse, web};

use super::export::as_csv;
use super::forms::WebFormForm;
use super::pages::{DeletePage, EditPage, IndexPage, ShowPage, Shown};
use super::submissions::{self, queries as sent};
use super::{Facts, Record, Saved, queries};
use crate::domain::ids::{SubmissionId, WebFormId};
use crate::domain::link;
use crate::error::AppError;
use crate::people::partners;
use crate::running::settings;
use crate::web::admin::{Administrator, Viewer};
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, Query, page, page_with_problems, see_other};
use crate::web::list::{Address, Pager, Window};
use crate::web::{App, paths};

/// How many of robots' submissions a form's page shows.
const SPAM_SHOWN: i64 = 20;

/// `GET /web-forms`
pub async fn index(viewer: Viewer, app: App, query: Query) -> Result<HttpResponse, AppError> {
    let mut problems = Problems::none();
    let typed = query.get("q").to_string();
    let words = problems.optional_text("q", "What to look for", &typed, 200);
    let (window, is_sound) = (Window::of(&query), problems.is_empty());
    let (total, rows) = app
        .db
        .read(move |conn| {
            if !is_sound {
                return Ok((0, Vec::new()));
            }
            Ok((queries::count(conn, &words)?, queries::list(conn, &words, window)?))
        })
        .await?;
    let pager = Pager::new(window, total, &Address::new(paths::WEB_FORMS, &query));
    let list = IndexPage::new(&viewer, (typed, problems), rows, pager);
    if is_sound { page(&list) } else { page_with_problems(&list) }
}

/// `GET /web-forms/new`
pub async fn new(admin: Administrator, app: App) -> Result<HttpResponse, AppError> {
    page(&EditPage::new(&admin, &app, None, WebFormForm::fresh(), Problems::none()))
}

/// `POST /web-forms`
pub async fn create(admin: Administrator, app: App, form: FormData) -> Result<HttpResponse, AppError> {
    let form = WebFormForm::read(&form);
    let problems = match parse(&app, &form).await? {
        Err(problems) => problems,
        Ok(facts) => {
            let who = admin.who();
            match app.db.run(move |conn| super::create(conn, &who, &facts)).await? {
                Saved::CodeTaken(name) => taken(&name),
                Saved::Done(id) => {
                    admin.flash(Flash::ok("Added.", "Its address can be handed out now."));
                    return Ok(see_other(paths::web_form(id)));
                }
                Saved::Stale => return Err(AppError::refused("This form was changed meanwhile.")),
            }
        }
    };
    page_with_problems(&EditPage::new(&admin, &app, None, form, problems))
}

/// `GET /web-forms/{id}`: what was sent by it, its address, and how it gets onto another page.
pub async fn show(
    viewer: Viewer,
    app: App,
    id: web::Path<i64>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let (id, window, own_url) = (WebFormId(*id), Window::of(&query), app.public_url.clone());
    let shown = app.db.read(move |conn| {
        let record = super::find(conn, id)?;
        let (defaults, _) = settings::defaults(conn)?;
        Ok(Shown {
            // Where partners' links begin, so that the visitor's cookie comes along.
            base: link::base(&defaults.custom_link_url, &own_url).to_string(),
            totals: sent::totals(conn, id, record.seen_up_to)?,
            submissions: sent::list(conn, id, window)?,
            spam: sent::spam(conn, id, SPAM_SHOWN)?,
            record,
        })
    });
    let shown = shown.await?;
    let pager = Pager::new(window, shown.totals.leads, &Address::new(paths::web_form(id), &query));
    page(&ShowPage::new(&viewer, &app, shown, pager)?)
}

/// `GET /web-forms/{id}/leads.csv`
pub async fn export(viewer: Viewer, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let record = find(&app, WebFormId(*id)).await?;
    as_csv(app.db.clone(), record, viewer.company.format().zone).await
}

/// `GET /web-forms/{id}/edit`
pub async fn edit(admin: Administrator, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let record = find(&app, WebFormId(*id)).await?;
    let form = WebFormForm::of(&record);
    page(&EditPage::new(&admin, &app, Some(&record), form, Problems::none()))
}

/// `POST /web-forms/{id}`
pub async fn update(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let (id, form) = (WebFormId(*id), WebFormForm::read(&form));
    let problems = match parse(&app, &form).await? {
        Err(problems) => problems,
        Ok(facts) => {
            let (who, version) = (admin.who(), form.version());
            match app.db.run(move |conn| super::change(conn, &who, id, &facts, version)).await? {
                Saved::Done(id) => {
                    admin.flash(Flash::ok("Saved.", "Whoever opens the form from now on sees it so."));
                    return Ok(see_other(paths::web_form(id)));
                }
                Saved::CodeTaken(name) => taken(&name),
                Saved::Stale => {
                    let record = find(&app, id).await?;
                    return page_with_problems(&EditPage::with_conflict(&admin, &app, &record, form));
                }
            }
        }
    };
    page_with_problems(&EditPage::new(&admin, &app, Some(&find(&app, id).await?), form, problems))
}

/// `POST /web-forms/{id}/seen`
pub async fn see(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let (id, who) = (WebFormId(*id), admin.who());
    let up_to = form.id("up_to", SubmissionId).unwrap_or(SubmissionId(0));
    app.db.run(move |conn| super::see(conn, &who, id, up_to)).await?;
    admin.flash(Flash::ok("Seen.", "The start page tells of what comes from now on."));
    Ok(see_other(paths::web_form(id)))
}

/// `GET /web-forms/{id}/delete`
pub async fn confirm_delete(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
) -> Result<HttpResponse, AppError> {
    let id = WebFormId(*id);
    let record = find(&app, id).await?;
    let leads = app.db.read(move |conn| submissions::count(conn, id)).await?;
    page(&DeletePage::new(&admin, &record, leads))
}

/// `POST /web-forms/{id}/delete`
pub async fn remove(admin: Administrator, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let (id, who) = (WebFormId(*id), admin.who());
    let record = find(&app, id).await?;
    let leads = app.db.run(move |conn| super::delete(conn, &who, id)).await?;
    if leads > 0 {
        return page_with_problems(&DeletePage::new(&admin, &record, leads));
    }
    admin.flash(Flash::ok("Deleted.", "Nobody had sent this form."));
    Ok(see_other(paths::WEB_FORMS))
}

async fn parse(app: &App, form: &WebFormForm) -> Result<Result<Facts, Problems>, AppError> {
    let code = form.sales_rep_code();
    let named = app.db.read(move |conn| partners::by_code(conn, std::slice::from_ref(&code))).await?;
    Ok(form.parse(named.get(&form.sales_rep_code()).copied()))
}

fn taken(name: &str) -> Problems {
    Problems::one(
        "code",
        format!("“{name}” has or had this code. Capital and small letters count as the same."),
    )
}

async fn find(app: &App, id: WebFormId) -> Result<Record, AppError> {
    app.db.read(move |conn| super::find(conn, id)).await
}
