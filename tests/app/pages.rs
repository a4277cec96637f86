//! What holds for every page: headers, trouble, files, and that what people type does no harm.

use partnerbook::web::admin::Role::{Administrator, Viewer};

use crate::support::http;

#[test]
fn every_answer_carries_the_headers_that_keep_others_out() {
    let app = http::app();
    let administrator = app.sign_in_as(Administrator);
    for (page, cache) in [
        (administrator.get("/settings/users"), "no-store"),
        (app.visitor().get("/sign-in"), "no-store"),
        (app.visitor().get("/nowhere"), "no-store"),
        (app.visitor().post("/sign-in", &[]), "no-store"),
        (app.visitor().get("/settings/users"), "no-store"),
    ] {
        let policy = page.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("referrer-policy"), "same-origin");
        assert_eq!(page.header("cache-control"), cache);
        assert!(
            !page.html.contains(" style=") && !page.html.contains("<style") && !page.html.contains("onclick")
        );
    }
}

#[test]
fn files_are_kept_for_ever_under_an_address_that_changes_with_them() {
    let app = http::app();
    let page = app.visitor().get("/sign-in");
    for (selector, attribute) in
        [("link[rel=stylesheet]", "href"), ("link[rel=icon]", "href"), ("script", "src")]
    {
        let address = page.attribute(selector, attribute);
        let file = app.visitor().get(&address);
        assert_eq!((file.status, file.header("cache-control")), (200, "public, max-age=31536000, immutable"));
        let old =
            app.visitor().get(&format!("/static/0123456789abcdef/{}", address.rsplit('/').next().unwrap()));
        assert_eq!((old.status, old.header("cache-control")), (200, "no-cache"));
    }
    assert_eq!(app.visitor().get("/static/0/secrets.txt").status, 404);
}

#[test]
fn an_address_without_a_page_and_a_wrong_method_say_so() {
    let app = http::app();
    let visitor = app.visitor();
    let page = visitor.get("/reports/nonsense");
    assert_eq!(page.status, 404);
    page.says("There is no page at this address.").says("Go to the start page");
    let page = visitor.request("DELETE", "/sign-in");
    assert_eq!((page.status, page.header("allow")), (405, "GET, POST"));
    assert_eq!(visitor.request("HEAD", "/sign-in").status, 200);
    let administrator = app.sign_in_as(Administrator);
    for address in ["/settings/users/abc", "/settings/users/999999999999999999999", "/settings/users/-1"] {
        assert_eq!(administrator.get(address).status, 404, "{address}");
    }
}

#[test]
fn a_form_that_is_too_large_or_no_form_is_refused_with_a_page() {
    let app = http::app();
    let viewer = app.sign_in_as(Viewer);
    let page = viewer.post("/profile/password", &[("password", &"x".repeat(2_000_000))]);
    assert_eq!(page.status, 413);
    page.says("larger than this page takes");
    let page = viewer.post_bytes("/profile/password", "application/json", b"{}".to_vec());
    assert_eq!(page.status, 415);
    let page = viewer.submit("/profile", "/profile/password", &[("password", "a\0b")]);
    assert_eq!(page.status, 422);
    page.says("The field “password” contains a NUL character");
}

#[test]
fn a_request_from_another_site_is_refused_even_with_the_token() {
    let app = http::app();
    let viewer = app.sign_in_as(Viewer);
    let token = viewer.get("/profile").token();
    assert_eq!(viewer.post_from("cross-site", "/sign-out", &token).status, 403);
    assert_eq!(viewer.post_from("same-site", "/sign-out", &token).status, 403);
    assert_eq!(viewer.post_from("same-origin", "/sign-out", &token).status, 303);
}

#[test]
fn the_menus_show_only_what_exists_and_what_the_role_may_open() {
    let app = http::app();
    let entries = app.sign_in_as(Administrator).get("/profile").all("nav .menu__item");
    assert!(
        entries.contains(&"Users".to_string()) && entries.contains(&"Audit log".to_string()),
        "{entries:?}"
    );
    let visitor = app.sign_in_as(Administrator);
    let html = visitor.get("/profile");
    for address in scraper::Html::parse_document(&html.html)
        .select(&scraper::Selector::parse("nav .menu__item").unwrap())
        .map(|entry| entry.value().attr("href").unwrap().to_string())
    {
        assert_eq!(visitor.get(&address).status, 200, "{address}");
    }
    let entries = app.sign_in_as(Viewer).get("/profile").all("nav .menu__item");
    assert!(!entries.contains(&"Users".to_string()), "{entries:?}");
}

#[test]
fn nasty_strings_come_back_as_they_were_typed_and_never_break_a_page() {
    let app = http::app();
    let administrator = app.sign_in_as(Administrator);
    let token = administrator.get("/settings/users/new").token();
    let strings: Vec<String> = serde_json::from_str(include_str!("../data/blns.json")).unwrap();
    for string in strings {
        let fields = [("name", string.as_str()), ("email", string.as_str()), ("role", string.as_str())];
        let page = administrator.post_with("/settings/users", &token, &fields);
        assert_eq!(page.status, 422, "{string:?}");
        if string.contains('\0') {
            continue;
        }
        // HTML itself turns CR into LF, and an attribute keeps the rest.
        let shown = page.attribute("#name", "value");
        assert_eq!(shown.replace('\r', "\n"), string.replace("\r\n", "\n").replace('\r', "\n"), "{string:?}");
        administrator.get(&format!("/settings/audit?action={}", urlencoded(&string)));
    }
}

#[test]
fn when_the_database_is_away_pages_say_so_and_nothing_is_half_done() {
    let app = http::app();
    let administrator = app.sign_in_as(Administrator);
    app.database.psql("ALTER TABLE users RENAME TO users_away");
    let page = administrator.get("/settings/users");
    assert_eq!(page.status, 503);
    page.says("The database cannot be reached just now.");
    app.database.psql("ALTER TABLE users_away RENAME TO users");
    assert_eq!(administrator.get("/settings/users").status, 200);
}

fn urlencoded(text: &str) -> String {
    serde_urlencoded::to_string([("q", text)]).unwrap()[2..].to_string()
}
