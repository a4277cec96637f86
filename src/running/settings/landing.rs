//! *CRM > Settings*: what there is to set, each with its sentence and how it stands.

use actix_web::HttpResponse;
use askama::Template;

use super::defaults::words;
use super::queries;
use crate::domain::settings::Defaults;
use crate::error::AppError;
use crate::web::App;
use crate::web::admin::Viewer;
use crate::web::forms::page;
use crate::web::html::counted;
use crate::web::layout::Layout;
use crate::web::paths;

/// A page of settings: its name, where it is, what it is for, and the drawing beside it.
type Setting = (&'static str, &'static str, &'static str, &'static str);

/// In the menu's order.
const SETTINGS: [Setting; 9] = [
    (
        "Referral Partner Defaults",
        paths::DEFAULTS,
        "How a referral partner is chosen and tracked, for how many levels partners are paid, and on what.",
        "M2.5 4.5h6M11.5 4.5h2M8.5 2.8v3.4M2.5 8h2M7.5 8h6M4.5 6.3v3.4M2.5 11.5h7M12.5 11.5h1M9.5 9.8v3.4",
    ),
    (
        "Tracking",
        paths::TRACKING,
        "Where visitors are led whom no link says where to, and for how long they are remembered.",
        "M6.5 9.5a3 3 0 0 0 4.2.3l2.2-2.2a3 3 0 0 0-4.2-4.2L7.6 4.5M9.5 6.5a3 3 0 0 0-4.2-.3L3.1 8.4a3 3 0 0 0 4.2 4.2l1.1-1.1",
    ),
    (
        "Company",
        paths::COMPANY,
        "Name and address as they stand on ledgers, the currency, the time zone, and how dates are written.",
        "M2.5 13.5h11M4 13.5v-11h5v11M9 6.5h3v7M5.8 5h1.4M5.8 7.5h1.4M5.8 10h1.4",
    ),
    (
        "Users",
        paths::USERS,
        "Who may sign in, and whether they may change anything or only look.",
        "M8.5 5a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0M1.5 13.5c0-3 2-4.5 4.5-4.5s4.5 1.5 4.5 4.5M11 3a2.5 2.5 0 0 1 0 4.5M12 9.2c1.6.6 2.5 2 2.5 4.3",
    ),
    (
        "API keys",
        paths::API_KEYS,
        "By which other systems, such as your shop’s server, record orders and contacts here.",
        "M9.6 6.4a3.4 3.4 0 1 1 3.2 2.3c-.5 0-1-.1-1.4-.3L10 9.8H8.5v1.5H7v1.5H3.2v-2.4l4.3-4.3M12.2 5.1v.1",
    ),
    (
        "Mail",
        paths::MAIL,
        "Whom web forms tell by e-mail: whether mail is set up, and what became of each.",
        "M1.5 3.5h13v9h-13zM1.5 4l6.5 5 6.5-5",
    ),
    (
        "Jobs",
        paths::JOBS,
        "Imports and long prints: what is under way, and what came of it.",
        "M8 4v4l2.5 2M14.5 8a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0",
    ),
    (
        "Audit log",
        paths::AUDIT,
        "Who changed what, when, and from where. It is only ever added to.",
        "M3 2.5h10v11H3zM5.5 5.5h5M5.5 8h5M5.5 10.5h3",
    ),
    (
        "About",
        paths::ABOUT,
        "Which version this is, and what guards the book.",
        "M14.5 8a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0M8 7.3v4M8 4.7v.1",
    ),
];

/// The page.
#[derive(Template)]
#[template(path = "settings/index.html")]
struct IndexPage {
    layout: Layout,
    cards: Vec<Card>,
}

/// A page of settings as this one shows it.
struct Card {
    setting: Setting,
    /// How it stands, in short.
    now: String,
}

/// `GET /settings`
pub async fn index(viewer: Viewer, app: App) -> Result<HttpResponse, AppError> {
    let role = viewer.user.role;
    let may_open = |path: &str| app.routes.access("GET", path).is_some_and(|access| access.allows(role));
    let (defaults, _) = app.db.read(queries::defaults).await?;
    let format = viewer.company.format();
    let now = |path: &str| match path {
        paths::DEFAULTS => in_short(&defaults),
        paths::COMPANY => {
            let place = format!("{}, times in {}", format.currency.code(), format.zone);
            if viewer.company.name.is_empty() { place } else { format!("{}, {place}", viewer.company.name) }
        }
        paths::MAIL => app.mail.as_ref().map_or_else(|| "not set up".into(), |mail| mail.server.clone()),
        _ => String::new(),
    };
    let cards = SETTINGS.into_iter().filter(|(_, path, ..)| may_open(path));
    let cards = cards.map(|setting| Card { setting, now: now(setting.1) }).collect();
    page(&IndexPage { layout: viewer.layout("Settings").under("CRM", "").narrow(), cards })
}

/// *Latest referring, only cookies, 2 levels*.
fn in_short(defaults: &Defaults) -> String {
    let (choose, method) = (words::choose(defaults.tracking.choose), words::method(defaults.tracking.method));
    let levels = counted(i64::from(defaults.payout.levels), "level", "levels");
    format!("{choose}, {}, {levels}", method.to_lowercase())
}
