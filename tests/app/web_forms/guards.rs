//! Who is kept out, and that no person is lost by it.

use super::*;
use partnerbook::selling::tracking::web_forms::submissions;

const SPAM: &str = "SELECT answers FROM form_submissions WHERE contact_id IS NULL";

#[test]
fn who_fills_in_what_nobody_sees_is_thanked_and_makes_nobody() {
    let (app, admin) = company();
    let robot = app.visitor();
    let sent = robot.post("/f/contact", &with(&ANN, "website", "https://spam.example"));
    assert_eq!(sent.location(), "/f/contact/thanks");
    assert_eq!((rows(&app, CONTACTS).len(), rows(&app, SPAM).len()), (0, 1));
    admin
        .get("/web-forms/1")
        .says("Spam 1 in 30 days; made nobody")
        .says("Leads 0")
        .says("Nobody has sent this form");
    assert!(!admin.get("/").text().contains("new lead"));
    // Whatever a robot sends is kept short, and no more of it than of anybody.
    for number in 0..40 {
        let email = format!("{number}{}\u{1}", "x".repeat(4000));
        robot.post("/f/contact", &with(&with(&ANN, "website", "x"), "email", &email));
    }
    let kept = rows(&app, SPAM);
    assert_eq!(kept.len(), 10);
    assert!(kept.iter().all(|answers| answers.len() < 700));
    app.clock.advance(TimeDelta::days(31));
    let now = app.clock.now();
    app.database.db.run_now(|conn| submissions::forget_in_time(conn, now)).expect("it can be forgotten");
    assert_eq!(rows(&app, SPAM).len(), 0);
}

#[test]
fn who_sends_too_soon_too_late_or_from_elsewhere_sends_again() {
    let (app, _admin) = company();
    let visitor = app.visitor();
    let key = open(&visitor, "/f/contact");
    let too_soon = post(&visitor, "/f/contact", &key, &ANN);
    assert_eq!(too_soon.status, 422);
    too_soon.says("That was quick").says("send it again");
    assert_eq!(too_soon.attribute("#email", "value"), "ann.lee@example.com");
    assert_eq!(too_soon.attribute("input[name=page]", "value"), key, "it is still the same page");
    app.clock.advance(TimeDelta::hours(25));
    for stale in [key.as_str(), "", "1.2.3", &"a.".repeat(3000), &format!("{key}0"), "\u{1F4A9}"] {
        let page = post(&visitor, "/f/contact", stale, &ANN);
        assert_eq!(page.status, 422, "{stale}");
        page.says("This page was opened too long ago, or elsewhere.");
        assert_eq!(page.attribute("#first_name", "value"), "Ann");
        assert_ne!(page.attribute("input[name=page]", "value"), stale);
    }
    assert_eq!(rows(&app, SENT), ["0"]);
    let fresh = post(&visitor, "/f/contact", "old", &ANN).attribute("input[name=page]", "value");
    app.clock.advance(TimeDelta::seconds(3));
    assert_eq!(post(&visitor, "/f/contact", &fresh, &ANN).status, 303);
}

#[test]
fn the_same_page_sent_twice_counts_once_and_a_correction_is_not_lost() {
    let (app, _admin) = company();
    let visitor = app.visitor();
    let key = open(&visitor, "/f/contact");
    app.clock.advance(TimeDelta::seconds(5));
    for _ in 0..3 {
        assert_eq!(post(&visitor, "/f/contact", &key, &ANN).location(), "/f/contact/thanks");
        app.clock.advance(TimeDelta::hours(1));
    }
    assert_eq!(rows(&app, SENT), ["1"]);
    let corrected = with(&ANN, "email", "ann.leigh@example.com");
    assert_eq!(post(&visitor, "/f/contact", &key, &corrected).status, 303);
    assert_eq!(rows(&app, SENT), ["2"]);
    assert_eq!(rows(&app, CONTACTS).len(), 2);
}

#[test]
fn too_many_from_one_address_wait_and_lose_nothing() {
    let (app, _admin) = company();
    let visitor = app.visitor();
    let key = open(&visitor, "/f/contact");
    app.clock.advance(TimeDelta::seconds(5));
    let email = |number: i32| format!("n{number}@example.com");
    for number in 0..10 {
        assert_eq!(post(&visitor, "/f/contact", &key, &with(&ANN, "email", &email(number))).status, 303);
    }
    let page = post(&visitor, "/f/contact", &key, &with(&ANN, "email", &email(10)));
    assert_eq!((page.status, page.header("retry-after")), (429, "601"));
    page.says("Many forms were sent from where you are just now.");
    assert_eq!(page.attribute("#email", "value"), "n10@example.com");
    assert_eq!(rows(&app, SENT), ["10"]);
    app.clock.advance(TimeDelta::minutes(10));
    assert_eq!(post(&visitor, "/f/contact", &key, &with(&ANN, "email", &email(10))).status, 303);
}

#[test]
fn what_is_missing_or_wrong_comes_back_with_everything_that_was_typed() {
    let (app, admin) = company();
    let all = [
        ("code", "all"),
        ("company", "must"),
        ("address", "must"),
        ("question_1", "Which?"),
        ("kind_1", "choice"),
        ("choices_1", "One\nTwo"),
        ("question_2", "Agreed?"),
        ("kind_2", "box"),
        ("required_2", "yes"),
        ("question_3", "More?"),
        ("kind_3", "lines"),
    ];
    let fields = all.iter().fold(CONTACT_US.to_vec(), |fields, (name, value)| with(&fields, name, value));
    make(&admin, &fields).location();
    let long = "x".repeat(5001);
    let typed = [
        ("email", "no e-mail"),
        ("first_name", "A\u{7}"),
        ("last_name", "Lee\r\nBcc: all@victim.example"),
        ("question_1", "Three"),
        ("question_3", &long),
    ];
    let page = send(&app, &app.visitor(), "/f/all", &typed);
    assert_eq!(page.status, 422);
    for sentence in [
        "This is no e-mail address: write it like dana@example.com.",
        "First name has a control character (U+0007). Type it anew instead of pasting it.",
        "Last name has a line break. Write it on one line.",
        "Company is missing.",
        "Address is missing.",
        "City is missing.",
        "Country is missing.",
        "Choose one of the answers to “Which?”.",
        "“Agreed?” must be ticked.",
        "More? has 5001 characters; it may have 5000.",
    ] {
        page.says(sentence);
    }
    assert_eq!(page.attribute("#email", "value"), "no e-mail");
    assert_eq!(page.first("#question_3"), long);
    assert_eq!(page.attribute("#company", "aria-invalid"), "true");
    assert_eq!(rows(&app, CONTACTS).len(), 0);
}

#[test]
fn fields_that_the_form_does_not_have_are_nobodys() {
    let (app, _admin) = company();
    let more = [
        ("company", "Secret"),
        ("external_id", "7"),
        ("opted_in", "yes"),
        ("question_1", "Secret"),
        ("csrf", "x"),
    ];
    assert_eq!(send(&app, &app.visitor(), "/f/contact", &[&ANN[..], &more].concat()).status, 303);
    assert!(!rows(&app, "SELECT answers FROM form_submissions")[0].contains("Secret"));
    assert_eq!(rows(&app, "SELECT opted_in::text || coalesce(external_id, '') FROM contacts"), ["false"]);
}

#[test]
fn what_is_no_form_is_refused_with_a_word() {
    let (app, _admin) = company();
    let visitor = app.visitor();
    let form = "application/x-www-form-urlencoded";
    for (media_type, body, status, words) in [
        ("application/json", b"{}".to_vec(), 415, "This page takes the fields of a form"),
        ("multipart/form-data; boundary=x", b"--x--".to_vec(), 415, "This page takes the fields of a form"),
        (form, vec![b'a'; 1_100_000], 413, "larger than this page takes"),
        (form, b"email=a%00b".to_vec(), 422, "“email” contains a NUL character"),
        (form, b"email=Z%FCrich".to_vec(), 422, "“email” holds bytes that are no text"),
    ] {
        let page = visitor.post_bytes("/f/contact", media_type, body);
        assert_eq!(page.status, status, "{media_type}");
        page.says(words);
    }
    assert_eq!(visitor.request("PUT", "/f/contact").status, 405);
    assert_eq!(visitor.request("HEAD", "/f/contact").status, 200);
    assert_eq!(rows(&app, CONTACTS).len(), 0);
}

#[test]
fn whatever_strangers_type_is_kept_or_refused_with_a_word() {
    let (app, admin) = company();
    let fields = [("code", "all"), ("company", "ask"), ("question_1", "More?"), ("kind_1", "lines")];
    let fields = fields.iter().fold(CONTACT_US.to_vec(), |fields, (name, value)| with(&fields, name, value));
    make(&admin, &fields).location();
    let strings: Vec<String> =
        serde_json::from_str(include_str!("../../data/blns.json")).expect("it is a list of strings");
    let visitor = app.visitor();
    let mut kept = 0;
    for text in strings.iter().filter(|text| !text.contains('\0')) {
        // Nobody types as fast as this; no limit is what is tried here.
        app.clock.advance(TimeDelta::minutes(2));
        let typed =
            [("email", "ann.lee@example.com"), ("first_name", text), ("company", text), ("question_1", text)];
        let page = send(&app, &visitor, "/f/all", &typed);
        assert!([303, 422].contains(&page.status), "{text:?}: {} {}", page.status, page.text());
        if page.status == 422 {
            assert!(!page.all(".error").is_empty(), "{text:?}: {}", page.text());
            assert_eq!(
                page.attribute("#first_name", "value").trim_matches(['\r', '\n']),
                text.trim_matches(['\r', '\n'])
            );
        } else {
            kept += 1;
        }
        assert!(![text.as_str()].contains(&page.header("location")));
    }
    assert!(kept > 300, "{kept} were kept");
    let answers = rows(
        &app,
        "SELECT answers ->> -1 FROM form_submissions WHERE answers::text LIKE '%script>alert(123)%'",
    );
    assert!(!answers.is_empty());
    // It has been away for hours.
    let admin = app.sign_in_as(Administrator);
    for number in 1..=(kept / 50) {
        let page = admin.get(&format!("/web-forms/2?page={number}"));
        assert_eq!(page.status, 200);
        assert!(page.all("script").len() <= 1, "what was typed is text");
    }
}

#[test]
fn addresses_are_erased_with_those_of_clicks() {
    let (app, _admin) = company();
    send(&app, &app.visitor(), "/f/contact", &ANN);
    let addresses = "SELECT coalesce(address, 'none') FROM form_submissions";
    let forget = || {
        let now = app.clock.now();
        app.database.db.run_now(|conn| submissions::forget_in_time(conn, now)).expect("it can be forgotten");
    };
    app.clock.advance(TimeDelta::days(90) - TimeDelta::seconds(1));
    forget();
    assert_eq!(rows(&app, addresses), ["127.0.0.1"]);
    app.clock.advance(TimeDelta::seconds(2));
    forget();
    assert_eq!(rows(&app, addresses), ["none"]);
}
