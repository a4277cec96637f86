//! The frame around every page: title, breadcrumbs, menus, message, user. Every page struct has a
//! field `layout: Layout`, made by `viewer.layout("Title")`.

use serde::{Deserialize, Serialize};

use super::admin::{SignedIn, User};
use super::flash::Flash;
use super::html::{DateFormat, Format, initials};
use super::routing::Access;
use super::{csrf, paths};
use crate::domain::money::Currency;

/// What the frame and the figures on a page need to know of the company. Read with each session.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Company {
    /// Its name.
    pub name: String,
    /// The ISO 4217 code of its currency.
    pub currency: String,
    /// The IANA name of its time zone.
    pub time_zone: String,
    /// The code of its [`DateFormat`].
    pub date_format: String,
}

impl Default for Company {
    fn default() -> Company {
        Company {
            name: String::new(),
            currency: "USD".into(),
            time_zone: "UTC".into(),
            date_format: "mdy".into(),
        }
    }
}

impl Company {
    /// How it writes figures and days.
    pub fn format(&self) -> Format {
        // The database holds only codes that were chosen from these lists; a code that a newer
        // version of them no longer knows must not make every page fail.
        let dollar = || Currency::from_code("USD").expect("the dollar is a currency");
        Format {
            currency: Currency::from_code(&self.currency).unwrap_or_else(dollar),
            zone: self.time_zone.parse().unwrap_or(chrono_tz::UTC),
            dates: DateFormat::from_code(&self.date_format).unwrap_or_default(),
        }
    }
}

struct MenuPlan {
    name: &'static str,
    entries: &'static [(&'static str, &'static str)],
}

/// Every menu and its entries, in the help pages' words and order. An entry is shown once
/// `routes.rs` has its page and the user's role may open it; the empty one draws a line.
const MENUS: &[MenuPlan] = &[
    MenuPlan {
        name: "CRM",
        entries: &[
            ("Contacts", paths::CONTACTS),
            ("Referral Partners", paths::PARTNERS),
            ("Commission Programs", paths::PROGRAMS),
            ("Tracking Links", paths::LINKS),
            ("Coupon Codes", paths::COUPONS),
            ("Web Forms", paths::WEB_FORMS),
            ("Orders", paths::ORDERS),
            ("Products", paths::PRODUCTS),
            ("Import…", paths::IMPORTS),
            ("", ""),
            ("Reports", paths::REPORTS),
            ("Settings", paths::SETTINGS),
        ],
    },
    MenuPlan {
        name: "Reports",
        entries: &[
            ("Referral Partner Activity Summary", paths::ACTIVITY),
            ("Referral Partner Redirect Activity Summary", paths::REDIRECTS),
            ("Referral Partner Referral Report", paths::REFERRALS),
            ("Referral Partner Payment Search", paths::PAYMENT_SEARCH),
            ("Referral Partner Ledgers", paths::LEDGERS),
            ("Referral Partner Structure", paths::STRUCTURE),
        ],
    },
    MenuPlan {
        name: "Settings",
        entries: &[
            ("Referral Partner Defaults", paths::DEFAULTS),
            ("Tracking", paths::TRACKING),
            ("Company", paths::COMPANY),
            ("Users", paths::USERS),
            ("API keys", paths::API_KEYS),
            ("Mail", paths::MAIL),
            ("Jobs", paths::JOBS),
            ("Audit log", paths::AUDIT),
            ("About", paths::ABOUT),
        ],
    },
];

/// A menu of the top bar, as this user sees it.
#[derive(Debug, Clone)]
pub struct Menu {
    /// The word on the bar.
    pub name: &'static str,
    /// Whether this page is one of its entries.
    pub current: bool,
    /// What it opens to.
    pub entries: Vec<MenuEntry>,
}

/// One entry of a menu; without a label it is a line.
#[derive(Debug, Clone)]
pub struct MenuEntry {
    /// The words.
    pub label: &'static str,
    /// Where it leads.
    pub path: &'static str,
    /// Whether this page is it, or lies below it.
    pub current: bool,
}

/// One step of the breadcrumbs above the title.
#[derive(Debug, Clone)]
pub struct Crumb {
    /// The words.
    pub label: String,
    /// Where it leads; none for a step that has no page.
    pub path: Option<String>,
}

/// The frame of one page.
pub struct Layout {
    /// The heading and, with the product's name, the title of the window.
    pub title: String,
    /// The steps that lead here, without this page itself.
    pub crumbs: Vec<Crumb>,
    /// The message that waited for this page.
    pub flash: Option<Flash>,
    /// The token for this page's forms; see `templates/shared/forms.html`.
    pub csrf: String,
    /// Who is signed in.
    pub user: User,
    /// The company's name, may be empty.
    pub company: String,
    /// How figures and days are written.
    pub format: Format,
    /// The menus, as this user sees them.
    pub menus: Vec<Menu>,
    /// What stands in the search field; none where there is no search page.
    pub search: Option<String>,
    /// The modifier of the page's width: empty, `page--wide` or `page--narrow`.
    pub width: &'static str,
}

impl Layout {
    pub(super) fn new(visitor: &SignedIn, title: String) -> Layout {
        let routes = &visitor.app.routes;
        let may_open = |path: &str| {
            routes.access("GET", path).is_some_and(|access: Access| access.allows(visitor.user.role))
        };
        Layout {
            title,
            crumbs: Vec::new(),
            flash: Flash::take(&visitor.session),
            csrf: csrf::token(&visitor.session),
            user: visitor.user.clone(),
            company: visitor.company.name.clone(),
            format: visitor.company.format(),
            menus: menus(&visitor.path, may_open),
            search: may_open(paths::SEARCH).then(String::new),
            width: "",
        }
    }

    /// Adds a breadcrumb that leads somewhere: `.under("Reports", paths::REPORTS)`. A path without a
    /// page yet is shown as plain words.
    pub fn under(mut self, label: impl Into<String>, path: impl Into<String>) -> Layout {
        self.crumbs
            .push(Crumb { label: label.into(), path: Some(path.into()).filter(|path| !path.is_empty()) });
        self
    }

    /// For reports: wider than forms and records.
    pub fn wide(mut self) -> Layout {
        self.width = "page--wide";
        self
    }

    /// For landing pages and short forms.
    pub fn narrow(mut self) -> Layout {
        self.width = "page--narrow";
        self
    }

    /// What was searched for, so that it stands in the search field again.
    pub fn searching(mut self, query: impl Into<String>) -> Layout {
        self.search = Some(query.into());
        self
    }

    /// The letters in the user's round badge.
    pub fn initials(&self) -> String {
        initials(&self.user.name)
    }
}

/// The menus with the entries that may be opened; the one that the page lies under is current.
fn menus(page: &str, may_open: impl Fn(&str) -> bool) -> Vec<Menu> {
    let lies_under =
        |path: &str| page == path || page.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
    let all_paths = MENUS.iter().flat_map(|menu| menu.entries).map(|(_, path)| *path);
    // The longest path wins: a ledger lies under /reports/ledgers, and not under /reports.
    let here = all_paths.filter(|path| !path.is_empty() && lies_under(path)).max_by_key(|path| path.len());
    let entries = |plan: &MenuPlan| {
        let mut entries: Vec<MenuEntry> = Vec::new();
        for &(label, path) in plan.entries {
            let line_that_divides = label.is_empty() && !entries.is_empty();
            if line_that_divides || (!label.is_empty() && may_open(path)) {
                entries.push(MenuEntry { label, path, current: Some(path) == here });
            }
        }
        while entries.last().is_some_and(|last| last.label.is_empty()) {
            entries.pop();
        }
        entries
    };
    let menus = MENUS.iter().map(|plan| {
        let entries = entries(plan);
        Menu { name: plan.name, current: entries.iter().any(|entry| entry.current), entries }
    });
    menus.filter(|menu| !menu.entries.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_menu_shows_only_pages_that_exist_and_knows_where_it_is() {
        let shown = menus("/reports/ledgers/17", |path| [paths::LEDGERS, paths::ORDERS].contains(&path));
        let names: Vec<_> = shown.iter().map(|menu| (menu.name, menu.current, menu.entries.len())).collect();
        assert_eq!(names, [("CRM", false, 1), ("Reports", true, 1)]);
        assert!(shown[1].entries[0].current);
    }
}
