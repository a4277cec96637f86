//! *CRM > Coupon Codes*: given to partners, ended, given to others; and orders that are credited by them.

use partnerbook::domain::ids::PartnerId;
use partnerbook::domain::settings::CouponOrLink;
use partnerbook::selling::imports::{self, Import, ImportReport, Kind};
use partnerbook::selling::orders::NewOrder;
use partnerbook::web::admin::{Role::Administrator, Who};

use crate::order_forms::placing::{shop, verify_clean};
use crate::order_forms::typing::Form;
use crate::order_pages::shop::{Shop, line, october, order};
use crate::support::http::{Page, Visitor};

const WHY: &str = "section[aria-labelledby=why]";

fn add(admin: &Visitor, code: &str, partner: &str) -> Page {
    admin.submit("/coupons/new", "/coupons", &[("code", code), ("partner", partner)])
}

/// Adds a code that is free; its page.
fn added(admin: &Visitor, code: &str, partner: &str) -> String {
    let page = add(admin, code, partner);
    assert_eq!(page.status, 303, "{}", page.text());
    page.location().to_string()
}

fn end(admin: &Visitor, coupon: &str) {
    admin.submit(coupon, &format!("{coupon}/end"), &[]).location();
}

/// An order of 100.00 on this day of October with these coupons.
fn bought(shop: &Shop, number: &str, day: u32, coupon: &str) -> NewOrder {
    let plan = shop.product("PLAN", "Office Plan");
    let sale = order(number, vec![line(plan, "2", "50.00")]);
    NewOrder { coupon: Some(coupon.into()), ordered_at: october(day, "09:14"), ..sale }
}

/// Imports orders from a file.
pub fn import(shop: &Shop, text: &str) -> ImportReport {
    let who = Who::command_line(shop.app.clock.now());
    let import = Import {
        kind: Kind::Orders,
        file: "orders.csv",
        text: text.as_bytes(),
        columns: None,
        skip_bad_rows: false,
        number: 0,
        who: &who,
        progress: &|_| Ok(()),
    };
    shop.app.database.db.run_now(|conn| imports::import(conn, &import)).expect("it reports what it did")
}

#[test]
fn a_coupon_is_added_found_shown_with_its_partner_and_ended() {
    let (shop, admin) = shop();
    admin.get("/coupons").says("No coupon code yet");
    admin.get("/partners/2").says("Coupon codes Add a coupon code None.");
    let path = added(&admin, " SAM10 ", "SAM");
    let page = admin.get(&path);
    page.says("Added. Orders with SAM10 are credited from now on.").says("Referral partner Samantha sam");
    page.says("Status In force").says("Orders with it none yet");
    admin.get("/coupons?q=sam1").says("SAM10 Samantha sam In force");
    admin.get("/coupons?q=Samantha").says("SAM10");
    admin.get("/coupons?q=joe").says("No coupon code matches");
    admin.get("/partners/2").says("SAM10");
    let found = admin.get("/search?q=sam10");
    assert_eq!(found.all("section[aria-labelledby=exact] .row-link"), ["Samantha"]);
    assert!(admin.get("/choices/partners?q=SAM1").html.contains("Samantha"), "chosen by a coupon too");
    shop.viewer.get(&path).says("In force");
    assert!(!shop.viewer.get(&path).html.contains("/end"), "a viewer ends nothing");
    end(&admin, &path);
    admin.get(&path).says("Ended. Orders from now on are not credited by it").says("Status Ended");
    end(&admin, &path);
    admin.get(&path).says("It was ended already; nothing was changed.");
    admin.get("/partners/2").says("SAM10 ended");
    let audit = admin.get("/settings/audit").text();
    assert_eq!(audit.matches("Coupon: end coupon 1").count(), 1, "{audit}");
    assert_eq!(audit.matches("Coupon: add coupon 1").count(), 1, "{audit}");
}

#[test]
fn a_code_in_force_is_one_partners_and_after_its_end_another_may_have_it() {
    let (_shop, admin) = shop();
    let path = added(&admin, "SAM10", "sam");
    let taken = add(&admin, "sam10", "joe");
    assert_eq!(taken.status, 422);
    taken.says("SAM10 is Samantha’s. End it there first; then it can be another’s.");
    assert_eq!(taken.attribute("#code", "value"), "sam10");
    end(&admin, &path);
    let again = admin.get(admin.get(&path).attribute(".card .button[href^='/coupons/new']", "href").as_str());
    assert_eq!(again.attribute("#code", "value"), "SAM10");
    let joes = added(&admin, "sam10", "joe");
    admin.get(&joes).says("Joe joe").says("At other times Referral Partner Since Ended Samantha sam");
    admin.get(&path).says("At other times").says("Joe joe");
}

#[test]
fn at_the_same_moment_one_of_two_gets_a_code() {
    let (_shop, admin) = shop();
    let token = admin.get("/coupons/new").token();
    let press =
        |partner| admin.post_with("/coupons", &token, &[("code", "BOTH"), ("partner", partner)]).status;
    let press = &press;
    let mut answers: Vec<u16> = std::thread::scope(|scope| {
        let presses: Vec<_> =
            ["sam", "joe", "sam", "joe"].into_iter().map(|code| scope.spawn(move || press(code))).collect();
        presses.into_iter().map(|press| press.join().expect("it answers")).collect()
    });
    answers.sort_unstable();
    assert_eq!(answers, [303, 422, 422, 422]);
}

#[test]
fn what_no_coupon_can_be_is_told_at_its_field_and_comes_back_as_typed() {
    let (_shop, admin) = shop();
    let letters = "A coupon code has letters A to Z, digits, dashes and underscores only.";
    for (code, partner, sentence) in [
        ("", "sam", "Coupon code is missing."),
        ("SAM 10", "sam", letters),
        ("SÄM", "sam", letters),
        ("<b>", "sam", letters),
        (&"X".repeat(51), "sam", "Coupon code has 51 characters; it may have 50."),
        (&"X".repeat(5000), "sam", "Coupon code has 5000 characters; it may have 50."),
        ("SAM10", "", "Referral partner is missing."),
        ("SAM10", "nobody", "No partner has this code."),
        ("SAM10", "ノビ", "No partner has this code."),
    ] {
        let page = add(&admin, code, partner);
        assert_eq!(page.status, 422, "{code}");
        page.says(sentence);
        assert_eq!(page.attribute("#code", "value"), code);
    }
    admin.get("/coupons").says("No coupon code yet");
    assert_eq!(admin.get("/coupons?q=%F0%9F%92%A9%25'").status, 200);
    let long = format!("/coupons?q={}", "x".repeat(300));
    assert_eq!(admin.get(&long).status, 422);
    for wrong in ["/coupons/99", "/coupons/x", "/coupons/-1", "/coupons/99999999999999999999"] {
        assert_eq!(admin.get(wrong).status, 404, "{wrong}");
    }
}

#[test]
fn an_order_with_a_partners_coupon_credits_it_and_says_so() {
    let (shop, admin) = shop();
    added(&admin, "SAM10", "sam");
    let page = shop.sell(bought(&shop, "1", 21, "freeship, sam10"));
    page.says("Coupon freeship, sam10");
    page.says("Samantha was credited because the order was placed with its coupon sam10.");
    let why = page.first(WHY);
    for told in [
        "Coupon freeship. No candidate: it is no partner’s coupon.",
        "Samantha Coupon sam10. Credited: a coupon goes before every link.",
        "Cookie Not looked at: a coupon decided.",
        "Coupon wins",
    ] {
        assert!(why.contains(told), "{told} in: {why}");
    }
    page.says("10.00").says("Joe");
    admin.get("/coupons/1").says("Orders with it 1");
    shop.viewer.get("/orders?q=SAM10").says("Samantha");
    verify_clean(&shop);
}

#[test]
fn coupon_or_link_wins_as_the_setting_says() {
    let (shop, admin) = shop();
    added(&admin, "SAM10", "sam");
    let visitor = shop.click("v1", "joe", october(20, "09:00"));
    let sale = |number: &str| NewOrder { visitor: Some(visitor), ..bought(&shop, number, 21, "SAM10") };
    let page = shop.sell(sale("1"));
    page.says("Samantha was credited because the order was placed with its coupon SAM10.");
    page.says("1 candidate there").says("Joe");
    shop.defaults(|defaults| defaults.tracking.coupon = CouponOrLink::Link);
    let page = shop.sell(sale("2"));
    page.says("Joe was credited because its link was the latest that this visitor clicked before the order.");
    page.says("Samantha Coupon SAM10. Lost: a cookie decided, and links go before coupons.")
        .says("Link wins");
    // No link speaks for anybody: the coupon decides, and the steps tell why they did not.
    shop.make_inactive(PartnerId(1));
    let page = shop.sell(sale("3"));
    page.says("Samantha was credited because the order was placed with its coupon SAM10.");
    page.says("No candidate: the partner was inactive when the order was recorded.");
    page.says("Credited: no link speaks for a partner, so the coupon decides.");
    verify_clean(&shop);
}

#[test]
fn a_partner_named_outright_goes_before_a_coupon_and_a_coupon_names_even_its_buyer() {
    let (shop, admin) = shop();
    added(&admin, "SAM10", "sam");
    let named = NewOrder { partner: Some(PartnerId(1)), ..bought(&shop, "1", 21, "SAM10") };
    let page = shop.sell(named);
    page.says("Joe was credited because the order names it.");
    page.says("Samantha Coupon SAM10. Lost: the order names a partner, and that goes before every coupon.");
    let sam = shop.contact("sam@example.com", "Samantha");
    let own = NewOrder { contact: Some(sam), ..bought(&shop, "2", 21, "SAM10") };
    shop.sell(own).says("Samantha was credited because the order was placed with its coupon SAM10.");
    shop.make_inactive(PartnerId(2));
    let page = shop.sell(bought(&shop, "3", 21, "SAM10"));
    page.says("placed with its coupon SAM10. It was inactive, so it earns nothing.");
    verify_clean(&shop);
}

#[test]
fn a_coupon_is_whose_it_was_when_the_order_was_placed() {
    let (shop, admin) = shop();
    let sams = added(&admin, "TEN", "sam");
    shop.app.clock.set("2026-11-03T10:43:00Z".parse().expect("an instant"));
    end(&admin, &sams);
    shop.app.clock.set("2026-11-03T10:45:00Z".parse().expect("an instant"));
    added(&admin, "TEN", "joe");
    shop.app.clock.set("2026-11-03T10:47:00Z".parse().expect("an instant"));
    let at = |number: &str, time: &str| {
        let ordered_at = time.parse().expect("an instant");
        shop.sell(NewOrder { ordered_at, ..bought(&shop, number, 21, "ten") })
    };
    at("1", "2026-10-01T00:00:00Z").says("Samantha was credited because");
    at("2", "2026-11-03T10:43:00Z").says("Samantha was credited because");
    let between = at("3", "2026-11-03T10:44:00Z");
    between.says("Nobody was credited: no coupon, no click and no referral speaks for a partner.");
    between.says("Samantha Coupon ten. No candidate: the coupon had ended before the order.");
    at("4", "2026-11-03T10:46:00Z")
        .says("Joe was credited because the order was placed with its coupon ten.");
    verify_clean(&shop);
}

#[test]
fn an_order_by_hand_takes_a_coupon_and_says_when_it_is_nobodys() {
    let (shop, admin) = shop();
    added(&admin, "SAM10", "sam");
    let typed = |coupon: &str| {
        let page = admin.get("/orders/new");
        Form::of(&page, "order").line(0, "PLAN", "2", "50").set("coupon", coupon).press(&admin, "preview")
    };
    let preview = typed("sam10");
    preview.says("was credited because the order was placed with its coupon sam10");
    let made = Form::of(&preview, "order").press(&admin, "record");
    admin.get(made.location()).says("Coupon sam10").says("Samantha earns $10.00");
    let unknown = typed("SUMMER");
    assert_eq!(unknown.status, 200);
    unknown.says("SUMMER is no partner’s coupon: it is kept with the order and credits nobody.");
    let made = Form::of(&unknown, "order").press(&admin, "record");
    admin.get(made.location()).says("Coupon SUMMER").says("No candidate: it is no partner’s coupon.");
    let long = typed(&"x".repeat(201));
    assert_eq!(long.status, 422);
    long.says("Coupon has 201 characters; it may have 200.");
    verify_clean(&shop);
}

#[test]
fn a_file_brings_coupons_and_a_file_without_them_is_known_again() {
    let (shop, admin) = shop();
    added(&admin, "SAM10", "sam");
    let old = "order,date,sku,quantity,price\nA,2026-10-01,PLAN,1,10\n";
    assert_eq!(import(&shop, old).recorded, 1);
    assert_eq!(import(&shop, old).already_there, 1);
    // The hash that such an order had before there were coupons.
    let empty = "order,date,sku,quantity,price,Discount code\nA,2026-10-01,PLAN,1,10,\n";
    assert_eq!(import(&shop, empty).already_there, 1);
    let new = "order,date,sku,quantity,price,Coupon Code\nB,2026-10-02,PLAN,1,10,SAM10\nB,2026-10-02,PLAN,1,5,\n\
               C,2026-10-02,PLAN,1,10,SUMMER\n";
    let report = import(&shop, new);
    assert_eq!((report.recorded, report.has_errors()), (2, false));
    shop.page("B").says("Samantha was credited because the order was placed with its coupon SAM10.");
    shop.page("C").says("Coupon SUMMER").says("Nobody was credited");
    assert_eq!(import(&shop, new).already_there, 2);
    let other = "order,date,sku,quantity,price,coupon\nB,2026-10-02,PLAN,1,10,JOE\nB,2026-10-02,PLAN,1,5,\n";
    assert_eq!(import(&shop, other).recorded, 0, "known with other content");
    let two = "order,date,sku,quantity,price,coupon\nD,2026-10-02,PLAN,1,10,ONE\nD,2026-10-02,PLAN,1,5,TWO\n";
    let report = import(&shop, two);
    let errors: Vec<String> = report.errors().map(ToString::to_string).collect();
    assert!(errors[0].contains("is not what an earlier row of the same order says"), "{errors:?}");
    verify_clean(&shop);
}

#[test]
fn a_file_is_told_which_of_its_coupons_credit_nobody_and_comes_in() {
    let (shop, admin) = shop();
    added(&admin, "SAM10", "sam");
    end(&admin, &added(&admin, "OLD10", "joe"));
    let rows = [
        "A,2026-11-04,PLAN,1,10,sam10",
        "B,2026-11-04,PLAN,1,10,\"SAM10, FreeShip\"",
        "C,2026-11-03,PLAN,1,10,freeship",
        "D,2026-11-04,PLAN,1,10,OLD10",
        "E,2026-10-01,PLAN,1,10,OLD10",
        "F,2026-11-04,PLAN,-1,10,NOBODYS",
    ];
    let text = format!("order,date,sku,quantity,price,Coupon code\n{}\n", rows.join("\n"));
    let report = import(&shop, &text);
    assert_eq!((report.recorded, report.has_errors()), (5, false));
    let notes = report.remarks.iter().filter(|remark| remark.about == imports::About::Note);
    let told: Vec<String> = notes.map(|remark| remark.at.to_string()).collect();
    let (here, more) = ("it credits nobody here", "what was ordered comes in all the same");
    assert_eq!(
        told,
        [
            format!(
                "row 3, Coupon code \"FreeShip\" is no partner's coupon: {here}, and in 1 other order; {more}"
            ),
            format!("row 5, Coupon code \"OLD10\" had ended before the order: {here}; {more}"),
        ]
    );
    shop.page("C").says("No candidate: it is no partner’s coupon.");
    assert_eq!(
        import(&shop, &text).remarks.len(),
        1,
        "only the return that finds no sale; the orders are known"
    );
    verify_clean(&shop);
}

#[test]
fn a_merged_partners_coupons_are_the_others_and_a_used_one_keeps_its_partner() {
    let (shop, admin) = shop();
    added(&admin, "OLD10", "joe");
    shop.partner("eve", "Eve", None, &[]);
    added(&admin, "EVE10", "eve");
    // Eve's coupon stands in an order that credits another: Eve cannot be deleted.
    shop.sell(NewOrder { partner: Some(PartnerId(2)), ..bought(&shop, "1", 21, "EVE10") });
    admin.get("/partners/3/delete").says("1 order with a coupon of its");
    shop.app
        .database
        .psql("UPDATE partners SET merged_into_id = 2, merged_at = now(), status = 'inactive' WHERE id = 1");
    shop.sell(bought(&shop, "2", 21, "OLD10")).says("Samantha was credited because");
    admin.get("/partners/2").says("OLD10");
    admin.get("/coupons").says("OLD10 Samantha");
}

#[test]
fn the_setting_is_saved_and_told() {
    let app = crate::support::http::app();
    let admin = app.sign_in_as(Administrator);
    let page = admin.get("/settings/referral-partner-defaults");
    page.says("When an order has a coupon and a link").says("Coupon wins").says("Link wins");
}
