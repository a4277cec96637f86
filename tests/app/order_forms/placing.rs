//! *New order*.

use partnerbook::book::verify;
use partnerbook::domain::program::{Level, Payout};
use partnerbook::web::admin::Role;

use super::typing::Form;
use crate::order_pages::shop::{Shop, october, percent, program, rows};
use crate::support::http::{Page, Visitor};

const COMMISSIONS: &str = "section[aria-labelledby=commissions] tbody";

/// A shop in which Sam earns 10 % and its parent Joe 3 %, and an administrator.
pub fn shop() -> (Shop, Visitor) {
    stocked(Shop::open())
}

/// The same in a shop that was opened otherwise.
pub fn stocked(shop: Shop) -> (Shop, Visitor) {
    let standard =
        shop.program(program("Standard", &[(Level::One, percent("10")), (Level::Two, percent("3"))]));
    let joe = shop.partner("joe", "Joe", None, &[standard]);
    shop.partner("sam", "Samantha", Some(joe), &[standard]);
    shop.product("PLAN", "Office Plan");
    let admin = shop.app.sign_in_as(Role::Administrator);
    (shop, admin)
}

/// The form of a new order, with one line of 100.00.
fn form(admin: &Visitor) -> Form {
    Form::of(&admin.get("/orders/new"), "order").line(0, "PLAN", "2", "50")
}

/// Presses the button that the page offers as its primary one.
fn record(admin: &Visitor, page: &Page) -> Page {
    Form::of(page, "order").press(admin, "record")
}

/// How many orders there are.
fn orders(shop: &Shop) -> usize {
    shop.viewer.get("/orders").all(".table tbody tr").len()
}

pub fn verify_clean(shop: &Shop) {
    let report =
        shop.app.database.db.read_now(|conn| verify::verify(conn, &|_| {})).expect("it can be verified");
    assert_eq!(report.places().collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn the_preview_shows_each_commission_and_what_is_recorded_is_just_that() {
    let (shop, admin) = shop();
    let page = admin.get("/orders/new");
    assert_eq!(page.attribute("#number", "value"), "1001");
    assert_eq!(page.attribute("#ordered_on", "value"), "2026-11-03");
    assert_eq!(page.attribute("#ordered_time", "value"), "10:41");
    let page = form(&admin).set("partner", "SAM").set("tax", "8.25").press(&admin, "preview");
    assert_eq!(page.status, 200, "{}", page.text());
    let told = rows(&page, COMMISSIONS);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].starts_with("Samantha Level 1, sold it | Office Plan") && told[0].ends_with("10.00"),
        "{told:?}"
    );
    assert!(told[1].starts_with("Joe Level 2, parent") && told[1].ends_with("3.00"), "{told:?}");
    page.says("An order of $108.25").says("was credited because the order names it");
    assert_eq!(page.first(".button--primary"), "Record the order: Samantha earns $10.00, Joe $3.00");
    assert_eq!(orders(&shop), 0, "nothing is recorded yet");
    let made = record(&admin, &page);
    let order = admin.get(made.location());
    order.says("Order 1001: Samantha earns $10.00, Joe $3.00.").says("Came in by hand").says("$108.25");
    assert_eq!(rows(&order, COMMISSIONS), told, "as it was shown");
    admin.get("/settings/audit").says("Order: place");
    verify_clean(&shop);
}

#[test]
fn two_presses_of_one_form_record_one_order() {
    let (shop, admin) = shop();
    let page = form(&admin).set("partner", "sam").press(&admin, "preview");
    let form = Form::of(&page, "order");
    let first = form.press(&admin, "record");
    let again = form.press(&admin, "record");
    assert_eq!(first.location(), again.location());
    admin.get(again.location()).says("Recorded once.");
    assert_eq!(orders(&shop), 1);
    let other = form.clone().set("note", "another one").press(&admin, "record");
    assert_eq!(other.status, 422);
    other.says("This form was sent before with other content");
    assert_eq!(orders(&shop), 1);
    verify_clean(&shop);
}

#[test]
fn many_presses_at_once_record_one_order() {
    let (shop, admin) = shop();
    let page = form(&admin).set("partner", "sam").press(&admin, "preview");
    let form = Form::of(&page, "order");
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let presses: Vec<_> = (0..4).map(|_| scope.spawn(|| form.press(&admin, "record").status)).collect();
        presses.into_iter().map(|press| press.join().expect("it answers")).collect()
    });
    assert_eq!(answers, [303; 4]);
    assert_eq!(orders(&shop), 1);
    verify_clean(&shop);
}

#[test]
fn what_changes_between_preview_and_press_is_told_and_not_recorded() {
    let (shop, admin) = shop();
    let page = form(&admin).set("partner", "sam").press(&admin, "preview");
    let sam = shop.viewer.get("/partners").attribute("a[href$='/2']", "href");
    assert_eq!(sam, "/partners/2");
    shop.make_inactive(partnerbook::domain::ids::PartnerId(2));
    let answer = record(&admin, &page);
    assert_eq!(answer.status, 422);
    answer.says("Nothing was recorded yet: this is not what was shown before.");
    answer.says("Samantha is inactive: it is credited and earns nothing.");
    assert_eq!(answer.first(".button--primary"), "Record the order: Joe earns $3.00");
    assert_eq!(orders(&shop), 0);
    assert_eq!(record(&admin, &answer).status, 303, "now it is what was shown");
    // What is typed after the preview counts as a change too.
    let page = form(&admin).set("partner", "joe").press(&admin, "preview");
    let answer = Form::of(&page, "order").set_in("price", 0, "60").press(&admin, "record");
    assert_eq!(answer.status, 422);
    assert_eq!(answer.first(".button--primary"), "Record the order: Joe earns $12.00");
    assert_eq!(orders(&shop), 1);
}

#[test]
fn who_and_what_is_new_is_made_with_the_order_and_not_by_a_preview() {
    let (_shop, admin) = shop();
    let typed = form(&admin)
        .set("customer", "zoe@example.com")
        .set("customer_name", "Zoë Q.")
        .line(1, "NEW-1", "1.5", "0.333333")
        .set_in("description", 1, "Something new");
    let page = typed.press(&admin, "preview");
    page.says("Zoë Q. is new: a contact is added.").says("NEW-1 is new: a product is added.");
    assert_eq!(page.first(".button--primary"), "Record the order: nobody is credited");
    admin.get("/contacts?q=zoe").says("No contact matches");
    admin.get("/products?q=NEW-1").says("No product matches");
    let order = admin.get(record(&admin, &page).location());
    order.says("Zoë Q.").says("Something new").says("0.333333");
    admin.get("/contacts?q=zoe").says("Zoë Q.");
    admin.get("/products?q=NEW-1").says("Something new");
    // The next time both are known, and the typed name does not replace the contact's.
    let page = form(&admin)
        .set("customer", "ZOE@example.com")
        .set("customer_name", "Other")
        .press(&admin, "preview");
    page.says("the contact keeps this name");
    assert_eq!(admin.get("/orders/new").attribute("#number", "value"), "1002");
}

#[test]
fn a_customers_referral_is_found_and_told() {
    let (shop, admin) = shop();
    shop.defaults(|defaults| {
        defaults.tracking.method = partnerbook::domain::settings::TrackingMethod::HistoryAndCookies;
    });
    let ann = shop.contact("ann@example.com", "Ann");
    shop.referral(ann, partnerbook::domain::ids::PartnerId(2), october(20, "09:00"));
    let page = form(&admin).set("customer", &format!("#{ann}")).press(&admin, "preview");
    page.says("has the latest referral of Ann");
    assert_eq!(page.first(".button--primary"), "Record the order: Samantha earns $10.00, Joe $3.00");
    let page = form(&admin).press(&admin, "preview");
    page.says("No customer is named, so no referral can speak for a partner.");
    assert_eq!(page.first(".button--primary"), "Record the order: nobody is credited");
}

#[test]
fn an_unpaid_order_of_a_program_on_payment_says_what_may_be_earned() {
    let (shop, admin) = shop();
    let mut terms = program("Later", &[(Level::One, percent("10"))]);
    terms.payout = Payout::OnPayment;
    let later = shop.program(terms);
    shop.partner("eve", "Eve", None, &[later]);
    let typed = form(&admin).set("partner", "eve");
    let page = typed.clone().press(&admin, "preview");
    assert_eq!(page.first(".button--primary"), "Record the order: Eve earns $10.00");
    let page = unpaid(typed).press(&admin, "preview");
    page.says("0.00 of 10.00 earned so far");
    assert_eq!(
        page.first(".button--primary"),
        "Record the order: Eve is credited, up to $10.00 as the customer pays"
    );
    assert_eq!(record(&admin, &page).status, 303);
    verify_clean(&shop);
}

fn unpaid(form: Form) -> Form {
    form.set("paid", "later")
}

#[test]
fn lines_are_added_and_removed_without_losing_what_is_typed() {
    let (_shop, admin) = shop();
    let typed =
        form(&admin).set("note", "by phone").line(2, "THIRD", "3", "1.00").untick("commissionable", "2");
    let page = typed.press(&admin, "add");
    assert_eq!(page.status, 200);
    assert_eq!(page.all(".order-line").len(), 4);
    let page = Form::of(&page, "order").press(&admin, "remove-1");
    assert_eq!(page.all(".order-line").len(), 3);
    assert_eq!(page.attribute("#product-1", "value"), "THIRD");
    assert!(!page.html.contains(r#"name="commissionable" value="1" checked"#), "it is still not ticked");
    assert_eq!(Form::of(&page, "order").get("note"), "by phone");
    let page = Form::of(&page, "order").set("partner", "sam").press(&admin, "preview");
    page.says("Not commissionable: it earns nothing.");
    assert_eq!(page.first(".button--primary"), "Record the order: Samantha earns $10.00, Joe $3.00");
}

#[test]
fn figures_that_are_none_are_told_beside_their_fields() {
    let (shop, admin) = shop();
    let cases: &[(&str, &str, &str)] = &[
        ("quantity", "1e3", "Line 1: Quantity is not a plain number"),
        ("quantity", "NaN", "Line 1: Quantity is not a plain number"),
        ("quantity", "-1", "Line 1: Quantity is below zero: what comes back is recorded as a return"),
        ("quantity", "0", "Line 1: Quantity is zero: take the line out."),
        ("quantity", "1.00001", "Line 1: Quantity has more than 4 decimals."),
        ("quantity", "99999999", "Line 1: Quantity is too large."),
        ("price", "50 %", "Line 1: Price is not a number: write it like 1234.50."),
        ("price", "€50", "Line 1: Price is not a plain number: amounts are in USD"),
        ("price", "EUR 50", "Line 1: Price is not a plain number: amounts are in USD"),
        ("price", "1.1234567", "Line 1: Price has more than 6 decimals."),
        ("price", "", "Line 1: Price is missing."),
        ("discount", "-1", "Line 1: Discount may not be below zero."),
        ("discount", "1.005", "Line 1: Discount has more than 2 decimals."),
        ("shipping", "free", "Shipping is not a plain number: amounts are in USD"),
        ("tax", "-3", "Tax may not be below zero."),
        ("product", "", "Line 1: Product code is missing."),
        ("number", "  ", "Order number is missing."),
        ("ordered_on", "2026-02-30", "Date is no date"),
        ("ordered_on", "2026-11-04", "The order lies in the future: it is 10:41, Nov 3, 2026."),
        ("ordered_on", "0200-01-01", "Date lies outside 1900 to 2999."),
        ("ordered_time", "25:00", "Time is no time of the day: write it like 14:05."),
        ("partner", "nobody", "No partner has this code."),
        ("sale_partner", "a b", "No partner has this code."),
        ("customer", "Samantha", "No contact has this e-mail or number."),
        ("customer", "Sam <sam@example.com>", "No contact has this e-mail or number."),
        ("customer", "#999", "No contact has this e-mail or number."),
        ("paid", "maybe", "Say whether the customer has paid."),
    ];
    for (field, typed, sentence) in cases {
        let form = form(&admin).set_in("description", 0, "kept").set(field, typed);
        for button in ["preview", "record"] {
            let page = form.press(&admin, button);
            assert_eq!(page.status, 422, "{field} {typed}: {}", page.text());
            page.says(sentence);
            assert_eq!(page.attribute("#description-0", "value"), "kept");
        }
    }
    let page = form(&admin).line(0, "PLAN", "9999999", "999999999").press(&admin, "record");
    page.says("The order comes to more than can be kept.");
    assert_eq!(page.status, 422);
    assert_eq!(orders(&shop), 0);
}

#[test]
fn an_order_of_years_ago_is_pointed_out_and_dated_then() {
    let (shop, admin) = shop();
    let page = form(&admin).set("partner", "sam").set("ordered_on", "2016-11-03").press(&admin, "preview");
    page.says("It was ordered on Nov 3, 2016, more than a year ago: its commissions are dated then.");
    assert!(rows(&page, COMMISSIONS)[0].ends_with("Nov 3, 2016 | 10.00"));
    assert_eq!(record(&admin, &page).status, 303);
    verify_clean(&shop);
}

#[test]
fn a_number_that_is_taken_is_told_with_one_that_is_free() {
    let (shop, admin) = shop();
    record(&admin, &form(&admin).press(&admin, "preview")).location();
    let taken = form(&admin).set("number", "1001").press(&admin, "preview");
    assert_eq!(taken.status, 422);
    taken.says("There is an order 1001 already. 1002 is free.");
    // Two who were shown the same number: the second is told when it presses.
    let (one, other) = (form(&admin).press(&admin, "preview"), form(&admin).press(&admin, "preview"));
    assert_eq!(record(&admin, &one).status, 303);
    let late = record(&admin, &other);
    assert_eq!(late.status, 422);
    late.says("There is an order 1002 already. 1003 is free.");
    assert_eq!(orders(&shop), 2);
}

#[test]
fn long_and_hostile_texts_are_refused_or_stored_unharmed() {
    let (shop, admin) = shop();
    let long = "x".repeat(5000);
    for field in ["number", "customer", "customer_name", "partner", "sale_partner", "note"] {
        let page = form(&admin).set(field, &long).press(&admin, "record");
        assert_eq!(page.status, 422, "{field}");
        page.says("5000 characters");
    }
    for field in ["product", "description"] {
        let page = form(&admin).set_in(field, 0, &long).press(&admin, "record");
        page.says("has 5000 characters");
    }
    let strings: Vec<String> =
        serde_json::from_str(include_str!("../../data/blns.json")).expect("a list of strings");
    for (place, string) in strings.iter().enumerate().step_by(7) {
        let typed = form(&admin).set("number", &format!("N{place}")).set("note", string);
        let typed = typed.set_in("product", 0, string).set_in("description", 0, string);
        let page = typed.set("customer_name", string).set("partner", "sam").press(&admin, "preview");
        assert!([200, 422].contains(&page.status), "{string:?}: {}", page.text());
        if page.status == 200 {
            let made = record(&admin, &page);
            assert_eq!(made.status, 303, "{string:?}: {}", made.text());
            assert_eq!(admin.get(made.location()).status, 200);
        }
    }
    for (field, string) in [("customer", &strings), ("partner", &strings), ("shipping", &strings)]
        .iter()
        .flat_map(|(field, strings)| strings.iter().step_by(23).map(move |string| (*field, string)))
    {
        let page = form(&admin).set(field, string).press(&admin, "preview");
        assert!([200, 422].contains(&page.status), "{field} {string:?}: {}", page.status);
    }
    verify_clean(&shop);
}

#[test]
fn an_order_may_have_500_lines_and_no_more() {
    let (shop, admin) = shop();
    let page = admin.get("/orders/new");
    let form = Form::of(&page, "order").set("partner", "sam");
    let with = |lines: usize| {
        let mut form = form.clone();
        for _ in 0..lines {
            form = form.adding(&[
                ("product", "PLAN"),
                ("description", ""),
                ("quantity", "1"),
                ("price", "0.10"),
                ("discount", ""),
            ]);
        }
        form
    };
    let many = with(501).press(&admin, "preview");
    assert_eq!(many.status, 422);
    many.says("The order has 501 lines; by hand it may have 500.");
    let most = with(500).press(&admin, "preview");
    assert_eq!(most.status, 200, "{}", most.text());
    assert_eq!(record(&admin, &most).status, 303);
    verify_clean(&shop);
}

#[test]
fn a_viewer_is_offered_no_form_and_other_pages_fill_it_in() {
    let (shop, admin) = shop();
    shop.viewer.get("/orders").says("No order yet");
    assert!(!shop.viewer.get("/orders").html.contains("/orders/new"));
    assert_eq!(shop.viewer.get("/orders/new").status, 403);
    let page = admin.get("/partners/2/orders");
    let path = page.attribute("a[href^='/orders/new']", "href");
    assert_eq!(admin.get(&path).attribute("#partner", "value"), "sam");
    let plan = shop.product("PL&N é", "Plan");
    let path = admin.get(&format!("/products/{plan}/edit")).attribute("a[href^='/orders/new']", "href");
    assert_eq!(admin.get(&path).attribute("#product-0", "value"), "PL&N é");
    let ann = shop.contact("ann+x@example.com", "Ann");
    let path = admin.get(&format!("/contacts/{ann}")).attribute("a[href^='/orders/new']", "href");
    assert_eq!(admin.get(&path).attribute("#customer", "value"), "ann+x@example.com");
    assert!(!shop.viewer.get(&format!("/contacts/{ann}")).html.contains("/orders/new"));
}
