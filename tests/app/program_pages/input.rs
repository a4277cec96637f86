//! What people type wrong, and what strangers type.

use super::{Filled, form, with_standard};
use crate::order_pages::shop::{percent, program};
use partnerbook::domain::program::Level;
use partnerbook::domain::typed::Trimmed;

#[test]
fn every_problem_is_named_beside_its_field_and_what_was_typed_stays() {
    let (shop, administrator, standard) = with_standard();
    shop.defaults(|defaults| defaults.payout.amount = true);
    shop.program(program("Taken", &[]));
    let path = format!("/programs/{standard}");
    let wrong = [
        ("name", " ", "Name is missing."),
        ("name", &"x".repeat(5000), "Name has 5000 characters; it may have 200."),
        ("name", "tAKEN", "Another program has this name."),
        ("priority", "0", "Priority is a whole number from 1 to 9999."),
        ("priority", "1e3", "Priority is a whole number from 1 to 9999."),
        ("payout", "later", "Choose when commissions are credited."),
        ("amount_per", "", "Choose what an amount is paid for."),
        ("covers_all", "perhaps", "Choose what holds for products without a rule of their own."),
        ("default-level_1-sale_percent", "100.001", "the sale percent of level 1 is not between 0 and 100."),
        ("default-level_1-sale_percent", "-1", "the sale percent of level 1 is not between 0 and 100."),
        ("default-level_1-sale_percent", "1.2345", "the sale percent of level 1 has more than 3 decimals."),
        ("default-level_2-sale_percent", "NaN", "the sale percent of level 2 is not a number"),
        ("default-level_1-sale_amount", "1.234", "the sale amount of level 1 has more than 2 decimals."),
        ("default-level_1-sale_amount", "-5", "the sale amount of level 1 is below zero."),
        ("default-level_2-sale_amount", "1e3", "the sale amount of level 2 is not a number"),
        ("default-level_2-sale_amount", "99999999999999999999", "the sale amount of level 2 is too large."),
    ];
    for (field, typed, sentence) in wrong {
        let page = form(&administrator, standard).with(field, typed).send(&administrator);
        assert_eq!(page.status, 422, "{field} {typed}");
        page.says("One thing needs another look:").says(sentence);
        if !["payout", "amount_per", "covers_all"].contains(&field) {
            assert_eq!(Filled::of(&page, &path).get(field), Some(typed), "{field}");
        }
        assert!(page.html.contains(&format!("id=\"{field}-error\"")), "beside {field}");
    }
    let page = form(&administrator, standard)
        .with("default-level_1-sale_percent", "101")
        .with("name", "")
        .send(&administrator);
    page.says("2 things need another look:");
    shop.viewer.get("/programs").says("Standard 10 %, parent 3 %");
}

#[test]
fn a_product_has_one_rule_and_is_known_by_its_exact_code() {
    let (shop, administrator, standard) = with_standard();
    shop.product("85123A", "Heart");
    let path = format!("/programs/{standard}");
    let add = |form: Filled| Filled::of(&form.press(&administrator, "add", "rule"), &path);
    let page = add(form(&administrator, standard)).send(&administrator);
    assert_eq!(page.status, 422);
    page.says("Name the product of this rule, or take the rule out.");
    let page = Filled::of(&page, &path).with("rule-1-product", "85123a").send(&administrator);
    page.says("There is no product with the code “85123a”. Codes are compared exactly.");
    let twice =
        add(Filled::of(&page, &path).with("rule-1-product", "85123A")).with("rule-2-product", "85123A");
    let page = twice.send(&administrator);
    assert_eq!(page.status, 422);
    page.says("85123A Heart has a rule of its own already. A product has one at most.");
    // The second is taken out again, unnamed or not.
    let page = Filled::of(&page, &path).with("rule-2-removed", "yes").send(&administrator);
    assert_eq!(page.status, 303, "{}", page.text());
    // A saved rule and a new one for the same product; and a rule that another page of the form shows.
    let page = add(form(&administrator, standard)).with("rule-2-product", "85123A").send(&administrator);
    page.says("has a rule of its own already");
    let elsewhere = Filled::of(&administrator.get(&format!("{path}/edit?q=nothing")), &path);
    assert_eq!(elsewhere.get("rule-1-known"), None);
    add(elsewhere)
        .with("rule-1-product", "85123A")
        .send(&administrator)
        .says("has a rule of its own already");
    // Taken out and put in anew at once, it is the new one.
    let page = add(form(&administrator, standard).with("rule-1-removed", "yes"))
        .with("rule-2-product", "85123A")
        .with("rule-2-level_1-sale_percent", "7")
        .send(&administrator);
    assert_eq!(page.status, 303, "{}", page.text());
    shop.viewer.get(&path).says("85123A Heart 7 %");
}

#[test]
fn rules_that_the_form_does_not_show_stay_as_they_are() {
    let (shop, administrator, _) = with_standard();
    let mut many = program("Many", &[(Level::One, percent("1"))]);
    for number in 0..45 {
        let product = shop.product(&format!("P{number:02}"), "");
        let rows = vec![(Level::One, percent("5"))];
        many.rules.push(partnerbook::selling::programs::TermsRule { product: Some(product), rows });
    }
    let many = shop.program(many);
    let page = administrator.get(&format!("/programs/{many}/edit?page=2"));
    page.says("Rules 21–40 of 45 are here; the others stay as they are.");
    let page = Filled::of(&page, &format!("/programs/{many}"))
        .with("rule-1-level_1-sale_percent", "6")
        .with("rule-2-removed", "yes")
        .send(&administrator);
    assert_eq!(page.status, 303, "{}", page.text());
    let shown = |query: &str| shop.viewer.get(&format!("/programs/{many}{query}"));
    shown("?q=P20").says("P20 6 %").says("1–1 of 1");
    shown("?q=P21").says("No rule for such a product");
    shown("?q=P44").says("P44 5 %");
    shown("").says("1–44 of 44");
}

#[test]
fn hostile_strings_are_refused_or_shown_back_unharmed() {
    let (shop, administrator, standard) = with_standard();
    let strings: Vec<String> = serde_json::from_str(include_str!("../../data/blns.json")).unwrap();
    let fields = ["priority", "payout", "covers_all", "version", "default-level_1-sale_percent"];
    for (place, string) in strings.iter().enumerate().filter(|(_, string)| !string.contains('\0')) {
        let page = form(&administrator, standard).with("name", string).send(&administrator);
        assert!([303, 422].contains(&page.status), "{string:?}: {}", page.status);
        if page.status == 303 {
            let name = string.trimmed();
            let page = administrator.get(&format!("/programs/{standard}/edit"));
            assert_eq!(Filled::of(&page, &format!("/programs/{standard}")).get("name"), Some(name));
            assert!(shop.viewer.get("/programs").status == 200);
        }
        let field = fields[place % fields.len()];
        let page =
            form(&administrator, standard).with(field, string).with("rule", string).send(&administrator);
        assert!([303, 422].contains(&page.status), "{field} {string:?}: {}", page.status);
        let path = format!("/programs/{standard}/partners");
        let page = Filled::of(&administrator.get(&path), &path).with("codes", string).send(&administrator);
        assert_eq!(page.status, 422, "{string:?}");
    }
    let long = "y".repeat(5000);
    assert_eq!(form(&administrator, standard).with("name", &long).send(&administrator).status, 422);
    for query in ["?q=%00", "?page=-1", "?page=99999999999", "?q=%F0%9F%92%A9"] {
        let page = shop.viewer.get(&format!("/programs/{standard}{query}"));
        assert!(page.status < 500, "{query}: {}", page.status);
    }
    for id in ["0", "-1", "99999999999999999999", "x"] {
        assert_eq!(shop.viewer.get(&format!("/programs/{id}")).status, 404, "{id}");
    }
}
