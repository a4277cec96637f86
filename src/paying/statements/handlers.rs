//! Printing over HTTP.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, web};

use super::print::{letterhead, print, printed};
use super::{job, queries};
use crate::book::{self, RunKind};
use crate::domain::ids::{FileId, PaymentBatchId, RunId};
use crate::error::AppError;
use crate::paper::page::Sheet;
use crate::paying::ledgers::{Chosen, SearchForm, chosen, make_run, search_of, sentences};
use crate::running::{files, jobs};
use crate::web::admin::Viewer;
use crate::web::download::{File, download_read, name_of_period};
use crate::web::forms::{FormData, Problems, Query, see_other};
use crate::web::{App, paths};

const PDF: &str = "application/pdf";

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
        return Ok(HttpResponse::Ok().content_type(PDF).finish());
    }
    let (who, sheet) = (viewer.who(), sheet(&query));
    let run = app.db.run(move |conn| make_run(conn, RunKind::Print, &search, &Chosen::All, &who)).await?;
    run_as_pdf(app, run, sheet).await
}

/// `POST /prints`: the ticked rows of the report or all its results, one partner's ledger, or those whom
/// a batch paid. Leads to the file, or to the job that makes it where it is long.
pub async fn create(viewer: Viewer, app: App, fields: FormData) -> Result<HttpResponse, AppError> {
    let search = SearchForm::read(&fields, viewer.today()).parse();
    let (search, chosen) = match search.and_then(|search| Ok((search, chosen_of(&fields)?))) {
        Ok(found) => found,
        Err(problems) => {
            let sentences: Vec<&str> = problems.iter().map(|(_, sentence)| sentence).collect();
            return Err(AppError::Refused(sentences.join(" ")));
        }
    };
    let (who, paper) = (viewer.who(), sheet(&fields));
    let (run, job) = app
        .db
        .run(move |conn| {
            let run = make_run(conn, RunKind::Print, &search, &chosen, &who)?;
            let ledgers = book::run_accounts(conn, run)?.len();
            let is_long =
                ledgers > job::MOST_AT_ONCE || queries::has_more_entries(conn, run, job::MOST_ENTRIES)?;
            let job = is_long.then(|| job::ask(conn, &who, run, paper, ledgers)).transpose()?;
            Ok((run, job))
        })
        .await?;
    Ok(see_other(match (job, paper) {
        (Some(job), _) => {
            jobs::ring();
            paths::job(job)
        }
        (None, Some(paper)) => paths::run_pdf_on(run, paper.word()),
        (None, None) => paths::run_pdf(run),
    }))
}

fn chosen_of(fields: &FormData) -> Result<Chosen, Problems> {
    if !fields.has("batch") {
        return chosen(fields);
    }
    let batch = fields.get("batch").parse().map(PaymentBatchId);
    batch.map(Chosen::Paid).map_err(|_| Problems::one("batch", "There is no such batch."))
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

/// `GET /prints/{id}`: the file of a long print, for as long as it is kept.
pub async fn show_file(_viewer: Viewer, app: App, id: web::Path<FileId>) -> Result<HttpResponse, AppError> {
    let id = *id;
    let kept = app.db.read(move |conn| Ok(files::find(conn, id)?)).await?;
    // Uploads are kept in the same place, and are nobody else's business.
    let kept = kept.filter(|file| file.media_type == PDF);
    let kept = kept.ok_or_else(|| AppError::not_found("such print: it was kept for a day. Print again"))?;
    let file = File { name: kept.name, media_type: PDF, inline: true };
    download_read(app.db.clone(), file, move |conn, mut outlet| {
        files::copy(conn, id, &mut outlet)?;
        Ok(outlet)
    })
    .await
}

/// The paper that was asked for; none for the company's usual one.
fn sheet(query: &FormData) -> Option<Sheet> {
    Sheet::from_word(query.get("paper"))
}

async fn run_as_pdf(app: App, run: RunId, sheet: Option<Sheet>) -> Result<HttpResponse, AppError> {
    let (shown, ledgers) =
        app.db.read(move |conn| Ok((printed(conn, run)?, book::run_accounts(conn, run)?.len()))).await?;
    if ledgers == 0 {
        return Err(AppError::refused(
            "There is no ledger to print: this search finds no partner. Choose other dates.",
        ));
    }
    let name = name_of_period("ledgers", &shown.period, "pdf");
    download_read(app.db.clone(), File { name, media_type: PDF, inline: true }, move |conn, outlet| {
        let head = letterhead(conn, &shown, sheet)?;
        print(conn, &shown, &head, outlet, &|_, _| Ok(()))
    })
    .await
}
