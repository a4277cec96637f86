//! A new order by hand at the moment of recording it, and the address that it came from.

use super::placing::{shop, verify_clean};
use super::typing::Form;
use crate::order_pages::shop::Shop;
use crate::support::http::{Page, Visitor};
use partnerbook::web::admin::Role;

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// It is this time of November 3, 2026.
fn at(shop: &Shop, time: &str) {
    shop.app.clock.set(format!("2026-11-03T{time}Z").parse().expect("an instant"));
}

fn click(shop: &Shop, code: &str, time: &str) {
    shop.click(KEY, code, format!("2026-11-03T{time}Z").parse().expect("an instant"));
}

/// The form of an order of 100.00, opened at 10:41.
fn opened(admin: &Visitor) -> Form {
    Form::of(&admin.get("/orders/new"), "order").line(0, "PLAN", "2", "50")
}

fn record(admin: &Visitor, page: &Page) -> Page {
    Form::of(page, "order").press(admin, "record")
}

#[test]
fn who_leaves_the_time_as_proposed_means_the_moment_of_recording() {
    let (shop, admin) = shop();
    click(&shop, "joe", "10:40:00");
    let form = opened(&admin).set("visitor", KEY);
    click(&shop, "sam", "10:44:30");
    at(&shop, "10:45:00");
    let preview = form.press(&admin, "preview");
    preview
        .says("Samantha was credited because")
        .says("An order of $100.00 , placed at the moment at which you record it.");
    assert_eq!(preview.attribute("#ordered_time", "value"), "10:45", "this moment is proposed now");
    at(&shop, "10:47:20");
    let made = record(&admin, &preview);
    admin.get(made.location()).says("Samantha was credited because").says("Ordered Nov 3, 2026, 10:47");
    // A second press, minutes later, is the same form with the same content.
    at(&shop, "10:52:00");
    assert_eq!(record(&admin, &preview).location(), made.location());
    verify_clean(&shop);
}

#[test]
fn a_click_after_the_preview_is_shown_before_it_credits_an_order_of_now() {
    let (shop, admin) = shop();
    click(&shop, "joe", "10:40:00");
    let preview = opened(&admin).set("visitor", KEY).press(&admin, "preview");
    preview.says("Joe was credited because");
    click(&shop, "sam", "10:44:30");
    at(&shop, "10:45:00");
    let changed = record(&admin, &preview);
    assert_eq!(changed.status, 422);
    changed.says("Nothing was recorded yet").says("Samantha was credited because");
    assert_eq!(record(&admin, &changed).status, 303);
    verify_clean(&shop);
}

#[test]
fn a_time_that_somebody_typed_stays_what_was_typed() {
    let (shop, admin) = shop();
    click(&shop, "joe", "10:40:00");
    let form = opened(&admin).set("visitor", KEY).set("ordered_time", "10:40");
    click(&shop, "sam", "10:44:30");
    at(&shop, "10:45:00");
    let preview = form.press(&admin, "preview");
    preview.says("Joe was credited because");
    assert!(!preview.text().contains("placed at the moment at which you record it"));
    assert_eq!(preview.attribute("#ordered_time", "value"), "10:40");
    at(&shop, "10:47:00");
    admin.get(record(&admin, &preview).location()).says("Ordered Nov 3, 2026, 10:40");
    verify_clean(&shop);
}

#[test]
fn an_order_of_now_that_nobody_earns_by_is_shown_anew_after_midnight() {
    let (shop, _) = shop();
    at(&shop, "23:59:50");
    let admin = shop.app.sign_in_as(Role::Administrator);
    let preview = opened(&admin).press(&admin, "preview");
    shop.app.clock.set("2026-11-04T00:00:05Z".parse().expect("an instant"));
    let changed = record(&admin, &preview);
    assert_eq!(changed.status, 422);
    assert_eq!(changed.attribute("#ordered_on", "value"), "2026-11-04");
    admin.get(record(&admin, &changed).location()).says("Ordered Nov 4, 2026, 00:00");
}

#[test]
fn an_order_by_hand_is_credited_by_the_address_that_it_came_from() {
    let (shop, admin) = shop();
    click(&shop, "sam", "10:40:00");
    let typed = |address: &str| opened(&admin).set("address", address).press(&admin, "preview");
    typed("192.0.2.7").says("Nobody was credited").says("Use IP Address was No");
    shop.defaults(|defaults| defaults.tracking.use_ip_address = true);
    let preview = typed(" ::ffff:192.0.2.7 ");
    preview.says("Samantha was credited because").says("clicked from 192.0.2.7");
    admin.get(record(&admin, &preview).location()).says("Samantha was credited because");
    typed("2001:DB8::7").says("Nobody was credited");
    for wrong in ["192.0.2", "192.0.2.7:80", "example.com", "1\u{202e}2", &"1".repeat(5000)] {
        let page = typed(wrong);
        assert_eq!(page.status, 422, "{wrong}");
        page.says("This is no IP address: write it like 192.0.2.7 or 2001:db8::7.");
        assert_eq!(Form::of(&page, "order").get("address"), wrong, "it comes back as typed");
    }
    // It is part of what a form says, and is erased in time like those of files.
    assert_eq!(shop.app.database.ask("SELECT string_agg(address, ' ') FROM orders"), "192.0.2.7");
    let later = shop.app.clock.now() + chrono::TimeDelta::days(91);
    shop.app
        .database
        .db
        .run_now(|conn| partnerbook::selling::orders::erase_addresses(conn, later))
        .expect("they can be erased");
    assert_eq!(shop.app.database.ask("SELECT count(address) FROM orders"), "0");
    verify_clean(&shop);
}
