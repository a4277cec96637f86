//! A partner's page over HTTP, tab by tab. Its orders are a list of orders, and stand with those.

use actix_web::{HttpResponse, web};

use super::pages::named_in;
use super::pages::{Facts, Head, HistoryPage, OverviewPage, PaymentsPage, ReferralsPage, Tab};
use super::queries::pages::{self as head, HeadRow};
use super::queries::tabs;
use crate::domain::ids::PartnerId;
use crate::domain::link;
use crate::domain::period::Period;
use crate::error::AppError;
use crate::running::settings;
use crate::web::admin::Viewer;
use crate::web::chart::twelve_months;
use crate::web::forms::{Query, page};
use crate::web::list::{Address, Pager, Window};
use crate::web::{App, paths};
use diesel::PgConnection;

/// `GET /partners/{id}`
pub async fn show(viewer: Viewer, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let id = PartnerId(*id);
    let today = viewer.today();
    let own_url = app.public_url.clone();
    let (row, facts) =
        app.db.read(move |conn| Ok((find(conn, id)?, facts(conn, id, today, &own_url)?))).await?;
    let head = Head::new(&viewer, &app, &row, Tab::Overview);
    page(&OverviewPage::new(&viewer, head, facts, id))
}

fn facts(
    conn: &mut PgConnection,
    id: PartnerId,
    today: chrono::NaiveDate,
    own_url: &str,
) -> Result<Facts, AppError> {
    let defaults = settings::queries::defaults(conn)?.0;
    let base = link::base(&defaults.custom_link_url, own_url).to_string();
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
        payout: defaults.payout,
        link: (base, defaults.code_prefix),
        links: head::links(conn, id)?,
        coupons: head::coupons(conn, id)?,
        tags: super::queries::record::tags_of(conn, id)?,
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
    let (row, total, rows, names) = app
        .db
        .read(move |conn| {
            let (total, rows) = tabs::changes(conn, id, window.limit(), window.offset())?;
            let names = tabs::names(conn, &named_in(&rows))?;
            Ok((find(conn, id)?, total, rows, names))
        })
        .await?;
    let pager = Pager::new(window, total, &Address::new(paths::partner_tab(id, "history"), &query));
    page(&HistoryPage::new(&viewer, Head::new(&viewer, &app, &row, Tab::History), rows, &names, pager))
}

/// The head of a partner's pages, or a page that says that there is no such partner.
pub fn find(conn: &mut PgConnection, id: PartnerId) -> Result<HeadRow, AppError> {
    head::head(conn, id)?.ok_or_else(|| AppError::not_found(format!("partner {id}")))
}
