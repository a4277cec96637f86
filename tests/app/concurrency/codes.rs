//! One code, asked for by many at the same moment: one gets it, and the others are told at the field.

use std::sync::Barrier;
use std::thread;

use partnerbook::web::admin::Role::Administrator;

use crate::support::http::{self, Page, TestApp, Visitor};

/// How many ask at once.
const MANY: usize = 16;

const LINK: [(&str, &str); 2] = [("name", "A link"), ("destination", "https://shop.example/")];
const FORM: [(&str, &str); 8] = [
    ("name", "A form"),
    ("title", "Talk to us"),
    ("first_name", "no"),
    ("last_name", "no"),
    ("company", "no"),
    ("phone", "no"),
    ("address", "no"),
    ("button", "Send"),
];

/// What each of many sends, all at the same moment, as (path, fields).
fn at_once(
    admin: &Visitor,
    token: &str,
    each: impl Fn(usize) -> (String, Vec<(&'static str, String)>) + Sync,
) -> Vec<Page> {
    let barrier = Barrier::new(MANY);
    thread::scope(|scope| {
        let presses: Vec<_> = (0..MANY)
            .map(|number| {
                let (each, barrier) = (&each, &barrier);
                scope.spawn(move || {
                    let (path, fields) = each(number);
                    let fields: Vec<(&str, &str)> =
                        fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
                    barrier.wait();
                    admin.post_with(&path, token, &fields)
                })
            })
            .collect();
        presses.into_iter().map(|press| press.join().expect("it answers")).collect()
    })
}

/// One was answered by a redirect, all others by this sentence beside the field of the code.
fn one_has_it(answers: &[Page], sentence: &str) {
    let done = answers.iter().filter(|page| page.status == 303).count();
    let statuses: Vec<u16> = answers.iter().map(|page| page.status).collect();
    assert_eq!(done, 1, "{statuses:?}");
    for page in answers.iter().filter(|page| page.status != 303) {
        assert_eq!(page.status, 422, "{}", page.text());
        assert!(page.first("#code-error").contains(sentence), "{}", page.text());
    }
}

fn company() -> (TestApp, Visitor) {
    let app = http::app();
    let admin = app.sign_in_as(Administrator);
    (app, admin)
}

/// The code as one of them writes it: capital and small letters are the same.
fn code(number: usize) -> String {
    if number.is_multiple_of(2) { "Autumn".into() } else { "AUTUMN".into() }
}

fn owned(fields: &[(&'static str, &'static str)]) -> Vec<(&'static str, String)> {
    fields.iter().map(|(name, value)| (*name, value.to_string())).collect()
}

#[test]
fn of_many_new_links_with_one_code_one_has_it() {
    let (app, admin) = company();
    let token = admin.get("/links/new").token();
    let answers = at_once(&admin, &token, |number| {
        ("/links".into(), [owned(&LINK), vec![("code", code(number))]].concat())
    });
    one_has_it(&answers, "has or had this code");
    assert_eq!(
        app.database.ask("SELECT count(*) || ' ' || count(DISTINCT lower(code)) FROM tracking_links"),
        "1 1"
    );
}

#[test]
fn of_many_links_that_get_one_code_by_an_edit_one_has_it() {
    let (app, admin) = company();
    for number in 0..MANY {
        let own = format!("own{number}");
        admin.submit("/links/new", "/links", &[&LINK[..], &[("code", own.as_str())]].concat()).location();
    }
    let token = admin.get("/links/new").token();
    let answers = at_once(&admin, &token, |number| {
        let fields = [owned(&LINK), vec![("code", code(number)), ("version", "1".into())]].concat();
        (format!("/links/{}", number + 1), fields)
    });
    one_has_it(&answers, "has or had this code");
    assert_eq!(app.database.ask("SELECT count(*) FROM tracking_links WHERE lower(code) = 'autumn'"), "1");
    assert_eq!(app.database.ask("SELECT count(*) FROM tracking_links"), MANY.to_string());
}

#[test]
fn of_many_new_forms_with_one_code_one_has_it() {
    let (app, admin) = company();
    let token = admin.get("/web-forms/new").token();
    let answers = at_once(&admin, &token, |number| {
        ("/web-forms".into(), [owned(&FORM), vec![("code", code(number))]].concat())
    });
    one_has_it(&answers, "has or had this code");
    assert_eq!(app.database.ask("SELECT count(*) FROM web_forms"), "1");
}

#[test]
fn of_many_partners_with_one_coupon_code_one_has_it() {
    let (app, admin) = company();
    app.database.psql(&format!(
        "INSERT INTO contacts (name) SELECT 'Partner ' || n FROM generate_series(1, {MANY}) n;
         INSERT INTO partners (contact_id, code) SELECT id, 'p' || id FROM contacts ORDER BY id"
    ));
    let token = admin.get("/coupons/new").token();
    let answers = at_once(&admin, &token, |number| {
        ("/coupons".into(), vec![("code", code(number)), ("partner", format!("p{}", number + 1))])
    });
    one_has_it(&answers, "End it there first; then it can be another’s.");
    assert_eq!(app.database.ask("SELECT count(*) FROM coupon_codes"), "1");
}
