//! Figures and instants by API: taken to the digit, by the rules of forms and files.

use serde_json::json;

use super::{ORDERS, Till, order, problems, saying, told};

/// An order of one line whose price is written like this.
fn priced(number: &str, price: &str) -> String {
    format!(
        r#"{{"number": "{number}", "partner": "sam", "ordered_at": "2026-10-21",
            "lines": [{{"product": "PLAN", "quantity": 1, "unit_price": {price}}}]}}"#
    )
}

#[test]
fn a_figure_is_the_same_as_number_and_as_text_and_is_taken_to_the_digit() {
    let till = Till::open();
    let post = |body: String| till.outside.post_json(ORDERS, &till.key, body);
    // A binary fraction would make 8123456.789012 of neither of these.
    for (number, first, second) in [
        ("1", "19.99", "\"19.99\""),
        ("2", "8123456.789012", "\"8,123,456.789012\""),
        ("3", "1.10", "\"1.1\""),
        ("4", "-0.000001", "\"-0.000001\""),
        ("5", "999999999.999999", "\"999999999.999999\""),
    ] {
        let page = post(priced(number, first));
        assert_eq!(page.status, 201, "{}", page.html);
        assert_eq!(post(priced(number, second)).status, 200, "{second} is {first}");
    }
    let kept = "SELECT string_agg(unit_price::text, ' ' ORDER BY id) FROM order_lines";
    assert_eq!(till.shop.app.database.ask(kept), "19.99 8123456.789012 1.1 -0.000001 999999999.999999");
    till.verify_clean();
}

#[test]
fn what_is_no_figure_or_beyond_the_limits_is_refused_in_the_words_of_forms() {
    let till = Till::open();
    let not = "unit_price is not a number: write it like 1234.50.";
    let sign = "unit_price is not a plain number: amounts are in USD, write the figure alone, like 1234.50.";
    for (price, words) in [
        ("1e3", sign),
        ("1E-2", sign),
        ("\"1e3\"", sign),
        ("\"NaN\"", sign),
        ("\"1,5\"", not),
        ("\"0x10\"", sign),
        ("\"١٢\"", not),
        ("\"$5\"", sign),
        ("1.1234567", "unit_price has more than 6 decimals."),
        ("1000000000", "unit_price is too large."),
        ("123456789012345678901234567890", "unit_price is too large."),
        ("null", "unit_price is missing."),
        ("\"\"", "unit_price is missing."),
        ("true", "unit_price must be a number, or text like \"1234.50\"."),
        ("[1]", "unit_price must be a number, or text like \"1234.50\"."),
    ] {
        let page = till.outside.post_json(ORDERS, &till.key, priced("1", price));
        assert_eq!(
            (page.status, problems(&page)),
            (422, vec![format!("/lines/0/unit_price {words}")]),
            "{price}"
        );
    }
    let line = |quantity: &str, discount: &str| json!({ "lines": [{ "product": "P", "quantity": quantity, "unit_price": 1, "discount": discount }] });
    let page = till.post(ORDERS, &saying("1", line("0", "0.005")));
    assert_eq!(
        problems(&page),
        [
            "/lines/0/quantity quantity is zero: take the line out.",
            "/lines/0/discount discount has more than 2 decimals."
        ]
    );
    let page = till.post(ORDERS, &saying("1", line("-1", "-1")));
    assert_eq!(
        problems(&page),
        [
            "/lines/0/quantity quantity is below zero: what comes back is recorded as a return, on the order's page.",
            "/lines/0/discount discount may not be below zero."
        ]
    );
    let much = json!({ "lines": [{ "product": "P", "quantity": 9_999_999, "unit_price": 999_999_999 }] });
    let page = till.post(ORDERS, &saying("1", much));
    let words = "/lines The order comes to more than can be kept. Look at quantities and prices.";
    assert_eq!((page.status, problems(&page)), (422, vec![words.to_string()]));
    assert_eq!(till.count("orders"), "0");
}

#[test]
fn an_order_without_a_time_is_of_now_and_is_known_again_later() {
    let till = Till::open();
    let sent = json!({ "number": "1", "lines": [{ "product": "PLAN", "quantity": 1, "unit_price": 1 }] });
    let answer = till.sell(&sent);
    assert_eq!(answer["ordered_at"], "2026-11-03T10:41:00Z");
    till.shop.app.clock.advance(chrono::TimeDelta::days(2));
    let again = till.post(ORDERS, &sent);
    assert_eq!((again.status, told(&again)), (200, answer));
}

#[test]
fn a_time_without_a_zone_is_the_companys_and_none_lies_in_the_future() {
    let till = Till::open();
    till.shop.app.database.psql("UPDATE company SET time_zone = 'America/New_York'");
    let at = |number: &str, time: &str| till.post(ORDERS, &saying(number, json!({ "ordered_at": time })));
    for (number, time, instant) in [
        ("1", "2026-10-21T09:14:00", "2026-10-21T13:14:00Z"),
        ("2", "2026-10-21T09:14:00+02:00", "2026-10-21T07:14:00Z"),
        ("3", "2026-10-21 09:14:00.123456Z", "2026-10-21T09:14:00.123456Z"),
        ("4", "2026-10-21", "2026-10-21T04:00:00Z"),
        // A clock that is a little ahead of ours.
        ("5", "2026-11-03T10:43:00Z", "2026-11-03T10:41:00Z"),
    ] {
        let page = at(number, time);
        assert_eq!((page.status, &told(&page)["ordered_at"]), (201, &json!(instant)), "{}", page.html);
    }
    for (time, words) in [
        ("2026-11-03T10:47:00Z", "ordered_at lies in the future."),
        ("2026-11-03T09:00:00", "ordered_at lies in the future."),
        ("1899-12-31T00:00:00Z", "ordered_at is not between the years 1900 and 2999."),
        (
            "yesterday",
            "ordered_at is not a date and time: write it like 2011-03-01 08:26:00, 2011-03-01T08:26:00Z or 2011-03-01.",
        ),
    ] {
        let page = at("9", time);
        assert_eq!((page.status, problems(&page)), (422, vec![format!("/ordered_at {words}")]), "{time}");
    }
    assert_eq!(order("1")["ordered_at"], "2026-10-21T09:14:00Z", "the examples are of October");
}
