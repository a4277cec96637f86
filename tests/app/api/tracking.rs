//! Visitors, addresses and contacts by API: who is known as whom, and whom that credits.

use partnerbook::domain::ids::PartnerId;
use partnerbook::domain::settings::TrackingMethod;
use partnerbook::selling::tracking::visits::{self, Coming, Directory, Visit};
use serde_json::json;

use super::{CONTACTS, ORDERS, Till, problems, saying, told};
use crate::order_pages::shop::october;

const KEY: &str = "0123456789abcdef0123456789abcdef";
const OTHER: &str = "fedcba9876543210fedcba9876543210";

fn dana() -> serde_json::Value {
    json!({ "email": "dana@example.com", "name": "Dana Whitfield" })
}

#[test]
fn a_visitors_clicks_are_tied_to_the_contact_and_credit_the_order() {
    let till = Till::open();
    till.shop.defaults(|defaults| defaults.tracking.method = TrackingMethod::HistoryAndCookies);
    till.shop.click(KEY, "joe", october(10, "09:00"));
    till.shop.click(KEY, "sam", october(20, "09:00"));
    let answer = till.sell(&saying("1", json!({ "contact": dana(), "visitor": KEY.to_uppercase() })));
    assert_eq!(
        answer["why"],
        "Samantha was credited because its link was the latest that Dana Whitfield clicked before the order."
    );
    assert_eq!(till.ledger(), "joe 300, sam 1000");
    // The clicks are the contact's referrals now, so the next order needs no visitor.
    assert_eq!(till.count("referrals WHERE kind = 'cookie'"), "2");
    let answer = till.sell(&saying("2", json!({ "contact": { "email": "DANA@example.com" } })));
    assert_eq!(answer["why"], "Samantha was credited because it has the latest referral of Dana Whitfield.");
    assert_eq!(answer["contact"]["id"], 3, "found again, whatever the case");
    till.verify_clean();
}

#[test]
fn a_visitor_that_is_not_known_yet_is_known_from_then_on() {
    let till = Till::open();
    till.shop.defaults(|defaults| defaults.tracking.method = TrackingMethod::HistoryAndCookies);
    let answer = till.sell(&saying("1", json!({ "contact": dana(), "visitor": KEY })));
    assert_eq!(answer["why"], "Nobody was credited: no click and no referral speaks for a partner.");
    // The shop's script could not reach us before: its report comes late, and the click is the contact's.
    till.shop.click(KEY, "sam", october(20, "09:00"));
    let answer = till.sell(&saying("2", json!({ "contact": dana() })));
    assert_eq!(answer["why"], "Samantha was credited because it has the latest referral of Dana Whitfield.");
    till.verify_clean();
}

#[test]
fn where_use_ip_address_is_yes_clicks_from_the_orders_address_credit_it() {
    let till = Till::open();
    till.shop.click(KEY, "sam", october(20, "09:00"));
    let without = till.sell(&saying("1", json!({ "address": "192.0.2.7" })));
    assert_eq!(without["lead_partner"], json!(null));
    till.shop.defaults(|defaults| defaults.tracking.use_ip_address = true);
    let answer = till.sell(&saying("2", json!({ "address": "::ffff:192.0.2.7" })));
    assert_eq!(
        answer["why"],
        "Samantha was credited because its link was the latest that was clicked from 192.0.2.7 before the order."
    );
    let elsewhere = till.sell(&saying("3", json!({ "address": "192.0.2.8" })));
    assert_eq!(elsewhere["lead_partner"], json!(null));
    assert_eq!(till.ledger(), "joe 300, sam 1000");
    let page = till.post(ORDERS, &saying("4", json!({ "address": "192.0.2.256" })));
    assert_eq!(problems(&page), ["/address address is no IP address."]);
    till.verify_clean();
}

#[test]
fn a_partner_that_the_order_names_goes_before_what_was_clicked() {
    let till = Till::open();
    till.shop.click(KEY, "sam", october(20, "09:00"));
    let answer = till.sell(&saying("1", json!({ "visitor": KEY, "partner": "joe" })));
    assert_eq!(answer["why"], "Joe was credited because the order names it.");
    till.shop.make_inactive(PartnerId(1));
    let answer = till.sell(&saying("2", json!({ "visitor": KEY })));
    assert_eq!(answer["lead_partner"]["code"], "sam");
}

#[test]
fn a_contact_is_found_by_its_number_then_by_its_email_and_what_it_has_stays() {
    let till = Till::open();
    let sent = json!({ "external_id": "C-17", "email": "dana@example.com", "name": "Dana" });
    let made = till.post(CONTACTS, &sent);
    let url = format!("{}/contacts/3", till.shop.app.url);
    assert_eq!((made.status, told(&made)), (201, json!({ "id": 3, "url": url })), "{}", made.html);
    assert_eq!(till.post(CONTACTS, &sent).status, 200);
    let other = json!({ "external_id": "C-17", "email": "d@example.org", "name": "D. W.", "country": "US" });
    assert_eq!(told(&till.post(CONTACTS, &other))["id"], 3);
    let by_email = json!({ "email": "Dana@Example.com", "first_name": "X", "last_name": "Y" });
    assert_eq!(told(&till.post(CONTACTS, &by_email))["id"], 3);
    till.admin.get("/contacts/3").says("Dana").says("dana@example.com").says("US");
    assert_eq!(told(&till.post(CONTACTS, &json!({ "external_id": "C-18" })))["id"], 4);
    let audit = till.admin.get("/settings/audit").text();
    assert_eq!(audit.matches("API key Till Contact: create").count(), 2, "{audit}");
}

#[test]
fn a_call_makes_a_visitor_known_as_a_contact_before_it_orders() {
    let till = Till::open();
    till.shop.defaults(|defaults| defaults.tracking.method = TrackingMethod::HistoryAndCookies);
    till.shop.click(KEY, "sam", october(20, "09:00"));
    let page = till.post(CONTACTS, &json!({ "email": "dana@example.com", "visitor": KEY }));
    assert_eq!(page.status, 201, "{}", page.html);
    assert_eq!(till.count("referrals WHERE kind = 'cookie'"), "1");
    assert_eq!(till.post(CONTACTS, &json!({ "email": "dana@example.com", "visitor": KEY })).status, 200);
    assert_eq!(till.count("referrals"), "1", "known already");
    // What it clicks from now on is the contact's too; what another browser clicks is not.
    till.shop.click(KEY, "joe", october(21, "08:00"));
    till.shop.click(OTHER, "joe", october(21, "08:30"));
    let answer = till.sell(&saying("1", json!({ "contact": { "email": "dana@example.com" } })));
    assert_eq!(answer["why"], "Joe was credited because it has the latest referral of dana@example.com.");
    assert_eq!(till.count("referrals"), "2");
    let bad =
        till.post(CONTACTS, &json!({ "visitor": "mine", "name": "A", "first_name": "B", "email": "x" }));
    assert_eq!(
        problems(&bad),
        [
            "/visitor visitor is no visitor's number, which has 32 digits from 0 to f.",
            "/name Send name, or first_name and last_name, not both.",
            "/email email is no e-mail address: write it like dana@example.com."
        ]
    );
    let nobody = till.post(CONTACTS, &json!({ "name": "Dana" }));
    let words = "/email A contact needs an email or an external_id, so that it is known again.";
    assert_eq!((nobody.status, problems(&nobody)), (422, vec![words.to_string()]));
}

#[test]
fn clicks_that_are_only_written_down_yet_count_when_the_order_comes() {
    let till = Till::open();
    // As many at once as are worked in later.
    let visit = |number: usize| Visit {
        partner: "sam".into(),
        key: Some(format!("{number:032x}")),
        fresh: format!("{number:032x}"),
        coming: Coming::Person,
        at: october(20, "09:00"),
        ..Visit::default()
    };
    let many: Vec<Visit> = (1..100).map(visit).collect();
    let written = |conn: &mut diesel::PgConnection| visits::record(conn, &many, &mut Directory::default());
    till.shop.app.database.db.run_now(written).expect("they are written down");
    let answer = till.sell(&saying("1", json!({ "visitor": format!("{:032x}", 77) })));
    assert_eq!(answer["lead_partner"]["code"], "sam", "{answer}");
}
