//! *CRM > Orders > Actions > Credit another partner*: many orders at once, shown first, then just that or
//! nothing.

mod many;

use partnerbook::domain::ids::PartnerId;
use partnerbook::domain::program::{Level, Payout};
use partnerbook::selling::orders::{EventKind, NewOrder};

use crate::order_forms::placing::{shop, verify_clean};
use crate::order_forms::typing::Form;
use crate::order_pages::shop::{Shop, line, october, order, percent, program, rows};
use crate::support::http::{Page, Visitor};

const PATH: &str = "/orders/credits";
const PARTNERS: &str = "section[aria-labelledby=h-partners]";
const ORDERS: &str = "section[aria-labelledby=h-orders] tbody";
const PRIMARY: &str = ".action-bar .button--primary";

/// An order of 100.00 by this partner, on a day of October.
fn sold(shop: &Shop, number: &str, day: u32, partner: Option<i64>) {
    let plan = shop.product("PLAN", "Office Plan");
    let sale = order(number, vec![line(plan, "2", "50.00")]);
    let partner = partner.map(PartnerId);
    shop.sell(NewOrder { partner, ordered_at: october(day, "09:14"), ..sale });
}

/// Ticks these orders, or none, and chooses the action.
fn choose(admin: &Visitor, ticks: &[i64], search: &[(&str, &str)]) -> Page {
    let ticks: Vec<String> = ticks.iter().map(i64::to_string).collect();
    let mut fields: Vec<(&str, &str)> = ticks.iter().map(|tick| ("tick", tick.as_str())).collect();
    fields.extend(search);
    fields.push(("press", "choose"));
    admin.submit("/orders", PATH, &fields)
}

fn preview(admin: &Visitor, chosen: &Page, partner: &str, part: &str) -> Page {
    let form = Form::of(chosen, "credit").set("partner", partner).set("reason", "The wrong link was printed");
    form.set("part", part).press(admin, "preview")
}

fn record(admin: &Visitor, preview: &Page) -> Page {
    Form::of(preview, "credit").press(admin, "record")
}

/// A shop with Joe (1), Sam (2), whose parent is Joe, and Eve (3); and orders 1 to 5: by Sam, by Sam, by Eve,
/// by nobody, by Sam and cancelled.
fn five() -> (Shop, Visitor) {
    let (shop, admin) = shop();
    let flat = shop.program(program("Flat", &[(Level::One, percent("5"))]));
    shop.partner("eve", "Eve", None, &[flat]);
    for (number, day, partner) in
        [("N1", 1, Some(2)), ("N2", 2, Some(2)), ("N3", 3, Some(3)), ("N4", 4, None), ("N5", 5, Some(2))]
    {
        sold(&shop, number, day, partner);
    }
    shop.happened("N5", 6, EventKind::Cancelled);
    (shop, admin)
}

#[test]
fn ticked_orders_are_credited_as_the_preview_shows() {
    let (shop, admin) = five();
    admin.get("/orders").says("Credit another partner");
    assert!(!shop.viewer.get("/orders").html.contains(PATH), "a viewer is not offered it");
    let chosen = choose(&admin, &[1, 2, 3, 4, 5], &[]);
    chosen.says("For 5 orders.");
    let page = preview(&admin, &chosen, "EVE", "both");
    assert_eq!(page.status, 200, "{}", page.text());
    page.says("3 orders are credited anew").says("2 orders are left as they are");
    page.says("N3 It is credited so already.").says("N5 It is cancelled: nothing more can happen to it.");
    let told = rows(&page, &format!("{PARTNERS} tbody"));
    assert_eq!(
        told,
        ["Eve | 0.00 | 15.00 | 15.00", "Joe | −6.00 | 0.00 | −6.00", "Samantha | −20.00 | 0.00 | −20.00"]
    );
    assert_eq!(rows(&page, &format!("{PARTNERS} tfoot")), ["All | −$26.00 | $15.00 | −$11.00"]);
    let told = rows(&page, ORDERS);
    assert_eq!(told[0], "N1 | Oct 1, 2026 | Samantha | −13.00 | 5.00");
    assert_eq!(told[2], "N4 | Oct 4, 2026 | nobody | 0.00 | 5.00");
    assert_eq!(page.first(PRIMARY), "Credit 3 orders: $26.00 is taken back, $15.00 is earned");
    shop.page("N1").says("Samantha was credited");
    // The reason may be written last: what is credited stays what was shown.
    let page = Form::of(&page, "credit").set("reason", "The wrong link was on the flyer");
    let done = page.press(&admin, "record");
    let list = admin.get(done.location());
    list.says("3 orders were credited to Eve: $26.00 is taken back, $15.00 is earned.");
    list.says("2 orders were left as they were. To undo it, credit the former partner again.");
    for number in ["N1", "N2", "N4"] {
        let page = shop.page(number);
        page.says("Eve was credited by Administrator on Nov 3, 2026: The wrong link was on the flyer.");
        page.says("Earlier credit");
    }
    let audit = admin.get("/settings/audit").text();
    assert_eq!(audit.matches("Order: credit order").count(), 3, "{audit}");
    assert!(audit.contains("together with 2"), "{audit}");
    verify_clean(&shop);
    // Back again: every row of before holds nothing, and new ones hold what they did.
    let again = preview(&admin, &choose(&admin, &[1, 2], &[]), "sam", "both");
    record(&admin, &again).location();
    let sum = |number: &str| {
        shop.page(number).first("section[aria-labelledby=commissions] tfoot tr:last-child .money")
    };
    assert_eq!(sum("N1"), "$13.00");
    verify_clean(&shop);
}

#[test]
fn all_results_of_a_search_are_meant_and_the_list_comes_back() {
    let (shop, admin) = five();
    let search = [("from", "2026-10-01"), ("to", "2026-10-02"), ("all", "yes")];
    let chosen = choose(&admin, &[3], &search);
    chosen.says("For 2 orders.");
    let page = preview(&admin, &chosen, "eve", "both");
    page.says("2 orders are credited anew");
    let done = record(&admin, &page);
    assert_eq!(done.location(), "/orders?from=2026%2D10%2D01&to=2026%2D10%2D02");
    shop.page("N1").says("Eve was credited by Administrator");
    shop.page("N3").says("Eve was credited because the order names it.");
    let wrong = choose(&admin, &[], &[("from", "2026-10-09"), ("to", "2026-10-02")]);
    assert_eq!(wrong.status, 422);
    wrong.says("To lies before From.");
    let none = choose(&admin, &[], &[("q", "nothing is called so")]);
    none.says("For 0 orders.");
    assert!(!none.html.contains("value=\"preview\""), "there is nothing to go on with");
    verify_clean(&shop);
}

#[test]
fn one_of_the_two_partners_alone_becomes_another() {
    let (shop, admin) = five();
    let page = preview(&admin, &choose(&admin, &[1, 4], &[]), "eve", "sale");
    page.says("N4 Nobody is its lead partner: credit both parts instead.");
    record(&admin, &page).location();
    shop.page("N1").says("Lead partner Samantha Sale partner Eve");
    let page = preview(&admin, &choose(&admin, &[1, 2, 4], &[]), "joe", "lead");
    page.says("3 orders are credited anew");
    record(&admin, &page).location();
    shop.page("N1").says("Lead partner Joe Sale partner Eve");
    shop.page("N2").says("Lead partner Joe Sale partner Samantha");
    shop.page("N4").says("Lead partner Joe Sale partner Joe");
    verify_clean(&shop);
}

#[test]
fn two_presses_and_many_at_once_record_once() {
    let (shop, admin) = five();
    let page = preview(&admin, &choose(&admin, &[1, 2], &[]), "eve", "both");
    let form = Form::of(&page, "credit");
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let presses: Vec<_> = (0..4).map(|_| scope.spawn(|| form.press(&admin, "record").status)).collect();
        presses.into_iter().map(|press| press.join().expect("it answers")).collect()
    });
    assert_eq!(answers, [303; 4]);
    admin.get(form.press(&admin, "record").location()).says("Recorded once.");
    let other = form.clone().set("reason", "another one").press(&admin, "record");
    assert_eq!(other.status, 422);
    other.says("This form was sent before with other content");
    let audit = admin.get("/settings/audit").text();
    assert_eq!(audit.matches("Order: credit order").count(), 2, "{audit}");
    verify_clean(&shop);
}

#[test]
fn what_changed_since_the_preview_is_told_and_nothing_is_recorded() {
    let (shop, admin) = five();
    let page = preview(&admin, &choose(&admin, &[1, 2], &[]), "eve", "both");
    shop.happened("N2", 20, EventKind::Refund { lines: vec![(1, 1.into())], amount: Default::default() });
    let told = record(&admin, &page);
    assert_eq!(told.status, 422);
    told.says("Nothing of yours was recorded yet: orders have changed since this was shown.");
    told.says("A command recorded a return or refund");
    assert_eq!(told.first(PRIMARY), "Credit 2 orders: $19.50 is taken back, $7.50 is earned");
    shop.page("N1").says("Samantha was credited because");
    // An order that the search finds now.
    let chosen = choose(&admin, &[], &[("q", "N")]);
    let page = preview(&admin, &chosen, "eve", "both");
    sold(&shop, "N6", 7, Some(2));
    let told = record(&admin, &page);
    assert_eq!(told.status, 422);
    told.says("A command recorded that it was placed").says("4 orders are credited anew");
    record(&admin, &told).location();
    shop.page("N6").says("Eve was credited by Administrator");
    // Settings by which the partner's parent earns nothing any more.
    let page = preview(&admin, &choose(&admin, &[3], &[]), "sam", "both");
    page.says("Joe").says("3.00");
    shop.defaults(|defaults| defaults.payout.levels = 1);
    let told = record(&admin, &page);
    assert_eq!(told.status, 422);
    told.says("Nothing was recorded yet: this is not what was shown before.");
    shop.page("N3").says("Eve was credited because the order names it.");
    verify_clean(&shop);
}

#[test]
fn customer_payments_to_come_are_told_and_an_inactive_partner_earns_nothing() {
    let (shop, admin) = five();
    let mut terms = program("Later", &[(Level::One, percent("10"))]);
    terms.payout = Payout::OnPayment;
    let later = shop.program(terms);
    shop.partner("kim", "Kim", None, &[later]);
    let plan = shop.product("PLAN", "Office Plan");
    let sale = order("N7", vec![line(plan, "2", "50.00")]);
    shop.sell(NewOrder { paid_in_full: false, ..sale });
    let page = preview(&admin, &choose(&admin, &[6], &[]), "kim", "both");
    page.says("up to 10.00 as the customer pays").says("No entry is written");
    assert_eq!(page.first(PRIMARY), "Credit 1 order: no commission changes");
    shop.make_inactive(PartnerId(4));
    let page = preview(&admin, &choose(&admin, &[1], &[]), "kim", "both");
    page.says("Kim is inactive: it is credited and earns nothing.");
    record(&admin, &page).location();
    shop.page("N1").says("It was inactive, so it earns nothing.");
    verify_clean(&shop);
}

#[test]
fn bad_input_is_told_and_records_nothing() {
    let (shop, admin) = five();
    let chosen = choose(&admin, &[1], &[]);
    for (partner, part, sentence) in [
        ("", "both", "Say who is to be credited."),
        ("nobody", "both", "No partner has this code."),
        ("ノビ", "both", "No partner has this code."),
    ] {
        let page = preview(&admin, &chosen, partner, part);
        assert_eq!(page.status, 422);
        page.says(sentence);
    }
    let fields = |ticks: &[&str], more: &[(&str, &str)]| {
        let mut fields: Vec<(String, String)> = vec![("press".into(), "preview".into())];
        fields.extend(ticks.iter().map(|tick| ("tick".to_string(), tick.to_string())));
        fields.extend(more.iter().map(|(name, value)| (name.to_string(), value.to_string())));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        admin.submit("/orders", PATH, &fields)
    };
    let page = fields(&["1"], &[("partner", "eve"), ("part", "all of it")]);
    page.says("Choose which of the two partners becomes another.");
    fields(&["1"], &[("partner", "eve"), ("key", "x")]).says("This form is incomplete or out of date.");
    fields(&["x"], &[("partner", "eve")]).says("These ticks are none of this list.");
    fields(&["999"], &[("partner", "eve")]).says("Nothing would be recorded.");
    let many: Vec<String> = (1..300).map(|id: i64| id.to_string()).collect();
    fields(&many.iter().map(String::as_str).collect::<Vec<_>>(), &[])
        .says("These ticks are none of this list.");
    let page = preview(&admin, &choose(&admin, &[1], &[]), "eve", "both");
    let page = Form::of(&page, "credit").set("reason", "").press(&admin, "record");
    assert_eq!(page.status, 422);
    page.says("Reason is missing.");
    let long = "ß".repeat(2001);
    Form::of(&choose(&admin, &[1], &[]), "credit")
        .set("partner", "eve")
        .set("reason", &long)
        .press(&admin, "preview")
        .says("Reason has 2001 characters; it may have 2000.");
    shop.page("N1").says("Samantha was credited because");
    assert!(!admin.get("/settings/audit").text().contains("Order: credit order"));
}

#[test]
fn more_than_a_thousand_orders_are_not_credited_at_once() {
    let (shop, admin) = shop();
    shop.app.database.psql(
        "INSERT INTO orders (number, ordered_at, ordered_on, currency, total, paid_in_full, source, content_hash)
         SELECT 'M' || n, '2026-10-01', '2026-10-01', 'USD', 0, true, 'shop', sha256('') FROM generate_series(1, 1001) n",
    );
    let page = choose(&admin, &[], &[]);
    page.says("For more than 1,000 orders.")
        .says("These are more than 1,000 orders, which is the most that is credited at once.");
    assert!(!page.html.contains("value=\"preview\""));
}
