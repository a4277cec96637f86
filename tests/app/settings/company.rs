//! CRM > Settings > Company.

use partnerbook::domain::program::Level;
use partnerbook::domain::typed::Trimmed;
use partnerbook::running::settings;
use partnerbook::web::admin::Role::{Administrator, Viewer};

use super::{Filled, nasty_strings, partner, program, shown, told};
use crate::support::http::{self, TestApp, Visitor};

const PATH: &str = "/settings/company";

fn form(visitor: &Visitor) -> Filled {
    Filled::of(&visitor.get(PATH), PATH)
}

/// The form with the name that it needs.
fn named(visitor: &Visitor) -> Filled {
    form(visitor).with("name", "Fernhill Roasters")
}

fn saved(app: &TestApp) -> String {
    told(app, "SELECT company FROM company")
}

/// An order as others record it: it fixes the currency.
fn record_an_order(app: &TestApp) {
    app.database.psql(
        "INSERT INTO orders (number, ordered_at, ordered_on, currency, total, paid_in_full, source, content_hash)
         VALUES ('1', now(), '2026-11-03', 'USD', 100, true, 'hand', sha256('1'))",
    );
}

#[test]
fn each_field_is_saved_and_shown_and_the_audit_log_tells_no_values() {
    let app = http::app();
    let administrator = app.sign_in_as(Administrator);
    let facts = [
        ("name", "Fernhill Roasters"),
        ("address_line1", "12 Mill Lane"),
        ("address_line2", "Back yard"),
        ("city", "Århus"),
        ("state", "Jutland"),
        ("postal_code", "8000"),
        ("country", "Denmark"),
        ("email", "partners@fernhill.example"),
        ("phone", "+45 12 34 56 78"),
        ("date_format", "dmy"),
    ];
    let filled = facts.into_iter().fold(form(&administrator), |form, (field, value)| form.with(field, value));
    assert_eq!(filled.send(&administrator).location(), PATH);
    let page = administrator.get(PATH);
    page.says("Saved.").says("Fernhill Roasters · USD · times in UTC");
    let again = Filled::of(&page, PATH);
    for (field, value) in facts {
        assert_eq!(again.value(field), value);
    }
    let audit = told(&app, "SELECT details FROM audit_log WHERE action = 'company.update'");
    assert_eq!(audit, r#"{"changed": "name, address, e-mail, phone, date format"}"#);
    assert_eq!(again.send(&administrator).location(), PATH);
    administrator.get(PATH).says("Nothing to save.");
    assert_eq!(told(&app, "SELECT version FROM company"), "2");
}

#[test]
fn another_time_zone_says_what_it_does_to_today_before_it_is_saved() {
    let app = http::app();
    let administrator = app.sign_in_as(Administrator);
    let page = named(&administrator).with("time_zone", "Pacific/Kiritimati").send(&administrator);
    assert_eq!((page.status, told(&app, "SELECT time_zone FROM company").as_str()), (200, "UTC"));
    page.says("Not saved yet.").says("The time zone changes from UTC to Pacific/Kiritimati.");
    page.says("Today would be Nov 4, 2026 instead of Nov 3, 2026. Dates already stamped stay");
    assert_eq!(page.first("#save-button"), "Save with the time zone Pacific/Kiritimati");
    assert_eq!(Filled::of(&page, PATH).send(&administrator).location(), PATH);
    assert_eq!(told(&app, "SELECT time_zone FROM company"), "Pacific/Kiritimati");
    administrator.get(PATH).says("times in Pacific/Kiritimati");
    let audit = told(&app, "SELECT details ->> 'time_zone' FROM audit_log WHERE action = 'company.update'");
    assert_eq!(audit, "UTC → Pacific/Kiritimati");
    let page = form(&administrator).with("time_zone", "Pacific/Apia").send(&administrator);
    page.says("Today would be Nov 3, 2026 instead of Nov 4, 2026.");
    let page = form(&administrator).with("time_zone", "Etc/GMT-14").send(&administrator);
    page.says("Today stays Nov 4, 2026.");
}

#[test]
fn what_another_time_zone_does_is_told_while_the_form_is_still_being_filled_in() {
    let app = http::app();
    let administrator = app.sign_in_as(Administrator);
    let nameless = form(&administrator).with("time_zone", "Pacific/Kiritimati").with("show", "effects");
    let page = nameless.send(&administrator);
    assert_eq!((page.status, told(&app, "SELECT version FROM company").as_str()), (200, "1"));
    assert!(page.first("#effects").contains("Today would be Nov 4, 2026 instead of Nov 3, 2026."));
}

#[test]
fn a_day_that_begins_after_the_change_was_seen_is_told_again() {
    let app = http::app();
    let administrator = app.sign_in_as(Administrator);
    let seen = Filled::of(&named(&administrator).with("time_zone", "Asia/Tokyo").send(&administrator), PATH);
    app.clock.advance(chrono::TimeDelta::hours(5));
    let page = seen.send(&administrator);
    assert_eq!((page.status, told(&app, "SELECT time_zone FROM company").as_str()), (200, "UTC"));
    page.says("Today would be Nov 4, 2026 instead of Nov 3, 2026.");
    assert_eq!(Filled::of(&page, PATH).send(&administrator).status, 303);
}

#[test]
fn another_currency_opens_accounts_for_all_partners() {
    let app = http::app();
    for code in ["sam", "joe"] {
        partner(&app, code);
    }
    let administrator = app.sign_in_as(Administrator);
    let page = named(&administrator).with("currency", "JPY").send(&administrator);
    page.says("The currency changes from USD to JPY. An account in JPY is opened for 2 partners.");
    assert_eq!(page.first("#save-button"), "Save with the currency JPY");
    assert_eq!(Filled::of(&page, PATH).send(&administrator).status, 303);
    assert_eq!(told(&app, "SELECT (currency, minor_units) FROM company"), "(JPY,0)");
    assert_eq!(told(&app, "SELECT count(*) FROM accounts WHERE currency = 'JPY'"), "2");
    // And back again: the accounts are there.
    let page = form(&administrator).with("currency", "USD").send(&administrator);
    assert_eq!(Filled::of(&page, PATH).send(&administrator).status, 303);
    assert_eq!(told(&app, "SELECT count(*) FROM accounts"), "4");
}

#[test]
fn the_currency_is_fixed_once_there_is_an_order() {
    let app = http::app();
    let administrator = app.sign_in_as(Administrator);
    let before = named(&administrator).with("currency", "EUR");
    record_an_order(&app);
    let page = before.send(&administrator);
    let why = "The currency is fixed, because there are orders in USD.";
    assert_eq!((page.status, page.first("#currency-error").as_str()), (422, why));
    let page = administrator.get(PATH);
    page.says(why).says("USD, United States dollar");
    assert!(page.all("select[name=currency]").is_empty());
    // The rest can still be saved: the form has no currency then.
    assert_eq!(named(&administrator).send(&administrator).status, 303);
    assert_eq!(told(&app, "SELECT (name, currency) FROM company"), "(\"Fernhill Roasters\",USD)");
}

#[test]
fn the_currency_is_fixed_once_there_is_a_ledger_entry() {
    let app = http::app();
    let sam = partner(&app, "sam");
    app.database.psql(&format!(
        "INSERT INTO entries (account_id, number, kind, amount_minor, dated_on)
         SELECT id, 1, 'adjustment', 500, '2026-11-03' FROM accounts WHERE partner_id = {sam}"
    ));
    let administrator = app.sign_in_as(Administrator);
    administrator.get(PATH).says("The currency is fixed, because there are ledger entries in USD.");
    let page = named(&administrator).with("currency", "EUR").send(&administrator);
    assert_eq!((page.status, told(&app, "SELECT currency FROM company").as_str()), (422, "USD"));
}

#[test]
fn flat_amounts_of_programs_stand_against_a_currency_with_other_decimals() {
    let app = http::app();
    program(&app, "Standard", &[(Level::One, 10, 500, 0)]);
    program(&app, "Wholesale", &[(Level::One, 5, 0, 0)]);
    let administrator = app.sign_in_as(Administrator);
    let page = named(&administrator).with("currency", "JPY").send(&administrator);
    assert_eq!((page.status, told(&app, "SELECT currency FROM company").as_str()), (422, "USD"));
    page.says("Standard pays flat amounts in USD, which has 2 decimals; JPY has no decimals.");
    let page = named(&administrator).with("currency", "EUR").send(&administrator);
    assert_eq!(Filled::of(&page, PATH).send(&administrator).status, 303);
}

#[test]
fn of_two_who_edit_at_once_the_second_is_told_what_differs_and_loses_nothing() {
    let app = http::app();
    let (one, other) = (app.sign_in_as(Administrator), app.sign_in_as(Administrator));
    let late = named(&other).with("city", "Aarhus");
    assert_eq!(form(&one).with("name", "Fernhill Coffee").send(&one).status, 303);
    let page = late.send(&other);
    assert_eq!((page.status, told(&app, "SELECT name FROM company").as_str()), (422, "Fernhill Coffee"));
    page.says("Not saved. Administrator saved this page at Nov 3, 2026, 10:41");
    let differences = [
        "Name : saved is Fernhill Coffee , yours is Fernhill Roasters",
        "City : saved is nothing , yours is Aarhus",
    ];
    assert_eq!(page.all(".flash li"), differences);
    assert_eq!(Filled::of(&page, PATH).send(&other).status, 303);
    assert_eq!(told(&app, "SELECT (name, city) FROM company"), "(\"Fernhill Roasters\",Aarhus)");
}

#[test]
fn a_form_with_problems_comes_back_filled_in() {
    let app = http::app();
    let administrator = app.sign_in_as(Administrator);
    let page =
        form(&administrator).with("email", "partners").with("time_zone", "Mars/Base").with("currency", "XXX");
    let page = page.with("date_format", "").with("city", &"x".repeat(201)).send(&administrator);
    assert_eq!(page.status, 422);
    for (field, words) in [
        ("name", "Name is missing."),
        ("city", "City has 201 characters; it may have 200."),
        ("email", "This is no e-mail address: write it like partners@example.com."),
        ("currency", "Choose a currency from the list."),
        ("time_zone", "Choose a time zone from the list."),
        ("date_format", "Choose how days are written."),
    ] {
        assert_eq!(page.first(&format!("#{field}-error")), words);
    }
    let again = Filled::of(&page, PATH);
    assert_eq!((again.value("email"), again.value("time_zone")), ("partners", "UTC"));
}

#[test]
fn a_viewer_looks_and_changes_nothing() {
    let app = http::app();
    let viewer = app.sign_in_as(Viewer);
    let page = viewer.get(PATH);
    page.says("Your role may look at this.");
    assert!(page.html.contains("<fieldset disabled>") && page.all("#save").is_empty());
    assert_eq!(named(&viewer).send(&viewer).status, 403);
    assert_eq!(told(&app, "SELECT name FROM company"), "");
}

#[test]
fn nasty_strings_come_back_as_they_were_typed_and_nothing_is_saved() {
    let app = http::app();
    let administrator = app.sign_in_as(Administrator);
    let before = saved(&app);
    let texts = [
        "name",
        "address_line1",
        "address_line2",
        "city",
        "state",
        "postal_code",
        "country",
        "email",
        "phone",
    ];
    let filled = form(&administrator);
    for string in nasty_strings() {
        let mut nasty = Filled { action: PATH.into(), fields: filled.fields.clone() };
        for field in texts.iter().chain(&["currency", "time_zone", "version", "confirm"]) {
            nasty = nasty.with(field, &string);
        }
        let page = nasty.send(&administrator);
        assert_eq!(page.status, 422, "{string:?}");
        if string.contains('\0') {
            continue;
        }
        let again = Filled::of(&page, PATH);
        for field in texts {
            assert_eq!(shown(again.value(field)), shown(&string), "{field}");
        }
    }
    assert_eq!(saved(&app), before);
}

#[test]
fn nasty_names_that_are_short_enough_are_saved_as_they_are() {
    let app = http::app();
    let administrator = app.sign_in_as(Administrator);
    let mut filled = form(&administrator);
    for string in nasty_strings() {
        filled = filled.with("name", &string);
        let page = filled.send(&administrator);
        assert!([303, 422].contains(&page.status), "{} {string:?}", page.status);
        if page.status == 303 {
            let company = app.database.db.read_now(settings::queries::company).unwrap();
            assert_eq!(company.name, string.trimmed());
            filled = filled.with("version", &company.version.to_string());
        }
    }
    assert_eq!(administrator.get(PATH).status, 200);
    assert!(told(&app, "SELECT version FROM company").parse::<i32>().unwrap() > 300);
}
