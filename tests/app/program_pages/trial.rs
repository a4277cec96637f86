//! *What would it have paid?*

use super::{Filled, form, with_standard};
use crate::order_pages::shop::{Shop, cents, line, order, percent, program, rows};
use crate::support::http::{Page, Visitor};
use partnerbook::domain::ids::{PartnerId, ProgramId};
use partnerbook::domain::program::Level;
use partnerbook::selling::orders::EventKind;

const TRIALS: &str = "/program-trials";

fn sell(shop: &Shop, number: &str, partner: PartnerId, price: &str) {
    let mut sale = order(number, vec![line(shop.product("P", "Plan"), "2", price)]);
    sale.partner = Some(partner);
    shop.sell(sale);
}

fn tried(visitor: &Visitor, filled: &Filled, words: &[&str]) -> Page {
    let page = filled.send_to(visitor, TRIALS);
    assert_eq!(page.status, 200, "{}", page.text());
    let told = page.first("#trial");
    for words in words {
        assert!(told.contains(words), "“{words}” is not in: {told}");
    }
    page
}

#[test]
fn the_program_as_edited_is_run_over_real_orders_and_nothing_is_written() {
    let (shop, administrator, standard) = with_standard();
    let other = shop.program(program("Other", &[(Level::One, percent("50"))]));
    let joe = shop.partner("joe", "Joe Marchetti", None, &[]);
    let sam = shop.partner("sam", "Samantha Whitlock", Some(joe), &[standard]);
    let ada = shop.partner("ada", "Ada Ekström", None, &[other]);
    sell(&shop, "A1", sam, "100");
    sell(&shop, "A2", sam, "50");
    sell(&shop, "B1", ada, "100");
    // One of two came back: half of what it would have paid.
    shop.happened("A2", 25, EventKind::Refund { lines: vec![(1, 1.into())], amount: cents(5000) });

    let filled =
        form(&administrator, standard).with("default-level_1-sale_percent", "15").with("trial", "2026-Q4");
    let page = tried(
        &administrator,
        &filled,
        &[
            "Oct 1, 2026 – Dec 31, 2026:",
            "2 orders credit a partner of this program. Nothing was saved.",
            "Was earned $32.50",
            "As edited $45.00",
            "Difference $12.50 2 orders differ",
        ],
    );
    assert!(!page.text().contains("As everything is saved now"), "nothing has changed since");
    assert_eq!(
        rows(&page, "#trial tbody"),
        [
            "Samantha Whitlock | sam | 25.00 | 37.50 | 12.50",
            "A1 | Oct 21, 2026 | 26.00 | 36.00 | 10.00",
            "A2 | Oct 21, 2026 | 6.50 | 9.00 | 2.50",
        ]
    );
    // What was typed is still there, and may be saved; nothing was.
    let again = Filled::of(&page, &format!("/programs/{standard}"));
    assert_eq!(again.get("default-level_1-sale_percent"), Some("15"));
    shop.viewer.get(&format!("/programs/{standard}")).says("Level 1 the credited partner 10 %");
    assert_eq!(rows(&shop.viewer.get(&format!("/programs/{standard}/versions")), "tbody").len(), 1);
    shop.viewer.get(&format!("/partners/{sam}")).says("Balance today $25.00");
    // Unchanged, it differs nowhere.
    tried(
        &administrator,
        &form(&administrator, standard).with("trial", "2026-10"),
        &["Every order would have earned just what it did."],
    );
}

/// The trial and a save are told by the same rules: what is tried is what is paid then.
#[test]
fn what_the_trial_says_is_what_a_save_then_pays() {
    let (shop, administrator, standard) = with_standard();
    shop.defaults(|defaults| {
        (defaults.payout.amount, defaults.payout.lead, defaults.payout.pay_if_unused) = (true, true, true)
    });
    let sam = shop.partner("sam", "Samantha Whitlock", None, &[standard]);
    sell(&shop, "A1", sam, "33.33");
    let edited = form(&administrator, standard)
        .with("default-level_1-sale_percent", "7.125")
        .with("default-level_1-sale_amount", "0.75")
        .with("default-level_1-lead_amount", "1.01")
        .with("default-unused-sale_percent", "2.5")
        .with("amount_per", "order")
        .with("trial", "2026-Q4");
    // 66.66 × 7.125 % = 4.75, 66.66 × 2.5 % = 1.67, 0.75 and 1.01 once.
    tried(&administrator, &edited, &["As edited $8.18"]);
    assert_eq!(edited.send(&administrator).status, 303);
    sell(&shop, "A2", sam, "33.33");
    let balance = shop.viewer.get(&format!("/orders/{}", shop.order("A2")));
    let total: Vec<String> = rows(&balance, "tfoot");
    assert!(total.iter().any(|row| row.contains("8.18")), "{total:?}");
}

#[test]
fn who_has_left_since_counts_where_the_order_paid_by_the_program() {
    let (shop, administrator, standard) = with_standard();
    let sam = shop.partner("sam", "Samantha Whitlock", None, &[standard]);
    sell(&shop, "A1", sam, "100");
    let path = format!("/programs/{standard}/partners");
    let page = administrator.get(&path);
    Filled::of(&page, &format!("/programs/{standard}/withdrawals"))
        .with("tick", &sam.to_string())
        .send(&administrator);
    let filled =
        form(&administrator, standard).with("default-level_1-sale_percent", "11").with("trial", "2026-Q4");
    tried(&administrator, &filled, &["1 order credits a partner", "Was earned $20.00", "As edited $22.00"]);
}

#[test]
fn what_has_changed_since_the_orders_is_told_apart() {
    let (shop, administrator, standard) = with_standard();
    let sam = shop.partner("sam", "Samantha Whitlock", None, &[standard]);
    sell(&shop, "A1", sam, "100");
    form(&administrator, standard).with("default-level_1-sale_percent", "12").send(&administrator);
    let filled =
        form(&administrator, standard).with("default-level_1-sale_percent", "13").with("trial", "2026-Q4");
    tried(
        &administrator,
        &filled,
        &["Was earned $20.00", "As edited $26.00", "As everything is saved now, they would hold $24.00"],
    );
}

#[test]
fn a_new_program_is_tried_on_those_who_are_to_be_enrolled() {
    let (shop, administrator, standard) = with_standard();
    let sam = shop.partner("sam", "Samantha Whitlock", None, &[standard]);
    sell(&shop, "A1", sam, "100");
    let new = Filled::of(&administrator.get("/programs/new"), "/programs")
        .with("name", "Launch")
        .with("default-level_1-sale_percent", "40")
        .with("partners", "sam")
        .with("trial", "2026-Q4");
    // After Standard it pays nothing; before it, all.
    tried(&administrator, &new, &["Was earned $20.00", "As edited $20.00"]);
    let first = Filled::of(&administrator.get("/programs/new"), "/programs");
    assert_eq!(first.get("priority"), Some("2"));
    // Of two with the same number the older one goes first.
    tried(&administrator, &new.with("priority", "1"), &["As edited $20.00"]);
    form(&administrator, standard).with("priority", "2").send(&administrator);
    let before = Filled::of(&administrator.get("/programs/new"), "/programs")
        .with("name", "Launch")
        .with("priority", "1")
        .with("default-level_1-sale_percent", "40")
        .with("partners", "sam")
        .with("trial", "2026-Q4");
    tried(&administrator, &before, &["As edited $80.00"]);
}

#[test]
fn a_trial_of_something_else_is_refused_beside_its_field() {
    let (shop, administrator, standard) = with_standard();
    let page = administrator.get(&format!("/programs/{standard}/edit"));
    assert!(!page.text().contains("What would it have paid?"), "there are no orders yet");
    let sam = shop.partner("sam", "Samantha Whitlock", None, &[standard]);
    sell(&shop, "A1", sam, "100");
    for period in ["", "2026", "2026-Q5", "2026-13", "99999-01", "-1-Q1", "x", "2026-Q"] {
        let page = form(&administrator, standard).with("trial", period).send_to(&administrator, TRIALS);
        assert_eq!(page.status, 422, "{period}");
        page.says("Choose a month or a quarter with orders.");
    }
    let page = form(&administrator, standard)
        .with("priority", "x")
        .with("trial", "2026-Q4")
        .send_to(&administrator, TRIALS);
    assert_eq!(page.status, 422);
    page.says("Priority is a whole number");
    let gone =
        form(&administrator, standard).with("program", &ProgramId(999).to_string()).with("trial", "2026-Q4");
    assert_eq!(gone.send_to(&administrator, TRIALS).status, 404);
}
