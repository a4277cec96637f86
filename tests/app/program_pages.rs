//! CRM > Commission Programs: the list, the form, the versions, who is enrolled.

mod filled;
mod input;
mod together;
mod trial;

use crate::order_pages::shop::{Shop, line, order, percent, program, rows};
use crate::support::http::Visitor;
use filled::Filled;
use partnerbook::domain::ids::ProgramId;
use partnerbook::domain::program::Level;
use partnerbook::web::admin::Role::Administrator;

/// A shop with one program that pays 10 % and the parent 3 %.
pub fn with_standard() -> (Shop, Visitor, ProgramId) {
    let shop = Shop::open();
    let administrator = shop.app.sign_in_as(Administrator);
    let standard =
        shop.program(program("Standard", &[(Level::One, percent("10")), (Level::Two, percent("3"))]));
    (shop, administrator, standard)
}

/// The form of a program, as its page offers it.
pub fn form(visitor: &Visitor, id: ProgramId) -> Filled {
    Filled::of(&visitor.get(&format!("/programs/{id}/edit")), &format!("/programs/{id}"))
}

#[test]
fn a_program_is_made_by_hand_with_a_products_own_rule_and_its_partners() {
    let shop = Shop::open();
    let administrator = shop.app.sign_in_as(Administrator);
    administrator.get("/programs").says("No commission program yet").says("Add the first program");
    shop.product("GIFT", "Gift card");
    let joe = shop.partner("joe", "Joe Parent", None, &[]);
    let sam = shop.partner("sam", "Samantha Whitlock", Some(joe), &[]);

    let new = Filled::of(&administrator.get("/programs/new"), "/programs");
    assert_eq!((new.get("priority"), new.get("payout")), (Some("1"), Some("up_front")));
    let filled = new
        .with("name", "Standard")
        .with("default-level_1-sale_percent", "12.5")
        .with("default-level_2-sale_percent", "3")
        .with("partners", "SAM, nobody");
    // Without a script, another rule is a button of the form.
    let page = filled.press(&administrator, "add", "rule");
    assert_eq!(page.status, 200);
    let filled = Filled::of(&page, "/programs")
        .with("rule-1-product", "GIFT")
        .with("rule-1-level_1-sale_percent", "2.125");
    assert_eq!(filled.get("default-level_1-sale_percent"), Some("12.5"));
    let page = filled.send(&administrator);
    assert_eq!(page.status, 422);
    page.says("No partner has the code “nobody”.");
    let page = Filled::of(&page, "/programs").with("partners", "SAM").send(&administrator);
    let path = page.location().to_string();
    let page = administrator.get(&path);
    page.says("Added. Standard has 1 partner enrolled.").says("Level 1 the credited partner 12.5 %");
    assert_eq!(rows(&page, "section[aria-labelledby=h-own] tbody"), ["GIFT Gift card | 2.125 % | nothing"]);

    // It pays.
    let mut sale = order(
        "A1",
        vec![line(shop.product("P", "Plan"), "1", "200"), line(shop.product("GIFT", ""), "1", "200")],
    );
    sale.partner = Some(sam);
    shop.sell(sale)
        .says("200.00 × 12.5 % = 25.00")
        .says("200.00 × 2.125 % = 4.25")
        .says("200.00 × 3 % = 6.00");
    let listed = rows(&shop.viewer.get("/programs"), "tbody");
    assert_eq!(listed, ["1 | Standard | 12.5 %, parent 3 % | 1 product | Up-front credit in full | 1"]);
}

#[test]
fn each_save_is_a_dated_version_whose_changes_are_told_in_words() {
    let (shop, administrator, standard) = with_standard();
    shop.product("GIFT", "Gift card");
    let page = form(&administrator, standard)
        .with("default-level_1-sale_percent", "12")
        .with("payout", "on_payment")
        .with("priority", "4")
        .send(&administrator);
    assert_eq!(page.location(), format!("/programs/{standard}"));
    administrator.get(page.location()).says("Saved. Orders recorded from now on are paid by it");
    let page = form(&administrator, standard).press(&administrator, "add", "rule");
    let page = Filled::of(&page, &format!("/programs/{standard}"))
        .with("rule-1-product", " GIFT ")
        .with("rule-1-level_1-sale_percent", "1")
        .send(&administrator);
    assert_eq!(page.status, 303, "{}", page.text());
    form(&administrator, standard)
        .with("rule-1-removed", "yes")
        .with("name", "Ordinary")
        .send(&administrator);

    let page = shop.viewer.get(&format!("/programs/{standard}/versions"));
    let told = rows(&page, "tbody");
    assert_eq!(told.len(), 4);
    assert!(told[0].starts_with("Version 4 In force | "), "{told:?}");
    assert!(told[0].ends_with("| Administrator | GIFT Gift card: rule taken out, was 1 %"), "{told:?}");
    assert!(told[1].ends_with("GIFT Gift card: rule added, 1 %"), "{told:?}");
    let changes = "Priority: 1 → 4 Payout type: Up-front credit in full → Credit on customer payment \
                   Default, sale percent of level 1: 10 % → 12 %";
    assert!(told[2].ends_with(changes), "{told:?}");
    assert!(told[3].ends_with("Command line | Made, with priority 1"), "{told:?}");
    // A version shows what it said.
    let page = shop.viewer.get(&format!("/programs/{standard}/versions/1"));
    page.says("Ordinary, version 1").says("It was in force until").says("10 %");
    assert_eq!(shop.viewer.get(&format!("/programs/{standard}/versions/5")).status, 404);
    // The same again is no version.
    let page = form(&administrator, standard).send(&administrator);
    administrator.get(page.location()).says("Nothing to save.");
    assert_eq!(rows(&shop.viewer.get(&format!("/programs/{standard}/versions")), "tbody").len(), 4);
}

#[test]
fn rates_that_are_off_are_greyed_with_the_reason_and_nothing_of_them_is_lost() {
    let (shop, administrator, standard) = with_standard();
    shop.defaults(|defaults| (defaults.payout.levels, defaults.payout.amount) = (3, true));
    form(&administrator, standard)
        .with("default-level_3-sale_percent", "1")
        .with("default-level_1-sale_amount", "5")
        .send(&administrator);
    shop.defaults(|defaults| (defaults.payout.levels, defaults.payout.amount) = (2, false));

    let page = administrator.get(&format!("/programs/{standard}/edit"));
    let field = |name: &str| format!("input[name=\"{name}\"]");
    for (name, value) in [("default-level_3-sale_percent", "1"), ("default-level_1-sale_amount", "5.00")] {
        assert_eq!(page.attribute(&field(name), "value"), value);
        page.attribute(&field(name), "disabled");
    }
    page.says("off: # of Levels is 2").says("off: Amount is not ticked").says("off: Lead is not ticked");
    form(&administrator, standard).with("default-level_1-sale_percent", "11").send(&administrator);
    administrator.get("/programs").says("11 %, parent 3 % kept, off: $5.00 per unit, grandparent 1 %");

    shop.defaults(|defaults| (defaults.payout.levels, defaults.payout.amount) = (3, true));
    let form = form(&administrator, standard);
    assert_eq!(form.get("default-level_3-sale_percent"), Some("1"));
    assert_eq!(form.get("default-level_1-sale_amount"), Some("5.00"));
}

#[test]
fn a_program_may_cover_only_the_products_that_it_names() {
    let (shop, administrator, standard) = with_standard();
    form(&administrator, standard).with("covers_all", "no").send(&administrator);
    shop.viewer
        .get(&format!("/programs/{standard}"))
        .says("None: the program covers only the products below.");
    shop.viewer.get("/programs").says("only products with rules of their own");
    let sam = shop.partner("sam", "Sam", None, &[standard]);
    let mut sale = order("A1", vec![line(shop.product("P", "Plan"), "1", "200")]);
    sale.partner = Some(sam);
    shop.sell(sale).says("No program of Sam covered it.");
    // An empty default covers everything, and pays nothing.
    let empty = ["default-level_1-sale_percent", "default-level_2-sale_percent"];
    let filled = empty
        .iter()
        .fold(form(&administrator, standard).with("covers_all", "yes"), |form, name| form.with(name, ""));
    assert_eq!(filled.send(&administrator).status, 303);
    shop.viewer.get("/programs").says("Standard nothing");
}

#[test]
fn partners_are_enrolled_by_code_and_taken_out_again() {
    let (shop, administrator, standard) = with_standard();
    let other = shop.program(program("Other", &[(Level::One, percent("1"))]));
    let sam = shop.partner("sam", "Samantha Whitlock", None, &[other]);
    shop.partner("apex", "Apex Corporation", None, &[standard]);
    let path = format!("/programs/{standard}/partners");
    let enrol =
        |codes: &str| Filled::of(&administrator.get(&path), &path).with("codes", codes).send(&administrator);
    let page = enrol("sam APEX\r\nsam");
    administrator
        .get(page.location())
        .says("Enrolled. 1 partner earns by this program from now on. 1 was in it already.");
    let listed: Vec<String> = rows(&shop.viewer.get(&path), "tbody");
    assert_eq!(listed.len(), 2);
    assert!(
        listed[1].starts_with("Samantha Whitlock | sam | Active | ") && listed[1].ends_with(" | Other"),
        "{listed:?}"
    );
    let page = enrol("sam, ghost1; ghost2");
    assert_eq!(page.status, 422);
    page.says("No partner has one of the codes “ghost1”, “ghost2”.");
    assert_eq!(page.first("textarea[name=codes]"), "sam, ghost1; ghost2");
    assert_eq!(enrol("  ").status, 422);

    let withdraw = format!("/programs/{standard}/withdrawals");
    let page =
        Filled::of(&administrator.get(&path), &withdraw).with("tick", &sam.to_string()).send(&administrator);
    administrator.get(page.location()).says("Taken out. 1 partner earns nothing more by this program");
    assert_eq!(rows(&shop.viewer.get(&path), "tbody").len(), 1);
    let page = Filled::of(&administrator.get(&path), &withdraw).send(&administrator);
    administrator.get(page.location()).says("Nobody was taken out.");
    let audit = administrator.get("/settings/audit");
    audit.says("Program: enrol").says("Program: withdraw");
}

#[test]
fn a_program_is_deleted_only_while_nothing_uses_it() {
    let (shop, administrator, standard) = with_standard();
    let edit = format!("/programs/{standard}/edit");
    let delete = format!("/programs/{standard}/delete");
    let sam = shop.partner("sam", "Sam", None, &[standard]);
    administrator.get(&edit).says("It cannot be deleted: 1 partner is enrolled in it.");
    let mut sale = order("A1", vec![line(shop.product("P", "Plan"), "1", "200")]);
    sale.partner = Some(sam);
    shop.sell(sale);
    let page = administrator.submit(&edit, &delete, &[]);
    assert_eq!(page.status, 422, "{}", page.text());
    page.says("1 partner is enrolled in it, and 1 order has commissions by its rules");

    let trial = shop.program(program("Trial", &[]));
    let page = Filled::of(
        &administrator.get(&format!("/programs/{trial}/edit")),
        &format!("/programs/{trial}/delete"),
    );
    assert_eq!(page.send(&administrator).location(), "/programs");
    administrator.get("/programs").says("Deleted. Trial is gone; its name is free.");
    assert_eq!(administrator.get(&format!("/programs/{trial}")).status, 404);
    assert!(!shop.viewer.get("/partners").text().contains("Trial"));
    // Its name can be given again, and it is another program.
    assert_ne!(shop.program(program("trial", &[])), trial);
}
