//! A small shop with partners, built through the functions that pages and imports call.

use chrono::{DateTime, Utc};
use partnerbook::domain::ids::{ContactId, OrderId, PartnerId, ProductId, ProgramId, VisitorId};
use partnerbook::domain::money::Money;
use partnerbook::domain::program::{AmountPer, Level, Payout, Percent, Rate, Rates};
use partnerbook::domain::settings::Defaults;
use partnerbook::error::AppError;
use partnerbook::people::contacts::{self, NewContact};
use partnerbook::people::partners::{self, NewPartner, PartnerStatus};
use partnerbook::running::settings::queries as settings;
use partnerbook::selling::orders::{self, EventKind, NewEvent, NewLine, NewOrder, OrderEvent, Source};
use partnerbook::selling::products::{self, NewProduct};
use partnerbook::selling::programs::{self, ProgramTerms, TermsRule};
use partnerbook::selling::tracking::visits::{self, Coming, Directory, Visit};
use partnerbook::selling::tracking::{self, NewReferral};
use partnerbook::web::admin::Role;

use crate::support::http::{self, Page, TestApp, Visitor};

/// The shop, and a viewer who looks at it.
pub struct Shop {
    pub app: TestApp,
    pub viewer: Visitor,
}

/// An instant of October 2026.
pub fn october(day: u32, time: &str) -> DateTime<Utc> {
    format!("2026-10-{day:02}T{time}:00Z").parse().expect("an instant")
}

/// So many cents.
pub fn cents(minor: i64) -> Money {
    Money::from_minor(minor)
}

/// A sale rate of so many percent.
pub fn percent(text: &str) -> Rates {
    Rates { sale: rate(text, 0), ..Rates::default() }
}

/// So many percent and an amount.
pub fn rate(text: &str, minor: i64) -> Rate {
    let percent = Percent::new(text.parse().expect("a number")).expect("a percent");
    Rate { percent, amount: cents(minor) }
}

/// A program that pays these levels for everything, up-front, amounts per unit.
pub fn program(name: &str, rows: &[(Level, Rates)]) -> ProgramTerms {
    ProgramTerms {
        name: name.into(),
        priority: 1,
        payout: Payout::UpFront,
        amount_per: AmountPer::Unit,
        rules: vec![TermsRule { product: None, rows: rows.to_vec() }],
    }
}

/// A line of so many units at a price.
pub fn line(product: ProductId, quantity: &str, price: &str) -> NewLine {
    NewLine {
        product,
        description: None,
        quantity: quantity.parse().expect("a number"),
        unit_price: price.parse().expect("a number"),
        discount: Money::ZERO,
        commissionable: true,
    }
}

/// An order of October 21, paid with it, by nobody known.
pub fn order(number: &str, lines: Vec<NewLine>) -> NewOrder {
    NewOrder {
        number: number.into(),
        contact: None,
        ordered_at: october(21, "09:14"),
        lines,
        shipping: Money::ZERO,
        tax: Money::ZERO,
        paid_in_full: true,
        visitor: None,
        address: None,
        partner: None,
        sale_partner: None,
        coupon: None,
        source: Source::Shop,
        note: String::new(),
        content_hash: [7; 32],
    }
}

impl Shop {
    /// Opens it: US dollars, UTC, the defaults as a new company has them.
    pub fn open() -> Shop {
        Shop::of(http::app())
    }

    /// The same in this application.
    pub fn of(app: TestApp) -> Shop {
        let viewer = app.sign_in_as(Role::Viewer);
        Shop { app, viewer }
    }

    fn write<T>(&self, work: impl FnOnce(&mut diesel::PgConnection) -> Result<T, AppError>) -> T {
        self.app.database.db.run_now(work).expect("it can be recorded")
    }

    /// Changes Referral Partner Defaults.
    pub fn defaults(&self, change: impl FnOnce(&mut Defaults)) {
        self.write(|conn| {
            let (mut defaults, _) = settings::defaults(conn)?;
            change(&mut defaults);
            settings::save_defaults(conn, &defaults)
        });
    }

    pub fn program(&self, terms: ProgramTerms) -> ProgramId {
        self.write(|conn| programs::save(conn, &[terms], None))[0]
    }

    /// A partner, in these programs.
    pub fn partner(
        &self,
        code: &str,
        name: &str,
        parent: Option<PartnerId>,
        programs: &[ProgramId],
    ) -> PartnerId {
        self.write(|conn| {
            let new = NewPartner {
                code: code.into(),
                name: name.into(),
                email: Some(format!("{code}@example.com")),
                parent,
                status: PartnerStatus::Active,
                track_leads_days: Some(30),
                notify_on_lead: false,
                notify_on_sale: false,
                address: Default::default(),
            };
            let made = partners::make(conn, &[new])?[0];
            partners::enrol(conn, &programs.iter().map(|program| (made, *program)).collect::<Vec<_>>())?;
            Ok(made)
        })
    }

    pub fn make_inactive(&self, partner: PartnerId) {
        self.write(|conn| partners::set_status(conn, partner, PartnerStatus::Inactive));
    }

    pub fn product(&self, code: &str, name: &str) -> ProductId {
        let new = NewProduct { code: code.into(), name: name.into() };
        self.write(|conn| products::find_or_make(conn, &[new]))[0].id
    }

    pub fn contact(&self, email: &str, name: &str) -> ContactId {
        let new = NewContact { email: Some(email.into()), name: name.into(), ..NewContact::default() };
        self.write(|conn| contacts::find_or_make(conn, &[new]))[0]
    }

    /// A click of a visitor through a partner's link; the visitor.
    pub fn click(&self, key: &str, code: &str, at: DateTime<Utc>) -> VisitorId {
        let visit = Visit {
            partner: code.into(),
            key: Some(key.into()),
            fresh: key.into(),
            coming: Coming::Person,
            at,
            address: Some("192.0.2.7".into()),
            ..Visit::default()
        };
        self.write(|conn| visits::record(conn, &[visit], &mut Directory::default()));
        self.write(|conn| tracking::visitor_with(conn, key)).expect("the visitor is recorded")
    }

    pub fn referral(&self, contact: ContactId, partner: PartnerId, at: DateTime<Utc>) {
        let new = NewReferral { contact, partner, referred_at: at, permanent: false, expires_at: None };
        self.write(|conn| tracking::make_referrals(conn, &[new]));
    }

    /// Records an order, and opens its page.
    pub fn sell(&self, order: NewOrder) -> Page {
        let number = order.number.clone();
        self.record(OrderEvent::Placed(order));
        self.page(&number)
    }

    /// Records what happened to an order on a day of October, and opens its page.
    pub fn happened(&self, number: &str, day: u32, kind: EventKind) -> Page {
        self.happened_because(number, day, kind, "")
    }

    pub fn happened_because(&self, number: &str, day: u32, kind: EventKind, reason: &str) -> Page {
        let event = NewEvent {
            order: number.into(),
            kind,
            happened_at: october(day, "12:00"),
            reference: String::new(),
            reason: reason.into(),
        };
        self.record(OrderEvent::Happened(event));
        self.page(number)
    }

    pub fn record(&self, event: OrderEvent) {
        self.write(|conn| orders::record(conn, &[event], None));
    }

    /// The page of the order with this number, as the viewer sees it.
    pub fn page(&self, number: &str) -> Page {
        let page = self.viewer.get(&format!("/orders/{}", self.order(number)));
        assert_eq!(page.status, 200, "{}", page.text());
        page
    }

    /// The order with this number.
    pub fn order(&self, number: &str) -> OrderId {
        let list = self.viewer.get(&format!("/orders?q={number}"));
        let path = list.attribute(".table tbody .row-link", "href");
        OrderId(path.rsplit('/').next().and_then(|id| id.parse().ok()).expect("the list leads to it"))
    }
}

/// The rows of a table on the page: of each row the words of its cells, joined by ` | `.
pub fn rows(page: &Page, table: &str) -> Vec<String> {
    let html = scraper::Html::parse_document(&page.html);
    let chosen = |selector: &str| scraper::Selector::parse(selector).expect("a selector");
    let words = |element: scraper::ElementRef| {
        element.text().flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
    };
    let cells = |row: scraper::ElementRef| {
        let cells: Vec<String> = row.select(&chosen("th, td")).map(words).collect();
        cells.join(" | ")
    };
    html.select(&chosen(&format!("{table} tr"))).map(cells).filter(|row| !row.is_empty()).collect()
}
