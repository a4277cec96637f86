//! CRM > Reports > Referral Partner Ledgers, its export, and runs of ticked rows.

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};

use super::Search;
use super::export::run_as_csv;
use super::forms::{SearchForm, search_of, ticked};
use super::pages::{IndexPage, Offered, Shown};
use super::queries::{self, Run};
use super::runs::{Chosen, make_run};
use crate::book::RunKind;
use crate::domain::ids::RunId;
use crate::error::AppError;
use crate::people::partners;
use crate::running::saved_searches::{self, Saved};
use crate::web::admin::{Role, SignedIn, Viewer};
use crate::web::forms::{FormData, Problems, Query, page, page_with_problems, see_other};
use crate::web::list::Window;
use crate::web::{App, paths};

/// `GET /reports/ledgers`
pub async fn index(viewer: Viewer, app: App, query: Query) -> Result<HttpResponse, AppError> {
    let form = SearchForm::read(&query, viewer.today());
    index_with(&viewer, &app, form, Window::of(&query), None, (*query).clone()).await
}

/// `GET /reports/ledgers.csv`. Each export is kept as a run: see
/// docs/decisions/0020-an-export-is-a-get-that-keeps-a-run.md.
pub async fn export(
    viewer: Viewer,
    app: App,
    request: HttpRequest,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let search = match search_of(&query, viewer.today()) {
        Ok(search) => search,
        Err(problems) => return Ok(sentences(&problems)),
    };
    if request.method() == Method::HEAD {
        // Asked only whether there is such a file: nobody has seen anything, so nothing is kept.
        return Ok(HttpResponse::Ok().content_type("text/csv; charset=utf-8").finish());
    }
    let who = viewer.who();
    let run = app
        .db
        .run(move |conn| {
            let id = make_run(conn, RunKind::Export, &search, &Chosen::All, &who)?;
            Ok(Run { id, period: search.period })
        })
        .await?;
    run_as_csv(app.db.clone(), run).await
}

/// `POST /runs`: ticked rows, or all results where none is ticked, for payments or as a file.
pub async fn create_run(viewer: Viewer, app: App, fields: FormData) -> Result<HttpResponse, AppError> {
    let checks = fields.get("kind") == "checks";
    let kind = match fields.get("kind") {
        "preview" if viewer.user.role != Role::Administrator => return Err(AppError::Forbidden),
        "preview" => RunKind::Preview,
        "export" | "checks" => RunKind::Export,
        _ => return Err(AppError::refused("Choose an action: nothing says what to do with these partners.")),
    };
    let form = SearchForm::read(&fields, viewer.today());
    let chosen = form.parse().and_then(|search| Ok((search, chosen(&fields)?)));
    let (search, chosen) = match chosen {
        Ok(chosen) => chosen,
        Err(problems) => {
            return index_with(&viewer, &app, form, Window::of(&fields), Some(problems), FormData::default())
                .await;
        }
    };
    let who = viewer.who();
    let run = app.db.run(move |conn| make_run(conn, kind, &search, &chosen, &who)).await?;
    Ok(see_other(match kind {
        RunKind::Preview => paths::new_payment_batch(run),
        RunKind::Export if checks => paths::run_checks(run),
        RunKind::Export | RunKind::Print => paths::run_csv(run),
    }))
}

/// `GET /runs/{id}/ledgers.csv`: what a run showed, as often as it is asked for.
pub async fn show_run(_viewer: Viewer, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let id = RunId(*id);
    let run = app.db.read(move |conn| Ok(queries::run(conn, id)?)).await?;
    run_as_csv(app.db.clone(), run.ok_or_else(|| AppError::not_found(format!("run {id}")))?).await
}

/// Everything that is wrong with the address of a file, as plain text: whoever fetches files reads no
/// pages.
pub fn sentences(problems: &Problems) -> HttpResponse {
    let sentences: Vec<&str> = problems.iter().map(|(_, sentence)| sentence).collect();
    HttpResponse::build(StatusCode::UNPROCESSABLE_ENTITY)
        .content_type("text/plain; charset=utf-8")
        .body(sentences.join("\n") + "\n")
}

/// Whom a form of the report has chosen: the ticked ones, or all results.
pub fn chosen(fields: &FormData) -> Result<Chosen, Problems> {
    let ticked = if fields.has("all") { Vec::new() } else { ticked(fields)? };
    Ok(if ticked.is_empty() { Chosen::All } else { Chosen::Ticked(ticked) })
}

async fn index_with(
    visitor: &SignedIn,
    app: &App,
    form: SearchForm,
    window: Window,
    problems: Option<Problems>,
    asked: FormData,
) -> Result<HttpResponse, AppError> {
    let user = visitor.user.id;
    let search = match problems {
        Some(problems) => Err(problems),
        None => form.parse(),
    };
    let (sought, sort) = (search.clone().ok(), form.sort());
    let (offered, results, months) = app
        .db
        .read(move |conn| {
            let saved = Saved::read(conn, user, saved_searches::Page::Ledgers, &asked)?;
            let (programs, tags) = (queries::programs(conn)?, partners::tags(conn)?);
            let known = |search: &&Search| {
                search.program.is_none_or(|id| programs.iter().any(|(program, _)| *program == id))
            };
            let Some(search) = sought.as_ref().filter(known) else {
                return Ok((Offered { programs, tags, saved }, None, None));
            };
            let results = queries::results(conn, search, sort, window)?;
            let nobody = results.totals.partners == 0;
            let months = if nobody { queries::first_and_last_month(conn)? } else { None };
            Ok((Offered { programs, tags, saved }, Some(results), months))
        })
        .await?;
    match (search, results) {
        (Ok(search), Some(results)) => {
            let shown = Shown { search, sort, window, results, months };
            page(&IndexPage::new(visitor, form, offered, Some(shown), Problems::none()))
        }
        (search, _) => {
            let unknown = || Problems::one("program", "There is no such commission program any more.");
            let problems = search.err().unwrap_or_else(unknown);
            page_with_problems(&IndexPage::new(visitor, form, offered, None, problems))
        }
    }
}
