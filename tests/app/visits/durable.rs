//! Nothing that was answered is lost, whatever happens to the database and however many come at once.

use std::collections::HashSet;
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;

use partnerbook::selling::tracking::visits::{self, Coming, Directory, Visit};

use super::{SHOP, as_person, clicks, company, leads_to, rows};
use crate::support;
use crate::support::http::Page;

#[test]
fn while_the_database_is_away_nobody_is_led_on_unrecorded_and_the_browser_tries_again() {
    let app = company();
    let door = |open: bool| {
        let mut administrator = support::server().administrator();
        let door = format!("ALTER DATABASE {} ALLOW_CONNECTIONS {open}", app.database.name);
        administrator.batch_execute(&door).expect("the administrator may");
        let out = format!(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{}'",
            app.database.name
        );
        sql_query(out).execute(&mut *administrator).expect("the administrator may");
    };
    door(false);
    let page = as_person(&app.visitor(), "/go/shop/sam");
    door(true);
    assert_eq!(
        (page.status, page.header("retry-after"), page.header("refresh")),
        (503, "3", "3"),
        "{}",
        page.text()
    );
    assert_eq!(page.header("set-cookie"), "");
    let again = (0..60).map(|_| as_person(&app.visitor(), "/go/shop/sam")).find(|page| page.status == 302);
    leads_to(&again.expect("the database is back"), SHOP);
    assert_eq!(clicks(&app), 1, "whoever was turned away is not counted");
}

#[test]
fn of_visits_at_once_each_is_recorded_once() {
    let app = company();
    let keys: Vec<String> = thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| {
                    (0..25)
                        .map(|_| {
                            let page = as_person(&app.visitor(), "/go/shop/sam");
                            leads_to(&page, SHOP);
                            key(&page).expect("there is a cookie")
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), 400);
    assert_eq!(rows(&app, "SELECT count(*), count(DISTINCT visitor_id) FROM clicks"), ["(400,400)"]);
}

#[test]
fn what_is_remembered_of_a_link_is_right_when_its_visits_are_written_down() {
    let app = company();
    let mut directory = Directory::default();
    let mut led_to = || -> HashSet<String> {
        let visit = |n: u32| Visit {
            link: Some("shop".into()),
            partner: "sam".into(),
            fresh: format!("{n:032x}"),
            coming: Coming::Person,
            at: app.clock.now(),
            ..Visit::default()
        };
        let many: Vec<Visit> = (0..40).map(visit).collect();
        let recorded = app.database.db.run_now(|conn| visits::record(conn, &many, &mut directory));
        let led = recorded.expect("it can be recorded").into_iter().filter_map(|led| led.destination);
        led.map(|destination| destination.as_str().to_string()).collect()
    };
    let one = |destination: &str| HashSet::from([destination.to_string()]);
    assert_eq!(led_to(), one(SHOP));
    app.database.psql("UPDATE tracking_links SET destination = 'https://shop.example/new'");
    assert_eq!(led_to(), one("https://shop.example/new"));
    app.database.psql("UPDATE partners SET track_leads_days = 1");
    led_to();
    // Some of its clicks may be worked in by now.
    app.database.psql(
        "UPDATE clicks SET link_id = NULL; DELETE FROM tracking_link_codes; DELETE FROM tracking_links",
    );
    app.database.psql("UPDATE tracking_settings SET unknown_destination = 'https://home.example/'");
    assert_eq!(led_to(), one("https://home.example/"));
    app.database.psql("UPDATE tracking_settings SET unknown_destination = 'https://home.example/b'");
    assert_eq!(led_to(), one("https://home.example/b"));
    assert_eq!(
        rows(
            &app,
            "SELECT extract(day FROM expires_at - clicked_at)::int AS days, count(*) FROM clicks GROUP BY 1 ORDER BY 1"
        ),
        ["(1,40)", "(30,80)"],
        "none twice"
    );
}

#[test]
fn what_was_answered_survives_connections_that_are_cut_at_any_moment() {
    let app = company();
    let over = Instant::now() + Duration::from_secs(5);
    let keys: Vec<String> = thread::scope(|scope| {
        scope.spawn(|| {
            let mut owner = app.database.owner();
            while Instant::now() < over {
                let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                            WHERE datname = current_database() AND pid <> pg_backend_pid()";
                sql_query(cut).execute(&mut owner).expect("the owner may");
                thread::sleep(Duration::from_millis(rand::random_range(5..120_u64)));
            }
        });
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let mut keys = Vec::new();
                    while Instant::now() < over {
                        let page = as_person(&app.visitor(), "/go/shop/sam");
                        assert!([302, 503].contains(&page.status), "{}", page.text());
                        keys.extend(key(&page));
                    }
                    keys
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(keys.len() > 20, "hardly anything was recorded at all: {}", keys.len());
    let recorded: HashSet<String> =
        rows(&app, "SELECT key FROM clicks JOIN visitors ON visitors.id = visitor_id").into_iter().collect();
    let lost: Vec<_> = keys.iter().filter(|key| !recorded.contains(&format!("({key})"))).collect();
    assert_eq!(lost, [""; 0], "answered and not recorded");
    assert_eq!(
        rows(&app, "SELECT count(*) - count(DISTINCT visitor_id) FROM clicks"),
        ["(0)"],
        "recorded twice"
    );
}

/// The visitor's key that an answer gives, if it does.
fn key(page: &Page) -> Option<String> {
    page.header("set-cookie").split(['=', ';']).nth(1).map(String::from)
}
