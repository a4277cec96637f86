//! Nothing that was answered is lost when the program is killed in the middle of its work, nor when its database is.

use std::collections::{HashMap, HashSet};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use reqwest::blocking::Client;
use reqwest::redirect::Policy;

use crate::lifecycle::{kill, owner_of, postmaster};
use crate::support::passable_folder;
use crate::support::program::{Serving, eventually};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// For how long visitors come before the blow, and how many at once.
const COMING: Duration = Duration::from_secs(2);
const VISITORS: usize = 12;

/// A click as the database has it: what it was asked with, and the key of its visitor.
#[derive(QueryableByName)]
struct Click {
    #[diesel(sql_type = Text)]
    query: String,
    #[diesel(sql_type = Text)]
    key: String,
}

/// Visitors come one after the other until nobody answers. By what each asked: the key that it was answered with.
fn visitors(address: &str, trial: usize, place: usize) -> (HashMap<String, String>, usize) {
    let client = Client::builder().redirect(Policy::none()).timeout(Duration::from_secs(10)).build().unwrap();
    let mut answered = HashMap::new();
    for number in 0.. {
        let asked = format!("n={trial}-{place}-{number}");
        let request = client.get(format!("{address}/go/shop/sam?{asked}")).header("user-agent", FIREFOX);
        let Ok(answer) = request.send() else { return (answered, number + 1) };
        if answer.status() == 302 {
            let cookie = answer.headers().get("set-cookie").and_then(|value| value.to_str().ok());
            let key =
                cookie.and_then(|cookie| cookie.split(['=', ';']).nth(1)).expect("a cookie comes with it");
            answered.insert(asked, key.to_string());
        }
    }
    unreachable!("there are numbers enough")
}

#[test]
fn what_was_answered_survives_kill_9_of_the_program_and_of_its_database() {
    let folder = passable_folder();
    let mut serving = Serving::start(folder.path());
    owner_of(folder.path())
        .batch_execute(
            "INSERT INTO contacts (id, name) VALUES (1, 'Sam');
             INSERT INTO partners (id, contact_id, code) VALUES (1, 1, 'sam');
             INSERT INTO tracking_links (name, code, destination) VALUES ('Shop', 'shop', 'https://shop.example/')",
        )
        .unwrap();
    let (mut answered, mut asked) = (HashMap::new(), 0);
    for trial in 0..2 {
        let address = serving.address.clone();
        // Who only looks is answered by the writer too, and leaves nothing: it is there, and has read the list of robots.
        let looks = Client::builder().redirect(Policy::none()).build().unwrap();
        let looked = || looks.head(format!("{address}/go/shop/sam")).send().ok();
        eventually("links are answered", || looked().filter(|answer| answer.status() == 302));
        let over = Instant::now() + COMING;
        thread::scope(|scope| {
            let coming: Vec<_> = (0..VISITORS)
                .map(|place| {
                    let address = &address;
                    scope.spawn(move || visitors(address, trial, place))
                })
                .collect();
            thread::sleep(over - Instant::now());
            let database = postmaster(folder.path());
            serving.signal(libc::SIGKILL);
            if trial == 1 {
                kill(database);
            }
            for visitor in coming {
                let (keys, tries) = visitor.join().expect("it comes back");
                answered.extend(keys);
                asked += tries;
            }
        });
        drop(serving);
        serving = Serving::start(folder.path());
        eventually("all is well", || serving.health().filter(|&health| health == 200));
    }
    assert!(answered.len() > 40, "hardly anybody was answered: {} of {asked}", answered.len());
    let mut owner = owner_of(folder.path());
    // The program that was started last works in what was only written down.
    eventually("all visits are worked in", || {
        let left = sql_query("SELECT FROM visits LIMIT 1").execute(&mut owner).unwrap();
        (left == 0).then_some(())
    });
    let clicks: Vec<Click> = sql_query(
        "SELECT clicks.query, visitors.key FROM clicks JOIN visitors ON visitors.id = visitor_id WHERE partner_id = 1",
    )
    .load(&mut owner)
    .unwrap();
    let recorded: HashSet<&str> = clicks.iter().map(|click| click.query.as_str()).collect();
    assert_eq!(recorded.len(), clicks.len(), "something was recorded twice");
    assert!(clicks.len() <= asked, "{} clicks of {asked} visits", clicks.len());
    let by_query: HashMap<&str, &str> =
        clicks.iter().map(|click| (click.query.as_str(), click.key.as_str())).collect();
    let lost: Vec<_> =
        answered.iter().filter(|(asked, key)| by_query.get(asked.as_str()) != Some(&key.as_str())).collect();
    assert!(lost.is_empty(), "answered and not recorded so: {lost:?}");
}
