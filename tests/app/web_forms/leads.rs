//! What becomes of what people send.

use std::sync::Barrier;
use std::thread;

use super::*;

const FIREFOX: &[(&str, &str)] = &[("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0")];
const REFERRED: &str =
    "SELECT p.code || ' ' || c.email FROM referrals r JOIN partners p ON p.id = r.partner_id
     JOIN contacts c ON c.id = r.contact_id ORDER BY r.recorded";

#[test]
fn whoever_sends_a_form_is_a_contact_and_the_clicks_before_are_its_own() {
    let (app, admin) = company();
    partner(&admin, "sam");
    partner(&admin, "ada");
    let link = [("name", "Form"), ("code", "form"), ("destination", "https://forms.example/f/contact")];
    admin.submit("/links/new", "/links", &link).location();
    let visitor = app.visitor();
    visitor.get_with("/go/form/sam", FIREFOX);
    app.clock.advance(TimeDelta::minutes(1));
    visitor.get_with("/go/form/ada", FIREFOX);
    let sent = send(&app, &visitor, "/f/contact", &ANN);
    assert_eq!((sent.location(), sent.header("set-cookie")), ("/f/contact/thanks", ""));
    visitor.get("/f/contact/thanks").says("Thank you We have received it.");
    assert_eq!(rows(&app, REFERRED), ["sam ann.lee@example.com", "ada ann.lee@example.com"]);
    // A later click is a referral at once.
    app.clock.advance(TimeDelta::minutes(1));
    visitor.get_with("/go/form/sam", FIREFOX);
    assert_eq!(rows(&app, REFERRED).len(), 3);
    let page = admin.get("/web-forms/1");
    page.says("Ann Lee New ann.lee@example.com").says("ada What was sent").says("Led by links 1");
    page.says("First name Ann Last name Lee E-mail ann.lee@example.com");
    let contact = rows(&app, "SELECT max(id) FROM contacts").remove(0);
    let story = admin.get(&format!("/contacts/{contact}"));
    story.says("Sent the form Contact us What was sent").says("E-mail ann.lee@example.com");
    story.says("Came through a link of ada");
    admin.get(&format!("/contacts/{contact}/delete")).says("1 form that it sent");
}

#[test]
fn what_is_known_stays_and_what_is_missing_is_filled() {
    let (app, admin) = company();
    let full = with(&with(&CONTACT_US, "address", "ask"), "opt_in", "Send me news");
    make(&admin, &with(&full, "code", "full")).location();
    let visitor = app.visitor();
    send(&app, &visitor, "/f/contact", &[("email", "Ann.Lee@example.com")]);
    send(
        &app,
        &visitor,
        "/f/full",
        &[&ANN[..], &[("city", "Bend"), ("country", "US"), ("opt_in", "Yes")]].concat(),
    );
    let other = [
        ("first_name", "Eve"),
        ("email", "ann.lee@EXAMPLE.com"),
        ("city", "Rome"),
        ("address_line1", "1 Via"),
    ];
    send(&app, &visitor, "/f/full", &other);
    let kept = "SELECT concat_ws('|', name, email, address_line1, city, country, opted_in) FROM contacts";
    assert_eq!(rows(&app, kept), ["Ann Lee|Ann.Lee@example.com||Bend|US|t"]);
    let answers = rows(&app, "SELECT answers FROM form_submissions ORDER BY id");
    assert!(answers[1].contains("Send me news") && answers[2].contains("1 Via"), "{answers:?}");
    assert!(!answers[2].contains("Send me news"), "{answers:?}");
}

#[test]
fn the_form_leads_on_where_it_says_and_its_page_lets_browsers_follow() {
    let (app, admin) = company();
    let on = with(&with(&CONTACT_US, "code", "on"), "redirect", "https://shop.example/thanks?a=1");
    make(&admin, &on).location();
    let visitor = app.visitor();
    let page = visitor.get("/f/on");
    assert!(page.header("content-security-policy").contains("form-action 'self' https: http:;"));
    assert!(visitor.get("/f/contact").header("content-security-policy").contains("form-action 'self';"));
    assert_eq!(send(&app, &visitor, "/f/on", &ANN).location(), "https://shop.example/thanks?a=1");
}

#[test]
fn two_at_once_with_one_new_email_are_one_contact() {
    let (app, admin) = company();
    make(&admin, &with(&CONTACT_US, "code", "other")).location();
    let keys: Vec<(String, String)> = (0..8)
        .map(|number| {
            let path = format!("/f/{}", if number % 2 == 0 { "contact" } else { "other" });
            let key = open(&app.visitor(), &path);
            (path, key)
        })
        .collect();
    app.clock.advance(TimeDelta::seconds(5));
    let barrier = Barrier::new(keys.len());
    thread::scope(|scope| {
        for (path, key) in &keys {
            let (app, barrier) = (&app, &barrier);
            scope.spawn(move || {
                let visitor = app.visitor();
                barrier.wait();
                assert_eq!(post(&visitor, path, key, &ANN).status, 303);
            });
        }
    });
    assert_eq!(rows(&app, CONTACTS), ["Ann Lee ann.lee@example.com"]);
    assert_eq!(rows(&app, SENT), ["8"]);
}

#[test]
fn a_page_of_somebody_elses_sends_the_visitor_along() {
    let (app, admin) = company();
    partner(&admin, "sam");
    let embedded = with(&with(&CONTACT_US, "code", "embedded"), "is_embedded", "yes");
    make(&admin, &embedded).location();
    let clicker = app.visitor();
    app.database.psql("UPDATE tracking_settings SET default_destination = 'https://shop.example/'");
    clicker.get_with("/go/sam", FIREFOX);
    let key = rows(&app, "SELECT key FROM visitors").remove(0);
    // Without a cookie, and from a page that is not ours.
    let sent = app.visitor().post("/f/embedded", &with(&ANN, "visitor", &key));
    assert_eq!(sent.location(), "/f/embedded/thanks");
    assert_eq!(rows(&app, REFERRED), ["sam ann.lee@example.com"]);
    // Visitors that there are not are nobody: nothing is made of them, and nothing is said.
    for (number, visitor) in
        ["", "x", &"0".repeat(32), &key.to_uppercase(), &"f".repeat(100)].iter().enumerate()
    {
        let email = format!("n{number}@example.com");
        let fields = with(&with(&ANN, "email", &email), "visitor", visitor);
        assert_eq!(app.visitor().post("/f/embedded", &fields).status, 303, "{visitor}");
    }
    assert_eq!(rows(&app, "SELECT count(*) FROM visitors"), ["1"]);
    assert_eq!(rows(&app, REFERRED).len(), 1);
    // A second press within a minute is one; the same later is another.
    let again = with(&ANN, "visitor", &key);
    app.visitor().post("/f/embedded", &again);
    assert_eq!(rows(&app, SENT), ["6"]);
    app.clock.advance(TimeDelta::seconds(61));
    app.visitor().post("/f/embedded", &again);
    assert_eq!(rows(&app, SENT), ["7"]);
}
