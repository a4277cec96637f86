//! Other people's software on sites of ours: the script that a shop includes, what it reports, and `/aff.html`.

mod reports;

use diesel::PgConnection;
use partnerbook::domain::ids::{ContactId, VisitorId};
use partnerbook::people::contacts::{self, NewContact};
use partnerbook::selling::tracking;
use partnerbook::selling::tracking::visits::{self, Coming, Directory, Visit};
use partnerbook::web::admin::Role::{Administrator, Viewer};

use crate::coupons::import;
use crate::order_forms::placing::{shop, verify_clean};
use crate::order_forms::typing::Form;
use crate::order_pages::shop::october;
use crate::support::http::{self, Page, TestApp, Visitor};

const SHOP: &str = "https://shop.example.com";
const KEY: &str = "0123456789abcdef0123456789abcdef";
const OTHER: &str = "fedcba9876543210fedcba9876543210";
const CLICKS: &str = "SELECT string_agg(concat_ws(' ', partners.code, visitors.key, page, query, utm_source, referrer, robot), '; ' ORDER BY clicks.recorded)
    FROM clicks JOIN partners ON partners.id = partner_id LEFT JOIN visitors ON visitors.id = visitor_id";

/// A company with the partners *sam* (number 1) and *joe* (number 2), and a shop of its own.
fn company() -> TestApp {
    let app = http::app();
    app.database.psql(
        "INSERT INTO contacts (name, email) VALUES ('Sam', 'sam@example.com'), ('Joe', 'joe@example.com');
         INSERT INTO partners (contact_id, code) SELECT id, lower(name) FROM contacts ORDER BY id;
         INSERT INTO code_prefixes (prefix) VALUES ('x-');
         UPDATE tracking_settings SET sites = E'shop.example.com\\n*.example.org'",
    );
    app
}

fn report(app: &TestApp, origin: &str, fields: &[(&str, &str)]) -> Page {
    app.visitor().post_saying("/visits", &[("origin", origin), ("user-agent", "Firefox/140.0")], fields)
}

fn clicks(app: &TestApp) -> String {
    app.database.ask("SELECT work_in_visits(1000)::text");
    app.database.ask(CLICKS)
}

fn aff(visitor: &Visitor, to: &str) -> Page {
    visitor.get(&format!("/aff.html?{}", serde_urlencoded::to_string([("to", to)]).unwrap()))
}

#[test]
fn a_shop_gets_the_script_from_any_site_and_keeps_it_for_an_hour() {
    let app = company();
    app.database.psql("UPDATE tracking_settings SET cookie_days = 30");
    let page = app.visitor().get("/t.js");
    assert_eq!((page.status, page.header("content-type")), (200, "text/javascript; charset=utf-8"));
    assert_eq!(page.header("cache-control"), "public, max-age=3600");
    assert_eq!(page.header("cross-origin-resource-policy"), "cross-origin");
    assert!(page.html.contains("max-age=2592000;") && page.html.len() < 2000);
    assert_eq!(page.header("set-cookie"), "");
}

#[test]
fn what_a_shop_reports_is_a_click_of_the_visitor_that_the_shop_knows() {
    let app = company();
    let page = format!("{SHOP}/offer?ref=sam&utm_source=blog");
    let told = [("visitor", KEY), ("ref", "sam"), ("page", &page), ("referrer", "https://blog.example/")];
    let answer = report(&app, SHOP, &told);
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, SHOP));
    assert_eq!(answer.header("set-cookie"), "", "the shop has the cookie, not we");
    report(&app, SHOP, &[("visitor", KEY), ("aff", "X-JOE"), ("page", SHOP)]);
    assert_eq!(
        clicks(&app),
        format!("sam {KEY} {page} ref=sam&utm_source=blog blog https://blog.example/ f; joe {KEY} {SHOP} f")
    );
    let viewer = app.sign_in_as(Viewer);
    viewer.get("/how-to-connect").says("2 sites").says("shop.example.com 2");
}

#[test]
fn a_partner_is_named_by_its_number_where_affiliate_says_so_and_by_its_code() {
    let app = company();
    app.database.psql(
        "INSERT INTO contacts (name) VALUES ('Code 1'); INSERT INTO partners (contact_id, code) SELECT max(id), '1' FROM contacts",
    );
    for (name, whose) in [("affiliate", "1"), ("affiliate", "joe"), ("aff", "1"), ("affiliate", "99")] {
        let answer = report(&app, SHOP, &[("visitor", KEY), (name, whose), ("page", SHOP)]);
        assert_eq!(answer.status, 204, "{name}={whose}");
    }
    let who = clicks(&app);
    assert_eq!(who, format!("sam {KEY} {SHOP} f; joe {KEY} {SHOP} f; 1 {KEY} {SHOP} f"));
    assert_eq!(app.database.ask("SELECT string_agg(path || ' ' || hits, ' ') FROM unknown_links"), "99 1");
}

#[test]
fn a_report_from_a_site_that_is_not_ours_and_one_that_says_nothing_is_refused_by_name() {
    let app = company();
    let good = [("visitor", KEY), ("ref", "sam"), ("page", SHOP)];
    for origin in
        ["https://evil.example", "https://shop.example.com.evil.example", "null", "", "https://example.org"]
    {
        let answer = report(&app, origin, &good);
        assert_eq!(answer.status, 403, "{origin}");
        assert!(answer.html.contains("not among your sites"), "{}", answer.html);
    }
    for (fields, why) in [
        (vec![("visitor", "me"), ("ref", "sam")], "no number of 32 digits"),
        (vec![("ref", "sam")], "no number of 32 digits"),
        (vec![("visitor", KEY)], "Nobody is named"),
        (vec![("visitor", KEY), ("affiliate", "0")], "Nobody is named"),
        (vec![("visitor", KEY), ("ref", "sam"), ("page", "https://a.example.org/")], "not of the site"),
        (vec![("visitor", KEY), ("ref", "sam"), ("page", "http://shop.example.com/")], "not of the site"),
        (vec![("visitor", KEY), ("ref", "sam"), ("page", "offer.html")], "not of the site"),
    ] {
        let answer = report(&app, SHOP, &fields);
        assert_eq!(answer.status, 400, "{fields:?}");
        assert!(answer.html.contains(why), "{}", answer.html);
    }
    let long = "x".repeat(100_000);
    assert_eq!(report(&app, SHOP, &[("visitor", KEY), ("ref", "sam"), ("page", &long)]).status, 413);
    assert_eq!(app.database.ask("SELECT count(*) FROM visits") + &clicks(&app), "0");
    // What is odd and whole is kept as far as there is room, and does no harm.
    assert_eq!(report(&app, SHOP, &[("visitor", KEY), ("ref", "sam\u{0}")]).status, 400);
    let odd = format!("https://shop.example.com/\r\n{}", "ä".repeat(1500));
    let fields = [("visitor", KEY), ("ref", "sam"), ("page", &odd), ("referrer", "javascript:alert(1)")];
    let answer = report(&app, SHOP, &fields);
    assert_eq!(answer.status, 204, "{}", answer.html);
    assert_eq!(
        app.database.ask(
            "SELECT char_length(page)::text FROM visits UNION SELECT char_length(page)::text FROM clicks"
        ),
        "1000"
    );
    app.sign_in_as(Viewer).get("/how-to-connect").says("shop.example.com 1");
}

#[test]
fn one_address_reports_so_often_and_no_more_for_a_while() {
    let app = company();
    let told = [("visitor", KEY), ("ref", "sam"), ("page", SHOP)];
    let refused: Vec<u16> =
        (0..301).map(|_| report(&app, SHOP, &told).status).filter(|status| *status != 204).collect();
    assert_eq!(refused, [429]);
    assert_eq!(report(&app, SHOP, &told).header("retry-after"), "601");
    app.clock.set(app.clock.now() + chrono::TimeDelta::minutes(11));
    assert_eq!(report(&app, SHOP, &told).status, 204);
}

#[test]
fn a_robot_that_runs_the_script_is_marked_and_never_a_visitor() {
    let app = company();
    let headers = [("origin", SHOP), ("user-agent", "Mozilla/5.0 (compatible; Googlebot/2.1)")];
    let fields = [("visitor", KEY), ("ref", "sam"), ("page", SHOP)];
    assert_eq!(app.visitor().post_saying("/visits", &headers, &fields).status, 204);
    assert_eq!(clicks(&app), format!("sam {SHOP} t"));
    assert_eq!(app.database.ask("SELECT count(*) FROM visitors"), "0");
}

#[test]
fn two_numbers_of_one_browser_count_together_and_each_stays_what_it_was() {
    let app = company();
    let db = &app.database.db;
    report(&app, SHOP, &[("visitor", KEY), ("ref", "sam"), ("page", SHOP)]);
    report(&app, SHOP, &[("visitor", OTHER), ("ref", "joe"), ("page", SHOP)]);
    let id = |key: &str| db.run_now(|conn| tracking::visitor_with(conn, key)).unwrap().expect("it is known");
    let (own, other) = (id(KEY), id(OTHER));
    for _ in 0..2 {
        assert_eq!(report(&app, SHOP, &[("visitor", KEY), ("also", OTHER)]).status, 204);
    }
    assert_eq!(clicks(&app), format!("sam {KEY} {SHOP} f; joe {OTHER} {SHOP} f"), "no click changes hands");
    for visitor in [own, other] {
        let touches = db.run_now(|conn| tracking::touches(conn, &[visitor], &[], &[])).unwrap();
        assert_eq!(touches.by_visitor[&visitor].len(), 2, "both speak where either orders");
    }
    // Whom the shop's number becomes known as the other one is, too.
    let contact = db.run_now(contact).unwrap();
    db.run_now(|conn| tracking::identify(conn, own, contact)).unwrap();
    let ties = "SELECT string_agg(contact_id || ' ' || partner_id, ', ' ORDER BY recorded) FROM referrals";
    assert_eq!(app.database.ask(ties), format!("{contact} 1, {contact} 2"));
    // A number that is somebody else's is not joined, nor one that nobody has.
    let third = "3".repeat(32);
    report(&app, SHOP, &[("visitor", &third), ("also", OTHER)]);
    report(&app, SHOP, &[("visitor", &third), ("also", &"9".repeat(32))]);
    let joined =
        "SELECT string_agg(id || ' ' || joined_to_id, ', ') FROM visitors WHERE joined_to_id IS NOT NULL";
    assert_eq!(app.database.ask(joined), format!("{other} {own}"));
}

fn contact(conn: &mut PgConnection) -> Result<ContactId, partnerbook::error::AppError> {
    let person = NewContact { email: Some("kim@example.com".into()), ..NewContact::default() };
    Ok(contacts::find_or_make(conn, &[person])?[0])
}

#[test]
fn a_link_through_us_leads_to_a_site_of_ours_and_tells_the_partner() {
    let app = company();
    let visitor = app.visitor();
    let to = |page: &Page, address: &str| {
        assert_eq!((page.status, page.header("location")), (302, address), "{}", page.text());
        assert_eq!((page.header("set-cookie"), page.header("cache-control")), ("", "no-store"));
    };
    to(&aff(&visitor, "https://shop.example.com/offer"), "https://shop.example.com/offer?affiliate=0");
    for code in ["sam", "joe"] {
        visitor.get_with(&format!("/go/{code}"), &[("user-agent", "Firefox/140.0")]);
        app.clock.set(app.clock.now() + chrono::TimeDelta::minutes(1));
    }
    let clicks = clicks(&app);
    to(&aff(&visitor, "http://a.example.org/?a=%20b#c"), "http://a.example.org/?a=%20b&affiliate=2#c");
    to(
        &aff(&visitor, "https://shop.example.com/?affiliate=7&b=1"),
        "https://shop.example.com/?b=1&affiliate=2",
    );
    to(&aff(&visitor, &format!("{}/health", app.url)), &format!("{}/health?affiliate=2", app.url));
    app.database.psql("UPDATE defaults SET choose_partner = 'first'");
    to(&aff(&visitor, SHOP), "https://shop.example.com/?affiliate=1");
    app.database.psql("UPDATE partners SET status = 'inactive' WHERE code = 'sam'");
    to(&aff(&visitor, SHOP), "https://shop.example.com/?affiliate=2");
    app.database.psql("UPDATE clicks SET expires_at = clicked_at");
    to(&aff(&visitor, SHOP), "https://shop.example.com/?affiliate=0");
    assert_eq!(app.database.ask(CLICKS), clicks, "it is no click");
}

#[test]
fn a_link_through_us_leads_nowhere_else() {
    let app = company();
    for to in [
        "https://evil.example/",
        "//evil.example/",
        "https://shop.example.com@evil.example/",
        "https://shop.example.com.evil.example/",
        "https://shop.example.com:8443/",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://shop.example.com/\r\nSet-Cookie: a=b",
        "",
        "/offer",
    ] {
        let page = aff(&app.visitor(), to);
        assert_eq!((page.status, page.header("location")), (404, ""), "{to}");
        page.says("This link leads nowhere").says(if to.is_empty() {
            "to= is missing"
        } else {
            "after to= is"
        });
    }
    let bare = app.visitor().get("/aff.html");
    assert_eq!(bare.status, 404);
    bare.says("The address does not say where to lead: to= is missing.");
}

#[test]
fn the_sites_are_hosts_and_a_line_that_is_none_is_named() {
    let app = company();
    let admin = app.sign_in_as(Administrator);
    let typed = "https://Bücher.example/laden?x\r\n\r\n *.shop.example \r\nlocalhost:9000\r\nlocalhost:9000";
    let fields = |sites: &'static str, version: &'static str| {
        [("sites", sites), ("cookie_days", "365"), ("address_days", "90"), ("version", version)]
    };
    let saved = admin.post_form("/settings/tracking", &fields(typed, "1"));
    assert_eq!(saved.location(), "/settings/tracking");
    let kept = app.database.ask("SELECT sites FROM tracking_settings");
    assert_eq!(kept, "xn--bcher-kva.example\n*.shop.example\nlocalhost:9000");
    let wrong = admin.post_form("/settings/tracking", &fields("shop.example\nmy shop", "2"));
    assert_eq!(wrong.status, 422);
    wrong.says("Line 2, “my shop”, names no site.");
    assert_eq!(wrong.first("#sites").trim(), "shop.example my shop");
}

#[test]
fn an_order_that_carries_the_visitor_is_credited_by_its_clicks_by_hand_and_from_a_file() {
    let (shop, admin) = shop();
    shop.click(KEY, "sam", october(20, "08:00"));
    let typed = |visitor: &str| {
        let page = admin.get("/orders/new");
        let form = Form::of(&page, "order").line(0, "PLAN", "2", "50").set("visitor", visitor);
        form.set("customer", "kim@example.com").set("customer_name", "Kim").press(&admin, "preview")
    };
    let preview = typed(&KEY.to_uppercase());
    let made = Form::of(&preview, "order").press(&admin, "record");
    admin.get(made.location()).says("Samantha was credited because");
    for wrong in [OTHER, "me", "\u{202e}me"] {
        let page = typed(wrong);
        assert_eq!(page.status, 422, "{wrong}");
        page.says("No visitor has this number.");
    }
    let file = format!(
        "order,date,email,sku,quantity,price,Visitor ID\nA,2026-10-22,kim@example.com,PLAN,1,10,{KEY}\n\
         B,2026-10-22,lee@example.com,PLAN,1,10,{OTHER}\nC,2026-10-02,,PLAN,1,10,\n"
    );
    let report = import(&shop, &file);
    assert_eq!((report.recorded, report.has_errors()), (3, false));
    shop.page("A").says("Samantha was credited because");
    shop.page("B").says("Nobody was credited");
    let told: Vec<String> = report.remarks.iter().map(|remark| remark.at.to_string()).collect();
    let unknown = format!(
        "row 3, Visitor ID {OTHER:?} is no visitor's number: the order comes in all the same, without its clicks"
    );
    assert_eq!(told, [unknown]);
    let again = import(&shop, &file);
    assert_eq!((again.already_there, again.remarks.len()), (3, 0));
    shop.defaults(|defaults| defaults.tracking.use_ip_address = true);
    let from =
        "order,date,email,sku,quantity,price,IP\nE,2026-10-22,max@example.com,PLAN,1,10,::ffff:192.0.2.7\n";
    assert_eq!(import(&shop, from).recorded, 1);
    shop.page("E").says("Samantha was credited because");
    let wrong = "order,date,sku,quantity,price,ip address\nF,2026-10-02,PLAN,1,10,192.0.2\n";
    let errors: Vec<String> = import(&shop, wrong).errors().map(ToString::to_string).collect();
    assert!(errors[0].contains("is no IP address"), "{errors:?}");
    let wrong = "order,date,sku,quantity,price,visitor\nD,2026-10-02,PLAN,1,10,me\n";
    let errors: Vec<String> = import(&shop, wrong).errors().map(ToString::to_string).collect();
    assert!(errors[0].contains("is no visitor's number"), "{errors:?}");
    verify_clean(&shop);
}

#[test]
fn an_order_of_the_minute_of_its_click_is_credited() {
    let (shop, admin) = shop();
    shop.app.clock.set("2026-11-03T10:42:10Z".parse().unwrap());
    shop.click(KEY, "sam", "2026-11-03T10:41:30Z".parse().unwrap());
    let page = admin.get("/orders/new");
    let form = Form::of(&page, "order").line(0, "PLAN", "2", "50").set("visitor", KEY);
    let preview = form.set("ordered_on", "2026-11-03").set("ordered_time", "10:41").press(&admin, "preview");
    preview.says("Samantha was credited because");
    // The press comes seconds later, and nothing is different by it.
    shop.app.clock.set("2026-11-03T10:43:00Z".parse().unwrap());
    let made = Form::of(&preview, "order").press(&admin, "record");
    admin.get(made.location()).says("Samantha was credited because").says("Ordered Nov 3, 2026, 10:41");
    verify_clean(&shop);
}

fn visit(key: &str, code: &str) -> Visit {
    Visit {
        partner: code.into(),
        key: Some(key.into()),
        fresh: key.into(),
        coming: Coming::Person,
        at: "2026-11-03T10:00:00Z".parse().unwrap(),
        address: Some("192.0.2.7".into()),
        ..Visit::default()
    }
}

#[test]
fn of_many_at_once_who_needs_one_finds_it_before_the_others_are_worked_in() {
    let app = company();
    let keys: Vec<String> = (0..40).map(|n| format!("{n:032x}")).collect();
    let batch: Vec<Visit> = keys.iter().map(|key| visit(key, "sam")).collect();
    let db = &app.database.db;
    db.run_now(|conn| visits::record(conn, &batch, &mut Directory::default())).unwrap();
    assert_eq!(app.database.ask("SELECT count(*) FROM visits"), "40", "written down, and no more");
    let visitor: VisitorId =
        db.run_now(|conn| tracking::visitor_with(conn, &keys[7])).unwrap().expect("it is recorded");
    assert_eq!(app.database.ask("SELECT count(*) FROM visits"), "0", "with those that came together with it");
    // Whoever is known as somebody has his click worked in before that.
    let contact = db.run_now(contact).unwrap();
    db.run_now(|conn| tracking::identify(conn, visitor, contact)).unwrap();
    let next: Vec<Visit> = keys.iter().chain(&keys).map(|key| visit(key, "joe")).collect();
    db.run_now(|conn| visits::record(conn, &next, &mut Directory::default())).unwrap();
    let touches = db.run_now(|conn| tracking::touches(conn, &[], &[contact], &[])).unwrap();
    assert_eq!(touches.by_contact[&contact].len(), 3, "the first click, and two that are referrals at once");
    let near = ["192.0.2.7".to_string()];
    let touches = db.run_now(|conn| tracking::touches(conn, &[], &[], &near)).unwrap();
    assert_eq!(touches.by_address[&near[0]].len(), 120);
    assert_eq!(app.database.ask("SELECT count(*) FROM visits"), "0");
    // In the order of recording, whoever was worked in first.
    let order = "SELECT count(*) FROM (SELECT recorded < lag(recorded) OVER (PARTITION BY visitor_id ORDER BY id) AS back FROM clicks) c WHERE back";
    assert_eq!(app.database.ask(order), "0");
}

#[test]
fn what_was_only_written_down_is_worked_in_soon_and_a_partner_that_is_gone_takes_its_visits_along() {
    let app = company();
    app.database.psql(
        "INSERT INTO visit_batches (visits)
         SELECT json_agg(json_build_object('visitor_key', md5(n::text), 'partner_id', 1 + n % 2, 'at', now(), 'robot', false))
           FROM generate_series(1, 2000) n GROUP BY n / 100;
         INSERT INTO visit_batches (visits) VALUES (json_build_array(
            json_build_object('visitor_key', 'gone', 'partner_id', 99, 'link_id', 98, 'at', now(), 'robot', false),
            json_build_object('visitor_key', 'link gone', 'partner_id', 1, 'link_id', 98, 'at', now(), 'robot', false)))",
    );
    // Somebody comes, many at once: then the rest is worked in too.
    std::thread::scope(|scope| {
        for _ in 0..40 {
            scope.spawn(|| app.visitor().get_with("/go/sam", &[("user-agent", "Firefox/140.0")]));
        }
    });
    let all = |app: &TestApp| {
        app.database.ask("SELECT count(*) || ' ' || (SELECT count(*) FROM visits) FROM clicks")
    };
    let done = (0..200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        all(&app) == "2041 0"
    });
    assert!(done, "{}", all(&app));
}
