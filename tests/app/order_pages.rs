//! The pages of orders: who earned what and how it was worked out, and why this partner.

pub mod shop;

use partnerbook::domain::program::{AmountPer, Level, Payout, Rates};
use partnerbook::domain::settings::{Choose, TrackingMethod};
use partnerbook::selling::orders::EventKind;
use partnerbook::selling::programs::TermsRule;
use shop::{Shop, cents, line, october, order, percent, program, rate, rows};

const COMMISSIONS: &str = "section[aria-labelledby=commissions] tbody";
const STORY: &str = "section[aria-labelledby=why] .story > li";

#[test]
fn a_commission_shows_its_working_and_a_level_that_is_missing_says_why() {
    let shop = Shop::open();
    let box_ = shop.product("SB-3", "Sampler Box");
    let mut terms = program("Standard", &[(Level::One, percent("10")), (Level::Two, percent("3"))]);
    let standard = shop.program(terms.clone());
    terms.rules.push(TermsRule { product: Some(box_), rows: vec![(Level::One, percent("12.5"))] });
    shop.program(terms);
    let sam = shop.partner("sam", "Samantha Whitlock", None, &[standard]);
    let apex = shop.partner("aapex", "Apex Corporation", Some(sam), &[standard]);
    let plan = shop.product("OP-6", "Office Plan");
    let card = shop.product("GC-50", "Gift Card");
    let mut discounted = line(plan, "1", "1140.00");
    discounted.discount = cents(5700);
    let mut not_for_partners = line(card, "1", "50.00");
    not_for_partners.commissionable = false;
    let mut sale = order("10467", vec![line(box_, "3", "19.99"), discounted, not_for_partners]);
    (sale.partner, sale.shipping, sale.tax) = (Some(apex), cents(1250), cents(9544));
    let page = shop.sell(sale);
    page.says("Order 10467").says("Paid").says("Total $1,300.91").says("Credit in full with the order");
    let note = "Standard (version 2)";
    let day = "Oct 21, 2026";
    let told = [
        format!(
            "Apex Corporation Level 1, sold it | Sampler Box line 1 | 3 × 19.99 × 12.5 % = 7.50 {note} | {day} | 7.50"
        ),
        format!(
            "Apex Corporation Level 1, sold it | Office Plan line 2 | (1,140.00 − 57.00) × 10 % = 108.30 {note} | {day} | 108.30"
        ),
        format!(
            "Samantha Whitlock Level 2, parent | Office Plan line 2 | (1,140.00 − 57.00) × 3 % = 32.49 {note} | {day} | 32.49"
        ),
        "Nobody | Gift Card | Not commissionable: it earns nothing. |  | 0.00".into(),
        format!("Nobody Level 2 | Sampler Box | The product’s own rule in {note} has no level 2. |  | 0.00"),
    ];
    assert_eq!(rows(&page, COMMISSIONS), told);
    let totals = rows(&page, "section[aria-labelledby=commissions] tfoot");
    assert_eq!(
        totals,
        ["Apex Corporation | 115.80", "Samantha Whitlock | 32.49", "Commissions of this order | $148.29"]
    );
    let sums = rows(&page, "section[aria-labelledby=lines] tfoot");
    assert_eq!(sums, ["3 lines | 1,192.97", "Shipping | 12.50", "Tax | 95.44", "Order total | $1,300.91"]);
}

#[test]
fn a_return_tells_what_came_back_and_what_that_takes_back() {
    let shop = Shop::open();
    let standard = shop.program(program("Standard", &[(Level::One, percent("12.5"))]));
    let apex = shop.partner("aapex", "Apex", None, &[standard]);
    let mut sale = order("1", vec![line(shop.product("SB", "Sampler Box"), "3", "19.99")]);
    sale.partner = Some(apex);
    shop.sell(sale);
    let page = shop.happened("1", 28, EventKind::Refund { lines: vec![(1, 1.into())], amount: cents(2159) });
    page.says("Partly returned").says("1 returned Oct 28, 2026").says("Returned: 1 × Sampler Box");
    page.says("1 of 3 returned: 7.50 × 2 ÷ 3 = 5.00, had 7.50");
    let clawback = &rows(&page, COMMISSIONS)[1];
    assert!(
        clawback.starts_with("Apex Clawback Level 1, sold it") && clawback.ends_with("Oct 28, 2026 | −2.50"),
        "{clawback}"
    );
    assert_eq!(page.first("section[aria-labelledby=commissions] tfoot .money"), "$5.00");
    assert_eq!(page.first("section[aria-labelledby=money] tfoot .money"), "$38.38");
    let page = shop.happened("1", 29, EventKind::Refund { lines: Vec::new(), amount: cents(2000) });
    page.says("Partly refunded")
        .says("20.00 of 59.97 refunded: 7.50 × (2 ÷ 3 − 20.00 ÷ 59.97) = 2.50, had 5.00");
    let page = shop.happened("1", 30, EventKind::Refund { lines: vec![(1, 9.into())], amount: cents(9000) });
    page.says("Returned")
        .says("10 returned Oct 28, 2026, Oct 30, 2026, more than was sold: counts as all of it");
    page.says("3 of 3 returned: all of it is taken back, had 2.50");
    page.says("$71.62 more was given back than the whole order is worth.");
    assert_eq!(page.first("section[aria-labelledby=commissions] tfoot .money"), "$0.00");
}

#[test]
fn on_customer_payment_each_payment_tells_what_share_it_earns() {
    let shop = Shop::open();
    let mut terms = program("Standard", &[(Level::One, percent("10"))]);
    terms.payout = Payout::OnPayment;
    let standard = shop.program(terms);
    let apex = shop.partner("aapex", "Apex", None, &[standard]);
    let mut sale = order("1", vec![line(shop.product("P", "Plan"), "2", "50.00")]);
    (sale.partner, sale.paid_in_full) = (Some(apex), false);
    let page = shop.sell(sale);
    page.says("Not paid").says("Credit on customer payment").says("Nothing has come in yet.");
    page.says("2 × 50.00 × 10 % = 10.00 Standard (version 1), 0.00 of 10.00 earned so far");
    let page = shop.happened("1", 22, EventKind::CustomerPayment(cents(2000)));
    page.says("Part paid").says("20.00 of 100.00 paid: 10.00 × 20.00 ÷ 100.00 = 2.00");
    page.says("2.00 of 10.00 earned so far");
    let page = shop.happened("1", 23, EventKind::Refund { lines: vec![(1, 1.into())], amount: cents(0) });
    page.says("Partly returned").says("2.00 of 10.00 earned so far");
    let page = shop.happened("1", 24, EventKind::CustomerPayment(cents(3000)));
    page.says("1 of 2 returned, 50.00 of 50.00 paid: 10.00 × 1 ÷ 2 = 5.00, had 2.00");
    let page = shop.happened("1", 25, EventKind::Cancelled);
    page.says("Cancelled").says("The order was cancelled: all of it is taken back, had 5.00");
}

#[test]
fn amounts_per_unit_and_once_per_order_are_told_apart() {
    let shop = Shop::open();
    shop.defaults(|defaults| defaults.payout.amount = true);
    let both = Rates { sale: rate("5", 200), ..Rates::default() };
    let per_unit = shop.program(program("Units", &[(Level::One, both)]));
    let mut terms = program("Orders", &[(Level::One, both)]);
    terms.amount_per = AmountPer::Order;
    let once = shop.program(terms);
    let product = shop.product("P", "Plan");
    let (unit, once) =
        (shop.partner("unit", "Uma", None, &[per_unit]), shop.partner("once", "Otto", None, &[once]));
    let mut sale = order("1", vec![line(product, "3", "10.00")]);
    sale.partner = Some(unit);
    shop.sell(sale).says("3 × 10.00 × 5 % + 3 × 2.00 = 7.50");
    let other = shop.product("Q", "Quilt");
    let mut sale = order("2", vec![line(product, "3", "10.00"), line(other, "1", "10.00")]);
    sale.partner = Some(once);
    let page = shop.sell(sale);
    page.says("3 × 10.00 × 5 % = 1.50").says("Plan, Quilt 2.00 once for the order = 2.00");
    let page = shop.happened("2", 22, EventKind::Refund { lines: vec![(1, 3.into())], amount: cents(3000) });
    page.says("30.00 of 40.00 returned: 2.00 × 10.00 ÷ 40.00 = 0.50, had 2.00");
}

#[test]
fn unused_pays_once_more_and_says_why_it_does_not() {
    let shop = Shop::open();
    shop.defaults(|defaults| defaults.payout.pay_if_unused = true);
    let rows = [(Level::One, percent("10")), (Level::Two, percent("3")), (Level::Unused, percent("2"))];
    let standard = shop.program(program("Standard", &rows));
    let alone = shop.partner("alone", "Alona", None, &[standard]);
    let child = shop.partner("child", "Chiara", Some(alone), &[standard]);
    let product = shop.product("P", "Plan");
    for (number, partner) in [("1", alone), ("2", child)] {
        let mut sale = order(number, vec![line(product, "1", "100.00")]);
        sale.partner = Some(partner);
        shop.sell(sale);
    }
    let page = shop.page("1");
    page.says("Unused, has no parent").says("100.00 × 2 % = 2.00").says("Alona has no parent.");
    shop.page("2").says("Chiara has a parent, Alona.").says("100.00 × 3 % = 3.00");
}

#[test]
fn generations_that_are_not_paid_are_named_with_their_reason() {
    let shop = Shop::open();
    let rows = [(Level::One, percent("10")), (Level::Two, percent("3")), (Level::Three, percent("1"))];
    let standard = shop.program(program("Standard", &rows));
    let grand = shop.partner("grand", "Greta", None, &[]);
    let parent = shop.partner("parent", "Pedro", Some(grand), &[]);
    let child = shop.partner("child", "Chiara", Some(parent), &[standard]);
    let nowhere = shop.partner("nowhere", "Nora", None, &[]);
    let product = shop.product("P", "Plan");
    let sell = |number: &str, partner| {
        let mut sale = order(number, vec![line(product, "1", "100.00"), line(product, "1", "-5.00")]);
        sale.partner = Some(partner);
        shop.sell(sale)
    };
    let page = sell("1", child);
    page.says("Referral Partner # of Levels was 2: Greta is not paid.");
    page.says("Its amount is not above zero: it earns nothing.");
    shop.make_inactive(parent);
    sell("2", child).says("Pedro was inactive when it was recorded.");
    shop.defaults(|defaults| defaults.payout.levels = 1);
    sell("3", child).says("Referral Partner # of Levels was 1: Pedro is not paid.");
    sell("4", nowhere).says("Nora was in no commission program.");
}

#[test]
fn clicks_of_one_minute_are_told_to_the_second() {
    let shop = Shop::open();
    for code in ["sam", "joe"] {
        shop.partner(code, code, None, &[]);
    }
    shop.click("v1", "sam", october(20, "08:00"));
    let visitor = shop.click("v1", "joe", "2026-10-20T08:00:07Z".parse().unwrap());
    let mut sale = order("1", vec![line(shop.product("P", "Plan"), "1", "100.00")]);
    sale.visitor = Some(visitor);
    let page = shop.sell(sale);
    page.says("joe Oct 20, 2026, 08:00:07 A click").says("sam Oct 20, 2026, 08:00:00 A click");
    let visitor = shop.click("v2", "sam", "2026-10-21T09:14:30Z".parse().unwrap());
    let mut sale = order("2", vec![line(shop.product("P2", "Plan"), "1", "100.00")]);
    sale.visitor = Some(visitor);
    shop.sell(sale).says("No candidate: made after the order of Oct 21, 2026, 09:14:00.");
}

#[test]
fn a_cookie_wins_and_every_other_candidate_says_why_it_lost() {
    let shop = Shop::open();
    shop.defaults(|defaults| defaults.tracking.method = TrackingMethod::HistoryAndCookies);
    let partner = |code: &str, name: &str| shop.partner(code, name, None, &[]);
    for (code, name) in [("apex", "Apex Corporation"), ("katie", "Katie Wynn"), ("tom", "Tom Abernathy")] {
        partner(code, name);
    }
    let marcus = partner("marcus", "Marcus Bell");
    let harriet = shop.contact("harriet@example.com", "Harriet Boone");
    for (code, day) in
        [("tom", "2026-09-02"), ("marcus", "2026-10-04"), ("katie", "2026-10-11"), ("apex", "2026-10-18")]
    {
        shop.click("v1", code, format!("{day}T14:02:00Z").parse().unwrap());
    }
    shop.make_inactive(marcus);
    let mut sale = order("1", vec![line(shop.product("P", "Plan"), "1", "100.00")]);
    (sale.contact, sale.visitor) = (Some(harriet), Some(shop.click("v1", "tom", october(25, "08:00"))));
    let page = shop.sell(sale);
    page.says("Apex Corporation was credited because its link was the latest that Harriet Boone clicked before the order.");
    assert_eq!(
        page.all(STORY)[..6],
        [
            "Tom Abernathy Oct 25, 2026, 08:00 A click good until Nov 24, 2026, 08:00. No candidate: made after the order.",
            "Apex Corporation Oct 18, 2026, 14:02 A click good until Nov 17, 2026, 14:02. Credited: latest referring.",
            "Katie Wynn Oct 11, 2026, 14:02 A click good until Nov 10, 2026, 14:02. Lost: an older click.",
            "Marcus Bell Oct 4, 2026, 14:02 A click good until Nov 3, 2026, 14:02. No candidate: the partner was inactive when the order was recorded.",
            "Tom Abernathy Sep 2, 2026, 14:02 A click good until Oct 2, 2026, 14:02. No candidate: expired Oct 2, 2026, 14:02, after 30 days.",
            "Referral history Not looked at: a cookie decided. 5 candidates there Tom Abernathy Oct 25, 2026, 08:00 A referral good until Nov 24, 2026, 08:00. Not looked at. \
             Apex Corporation Oct 18, 2026, 14:02 A referral good until Nov 17, 2026, 14:02. Not looked at. \
             Katie Wynn Oct 11, 2026, 14:02 A referral good until Nov 10, 2026, 14:02. Not looked at. \
             Marcus Bell Oct 4, 2026, 14:02 A referral good until Nov 3, 2026, 14:02. Not looked at. \
             Tom Abernathy Sep 2, 2026, 14:02 A referral good until Oct 2, 2026, 14:02. Not looked at.",
        ]
    );
    page.says("Not looked at: a cookie decided.")
        .says("Latest referring; Referral history and cookies; Use IP Address: No");
    page.says("Lead partner Apex Corporation Sale partner Apex Corporation , the order names no sales rep");
}

#[test]
fn the_first_referring_partner_and_the_history_are_told_as_such() {
    let shop = Shop::open();
    shop.defaults(|defaults| {
        defaults.tracking.choose = Choose::First;
        defaults.tracking.method = TrackingMethod::HistoryAndCookies;
    });
    let (early, late) =
        (shop.partner("early", "Early Bird", None, &[]), shop.partner("late", "Late Owl", None, &[]));
    let harriet = shop.contact("harriet@example.com", "Harriet Boone");
    shop.referral(harriet, early, october(1, "10:00"));
    shop.referral(harriet, late, october(2, "10:00"));
    let mut sale = order("1", vec![line(shop.product("P", "Plan"), "1", "100.00")]);
    sale.contact = Some(harriet);
    let page = shop.sell(sale);
    page.says("Early Bird was credited because it has the first referral of Harriet Boone");
    page.says("The order came without a visitor’s cookie.").says("Credited: first referring.");
    page.says("Lost: a newer referral, and the first referring partner is chosen.");
    page.says("Not looked at: Use IP Address was No.");
}

#[test]
fn a_named_partner_and_a_sales_rep_are_told_with_their_parents() {
    let shop = Shop::open();
    shop.defaults(|defaults| defaults.payout.lead = true);
    let lead = Rates { lead: rate("5", 0), sale: rate("10", 0) };
    let standard = shop.program(program("Standard", &[(Level::One, lead)]));
    let sam = shop.partner("sam", "Samantha", None, &[standard]);
    let apex = shop.partner("aapex", "Apex", Some(sam), &[standard]);
    let rep = shop.partner("rep", "Rosa Rep", None, &[standard]);
    let mut sale = order("1", vec![line(shop.product("P", "Plan"), "1", "100.00")]);
    (sale.partner, sale.sale_partner) = (Some(apex), Some(rep));
    let page = shop.sell(sale);
    page.says("Apex was credited because the order names it.").says("Credited: the order names it");
    page.says("Not looked at: the order names a partner.");
    page.says(
        "Lead partner Apex Sale partner Rosa Rep , the order names it Parent of the lead’s Samantha Parent of the sale’s nobody",
    );
    page.says("100.00 × 5 % = 5.00").says("Level 1, referred the lead").says("100.00 × 10 % = 10.00");
    page.says("Standard (version 1) has no level 2 for the lead.").says("Rosa Rep has no parent.");
    shop.defaults(|defaults| defaults.payout.lead = false);
    let mut sale = order("3", vec![line(shop.product("P", "Plan"), "1", "100.00")]);
    (sale.partner, sale.sale_partner) = (Some(apex), Some(rep));
    shop.sell(sale).says("Apex earns nothing for the lead: Payout Type (Lead/Sale) was Sale.");
    shop.make_inactive(apex);
    let mut sale = order("2", vec![line(shop.product("P", "Plan"), "1", "100.00")]);
    sale.partner = Some(apex);
    let page = shop.sell(sale);
    page.says("Apex was credited because the order names it. It was inactive, so it earns nothing.");
    page.says("Apex was inactive when it was recorded.");
}

#[test]
fn an_order_that_credits_nobody_says_why() {
    let shop = Shop::open();
    let mut gift = line(shop.product("P", "Plan"), "1", "100.00");
    gift.commissionable = false;
    let page = shop.sell(order("1", vec![gift]));
    page.says("Nobody is credited, so nobody earns anything by this order.");
    page.says("Nobody was credited: no click and no referral speaks for a partner.");
    page.says("The order came without a visitor’s cookie.");
    page.says("Not looked at: Referral Partner tracking method was Only cookies.");
    page.says("Not looked at: Use IP Address was No.");
    let harriet = shop.contact("harriet@example.com", "Harriet Boone");
    shop.referral(harriet, shop.partner("katie", "Katie Wynn", None, &[]), october(1, "10:00"));
    let mut sale = order("2", vec![line(shop.product("P", "Plan"), "1", "100.00")]);
    sale.contact = Some(harriet);
    let page = shop.sell(sale);
    page.says("Nobody was credited: what speaks for a partner is of a kind that the settings leave out.");
    page.says("1 candidate there Katie Wynn");
}

#[test]
fn an_earlier_credit_is_kept_folded_with_what_it_gave_and_lost() {
    let shop = Shop::open();
    let standard = shop.program(program("Standard", &[(Level::One, percent("10"))]));
    let apex = shop.partner("aapex", "Apex", None, &[standard]);
    let katie = shop.partner("katie", "Katie Wynn", None, &[standard]);
    let mut sale = order("1", vec![line(shop.product("P", "Plan"), "1", "100.00")]);
    sale.partner = Some(apex);
    shop.sell(sale);
    let credited = EventKind::Credited { partner: katie, sale_partner: None };
    let page = shop.happened_because("1", 30, credited, "She brought the customer");
    page.says("Katie Wynn was credited by a command on Oct 30, 2026: She brought the customer.");
    assert_eq!(page.first("details.fold h2"), "Earlier credit: Apex");
    let earlier = page.first("details.card--table");
    assert!(
        earlier.contains("Another partner was credited: all of it is taken back, had 10.00"),
        "{earlier}"
    );
    let now = page.first("section[aria-labelledby=commissions]");
    assert!(
        now.contains("100.00 × 10 % = 10.00") && now.contains("Katie Wynn") && !now.contains("Apex"),
        "{now}"
    );
    page.says("Apex").says("Nobody Level 2 every line Katie Wynn has no parent.");
    let id = shop.order("1");
    shop.viewer.get(&format!("/orders/{id}/commissions?credit=1")).says("Credited to Apex");
    shop.viewer.get(&format!("/orders/{id}/commissions")).says("Credited to Katie Wynn");
    assert_eq!(shop.viewer.get(&format!("/orders/{id}/commissions?credit=3")).status, 404);
}

#[test]
fn a_large_order_is_shown_in_part_and_whole_page_by_page() {
    let shop = Shop::open();
    let standard = shop.program(program("Standard", &[(Level::One, percent("10"))]));
    let apex = shop.partner("aapex", "Apex", None, &[standard]);
    let product = shop.product("P", "Plan");
    let mut sale = order("1", (0..1000).map(|n| line(product, "1", &format!("{n}.00"))).collect());
    sale.partner = Some(apex);
    let page = shop.sell(sale);
    page.says("The first 20 of 1,000 lines; the sums are of all.").says("The first 20 of 999 commissions");
    assert_eq!(rows(&page, "section[aria-labelledby=lines] tbody").len(), 20);
    assert_eq!(page.first("section[aria-labelledby=commissions] tfoot .money"), "$49,950.00");
    let id = shop.order("1");
    let page = shop.viewer.get(&format!("/orders/{id}/lines?page=20"));
    page.says("951–1,000 of 1,000").says("999.00");
    let page = shop.viewer.get(&format!("/orders/{id}/commissions?page=2&rows=200"));
    page.says("201–400 of 999").says("201.00 × 10 % = 20.10");
}

#[test]
fn the_list_of_orders_is_searched_sorted_and_paged() {
    let shop = Shop::open();
    let standard = shop.program(program("Standard", &[(Level::One, percent("10"))]));
    let apex = shop.partner("aapex", "Apex", None, &[standard]);
    let zoe = shop.contact("zoe@example.com", "Zoë Ångström");
    let product = shop.product("P", "Plan");
    for n in 1..=60 {
        let mut sale = order(&format!("A{n}"), vec![line(product, "1", &format!("{n}.00"))]);
        sale.ordered_at = october(1 + n % 28, "10:00");
        (sale.partner, sale.contact) = ((n % 2 == 0).then_some(apex), (n == 7).then_some(zoe));
        shop.sell(sale);
    }
    let get = |query: &str| shop.viewer.get(&format!("/orders?{query}"));
    get("").says("1–50 of 60");
    get("page=2").says("51–60 of 60");
    get("q=zoe").says("1–1 of 1").says("A7").says("Zoë Ångström");
    get("q=APEX").says("1–30 of 30");
    get("credited=nobody").says("1–30 of 30");
    get("from=2026-10-02&to=2026-10-02").says("1–3 of 3");
    get("q=%25").says("No order matches");
    let numbers = |query: &str| get(query).all("tbody .row-link")[..3].to_vec();
    assert_eq!(numbers("sort=number"), ["A1", "A2", "A3"], "2 stands before 10");
    assert_eq!(numbers("sort=-total"), ["A60", "A59", "A58"]);
    let page = get("from=2026-10-09&to=2026-10-01&q=x");
    assert_eq!(page.status, 422);
    page.says("To lies before From.");
    assert_eq!(page.attribute("#words", "value"), "x");
    assert_eq!(get("q=x&from=31.10.2026").status, 422);
}

#[test]
fn an_order_that_there_is_none_of_is_not_found() {
    let shop = Shop::open();
    for path in ["/orders/999", "/orders/999/lines", "/orders/999/commissions", "/orders/abc", "/orders/-1"] {
        assert_eq!(shop.viewer.get(path).status, 404, "{path}");
    }
    shop.viewer.get("/orders").says("No order yet");
}
