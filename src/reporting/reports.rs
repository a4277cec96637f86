//! *CRM > Reports*: the reports that there are, each with its sentence.

use actix_web::HttpResponse;
use askama::Template;

use super::home::queries;
use crate::error::AppError;
use crate::web::App;
use crate::web::admin::Viewer;
use crate::web::forms::page;
use crate::web::html::counted;
use crate::web::layout::Layout;
use crate::web::paths;

/// A report: its name, where it is, what it shows, and the drawing beside it.
type Report = (&'static str, &'static str, &'static str, &'static str);

/// In the help page's order. One that has no page yet is left out.
const REPORTS: [Report; 6] = [
    (
        "Referral Partner Activity Summary",
        paths::ACTIVITY,
        "Shows for each partner its clicks, leads, sales and commissions in a range of dates.",
        "M2.5 13.5h11M4 11V7M8 11V3M12 11V5.5",
    ),
    (
        "Referral Partner Redirect Activity Summary",
        paths::REDIRECTS,
        "Shows for each tracking link how often it was clicked, by how many visitors, and what came of it.",
        "M2.5 12.5c0-5 3-7 8-7M8 2.5l3 3-3 3",
    ),
    (
        "Referral Partner Referral Report",
        paths::REFERRALS,
        "Shows which contacts were referred by which partner, when, how, and until when it counts.",
        "M6.5 4.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0M13.5 11.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0M6 6l4 4M9.5 4.5h4M11.5 2.5v4",
    ),
    (
        "Referral Partner Payment Search",
        paths::PAYMENT_SEARCH,
        "Finds payments by date, batch, type or partner, shows what each one paid, and leads to voiding it.",
        "M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0M10.5 10.5 14 14M8.4 5.4c-.8-.8-2.8-.6-2.8.5s2.8.7 2.8 1.9-2 1.2-2.8.4",
    ),
    (
        "Referral Partner Ledgers",
        paths::LEDGERS,
        "View Referral Partner balances, commissions and payments, see who is owed, export ledgers and create payments.",
        "M3 2.5h10v11H3zM5.5 5.5h5M5.5 8h5M5.5 10.5h2.5M9.5 10.5h1",
    ),
    (
        "Referral Partner Structure",
        paths::STRUCTURE,
        "View the structure of your partners: who recruited whom, with each one’s own and team figures.",
        "M5.8 2h4.4v3.2H5.8zM1.5 10.8h4.4V14H1.5zM10.1 10.8h4.4V14h-4.4zM8 5.2v3M3.7 10.8V8.2h8.6v2.6",
    ),
];

/// The page.
#[derive(Template)]
#[template(path = "reports/index.html")]
struct IndexPage {
    layout: Layout,
    reports: Vec<Card>,
}

/// A report as the page shows it.
struct Card {
    report: Report,
    /// How things stand, where the report is about that.
    now: String,
}

/// `GET /reports`
pub async fn index(viewer: Viewer, app: App) -> Result<HttpResponse, AppError> {
    let role = viewer.user.role;
    let may_open = |path: &str| app.routes.access("GET", path).is_some_and(|access| access.allows(role));
    let (owed, latest) =
        app.db.read(|conn| Ok((queries::owed(conn)?, queries::latest_batches(conn, 1)?))).await?;
    let format = viewer.company.format();
    let now = |path: &str| match (path, latest.first()) {
        (paths::LEDGERS, _) if owed.partners > 0 => {
            let partners = counted(owed.partners, "partner is", "partners are");
            format!("{partners} owed {} today", format.total(&owed.owed_minor))
        }
        (paths::PAYMENT_SEARCH, Some(latest)) => {
            format!("Latest: {}, {}", latest.batch_id, format.total(&latest.paid_minor))
        }
        _ => String::new(),
    };
    let reports = REPORTS.into_iter().filter(|(_, path, ..)| may_open(path));
    let reports = reports.map(|report| Card { report, now: now(report.1) }).collect();
    page(&IndexPage { layout: viewer.layout("Reports").under("CRM", "").narrow(), reports })
}
