//! Partners over HTTP: the list, and the tabs of one partner's page. Its orders are a list of
//! orders, and stand with those.

use actix_web::{HttpResponse, web};

use super::pages::{
    COLUMNS, Facts, Found, Head, HistoryPage, IndexPage, OverviewPage, PaymentsPage, ReferralsPage, Tab,
    Typed,
};
use super::queries::list::{self, Column};
use super::queries::pages::{self as head, HeadRow};
use super::queries::tabs;
use crate::domain::ids::PartnerId;
use crate::domain::period::Period;
use crate::error::AppError;
use crate::people::names::Person;
use crate::running::settings;
use crate::web::admin::Viewer;
use crate::web::chart::twelve_months;
use crate::web::forms::{Query, page, page_with_problems};
use crate::web::list::{Address, Pager, Sort, Window};
use crate::web::{App, paths};
use diesel::PgConnection;

/// `GET /partners`
pub async fn index(viewer: Viewer, app: App, query: Query) -> Result<HttpResponse, AppError> {
    let of = |name: &str| query.get(name).trim().to_string();
    let typed = Typed { words: of("q"), status: of("status"), program: of("program"), parent: of("parent") };
    let (search, problems) = typed.read();
    let sort = Sort::of(&query, COLUMNS, Sort { by: Column::Name, descending: false });
    let window = Window::of(&query);
    let is_sound = problems.is_empty();
    let (total, found) = app
        .db
        .read(move |conn| {
            let programs = list::program_names(conn)?;
            let parent = search.parent.map(|parent| head::head(conn, parent)).transpose()?.flatten();
            let parent = parent.map(|row| Person::partner(row.id, &row.name, &row.code));
            let found = Found { rows: Vec::new(), balance: Default::default(), programs, parent };
            if !is_sound {
                return Ok((0, found));
            }
            let total = list::total(conn, &search)?;
            let rows = list::list(conn, &search, sort, window)?;
            Ok((total.partners, Found { rows, balance: total.balance_minor, ..found }))
        })
        .await?;
    let address = Address::new(paths::PARTNERS, &query);
    let pager = Pager::new(window, total, &address);
    let list = IndexPage::new(&viewer, (typed, problems), found, pager, sort, &address);
    if is_sound { page(&list) } else { page_with_problems(&list) }
}

/// `GET /partners/{id}`
pub async fn show(viewer: Viewer, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let id = PartnerId(*id);
    let today = viewer.today();
    let (row, facts) = app.db.read(move |conn| Ok((find(conn, id)?, facts(conn, id, today)?))).await?;
    let head = Head::new(&viewer, &app, &row, Tab::Overview);
    page(&OverviewPage::new(&viewer, head, facts, id))
}

fn facts(conn: &mut PgConnection, id: PartnerId, today: chrono::NaiveDate) -> Result<Facts, AppError> {
    let months = twelve_months(today);
    let (first, this_month) = (months[0], Period::month_of(today));
    Ok(Facts {
        details: head::details(conn, id)?,
        months: head::months(conn, id, first, this_month.from())?,
        open: head::open_around(conn, id, this_month.from())?,
        orders: head::orders_between(conn, id, first, this_month.to())?,
        latest_payment: tabs::latest_payment(conn, id)?,
        entries: head::latest_entries(conn, id, super::pages::ENTRIES_SHOWN)?,
        programs: head::programs(conn, id)?,
        recruits: head::recruits(conn, id, super::pages::RECRUITS_SHOWN + 1)?,
        payout: settings::queries::defaults(conn)?.0.payout,
    })
}

/// `GET /partners/{id}/referrals`
pub async fn referrals(
    viewer: Viewer,
    app: App,
    id: web::Path<i64>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let (id, window) = (PartnerId(*id), Window::of(&query));
    let (row, rows) = app
        .db
        .read(move |conn| Ok((find(conn, id)?, tabs::referrals(conn, id, window.limit(), window.offset())?)))
        .await?;
    let pager = Pager::new(window, row.referrals, &Address::new(paths::partner_tab(id, "referrals"), &query));
    let head = Head::new(&viewer, &app, &row, Tab::Referrals);
    page(&ReferralsPage::new(&viewer, head, rows, pager, app.clock.now()))
}

/// `GET /partners/{id}/payments`
pub async fn payments(
    viewer: Viewer,
    app: App,
    id: web::Path<i64>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let (id, window) = (PartnerId(*id), Window::of(&query));
    let (row, rows) = app
        .db
        .read(move |conn| Ok((find(conn, id)?, tabs::payments(conn, id, window.limit(), window.offset())?)))
        .await?;
    let pager = Pager::new(window, row.payments, &Address::new(paths::partner_tab(id, "payments"), &query));
    page(&PaymentsPage::new(&viewer, Head::new(&viewer, &app, &row, Tab::Payments), rows, pager))
}

/// `GET /partners/{id}/history`
pub async fn history(
    viewer: Viewer,
    app: App,
    id: web::Path<i64>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let (id, window) = (PartnerId(*id), Window::of(&query));
    let (row, (total, rows)) = app
        .db
        .read(move |conn| Ok((find(conn, id)?, tabs::changes(conn, id, window.limit(), window.offset())?)))
        .await?;
    let pager = Pager::new(window, total, &Address::new(paths::partner_tab(id, "history"), &query));
    page(&HistoryPage::new(&viewer, Head::new(&viewer, &app, &row, Tab::History), rows, pager))
}

/// The head of a partner's pages, or a page that says that there is no such partner.
pub fn find(conn: &mut PgConnection, id: PartnerId) -> Result<HeadRow, AppError> {
    head::head(conn, id)?.ok_or_else(|| AppError::not_found(format!("partner {id}")))
}
