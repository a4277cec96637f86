//! The list of orders.

use super::working::number;
use crate::domain::ids::{ContactId, OrderId};
use crate::domain::money::{Money, exact, round};
use crate::people::names::Person;
use crate::people::partners::pages::Head;
use crate::selling::orders::queries::list::{Column, Credited, ListRow, Search};
use crate::web::admin::{Role, Viewer};
use crate::web::forms::{FormData, Problems};
use crate::web::html::{Format, count};
use crate::web::layout::Layout;
use crate::web::list::{Address, Pager, Sort, SortLink};
use crate::web::paths;
use askama::Template;
use chrono::{DateTime, Utc};

/// By what the list can be sorted, as the address says it.
pub const COLUMNS: &[(&str, Column)] = &[
    ("ordered", Column::Ordered),
    ("number", Column::Number),
    ("contact", Column::Contact),
    ("partner", Column::Partner),
    ("total", Column::Total),
];

/// The list.
#[derive(Template)]
#[template(path = "orders/index.html")]
pub struct IndexPage {
    layout: Layout,
    typed: Typed,
    problems: Problems,
    orders: OrderTable,
    /// The list as it was asked for, its first page.
    address: Address,
}

/// The orders of a partner: a tab of its page.
#[derive(Template)]
#[template(path = "partners/orders.html")]
pub struct OfPartnerPage {
    layout: Layout,
    head: Head,
    list: OrderTable,
    /// Where an order of this partner is typed in; none for who may not.
    new_order: Option<String>,
}

/// What was typed into the search.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    pub words: String,
    pub from: String,
    pub to: String,
    pub credited: String,
    /// Orders of this contact only; comes from the contact's page.
    pub contact: String,
}

/// Orders as a table with its pager; also on the pages of contacts and partners.
pub struct OrderTable {
    pub rows: Vec<OrderLine>,
    pub pager: Pager,
    pub headings: Headings,
    pub format: Format,
}

/// The headings that sort.
pub struct Headings {
    pub ordered: SortLink,
    pub number: SortLink,
    pub contact: SortLink,
    pub partner: SortLink,
    pub total: SortLink,
}

/// One order.
pub struct OrderLine {
    pub id: OrderId,
    pub number: String,
    pub path: String,
    pub ordered_at: DateTime<Utc>,
    pub contact: Option<Person>,
    pub partner: Option<Person>,
    pub total: String,
    pub commissions: Money,
}

impl IndexPage {
    pub fn new(
        viewer: &Viewer,
        typed: Typed,
        problems: Problems,
        orders: OrderTable,
        address: &Address,
    ) -> IndexPage {
        let layout = viewer.layout("Orders").under("CRM", "").wide();
        IndexPage { layout, typed, problems, orders, address: address.without("page") }
    }

    fn may_record(&self) -> bool {
        self.layout.user.role == Role::Administrator
    }

    fn is_narrowed(&self) -> bool {
        let Typed { words, from, to, credited, contact } = &self.typed;
        [words, from, to, credited, contact].iter().any(|typed| !typed.is_empty())
    }

    fn all_words(&self) -> String {
        format!("all {} results", count(self.orders.pager.total()))
    }

    fn credited_options(&self) -> [(&'static str, &'static str); 3] {
        [("", "Anybody or nobody"), ("somebody", "Somebody"), ("nobody", "Nobody")]
    }
}

impl OfPartnerPage {
    pub fn new(viewer: &Viewer, head: Head, list: OrderTable) -> OfPartnerPage {
        let layout = head.layout(viewer);
        let may_record = layout.user.role == Role::Administrator;
        let new_order = may_record.then(|| paths::new_order_for("partner", &head.code));
        OfPartnerPage { layout, head, list, new_order }
    }
}

impl Typed {
    /// Reads the search.
    pub fn of(query: &FormData) -> Typed {
        let of = |name: &str| query.get(name).to_string();
        Typed {
            words: of("q"),
            from: of("from"),
            to: of("to"),
            credited: of("credited"),
            contact: of("contact"),
        }
    }

    /// What it means, and what of it means nothing.
    pub fn read(&self) -> (Search, Problems) {
        let mut problems = Problems::none();
        let words = problems.optional_text("q", "What to look for", &self.words, 200);
        let from = problems.optional_day("from", "From", &self.from);
        let to = problems.optional_day("to", "To", &self.to);
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            problems.add("to", "To lies before From.");
        }
        let credited = match self.credited.as_str() {
            "somebody" => Some(Credited::Somebody),
            "nobody" => Some(Credited::Nobody),
            _ => None,
        };
        let contact = self.contact.parse().ok().map(ContactId);
        (Search { words, from, to, credited, contact, partner: None }, problems)
    }
}

impl OrderTable {
    pub fn new(
        rows: Vec<ListRow>,
        pager: Pager,
        sort: Sort<Column>,
        address: &Address,
        format: Format,
    ) -> OrderTable {
        let link = |name, column, figures| sort.link(address, name, column, figures);
        OrderTable {
            rows: rows.into_iter().map(|row| OrderLine::new(row, &format)).collect(),
            pager,
            headings: Headings {
                ordered: link("ordered", Column::Ordered, true),
                number: link("number", Column::Number, false),
                contact: link("contact", Column::Contact, false),
                partner: link("partner", Column::Partner, false),
                total: link("total", Column::Total, true),
            },
            format,
        }
    }
}

impl OrderLine {
    fn new(row: ListRow, format: &Format) -> OrderLine {
        let partner = row.partner_id.map(|id| Person::partner(id, &row.partner_name, &row.partner_code));
        let contact = row.contact_id.map(|id| Person::contact(id, &row.contact_name, &row.contact_otherwise));
        let total = round(&exact(row.total), format.currency);
        OrderLine {
            id: row.id,
            path: paths::order(row.id),
            number: row.number,
            ordered_at: row.ordered_at,
            contact,
            partner,
            total: total.map_or_else(|_| number(row.total, 2), |total| format.money(&total)),
            commissions: row.commissions,
        }
    }
}
