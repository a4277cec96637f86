//! The start page: what needs doing now, and how the last twelve months went; for a fresh system,
//! the steps to the first payment.

mod pages;
pub(super) mod queries;
mod steps;

use actix_web::HttpResponse;
use chrono::NaiveDate;
use diesel::PgConnection;

use self::pages::{Facts, HomePage, Window};
use self::steps::StepsPage;
use crate::error::AppError;
use crate::running::mails;
use crate::selling::tracking::{visits, web_forms};
use crate::web::App;
use crate::web::admin::Viewer;
use crate::web::forms::page;

/// What the page is about: steps to be done, or how things stand.
enum Home {
    Fresh(Box<(queries::Progress, News)>),
    Running(Box<Facts>),
}

/// What does not wait for the first order.
struct News {
    /// Leads by web forms that nobody has marked as seen.
    leads: Option<web_forms::News>,
    /// Mails that could not be sent.
    failed_mails: Option<mails::Failed>,
    /// Clicks that could not be worked in.
    set_aside: Option<visits::SetAside>,
}

/// `GET /`
pub async fn show(viewer: Viewer, app: App) -> Result<HttpResponse, AppError> {
    let today = viewer.today();
    let now = app.clock.now();
    match app.db.read(move |conn| read(conn, today)).await? {
        Home::Fresh(fresh) => page(&StepsPage::new(&viewer, &app, &fresh.0, &fresh.1)),
        Home::Running(facts) => page(&HomePage::new(&viewer, &app, *facts, now)),
    }
}

fn read(conn: &mut PgConnection, today: NaiveDate) -> Result<Home, AppError> {
    let progress = queries::progress(conn)?;
    let news = News {
        leads: web_forms::news(conn)?,
        failed_mails: mails::failed(conn)?,
        set_aside: visits::clicks_set_aside(conn)?,
    };
    if progress.is_fresh() {
        return Ok(Home::Fresh(Box::new((progress, news))));
    }
    let window = Window::around(today, queries::latest_month(conn, today)?);
    let (first, last) = (window.months[0], window.last_day);
    Ok(Home::Running(Box::new(Facts {
        owed: queries::owed(conn)?,
        due: queries::due_up_to(conn, window.complete.to())?,
        most_owed: queries::most_owed(conn, pages::MOST_OWED)?,
        ledger: queries::ledger_months(conn, first, last)?,
        orders: queries::order_months(conn, first, last)?,
        batches: queries::latest_batches(conn, pages::BATCHES)?,
        without_program: queries::partners_without_program(conn)?,
        news,
        window,
    })))
}
