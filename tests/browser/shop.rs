//! A shop on another host that includes our script: who sent its visitors is known there, at its checkout and here.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use crate::browser::{Browser, Scripts, visit};
use crate::cast;
use crate::support::http::TestApp;

/// A shop that has pages with our script, and a checkout that repeats what was sent to it. It serves until the
/// tests end.
fn shop(app: &TestApp, script: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    // Another host than ours, also for the browser.
    let host = format!("localhost:{}", listener.local_addr().expect("it is bound").port());
    let page = format!(
        "<!doctype html><title>Shop</title><script src=\"{}/t.js\" async {script}></script><h1>Shop</h1>\
         <form method=post action=/checkout data-partnerbook><input type=hidden name=visitor>\
         <button>Buy</button></form>",
        app.url
    );
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let page = page.clone();
            thread::spawn(move || serve(stream, &page));
        }
    });
    app.database.psql(&format!("UPDATE tracking_settings SET sites = '{host}'"));
    format!("http://{host}")
}

/// Answers one request: with the page, or with what was sent.
fn serve(stream: TcpStream, page: &str) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        (reader.read_line(&mut head).ok()? > 0).then_some(())?;
    }
    let length = head
        .to_lowercase()
        .split_once("content-length: ")
        .map_or(0, |(_, rest)| rest.split("\r\n").next().and_then(|length| length.parse().ok()).unwrap_or(0));
    let mut sent = vec![0; length];
    reader.read_exact(&mut sent).ok()?;
    let body = match head.starts_with("POST") {
        true => format!("<!doctype html><title>Bought</title><p>{}</p>", String::from_utf8_lossy(&sent)),
        false => page.to_string(),
    };
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    reader.get_mut().write_all(answer.as_bytes()).ok()
}

/// What the script tells the shop's page.
async fn visitor(browser: &Browser) -> String {
    browser
        .asks("return window.partnerbook ? partnerbook.visitor : 'no script'")
        .await
        .as_str()
        .unwrap()
        .into()
}

/// Waits until the database says so.
async fn until(app: &TestApp, query: &str, expected: &str) {
    let mut found = String::new();
    for _ in 0..100 {
        found = app.database.ask(query);
        if found == expected {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{query}: {found}, not {expected}");
}

const CLICKS: &str =
    "SELECT string_agg(partners.code || ' ' || visitors.key, ', ' ORDER BY clicks.recorded) FROM clicks
    JOIN partners ON partners.id = partner_id JOIN visitors ON visitors.id = visitor_id";

#[test]
fn whoever_comes_with_a_partners_code_is_known_at_the_checkout_and_here() {
    let app = cast::app();
    let shop = shop(&app, "");
    visit(&app.url, Scripts::Run, async |browser| {
        // Who comes by himself is nobody's.
        browser.driver.goto(format!("{shop}/")).await.unwrap();
        assert_eq!(
            (visitor(browser).await, browser.asks("return document.cookie").await),
            (String::new(), "".into())
        );
        browser.driver.goto(format!("{shop}/offer?ref=ada&utm_source=blog")).await.unwrap();
        let key = visitor(browser).await;
        assert_eq!(key.len(), 32, "{key}");
        until(&app, CLICKS, &format!("ada {key}")).await;
        let told = "SELECT utm_source || ' ' || page FROM clicks";
        assert_eq!(app.database.ask(told), format!("blog {shop}/offer?ref=ada&utm_source=blog"));
        // Loaded again it is no new visit; another page keeps the visitor, another partner's code is one more.
        browser.driver.refresh().await.unwrap();
        browser.driver.goto(format!("{shop}/about")).await.unwrap();
        assert_eq!(visitor(browser).await, key);
        browser.driver.goto(format!("{shop}/offer?aff=sam")).await.unwrap();
        until(&app, CLICKS, &format!("ada {key}, sam {key}")).await;
        browser.press("Buy").await;
        browser.says(&format!("visitor={key}")).await;
    });
}

#[test]
fn whoever_comes_through_a_link_is_the_same_visitor_at_the_shop() {
    let app = cast::app();
    let shop = shop(&app, "");
    app.database.psql(&format!(
        "INSERT INTO tracking_links (name, code, destination, names_visitor) VALUES ('Shop', 'shop', '{shop}/offer', true)"
    ));
    visit(&app.url, Scripts::Run, async |browser| {
        browser.open("/go/shop/sam?visitor=ffffffffffffffffffffffffffffffff").await;
        let key = visitor(browser).await;
        assert!(key.len() == 32 && !key.starts_with("ffff"), "nobody else says who the visitor is: {key}");
        until(&app, CLICKS, &format!("sam {key}")).await;
        let address = browser.asks("return location.href").await;
        assert!(
            !address.as_str().unwrap().contains(&key),
            "whoever copies {address} does not send the visitor along"
        );
        browser.driver.goto(format!("{shop}/cart")).await.unwrap();
        browser.press("Buy").await;
        browser.says(&format!("visitor={key}")).await;
        // A shop that knew the visitor by a number of its own keeps that, and both count together.
        browser.asks("document.cookie = 'partnerbook=;max-age=0;path=/'").await;
        browser.driver.goto(format!("{shop}/?ref=ada")).await.unwrap();
        let own = visitor(browser).await;
        until(&app, CLICKS, &format!("sam {key}, ada {own}")).await;
        browser.open("/go/shop/sam").await;
        assert_eq!(visitor(browser).await, own);
        let joined = "SELECT one.key || ' ' || other.key FROM visitors AS one JOIN visitors AS other ON one.joined_to_id = other.id";
        until(&app, joined, &format!("{key} {own}")).await;
        // What the shop has put into its addresses stays as it was written.
        for (told, left) in [
            ("?visitor=KEY", ""),
            ("?visitor=KEY#top", "#top"),
            ("?visitor=KEY&a=%20b", "?a=%20b"),
            ("?a=1&visitor=KEY", "?a=1"),
            ("?a=1&visitor=KEY&b=2#c", "?a=1&b=2#c"),
        ] {
            let told = told.replace("KEY", &"f".repeat(32));
            browser.driver.goto(format!("{shop}/offer{told}")).await.unwrap();
            let address = browser.asks("return location.href").await;
            assert_eq!(address, format!("{shop}/offer{left}").as_str(), "{told}");
        }
    });
}

#[test]
fn where_consent_is_asked_nothing_is_kept_before_it_and_where_we_are_away_it_is_told_later() {
    let app = cast::app();
    let shop = shop(&app, "data-wait");
    visit(&app.url, Scripts::Run, async |browser| {
        browser.driver.goto(format!("{shop}/?ref=ada")).await.unwrap();
        assert_eq!(
            (visitor(browser).await, browser.asks("return document.cookie").await),
            (String::new(), "".into())
        );
        // As if no answer came: what was not told is told by the next page.
        browser.asks("window.fetch = () => Promise.reject(); partnerbook.start()").await;
        let key = visitor(browser).await;
        assert_eq!(key.len(), 32, "the checkout knows it all the same");
        browser.driver.goto(format!("{shop}/next")).await.unwrap();
        browser.asks("partnerbook.start()").await;
        until(&app, CLICKS, &format!("ada {key}")).await;
    });
}
