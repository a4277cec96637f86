//! Orders by API: who is credited, what that earns, and what is answered.

use partnerbook::domain::program::{Level, Payout, Rates};
use serde_json::json;

use super::{ORDERS, Till, order, saying, told};
use crate::order_pages::shop::{program, rate};

#[test]
fn an_order_is_recorded_and_answered_as_its_page_tells_it() {
    let till = Till::open();
    let sent = saying(
        "1001",
        json!({
            "contact": { "email": "dana@example.com", "first_name": "Dana", "last_name": "Whitfield", "country": "US" },
            "partner": "SAM", "currency": "usd", "shipping": 5, "tax": "8.25", "note": "By phone.",
        }),
    );
    let page = till.post(ORDERS, &sent);
    assert_eq!((page.status, page.header("location")), (201, "/api/v1/orders/1001"), "{}", page.html);
    assert_eq!((page.header("cache-control"), page.header("set-cookie")), ("no-store", ""));
    let url = &till.shop.app.url;
    let expected = json!({
        "number": "1001", "id": 1, "url": format!("{url}/orders/1"), "ordered_at": "2026-10-21T09:14:00Z",
        "contact": { "id": 3, "url": format!("{url}/contacts/3") },
        "currency": "USD", "total": "113.25", "is_cancelled": false,
        "lead_partner": { "code": "sam", "name": "Samantha", "url": format!("{url}/partners/2"), "note": "" },
        "sale_partner": {
            "code": "sam", "name": "Samantha", "url": format!("{url}/partners/2"), "note": "the order names no sales rep",
        },
        "why": "Samantha was credited because the order names it.",
        "commissions": [
            { "partner": "sam", "role": "sale", "level": "1", "line": 1, "program": "Standard", "amount": "10.00", "full_amount": "10.00" },
            { "partner": "joe", "role": "sale", "level": "2", "line": 1, "program": "Standard", "amount": "3.00", "full_amount": "3.00" },
        ],
        "commissions_total": "13.00",
        "remarks": [],
    });
    assert_eq!(told(&page), expected);
    let shown = till.get("/api/v1/orders/1001");
    assert_eq!((shown.status, told(&shown)), (200, expected));
    let order = till.shop.page("1001");
    order.says("Samantha was credited because the order names it.").says("Came in by API").says("$113.25");
    order.says("Dana Whitfield").says("By phone.");
    assert_eq!(till.ledger(), "joe 300, sam 1000");
    till.admin.get("/settings/audit").says("API key Till Order: place order 1");
    till.verify_clean();
}

#[test]
fn the_sale_partner_earns_the_sale_and_the_lead_partner_the_lead() {
    let till = Till::empty();
    till.shop.defaults(|defaults| defaults.payout.lead = true);
    let both = Rates { lead: rate("4", 0), sale: rate("10", 0) };
    let above = Rates { lead: rate("1", 0), sale: rate("2", 0) };
    let standard = till.shop.program(program("Standard", &[(Level::One, both), (Level::Two, above)]));
    let joe = till.shop.partner("joe", "Joe", None, &[standard]);
    till.shop.partner("sam", "Samantha", Some(joe), &[standard]);
    till.shop.partner("rep", "Rita Rep", Some(joe), &[standard]);
    let answer = till.sell(&saying("1", json!({ "partner": "sam", "sale_partner": "Rep" })));
    assert_eq!(
        (&answer["lead_partner"]["code"], &answer["sale_partner"]["code"]),
        (&json!("sam"), &json!("rep"))
    );
    assert_eq!(answer["sale_partner"]["note"], "the order names it");
    // Of 100.00: 4 and 1 for the lead, 10 and 2 for the sale; Joe is the parent of both.
    assert_eq!(till.ledger(), "joe 300, rep 1000, sam 400");
    let told: Vec<String> = answer["commissions"]
        .as_array()
        .expect("it is a list")
        .iter()
        .map(|one| {
            format!("{} {} {} {}", one["partner"], one["role"], one["level"], one["amount"]).replace('"', "")
        })
        .collect();
    assert_eq!(told, ["sam lead 1 4.00", "joe lead 2 1.00", "rep sale 1 10.00", "joe sale 2 2.00"]);
    // A sale partner alone: nobody referred the lead.
    let answer = till.sell(&saying("2", json!({ "sale_partner": "rep" })));
    assert_eq!((&answer["lead_partner"], &answer["sale_partner"]["code"]), (&json!(null), &json!("rep")));
    assert_eq!(till.ledger(), "joe 500, rep 2000, sam 400");
    till.verify_clean();
}

#[test]
fn a_partners_coupon_credits_it_and_one_that_is_nobodys_is_kept_and_told() {
    let till = Till::open();
    till.admin.submit("/coupons/new", "/coupons", &[("code", "SAM10"), ("partner", "sam")]).location();
    let answer = till.sell(&saying("1", json!({ "coupon": "freeship, sam10" })));
    assert_eq!(answer["why"], "Samantha was credited because the order was placed with its coupon sam10.");
    let remark = "freeship is no partner’s coupon: it is kept with the order and credits nobody.";
    assert_eq!(answer["remarks"], json!([remark]));
    assert_eq!(told(&till.get("/api/v1/orders/1")), answer);
    till.shop.page("1").says("Coupon freeship, sam10");
    assert_eq!(till.ledger(), "joe 300, sam 1000");
    till.verify_clean();
}

#[test]
fn an_inactive_partner_that_is_named_is_credited_and_earns_nothing_and_that_is_told() {
    let till = Till::open();
    till.shop.make_inactive(partnerbook::domain::ids::PartnerId(2));
    let answer = till.sell(&saying("1", json!({ "partner": "sam" })));
    assert_eq!(
        answer["why"],
        "Samantha was credited because the order names it. It was inactive, so it earns nothing."
    );
    assert_eq!(answer["remarks"], json!(["Samantha is inactive: it is credited and earns nothing."]));
    // Its parent is active, and paid as if it were (spec 4.3).
    assert_eq!(till.ledger(), "joe 300");
    till.verify_clean();
}

#[test]
fn what_is_not_paid_yet_earns_later_where_the_program_says_so() {
    let till = Till::empty();
    let mut terms = program("Standard", &[(Level::One, Rates { sale: rate("10", 0), ..Rates::default() })]);
    terms.payout = Payout::OnPayment;
    let standard = till.shop.program(terms);
    till.shop.partner("sam", "Samantha", None, &[standard]);
    let answer = till.sell(&saying("1", json!({ "partner": "sam", "paid_in_full": false })));
    let first = &answer["commissions"][0];
    assert_eq!((&first["amount"], &first["full_amount"]), (&json!("0.00"), &json!("10.00")));
    assert_eq!((&answer["commissions_total"], till.ledger().as_str()), (&json!("0.00"), ""));
    till.sell(&saying("2", json!({ "partner": "sam" })));
    assert_eq!(till.ledger(), "sam 1000");
    till.verify_clean();
}

#[test]
fn lines_may_be_described_discounted_and_not_commissionable() {
    let till = Till::open();
    let lines = json!([
        { "product": "PLAN", "description": "Office Plan, yearly", "quantity": "1.5", "unit_price": 19.99, "discount": "0.99" },
        { "product": "new-1", "description": "Mug", "quantity": 1, "unit_price": 100, "commissionable": false },
        { "product": "new-1", "quantity": 1, "unit_price": -3 },
    ]);
    let answer = till.sell(&saying("1", json!({ "partner": "sam", "lines": lines })));
    // 1.5 × 19.99 − 0.99 = 28.995, and 10 % of it 2.8995; 3 % 0.86985.
    assert_eq!(till.ledger(), "joe 87, sam 290");
    assert_eq!(answer["total"], "126.00");
    till.shop.page("1").says("Office Plan, yearly").says("Mug").says("Not commissionable");
    assert_eq!(till.shop.app.database.ask("SELECT name FROM products WHERE code = 'new-1'"), "Mug");
    till.verify_clean();
}

#[test]
fn numbers_of_orders_may_have_any_characters() {
    let till = Till::open();
    for (number, path) in [
        ("A/B 1", "A%2FB%201"),
        ("50% off?", "50%25%20off%3F"),
        ("#7&x=+", "%237%26x%3D%2B"),
        ("Zoë 注文", "Zo%C3%AB%20%E6%B3%A8%E6%96%87"),
        ("openapi.json", "openapi%2Ejson"),
    ] {
        let page = till.post(ORDERS, &order(number));
        assert_eq!((page.status, page.header("location")), (201, format!("/api/v1/orders/{path}").as_str()));
        let shown = told(&till.get(page.header("location")));
        assert_eq!(shown["number"], number);
    }
    for missing in ["1", "%00", "A%2fB", "%FF%FE", "a%0Ab", &"x".repeat(3000)] {
        let page = till.get(&format!("{ORDERS}/{missing}"));
        assert_eq!(
            (page.status, page.header("content-type")),
            (404, "application/problem+json"),
            "{missing}"
        );
    }
}
