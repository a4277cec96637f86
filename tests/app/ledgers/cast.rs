//! A shop whose ledgers the tests look at, and what they do on its pages.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use partnerbook::book;
use partnerbook::db::columns::Number;
use partnerbook::domain::ids::{AccountId, PartnerId};
use partnerbook::domain::ledger::Figures;
use partnerbook::domain::money::Money;
use partnerbook::domain::period::Period;
use partnerbook::domain::program::{AmountPer, Level, Payout, Percent, Rate, Rates};
use partnerbook::people::contacts::{self, NewContact};
use partnerbook::people::partners::{self, NewPartner, PartnerStatus};
use partnerbook::selling::orders::{self, EventKind, NewEvent, NewLine, NewOrder, OrderEvent, Source};
use partnerbook::selling::products::{self, NewProduct};
use partnerbook::selling::programs::{self, ProgramTerms, TermsRule};
use partnerbook::web::admin::Role;

use crate::support::http::{self, Page, TestApp, Visitor};

pub const OCTOBER: &str = "from=2026-10-01&to=2026-10-31";

/// A shop with three partners and some history: Joe has recruited Samantha; Zoë is inactive and has
/// nothing.
pub struct Cast {
    pub app: TestApp,
    pub admin: Visitor,
    pub viewer: Visitor,
    pub joe: PartnerId,
    pub sam: PartnerId,
    pub zoe: PartnerId,
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

pub fn instant(text: &str) -> DateTime<Utc> {
    format!("{text}T12:00:00Z").parse().expect("an instant")
}

pub fn range(from: &str, to: &str) -> Period {
    Period::new(day(from), day(to)).expect("a range")
}

pub fn partner(code: &str, name: &str) -> NewPartner {
    NewPartner {
        code: code.into(),
        name: name.into(),
        email: Some(format!("{code}@example.com")),
        parent: None,
        status: PartnerStatus::Active,
        track_leads_days: None,
        notify_on_lead: false,
        notify_on_sale: false,
        address: Default::default(),
    }
}

impl Cast {
    /// September: Sam sells for 500.00. October: 2 × 174.00 of which one comes back, and a bonus.
    pub fn new() -> Cast {
        let app = http::app();
        let (admin, viewer) = (app.sign_in_as(Role::Administrator), app.sign_in_as(Role::Viewer));
        let (joe, sam, zoe) = app
            .database
            .db
            .run_now(|conn| {
                let joe = partners::make(conn, &[partner("joe", "Joe Marchetti")])?[0];
                let recruits = [
                    NewPartner { parent: Some(joe), ..partner("sam", "Samantha Whitlock") },
                    NewPartner { status: PartnerStatus::Inactive, ..partner("zoe", "Zoë van den Berg") },
                ];
                let made = partners::make(conn, &recruits)?;
                let rate = |percent: i64| Rate {
                    percent: Percent::new(percent.into()).unwrap(),
                    amount: Money::ZERO,
                };
                let rates = |percent| Rates { sale: rate(percent), ..Rates::default() };
                let rows = vec![(Level::One, rates(10)), (Level::Two, rates(3))];
                let terms = ProgramTerms {
                    name: "Standard".into(),
                    priority: 1,
                    payout: Payout::UpFront,
                    amount_per: AmountPer::Unit,
                    rules: vec![TermsRule { product: None, rows }],
                };
                let program = programs::save(conn, &[terms], None)?[0];
                partners::enrol(conn, &[(made[0], program)])?;
                Ok((joe, made[0], made[1]))
            })
            .expect("the cast can be made");
        let cast = Cast { app, admin, viewer, joe, sam, zoe };
        cast.sell("10398", "2026-09-14", "1", "500");
        cast.sell("10421", "2026-10-02", "2", "174");
        cast.happens(
            "10421",
            "2026-10-14",
            EventKind::Refund { lines: vec![(1, "1".parse().unwrap())], amount: Money::ZERO },
        );
        cast.adjust(cast.sam, 5_000, "2026-10-19", "Autumn campaign bonus");
        cast
    }

    pub fn sell(&self, number: &str, on: &str, quantity: &str, price: &str) {
        let sold = self.app.database.db.run_now(|conn| {
            let product = NewProduct { code: "kettle".into(), name: "=Drip Kettle".into() };
            let product = products::find_or_make(conn, &[product])?[0].id;
            let person = NewContact {
                email: Some("dana@example.com".into()),
                name: "Dana Whitfield".into(),
                ..Default::default()
            };
            let contact = contacts::find_or_make(conn, &[person])?[0];
            let line = NewLine {
                product,
                description: None,
                quantity: quantity.parse().unwrap(),
                unit_price: price.parse().unwrap(),
                discount: Money::ZERO,
                commissionable: true,
            };
            let order = NewOrder {
                number: number.into(),
                contact: Some(contact),
                ordered_at: instant(on),
                lines: vec![line],
                shipping: Money::ZERO,
                tax: Money::ZERO,
                paid_in_full: true,
                visitor: None,
                address: None,
                partner: Some(self.sam),
                sale_partner: None,
                coupon: None,
                source: Source::Hand,
                note: String::new(),
                content_hash: [0; 32],
            };
            orders::record(conn, &[OrderEvent::Placed(order)], None)
        });
        sold.expect("the order can be recorded");
    }

    pub fn happens(&self, order: &str, on: &str, kind: EventKind) {
        let event = NewEvent {
            order: order.into(),
            kind,
            happened_at: instant(on),
            reference: String::new(),
            reason: String::new(),
        };
        let recorded =
            self.app.database.db.run_now(|conn| orders::record(conn, &[OrderEvent::Happened(event)], None));
        recorded.expect("the event can be recorded");
    }

    pub fn adjust(&self, partner: PartnerId, minor: i64, on: &str, reason: &str) {
        let (account, amount) = (self.account(partner), Money::from_minor(minor));
        let adjusted = self
            .app
            .database
            .db
            .run_now(|conn| book::adjust(conn, account, amount, day(on), reason, None, None));
        adjusted.expect("the adjustment can be recorded");
    }

    pub fn account(&self, partner: PartnerId) -> AccountId {
        let accounts = self.app.database.db.read_now(|conn| book::accounts_of(conn, &[partner]));
        accounts.expect("accounts can be read")[&partner]
    }

    pub fn figures(&self, partner: PartnerId, period: Period) -> Figures {
        let account = self.account(partner);
        self.app.database.db.read_now(|conn| book::figures_now(conn, period, &[account])).unwrap()[0].figures
    }

    pub fn number(&self, sql: &str) -> i64 {
        let found: Number =
            self.app.database.db.read_now(|conn| Ok(sql_query(sql).get_result(conn)?)).unwrap();
        found.value
    }

    pub fn ledger(&self, partner: PartnerId) -> String {
        format!("/partners/{partner}/ledger?{OCTOBER}")
    }

    /// Sends the adjustment form of Sam's ledger as the page has it.
    pub fn adjust_by_page(&self, page: &Page, amount: &str, on: &str, reason: &str) -> Page {
        let key = page.attribute("#adjust [name=key]", "value");
        let fields = [("adjustment", amount), ("dated_on", on), ("reason", reason), ("key", key.as_str())];
        let range = [("from", "2026-10-01"), ("to", "2026-10-31")];
        self.admin.post_with(
            &format!("/partners/{}/adjustments", self.sam),
            &page.token(),
            &[&fields[..], &range].concat(),
        )
    }

    /// Sends *Create Payment* of Sam's ledger as the page has it, with another amount.
    pub fn pay_by_page(&self, page: &Page, amount: Option<&str>, more: &[(&str, &str)]) -> Page {
        let value = |name: &str| page.attribute(&format!("#pay [name={name}]"), "value");
        let (key, shown, shown_amount, paid_on) =
            (value("key"), value("shown"), value("shown_amount"), value("paid_on"));
        let proposed = value("amount");
        let fields = [
            ("from", "2026-10-01"),
            ("to", "2026-10-31"),
            ("key", &key),
            ("shown", &shown),
            ("shown_amount", &shown_amount),
            ("amount", amount.unwrap_or(&proposed)),
            ("pay_type", "paypal"),
            ("paid_on", &paid_on),
            ("note", "for October"),
        ];
        let fields: Vec<_> =
            fields.into_iter().filter(|(name, _)| !more.iter().any(|(other, _)| name == other)).collect();
        self.admin.post_with(
            &format!("/partners/{}/payments", self.sam),
            &page.token(),
            &[&fields[..], more].concat(),
        )
    }
}

/// The rows of a CSV file, headings first.
pub fn rows(page: &Page) -> Vec<Vec<String>> {
    assert_eq!(page.status, 200, "{}", page.html);
    let text = page.html.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_string).collect()).collect()
}

pub fn column(rows: &[Vec<String>], heading: &str) -> Vec<String> {
    let at = rows[0].iter().position(|name| name == heading).expect("the heading is there");
    rows[1..].iter().map(|row| row[at].clone()).collect()
}
