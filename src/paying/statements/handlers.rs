//! Printing over HTTP.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, web};

use super::print::{letterhead, print, printed};
use crate::book::RunKind;
use crate::domain::ids::RunId;
use crate::error::AppError;
use crate::paper::page::Sheet;
use crate::paying::ledgers::{Chosen, make_run, search_of, sentences};
use crate::web::App;
use crate::web::admin::Viewer;
use crate::web::download::{File, download};
use crate::web::forms::{FormData, Query};

/// `GET /reports/ledgers.pdf`. As the CSV, each print is kept as a run.
pub async fn print_all(
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
        return Ok(HttpResponse::Ok().content_type("application/pdf").finish());
    }
    let (who, sheet) = (viewer.who(), sheet(&query));
    let run = app.db.run(move |conn| make_run(conn, RunKind::Print, &search, &Chosen::All, &who)).await?;
    run_as_pdf(app, run, sheet).await
}

/// `GET /runs/{id}/ledgers.pdf`: what a run showed, as often as it is asked for.
pub async fn show_run(
    _viewer: Viewer,
    app: App,
    id: web::Path<RunId>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    run_as_pdf(app, *id, sheet(&query)).await
}

/// The paper that was asked for; none for the company's usual one.
fn sheet(query: &FormData) -> Option<Sheet> {
    Sheet::from_word(query.get("paper"))
}

async fn run_as_pdf(app: App, run: RunId, sheet: Option<Sheet>) -> Result<HttpResponse, AppError> {
    let shown = app.db.read(move |conn| printed(conn, run)).await?;
    let name = format!("ledgers-{}-{}.pdf", shown.period.from(), shown.period.to());
    let db = app.db.clone();
    download(File { name, media_type: "application/pdf", inline: true }, move |outlet| {
        let outlet = std::cell::Cell::new(Some(outlet));
        db.read_now(|conn| {
            let head = letterhead(conn, &shown, sheet)?;
            // A second try after the database was lost would send the first pages twice.
            let lost =
                || AppError::Unavailable(anyhow::anyhow!("the database was lost while a file was written"));
            let outlet = outlet.take().ok_or_else(lost)?;
            print(conn, &shown, &head, outlet, &|_, _| ())
        })
    })
    .await
}
