//! Whatever is sent is recorded as it is or refused in words: never a fault of ours, never half an order.

use partnerbook::domain::typed::Trimmed;
use serde_json::{Value, json};

use super::{CONTACTS, ORDERS, Till, order, problems, saying, told};

fn strings() -> Vec<String> {
    let mut strings: Vec<String> =
        serde_json::from_str(include_str!("../../data/blns.json")).expect("it is a list of strings");
    strings.extend(["\0".into(), "a\0b".into(), "\u{202e}x".into(), "x".repeat(30_000), "\u{1d173}".into()]);
    strings
}

/// The fields of an order that take text.
const FIELDS: [&str; 9] =
    ["number", "ordered_at", "visitor", "address", "coupon", "partner", "sale_partner", "currency", "note"];

#[test]
fn strings_that_break_things_are_kept_as_they_are_or_refused_by_name() {
    let till = Till::open();
    let post = |path: &str, body: &Value| {
        let page = till.post(path, body);
        assert!([200, 201, 404, 409, 422].contains(&page.status), "{}: {body}", page.html);
        page
    };
    for (place, string) in strings().iter().enumerate() {
        if place % 100 == 0 {
            // As many requests as one may send in a minute are not enough.
            till.shop.app.clock.advance(chrono::TimeDelta::minutes(2));
        }
        let mut all = order(&format!("n{place}"));
        for field in FIELDS {
            all[field] = json!(string);
        }
        all["contact"] = json!({ "email": string, "external_id": string, "name": string, "country": string });
        all["lines"][0]["product"] = json!(string);
        all["lines"][0]["description"] = json!(string);
        for figure in ["quantity", "unit_price", "discount"] {
            all["lines"][0][figure] = json!(string);
        }
        post(ORDERS, &all);
        // By itself where any text is taken.
        let line = json!([{ "product": "P", "description": string, "quantity": 1, "unit_price": 1 }]);
        let number = format!("{place} {string}");
        let page = post(ORDERS, &saying(&number, json!({ "note": string, "coupon": string, "lines": line })));
        if page.status == 201 {
            let shown = till.get(page.header("location"));
            assert_eq!(
                (shown.status, &told(&shown)["number"]),
                (200, &json!(number.trimmed())),
                "{string:?}"
            );
            if place % 10 == 0 {
                let id = &told(&page)["id"];
                assert_eq!(till.shop.viewer.get(&format!("/orders/{id}")).status, 200, "{string:?}");
            }
        } else {
            assert!(!problems(&page).is_empty(), "{string:?}: {}", page.html);
        }
        post(CONTACTS, &json!({ "external_id": string, "name": string, "country": string }));
        post("/api/v1/orders/n/credits", &json!({ "partner": string, "reason": string }));
    }
    till.verify_clean();
}

#[test]
fn shapes_that_break_things_are_refused() {
    let till = Till::open();
    let digits = "9".repeat(450_000);
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(150_000), close.repeat(150_000));
    let many_names: Vec<String> = (0..40_000).map(|number| format!("\"{number}\":1")).collect();
    let many_lines = vec!["{}"; 300_000].join(",");
    for body in [
        deep("[", "]"),
        format!("{{\"number\": {}}}", deep("[", "]")),
        format!("{{\"lines\": {}}}", deep("[", "]")),
        format!("{{\"contact\": {}}}", deep("{\"a\":", "}")),
        "[".repeat(900_000),
        "{\"a\":".repeat(150_000),
        format!("{{\"number\": {digits}}}"),
        format!("{{\"number\": \"1\", \"shipping\": {digits}, \"tax\": 1e{digits}}}"),
        format!("{{\"number\": \"1\", \"lines\": [{{\"quantity\": 0.{digits}}}]}}"),
        format!("{{{}}}", many_names.join(",")),
        format!("{{\"number\": \"1\", \"lines\": [{many_lines}]}}"),
        r#"{"number": "\ud800", "lines": [{"product": "\udc00"}]}"#.into(),
        r#"{"\ud800": 1}"#.into(),
        r#"{"number": "1", "number": "2"}"#.into(),
        "\u{feff}{}".into(),
    ] {
        let page = till.outside.post_json(ORDERS, &till.key, body.clone());
        assert!(
            [400, 422].contains(&page.status),
            "{}: {} {}",
            &body[..40.min(body.len())],
            page.status,
            page.html
        );
        problems(&page);
        assert!(
            page.html.len() < 300_000,
            "{} bytes answer {}",
            page.html.len(),
            &body[..40.min(body.len())]
        );
    }
    let hundred_thousand = vec![r#"{"product":"P","quantity":1,"unit_price":1}"#; 100_000].join(",");
    let page = till.outside.post_json(
        ORDERS,
        &till.key,
        format!("{{\"number\":\"1\",\"lines\":[{hundred_thousand}]}}"),
    );
    assert_eq!(page.status, 413);
    assert_eq!(till.count("orders"), "0");
}
