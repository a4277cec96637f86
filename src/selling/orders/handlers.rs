//! Orders over HTTP: the list, one order, and its lines and commissions page by page.

use actix_web::{HttpResponse, web};

use super::pages::{
    COLUMNS, CommissionsPage, IndexPage, LinesPage, OfPartnerPage, OrderTable, ShowPage, Typed,
};
use super::queries::list::{self, Column, Search};
use super::queries::{self, OrderFile};
use crate::domain::ids::{OrderId, PartnerId};
use crate::error::AppError;
use crate::people::partners::{
    self,
    pages::{Head, Tab},
};
use crate::web::admin::Viewer;
use crate::web::forms::{Query, page, page_with_problems};
use crate::web::list::{Address, Pager, Sort, Window};
use crate::web::{App, paths};

/// How orders are sorted where nobody asked for anything else.
const NEWEST: Sort<Column> = Sort { by: Column::Ordered, descending: true };

/// `GET /orders`
pub async fn index(viewer: Viewer, app: App, query: Query) -> Result<HttpResponse, AppError> {
    let typed = Typed::of(&query);
    let (search, problems) = typed.read();
    let sort = Sort::of(&query, COLUMNS, NEWEST);
    let window = Window::of(&query);
    let is_sound = problems.is_empty();
    let (total, rows) = app
        .db
        .read(move |conn| {
            if !is_sound {
                return Ok((0, Vec::new()));
            }
            Ok((list::count(conn, &search)?, list::list(conn, &search, sort, window)?))
        })
        .await?;
    let address = Address::new(paths::ORDERS, &query);
    let pager = Pager::new(window, total, &address);
    let orders = OrderTable::new(rows, pager, sort, &address, viewer.company.format());
    let list = IndexPage::new(&viewer, typed, problems, orders, &address);
    if is_sound { page(&list) } else { page_with_problems(&list) }
}

/// `GET /partners/{id}/orders`
pub async fn of_partner(
    viewer: Viewer,
    app: App,
    id: web::Path<i64>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let (id, window) = (PartnerId(*id), Window::of(&query));
    let sort = Sort::of(&query, COLUMNS, NEWEST);
    let (row, rows) = app
        .db
        .read(move |conn| {
            let search = Search { partner: Some(id), ..Search::default() };
            Ok((partners::handlers::find(conn, id)?, list::list(conn, &search, sort, window)?))
        })
        .await?;
    let address = Address::new(paths::partner_tab(id, "orders"), &query);
    let pager = Pager::new(window, row.orders, &address);
    let orders = OrderTable::new(rows, pager, sort, &address, viewer.company.format());
    page(&OfPartnerPage::new(&viewer, Head::new(&viewer, &app, &row, Tab::Orders), orders))
}

/// `GET /orders/{id}`
pub async fn show(viewer: Viewer, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    page(&ShowPage::new(&viewer, &file(&app, OrderId(*id)).await?)?)
}

/// `GET /orders/{id}/lines`
pub async fn lines(
    viewer: Viewer,
    app: App,
    id: web::Path<i64>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let file = file(&app, OrderId(*id)).await?;
    let window = Window::of(&query);
    let address = Address::new(paths::order_lines(file.head.id), &query);
    let pager = Pager::new(window, count(file.lines.len()), &address);
    let (skip, take) = part(window);
    page(&LinesPage::new(&viewer, &file, pager, skip, take))
}

/// `GET /orders/{id}/commissions?credit=1`
pub async fn commissions(
    viewer: Viewer,
    app: App,
    id: web::Path<i64>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let file = file(&app, OrderId(*id)).await?;
    let asked = query.id("credit", |number| number);
    let found = match asked {
        Some(asked) => file.credits.iter().position(|credit| i64::from(credit.number) == asked),
        None => file.credits.len().checked_sub(1),
    };
    let place = found.ok_or_else(|| AppError::not_found("such credit of this order"))?;
    let window = Window::of(&query);
    let address = Address::new(paths::order_commissions(file.head.id), &query);
    let pager = Pager::new(window, count(file.credits[place].rows.len()), &address);
    let (skip, take) = part(window);
    page(&CommissionsPage::new(&viewer, &file, place, pager, skip, take))
}

async fn file(app: &App, id: OrderId) -> Result<OrderFile, AppError> {
    let file = app.db.read(move |conn| queries::order_file(conn, id)).await?;
    file.ok_or_else(|| AppError::not_found(format!("order with the number {id} in this system")))
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// The window as places in a list that was read whole.
fn part(window: Window) -> (usize, usize) {
    let place = |rows: i64| usize::try_from(rows).unwrap_or(usize::MAX);
    (place(window.offset()), place(window.limit()))
}
