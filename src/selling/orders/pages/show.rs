//! One order: what was sold, what came back, who paid whom for it, and why.

use super::commissions::{self, Commissions};
use super::lines::Lines;
use super::money::{CustomerMoney, badges};
use super::story::{self, Tense, WhyThisPartner};
use crate::domain::money::{Currency, Money};
use crate::error::AppError;
use crate::people::names::Person;
use crate::selling::orders::by_hand::happening::Kind;
use crate::selling::orders::queries::OrderFile;
use crate::web::admin::{Role, Viewer};
use crate::web::html::Format;
use crate::web::layout::Layout;
use crate::web::list::Pager;
use crate::web::paths;
use anyhow::Context;
use askama::Template;
use chrono::{DateTime, Utc};

/// How many rows of a table the page shows before it leads to a page of their own.
pub const ROWS_SHOWN: usize = 20;

/// The page of an order.
#[derive(Template)]
#[template(path = "orders/show.html")]
pub struct ShowPage {
    layout: Layout,
    order: OrderHead,
    credit: Credit,
    /// Credits that gave way to a later one, the latest first.
    earlier: Vec<Credit>,
    lines: Lines,
    money: CustomerMoney,
    /// Who would be credited by other settings.
    what_if: String,
}

/// All lines, page by page.
#[derive(Template)]
#[template(path = "orders/lines.html")]
pub struct LinesPage {
    layout: Layout,
    order: OrderHead,
    lines: Lines,
    pager: Pager,
}

/// All commissions of one credit, page by page.
#[derive(Template)]
#[template(path = "orders/commissions.html")]
pub struct CommissionsPage {
    layout: Layout,
    order: OrderHead,
    credit: Credit,
    pager: Pager,
}

/// What stands on top of an order's pages.
pub struct OrderHead {
    pub path: String,
    /// Word and tone.
    pub badges: Vec<(&'static str, &'static str)>,
    pub ordered_at: DateTime<Utc>,
    pub contact: Option<Person>,
    pub source: &'static str,
    pub total: Money,
    /// The coupons that it was placed with, as written.
    pub coupon: String,
    /// What was noted when it was placed.
    pub note: String,
    /// What may be recorded about it, and where: empty for who may not, and once it is cancelled.
    pub actions: Vec<(&'static str, String)>,
}

/// One credit with its commissions and its story.
pub struct Credit {
    pub commissions: Commissions,
    pub why: WhyThisPartner,
    /// Where all of its rows are.
    pub all: String,
}

impl ShowPage {
    pub fn new(viewer: &Viewer, file: &OrderFile) -> Result<ShowPage, AppError> {
        let layout = layout(viewer, file, None);
        let format = layout.format;
        let places = (0..file.credits.len()).rev();
        let mut credits = places.map(|place| Credit::new(file, place, &format, 0, ROWS_SHOWN));
        // Every order is credited, if only to nobody, with the event that it begins with.
        let credit = credits.next().context("an order without a credit")?;
        let may_record = layout.user.role == Role::Administrator;
        let actions = if may_record { actions(file) } else { Vec::new() };
        Ok(ShowPage {
            order: OrderHead { actions, ..OrderHead::new(file, format.currency) },
            credit,
            earlier: credits.collect(),
            lines: Lines::new(file, &format, 0, ROWS_SHOWN),
            money: CustomerMoney::new(file, &format),
            what_if: paths::order_what_if(file.head.id),
            layout,
        })
    }
}

impl LinesPage {
    pub fn new(viewer: &Viewer, file: &OrderFile, pager: Pager, skip: usize, take: usize) -> LinesPage {
        let layout = layout(viewer, file, Some("Lines"));
        let (order, format) = (OrderHead::new(file, layout.format.currency), layout.format);
        LinesPage { layout, order, lines: Lines::new(file, &format, skip, take), pager }
    }
}

impl CommissionsPage {
    pub fn new(
        viewer: &Viewer,
        file: &OrderFile,
        place: usize,
        pager: Pager,
        skip: usize,
        take: usize,
    ) -> CommissionsPage {
        let layout = layout(viewer, file, Some("Commissions"));
        let credit = Credit::new(file, place, &layout.format, skip, take);
        CommissionsPage { order: OrderHead::new(file, layout.format.currency), layout, credit, pager }
    }
}

fn layout(viewer: &Viewer, file: &OrderFile, below: Option<&str>) -> Layout {
    let order = format!("Order {}", file.head.number);
    let layout = viewer.layout(below.map_or(order.clone(), |below| format!("{order}: {below}")));
    let layout = layout.under("CRM", "").under("Orders", paths::ORDERS);
    match below {
        Some(_) => layout.under(order, paths::order(file.head.id)),
        None => layout,
    }
}

impl Credit {
    /// The credit at this place among the order's, its commissions from `skip` on.
    pub fn new(file: &OrderFile, place: usize, format: &Format, skip: usize, take: usize) -> Credit {
        let credit = &file.credits[place];
        Credit {
            commissions: commissions::of_credit(file, credit, format.currency, skip, take),
            why: story::of_credit(file, credit, format, Tense::Was),
            all: format!("{}?credit={}", paths::order_commissions(file.head.id), credit.number),
        }
    }
}

impl OrderHead {
    fn new(file: &OrderFile, currency: Currency) -> OrderHead {
        OrderHead {
            path: paths::order(file.head.id),
            badges: badges(file, currency),
            ordered_at: file.head.ordered_at,
            contact: file.contact(),
            source: source(&file.head.source),
            total: file.total(currency),
            coupon: file.head.coupon.clone(),
            actions: Vec::new(),
            note: file.events.first().map_or(String::new(), |placed| placed.reason.clone()),
        }
    }
}

/// What may be recorded about an order; nothing once it is cancelled.
fn actions(file: &OrderFile) -> Vec<(&'static str, String)> {
    if file.events.iter().any(|event| event.kind == "cancelled") {
        return Vec::new();
    }
    let path = |kind: Kind| (kind.label(), paths::new_order_event(file.head.id, kind.word()));
    Kind::ALL.into_iter().map(path).collect()
}

fn source(word: &str) -> &'static str {
    match word {
        "hand" => "hand",
        "import" => "import",
        "form" => "web form",
        "api" => "API",
        _ => "shop",
    }
}
