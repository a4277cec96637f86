//! What is wrong with a request, all of it at once, each at its place; and what the API says of itself.

use serde_json::{Value, json};

use super::{CONTACTS, ORDERS, Till, order, problems, told};

#[test]
fn everything_that_is_wrong_with_an_order_is_told_at_once() {
    let till = Till::open();
    let sent = json!({
        "nubmer": "1",
        "ordered_at": "soon",
        "contact": { "email": "nobody", "first_name": "A", "phone": "1" },
        "visitor": "zz",
        "address": "here",
        "coupon": "x".repeat(201),
        "partner": "nobody",
        "sale_partner": "a b",
        "currency": "EUR",
        "shipping": -1,
        "tax": "1.234",
        "paid_in_full": "yes",
        "note": "a\u{1}b",
        "lines": [
            { "product": "", "quantity": "many", "unit_price": [], "discount": "-1", "commissionable": 1, "color": "red" },
            { "product": "P", "quantity": 1, "unit_price": 1 },
            [],
            { "product": "x".repeat(101) },
        ],
    });
    let page = till.post(ORDERS, &sent);
    assert_eq!(page.status, 422, "{}", page.html);
    assert_eq!(told(&page)["title"], "Unprocessable Entity");
    assert_eq!(told(&page)["detail"], "25 things are wrong with what was sent. Nothing was recorded.");
    let fields = "number, ordered_at, contact, visitor, address, coupon, partner, sale_partner, currency, shipping, tax, \
                  paid_in_full, note, lines";
    let expected = [
        &format!("/nubmer There is no field “nubmer”: the fields here are {fields}."),
        "/number number is missing.",
        "/contact/phone There is no field “phone”: the fields here are external_id, email, name, first_name, last_name, country.",
        "/coupon coupon has 201 characters; it may have 200.",
        "/paid_in_full paid_in_full must be true or false.",
        "/note note has a control character (U+0001).",
        "/lines/2 lines must be an object, {…}.",
        "/lines/0/color There is no field “color”: the fields here are product, description, quantity, unit_price, discount, commissionable.",
        "/lines/0/product product is missing.",
        "/lines/0/unit_price unit_price must be a number, or text like \"1234.50\".",
        "/lines/0/commissionable commissionable must be true or false.",
        "/lines/3/product product has 101 characters; it may have 100.",
        "/currency currency is not the company's, which is USD: such orders cannot be recorded yet.",
        "/ordered_at ordered_at is not a date and time: write it like 2011-03-01 08:26:00, 2011-03-01T08:26:00Z or 2011-03-01.",
        "/contact/email email is no e-mail address: write it like dana@example.com.",
        "/visitor visitor is no visitor's number, which has 32 digits from 0 to f.",
        "/address address is no IP address.",
        "/shipping shipping may not be below zero.",
        "/tax tax has more than 2 decimals.",
        "/lines/0/quantity quantity is not a plain number: amounts are in USD, write the figure alone, like 1234.50.",
        "/lines/0/discount discount may not be below zero.",
        "/lines/3/quantity quantity is missing.",
        "/lines/3/unit_price unit_price is missing.",
        "/partner No partner has the code “nobody”.",
        "/sale_partner No partner has the code “a b”.",
    ];
    assert_eq!(problems(&page), expected);
    assert_eq!(
        (till.count("orders"), till.count("contacts"), till.count("products")),
        ("0".into(), "2".into(), "1".into())
    );
}

#[test]
fn an_order_has_lines_and_not_too_many_of_them() {
    let till = Till::open();
    for lines in [json!([]), json!(null)] {
        let page = till.post(ORDERS, &json!({ "number": "1", "lines": lines }));
        assert_eq!(problems(&page), ["/lines An order has at least one line: say what was sold."]);
    }
    let many = |lines: usize| {
        let line = json!({ "product": "P", "quantity": 1, "unit_price": 1 });
        json!({ "number": "1", "partner": "sam", "lines": vec![line; lines] })
    };
    let page = till.post(ORDERS, &many(5001));
    assert_eq!(problems(&page), ["/lines lines has 5001 entries; it may have 5000."]);
    let answer = till.sell(&many(5000));
    assert_eq!(answer["commissions"].as_array().map(Vec::len), Some(10_000));
    assert_eq!(till.ledger(), "joe 15000, sam 50000");
    till.verify_clean();
}

#[test]
fn what_is_no_json_is_refused_with_its_line_and_column() {
    let till = Till::open();
    for (body, words) in [
        (&b"number=1"[..], "This is not JSON: expected ident at line 1 column 3. Nothing was recorded."),
        (b"", "This is not JSON: EOF while parsing a value at line 1 column 0. Nothing was recorded."),
        (
            b"{\n  \"number\": \"1\"\n  \"lines\": []\n}",
            "This is not JSON: expected `,` or `}` at line 3 column 3. Nothing was recorded.",
        ),
        (
            b"{\"a\":\n\"\xff\"}",
            "This is not JSON: it is not UTF-8 at line 2 column 2. Nothing was recorded.",
        ),
    ] {
        let page = till.outside.post_json(ORDERS, &till.key, body);
        assert_eq!((page.status, problems(&page)), (400, vec![]), "{}", page.html);
        assert_eq!(told(&page)["detail"], words);
    }
    for body in ["[]", "7", "null", "\"x\""] {
        let page = till.outside.post_json(ORDERS, &till.key, body);
        assert_eq!(
            (page.status, problems(&page)),
            (422, vec![" What was sent must be an object, {…}.".to_string()])
        );
    }
}

#[test]
fn other_media_types_larger_bodies_other_methods_and_other_addresses_are_refused_in_json() {
    let till = Till::open();
    let bearer = format!("Bearer {}", till.key);
    let form = till.outside.post_saying(
        ORDERS,
        &[("authorization", &bearer), ("content-type", "application/x-www-form-urlencoded")],
        &[("number", "1")],
    );
    assert_eq!((form.status, problems(&form)), (415, vec![]));
    let charset = till.outside.post_saying(
        ORDERS,
        &[("authorization", &bearer), ("content-type", "application/json; charset=utf-8")],
        &[],
    );
    assert_eq!(charset.status, 400, "{}", charset.html);
    let large = format!("{{\"number\": \"{}\"}}", "x".repeat(1_000_000));
    let page = till.outside.post_json(ORDERS, &till.key, large);
    assert_eq!((page.status, problems(&page)), (413, vec![]));
    assert_eq!(told(&page)["detail"], "What was sent is larger than 1 MB. Nothing was recorded.");
    for (path, method, status, allow) in [
        (ORDERS, "GET", 405, "POST"),
        (ORDERS, "DELETE", 405, "POST"),
        (CONTACTS, "PUT", 405, "POST"),
        ("/api/v1/orders/1", "POST", 405, "GET"),
        ("/api/v1/orders/1/credits", "GET", 405, "POST"),
        ("/api/v1/partners", "GET", 404, ""),
        ("/api/v1/", "POST", 404, ""),
        ("/api/", "GET", 404, ""),
        ("/api/v2/orders", "POST", 404, ""),
        ("/api/v1/orders/", "GET", 404, ""),
    ] {
        let page = till.outside.request(method, path);
        assert_eq!((page.status, page.header("allow")), (status, allow), "{method} {path}: {}", page.html);
        assert_eq!((problems(&page), page.header("set-cookie")), (vec![], ""), "{method} {path}");
        assert_eq!(page.header("cache-control"), "no-store");
    }
    assert_eq!(till.outside.request("HEAD", "/api/v1/orders/1").status, 401);
}

#[test]
fn a_fault_of_ours_is_told_in_json_without_its_cause() {
    let till = Till::open();
    till.shop.app.database.psql("ALTER TABLE order_lines RENAME TO lines_away");
    let page = till.post(ORDERS, &order("1"));
    assert_eq!((page.status, problems(&page)), (500, vec![]));
    let detail = told(&page)["detail"].as_str().expect("it is text").to_string();
    assert!(
        detail.starts_with("The fault is ours, and it was logged under ") && !detail.contains("order_lines"),
        "{detail}"
    );
    till.shop.app.database.psql("ALTER TABLE lines_away RENAME TO order_lines");
    assert_eq!(till.post(ORDERS, &order("1")).status, 201, "nothing was half done");
}

#[test]
fn the_description_says_what_is_taken_and_answered() {
    let till = Till::open();
    let page = till.outside.get("/api/v1/openapi.json");
    assert_eq!((page.status, page.header("content-type")), (200, "application/json"));
    let told = told(&page);
    assert!(told["openapi"].as_str().is_some_and(|version| version.starts_with("3.")), "{}", told["openapi"]);
    assert_eq!(told["servers"][0]["url"], till.shop.app.url);
    let paths = told["paths"].as_object().expect("it is an object");
    assert_eq!(
        paths.keys().collect::<Vec<_>>(),
        ["/api/v1/contacts", "/api/v1/orders", "/api/v1/orders/{number}", "/api/v1/orders/{number}/credits"]
    );
    let operations = paths.values().flat_map(|path| path.as_object().expect("it is an object").values());
    for response in
        operations.flat_map(|operation| operation["responses"].as_object().expect("it answers").values())
    {
        assert!(response["description"].as_str().is_some_and(|words| !words.is_empty()), "{response}");
    }
    assert_eq!(told["components"]["securitySchemes"]["key"]["scheme"], "bearer");
    let schemas = &told["components"]["schemas"];
    assert_eq!(schemas["NewOrder"]["required"], json!(["number", "lines"]));
    assert_eq!(schemas["NewLine"]["required"], json!(["product", "quantity", "unit_price"]));
    assert_eq!(schemas["NewCredit"]["required"], json!(["reason"]));
    // Every field that the description names is taken: an order of the examples is recorded.
    let example = |schema: &str| -> Value {
        let fields = schemas[schema]["properties"].as_object().expect("it has fields").iter();
        let examples = fields.filter_map(|(name, field)| {
            let example = field["examples"].as_array().and_then(|all| all.first()).cloned();
            Some((name.clone(), example.or(Some(field["example"].clone()).filter(|one| !one.is_null()))?))
        });
        Value::Object(examples.collect())
    };
    let mut line = example("NewLine");
    (line["quantity"], line["unit_price"]) = (json!(2), json!("50"));
    let mut order = example("NewOrder");
    order["lines"] = json!([line]);
    order["note"] = json!("x");
    let answer = till.sell(&order);
    assert_eq!(answer["commissions_total"], "10.00", "{answer}");
    let named: Vec<&String> =
        schemas["Order"]["properties"].as_object().expect("it has fields").keys().collect();
    let mut given: Vec<&String> = answer.as_object().expect("it is an object").keys().collect();
    given.sort_unstable();
    assert_eq!(given, named);
}
