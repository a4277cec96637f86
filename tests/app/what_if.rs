//! *What if?* on an order: other settings, the same candidates, nothing written.

use partnerbook::domain::ids::PartnerId;
use partnerbook::domain::program::Level;
use partnerbook::domain::settings::TrackingMethod;
use partnerbook::selling::orders::{EventKind, NewOrder};

use crate::order_forms::placing::{shop, verify_clean};
use crate::order_pages::shop::{Shop, line, october, order, percent, program, rows};
use crate::support::http::Page;

const EARNED: &str = "section[aria-labelledby=h-earned] tbody";

/// Joe (1), Sam (2) whose parent is Joe, Eve (3). The visitor clicked Eve's link, then Sam's; the contact was
/// referred by Joe before. Order 1 of 100.00 credits Sam.
fn sold() -> Shop {
    let (shop, _) = shop();
    let flat = shop.program(program("Flat", &[(Level::One, percent("5"))]));
    shop.partner("eve", "Eve", None, &[flat]);
    shop.click("v1", "eve", october(10, "09:00"));
    let visitor = shop.click("v1", "sam", october(12, "09:00"));
    let fay = shop.contact("fay@example.com", "Fay");
    shop.referral(fay, PartnerId(1), october(1, "09:00"));
    let plan = shop.product("PLAN", "Office Plan");
    let sale = order("A1", vec![line(plan, "2", "50.00")]);
    let sale =
        NewOrder { visitor: Some(visitor), contact: Some(fay), address: Some("192.0.2.7".into()), ..sale };
    shop.sell(sale).says("Samantha was credited because its link was the latest");
    shop
}

fn ask(shop: &Shop, number: &str, query: &str) -> Page {
    let page = shop.viewer.get(&format!("/orders/{}/what-if?{query}", shop.order(number)));
    assert_eq!(page.status, 200, "{}", page.text());
    page
}

/// All that is kept of orders and the book, as one text.
fn kept(shop: &Shop) -> String {
    let tables =
        ["orders", "order_events", "order_credits", "commission_rows", "entries", "audit_log", "referrals"];
    let counts = tables.map(|table| format!("(SELECT count(*) FROM {table})"));
    crate::settings::told(&shop.app, &format!("SELECT concat_ws(' ', {})", counts.join(", ")))
}

#[test]
fn the_first_instead_of_the_latest_and_what_it_would_earn_and_nothing_is_written() {
    let shop = sold();
    let before = kept(&shop);
    let id = shop.order("A1");
    shop.page("A1").says("What if?");
    let same = ask(&shop, "A1", "");
    same.says("The same as was credited")
        .says("Samantha would be credited because its link was the latest that");
    same.says("When it was recorded: Latest referring; Only cookies; Use IP Address: No; own purchases: No.");
    assert_eq!(
        rows(&same, EARNED),
        ["Joe | parent | 3.00 | 3.00 | 0.00", "Samantha | lead partner, sale partner | 10.00 | 10.00 | 0.00"]
    );
    let first = ask(&shop, "A1", "choose=first");
    first.says("Eve would be credited").says("When it was recorded, Samantha was.");
    first.says("Eve would be credited because its link was the first that Fay clicked before the order.");
    first.says("Lost: a newer click, and the first referring partner is chosen.");
    assert_eq!(
        rows(&first, EARNED),
        [
            "Joe | not credited | 3.00 | 0.00 | −3.00",
            "Samantha | not credited | 10.00 | 0.00 | −10.00",
            "Eve | lead partner, sale partner | 0.00 | 5.00 | 5.00"
        ]
    );
    shop.viewer.get(&format!("/orders/{id}/what-if?choose=first&method=history_and_cookies&ip=yes&own=yes"));
    assert_eq!(kept(&shop), before);
    shop.page("A1").says("Samantha was credited");
    verify_clean(&shop);
}

#[test]
fn history_and_addresses_are_looked_at_where_they_are_switched_on() {
    let shop = sold();
    let plan = shop.product("PLAN", "Office Plan");
    let fay = shop.contact("fay@example.com", "Fay");
    let sale = order("A2", vec![line(plan, "1", "50.00")]);
    shop.sell(NewOrder { contact: Some(fay), address: Some("192.0.2.7".into()), ..sale })
        .says("Nobody was credited");
    let page = ask(&shop, "A2", "");
    page.says("The same as was credited").says(
        "Nobody would be credited: what speaks for a partner is of a kind that the settings leave out.",
    );
    let page = ask(&shop, "A2", "ip=yes");
    page.says("Samantha would be credited because its link was the latest that was clicked from 192.0.2.7");
    page.says("When it was recorded, nobody was.");
    let page = ask(&shop, "A2", "ip=yes&method=history_and_cookies&choose=first");
    page.says("Joe would be credited because it has the first referral of Fay");
}

#[test]
fn touches_and_settings_of_later_are_left_out_and_status_and_rates_are_todays() {
    let shop = sold();
    let fay = shop.contact("fay@example.com", "Fay");
    shop.referral(fay, PartnerId(3), october(20, "09:00"));
    shop.defaults(|defaults| defaults.tracking.method = TrackingMethod::HistoryAndCookies);
    shop.make_inactive(PartnerId(2));
    let page = ask(&shop, "A1", "");
    page.says("Eve would be credited because its link was the latest");
    page.says("Samantha").says("No candidate: the partner is inactive today.");
    assert_eq!(
        page.text().matches("A referral").count(),
        3,
        "Joe's and those of the two clicks: {}",
        page.text()
    );
}

#[test]
fn own_purchases_coupons_and_orders_that_name_their_partner() {
    let shop = sold();
    let admin = shop.app.sign_in_as(partnerbook::web::admin::Role::Administrator);
    admin.submit("/coupons/new", "/coupons", &[("code", "EVE5"), ("partner", "eve")]).location();
    let plan = shop.product("PLAN", "Office Plan");
    let sam = shop.contact("sam@example.com", "Samantha");
    let visitor = shop.click("v2", "sam", october(15, "09:00"));
    let sale = |number: &str| NewOrder {
        visitor: Some(visitor),
        contact: Some(sam),
        ..order(number, vec![line(plan, "1", "50.00")])
    };
    shop.sell(sale("B1")).says("Nobody was credited");
    ask(&shop, "B1", "own=yes").says("Samantha would be credited");
    shop.sell(NewOrder { coupon: Some("EVE5".into()), ..sale("B2") }).says("Eve was credited");
    ask(&shop, "B2", "coupon=link&own=yes").says("Samantha would be credited").says("Link wins");
    ask(&shop, "B2", "coupon=link").says("The same as was credited").says("no link speaks for a partner");
    assert!(
        !ask(&shop, "B1", "").html.contains("name=\"coupon\""),
        "an order without coupons has no choice of them"
    );
    shop.sell(NewOrder { partner: Some(PartnerId(1)), ..sale("B3") });
    let page = ask(&shop, "B3", "choose=first&own=yes");
    page.says("The same as was credited")
        .says("The order names its partner, and that goes before all settings.");
}

#[test]
fn what_came_back_counts_and_a_credit_by_hand_is_told() {
    let shop = sold();
    shop.happened("A1", 22, EventKind::Refund { lines: vec![(1, 1.into())], amount: Default::default() });
    let page = ask(&shop, "A1", "choose=first");
    assert!(
        rows(&page, EARNED).contains(&"Eve | lead partner, sale partner | 0.00 | 2.50 | 2.50".to_string())
    );
    shop.happened_because(
        "A1",
        23,
        EventKind::Credited { partner: PartnerId(3), sale_partner: None },
        "hers",
    );
    let page = ask(&shop, "A1", "");
    page.says("Since then another partner was credited by hand").says("Samantha would be credited");
    shop.happened("A1", 24, EventKind::Cancelled);
    ask(&shop, "A1", "").says("Nobody earns anything by this order, now or then. It is cancelled.");
}

#[test]
fn an_order_with_more_candidates_than_it_keeps_by_name_counts_them_all() {
    let (shop, _) = shop();
    shop.click("v3", "joe", october(1, "08:00"));
    let mut visitor = None;
    for minute in 10..55 {
        visitor = Some(shop.click("v3", "sam", october(2, &format!("09:{minute}"))));
    }
    let plan = shop.product("PLAN", "Office Plan");
    shop.sell(NewOrder { visitor, ..order("C1", vec![line(plan, "1", "50.00")]) })
        .says("Samantha was credited");
    shop.click("v3", "joe", october(3, "08:00"));
    ask(&shop, "C1", "choose=first")
        .says("Joe would be credited")
        .says("The others are taken as they stand now.");
    ask(&shop, "C1", "").says("The same as was credited");
}

#[test]
fn settings_that_there_are_not_are_told() {
    let shop = sold();
    let id = shop.order("A1");
    for (query, sentence) in [
        ("choose=newest", "Choose Latest referring or First referring."),
        ("method=%00x", "NUL"),
        ("method=%F0%9F%92%A9", "Choose Only cookies or Referral history and cookies."),
        ("ip=1&own=", "Choose No or Yes."),
        ("coupon=both", "Choose Coupon wins or Link wins."),
    ] {
        let page = shop.viewer.get(&format!("/orders/{id}/what-if?{query}"));
        assert!([400, 422].contains(&page.status), "{query}: {}", page.status);
        page.says(sentence);
    }
    assert_eq!(shop.viewer.get("/orders/999/what-if").status, 404);
    assert_eq!(shop.viewer.get("/orders/x/what-if").status, 404);
}
