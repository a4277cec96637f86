//! *Credit another partner* by API: the sale partner of an order that is there, or both.

use partnerbook::selling::orders::EventKind;
use serde_json::{Value, json};

use super::{Till, problems, saying, told};
use crate::support::http::Page;

fn credit(till: &Till, number: &str, body: Value) -> Page {
    till.post(&format!("/api/v1/orders/{number}/credits"), &body)
}

#[test]
fn an_order_is_credited_to_another_and_what_it_gave_is_taken_back() {
    let till = Till::open();
    till.sell(&saying("1", json!({ "partner": "sam" })));
    assert_eq!(till.ledger(), "joe 300, sam 1000");
    let page = credit(&till, "1", json!({ "partner": "joe", "reason": "Joe closed it" }));
    assert_eq!(page.status, 201, "{}", page.html);
    let answer = told(&page);
    assert_eq!(answer["why"], "Joe was credited by API key Till on Nov 3, 2026: Joe closed it.");
    assert_eq!(
        (&answer["lead_partner"]["code"], &answer["sale_partner"]["code"]),
        (&json!("joe"), &json!("joe"))
    );
    assert_eq!(answer["commissions_total"], "10.00");
    assert_eq!(till.ledger(), "joe 1000, sam 0");
    assert_eq!(told(&till.get("/api/v1/orders/1")), answer);
    till.shop.page("1").says("Joe was credited by API key Till on Nov 3, 2026");
    till.admin.get("/settings/audit").says("API key Till Order: credit order 1");
    till.verify_clean();
}

#[test]
fn the_sale_partner_alone_becomes_another_and_the_lead_partner_stays() {
    let till = Till::open();
    till.sell(&saying("1", json!({ "partner": "sam" })));
    let answer = told(&credit(&till, "1", json!({ "sale_partner": "joe", "reason": "Sold by Joe" })));
    assert_eq!(
        (&answer["lead_partner"]["code"], &answer["sale_partner"]["code"]),
        (&json!("sam"), &json!("joe"))
    );
    assert_eq!(till.ledger(), "joe 1000, sam 0");
    till.sell(&saying("2", json!({})));
    let page = credit(&till, "2", json!({ "sale_partner": "joe", "reason": "Sold by Joe" }));
    let words = "/partner Nobody is the order's lead partner: say who is to be, beside the sale partner.";
    assert_eq!((page.status, problems(&page)), (422, vec![words.to_string()]));
    till.verify_clean();
}

#[test]
fn crediting_it_so_again_changes_nothing_and_says_so() {
    let till = Till::open();
    till.sell(&saying("A/1", json!({ "partner": "sam" })));
    let asked = json!({ "partner": "sam", "sale_partner": "joe", "reason": "Sold by Joe" });
    let first = credit(&till, "A%2F1", asked.clone());
    assert_eq!(first.status, 201);
    let again = credit(&till, "A%2F1", asked);
    let mut expected = told(&first);
    expected["remarks"] = json!(["It is credited so already; nothing was recorded."]);
    assert_eq!((again.status, told(&again)), (200, expected));
    assert_eq!(till.count("order_events WHERE kind = 'credited'"), "1");
    till.verify_clean();
}

#[test]
fn what_cannot_be_credited_is_told() {
    let till = Till::open();
    let missing = credit(&till, "1", json!({ "partner": "sam", "reason": "x" }));
    assert_eq!((missing.status, &told(&missing)["detail"]), (404, &json!("There is no order “1”.")));
    till.sell(&saying("1", json!({ "partner": "sam" })));
    let page = credit(&till, "1", json!({ "partner": "nobody", "sale_partner": "no one", "why": "x" }));
    assert_eq!(
        problems(&page),
        [
            "/why There is no field “why”: the fields here are partner, sale_partner, reason.",
            "/reason reason is missing.",
            "/partner No partner has the code “nobody”.",
            "/sale_partner No partner has the code “no one”.",
        ]
    );
    let page = credit(&till, "1", json!({ "reason": "x" }));
    assert_eq!(problems(&page), ["/partner Say who is to be credited: partner, sale_partner or both."]);
    till.shop.happened("1", 30, EventKind::Cancelled);
    let page = credit(&till, "1", json!({ "partner": "joe", "reason": "x" }));
    assert_eq!((page.status, problems(&page)), (409, vec![]));
    assert_eq!(told(&page)["detail"], "Order 1 is cancelled: nothing more can happen to it.");
    assert_eq!(till.ledger(), "joe 0, sam 0");
    till.verify_clean();
}
