//! What the pages of partners show. A partner's own pages have one head, with tabs that are links.

mod changes;
mod index;
mod overview;
mod tabs;

pub use changes::named_in;
pub use index::{CHOICES, COLUMNS, Found, IndexPage};
pub use overview::{ENTRIES_SHOWN, Facts, OverviewPage, RECRUITS_SHOWN};
pub use tabs::{HistoryPage, PaymentsPage, ReferralsPage};

use super::queries::pages::HeadRow;
use crate::domain::ids::PartnerId;
use crate::domain::money::Money;
use crate::domain::period::business_date;
use crate::people::names::{Person, shown};
use crate::web::admin::SignedIn;
use crate::web::html::initials;
use crate::web::layout::Layout;
use crate::web::{App, paths};
use chrono::NaiveDate;

/// One of a partner's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Overview,
    Ledger,
    Referrals,
    Clicks,
    Orders,
    Payments,
    Notes,
    History,
}

/// What stands on top of each of them. `templates/partners/parts.html` shows it.
pub struct Head {
    pub id: PartnerId,
    pub may_change: bool,
    pub name: String,
    pub initials: String,
    pub code: String,
    pub active: bool,
    pub email: Option<String>,
    pub parent: Option<Person>,
    pub since: NaiveDate,
    /// With what was merged into it.
    pub balance: Money,
    /// Of its own ledger alone.
    pub own_balance: Money,
    /// The partner that it turned out to be.
    pub merged_into: Option<Person>,
    /// The records that were merged into it.
    pub merged: Vec<MergedPart>,
    /// The contact that it is.
    pub contact: String,
    pub tabs: Vec<TabLink>,
}

const LEDGER: &str = "Ledger";

/// A record that was merged into the partner, with a ledger of its own.
pub struct MergedPart {
    pub person: Person,
    pub code: String,
    pub balance: Money,
    pub ledger: String,
}

/// A tab that leads to its page.
pub struct TabLink {
    pub name: &'static str,
    pub count: Option<i64>,
    pub path: String,
    pub is_current: bool,
}

impl Head {
    /// The head of the page that stands under this tab.
    pub fn new(viewer: &SignedIn, app: &App, row: &HeadRow, tab: Tab) -> Head {
        let name = shown(&row.name, &row.code);
        let tabs = [
            (Tab::Overview, "Overview", None, paths::partner(row.id)),
            (Tab::Ledger, LEDGER, None, paths::partner_tab(row.id, "ledger")),
            (Tab::Referrals, "Referrals", Some(row.referrals), paths::partner_tab(row.id, "referrals")),
            (Tab::Clicks, "Clicks", None, paths::partner_tab(row.id, "clicks")),
            (Tab::Orders, "Orders", Some(row.orders), paths::partner_tab(row.id, "orders")),
            (Tab::Payments, "Payments", Some(row.payments), paths::partner_tab(row.id, "payments")),
            (Tab::Notes, "Notes", Some(row.notes), paths::partner_tab(row.id, "notes")),
            (Tab::History, "History", None, paths::partner_tab(row.id, "history")),
        ];
        let tabs = tabs.into_iter().filter(|(.., path)| app.routes.access("GET", path).is_some());
        Head {
            id: row.id,
            may_change: viewer.may_change(),
            initials: initials(&name),
            name,
            code: row.code.clone(),
            active: row.active,
            email: row.email.clone(),
            parent: row.parent_id.map(|id| Person::partner(id, &row.parent_name, &row.parent_code)),
            since: business_date(row.created_at, viewer.company.format().zone),
            balance: row.together_minor,
            own_balance: row.balance_minor,
            merged_into: row
                .merged_into_id
                .map(|id| Person::partner(id, &row.merged_into_name, &row.merged_into_code)),
            merged: merged(&row.merged),
            contact: paths::contact(row.contact_id),
            tabs: tabs
                .map(|(of, name, count, path)| TabLink { name, count, path, is_current: of == tab })
                .collect(),
        }
    }

    /// Where its ledger is.
    pub fn ledger(&self) -> Option<&str> {
        self.tabs.iter().find(|tab| tab.name == LEDGER).map(|tab| tab.path.as_str())
    }

    /// The frame of a partner's page.
    pub fn layout(&self, viewer: &SignedIn) -> Layout {
        viewer.layout(self.name.clone()).under("CRM", "").under("Referral Partners", paths::PARTNERS)
    }
}

/// The merged records as the database gathers them.
fn merged(rows: &serde_json::Value) -> Vec<MergedPart> {
    let part = |row: &serde_json::Value| {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_string();
        let id = PartnerId(row["id"].as_i64()?);
        Some(MergedPart {
            person: Person::partner(id, &text("name"), &text("code")),
            code: text("code"),
            balance: Money::from_minor(row["balance"].as_i64().unwrap_or_default()),
            ledger: paths::partner_ledger_form(id),
        })
    };
    rows.as_array().into_iter().flatten().filter_map(part).collect()
}
