//! *CRM > Tracking Links* and *CRM > Settings > Tracking*: made, edited, deleted, offered and counted.

use partnerbook::web::admin::Role::{Administrator, Viewer};

use crate::support::http::{self, Page, TestApp, Visitor};

const SHOP: [(&str, &str); 3] =
    [("name", "The shop"), ("code", "shop"), ("destination", "https://shop.example/offer?a=1#b")];

fn make(admin: &Visitor, fields: &[(&str, &str)]) -> Page {
    admin.submit("/links/new", "/links", fields)
}

/// The fields with one of them changed.
fn with<'a>(fields: &[(&'a str, &'a str)], name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    fields.iter().map(|(field, typed)| (*field, if *field == name { value } else { typed })).collect()
}

fn partner(admin: &Visitor, code: &str, programs: &[&str]) -> i64 {
    let email = format!("{code}@example.com");
    let mut fields = vec![("name", code), ("code", code), ("email", email.as_str()), ("status", "active")];
    fields.extend(programs.iter().map(|program| ("program", *program)));
    let page = admin.submit("/partners/new", "/partners", &fields);
    page.location().rsplit('/').next().and_then(|id| id.parse().ok()).expect("a partner's page")
}

fn edit(admin: &Visitor, path: &str, version: &str, fields: &[(&str, &str)]) -> Page {
    let fields = [fields, &[("version", version)]].concat();
    admin.submit(&format!("{path}/edit"), path, &fields)
}

fn click(app: &TestApp, path: &str) -> Page {
    app.visitor().get_with(path, &[("user-agent", "Mozilla/5.0 Firefox/140.0")])
}

#[test]
fn a_link_is_made_shown_and_led_through() {
    let app = http::app();
    let admin = app.sign_in_as(Administrator);
    admin.get("/links").says("No tracking link yet");
    let sam = partner(&admin, "sam", &[]);
    let made = make(&admin, &SHOP);
    let page = admin.get(made.location());
    page.says("Added. Partners can hand it out now.").says("shop leads to https://shop.example/offer?a=1#b");
    page.says(&format!("{}/go/shop/ partner’s code", app.url))
        .says("Every partner.")
        .says("Nobody has followed this link yet.");
    assert_eq!(page.attribute("#handed-out", "value"), format!("{}/go/shop/sam", app.url));
    let led = click(&app, "/go/shop/sam?x=1");
    assert_eq!((led.status, led.header("location")), (302, "https://shop.example/offer?a=1&x=1#b"));
    click(&app, "/go/shop/sam");
    let page = admin.get(made.location());
    page.says("Clicks 2 of people").says("Visitors 2").says("sam sam 2 2 0").says("2 clicks in 12 months");
    admin.get("/links").says("The shop shop https://shop.example/offer?a=1#b 2");
    partner(&admin, "kim", &[]);
    let for_kim = admin.get(&format!("{}?partner=KIM", made.location()));
    assert_eq!(for_kim.attribute("[data-copy]", "data-copy"), format!("{}/go/shop/kim", app.url));
    let for_nobody = admin.get(&format!("{}?partner=nobody", made.location()));
    assert_eq!(for_nobody.status, 422);
    for_nobody.says("No partner has or had this code.").says("Clicks 2 of people");
    admin.get("/links?q=OFFER").says("The shop");
    admin.get("/links?q=nothing").says("No link matches");
    let partner = admin.get(&format!("/partners/{sam}"));
    assert_eq!(partner.attribute("#link-2", "value"), format!("{}/go/shop/sam", app.url));
    let (status, media_type, picture) = admin.get_bytes(&format!("/partners/{sam}/link.svg?link=1"));
    assert_eq!((status, media_type.as_str()), (200, "image/svg+xml"));
    let (_, _, own) = admin.get_bytes(&format!("/partners/{sam}/link.svg"));
    assert!(picture.starts_with(b"<?xml") && own.starts_with(b"<?xml") && picture != own);
    for none in ["?link=99", "?link=x", "?link=-1"] {
        assert_eq!(admin.get(&format!("/partners/{sam}/link.svg{none}")).status, 404, "{none}");
    }
}

#[test]
fn what_no_link_can_be_is_told_at_its_field() {
    let app = http::app();
    let admin = app.sign_in_as(Administrator);
    let long = format!("https://shop.example/{}", "a".repeat(2000));
    for (field, typed, sentence) in [
        ("name", " ", "Name is missing."),
        ("code", "", "Code is missing."),
        ("code", "a b", "A code has letters A to Z, digits, dashes and underscores only."),
        ("code", "ä", "A code has letters A to Z, digits, dashes and underscores only."),
        ("code", &"x".repeat(51), "Code has 51 characters; it may have 50."),
        ("destination", "", "Destination is missing."),
        ("destination", "shop.example", "Destination is no address of a page"),
        ("destination", "javascript:alert(1)", "Destination must begin with https:// or http://."),
        (
            "destination",
            "https://sam:secret@shop.example",
            "Destination must not have a name or a password in it.",
        ),
        (
            "destination",
            "https://shop.example/\r\nSet-Cookie: a=b",
            "Destination has a line break. Write it on one line.",
        ),
        ("destination", &long, "Destination has more than 2,000 characters."),
    ] {
        let page = make(&admin, &with(&SHOP, field, typed));
        assert_eq!(page.status, 422, "{field}: {typed}");
        page.says(sentence);
        let shown = page.attribute(&format!("#{field}"), "value");
        assert!(shown == typed || typed.contains('\r'), "{typed} came back as {shown}");
    }
    make(&admin, &[&SHOP[..], &[("program", "99")]].concat())
        .says("One of these programs was deleted meanwhile.");
    assert_eq!(make(&admin, &SHOP).status, 303);
    let again = make(&admin, &with(&SHOP, "code", "SHOP"));
    assert_eq!(again.status, 422);
    again.says("“The shop” has or had this code. Capital and small letters count as the same.");
}

#[test]
fn a_link_leads_to_no_other_link() {
    let app = http::app();
    let admin = app.sign_in_as(Administrator);
    let round = format!("{}/go/sam", app.url);
    let refused = make(&admin, &with(&SHOP, "destination", &round));
    assert_eq!(refused.status, 422);
    refused.says("Destination is itself a partner’s link here. Choose the page that it leads to.");
    app.database.psql("UPDATE defaults SET custom_link_url = 'https://refer.example'");
    for base in ["https://refer.example", &app.url] {
        let refused = make(&admin, &with(&SHOP, "destination", &format!("{base}/go/shop/sam")));
        assert_eq!(refused.status, 422, "{base}");
    }
    let page = admin.get("/settings/tracking");
    let mut settings: Vec<(&str, String)> = ["cookie_days", "address_days", "version"]
        .map(|name| (name, page.attribute(&format!("input[name={name}]"), "value")))
        .to_vec();
    settings.push(("default_destination", round));
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, typed)| (*name, typed.as_str())).collect();
    let refused = admin.submit("/settings/tracking", "/settings/tracking", &settings);
    assert_eq!(refused.status, 422);
    refused.says("Default destination is itself a partner’s link here.");
}

#[test]
fn an_earlier_code_leads_on_and_is_nobody_elses() {
    let app = http::app();
    let admin = app.sign_in_as(Administrator);
    partner(&admin, "sam", &[]);
    let path = make(&admin, &SHOP).location().to_string();
    edit(&admin, &path, "1", &with(&SHOP, "code", "store")).location();
    for code in ["shop", "store", "Store"] {
        assert_eq!(click(&app, &format!("/go/{code}/sam")).status, 302, "{code}");
    }
    assert_eq!(make(&admin, &SHOP).status, 422);
    edit(&admin, &path, "2", &SHOP).location();
    admin.get(&path).says("go/shop/");
    admin.get("/settings/audit").says(r#"Link: update link 1 code ["shop","store"]"#);
}

#[test]
fn two_who_edit_a_link_at_once_see_each_others_words() {
    let app = http::app();
    let admin = app.sign_in_as(Administrator);
    let path = make(&admin, &SHOP).location().to_string();
    edit(&admin, &path, "1", &with(&SHOP, "name", "First")).location();
    let late = edit(&admin, &path, "1", &with(&SHOP, "name", "Second"));
    assert_eq!(late.status, 422);
    late.says("Somebody has saved this link since you opened it.").says("Name First Second");
    assert_eq!(late.attribute("input[name=version]", "value"), "2");
    edit(&admin, &path, "2", &with(&SHOP, "name", "Second")).location();
    admin.get(&path).says("Second");
}

#[test]
fn a_link_that_was_clicked_is_not_deleted() {
    let app = http::app();
    let admin = app.sign_in_as(Administrator);
    partner(&admin, "sam", &[]);
    let path = make(&admin, &SHOP).location().to_string();
    let delete = format!("{path}/delete");
    click(&app, "/go/shop/sam");
    admin.get(&delete).says("This tracking link is in use and cannot be deleted.").says("1 click");
    app.database.psql("DELETE FROM clicks");
    admin.get(&delete).says("it can be deleted");
    click(&app, "/go/shop/sam");
    // Somebody clicked it while the page was looked at.
    let token = admin.get("/links/new").token();
    let page = admin.post_with(&delete, &token, &[]);
    assert_eq!(page.status, 422);
    app.database.psql("DELETE FROM clicks");
    assert_eq!(admin.post_with(&delete, &token, &[]).location(), "/links");
    assert_eq!(admin.get(&path).status, 404);
    assert_eq!(click(&app, "/go/shop/sam").status, 404);
    make(&admin, &SHOP).location();
}

#[test]
fn a_link_is_offered_to_the_partners_of_its_programs() {
    let app = http::app();
    let admin = app.sign_in_as(Administrator);
    app.database.psql("INSERT INTO programs (name) VALUES ('Gold'), ('Silver')");
    let (sam, joe) = (partner(&admin, "sam", &[]), partner(&admin, "joe", &[]));
    app.database.psql(&format!("INSERT INTO enrolments (partner_id, program_id) VALUES ({sam}, 1)"));
    let path = make(&admin, &[&SHOP[..], &[("program", "1")]].concat()).location().to_string();
    admin.get(&path).says("Partners of Gold");
    admin.get(&format!("/partners/{sam}")).says("The shop");
    assert!(!admin.get(&format!("/partners/{joe}")).text().contains("The shop"));
    assert_eq!(click(&app, "/go/shop/joe").status, 302, "whoever follows it is led on all the same");
    // Its page shows it for somebody to whom it is offered, though joe was the one who brought a click.
    let shown = |path: &str| admin.get(path).attribute("#handed-out", "value");
    assert_eq!(shown(&path), format!("{}/go/shop/sam", app.url));
    app.database.psql(&format!("UPDATE enrolments SET partner_id = {joe}"));
    assert_eq!(shown(&path), format!("{}/go/shop/joe", app.url));
    app.database.psql(&format!("UPDATE partners SET status = 'inactive' WHERE id = {joe}"));
    assert!(!admin.get(&path).html.contains("data-copy"), "nobody active has it");
    edit(&admin, &path, "1", &SHOP).location();
    admin.get(&format!("/partners/{joe}")).says("The shop");
}

#[test]
fn the_settings_of_tracking_are_saved_and_count_at_once() {
    let app = http::app();
    let admin = app.sign_in_as(Administrator);
    partner(&admin, "sam", &[]);
    let fields = [
        ("default_destination", "https://home.example"),
        ("unknown_destination", ""),
        ("cookie_days", "30"),
        ("address_days", "0"),
        ("version", "1"),
    ];
    assert_eq!(admin.post_form("/settings/tracking", &fields).location(), "/settings/tracking");
    let page = admin.get("/settings/tracking");
    page.says("Saved. It counts for clicks from now on.");
    assert_eq!(page.attribute("#default_destination", "value"), "https://home.example/");
    let led = click(&app, "/go/sam");
    assert_eq!(led.header("location"), "https://home.example/");
    assert!(led.header("set-cookie").contains("Max-Age=2592000"), "{}", led.header("set-cookie"));
    let late = admin.post_form("/settings/tracking", &with(&fields, "cookie_days", "31"));
    assert_eq!(late.status, 422);
    late.says("Somebody has saved this page since you opened it.").says("Days of the cookie 30 31");
    for (field, typed, sentence) in [
        ("cookie_days", "0", "Days of the cookie is a whole number from 1 to 400."),
        ("cookie_days", "1e2", "Days of the cookie is a whole number from 1 to 400."),
        ("address_days", "-1", "Days of addresses is a whole number from 0 to 3650."),
        ("default_destination", "//evil.example", "Default destination is no address of a page"),
        ("unknown_destination", "data:,x", "The page for unknown codes must begin with https:// or http://."),
    ] {
        let page = admin.post_form("/settings/tracking", &with(&fields, field, typed));
        assert_eq!(page.status, 422, "{field} {typed}");
        page.says(sentence);
    }
    app.sign_in_as(Viewer).get("/settings/tracking").says("Your role may look at this.");
}

#[test]
fn whoever_may_not_change_links_sees_them() {
    let app = http::app();
    let path = make(&app.sign_in_as(Administrator), &SHOP).location().to_string();
    let viewer = app.sign_in_as(Viewer);
    assert!(!viewer.get("/links").says("The shop").text().contains("Add a tracking link"));
    assert!(viewer.get(&path).all("a").iter().all(|words| words != "Edit"));
    assert_eq!(viewer.get(&format!("{path}/edit")).status, 403);
}
