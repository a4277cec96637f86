//! Links that partners hand out: where they lead, who is recorded, and that nothing answered is ever lost.

mod durable;
mod killed;
mod set_aside;

use std::thread;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use partnerbook::domain::ids::{ContactId, PartnerId};
use partnerbook::people::contacts::{self, NewContact, PostalAddress};
use partnerbook::people::partners::{self, NewPartner, PartnerStatus};
use partnerbook::runners;
use partnerbook::running::jobs::worker;
use partnerbook::selling::tracking;
use partnerbook::selling::tracking::visits;
use partnerbook::web::admin::Role;

use crate::support::http::{self, Page, TestApp, Visitor};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SHOP: &str = "https://shop.example/offer";

/// A company with a partner, *sam*, whose clicks count for 30 days, and a link, *shop*.
fn company() -> TestApp {
    let app = http::app();
    partner(&app, "sam");
    app.database.psql(&format!(
        "INSERT INTO tracking_links (name, code, destination) VALUES ('The shop', 'Shop', '{SHOP}');
         UPDATE partners SET track_leads_days = 30"
    ));
    app
}

fn partner(app: &TestApp, code: &str) -> PartnerId {
    let new = NewPartner {
        code: code.into(),
        name: code.into(),
        email: Some(format!("{code}@example.com")),
        parent: None,
        status: PartnerStatus::Active,
        track_leads_days: None,
        notify_on_lead: false,
        notify_on_sale: false,
        address: PostalAddress::default(),
    };
    app.database.db.run_now(|conn| partners::make(conn, &[new])).expect("it can be made")[0]
}

fn contact(app: &TestApp, email: &str) -> ContactId {
    let person = NewContact { email: Some(email.into()), ..NewContact::default() };
    app.database.db.run_now(|conn| contacts::find_or_make(conn, &[person])).expect("it can be made")[0]
}

/// The first column of what a query finds, as text.
fn rows(app: &TestApp, query: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        row: String,
    }
    let mut owner = app.database.owner();
    sql_query("SELECT work_in_visits(1000000)").execute(&mut owner).expect("it can be done");
    let found: Vec<Row> =
        sql_query(format!("SELECT t::text AS row FROM ({query}) AS t")).load(&mut owner).expect(query);
    found.into_iter().map(|found| found.row).collect()
}

fn clicks(app: &TestApp) -> i64 {
    rows(app, "SELECT count(*) FROM clicks")[0].trim_matches(['(', ')']).parse().expect("a number")
}

fn leads_to(page: &Page, destination: &str) {
    assert_eq!((page.status, page.header("location")), (302, destination), "{}", page.text());
}

fn as_person(visitor: &Visitor, path: &str) -> Page {
    visitor.get_with(path, &[("user-agent", FIREFOX)])
}

#[test]
fn a_click_leads_on_is_recorded_and_gives_the_visitor_a_cookie() {
    let app = company();
    let visitor = app.visitor();
    let page = visitor.get_with(
        "/go/shop/sam?utm_source=News%20letter&utm_campaign=Autumn&x=%C3%A4",
        &[("user-agent", FIREFOX), ("referer", "https://blog.example/post")],
    );
    leads_to(&page, &format!("{SHOP}?utm_source=News%20letter&utm_campaign=Autumn&x=%C3%A4"));
    let cookie = page.header("set-cookie");
    for part in ["partnerbook-visitor=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"] {
        assert!(cookie.contains(part), "{part} is not in {cookie}");
    }
    assert!(!cookie.contains("Secure"), "on plain http for this machine only: {cookie}");
    assert_eq!(page.header("cache-control"), "no-store");
    let key = cookie["partnerbook-visitor=".len()..].split(';').next().unwrap();
    assert_eq!(
        rows(
            &app,
            "SELECT visitors.key, partners.code, tracking_links.code AS link, clicked_at, expires_at, address, robot,
                    referrer, utm_source, utm_medium, utm_campaign, query
               FROM clicks JOIN visitors ON visitors.id = visitor_id JOIN partners ON partners.id = partner_id
               JOIN tracking_links ON tracking_links.id = link_id"
        ),
        [format!(
            "({key},sam,Shop,\"2026-11-03 10:41:00+00\",\"2026-12-03 10:41:00+00\",127.0.0.1,f,\
             https://blog.example/post,\"News letter\",,Autumn,utm_source=News%20letter&utm_campaign=Autumn&x=%C3%A4)"
        )]
    );
    assert_eq!(rows(&app, "SELECT user_agent FROM clicks"), [format!("(\"{FIREFOX}\")")]);
    leads_to(&as_person(&app.visitor(), "/go/shop/sam/"), SHOP);
    app.database.psql("DELETE FROM clicks WHERE query IS NULL");
    // The same browser comes again: the same visitor, whose cookie lasts longer now.
    let again = as_person(&visitor, "/go/SHOP/Sam");
    leads_to(&again, SHOP);
    assert!(again.header("set-cookie").contains(key));
    assert_eq!(rows(&app, "SELECT count(*), count(DISTINCT visitor_id) FROM clicks"), ["(2,1)"]);
}

#[test]
fn what_the_link_was_asked_with_comes_after_the_destinations_own() {
    let app = company();
    app.database.psql("UPDATE tracking_links SET destination = 'https://shop.example/?plan=1#buy'");
    leads_to(
        &as_person(&app.visitor(), "/go/shop/sam?a=1&a=%0D%0A"),
        "https://shop.example/?plan=1&a=1&a=%0D%0A#buy",
    );
    app.database.psql("UPDATE tracking_links SET names_visitor = true");
    let page = as_person(&app.visitor(), "/go/shop/sam");
    let (address, key) = page.header("location").split_once("visitor=").expect("the visitor is named");
    assert_eq!(
        (address, key.len()),
        ("https://shop.example/?plan=1&", "0123456789abcdef0123456789abcdef#buy".len())
    );
    assert!(page.header("set-cookie").contains(key.trim_end_matches("#buy")));
}

#[test]
fn a_partners_own_address_leads_to_the_default_destination() {
    let app = company();
    let page = as_person(&app.visitor(), "/go/sam");
    assert_eq!(page.status, 404);
    page.says("This link leads nowhere").says("it has not been said yet where it leads");
    assert_eq!(clicks(&app), 1, "the click counts all the same");
    app.database
        .psql("UPDATE tracking_settings SET default_destination = 'https://home.example/', cookie_days = 7");
    let page = as_person(&app.visitor(), "/go/sam?from=card");
    leads_to(&page, "https://home.example/?from=card");
    assert!(page.header("set-cookie").contains("Max-Age=604800"));
    assert_eq!(rows(&app, "SELECT count(*) FROM clicks WHERE link_id IS NULL"), ["(2)"]);
}

#[test]
fn every_code_and_prefix_that_was_ever_handed_out_leads_to_its_partner() {
    let app = company();
    let joe = partner(&app, "joe");
    app.database.psql(
        "INSERT INTO code_prefixes (prefix) VALUES ('Old-'), ('new-');
         UPDATE tracking_links SET code = 'store' WHERE code = 'Shop';
         UPDATE partners SET code = 'samantha' WHERE code = 'sam'",
    );
    for path in [
        "store/samantha",
        "shop/samantha",
        "store/sam",
        "store/old-sam",
        "store/NEW-SAMANTHA",
        "shop/new-sam",
    ] {
        leads_to(&as_person(&app.visitor(), &format!("/go/{path}")), SHOP);
    }
    assert_eq!(
        rows(
            &app,
            "SELECT count(*) FROM clicks JOIN partners p ON p.id = partner_id WHERE p.code = 'samantha'"
        ),
        ["(6)"]
    );
    app.database.psql(&format!(
        "UPDATE partners SET status = 'inactive', merged_into_id = {joe}, merged_at = now() WHERE code = 'samantha'"
    ));
    leads_to(&as_person(&app.visitor(), "/go/store/old-sam"), SHOP);
    assert_eq!(rows(&app, &format!("SELECT count(*) FROM clicks WHERE partner_id = {joe}")), ["(1)"]);
}

#[test]
fn a_look_ahead_or_a_picture_is_led_on_and_leaves_nothing() {
    let app = company();
    for header in [("sec-purpose", "prefetch"), ("sec-fetch-dest", "image"), ("sec-fetch-mode", "no-cors")] {
        let page = app.visitor().get_with("/go/shop/sam", &[("user-agent", FIREFOX), header]);
        leads_to(&page, SHOP);
        assert_eq!(page.header("set-cookie"), "", "{header:?}");
    }
    let head = app.visitor().request("HEAD", "/go/shop/sam");
    assert_eq!((head.status, head.header("location"), head.header("set-cookie")), (302, SHOP, ""));
    assert_eq!(app.visitor().request("HEAD", "/go/shop/nobody").status, 404);
    assert_eq!(app.visitor().request("DELETE", "/go/shop/sam").status, 405);
    assert_eq!(
        rows(
            &app,
            "SELECT (SELECT count(*) FROM clicks) + (SELECT count(*) FROM visitors) + (SELECT count(*) FROM unknown_links)"
        ),
        ["(0)"]
    );
    let led = [("user-agent", FIREFOX), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    assert_ne!(app.visitor().get_with("/go/shop/sam", &led).header("set-cookie"), "");
    assert_eq!(clicks(&app), 1);
}

#[test]
fn a_robots_click_is_kept_marked_and_never_a_visitors() {
    let app = company();
    let robot = ("user-agent", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)");
    let page = app.visitor().get_with("/go/shop/sam", &[robot]);
    leads_to(&page, SHOP);
    assert_eq!(page.header("set-cookie"), "");
    assert_eq!(rows(&app, "SELECT robot, visitor_id FROM clicks"), ["(t,)"]);
    // Not even with the cookie of somebody.
    let visitor = app.visitor();
    as_person(&visitor, "/go/shop/sam");
    visitor.get_with("/go/shop/sam", &[robot]);
    assert_eq!(rows(&app, "SELECT count(*), count(visitor_id) FROM clicks"), ["(3,1)"]);
    app.visitor().get_with("/go/shop/nobody", &[robot]);
    assert_eq!(rows(&app, "SELECT count(*) FROM unknown_links"), ["(0)"]);
}

#[test]
fn a_cookie_that_is_not_ours_makes_nobody_somebody_else() {
    let app = company();
    let forged = "00000000000000000000000000000000";
    for cookie in [forged, "", "short", "'; DROP TABLE clicks; --", &"f".repeat(5000)] {
        let header = format!("partnerbook-visitor={cookie}");
        let page = app.visitor().get_with("/go/shop/sam", &[("user-agent", FIREFOX), ("cookie", &header)]);
        leads_to(&page, SHOP);
        let set = page.header("set-cookie");
        assert!(set.starts_with("partnerbook-visitor=") && !set.contains(forged), "{set}");
    }
    assert_eq!(
        rows(&app, "SELECT count(*), count(*) FILTER (WHERE key ~ '^[0-9a-f]{32}$') FROM visitors"),
        ["(5,5)"]
    );
}

#[test]
fn codes_that_nobody_has_are_told_and_counted() {
    let app = company();
    for path in [
        "/go/shop/nobody",
        "/go/Shop/NOBODY",
        "/go/nowhere/sam",
        "/go/nobody",
        "/go/%00/sam%0d%0aX",
        "/go/shop/sa%20m",
    ] {
        let page = as_person(&app.visitor(), path);
        assert_eq!((page.status, page.header("set-cookie")), (404, ""), "{path}");
        page.says("It may be mistyped, or no longer in use.");
    }
    assert_eq!(as_person(&app.visitor(), &format!("/go/{}", "x".repeat(5000))).status, 404);
    // Who copies a link may copy something along.
    leads_to(&as_person(&app.visitor(), "/go/shop/sam%E2%80%8B%0d%0a"), SHOP);
    assert_eq!(as_person(&app.visitor(), "/go/").status, 404);
    assert_eq!(as_person(&app.visitor(), "/go/a/b/c").status, 404);
    assert_eq!(
        rows(&app, "SELECT path, hits FROM unknown_links ORDER BY hits DESC, path COLLATE \"C\" LIMIT 6"),
        ["(shop/nobody,2)", "(\"\",1)", "(a/b/c,1)", "(nobody,1)", "(nowhere/sam,1)", "(\"shop/sa m\",1)"]
    );
    assert_eq!(clicks(&app), 1);
    app.database.psql("UPDATE tracking_settings SET unknown_destination = 'https://home.example/'");
    let page = as_person(&app.visitor(), "/go/shop/nobody?a=1");
    leads_to(&page, "https://home.example/");
    assert_eq!(page.header("set-cookie"), "");
}

#[test]
fn a_click_of_a_known_visitor_is_a_referral_of_the_contact_at_once() {
    let app = company();
    partner(&app, "joe");
    let visitor = app.visitor();
    let from = [("user-agent", FIREFOX), ("referer", "https://blog.example/post?a=1")];
    visitor.get_with("/go/shop/sam", &from);
    assert_eq!(rows(&app, "SELECT count(*) FROM referrals"), ["(0)"]);
    let (ann, ben) = (contact(&app, "ann@example.com"), contact(&app, "ben@example.com"));
    let known_as = |contact| {
        app.database.db.run_now(|conn| {
            let key = visitor.cookie().split_once('=').expect("a cookie").1.to_string();
            let id = tracking::visitor(conn, &key)?;
            tracking::identify(conn, id, contact)
        })
    };
    known_as(ann).unwrap();
    let story = app.sign_in_as(Role::Viewer).get(&format!("/contacts/{ann}"));
    story.says("Came through a link of sam , The shop , from blog.example");
    as_person(&visitor, "/go/shop/joe");
    known_as(ben).unwrap();
    as_person(&visitor, "/go/shop/sam");
    assert_eq!(
        rows(
            &app,
            "SELECT contacts.email, partners.code, referrals.kind, referrals.recorded = clicks.recorded AS same,
                    referrals.expires_at = clicks.expires_at AS ends_too
               FROM referrals JOIN contacts ON contacts.id = contact_id JOIN partners ON partners.id = referrals.partner_id
               JOIN clicks ON clicks.id = click_id ORDER BY referrals.recorded"
        ),
        ["(ann@example.com,sam,cookie,t,t)", "(ann@example.com,joe,cookie,t,)", "(ben@example.com,sam,cookie,t,t)"]
    );
}

#[test]
fn headers_of_any_length_and_kind_are_cut_to_what_is_kept() {
    let app = company();
    let agent = "é".repeat(50_000);
    let page =
        app.visitor().get_with("/go/shop/sam", &[("user-agent", &agent), ("referer", &"r".repeat(5000))]);
    leads_to(&page, SHOP);
    assert_eq!(
        rows(&app, "SELECT char_length(user_agent), char_length(referrer), left(user_agent, 2) FROM clicks"),
        ["(500,1000,éé)"]
    );
    let long = format!("/go/shop/sam?utm_source={}&q={}", "s".repeat(3000), "q".repeat(3000));
    leads_to(&as_person(&app.visitor(), &long), &format!("{SHOP}?{}", long.split_once('?').unwrap().1));
    assert_eq!(
        rows(&app, "SELECT char_length(utm_source), char_length(query) FROM clicks ORDER BY id DESC LIMIT 1"),
        ["(200,2000)"]
    );
}

#[test]
fn addresses_are_erased_when_they_have_been_kept_long_enough() {
    let app = company();
    app.database.psql("UPDATE tracking_settings SET address_days = 30");
    as_person(&app.visitor(), "/go/shop/sam");
    as_person(&app.visitor(), "/go/shop/nobody");
    let after = |days| {
        let now = app.clock.now() + chrono::TimeDelta::days(days);
        app.database.db.run_now(|conn| visits::erase_addresses(conn, now)).expect("it can be done");
        app.database.db.run_now(|conn| visits::forget_unknown_links(conn, now)).expect("it can be done");
        rows(&app, "SELECT count(*), count(address), (SELECT count(*) FROM unknown_links) FROM clicks")
    };
    assert_eq!(after(30), ["(1,1,1)"], "at that very instant it still is");
    app.clock.advance(chrono::TimeDelta::days(20));
    as_person(&app.visitor(), "/go/shop/sam");
    assert_eq!(after(11), ["(2,1,1)"]);
    // And by itself, while the application runs.
    app.clock.advance(chrono::TimeDelta::days(346));
    let worker = worker::start_with_chores(&app.database.db, &app.clock, runners::runner, runners::CHORES);
    let gone =
        || rows(&app, "SELECT count(address), (SELECT count(*) FROM unknown_links) FROM clicks") == ["(0,0)"];
    assert!((0..600).any(|_| gone() || {
        thread::sleep(Duration::from_millis(100));
        false
    }));
    worker.stop();
    assert!(worker.wait(Duration::from_secs(60)));
}
