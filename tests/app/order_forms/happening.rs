//! What happens to an order, from its page: customer payment, return, refund, another credit, cancel.

use partnerbook::domain::ids::{OrderId, PartnerId};
use partnerbook::domain::program::{Level, Payout};
use partnerbook::selling::orders::EventKind;
use partnerbook::web::admin::Role;

use super::placing::{shop, verify_clean};
use super::typing::Form;
use crate::order_pages::shop::{Shop, cents, line, order, percent, program, rows};
use crate::support::http::{Page, Visitor};

const ENTRIES: &str = "section[aria-labelledby=entries] tbody";
const BUTTON: &str = ".action-bar .button:last-child";

/// Order 1 of October 21: two plans of 50.00 by Sam, whose parent is Joe; paid with it.
fn sold(shop: &Shop) -> OrderId {
    sold_with(shop, 2, true)
}

fn sold_with(shop: &Shop, partner: i64, paid: bool) -> OrderId {
    let plan = shop.product("PLAN", "Office Plan");
    let mut sale = order("1", vec![line(plan, "2", "50.00")]);
    (sale.partner, sale.paid_in_full) = (Some(PartnerId(partner)), paid);
    shop.sell(sale);
    shop.order("1")
}

fn form(admin: &Visitor, order: OrderId, kind: &str) -> Form {
    let page = admin.get(&format!("/orders/{order}/events/new?kind={kind}"));
    assert_eq!(page.status, 200, "{}", page.text());
    Form::of(&page, "event")
}

fn press(admin: &Visitor, page: &Page) -> Page {
    Form::of(page, "event").press(admin, "record")
}

/// Presses the button that the preview shows, and opens the order.
fn recorded(admin: &Visitor, preview: &Page) -> Page {
    assert_eq!(preview.status, 200, "{}", preview.text());
    admin.get(press(admin, preview).location())
}

#[test]
fn a_return_by_line_shows_its_clawbacks_and_writes_just_them() {
    let (shop, admin) = shop();
    let id = sold(&shop);
    let preview =
        form(&admin, id, "return").set("quantity-1", "1").set("amount", "50").press(&admin, "preview");
    let told = rows(&preview, ENTRIES);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("Samantha Clawback Level 1, sold it") && told[0].ends_with("−5.00"), "{told:?}");
    assert!(told[0].contains("1 of 2 returned: 10.00 × 1 ÷ 2 = 5.00, had 10.00"), "{told:?}");
    assert!(told[1].starts_with("Joe") && told[1].ends_with("−1.50"), "{told:?}");
    preview.says("The goods were sold for $50.00; $50.00 is given back.");
    assert_eq!(preview.first(BUTTON), "Record the return: $6.50 is taken back from 2 partners");
    assert_eq!(shop.page("1").first("section[aria-labelledby=commissions] tfoot .money"), "10.00");
    let order = recorded(&admin, &preview);
    order.says("Partly returned").says("Return: $6.50 is taken back from 2 partners.");
    for entry in &told {
        let words = entry.split(" | ").nth(2).expect("a working");
        order.says(words);
    }
    // No more than is left, and all of it at one press.
    let form = form(&admin, id, "return");
    let much = form.clone().set("quantity-1", "2").press(&admin, "record");
    assert_eq!(much.status, 422);
    much.says("Line 1: Quantity is more than is left: 1.");
    let all = form.press(&admin, "all");
    assert_eq!(all.attribute("#quantity-1", "value"), "1");
    let preview = Form::of(&all, "event").press(&admin, "preview");
    preview.says("The goods were sold for $50.00. No money is given back for them.");
    recorded(&admin, &preview).says("Returned");
    assert_eq!(
        shop.page("1").first("section[aria-labelledby=commissions] tfoot tr:last-child .money"),
        "$0.00"
    );
    let none = admin.get(&format!("/orders/{id}/events/new?kind=return"));
    none.says("nothing left");
    verify_clean(&shop);
}

#[test]
fn a_payment_is_proposed_as_what_is_due_and_more_is_pointed_out() {
    let (shop, admin) = shop();
    let mut terms = program("Later", &[(Level::One, percent("10"))]);
    terms.payout = Payout::OnPayment;
    let later = shop.program(terms);
    shop.partner("eve", "Eve", None, &[later]);
    let id = sold_with(&shop, 3, false);
    let page = admin.get(&format!("/orders/{id}/events/new?kind=payment"));
    assert_eq!(page.attribute("#amount", "value"), "100.00");
    assert_eq!(page.first(BUTTON), "Record the payment of $100.00: Eve earns $10.00");
    let preview = Form::of(&page, "event").set("amount", "20").press(&admin, "preview");
    assert_eq!(preview.first(BUTTON), "Record the payment of $20.00: Eve earns $2.00");
    recorded(&admin, &preview).says("Part paid").says("20.00 of 100.00 paid: 10.00 × 20.00 ÷ 100.00 = 2.00");
    let preview = form(&admin, id, "payment").set("amount", "100").press(&admin, "preview");
    preview.says("This is $20.00 more than is due: $80.00.");
    assert_eq!(preview.first(BUTTON), "Record the payment of $100.00: Eve earns $8.00");
    recorded(&admin, &preview).says("Paid");
    let page = admin.get(&format!("/orders/{id}/events/new?kind=payment"));
    assert_eq!(page.attribute("#amount", "value"), "");
    verify_clean(&shop);
}

#[test]
fn a_refund_of_more_than_was_paid_is_pointed_out_and_kept() {
    let (shop, admin) = shop();
    let id = sold(&shop);
    let preview =
        form(&admin, id, "refund").set("amount", "150").set("reason", "goodwill").press(&admin, "preview");
    preview.says("This is more than the customer has paid and not had back: $100.00.");
    assert_eq!(preview.first(BUTTON), "Record the refund of $150.00: $13.00 is taken back from 2 partners");
    recorded(&admin, &preview)
        .says("Refunded")
        .says("goodwill")
        .says("more was given back than the whole order is worth");
    let preview = form(&admin, id, "refund").set("amount", "1").press(&admin, "preview");
    preview.says("No entry is written");
    assert_eq!(preview.first(BUTTON), "Record the refund of $1.00: no commission changes");
    verify_clean(&shop);
}

#[test]
fn a_cancelled_order_gives_all_back_and_takes_no_more_forms() {
    let (shop, admin) = shop();
    let id = sold(&shop);
    let page = admin.get(&format!("/orders/{id}/events/new?kind=cancellation"));
    assert_eq!(page.first(BUTTON), "Cancel the order: $13.00 is taken back from 2 partners");
    let missing = press(&admin, &page);
    assert_eq!(missing.status, 422);
    missing.says("Reason is missing.");
    let preview = Form::of(&page, "event").set("reason", "Ordered twice").press(&admin, "preview");
    let open = form(&admin, id, "refund").set("amount", "1");
    let order = recorded(&admin, &preview);
    order.says("Cancelled").says("Ordered twice").says("The order was cancelled: all of it is taken back");
    assert!(order.all(".page-head__actions").is_empty(), "nothing more can be done");
    for answer in [open.press(&admin, "preview"), admin.get(&format!("/orders/{id}/events/new?kind=refund"))]
    {
        assert_eq!(answer.status, 422);
        answer.says("Order 1 is cancelled: nothing more can happen to it.");
    }
    verify_clean(&shop);
}

#[test]
fn another_partner_is_credited_and_what_the_first_got_is_taken_back() {
    let (shop, admin) = shop();
    let id = sold(&shop);
    let standard = shop.program(program("Better", &[(Level::One, percent("12"))]));
    shop.partner("eve", "Eve", None, &[standard]);
    let form = form(&admin, id, "credit").set("partner", "EVE");
    let preview = form.press(&admin, "preview");
    let told = rows(&preview, ENTRIES);
    assert!(
        told.iter().any(|row| row.starts_with("Samantha Clawback") && row.ends_with("−10.00")),
        "{told:?}"
    );
    assert!(told.iter().any(|row| row.starts_with("Joe Clawback") && row.ends_with("−3.00")), "{told:?}");
    assert!(
        told.iter().any(|row| row.starts_with("Eve Level 1") && row.contains("2 × 50.00 × 12 % = 12.00")),
        "{told:?}"
    );
    assert_eq!(preview.first(BUTTON), "Credit Eve: $13.00 is taken back from 2 partners; Eve earns $12.00");
    let missing = press(&admin, &preview);
    assert_eq!(missing.status, 422);
    missing.says("Reason is missing.");
    let preview = Form::of(&preview, "event").set("reason", "Wrong link").press(&admin, "preview");
    let order = recorded(&admin, &preview);
    order.says("was credited by Administrator on Nov 3, 2026: Wrong link").says("Earlier credit: Samantha");
    let same = admin.get(&format!("/orders/{id}/events/new?kind=credit"));
    let same = Form::of(&same, "event").set("partner", "eve").press(&admin, "preview");
    assert_eq!(same.status, 422);
    same.says("Eve is credited for this order already.");
    shop.make_inactive(PartnerId(2));
    let preview = self::form(&admin, id, "credit")
        .set("partner", "sam")
        .set("sale_partner", "eve")
        .press(&admin, "preview");
    preview.says("Samantha is inactive: it is credited and earns nothing.");
    verify_clean(&shop);
}

#[test]
fn who_comes_second_is_told_what_the_first_recorded() {
    let (shop, admin) = shop();
    let id = sold(&shop);
    let other = {
        shop.app.add_user("Bea", "bea@example.com", Role::Administrator);
        shop.app.sign_in("bea@example.com")
    };
    let mine = form(&admin, id, "refund").set("amount", "10").press(&admin, "preview");
    let theirs = form(&other, id, "return").set("quantity-1", "1").press(&other, "preview");
    recorded(&other, &theirs);
    let late = press(&admin, &mine);
    assert_eq!(late.status, 422);
    late.says("Nothing of yours was recorded yet: the order has changed since you opened this page.");
    late.says("Bea recorded a return, $0.00 given back");
    assert_eq!(late.attribute("#amount", "value"), "10");
    assert_eq!(press(&admin, &late).status, 303, "now it knows");
    verify_clean(&shop);
}

#[test]
fn presses_at_once_record_each_form_once_and_tell_the_others() {
    let (shop, admin) = shop();
    let id = sold(&shop);
    let preview = form(&admin, id, "refund").set("amount", "10").press(&admin, "preview");
    let one = Form::of(&preview, "event");
    let preview = form(&admin, id, "refund").set("amount", "20").press(&admin, "preview");
    let two = Form::of(&preview, "event");
    let answers: Vec<Page> = std::thread::scope(|scope| {
        let presses: Vec<_> =
            [&one, &two, &one, &two].map(|form| scope.spawn(|| form.press(&admin, "record"))).into();
        presses.into_iter().map(|press| press.join().expect("it answers")).collect()
    });
    let recorded = answers.iter().filter(|answer| answer.status == 303).count();
    assert_eq!(
        recorded,
        2,
        "one of the two forms, pressed twice: {:?}",
        answers.iter().map(|a| a.status).collect::<Vec<_>>()
    );
    let told = answers
        .iter()
        .filter(|answer| answer.status == 422 && answer.text().contains("has changed since you opened"));
    assert_eq!(told.count(), 2, "the other form, pressed twice");
    let order = shop.page("1");
    assert_eq!(rows(&order, "section[aria-labelledby=money] tbody").len(), 2, "the payment and one refund");
    verify_clean(&shop);
}

#[test]
fn the_same_form_again_is_recorded_once_and_with_other_content_refused() {
    let (shop, admin) = shop();
    let id = sold(&shop);
    let preview = form(&admin, id, "refund").set("amount", "10").press(&admin, "preview");
    let form = Form::of(&preview, "event");
    let first = form.press(&admin, "record");
    assert_eq!(first.location(), form.press(&admin, "record").location());
    admin.get(&format!("/orders/{id}")).says("Recorded once.");
    let other = form.set("amount", "11").press(&admin, "record");
    assert_eq!(other.status, 422);
    other.says("This form was sent before with other content");
    assert_eq!(rows(&shop.page("1"), "section[aria-labelledby=money] tbody").len(), 2);
}

#[test]
fn what_cannot_be_is_told_beside_its_field() {
    let (shop, admin) = shop();
    let id = sold(&shop);
    let cases: &[(&str, &str, &str, &str)] = &[
        ("refund", "amount", "1e3", "Amount is not a plain number"),
        ("refund", "amount", "NaN", "Amount is not a plain number"),
        ("refund", "amount", "-5", "Amount may not be below zero."),
        ("refund", "amount", "0", "Amount is zero: nothing would be recorded."),
        ("refund", "amount", "", "Amount is missing."),
        ("refund", "amount", "5%", "Amount is not a number: write it like 1234.50."),
        ("refund", "amount", "99999999999999999999", "Amount is too large."),
        ("payment", "amount", "$5", "Amount is not a plain number: amounts are in USD"),
        (
            "payment",
            "on",
            "2026-10-20",
            "Nothing can happen to the order before it was placed, on Oct 21, 2026.",
        ),
        ("payment", "on", "2026-11-04", "The date lies in the future: today is Nov 3, 2026."),
        ("payment", "on", "2999-01-01", "The date lies in the future"),
        ("payment", "on", "1066-10-14", "Date lies outside 1900 to 2999."),
        ("payment", "on", "soon", "Date is no date"),
        ("return", "quantity-1", "-1", "Line 1: Quantity is below zero: say how many came back."),
        ("return", "quantity-1", "3", "Line 1: Quantity is more than is left: 2."),
        ("return", "quantity-1", "0.00001", "Line 1: Quantity has more than 4 decimals."),
        ("return", "quantity-1", "0", "Say of which line how many came back."),
        ("return", "quantity-1", "", "Say of which line how many came back."),
        ("credit", "partner", "", "Say who is to be credited."),
        ("credit", "partner", "nobody", "No partner has this code."),
        ("credit", "sale_partner", "\u{202e}x\u{202e}y", "No partner has this code."),
    ];
    for (kind, field, typed, sentence) in cases {
        let mut form = form(&admin, id, kind);
        if *kind == "payment" && *field == "on" {
            form = form.set("amount", "5");
        }
        if *kind == "credit" {
            form = form.set("partner", "joe").set("reason", "because");
        }
        for button in ["preview", "record"] {
            let page = form.clone().set(field, typed).press(&admin, button);
            assert_eq!(page.status, 422, "{kind} {field} {typed:?}: {}", page.text());
            page.says(sentence);
        }
    }
    let strange = form(&admin, id, "return").adding(&[("quantity-7", "1")]).press(&admin, "record");
    strange.says("This order has no line 7.");
    let long = form(&admin, id, "refund")
        .set("amount", "1")
        .set("reason", &"x".repeat(5000))
        .press(&admin, "record");
    long.says("Note has 5000 characters; it may have 2000.");
    assert_eq!(
        rows(&shop.page("1"), "section[aria-labelledby=money] tbody").len(),
        1,
        "nothing was recorded"
    );
    assert_eq!(admin.get(&format!("/orders/{id}/events/new?kind=dance")).status, 404);
    assert_eq!(admin.get("/orders/999/events/new?kind=refund").status, 404);
}

#[test]
fn every_kind_of_event_with_hostile_words_leaves_the_book_sound() {
    let (shop, admin) = shop();
    let strings: Vec<String> =
        serde_json::from_str(include_str!("../../data/blns.json")).expect("a list of strings");
    let id = sold(&shop);
    for (place, string) in strings.iter().enumerate().step_by(11) {
        let typed =
            form(&admin, id, "payment").set("amount", "0.01").set("reason", string).set("reference", string);
        let preview = typed.press(&admin, "preview");
        assert!([200, 422].contains(&preview.status), "{string:?}: {}", preview.status);
        if preview.status == 200 {
            assert_eq!(press(&admin, &preview).status, 303, "{string:?}");
        }
        let kind = ["payment", "return", "refund", "credit", "cancellation"][place % 5];
        let mut hostile = form(&admin, id, kind);
        for field in ["amount", "on", "partner", "sale_partner", "quantity-1"] {
            if hostile.has(field) {
                hostile = hostile.set(field, string);
            }
        }
        let answer = hostile.press(&admin, "record");
        assert_eq!(answer.status, 422, "{kind} {string:?}: {}", answer.text());
    }
    assert_eq!(shop.page("1").status, 200);
    verify_clean(&shop);
}

#[test]
fn an_event_is_dated_by_its_day_and_one_on_the_day_of_the_order_not_before_it() {
    let (shop, admin) = shop();
    let id = sold(&shop);
    let preview =
        form(&admin, id, "refund").set("amount", "50").set("on", "2026-10-21").press(&admin, "preview");
    let told = rows(&preview, ENTRIES);
    assert!(told[0].contains("Oct 21, 2026 | −5.00"), "{told:?}");
    recorded(&admin, &preview);
    verify_clean(&shop);
}

#[test]
fn viewers_see_no_actions_and_a_file_that_recorded_meanwhile_is_told_as_a_command() {
    let (shop, admin) = shop();
    let id = sold(&shop);
    assert!(shop.page("1").all(".page-head__actions").is_empty());
    let order = admin.get(&format!("/orders/{id}"));
    let actions = order.all(".page-head__actions .menu__item");
    assert_eq!(actions, ["Customer payment", "Return", "Refund", "Credit another partner", "Cancel order"]);
    let preview = form(&admin, id, "refund").set("amount", "10").press(&admin, "preview");
    shop.happened("1", 25, EventKind::Refund { lines: Vec::new(), amount: cents(500) });
    press(&admin, &preview).says("A command recorded a refund of $5.00");
}
