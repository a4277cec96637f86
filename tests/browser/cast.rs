//! A small shop, the same in every test of this folder: Joe recruited Samantha, Ada is on her own. All of
//! them sold something in September and October 2026, and one order came back.

use chrono::{DateTime, Utc};
use diesel::PgConnection;
use partnerbook::domain::ids::{PartnerId, ProductId};
use partnerbook::domain::money::Money;
use partnerbook::domain::program::{AmountPer, Level, Payout, Percent, Rate, Rates};
use partnerbook::error::AppError;
use partnerbook::people::contacts::{self, NewContact};
use partnerbook::people::partners::{self, NewPartner, PartnerStatus};
use partnerbook::selling::orders::{self, EventKind, NewEvent, NewLine, NewOrder, OrderEvent, Source};
use partnerbook::selling::products::{self, NewProduct};
use partnerbook::selling::programs::{self, ProgramTerms, TermsRule};
use partnerbook::web::admin::Role;

use crate::browser::Browser;
use crate::support::http::{self, PASSWORD, TestApp};

/// The application with the shop in it, and an administrator: `ann@example.com`.
pub fn app() -> TestApp {
    let app = http::app();
    app.add_user("Ann Kowalski", "ann@example.com", Role::Administrator);
    app.database.db.run_now(tell).expect("the story can be told");
    app
}

/// Signs in through the page.
pub async fn sign_in(browser: &Browser) {
    browser.open("/").await;
    browser.fill("E-mail", "ann@example.com").await;
    browser.fill("Password", PASSWORD).await;
    browser.press("Sign in").await;
    browser.says("Ann Kowalski").await;
}

/// Sam: 50.00 in September; 34.80 − 17.40 in October. Joe: 3 % of what Sam sold. Ada: 12.00 in October.
pub fn tell(conn: &mut PgConnection) -> Result<(), AppError> {
    let joe = partners::make(conn, &[partner("joe", "Joe Marchetti", None)])?[0];
    let others = [partner("sam", "Samantha Whitlock", Some(joe)), partner("ada", "Ada Ekström", None)];
    let [sam, ada] = partners::make(conn, &others)?[..] else { unreachable!("two were made") };
    let program = programs::save(conn, &[terms()], None)?[0];
    partners::enrol(conn, &[(sam, program), (ada, program)])?;
    let kettle =
        products::find_or_make(conn, &[NewProduct { code: "kettle".into(), name: "Drip Kettle".into() }])?[0]
            .id;
    for (number, on, partner, quantity, price) in [
        ("10398", "2026-09-14", sam, 1, 500),
        ("10421", "2026-10-02", sam, 2, 174),
        ("10433", "2026-10-20", ada, 1, 120),
    ] {
        let placed = OrderEvent::Placed(order(conn, kettle, number, on, partner, quantity, price)?);
        orders::record(conn, &[placed], None)?;
    }
    let back = NewEvent {
        order: "10421".into(),
        kind: EventKind::Refund { lines: vec![(1, 1.into())], amount: Money::ZERO },
        happened_at: noon("2026-10-14"),
        reference: String::new(),
        reason: String::new(),
    };
    orders::record(conn, &[OrderEvent::Happened(back)], None)?;
    Ok(())
}

fn noon(day: &str) -> DateTime<Utc> {
    format!("{day}T12:00:00Z").parse().expect("an instant")
}

pub fn partner(code: &str, name: &str, parent: Option<PartnerId>) -> NewPartner {
    NewPartner {
        code: code.into(),
        name: name.into(),
        email: Some(format!("{code}@example.com")),
        parent,
        status: PartnerStatus::Active,
        track_leads_days: None,
        notify_on_lead: false,
        notify_on_sale: false,
        address: Default::default(),
    }
}

/// 10 % for the sale, 3 % for whoever recruited the seller.
fn terms() -> ProgramTerms {
    let rate = |percent: i64| Rate {
        percent: Percent::new(percent.into()).expect("a percent"),
        amount: Money::ZERO,
    };
    let rates = |percent| Rates { sale: rate(percent), ..Rates::default() };
    let rows = vec![(Level::One, rates(10)), (Level::Two, rates(3))];
    ProgramTerms {
        name: "Standard".into(),
        priority: 1,
        payout: Payout::UpFront,
        amount_per: AmountPer::Unit,
        rules: vec![TermsRule { product: None, rows }],
    }
}

fn order(
    conn: &mut PgConnection,
    product: ProductId,
    number: &str,
    on: &str,
    partner: PartnerId,
    quantity: i64,
    price: i64,
) -> Result<NewOrder, AppError> {
    let dana = NewContact {
        email: Some("dana@example.com".into()),
        name: "Dana Whitfield".into(),
        ..Default::default()
    };
    let contact = contacts::find_or_make(conn, &[dana])?[0];
    let line = NewLine {
        product,
        description: None,
        quantity: quantity.into(),
        unit_price: price.into(),
        discount: Money::ZERO,
        commissionable: true,
    };
    Ok(NewOrder {
        number: number.into(),
        contact: Some(contact),
        ordered_at: noon(on),
        lines: vec![line],
        shipping: Money::ZERO,
        tax: Money::ZERO,
        paid_in_full: true,
        visitor: None,
        address: None,
        partner: Some(partner),
        sale_partner: None,
        coupon: None,
        source: Source::Hand,
        note: String::new(),
        content_hash: [0; 32],
    })
}
