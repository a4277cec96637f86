//! A partner's clicks: who came by its links, from where, and what became of it.

mod days;

use partnerbook::domain::program::Level;
use partnerbook::web::admin::Role;

use crate::order_pages::shop::{Shop, line, october, order, percent, program, rows};
use crate::support::http::Page;
use partnerbook::domain::ids::PartnerId;
use partnerbook::selling::orders::EventKind;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const ROBOT: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

/// A shop with Sam, Joe and a link, *offer*.
fn shop() -> (Shop, PartnerId) {
    let shop = Shop::open();
    let standard = shop.program(program("Standard", &[(Level::One, percent("10"))]));
    let sam = shop.partner("sam", "Samantha", None, &[standard]);
    shop.partner("joe", "Joe", None, &[standard]);
    shop.app.database.psql(
        "INSERT INTO tracking_links (name, code, destination) VALUES ('Autumn offer', 'offer', 'https://shop.example/');
         UPDATE tracking_settings SET default_destination = 'https://shop.example/'",
    );
    (shop, sam)
}

fn tab(shop: &Shop, partner: PartnerId, query: &str) -> Page {
    let page = shop.viewer.get(&format!("/partners/{partner}/clicks{query}"));
    assert_eq!(page.status, 200, "{}", page.text());
    page
}

fn clicks(page: &Page) -> Vec<String> {
    rows(page, ".card--table tbody")
}

fn totals(page: &Page) -> Vec<String> {
    page.all(".stats dd:nth-of-type(1)")
}

#[test]
fn each_click_says_when_whence_by_what_and_what_became_of_it() {
    let (shop, sam) = shop();
    assert!(tab(&shop, sam, "").text().contains("No click here"));
    let from = [("user-agent", FIREFOX), ("referer", "https://blog.example/a/long/post?x=1")];
    let visitor = shop.app.visitor();
    visitor.get_with("/go/offer/sam?utm_source=News&utm_campaign=Autumn&x=1", &from);
    shop.app.visitor().get_with("/go/sam", &[("user-agent", "curl/8.5.0")]);
    shop.app.visitor().get_with("/go/offer/sam", &[("user-agent", ROBOT)]);
    shop.app.visitor().get_with("/go/offer/joe", &from);
    let page = tab(&shop, sam, "");
    assert_eq!(totals(&page), ["2", "2", "0", "0", "1"]);
    let list = clicks(&page);
    assert_eq!(list.len(), 2, "robots are left out: {list:?}");
    assert!(list[0].contains("own address | not said"), "{}", list[0]);
    assert!(list[0].contains("curl/8.5.0 | Visitor") && list[0].contains("nothing yet"), "{}", list[0]);
    for words in ["Autumn offer | blog.example News · Autumn", "Firefox 140, Linux", "Counts until"] {
        assert!(list[1].contains(words), "{words} is not in {}", list[1]);
    }
    for words in [
        "https://blog.example/a/long/post?x=1",
        "utm_source=News&utm_campaign=Autumn&x=1",
        FIREFOX,
        "127.0.0.1",
    ] {
        assert!(list[1].contains(words), "all of it is there to unfold: {words} is not in {}", list[1]);
    }
    let robots = clicks(&tab(&shop, sam, "?who=robots"));
    assert!(robots.len() == 1 && robots[0].contains("| Robot |"), "{robots:?}");
    assert_eq!(clicks(&tab(&shop, sam, "?who=all")).len(), 3);
}

#[test]
fn a_click_that_brought_a_lead_and_an_order_leads_to_both() {
    let (shop, sam) = shop();
    shop.defaults(|defaults| defaults.tracking.use_ip_address = true);
    let (plan, dana) = (shop.product("PLAN", "Office Plan"), shop.contact("dana@example.com", "Dana"));
    shop.click("first", "sam", october(5, "10:00"));
    let visitor = shop.click("first", "sam", october(7, "10:00"));
    let by_address = shop.click("other", "sam", october(9, "10:00"));
    let bought = |number: &str| order(number, vec![line(plan, "1", "100")]);
    let mut known = bought("K-1");
    (known.contact, known.visitor) = (Some(dana), Some(visitor));
    shop.sell(known);
    let mut nobody = bought("A-1");
    nobody.address = Some("192.0.2.7".into());
    shop.sell(nobody);
    let page = tab(&shop, sam, "?preset=last_month");
    assert_eq!(totals(&page), ["3", "2", "1", "2", "0"]);
    let list = clicks(&page);
    assert!(
        list[0].contains(&format!("Visitor {by_address}")) && list[0].ends_with("| Order A-1"),
        "{}",
        list[0]
    );
    assert!(list[1].contains("| Dana |") && list[1].ends_with("| Lead Order K-1"), "{}", list[1]);
    assert!(list[2].contains("| Dana |") && list[2].ends_with("| Lead"), "{}", list[2]);
    assert_eq!(clicks(&tab(&shop, sam, "?preset=all&became=lead")), list[1..]);
    let sales = tab(&shop, sam, "?preset=all&became=sale");
    assert_eq!(
        (clicks(&sales), totals(&sales)),
        (list[..2].to_vec(), totals(&tab(&shop, sam, "?preset=all&became=sale")))
    );
    assert_eq!(totals(&sales), ["2", "2", "1", "2", "0"]);
    // Whoever is credited later for another reason owes nothing to this click.
    let joe = shop.partner("new", "New", None, &[]);
    shop.happened("A-1", 22, EventKind::Credited { partner: joe, sale_partner: None });
    assert_eq!(totals(&tab(&shop, sam, "?preset=last_month")), ["3", "2", "1", "1", "0"]);
}

#[test]
fn days_are_the_companys_and_links_narrow_the_list() {
    let (shop, sam) = shop();
    shop.app.database.psql("UPDATE company SET time_zone = 'Europe/Berlin'");
    shop.click("one", "sam", october(31, "22:59"));
    shop.click("two", "sam", october(31, "23:00"));
    shop.app.visitor().get_with("/go/offer/sam", &[("user-agent", FIREFOX)]);
    let found = |query: &str| clicks(&tab(&shop, sam, query)).len();
    assert_eq!((found(""), found("?preset=last_month"), found("?preset=all")), (2, 1, 3));
    assert_eq!(
        (found("?from=2026-10-31&to=2026-10-31"), found("?to=2026-10-31"), found("?from=2026-11-02")),
        (1, 1, 1)
    );
    assert_eq!(
        (found("?preset=all&link=own"), found("?preset=all&link=1"), found("?preset=all&link=999")),
        (2, 1, 0)
    );
    for (query, field, sentence) in [
        ("?from=NaN", "from", "From is no date"),
        ("?from=2026-10-31&to=2026-10-01", "to", "To (2026-10-01) lies before From"),
        ("?preset=tomorrow", "preset", "There are no dates of the name “tomorrow”"),
        ("?link=x%27--", "link", "There is no link “x'--”"),
        ("?who=me", "who", "“me” is no choice here"),
        ("?became=1e3", "became", "“1e3” is no choice here"),
    ] {
        let page = shop.viewer.get(&format!("/partners/{sam}/clicks{query}"));
        assert_eq!(page.status, 422, "{query}");
        assert!(page.first(&format!("#{field}-error")).contains(sentence), "{query}: {}", page.text());
        let file = shop.viewer.get(&format!("/partners/{sam}/clicks.csv{query}"));
        assert_eq!(file.status, 422, "{query}");
        file.says(sentence);
    }
    assert_eq!(shop.viewer.get("/partners/999/clicks").status, 404);
    assert_eq!(shop.viewer.get("/partners/999/clicks.csv").status, 404);
}

#[test]
fn a_thousand_clicks_come_page_by_page_and_whole_as_a_file() {
    let (shop, sam) = shop();
    shop.app.database.psql(&format!(
        "INSERT INTO visitors (id, key) SELECT n, 'v' || n FROM generate_series(1001, 1100) n;
         INSERT INTO clicks (visitor_id, partner_id, clicked_at, user_agent, referrer)
         SELECT 1001 + n % 100, {sam}, TIMESTAMPTZ '2026-11-01 00:00Z' + n / 10 * interval '1 minute', '=cmd()', 'https://blog.example/' || n
           FROM generate_series(1, 4500) n"
    ));
    let page = tab(&shop, sam, "?rows=200&page=2");
    assert_eq!(totals(&page)[..2], ["4,500", "100"]);
    page.says("201–400 of 4,500");
    let list = clicks(&page);
    assert!(list.len() == 200 && list[0].contains("https://blog.example/4300 "), "{}", list[0]);
    let path = page.attribute("a[download]", "href");
    let (status, media_type, bytes) = shop.viewer.get_bytes(&path);
    assert_eq!((status, media_type.as_str()), (200, "text/csv; charset=utf-8"));
    let text = String::from_utf8(bytes).unwrap();
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let numbers: Vec<String> = records
        .iter()
        .map(|record| record[9].trim_start_matches("https://blog.example/").to_string())
        .collect();
    let expected: Vec<String> = (1..=4500).rev().map(|n| n.to_string()).collect();
    assert_eq!(numbers, expected, "each click once, newest first");
    assert_eq!(&records[0][17], "'=cmd()");
    let file = shop.viewer.get(&path);
    assert!(file.header("content-disposition").contains("clicks-sam-2026-11-01-2026-11-30.csv"));
}

#[test]
fn what_strangers_send_with_a_click_is_shown_unharmed() {
    let (shop, sam) = shop();
    let hostile = "<script>alert(1)</script>\u{202e}'\"; DROP TABLE clicks; --";
    let from = [("user-agent", hostile), ("referer", hostile)];
    shop.app.visitor().get_with("/go/sam?utm_source=%3Cscript%3E%00%F0%9F%92%A9", &from);
    shop.app
        .visitor()
        .get_with("/go/sam", &[("user-agent", FIREFOX), ("referer", "https://xn--bcher-kva.example/")]);
    let page = tab(&shop, sam, "");
    assert!(!page.html.contains("<script>alert"), "{}", page.html);
    let list = clicks(&page);
    assert!(list[0].contains("xn--bcher-kva.example"), "{}", list[0]);
    assert!(list[1].contains("<script>alert(1)</script>"), "{}", list[1]);
    assert_eq!(shop.viewer.get(&format!("/partners/{sam}/clicks.csv")).status, 200);
    assert_eq!(shop.app.sign_in_as(Role::Administrator).get(&format!("/partners/{sam}/clicks")).status, 200);
}

#[test]
fn a_contact_of_ten_thousand_clicks_has_a_story_in_pages() {
    let (shop, sam) = shop();
    let dana = shop.contact("dana@example.com", "Dana");
    shop.app.database.psql(&format!(
        "UPDATE contacts SET created_at = '2026-01-01 00:00Z' WHERE id = {dana};
         INSERT INTO visitors (id, key, contact_id) VALUES (7000, 'v', {dana});
         WITH made AS (
             INSERT INTO clicks (visitor_id, partner_id, clicked_at, referrer)
             SELECT 7000, {sam}, TIMESTAMPTZ '2026-11-01 00:00Z' + n * interval '1 second', 'https://p' || n || '.example/'
               FROM generate_series(1, 10000) n RETURNING *)
         INSERT INTO referrals (recorded, contact_id, partner_id, kind, click_id, referred_at)
         SELECT recorded, {dana}, partner_id, 'cookie', id, clicked_at FROM made"
    ));
    let story = |query: &str| {
        let page = shop.viewer.get(&format!("/contacts/{dana}{query}"));
        assert_eq!(page.status, 200);
        (page.all(".notes li"), page.first(".pager"))
    };
    let (first, pager) = story("");
    assert!(first.len() == 50 && first[0].contains("from p10000.example"), "{first:?}");
    assert!(pager.starts_with("1–50 of 10,001"), "{pager}");
    let (last, _) = story("?page=201");
    assert!(last.len() == 1 && last[0].contains("Became known"), "{last:?}");
    assert!(story("?page=200").0[49].contains("from p1.example"));
}
