//! CRM > Settings > Referral Partner Defaults.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use partnerbook::domain::program::Level;
use partnerbook::running::settings::{self, defaults::words::SETTINGS};
use partnerbook::selling::programs::TermsRule;
use partnerbook::web::admin::Role::{Administrator, Viewer};

use super::{Filled, nasty_strings, partner, product, program, save_program, shown, told};
use crate::support::http::{self, Page, TestApp, Visitor};

const PATH: &str = "/settings/referral-partner-defaults";

fn form(visitor: &Visitor) -> Filled {
    Filled::of(&visitor.get(PATH), PATH)
}

/// Four programs: two have a second level, one has no rate there, one only a product's own rule.
fn four_programs(app: &TestApp) {
    program(app, "Standard", &[(Level::One, 10, 500, 0), (Level::Two, 3, 0, 0)]);
    program(app, "Equipment", &[(Level::One, 8, 0, 4), (Level::Two, 2, 0, 0)]);
    program(app, "Wholesale", &[(Level::One, 5, 0, 0)]);
    let own = TermsRule { product: Some(product(app, "BEANS")), rows: vec![] };
    let rates = partnerbook::domain::program::Rates {
        sale: partnerbook::domain::program::Rate {
            percent: partnerbook::domain::program::Percent::new(1.into()).unwrap(),
            ..Default::default()
        },
        ..Default::default()
    };
    save_program(app, "Coffee", vec![TermsRule { rows: vec![(Level::Two, rates)], ..own }]);
}

/// The settings as they are saved, as text.
fn saved(app: &TestApp) -> String {
    told(app, "SELECT defaults FROM defaults")
}

#[test]
fn the_page_has_the_eleven_points_in_the_help_pages_order() {
    let app = http::app();
    let page = app.sign_in_as(Administrator).get(PATH);
    let names = page.all(".setting__name");
    assert_eq!(names, SETTINGS.each_ref().map(|setting| setting.name));
    let numbers: Vec<String> =
        (1..=10).map(|number| number.to_string()).chain([String::new(), String::new()]).collect();
    assert_eq!(page.all(".setting__n"), numbers);
    page.says("11. Save").says("Orders already recorded are never computed again.");
    assert!(page.all(".setting .help").iter().all(|help| help.len() > 40), "each has its help");
}

#[test]
fn each_setting_is_saved_and_shown() {
    let app = http::app();
    let administrator = app.sign_in_as(Administrator);
    let changes = [
        ("code_prefix", "fern-", "code_prefix"),
        ("skip_notifications", "yes", "skip_notifications"),
        ("choose_partner", "first", "choose_partner"),
        ("tracking_method", "history_and_cookies", "tracking_method"),
        ("use_ip_address", "yes", "use_ip_address"),
        ("custom_link_url", "https://go.fernhill.example", "custom_link_url"),
        ("levels", "3", "levels"),
        ("payout_lead", "yes", "payout_lead"),
        ("payout_amount", "yes", "payout_amount"),
        ("pay_if_unused", "yes", "pay_if_unused"),
        ("credit_own_purchases", "yes", "credit_own_purchases"),
        ("coupon_or_link", "link", "coupon_or_link"),
    ];
    for (field, value, column) in changes {
        let page = form(&administrator).with(field, value).send(&administrator);
        assert_eq!(page.location(), PATH, "{field}");
        let page = administrator.get(PATH);
        page.says("Saved.");
        assert_eq!(Filled::of(&page, PATH).value(field), value);
        let in_database = told(&app, &format!("SELECT {column} FROM defaults"));
        assert_eq!(in_database, if value == "yes" { "true" } else { value }, "{column}");
    }
    let page = form(&administrator).without("payout_sale").without("payout_percent").send(&administrator);
    assert_eq!(page.location(), PATH);
    assert_eq!(
        told(&app, "SELECT (payout_lead, payout_sale, payout_amount, payout_percent) FROM defaults"),
        "(t,f,t,f)"
    );
    let rows =
        "SELECT string_agg(details::text, ' ' ORDER BY id) FROM audit_log WHERE action = 'defaults.update'";
    let audit = told(&app, rows);
    for words in [
        r#""code_prefix": "none → fern-""#,
        r#""levels": "2 → 3""#,
        r#""payout_roles": "Lead and Sale → Lead""#,
    ] {
        assert!(audit.contains(words), "{words} in {audit}");
    }
    assert_eq!(told(&app, "SELECT version FROM defaults"), "14");
}

#[test]
fn saving_what_is_saved_changes_nothing() {
    let app = http::app();
    let administrator = app.sign_in_as(Administrator);
    let before = saved(&app);
    assert_eq!(form(&administrator).send(&administrator).location(), PATH);
    administrator.get(PATH).says("Nothing to save.");
    assert_eq!(saved(&app), before);
    assert_eq!(told(&app, "SELECT count(*) FROM audit_log WHERE action = 'defaults.update'"), "0");
}

#[test]
fn a_form_with_problems_comes_back_filled_in_with_each_beside_its_field() {
    let app = http::app();
    let administrator = app.sign_in_as(Administrator);
    let before = saved(&app);
    let nothing_ticked = form(&administrator).without("payout_sale").without("payout_percent");
    let page =
        nothing_ticked.with("custom_link_url", "http://go.example").with("levels", "4").send(&administrator);
    assert_eq!(page.status, 422);
    for (field, words) in [
        ("payout_roles", "Tick Lead, Sale, or both: with neither, nobody would be paid."),
        ("payout_kinds", "Tick Amount, Percent, or both: with neither, nobody would be paid."),
        ("custom_link_url", "The address begins with https://, as in https://go.example.com."),
        ("levels", "The number of levels is 1, 2 or 3."),
    ] {
        assert_eq!(page.first(&format!("#{field}-error")), words);
    }
    page.says("4 things need another look:");
    let again = Filled::of(&page, PATH);
    assert_eq!((again.value("custom_link_url"), again.value("payout_sale")), ("http://go.example", ""));
    for (prefix, words) in [
        ("fern sam", "A prefix is made of letters (a to z), digits, - and _ only."),
        ("färn", "A prefix is made of letters (a to z), digits, - and _ only."),
        ("abcdefghijklmnopqrstu", "The prefix has 21 characters; it may have 20."),
    ] {
        let page = form(&administrator).with("code_prefix", prefix).send(&administrator);
        assert_eq!((page.status, page.first("#code_prefix-error").as_str()), (422, words));
        assert_eq!(Filled::of(&page, PATH).value("code_prefix"), prefix);
    }
    assert_eq!(saved(&app), before);
}

#[test]
fn a_prefix_that_makes_two_links_equal_is_refused_by_the_codes() {
    let app = http::app();
    let administrator = app.sign_in_as(Administrator);
    for code in ["Am", "xAM", "-sam", "sam"] {
        partner(&app, code);
    }
    let page = form(&administrator).with("code_prefix", "X").send(&administrator);
    assert_eq!(page.status, 422);
    let why = "the prefix “X” with the code “Am” is the same link as the code “xAM”";
    assert!(page.first("#code_prefix-error").contains(why), "{}", page.text());
    assert_eq!(told(&app, "SELECT count(*) FROM code_prefixes"), "0");
    // Links with an earlier prefix keep working, so it counts although it is not in force any more.
    assert_eq!(form(&administrator).with("code_prefix", "fern-").send(&administrator).status, 303);
    assert_eq!(form(&administrator).with("code_prefix", "").send(&administrator).status, 303);
    let page = form(&administrator).with("code_prefix", "fern").send(&administrator);
    assert_eq!(page.status, 422);
    page.says(
        "the prefix “fern-” with the code “sam” is the same link as the prefix “fern” with the code “-sam”",
    );
    assert_eq!(form(&administrator).with("code_prefix", "FERN-").send(&administrator).status, 303);
}

#[test]
fn a_code_that_makes_two_links_equal_is_told_before_it_is_given() {
    let app = http::app();
    let administrator = app.sign_in_as(Administrator);
    let sam = partner(&app, "sam");
    let ask = |codes: &[(&str, Option<_>)]| {
        let told = app.database.db.run_now(|conn| settings::equal_links(conn, codes));
        told.unwrap().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert!(ask(&[("xsam", None)]).is_empty(), "without any prefix, links are equal only where codes are");
    assert_eq!(form(&administrator).with("code_prefix", "x").send(&administrator).status, 303);
    assert_eq!(form(&administrator).with("code_prefix", "").send(&administrator).status, 303);
    let equal = "the prefix “x” with the code “sam” is the same link as the code “XSam”";
    assert_eq!(ask(&[("joe", None), ("XSam", None)]), [equal]);
    assert!(ask(&[("xsam", Some(sam))]).is_empty(), "both would lead to the same partner");
    assert_eq!(ask(&[("am", None), ("xam", None)]).len(), 1, "two new ones meet each other");
}

#[test]
fn settings_one_to_six_are_saved_at_once_and_touch_no_program() {
    let app = http::app();
    four_programs(&app);
    let administrator = app.sign_in_as(Administrator);
    let page = form(&administrator).with("choose_partner", "first").send(&administrator);
    assert_eq!(page.location(), PATH);
    administrator.get(PATH).says("No commission program changes.");
    assert_eq!(told(&app, "SELECT count(*) FROM program_versions"), "4");
}

#[test]
fn programs_whose_rates_go_off_or_on_are_listed_before_anything_is_saved() {
    let app = http::app();
    four_programs(&app);
    let administrator = app.sign_in_as(Administrator);
    let before = saved(&app);
    let page = form(&administrator).with("levels", "1").with("payout_amount", "yes").send(&administrator);
    assert_eq!((page.status, saved(&app)), (200, before));
    page.says("Not saved yet. This will update all of the existing referral partner program records.");
    let changes = page.all(".switched");
    let expected = [
        "Coffee off, kept Sale percent of level 2: in 1 product’s own rule",
        "Equipment off, kept Sale percent of level 2: 2 %",
        "Standard on Sale amount of level 1: $5.00 off, kept Sale percent of level 2: 3 %",
    ];
    assert_eq!(changes, expected);
    page.says("nothing changes in what Wholesale pays");
    assert_eq!(page.first("#save-button"), "Save changes to 3 of 4 programs");

    let page = Filled::of(&page, PATH).send(&administrator);
    assert_eq!(page.location(), PATH);
    administrator.get(PATH).says("3 of 4 programs pay otherwise from now on.");
    assert_eq!(told(&app, "SELECT (levels, payout_amount) FROM defaults"), "(1,t)");
    let versions =
        "SELECT string_agg(number || ' ' || levels || ' ' || (made_by IS NOT NULL), ', ' ORDER BY id)
                    FROM program_versions WHERE number = 2";
    assert_eq!(told(&app, versions), "2 1 true, 2 1 true, 2 1 true, 2 1 true");
    let kept = "SELECT count(*) FROM program_rates JOIN program_rules ON program_rules.id = rule_id
                JOIN program_versions ON program_versions.id = program_version_id
                WHERE number = 2 AND program_rates.level = 2";
    assert_eq!(told(&app, kept), "3", "what is off is kept");
    let audit = "SELECT string_agg(programs.name || ' ' || (details ->> 'on') || (details ->> 'off'), ', ' ORDER BY programs.name)
                 FROM audit_log JOIN programs ON programs.id = subject_id WHERE action = 'program.new_version'";
    let rows = r#"Coffee []["sale percent level 2"], Equipment []["sale percent level 2"], Standard ["sale amount level 1"]["sale percent level 2"], Wholesale [][]"#;
    assert_eq!(told(&app, audit), rows);
}

#[test]
fn rates_come_back_when_they_are_switched_on_again() {
    let app = http::app();
    program(&app, "Standard", &[(Level::One, 10, 0, 0), (Level::Two, 3, 0, 0)]);
    let administrator = app.sign_in_as(Administrator);
    for (levels, word) in [("1", "off, kept"), ("2", "on")] {
        let page = form(&administrator).with("levels", levels).send(&administrator);
        page.says(&format!("Standard {word} Sale percent of level 2: 3 %"));
        assert_eq!(page.first("#save-button"), "Save changes to 1 of 1 program");
        assert_eq!(Filled::of(&page, PATH).send(&administrator).status, 303);
    }
    assert_eq!(told(&app, "SELECT max(number) FROM program_versions"), "3");
}

#[test]
fn where_no_rate_goes_on_or_off_all_programs_get_their_version_without_asking() {
    let app = http::app();
    program(&app, "Wholesale", &[(Level::One, 5, 0, 0)]);
    let administrator = app.sign_in_as(Administrator);
    assert_eq!(form(&administrator).with("levels", "3").send(&administrator).status, 303);
    administrator
        .get(PATH)
        .says("The one commission program record got a dated version; what they pay stays.");
    assert_eq!(told(&app, "SELECT max(number) FROM program_versions"), "2");
}

#[test]
fn a_program_that_changes_after_the_list_was_seen_is_shown_again() {
    let app = http::app();
    program(&app, "Standard", &[(Level::One, 10, 0, 0), (Level::Two, 3, 0, 0)]);
    let administrator = app.sign_in_as(Administrator);
    let seen = Filled::of(&form(&administrator).with("levels", "1").send(&administrator), PATH);
    program(&app, "Standard", &[(Level::One, 10, 0, 0), (Level::Two, 4, 0, 0)]);
    let page = seen.send(&administrator);
    assert_eq!((page.status, told(&app, "SELECT levels FROM defaults").as_str()), (200, "2"));
    page.says("A commission program has changed since you saw the list.")
        .says("Sale percent of level 2: 4 %");
    assert_eq!(Filled::of(&page, PATH).send(&administrator).status, 303);
}

#[test]
fn of_two_who_edit_at_once_the_second_is_told_what_differs_and_loses_nothing() {
    let app = http::app();
    let (one, other) = (app.sign_in_as(Administrator), app.sign_in_as(Administrator));
    let late = form(&other).with("code_prefix", "mine").with("use_ip_address", "yes");
    assert_eq!(form(&one).with("code_prefix", "theirs").with("levels", "1").send(&one).status, 303);
    let page = late.send(&other);
    assert_eq!((page.status, told(&app, "SELECT code_prefix FROM defaults").as_str()), (422, "theirs"));
    page.says("Not saved. Administrator saved these settings at Nov 3, 2026, 10:41");
    let differences = [
        "Referral Partner Code Prefix : saved is theirs , yours is mine",
        "Use IP Address : saved is No , yours is Yes",
        "Referral Partner # of Levels : saved is 1 , yours is 2",
    ];
    assert_eq!(page.all(".flash li"), differences);
    let again = Filled::of(&page, PATH);
    assert_eq!((again.value("code_prefix"), again.value("use_ip_address")), ("mine", "yes"));
    // Having seen it, the second may put the own settings in place of the first one's.
    assert_eq!(again.with("levels", "1").send(&other).status, 303);
    assert_eq!(told(&app, "SELECT (code_prefix, use_ip_address, levels) FROM defaults"), "(mine,t,1)");
}

#[test]
fn of_many_who_press_save_at_once_one_saves() {
    let app = http::app();
    program(&app, "Standard", &[(Level::One, 10, 0, 0), (Level::Three, 3, 0, 0)]);
    let administrator = app.sign_in_as(Administrator);
    let seen = Filled::of(&form(&administrator).with("levels", "3").send(&administrator), PATH);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        // Nobody gets past the audit row until all are on their way: without the lock at the start,
        // each would have found the settings as they were.
        let mut held = app.database.owner();
        held.batch_execute("BEGIN; LOCK TABLE audit_log IN EXCLUSIVE MODE").unwrap();
        let press = || scope.spawn(|| seen.send(&administrator).status);
        let presses: Vec<_> = (0..8).map(|_| press()).collect();
        let waiting = "SELECT count(*) FROM pg_stat_activity
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while told(&app, waiting) != "8" {
            std::thread::sleep(Duration::from_millis(20));
        }
        held.batch_execute("COMMIT").unwrap();
        presses.into_iter().map(|press| press.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 422).count(), 7, "{statuses:?}");
    assert_eq!(told(&app, "SELECT (max(version), count(*)) FROM defaults"), "(2,1)");
    assert_eq!(told(&app, "SELECT max(number) FROM program_versions"), "2");
}

#[test]
fn a_viewer_looks_and_changes_nothing() {
    let app = http::app();
    let viewer = app.sign_in_as(Viewer);
    let page = viewer.get(PATH);
    page.says("Your role may look at these settings.").says("What these choices pay");
    assert!(page.html.contains("<fieldset disabled>") && page.all("#save").is_empty());
    assert_eq!(form(&viewer).with("levels", "3").send(&viewer).status, 403);
    assert_eq!(told(&app, "SELECT levels FROM defaults"), "2");
}

fn example(page: &Page) -> Vec<String> {
    page.all(".example__row")
}

#[test]
fn the_example_follows_the_choices_and_saves_nothing() {
    let app = http::app();
    program(&app, "Standard", &[(Level::One, 10, 0, 0), (Level::Three, 1, 0, 0)]);
    let administrator = app.sign_in_as(Administrator);
    let page = administrator.get(PATH);
    assert_eq!(
        example(&page)[..2],
        ["Sam level 1 100.00 × 10 % $10.00", "Joe level 2, parent of Sam 100.00 × 3 % $3.00"]
    );
    page.says("A sale of $100.00 by Sam, whose parent is Joe.").says("11. Save changes nothing so far.");
    let before = saved(&app);
    let choices = form(&administrator).with("levels", "3").with("code_prefix", "fern-");
    let without_script = choices.with("show", "example").send(&administrator);
    let query = "?levels=3&code_prefix=fern-&payout_sale=yes&payout_percent=yes&choose_partner=latest&tracking_method=cookies\
                 &skip_notifications=no&use_ip_address=no&pay_if_unused=no&credit_own_purchases=no\
                 &coupon_or_link=coupon";
    let with_script = administrator.get(&format!("{PATH}/example{query}"));
    for page in [&without_script, &with_script] {
        assert_eq!(page.status, 200);
        assert_eq!(example(page)[2], "Kim level 3, parent of Joe 100.00 × 1 % $1.00");
        page.says("As saved now, this sale pays Sam $10.00, Joe $3.00.").says("/go/shop/fern-sam");
        assert_eq!(page.first("#was-levels"), "changed from 2");
        assert_eq!(page.first("#save-button"), "Save changes to 1 of 1 program");
        page.says("Standard on Sale percent of level 3: 1 %");
    }
    assert!(!with_script.html.contains("<html"), "only the parts that change");
    assert_eq!(saved(&app), before);
}

#[test]
fn the_example_stands_in_the_companys_currency() {
    let app = http::app();
    app.database.psql("UPDATE company SET currency = 'JPY', minor_units = 0");
    let page = app.sign_in_as(Viewer).get(PATH);
    page.says("A sale of ¥10,000 by Sam").says("¥1,000").says("¥300");
}

#[test]
fn nasty_strings_come_back_as_they_were_typed_and_nothing_is_saved() {
    let app = http::app();
    let administrator = app.sign_in_as(Administrator);
    let before = saved(&app);
    let filled = form(&administrator).with("levels", "4");
    for string in nasty_strings() {
        let mut nasty = Filled { action: filled.action.clone(), fields: filled.fields.clone() };
        for field in ["code_prefix", "custom_link_url", "choose_partner", "version", "confirm"] {
            nasty = nasty.with(field, &string);
        }
        let page = nasty.send(&administrator);
        assert_eq!(page.status, 422, "{string:?}");
        if string.contains('\0') {
            continue;
        }
        let again = Filled::of(&page, PATH);
        for field in ["code_prefix", "custom_link_url"] {
            assert_eq!(shown(again.value(field)), shown(&string), "{field}");
        }
        let query = serde_urlencoded::to_string([("code_prefix", &string), ("levels", &string)]).unwrap();
        let page = administrator.get(&format!("{PATH}/example?{query}"));
        assert_eq!(page.status, 200, "{string:?}");
    }
    assert_eq!(saved(&app), before);
}
