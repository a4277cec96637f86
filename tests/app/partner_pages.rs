//! The pages of partners and contacts, the start page and the search.

use partnerbook::book::{self, NewPayment};
use partnerbook::domain::ids::PartnerId;
use partnerbook::domain::money::Money;
use partnerbook::domain::payment::PayType;
use partnerbook::domain::program::Level;
use partnerbook::paying::payments::single::propose;
use partnerbook::running::audit;
use partnerbook::selling::orders::{EventKind, OrderEvent};
use partnerbook::web::admin::Role::Administrator;
use partnerbook::web::admin::Who;
use serde_json::json;

use crate::order_pages::shop::{Shop, cents, line, october, order, percent, program, rows};
use crate::support::http::Page;

const TABS: [&str; 5] = ["", "/referrals", "/orders", "/payments", "/history"];

#[test]
fn a_partners_tabs_show_what_it_earned_referred_sold_and_was_paid() {
    let shop = Shop::open();
    let rates = [(Level::One, percent("10")), (Level::Two, percent("3"))];
    let standard = shop.program(program("Standard", &rates));
    let sam = shop.partner("sam", "Samantha Whitlock", None, &[standard]);
    let apex = shop.partner("aapex", "Apex Corporation", Some(sam), &[standard]);
    let harriet = shop.contact("harriet@example.com", "Harriet Boone");
    shop.referral(harriet, apex, october(1, "10:00"));
    let mut sale = order("10467", vec![line(shop.product("P", "Office Plan"), "1", "1000.00")]);
    (sale.partner, sale.contact) = (Some(apex), Some(harriet));
    shop.sell(sale);
    shop.happened("10467", 28, EventKind::Refund { lines: Vec::new(), amount: cents(10000) });
    pay(&shop, apex, 5000);

    let page = shop.viewer.get(&format!("/partners/{apex}"));
    page.says("Apex Corporation Active Code aapex Parent Samantha Whitlock");
    page.says("Balance today $40.00").says("Commissions in October $90.00").says("Last payment $50.00");
    page.says("1. Standard 10 %, parent 3 %").says("Orders, 12 months 1").says("Track leads for 30 days");
    let latest = rows(&page, "section[aria-labelledby=latest] tbody");
    assert_eq!(
        latest,
        [
            "Oct 31, 2026 | by hand Payment |  | −50.00",
            "Oct 28, 2026 | Office Plan Clawback | 10467 | −10.00",
            "Oct 21, 2026 | Office Plan | 10467 | 100.00",
        ]
    );
    let months = rows(&page, "section[aria-labelledby=months] tbody");
    assert_eq!(months.len(), 12);
    assert_eq!(months[10], "Oct 2026 | 90.00 | 50.00");
    assert_eq!(page.all("svg.chart__plot rect").len(), 12);
    shop.viewer
        .get(&format!("/partners/{sam}"))
        .says("Recruited Referral Partner Balance Apex Corporation aapex 40.00");

    let tab = |tab: &str| shop.viewer.get(&format!("/partners/{apex}{tab}"));
    assert_eq!(
        rows(&tab("/orders"), "tbody"),
        ["10467 | Oct 21, 2026, 09:14 | Harriet Boone | Apex Corporation | 1,000.00 | 90.00"]
    );
    let parents = shop.viewer.get(&format!("/partners/{sam}/orders"));
    assert_eq!(
        rows(&parents, "tbody"),
        ["10467 | Oct 21, 2026, 09:14 | Harriet Boone | Apex Corporation | 1,000.00 | 27.00"]
    );
    let referred = "Harriet Boone | Manual | Oct 1, 2026, 10:00 | Oct 31, 2026, 10:00 | Expired";
    assert_eq!(rows(&tab("/referrals"), "tbody"), [referred]);
    assert_eq!(
        rows(&tab("/payments"), "tbody"),
        ["Oct 31, 2026 | PayPal | single | On account by hand | 50.00"]
    );
    tab("/history").says("No change yet");
    let audited = shop.app.database.db.run_now(|conn| {
        let who = Who::command_line(october(30, "10:00"));
        audit::write(
            conn,
            &who,
            "partner.make_inactive",
            ("partner", apex.0),
            json!({"reason": "<b>moved</b>"}),
        )?;
        audit::write(conn, &who, "partner.rename", ("partner", sam.0), json!({}))?;
        audit::write(conn, &who, "order.cancel", ("order", apex.0), json!({}))
    });
    audited.expect("it can be written");
    let changes = ["Oct 30, 2026, 10:00 | Make inactive | A command | reason <b>moved</b>"];
    assert_eq!(rows(&tab("/history"), "tbody"), changes);
    for name in TABS {
        let page = tab(name);
        assert_eq!(page.all(".tabs a[aria-current]").len(), 1, "{name}");
        page.says("Referrals 1 Clicks Orders 1 Payments 1");
    }
    let page = shop.viewer.get(&page.attribute(".page-head a[href^='/contacts']", "href"));
    page.says("Apex Corporation").says("aapex@example.com").says("Referral partner aapex");
    let harriet = shop.viewer.get(&format!("/contacts/{harriet}"));
    harriet.says("1 order Order Ordered Credited to Total 10467").says("1 referral").says("Apex Corporation");
}

/// Pays a partner by PayPal on October 31, on account.
fn pay(shop: &Shop, partner: PartnerId, minor: i64) {
    pay_on(shop, partner, minor, "2026-10-31");
}

fn pay_on(shop: &Shop, partner: PartnerId, minor: i64, day: &str) {
    let paid = shop.app.database.db.run_now(|conn| {
        let accounts = book::accounts_of(conn, &[partner])?;
        let payment = NewPayment {
            account: accounts[&partner],
            amount: cents(minor),
            on_account: true,
            takes: Vec::new(),
            figures: None,
            pay_type: PayType::PayPal,
            paid_on: day.parse().unwrap(),
            note: "by hand".into(),
            reference: String::new(),
            form_key: None,
        };
        book::record_payments(conn, None, &[payment], None)
    });
    paid.expect("it can be recorded");
}

#[test]
fn the_list_of_partners_is_searched_sorted_and_paged_with_its_total() {
    let shop = Shop::open();
    let standard = shop.program(program("Standard", &[(Level::One, percent("10"))]));
    let first = shop.partner("p0", "Ärmel", None, &[standard]);
    for n in 1..=55 {
        shop.partner(&format!("p{n}"), &format!("Partner {n}"), Some(first), &[]);
    }
    let inactive = shop.partner("zed", "Zed", None, &[standard]);
    shop.make_inactive(inactive);
    let mut sale = order("1", vec![line(shop.product("P", "Plan"), "1", "100.00")]);
    sale.partner = Some(first);
    shop.sell(sale);
    let get = |query: &str| shop.viewer.get(&format!("/partners?{query}"));
    let names = |page: Page| page.all("tbody .row-link")[..3].to_vec();
    get("").says("1–50 of 57").says("57 partners, all pages $10.00");
    get("page=2").says("51–57 of 57");
    assert_eq!(names(get("")), ["Ärmel", "Partner 1", "Partner 2"], "Ä beside A, 2 before 10");
    assert_eq!(names(get("sort=-name")), ["Zed", "Partner 55", "Partner 54"]);
    assert_eq!(names(get("sort=-balance"))[0], "Ärmel");
    get("q=P1").says("11 of 11");
    get("q=ZED%40example").says("1 of 1");
    get("status=inactive").says("1 of 1").says("Zed");
    get("program=none").says("of 55");
    get(&format!("program={standard}")).says("of 2");
    get(&format!("parent={first}")).says("of 55").says("Parent: Ärmel");
    get("q=%25").says("No partner matches");
    assert_eq!(get(&format!("q={}", "x".repeat(201))).status, 422);
    shop.viewer.get("/contacts?q=ärm").says("1 of 1").says("partner p0");
    shop.viewer.get("/products").says("Plan").says("1 of 1");
    shop.viewer.get("/products?q=zzz").says("No product matches");
}

#[test]
fn who_or_what_there_is_none_of_is_not_found() {
    let shop = Shop::open();
    for tab in TABS {
        for number in ["999", "abc", "-1", "99999999999999999999"] {
            let path = format!("/partners/{number}{tab}");
            assert_eq!(shop.viewer.get(&path).status, 404, "{path}");
        }
    }
    for path in ["/contacts/999", "/contacts/abc"] {
        assert_eq!(shop.viewer.get(path).status, 404, "{path}");
    }
}

#[test]
fn names_in_every_script_and_hostile_ones_are_shown_unharmed() {
    let shop = Shop::open();
    let mut names: Vec<String> = serde_json::from_str(include_str!("../data/blns.json")).unwrap();
    let scripts =
        ["عائشة الحسيني", "山田 太郎", "Ольга Петрова", "נועה לוי", "თეკლა ნაკაშიძე", "இளவரசி", "Αγγελική"];
    names.splice(0..0, scripts.map(String::from));
    let names: Vec<&String> =
        names.iter().filter(|name| !name.contains('\0') && name.chars().count() <= 200).collect();
    let standard = shop.program(program("<b>Standard</b>", &[(Level::One, percent("10"))]));
    for (n, name) in names.iter().enumerate() {
        let partner = shop.partner(&format!("p{n}"), name, None, &[standard]);
        let page = shop.viewer.get(&format!("/partners/{partner}"));
        assert_eq!(page.status, 200);
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let shown = page.first("h1 [dir=auto]");
        assert!(shown == words(name) || shown == format!("p{n}"), "{name:?} is shown as {shown:?}");
        assert!(!shown.is_empty() && !page.html.contains("<b>Standard"), "{name:?}");
    }
    for (n, name) in names.iter().take(120).enumerate() {
        let product = shop.product(&format!("{n}{}", name.chars().take(60).collect::<String>()), name);
        let mut sale = order(
            &format!("{n} {}", name.chars().take(150).collect::<String>()),
            vec![line(product, "1", "1.00")],
        );
        sale.contact = Some(shop.contact(&format!("c{n}@example.com"), name));
        shop.record(OrderEvent::Placed(sale));
    }
    for page in ["/orders", "/contacts?rows=200", "/products?rows=200", "/partners?rows=200", "/"] {
        let page = shop.viewer.get(page);
        assert_eq!(page.status, 200);
        assert!(!page.html.contains("<script>alert"), "{}", page.html);
    }
    let list = shop.viewer.get("/orders?rows=200&sort=number");
    let html = scraper::Html::parse_document(&list.html);
    let links = scraper::Selector::parse("tbody .row-link").unwrap();
    for link in html.select(&links) {
        let page = shop.viewer.get(link.value().attr("href").unwrap());
        assert_eq!(page.status, 200, "{}", page.text());
        assert!(!page.html.contains("<script>alert"), "{}", page.html);
    }
}

#[test]
fn the_search_finds_by_code_name_number_and_email_and_puts_exact_hits_first() {
    let shop = Shop::open();
    let sam = shop.partner("sam", "Samantha Whitlock", None, &[]);
    shop.partner("samuel", "Samuel Sam", None, &[]);
    shop.contact("sam@customers.example", "Sam");
    shop.sell(order("SAM-1", vec![line(shop.product("P", "Plan"), "1", "1.00")]));
    shop.defaults(|defaults| defaults.code_prefix = "fern-".into());
    let find = |words: &str| {
        let query = serde_urlencoded::to_string([("q", words)]).unwrap();
        shop.viewer.get(&format!("/search?{query}"))
    };
    let page = find("sam");
    let exact = page.all("section[aria-labelledby=exact] .row-link");
    assert_eq!(exact, ["Samantha Whitlock", "Sam"]);
    assert_eq!(
        page.attribute("section[aria-labelledby=exact] .row-link", "href"),
        format!("/partners/{sam}")
    );
    assert_eq!(page.all("section h2"), ["Exactly this", "Referral partners", "Orders"]);
    assert_eq!(page.attribute("#q", "value"), "sam");
    assert_eq!(find("FERN-SAM").first(".row-link"), "Samantha Whitlock", "a code with the prefix of links");
    assert_eq!(find("sam-1").first("section[aria-labelledby=exact] .row-link"), "SAM-1");
    assert_eq!(find("samuel@example.com").first("section[aria-labelledby=exact] .row-link"), "Samuel Sam");
    find("nowhere").says("Nothing has this in its name or number");
    find("").says("What are you looking for?");
    find("%").says("Nothing has this in its name or number");
    assert_eq!(find(&"x".repeat(201)).status, 422);
}

#[test]
fn the_search_takes_anything_that_is_typed() {
    let shop = Shop::open();
    shop.partner("sam", "Samantha", None, &[]);
    let strings: Vec<String> = serde_json::from_str(include_str!("../data/blns.json")).unwrap();
    for string in strings {
        let query = serde_urlencoded::to_string([("q", &string)]).unwrap();
        for list in ["/search", "/partners", "/orders", "/contacts", "/products"] {
            let page = shop.viewer.get(&format!("{list}?{query}&sort={}&page=7", &query[2..]));
            assert!([200, 422].contains(&page.status), "{list} {string:?}: {}", page.text());
        }
    }
}

#[test]
fn a_fresh_system_shows_the_steps_to_the_first_payment() {
    let shop = Shop::open();
    let page = shop.viewer.get("/");
    page.says("Welcome to Partnerbook").says("Nobody is owed anything yet");
    assert_eq!(page.all(".steps > li").len(), 5);
    assert!(page.first(".steps > .is-next").starts_with("Your company"));
    shop.app.database.psql("UPDATE company SET name = 'Fernhill Roasters'");
    shop.defaults(|_| ());
    shop.program(program("Standard", &[(Level::One, percent("10"))]));
    let page = shop.app.sign_in_as(Administrator).get("/");
    assert_eq!(page.all(".steps > .is-done").len(), 3);
    page.says("Fernhill Roasters, United States dollar, UTC")
        .says("2 levels, percent of the sale, latest referring partner");
    assert!(page.first(".steps > .is-next").starts_with("Partners"));
    assert_eq!(page.attribute(".steps .button--primary", "href"), "/partners");
}

#[test]
fn the_start_page_shows_what_is_owed_and_what_needs_doing() {
    let shop = Shop::open();
    let standard = shop.program(program("Standard", &[(Level::One, percent("10"))]));
    let apex = shop.partner("aapex", "Apex Corporation", None, &[standard]);
    let behind = shop.partner("behind", "Bea Hind", None, &[standard]);
    shop.partner("none", "Nora None", None, &[]);
    for (number, partner) in [("1", apex), ("2", behind)] {
        let mut sale = order(number, vec![line(shop.product("P", "Plan"), "1", "1000.00")]);
        sale.partner = Some(partner);
        shop.sell(sale);
    }
    pay(&shop, behind, 12000);
    let page = shop.viewer.get("/");
    page.says("Good morning, Viewer").says("Tuesday, Nov 3, 2026. October is complete and not yet paid.");
    page.says("Owed to partners today $100.00 1 partner; 1 is below zero")
        .says("Commissions in October $200.00");
    page.says("Orders in October 2").says("Paid in October $120.00");
    page.says("1 partner has $100.00 to be paid for October").says("1 more has nothing to be paid");
    page.says("1 partner has a balance below zero, together −$20.00").says("1 partner is in no program");
    page.says("Apex Corporation aapex 100.00").says("No payments were recorded yet.");
    let months = rows(&page, "section[aria-labelledby=months] tbody");
    assert_eq!(months[10], "Oct 2026 | 2 | 200.00 | 120.00");
    for link in page.all(".todo a") {
        assert!(["Ledgers", "Look"].contains(&link.as_str()));
    }
    // Years later nothing has happened since: the months that there are figures for are shown.
    shop.app.clock.set("2031-05-05T10:00:00Z".parse().unwrap());
    let viewer = shop.app.sign_in_as(Administrator);
    viewer.get("/").says("The twelve months up to October 2026").says("Commissions in October 2026 $200.00");
}

#[test]
fn what_is_to_be_paid_by_the_start_page_is_what_the_method_ending_balance_would_pay() {
    let shop = Shop::open();
    let standard = shop.program(program("Standard", &[(Level::One, percent("10"))]));
    let partners: Vec<PartnerId> =
        (1..=5).map(|n| shop.partner(&format!("p{n}"), &format!("Partner {n}"), None, &[standard])).collect();
    let product = shop.product("P", "Plan");
    for (n, partner) in partners.iter().enumerate() {
        for (month, price) in [(9, 100), (10, 300), (11, 700)] {
            let mut sale = order(&format!("{n}/{month}"), vec![line(product, "1", &format!("{price}.00"))]);
            sale.ordered_at = format!("2026-{month:02}-01T10:00:00Z").parse().unwrap();
            sale.partner = Some(*partner);
            shop.record(OrderEvent::Placed(sale));
        }
    }
    pay_on(&shop, partners[1], 1500, "2026-11-02");
    pay_on(&shop, partners[2], 9900, "2026-10-02");
    shop.happened("3/10", 30, EventKind::Cancelled);
    let last = "2026-10-31".parse().unwrap();
    let due = shop.app.database.db.read_now(|conn| {
        let accounts = book::accounts_of(conn, &partners)?;
        let due = partners.iter().map(|partner| Ok(propose(conn, accounts[partner], last)?.amount));
        due.collect::<Result<Vec<Money>, partnerbook::error::AppError>>()
    });
    let due: Vec<Money> = due.unwrap().into_iter().filter(|due| due.is_positive()).collect();
    assert_eq!(due.iter().sum::<Money>(), cents(4000 + 2500 + 1000 + 4000));
    shop.viewer
        .get("/")
        .says("4 partners have $115.00 to be paid for October")
        .says("1 more has nothing to be paid.");
}

#[test]
fn the_list_of_reports_has_those_that_there_are() {
    let shop = Shop::open();
    let page = shop.viewer.get("/reports");
    let html = scraper::Html::parse_document(&page.html);
    let cards = scraper::Selector::parse(".card-link").unwrap();
    let addresses: Vec<&str> = html.select(&cards).map(|card| card.value().attr("href").unwrap()).collect();
    assert!(!addresses.is_empty());
    for address in addresses {
        assert_eq!(shop.viewer.get(address).status, 200, "{address}");
    }
}
