//! API keys: made, shown once, used, revoked.

use chrono::TimeDelta;
use partnerbook::web::admin::Role;

use super::{ORDERS, Till, make, order, problems, told};

const KEYS: &str = "/settings/api-keys";

#[test]
fn a_key_is_shown_once_and_only_its_hash_is_kept() {
    let till = Till::empty();
    till.admin.get("/settings").says("API keys");
    let key = make(&till.admin, "Shop");
    assert!(key.starts_with("pbk_") && key.len() == 68, "{key}");
    assert_ne!(key, till.key);
    for page in [KEYS, "/settings/audit", "/settings/api-keys/2/revoke"] {
        let page = till.admin.get(page);
        assert!(page.html.contains(&key[..10]) && !page.html.contains(&key[..20]), "{}", page.html);
    }
    let list = till.admin.get(KEYS);
    list.says(&format!("Shop {}… In force", &key[..10])).says("by Administrator never");
    let dump = "SELECT string_agg(k::text, '') || (SELECT string_agg(a::text, '') FROM audit_log a) || \
                (SELECT string_agg(s.state::text, '') FROM sessions s) FROM api_keys k";
    assert!(!till.shop.app.database.ask(dump).contains(&key[10..]), "the key is nowhere in the database");
    let hashed = format!("SELECT count(*) FROM api_keys WHERE key_hash = sha256('{key}')");
    assert_eq!(till.shop.app.database.ask(&hashed), "1");
}

#[test]
fn what_is_no_name_is_told_and_a_name_has_one_key_in_force() {
    let till = Till::empty();
    let named = |name: &str| till.admin.submit("/settings/api-keys/new", KEYS, &[("name", name)]);
    for (name, words) in [
        ("", "Name is missing."),
        (&"x".repeat(101), "Name has 101 characters; it may have 100."),
        ("a\u{7}b", "Name has a control character (U+0007)."),
        ("a\nb", "Name has a line break. Write it on one line."),
        ("TILL", "There is a key TILL in force already. Revoke it first, or choose another name."),
    ] {
        let page = named(name);
        assert_eq!(page.status, 422, "{name:?}");
        page.says(words);
    }
    assert_eq!(till.count("api_keys"), "1");
    till.admin.submit("/settings/api-keys/1/revoke", "/settings/api-keys/1/revoke", &[]).location();
    assert_eq!(named("Till").status, 200, "after that another has the name");
}

#[test]
fn a_revoked_key_opens_nothing_and_the_audit_log_says_who_did_it() {
    let till = Till::open();
    till.sell(&order("1"));
    till.admin.get(KEYS).says("Nov 3, 2026, 10:41");
    let page = till.admin.get("/settings/api-keys/1/revoke");
    page.says("Every request with this key is refused from then on");
    let revoke = |token: &str| till.admin.post_with("/settings/api-keys/1/revoke", token, &[]);
    assert_eq!(revoke(&page.token()).location(), KEYS);
    till.admin
        .get(KEYS)
        .says("Revoked. Requests with this key are refused from now on.")
        .says("Revoked Nov 3, 2026");
    let refused = till.post(ORDERS, &order("2"));
    assert_eq!(refused.status, 401);
    assert_eq!(refused.header("www-authenticate"), "Bearer realm=\"Partnerbook\", error=\"invalid_token\"");
    assert_eq!(till.get("/api/v1/orders/1").status, 401);
    assert_eq!(till.count("orders"), "1");
    assert_eq!(till.admin.get("/settings/api-keys/1/revoke").location(), KEYS);
    assert_eq!(revoke(&page.token()).location(), KEYS);
    till.admin.get(KEYS).says("This key was revoked already; nothing was changed.");
    let audit = till.admin.get("/settings/audit").text();
    assert_eq!(audit.matches("Administrator Api key: revoke api key 1").count(), 1, "{audit}");
    assert_eq!(audit.matches("Administrator Api key: make api key 1").count(), 1, "{audit}");
    assert_eq!(till.admin.get("/settings/api-keys/9/revoke").status, 404);
}

#[test]
fn a_request_without_a_good_key_is_refused_and_reads_nothing() {
    let till = Till::open();
    till.sell(&order("1"));
    let digits = &till.key[4..];
    for header in [
        String::new(),
        "Bearer".into(),
        "Bearer ".into(),
        "Basic YTpi".into(),
        till.key.clone(),
        format!("Bearer {digits}"),
        format!("Bearer pbk_{}", "0".repeat(64)),
        format!("Bearer {}0", till.key),
        format!("Bearer {}", &till.key[..67]),
        format!("Bearer pbk_{}", "💩".repeat(16)),
        format!("Token {}", till.key),
    ] {
        let page = till.outside.get_with("/api/v1/orders/1", &[("authorization", &header)]);
        assert_eq!((page.status, problems(&page)), (401, vec![]), "{header}");
        assert!(page.header("www-authenticate").starts_with("Bearer realm="), "{header}");
        assert!(!page.html.contains("PLAN") && !page.html.contains("commissions"), "{}", page.html);
    }
    // A session is no key, and neither is a key in the address.
    assert_eq!(till.admin.get("/api/v1/orders/1").status, 401);
    assert_eq!(till.outside.get(&format!("/api/v1/orders/1?key={}", till.key)).status, 401);
    // A key is no session.
    let page = till.outside.get_with("/orders/1", &[("authorization", &format!("Bearer {}", till.key))]);
    assert_eq!(page.status, 303);
    assert_eq!(
        till.outside
            .get_with("/api/v1/orders/1", &[("authorization", &format!("bearer  {}", till.key))])
            .status,
        200
    );
}

#[test]
fn many_keys_that_open_nothing_are_held_up_and_a_good_one_from_there_is_not() {
    let till = Till::open();
    let wrong = || till.outside.get_with("/api/v1/orders/1", &[("authorization", "Bearer pbk_wrong")]);
    for _ in 0..30 {
        assert_eq!(wrong().status, 401);
    }
    let page = wrong();
    assert_eq!((page.status, page.header("retry-after")), (429, "601"), "{}", page.html);
    assert_eq!(told(&page)["title"], "Too Many Requests");
    till.sell(&order("1"));
    till.shop.app.clock.advance(TimeDelta::minutes(11));
    assert_eq!(wrong().status, 401);
}

#[test]
fn a_key_may_ask_600_times_a_minute() {
    let till = Till::open();
    for _ in 0..600 {
        till.shop.app.state.limits.api.take("1", till.shop.app.clock.now()).expect("it is not too often yet");
    }
    let page = till.post(ORDERS, &order("1"));
    assert_eq!((page.status, page.header("retry-after")), (429, "61"), "{}", page.html);
    assert_eq!(problems(&page), [""; 0]);
    let other = make(&till.admin, "Other");
    assert_eq!(
        till.outside.post_json(ORDERS, &other, order("1").to_string()).status,
        201,
        "each has its own"
    );
    till.shop.app.clock.advance(TimeDelta::seconds(61));
    assert_eq!(till.post(ORDERS, &order("1")).status, 200);
}

#[test]
fn only_administrators_see_keys() {
    let till = Till::open();
    let viewer = till.shop.app.sign_in_as(Role::Viewer);
    assert_eq!(viewer.get(KEYS).status, 403);
    assert!(!viewer.get("/settings").text().contains("API keys"));
    till.admin.get(KEYS).says("Till");
}
