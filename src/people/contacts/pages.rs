//! What the pages of contacts show.

use super::queries::pages::{Column, ContactRow, OrderRow, ReferralRow};
use super::queries::story::StoryRow;
use crate::domain::ids::ContactId;
use crate::domain::money::{Money, exact, round};
use crate::domain::period::business_date;
use crate::people::names::{Person, shown};
use crate::web::admin::Viewer;
use crate::web::forms::Problems;
use crate::web::html::Format;
use crate::web::layout::Layout;
use crate::web::list::{Address, Pager, Sort, SortLink};
use crate::web::paths;
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::Deserialize;

/// By what the list can be sorted, as the address says it.
pub const COLUMNS: &[(&str, Column)] =
    &[("name", Column::Name), ("email", Column::Email), ("since", Column::Since)];

/// How many orders and referrals a contact's page shows.
pub const SHOWN: i64 = 50;

/// The list.
#[derive(Template)]
#[template(path = "contacts/index.html")]
pub struct IndexPage {
    layout: Layout,
    may_change: bool,
    words: String,
    problems: Problems,
    contacts: Vec<Contact>,
    pager: Pager,
    name: SortLink,
    email: SortLink,
    since: SortLink,
}

/// One contact's page.
#[derive(Template)]
#[template(path = "contacts/show.html")]
pub struct ShowPage {
    layout: Layout,
    may_change: bool,
    contact: Contact,
    orders: Vec<Order>,
    /// Where all of them are, if they are more.
    all_orders: String,
    referrals: Vec<Referral>,
    story: Vec<Happened>,
    /// Of the story.
    pager: Pager,
}

/// A contact.
pub struct Contact {
    pub id: ContactId,
    pub person: Person,
    pub email: Option<String>,
    pub external_id: Option<String>,
    pub country: String,
    pub address: Vec<String>,
    pub opted_in: bool,
    pub since: NaiveDate,
    pub erased_at: Option<DateTime<Utc>>,
    /// The partner that it is: code and page.
    pub partner: Option<(String, String)>,
    pub orders: i64,
    pub referrals: i64,
    /// Its sales rep, and the form that said so; empty where somebody did by hand.
    pub sales_rep: Option<(Person, String)>,
}

/// An order of the contact.
pub struct Order {
    pub number: String,
    pub path: String,
    pub at: DateTime<Utc>,
    pub partner: Option<Person>,
    pub total: Money,
}

/// Something that happened to the contact.
pub struct Happened {
    pub at: DateTime<Utc>,
    /// In words, up to the partner or the order.
    pub words: &'static str,
    pub order: Option<(String, String)>,
    pub partner: Option<Person>,
    /// Through which link; empty where that is not known.
    pub link: String,
    /// From where; empty where that is not known.
    pub source: String,
    /// The form that it sent: its name and page.
    pub form: Option<(String, String)>,
    pub answers: Vec<Answer>,
}

/// What was asked and answered on a form.
#[derive(Deserialize)]
pub struct Answer {
    pub label: String,
    pub answer: String,
}

/// Who referred the contact.
pub struct Referral {
    pub partner: Person,
    pub kind: &'static str,
    pub at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub expired: bool,
}

impl IndexPage {
    pub fn new(
        viewer: &Viewer,
        (words, problems): (String, Problems),
        rows: Vec<ContactRow>,
        pager: Pager,
        sort: Sort<Column>,
        address: &Address,
    ) -> IndexPage {
        let layout = viewer.layout("Contacts").under("CRM", "").wide();
        let zone = layout.format.zone;
        IndexPage {
            layout,
            may_change: viewer.may_change(),
            words,
            problems,
            contacts: rows.into_iter().map(|row| Contact::new(row, zone)).collect(),
            pager,
            name: sort.link(address, "name", Column::Name, false),
            email: sort.link(address, "email", Column::Email, false),
            since: sort.link(address, "since", Column::Since, true),
        }
    }
}

impl ShowPage {
    pub fn new(
        viewer: &Viewer,
        row: ContactRow,
        orders: Vec<OrderRow>,
        referrals: Vec<ReferralRow>,
        (story, pager): (Vec<StoryRow>, Pager),
        now: DateTime<Utc>,
    ) -> ShowPage {
        let all_orders = format!("{}?contact={}", paths::ORDERS, row.id);
        let format = viewer.company.format();
        let contact = Contact::new(row, format.zone);
        ShowPage {
            layout: viewer
                .layout(contact.person.name.clone())
                .under("CRM", "")
                .under("Contacts", paths::CONTACTS),
            may_change: viewer.may_change(),
            contact,
            orders: orders.into_iter().map(|row| Order::new(row, &format)).collect(),
            all_orders,
            referrals: referrals.into_iter().map(|row| Referral::new(row, now)).collect(),
            story: story.into_iter().map(Happened::from).collect(),
            pager,
        }
    }
}

impl Contact {
    fn new(row: ContactRow, zone: Tz) -> Contact {
        let number = format!("Contact {}", row.id);
        let otherwise = row.email.as_deref().or(row.external_id.as_deref()).unwrap_or(&number);
        Contact {
            id: row.id,
            person: Person::contact(row.id, &row.name, otherwise),
            country: row.country,
            address: row.address.lines().map(String::from).collect(),
            opted_in: row.opted_in,
            since: business_date(row.created_at, zone),
            erased_at: row.erased_at,
            partner: row.partner_id.map(|id| (row.partner_code, paths::partner(id))),
            orders: row.orders,
            referrals: row.referrals,
            sales_rep: row.rep_id.map(|id| (Person::partner(id, &row.rep_name, &row.rep_code), row.rep_form)),
            email: row.email,
            external_id: row.external_id,
        }
    }
}

impl Contact {
    fn edit_path(&self) -> String {
        paths::edit_contact(self.id)
    }

    /// Where an order of this customer is typed in.
    fn new_order_path(&self) -> String {
        let number = format!("#{}", self.id);
        paths::new_order_for("customer", self.email.as_deref().unwrap_or(&number))
    }

    fn privacy_path(&self) -> String {
        paths::contact_privacy(self.id)
    }

    fn referral_path(&self) -> String {
        paths::new_referral(self.id)
    }
}

impl Order {
    fn new(row: OrderRow, format: &Format) -> Order {
        Order {
            path: paths::order(row.id),
            number: row.number,
            at: row.ordered_at,
            partner: row.partner_id.map(|id| Person::partner(id, &row.partner_name, &row.partner_code)),
            // What is beyond the limits was refused when it was recorded.
            total: round(&exact(row.total), format.currency).unwrap_or_default(),
        }
    }
}

impl Referral {
    fn new(row: ReferralRow, now: DateTime<Utc>) -> Referral {
        Referral {
            partner: Person::partner(row.partner_id, &row.partner_name, &row.partner_code),
            kind: kind(&row.kind),
            at: row.referred_at,
            expires_at: row.expires_at,
            expired: row.expires_at.is_some_and(|end| end < now),
        }
    }
}

impl From<StoryRow> for Happened {
    fn from(row: StoryRow) -> Happened {
        let words = match (row.what.as_str(), row.partner_id) {
            ("known", _) => "Became known",
            ("cookie", _) => "Came through a link of",
            ("manual", _) => "Referred, by hand or from a file, by",
            ("permanent", _) => "Referred for ever by",
            ("form", _) => "Sent the form",
            (_, Some(_)) => "Ordered",
            (_, None) => "Ordered; nobody is credited for",
        };
        Happened {
            at: row.at,
            words,
            order: row.order_id.map(|id| (row.order_number, paths::order(id))),
            partner: row.partner_id.map(|id| Person::partner(id, &row.partner_name, &row.partner_code)),
            link: row.link,
            source: row.source,
            form: row.form_id.map(|id| (shown(&row.form_name, "form"), paths::web_form(id))),
            answers: row.answers.and_then(|told| serde_json::from_value(told).ok()).unwrap_or_default(),
        }
    }
}

/// What a referral's kind is called.
pub fn kind(word: &str) -> &'static str {
    match word {
        "cookie" => "Cookie",
        "permanent" => "Permanent",
        _ => "Manual",
    }
}
