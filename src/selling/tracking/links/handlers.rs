//! Tracking links over HTTP.

use std::slice;

use actix_web::{HttpResponse, web};
use chrono::NaiveTime;

use super::forms::LinkForm;
use super::pages::{DeletePage, EditPage, HandedOut, IndexPage, ShowPage, Shown};
use super::{Record, Saved, queries};
use crate::domain::ids::{LinkId, ProgramId};
use crate::domain::instant::first_instant;
use crate::domain::link;
use crate::domain::typed::Trimmed;
use crate::error::AppError;
use crate::people::partners::by_code;
use crate::running::settings;
use crate::selling::tracking::visits::clicks_set_aside;
use crate::web::admin::{Administrator, Viewer};
use crate::web::chart::twelve_months;
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, Query, page, page_with_problems, see_other};
use crate::web::list::{Address, Pager, Window};
use crate::web::{App, paths};

/// How many addresses that lead nowhere the list of links shows.
const UNKNOWN_SHOWN: i64 = 20;

/// `GET /links`
pub async fn index(viewer: Viewer, app: App, query: Query) -> Result<HttpResponse, AppError> {
    let mut problems = Problems::none();
    let typed = query.get("q").to_string();
    let words = problems.optional_text("q", "What to look for", &typed, 200);
    let (window, is_sound) = (Window::of(&query), problems.is_empty());
    let (total, rows, unknown, set_aside) = app
        .db
        .read(move |conn| {
            let set_aside = clicks_set_aside(conn)?;
            if !is_sound {
                return Ok((0, Vec::new(), Vec::new(), set_aside));
            }
            let unknown = if words.is_empty() { queries::unknown(conn, UNKNOWN_SHOWN)? } else { Vec::new() };
            Ok((queries::count(conn, &words)?, queries::list(conn, &words, window)?, unknown, set_aside))
        })
        .await?;
    let pager = Pager::new(window, total, &Address::new(paths::LINKS, &query));
    let list = IndexPage::new(&viewer, (typed, problems), rows, unknown, set_aside, pager);
    if is_sound { page(&list) } else { page_with_problems(&list) }
}

/// `GET /links/new`
pub async fn new(admin: Administrator, app: App) -> Result<HttpResponse, AppError> {
    let programs = programs(&app).await?;
    page(&EditPage::new(&admin, None, LinkForm::default(), programs, Problems::none()))
}

/// `POST /links`
pub async fn create(admin: Administrator, app: App, form: FormData) -> Result<HttpResponse, AppError> {
    let (form, programs) = (LinkForm::read(&form), programs(&app).await?);
    let problems = match form.parse(&programs, &settings::link_bases(&app).await?) {
        Err(problems) => problems,
        Ok(facts) => {
            let who = admin.who();
            match app.db.run(move |conn| super::create(conn, &who, &facts)).await? {
                Saved::CodeTaken(name) => taken(&name),
                Saved::Done(id) => {
                    admin.flash(Flash::ok("Added.", "Partners can hand it out now."));
                    return Ok(see_other(paths::link(id)));
                }
                Saved::Stale => return Err(AppError::refused("This link was changed meanwhile.")),
            }
        }
    };
    page_with_problems(&EditPage::new(&admin, None, form, programs, problems))
}

/// `GET /links/{id}`: what it has brought.
pub async fn show(
    viewer: Viewer,
    app: App,
    id: web::Path<i64>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let (id, window) = (LinkId(*id), Window::of(&query));
    let (zone, own_url) = (viewer.company.format().zone, app.public_url.clone());
    let typed = query.get("partner").trimmed().to_string();
    let months = twelve_months(viewer.today());
    let from = first_instant(months[0].and_time(NaiveTime::MIN), zone);
    let shown = app.db.read(move |conn| {
        let record = super::find(conn, id)?;
        let (defaults, _) = settings::defaults(conn)?;
        let base = link::base(&defaults.custom_link_url, &own_url);
        let address = |code: &str| link::address(base, &record.facts.code, &defaults.code_prefix, code);
        let whose = match typed.to_lowercase() {
            nobody if nobody.is_empty() => queries::example(conn, id)?,
            code => by_code(conn, slice::from_ref(&code))?.remove(&code),
        };
        let code = whose.map(|partner| queries::partner_code(conn, partner)).transpose()?.flatten();
        let handed_out = whose.zip(code).map(|(partner, code)| HandedOut {
            address: address(&code),
            code,
            picture: paths::partner_link_picture(partner, id),
        });
        let programs = settings::queries::program_names(conn)?;
        Ok(Shown {
            address: address(""),
            problems: match handed_out {
                None if !typed.is_empty() => Problems::one(
                    "partner",
                    "No partner has or had this code. Type the partner’s code, or choose from the list.",
                ),
                _ => Problems::none(),
            },
            typed: typed.clone(),
            handed_out,
            programs: programs
                .into_iter()
                .filter(|(program, _)| record.facts.programs.contains(program))
                .map(|(_, name)| name)
                .collect(),
            totals: queries::totals(conn, id)?,
            months: queries::by_month(conn, id, from, zone.name())?,
            partners: queries::by_partner(conn, id, window)?,
            partner_count: queries::count_partners(conn, id)?,
            record,
        })
    });
    let shown = shown.await?;
    let pager = Pager::new(window, shown.partner_count, &Address::new(paths::link(id), &query));
    let is_sound = shown.problems.is_empty();
    let shown = ShowPage::new(&viewer, shown, &months, pager);
    if is_sound { page(&shown) } else { page_with_problems(&shown) }
}

/// `GET /links/{id}/edit`
pub async fn edit(admin: Administrator, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let (record, programs) = (find(&app, LinkId(*id)).await?, programs(&app).await?);
    let form = LinkForm::of(&record.facts, record.version);
    page(&EditPage::new(&admin, Some(&record), form, programs, Problems::none()))
}

/// `POST /links/{id}`
pub async fn update(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let (id, form, programs) = (LinkId(*id), LinkForm::read(&form), programs(&app).await?);
    let problems = match form.parse(&programs, &settings::link_bases(&app).await?) {
        Err(problems) => problems,
        Ok(facts) => {
            let (who, version) = (admin.who(), form.version());
            match app.db.run(move |conn| super::change(conn, &who, id, &facts, version)).await? {
                Saved::Done(id) => {
                    admin.flash(Flash::ok("Saved.", "Whoever follows the link from now on is led there."));
                    return Ok(see_other(paths::link(id)));
                }
                Saved::CodeTaken(name) => taken(&name),
                Saved::Stale => {
                    let record = find(&app, id).await?;
                    return page_with_problems(&EditPage::with_conflict(&admin, &record, form, programs));
                }
            }
        }
    };
    page_with_problems(&EditPage::new(&admin, Some(&find(&app, id).await?), form, programs, problems))
}

/// `GET /links/{id}/delete`
pub async fn confirm_delete(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
) -> Result<HttpResponse, AppError> {
    let id = LinkId(*id);
    let record = find(&app, id).await?;
    let clicks = app.db.read(move |conn| Ok(queries::clicks(conn, id)?)).await?;
    page(&DeletePage::new(&admin, &record, clicks))
}

/// `POST /links/{id}/delete`
pub async fn remove(admin: Administrator, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let (id, who) = (LinkId(*id), admin.who());
    let record = find(&app, id).await?;
    let clicks = app.db.run(move |conn| super::delete(conn, &who, id)).await?;
    if clicks > 0 {
        return page_with_problems(&DeletePage::new(&admin, &record, clicks));
    }
    admin.flash(Flash::ok("Deleted.", "Nobody had clicked this link."));
    Ok(see_other(paths::LINKS))
}

fn taken(name: &str) -> Problems {
    Problems::one(
        "code",
        format!("“{name}” has or had this code. Capital and small letters count as the same."),
    )
}

async fn programs(app: &App) -> Result<Vec<(ProgramId, String)>, AppError> {
    app.db.read(|conn| Ok(settings::queries::program_names(conn)?)).await
}

async fn find(app: &App, id: LinkId) -> Result<Record, AppError> {
    app.db.read(move |conn| super::find(conn, id)).await
}
