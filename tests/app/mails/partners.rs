//! Partners are told of their leads and their sales, where they want to be (spec 2, setting 2).

use serde_json::json;

use super::*;
use crate::api::{self, ORDERS, Till};
use crate::coupons::import;
use crate::order_forms::placing;
use crate::order_forms::typing::Form;
use crate::order_pages::shop::Shop;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const TO: &str = "recipient || ': ' || subject";

/// A shop that mails, in which Sam earns 10 % and its parent Joe 3 %; all want to be told of everything.
fn till() -> Till {
    let port = smtp::unused_port();
    let app = http::app_with(|state| state.mailing(Some(smtp::settings(port))));
    let till = Till::of(placing::stocked(Shop::of(app)));
    psql(
        &till,
        "UPDATE partners SET notify_on_lead = true, notify_on_sale = true;
         UPDATE company SET name = 'Fern & Co', email = 'office@fern.example'",
    );
    till
}

fn psql(till: &Till, sql: &str) {
    till.shop.app.database.psql(sql);
}

fn mails(till: &Till) -> Vec<String> {
    rows(&till.shop.app, &format!("SELECT {TO} FROM mails ORDER BY id"))
}

/// An order that the API is given.
fn sell(till: &Till, number: &str, more: serde_json::Value) {
    let mut order = api::saying(number, json!({ "ordered_at": "2026-11-02T09:14:00Z" }));
    more.as_object().expect("it is an object").iter().for_each(|(name, value)| order[name] = value.clone());
    let page = till.post(ORDERS, &order);
    assert!([200, 201].contains(&page.status), "{}", page.html);
}

#[test]
fn the_lead_and_the_sale_partner_of_an_order_are_told_what_it_brings_them_and_nobody_else() {
    let till = till();
    let order = json!({ "partner": "sam", "contact": { "email": "kim@example.com", "name": "Kim Secret" } });
    sell(&till, "A-1", order.clone());
    sell(&till, "A-1", order);
    assert_eq!(mails(&till), ["sam@example.com: A sale through you: order A-1"], "once, and not the parent");
    assert_eq!(
        rows(&till.shop.app, "SELECT reply_to || E'\\n' || body FROM mails")[0].trim_end(),
        "office@fern.example\n\
         Hello Samantha,\n\n\
         Fern & Co has recorded an order that is credited to you.\n\n\
         Order: A-1\nOrdered: Nov 2, 2026\nYour commission: 10.00 USD\n\n\
         An answer to this mail goes to office@fern.example. If you do not want such mails, tell Fern & Co."
    );
    sell(&till, "A-2", json!({ "partner": "sam", "sale_partner": "joe" }));
    assert_eq!(
        mails(&till)[1..],
        ["sam@example.com: A sale through you: order A-2", "joe@example.com: A sale through you: order A-2"]
    );
    sell(&till, "A-3", json!({}));
    assert_eq!(mails(&till).len(), 3, "an order that nobody is credited for tells nobody");
    let page = till.admin.get("/settings/mail");
    page.says("A sale through you: order A-2").says("sam@example.com");
    assert_eq!(page.attribute("tbody tr:last-child .row-link", "href"), "/orders/1");
}

#[test]
fn an_order_by_hand_tells_its_partner_when_it_is_recorded_and_a_file_tells_nobody() {
    let till = till();
    let page = till.admin.get("/orders/new");
    let form = Form::of(&page, "order").line(0, "PLAN", "2", "50").set("partner", "sam");
    let preview = form.press(&till.admin, "preview");
    assert_eq!(mails(&till), [""; 0], "only shown");
    let form = Form::of(&preview, "order");
    let made = form.press(&till.admin, "record");
    assert_eq!(form.press(&till.admin, "record").location(), made.location());
    assert_eq!(mails(&till), ["sam@example.com: A sale through you: order 1001"]);
    let file = "order,date,sku,quantity,price,partner code\nB-1,2026-10-22,PLAN,1,10,sam\n";
    assert_eq!(import(&till.shop, file).recorded, 1);
    assert_eq!(mails(&till).len(), 1, "a file tells of what has been");
}

#[test]
fn a_mail_says_what_the_order_brings_its_partner() {
    let till = till();
    let told =
        || rows(&till.shop.app, "SELECT split_part(body, E'\\n', 7) FROM mails ORDER BY id DESC LIMIT 1");
    sell(&till, "A-1", json!({ "partner": "sam", "sale_partner": "joe" }));
    assert_eq!(
        rows(&till.shop.app, "SELECT split_part(body, E'\\n', 7) FROM mails ORDER BY id"),
        ["It brings you no commission.", "Your commission: 10.00 USD"],
        "the program pays who made the sale"
    );
    psql(
        &till,
        "ALTER TABLE program_versions DISABLE TRIGGER USER; UPDATE program_versions SET payout = 'on_payment'",
    );
    sell(&till, "A-2", json!({ "partner": "sam", "paid_in_full": false }));
    assert_eq!(told(), ["Your commission is recorded as the customer pays."]);
}

#[test]
fn an_order_of_long_ago_is_no_news() {
    let till = till();
    sell(&till, "A-1", json!({ "partner": "sam", "ordered_at": "2026-10-27T10:40:00Z" }));
    assert_eq!(mails(&till), [""; 0]);
    sell(&till, "A-2", json!({ "partner": "sam", "ordered_at": "2026-10-27T10:42:00Z" }));
    assert_eq!(mails(&till), ["sam@example.com: A sale through you: order A-2"]);
}

#[test]
fn who_is_not_to_be_told_is_not() {
    let till = till();
    let mut number = 0;
    for (change, back) in [
        ("UPDATE defaults SET skip_notifications = true", "UPDATE defaults SET skip_notifications = false"),
        ("UPDATE partners SET notify_on_sale = false", "UPDATE partners SET notify_on_sale = true"),
        ("UPDATE partners SET status = 'inactive'", "UPDATE partners SET status = 'active'"),
        (
            "UPDATE contacts SET email = NULL WHERE email = 'sam@example.com'",
            "UPDATE contacts SET email = 'sam@example.com' WHERE name = 'Samantha'",
        ),
        (
            "UPDATE contacts SET email = 'sam at home' WHERE email = 'sam@example.com'",
            "UPDATE contacts SET email = 'sam@example.com' WHERE name = 'Samantha'",
        ),
    ] {
        psql(&till, change);
        number += 1;
        sell(&till, &number.to_string(), json!({ "partner": "sam" }));
        assert_eq!(mails(&till), [""; 0], "{change}");
        psql(&till, back);
    }
    sell(&till, "at last", json!({ "partner": "sam" }));
    assert_eq!(mails(&till).len(), 1);
    let quiet = Till::open();
    psql(&quiet, "UPDATE partners SET notify_on_sale = true");
    sell(&quiet, "A-1", json!({ "partner": "sam" }));
    assert_eq!(mails(&quiet), [""; 0], "without a mail server nothing waits for one");
}

#[test]
fn a_mail_that_cannot_be_written_as_it_is_loses_no_order() {
    let till = till();
    psql(
        &till,
        "UPDATE contacts SET name = E'Sam\u{202e}\u{2028}' || repeat('ü', 180) WHERE name = 'Samantha';
         UPDATE company SET name = repeat('x', 200), email = 'jörg@bücher.example'",
    );
    let number = "№".repeat(190);
    sell(&till, &number, json!({ "partner": "sam" }));
    let body = &rows(&till.shop.app, "SELECT concat(reply_to, body) FROM mails")[0];
    assert!(body.contains(&number) && body.contains("Please do not answer this mail"), "{body}");
    assert!(!body.contains('\u{202e}'), "nobody's name turns round what stands after it");
}

#[test]
fn the_partner_of_a_lead_is_told_of_it_as_the_rules_credit() {
    let till = till();
    psql(
        &till,
        "UPDATE tracking_settings SET default_destination = 'https://fern.example/';
         UPDATE defaults SET tracking_method = 'history_and_cookies'",
    );
    make(&till.admin, &with(&CONTACT_US, "mail_to", "")).location();
    let app = &till.shop.app;
    let clicks = |codes: &[&str]| {
        let visitor = app.visitor();
        for code in codes {
            let led = visitor.get_with(&format!("/go/{code}"), &[("user-agent", FIREFOX)]);
            assert_eq!(led.status, 302);
            app.clock.advance(TimeDelta::minutes(1));
        }
        visitor
    };
    let fill = |visitor: &Visitor, email: &str| {
        assert_eq!(send(app, visitor, "/f/contact", &with(&ANN, "email", email)).status, 303);
        let told = mails(&till);
        psql(&till, "DELETE FROM mails");
        told
    };
    let of = |code: &str| [format!("{code}@example.com: A lead through you: Talk to us")];
    assert_eq!(fill(&clicks(&["sam", "joe"]), "a@example.com"), of("joe"), "the latest");
    psql(&till, "UPDATE defaults SET choose_partner = 'first'");
    let visitor = clicks(&["sam", "joe"]);
    assert_eq!(fill(&visitor, "b@example.com"), of("sam"), "the first");
    assert_eq!(fill(&app.visitor(), "b@example.com"), of("sam"), "by history, from another browser");
    assert_eq!(fill(&app.visitor(), "nobody@example.com"), [""; 0], "nobody referred this one");
    assert_eq!(fill(&clicks(&["sam"]), "sam@example.com"), [""; 0], "nobody is a lead of its own");
    psql(&till, "UPDATE partners SET notify_on_lead = false WHERE code = 'sam'");
    assert_eq!(fill(&clicks(&["sam"]), "c@example.com"), [""; 0], "it does not want to be told");
    psql(&till, "UPDATE defaults SET skip_notifications = true; UPDATE partners SET notify_on_lead = true");
    assert_eq!(fill(&clicks(&["sam"]), "d@example.com"), [""; 0], "nobody is to be told");
    psql(&till, "UPDATE defaults SET skip_notifications = false");
    let visitor = clicks(&["sam"]);
    assert_eq!(send(app, &visitor, "/f/contact", &with(&ANN, "email", "e@example.com")).status, 303);
    assert_eq!(
        rows(app, "SELECT body FROM mails")[0].lines().nth(2),
        Some("Somebody whom you referred sent the form “Talk to us” of Fern & Co on Nov 3, 2026.")
    );
}
