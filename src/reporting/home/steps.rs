//! The five steps to the first payment, for a fresh system.

use super::News;
use super::pages::Todo;
use super::queries::Progress;
use crate::domain::money::Currency;
use crate::web::admin::Viewer;
use crate::web::html::counted;
use crate::web::layout::Layout;
use crate::web::{App, paths};
use askama::Template;

/// The steps to the first payment.
#[derive(Template)]
#[template(path = "home/steps.html")]
pub struct StepsPage {
    layout: Layout,
    steps: Vec<Step>,
    done: usize,
    /// What does not wait for the last step.
    todo: Vec<Todo>,
}

/// One step.
struct Step {
    name: &'static str,
    words: String,
    is_done: bool,
    is_next: bool,
    /// Where it is done.
    link: Option<(&'static str, &'static str)>,
    /// Where a file of it is imported; none where it cannot be, or not by this user.
    file: Option<String>,
}

impl StepsPage {
    pub fn new(viewer: &Viewer, app: &App, progress: &Progress, news: &News) -> StepsPage {
        let layout = viewer.layout("Welcome to Partnerbook").narrow();
        let mut steps = steps(progress, app, &layout);
        if let Some(next) = steps.iter_mut().find(|step| !step.is_done) {
            next.is_next = true;
        }
        let todo = news.todo(&layout.format);
        StepsPage { done: steps.iter().filter(|step| step.is_done).count(), layout, steps, todo }
    }
}

fn steps(progress: &Progress, app: &App, layout: &Layout) -> Vec<Step> {
    let step = |name, is_done, words: String, link: Option<(&'static str, &'static str)>, kind: &str| {
        let may =
            |path: &str| app.routes.access("GET", path).is_some_and(|access| access.allows(layout.user.role));
        let link = link.filter(|(path, _)| may(path));
        let file = Some(paths::new_import(kind)).filter(|_| !kind.is_empty() && may(paths::IMPORTS));
        Step { name, words, is_done, is_next: false, link, file }
    };
    let currency = Currency::from_code(&progress.currency).map_or(progress.currency.clone(), Currency::name);
    let company = match progress.company.is_empty() {
        true => "Its name and address, its currency and its time zone.".into(),
        false => format!("{}, {currency}, {}", progress.company, progress.time_zone),
    };
    let defaults = format!(
        "{}, {}, {} referring partner",
        counted(progress.levels, "level", "levels"),
        if progress.pays_percent { "percent of the sale" } else { "amounts" },
        if progress.latest { "latest" } else { "first" },
    );
    let programs = match progress.programs {
        0 => "What a sale pays: one percent for everything is enough to start.".into(),
        n => counted(n, "program", "programs"),
    };
    let partners = match progress.partners {
        0 => "Everybody who is paid for the customers that they refer.".into(),
        n => counted(n, "partner", "partners"),
    };
    vec![
        step(
            "Your company",
            !progress.company.is_empty(),
            company,
            Some((paths::COMPANY, "Company settings")),
            "",
        ),
        step(
            "Referral Partner Defaults",
            progress.defaults_saved,
            defaults,
            Some((paths::DEFAULTS, "Referral Partner Defaults")),
            "",
        ),
        step(
            "Commission program",
            progress.programs > 0,
            programs,
            Some((paths::PROGRAMS, "Commission Programs")),
            "programs",
        ),
        step(
            "Partners",
            progress.partners > 0,
            partners,
            Some((paths::PARTNERS, "Referral Partners")),
            "partners",
        ),
        step(
            "Orders",
            progress.has_orders,
            "Commissions then appear in the ledgers, ready to be paid.".into(),
            Some((paths::ORDERS, "Orders")),
            "orders",
        ),
    ]
}
