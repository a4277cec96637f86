//! CRM > Commission Programs.

mod edit;
mod enrolled;

pub use edit::{create, edit, load, new, remove, update};
pub use enrolled::{enrol, partners, withdraw};

use super::forms::PrioritiesForm;
use super::pages::{Head, IndexPage, ShowPage, Shown, Tab, VERSIONS_SHOWN, VersionsPage};
use super::queries::pages::{self as queries, HeadRow, VersionRow};
use super::words;
use crate::domain::ids::{ProductId, ProgramId};
use crate::domain::program::Program;
use crate::error::AppError;
use crate::running::settings;
use crate::web::admin::{Administrator, SignedIn, Viewer};
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, Query, page, page_with_problems, see_other};
use crate::web::html::counted;
use crate::web::list::{Address, Pager, Window};
use crate::web::{App, paths};
use actix_web::{HttpResponse, web};
use diesel::PgConnection;

/// `GET /programs`
pub async fn index(viewer: Viewer, app: App) -> Result<HttpResponse, AppError> {
    page(&list(&viewer, &app, &PrioritiesForm::default(), Problems::none()).await?)
}

async fn list(
    visitor: &SignedIn,
    app: &App,
    form: &PrioritiesForm,
    problems: Problems,
) -> Result<IndexPage, AppError> {
    let read = app.db.read(|conn| Ok((queries::list(conn)?, settings::defaults(conn)?.0.payout)));
    let (programs, rules) = read.await?;
    Ok(IndexPage::new(visitor, &programs, rules, form, problems))
}

/// `POST /programs/priorities`
pub async fn update_priorities(
    admin: Administrator,
    app: App,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let form = PrioritiesForm::read(&form);
    let wanted = match form.parse() {
        Ok(wanted) => wanted,
        Err(problems) => return page_with_problems(&list(&admin, &app, &form, problems).await?),
    };
    let who = admin.who();
    match app.db.run(move |conn| super::set_priorities(conn, &who, &wanted)).await? {
        Ok(0) => admin.flash(Flash::ok("Nothing to save.", "All priorities are as they were.")),
        Ok(n) => {
            let programs = counted(n, "program has", "programs have");
            admin.flash(Flash::ok(
                "Saved.",
                format!("{programs} another priority from now on, and a new version."),
            ));
        }
        Err(stale) => {
            let mut problems = Problems::none();
            for id in stale {
                problems.add(
                    format!("priority-{id}"),
                    "Somebody has changed this program’s priority since you opened the list. Nothing was saved; \
                     look at the order again, and save it once more.",
                );
            }
            return page_with_problems(&list(&admin, &app, &form, problems).await?);
        }
    }
    Ok(see_other(paths::PROGRAMS))
}

/// `GET /programs/{id}`
pub async fn show(
    viewer: Viewer,
    app: App,
    id: web::Path<i64>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    rules(viewer, app, ProgramId(*id), None, query).await
}

/// `GET /programs/{id}/versions/{number}`
pub async fn version(
    viewer: Viewer,
    app: App,
    path: web::Path<(i64, i32)>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let (id, number) = *path;
    rules(viewer, app, ProgramId(id), Some(number), query).await
}

/// A program's rules, as they stand or as a version said them.
async fn rules(
    viewer: Viewer,
    app: App,
    id: ProgramId,
    number: Option<i32>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let window = Window::of(&query);
    let mut problems = Problems::none();
    let words = problems.optional_text("q", "What to look for", query.get("q"), 200);
    let read = app.db.read(move |conn| {
        let (head, in_force) = find(conn, id)?;
        let version = number.map(|number| version_of(conn, id, number)).transpose()?;
        let rules = match &version {
            Some((version, _)) => version.payout_rules(),
            None => settings::defaults(conn)?.0.payout,
        };
        let program = version.as_ref().map_or_else(|| in_force.clone(), |(_, program)| program.clone());
        let products: Vec<ProductId> = program.products.keys().copied().collect();
        let (total, products) = queries::products_matching(conn, &products, &words, window)?;
        let version = version.map(|(version, _)| version);
        Ok((head, in_force, total, Shown { program, version, rules, products, words: words.clone() }))
    });
    let (row, in_force, total, shown) = read.await?;
    let path = number.map_or_else(|| paths::program(id), |number| paths::program_version(id, number));
    let pager = Pager::new(window, total, &Address::new(path, &query));
    let tab = if number.is_some() { Tab::Versions } else { Tab::Rules };
    let head = Head::new(&viewer, &row, &in_force, tab);
    page(&ShowPage::new(&viewer, head, shown, pager))
}

fn version_of(
    conn: &mut PgConnection,
    id: ProgramId,
    number: i32,
) -> Result<(VersionRow, Program), AppError> {
    let none = || AppError::not_found(format!("version {number} of program {id}"));
    let version = queries::version(conn, id, number)?.ok_or_else(none)?;
    let program = super::queries::versions(conn, &[version.id])?.pop().ok_or_else(none)?;
    Ok((version, program))
}

/// `GET /programs/{id}/versions`
pub async fn versions(
    viewer: Viewer,
    app: App,
    id: web::Path<i64>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let id = ProgramId(*id);
    let window = Window { rows: VERSIONS_SHOWN, ..Window::of(&query) };
    let read = app.db.read(move |conn| {
        let (head, in_force) = find(conn, id)?;
        // One more than is shown: each is compared with the one before it.
        let rows = queries::versions(conn, id, window.limit() + 1, window.offset())?;
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let versions: Vec<(VersionRow, Program)> =
            rows.into_iter().zip(super::queries::versions(conn, &ids)?).collect();
        let pairs = versions.iter().zip(versions.iter().skip(1));
        let products: Vec<ProductId> =
            pairs.flat_map(|((_, new), (_, old))| words::differing_products(old, new)).collect();
        let names = queries::products(conn, &products)?;
        Ok((head, in_force, versions, names))
    });
    let (row, in_force, versions, names) = read.await?;
    let pager = Pager::new(window, row.versions, &Address::new(paths::program_versions(id), &query));
    let head = Head::new(&viewer, &row, &in_force, Tab::Versions);
    page(&VersionsPage::new(&viewer, head, &versions, &names, pager))
}

/// A program and its newest version, or a page that says that there is no such program.
fn find(conn: &mut PgConnection, id: ProgramId) -> Result<(HeadRow, Program), AppError> {
    let none = || AppError::not_found(format!("commission program {id}"));
    let head = queries::head(conn, id)?.ok_or_else(none)?;
    let newest = queries::versions(conn, id, 1, 0)?.pop().ok_or_else(none)?;
    let program = super::queries::versions(conn, &[newest.id])?.pop().ok_or_else(none)?;
    Ok((head, program))
}
