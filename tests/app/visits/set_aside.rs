//! A click that cannot be worked in holds back nobody else's, and is not lost.

use chrono::TimeDelta;

use super::*;
use crate::web_forms;

/// Writes a batch down as the writer does.
fn batch(app: &TestApp, visits: &str) {
    app.database
        .psql(&format!("INSERT INTO visit_batches (visits) VALUES ('{}')", visits.replace('\'', "''")));
}

fn visit(key: char, query: &str) -> String {
    let key = key.to_string().repeat(32);
    format!(
        r#"{{"visitor_key":"{key}","partner_id":1,"at":"2026-11-03T10:00:00Z","address":"192.0.2.7","robot":false,"query":"{query}"}}"#
    )
}

/// Clicks with one of which something is wrong, for as long as a rule of the database says so, and a batch that
/// nobody can read.
fn company_with_a_bad_click() -> TestApp {
    let app = company();
    app.database.psql("ALTER TABLE clicks ADD CONSTRAINT no_bad_ones CHECK (query <> 'bad')");
    batch(&app, &format!("[{},{},{}]", visit('a', "one"), visit('b', "bad"), visit('c', "two")));
    batch(&app, "[{\"visitor_key\": broken");
    batch(&app, &format!("[{}]", visit('d', "three")));
    app
}

const CLICKS: &str = "SELECT string_agg(query, ' ' ORDER BY recorded) FROM clicks";

#[test]
fn a_click_that_cannot_be_worked_in_is_set_aside_and_those_that_came_with_it_go_in() {
    let app = company_with_a_bad_click();
    assert_eq!(app.database.ask("SELECT work_in_visits(1000)"), "5");
    assert_eq!(app.database.ask(CLICKS), "one two three");
    assert_eq!(app.database.ask("SELECT count(*) FROM visit_batches"), "0");
    let reasons = app.database.ask("SELECT string_agg(reason, '; ' ORDER BY recorded) FROM visits_set_aside");
    assert_eq!(reasons, "error 23514 no_bad_ones; error 22P02");
    let home = app.sign_in_as(Role::Viewer).get("/");
    home.says("2 clicks could not be worked in").says("error 22P02");
    let admin = app.sign_in_as(Role::Administrator);
    let page = admin.get("/links");
    page.says("2 clicks are recorded and could not be worked in.");
    let again = || admin.submit("/links", "/links/set-aside", &[]);
    assert_eq!(again().location(), "/links");
    admin.get("/links").says("2 clicks still could not be worked in.").says("2 clicks are recorded");
    app.database.psql("ALTER TABLE clicks DROP CONSTRAINT no_bad_ones");
    again().location();
    admin
        .get("/links")
        .says("1 click still could not be worked in.")
        .says("1 click is recorded and could not be worked in.");
    assert_eq!(app.database.ask(CLICKS), "one bad two three", "each at its place");
    app.database.psql("UPDATE visits_set_aside SET visits = '[]'");
    again().location();
    let page = admin.get("/links");
    page.says("1 click was worked in.");
    assert!(!page.text().contains("could not be worked in"), "{}", page.text());
    again().location();
    admin.get("/links").says("No click is set aside.");
    admin.get("/settings/audit").says("Clicks: try again");
}

#[test]
fn whoever_asks_for_a_visitor_with_a_bad_click_is_answered() {
    let app = company_with_a_bad_click();
    let visitor = |key: char| {
        let key = key.to_string().repeat(32);
        app.database.db.run_now(|conn| tracking::visitor_with(conn, &key)).expect("it can be asked").is_some()
    };
    assert_eq!([visitor('b'), visitor('a'), visitor('d')], [false, true, true]);
    assert_eq!(app.database.ask(CLICKS), "one two three");
}

#[test]
fn what_waits_for_a_lock_is_not_set_aside() {
    let app = company();
    batch(&app, &format!("[{}]", visit('a', "one")));
    let tried = app.database.db.run_now(|conn| {
        sql_query("SET LOCAL lock_timeout = '50ms'").execute(conn)?;
        thread::scope(|scope| {
            let (holding, held) = std::sync::mpsc::channel();
            let (done, end) = std::sync::mpsc::channel::<()>();
            let app = &app;
            scope.spawn(move || {
                let mut owner = app.database.owner();
                sql_query("BEGIN").execute(&mut owner).expect("it begins");
                sql_query("LOCK TABLE visitors").execute(&mut owner).expect("it is locked");
                holding.send(()).expect("somebody waits");
                let _ = end.recv();
            });
            held.recv().expect("it is held");
            let tried = sql_query("SELECT work_in_visits(1000)").execute(conn);
            drop(done);
            Ok(tried?)
        })
    });
    assert!(tried.is_err(), "it waited in vain");
    assert_eq!(app.database.ask("SELECT count(*) FROM visits_set_aside"), "0");
    assert_eq!(clicks(&app), 1);
}

#[test]
fn what_is_set_aside_is_erased_as_clicks_are() {
    let app = company_with_a_bad_click();
    app.database.ask("SELECT work_in_visits(1000)");
    let erase = |days: i64| {
        let now = "2026-11-03T10:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        let now = now + TimeDelta::days(days);
        app.database
            .psql(&format!("UPDATE visits_set_aside SET set_aside_at = '{}'", "2026-11-03T10:00:01Z"));
        app.database.db.run_now(|conn| visits::erase_addresses(conn, now)).expect("it is done");
        app.database.ask("SELECT count(*) || ' ' || count(*) FILTER (WHERE visits LIKE '%192.0.2.7%') FROM visits_set_aside")
    };
    assert_eq!(erase(89), "2 1");
    assert_eq!(erase(91), "1 0", "its address is erased, and what nobody can read goes");
    let kim = contact(&app, "kim@example.com");
    let visitor = app.database.db.run_now(|conn| {
        let visitor = tracking::visitor(conn, &"b".repeat(32))?;
        tracking::identify(conn, visitor, kim)
    });
    visitor.expect("it is known");
    app.database.ask(&format!("SELECT erase_contact({kim}, now())"));
    assert_eq!(app.database.ask("SELECT count(*) FROM visits_set_aside"), "0");
}

#[test]
fn of_a_batch_only_what_cannot_be_read_is_set_aside() {
    let app = company();
    let all = [visit('a', "one"), visit('b', "\\u0000"), visit('c', "two"), visit('d', "three")];
    batch(&app, &format!("[{}]", all.join(",").replacen("2026-11-03T10:00:00Z", "soon 192.0.2.7", 1)));
    batch(&app, &format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)));
    batch(&app, &format!("[{}]", visit('e', "four")));
    assert_eq!(app.database.ask("SELECT work_in_visits(1000)"), "6");
    assert_eq!(app.database.ask(CLICKS), "two three four");
    let told =
        "SELECT string_agg(concat_ws(' ', reason, partner_id), '; ' ORDER BY recorded) FROM visits_set_aside";
    assert_eq!(app.database.ask(told), "error 22007 1; error 22P05 1; error 54001", "nothing of the visits");
}

#[test]
fn a_click_that_is_tried_again_is_the_contacts_whom_the_visitor_was_then() {
    let app = company();
    let (ann, bob) = (contact(&app, "ann@example.com"), contact(&app, "bob@example.com"));
    app.database.psql("ALTER TABLE clicks ADD CONSTRAINT no_bad_ones CHECK (query NOT LIKE 'bad%')");
    let work = || app.database.ask("SELECT work_in_visits(1000)");
    let becomes = |person: ContactId| {
        let db = &app.database.db;
        db.run_now(|conn| {
            let visitor = tracking::visitor(conn, &"a".repeat(32))?;
            tracking::identify(conn, visitor, person)
        })
        .expect("it is known");
    };
    let comes = |query: &str| {
        batch(&app, &format!("[{}]", visit('a', query)));
        work();
    };
    comes("bad, of nobody yet");
    comes("of nobody yet");
    becomes(ann);
    comes("bad, of Ann");
    becomes(bob);
    comes("bad, of Bob");
    app.database.psql("ALTER TABLE clicks DROP CONSTRAINT no_bad_ones");
    assert_eq!(app.database.ask("SELECT remaining FROM try_visits_set_aside()"), "0");
    let whose = "SELECT string_agg(query || ': ' || contact_id, '; ' ORDER BY referrals.recorded) FROM referrals JOIN clicks ON clicks.id = click_id";
    assert_eq!(
        app.database.ask(whose),
        format!("bad, of nobody yet: {ann}; of nobody yet: {ann}; bad, of Ann: {ann}; bad, of Bob: {bob}")
    );
}

#[test]
fn what_is_set_aside_of_a_partner_keeps_it_and_follows_where_it_is_merged() {
    let app = company_with_a_bad_click();
    app.database.ask("SELECT work_in_visits(1000)");
    app.database.psql(
        "DELETE FROM clicks; DELETE FROM visits_set_aside WHERE reason NOT LIKE '%no_bad_ones';
         ALTER TABLE clicks DROP CONSTRAINT no_bad_ones",
    );
    let admin = app.sign_in_as(Role::Administrator);
    admin.get("/partners/1/delete").says("1 click");
    let joe = partner(&app, "joe");
    app.database
        .psql(&format!("UPDATE partners SET merged_into_id = {joe}, merged_at = now(), status = 'inactive' WHERE code = 'sam'"));
    assert_eq!(app.database.ask("SELECT remaining FROM try_visits_set_aside()"), "0");
    assert_eq!(app.database.ask("SELECT partner_id FROM clicks"), joe.to_string());
}

#[test]
fn a_lead_whose_only_click_is_set_aside_is_the_partners_when_it_goes_in() {
    let app = company();
    app.database.psql(
        "ALTER TABLE clicks ADD CONSTRAINT no_bad_ones CHECK (query <> 'bad');
         UPDATE tracking_settings SET default_destination = 'https://shop.example/'",
    );
    let admin = app.sign_in_as(Role::Administrator);
    web_forms::make(&admin, &web_forms::CONTACT_US).location();
    let visitor = app.visitor();
    leads_to(&as_person(&visitor, "/go/sam?bad"), "https://shop.example/?bad");
    assert_eq!(web_forms::send(&app, &visitor, "/f/contact", &web_forms::ANN).status, 303);
    let contact = app.database.ask("SELECT id FROM contacts WHERE email = 'ann.lee@example.com'");
    let file =
        admin.submit(&format!("/contacts/{contact}/privacy"), &format!("/contacts/{contact}/export"), &[]);
    assert!(
        file.html.contains("clicks that could not be worked in") && file.html.contains("Firefox"),
        "{}",
        file.html
    );
    app.database.psql("ALTER TABLE clicks DROP CONSTRAINT no_bad_ones");
    assert_eq!(app.database.ask("SELECT remaining FROM try_visits_set_aside()"), "0");
    assert_eq!(
        app.database.ask("SELECT contact_id || ' ' || partner_id FROM referrals"),
        format!("{contact} 1")
    );
}
