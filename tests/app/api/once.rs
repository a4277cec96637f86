//! An order is recorded once, however often and by whichever way it comes.

use serde_json::{Value, json};
use std::thread;

use super::{ORDERS, Till, make, order, problems, saying, told};
use crate::coupons::import;

/// So many at once.
fn at_once(till: &Till, orders: &[Value]) -> Vec<(u16, Value)> {
    thread::scope(|scope| {
        let threads: Vec<_> = orders
            .iter()
            .map(|order| {
                scope.spawn(move || {
                    let page = till.shop.app.visitor().post_json(ORDERS, &till.key, order.to_string());
                    (page.status, told(&page))
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("it answers")).collect()
    })
}

#[test]
fn the_same_order_again_gets_the_same_answer_and_records_nothing() {
    let till = Till::open();
    let sent = saying(
        "1001",
        json!({ "partner": "sam", "contact": { "email": "dana@example.com" }, "coupon": "X" }),
    );
    let first = till.sell(&sent);
    let another_key = make(&till.admin, "Another");
    // Written in another order, with other letters and figures that mean the same, by another key.
    let again = r#"{"lines": [{"unit_price": 50, "quantity": "2.0", "product": "PLAN", "discount": null, "commissionable": true}],
        "coupon": " X ", "contact": {"name": "D. W.", "email": "Dana@example.com"}, "partner": "SAM", "shipping": 0,
        "ordered_at": "2026-10-21T11:14:00+02:00", "number": "1001 ", "currency": "USD", "paid_in_full": true}"#;
    let page = till.outside.post_json(ORDERS, &another_key, again);
    assert_eq!((page.status, told(&page)), (200, first));
    assert_eq!(
        (till.count("orders"), till.count("entries"), till.ledger()),
        ("1".into(), "2".into(), "joe 300, sam 1000".into())
    );
    let audit = till.admin.get("/settings/audit").text();
    assert_eq!(audit.matches("Order: place order").count(), 1, "{audit}");
    till.verify_clean();
}

#[test]
fn the_same_number_with_other_content_is_refused_and_nothing_changes() {
    let till = Till::open();
    let first = till.sell(&saying("1", json!({ "partner": "sam" })));
    for other in [
        json!({ "partner": "joe" }),
        json!({}),
        json!({ "partner": "sam", "sale_partner": "joe" }),
        json!({ "partner": "sam", "shipping": "0.01" }),
        json!({ "partner": "sam", "paid_in_full": false }),
        json!({ "partner": "sam", "note": "x" }),
        json!({ "partner": "sam", "ordered_at": "2026-10-21T09:14:00.000001Z" }),
        json!({ "partner": "sam", "contact": { "external_id": "7" } }),
        json!({ "partner": "sam", "address": "192.0.2.7" }),
        json!({ "partner": "sam", "lines": [{ "product": "PLAN", "quantity": 2, "unit_price": "50.01" }] }),
        json!({ "partner": "sam", "lines": [{ "product": "PLAN", "quantity": 2, "unit_price": "50", "commissionable": false }] }),
    ] {
        let page = till.post(ORDERS, &saying("1", other.clone()));
        assert_eq!((page.status, problems(&page)), (409, vec![]), "{other}: {}", page.html);
        assert_eq!(
            told(&page)["detail"],
            "There is an order of this number already, and it says something else. Nothing was recorded."
        );
    }
    assert_eq!(told(&till.get("/api/v1/orders/1")), first);
    assert_eq!((till.count("orders"), till.count("contacts")), ("1".into(), "2".into()));
}

#[test]
fn sixteen_at_once_record_one_order() {
    let till = Till::open();
    let sent = saying("1", json!({ "partner": "sam", "contact": { "email": "dana@example.com" } }));
    let answers = at_once(&till, &vec![sent; 16]);
    let made = answers.iter().filter(|(status, _)| *status == 201).count();
    let known = answers.iter().filter(|(status, _)| *status == 200).count();
    assert_eq!((made, known), (1, 15), "{answers:?}");
    assert!(answers.iter().all(|(_, answer)| *answer == answers[0].1), "{answers:?}");
    assert_eq!((till.count("orders"), till.ledger()), ("1".into(), "joe 300, sam 1000".into()));
    till.verify_clean();
}

#[test]
fn sixteen_orders_at_once_of_one_new_customer_and_one_new_product_are_all_recorded() {
    let till = Till::open();
    let lines = json!([{ "product": "NEW", "description": "Mug", "quantity": 1, "unit_price": 10 }]);
    let sent = |number: usize| {
        let contact = json!({ "email": "dana@example.com", "external_id": "C-1" });
        let key = "0123456789abcdef0123456789abcdef";
        saying(
            &number.to_string(),
            json!({ "contact": contact, "lines": lines, "partner": "sam", "visitor": key }),
        )
    };
    let answers = at_once(&till, &(0..16).map(sent).collect::<Vec<_>>());
    assert!(answers.iter().all(|(status, _)| *status == 201), "{answers:?}");
    assert_eq!(
        (till.count("contacts"), till.count("products"), till.count("orders")),
        ("3".into(), "2".into(), "16".into())
    );
    assert_eq!(till.ledger(), "joe 480, sam 1600");
    till.verify_clean();
}

#[test]
fn two_that_say_different_things_under_one_number_at_once_record_one() {
    let till = Till::open();
    let both: Vec<Value> = ["sam", "joe"].map(|partner| saying("1", json!({ "partner": partner }))).into();
    let mut answers: Vec<u16> = at_once(&till, &both).into_iter().map(|(status, _)| status).collect();
    answers.sort_unstable();
    assert_eq!(answers, [201, 409]);
    assert_eq!(till.count("orders"), "1");
    till.verify_clean();
}

#[test]
fn an_order_that_came_in_a_file_is_known_and_one_by_api_is_known_to_files() {
    let till = Till::open();
    let file = "order,date,sku,quantity,price,partner code,email\n1,2026-10-21T09:14:00Z,PLAN,2,50.00,sam,dana@example.com\n";
    assert_eq!(import(&till.shop, file).recorded, 1);
    let same = |number: &str| {
        saying(number, json!({ "partner": "sam", "contact": { "email": "dana@example.com" } }))
    };
    assert_eq!(till.post(ORDERS, &same("1")).status, 200);
    assert_eq!(till.post(ORDERS, &order("1")).status, 409);
    till.sell(&same("2"));
    assert_eq!(import(&till.shop, &file.replace("\n1,", "\n2,")).already_there, 1);
    assert_eq!(import(&till.shop, &file.replace("\n1,", "\n2,").replace("50.00", "51")).recorded, 0);
    assert_eq!(till.count("orders"), "2");
}
