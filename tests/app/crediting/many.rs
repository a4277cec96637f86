//! A thousand orders at once, while others are at work on them.

use std::sync::Barrier;
use std::thread;

use partnerbook::selling::orders::{self, EventKind, NewEvent, OrderEvent};

use super::*;

/// The most that is credited at once.
const MANY: usize = 1000;

/// A shop with Joe (1), Sam (2), Eve (3) and Kim (4), and a thousand orders of 100.00 by Sam.
fn thousand() -> (Shop, Visitor) {
    let (shop, admin) = shop();
    let flat = shop.program(program("Flat", &[(Level::One, percent("5"))]));
    shop.partner("eve", "Eve", None, &[flat]);
    shop.partner("kim", "Kim", None, &[flat]);
    let plan = shop.product("PLAN", "Office Plan");
    let sale = |number| {
        let sale = order(&format!("N{number:04}"), vec![line(plan, "2", "50.00")]);
        OrderEvent::Placed(NewOrder { partner: Some(PartnerId(2)), ..sale })
    };
    let sales: Vec<OrderEvent> = (1..=MANY).map(sale).collect();
    shop.app.database.db.run_now(|conn| orders::record(conn, &sales, None)).expect("they can be recorded");
    (shop, admin)
}

/// Of how many orders this partner holds the latest credit.
fn held_by(shop: &Shop, partner: i64) -> usize {
    let held = shop.app.database.ask(&format!(
        "SELECT count(*) FROM order_credits k WHERE lead_partner_id = {partner}
            AND NOT EXISTS (SELECT FROM order_credits l WHERE l.order_id = k.order_id AND l.number > k.number)"
    ));
    held.parse().expect("a number")
}

#[test]
fn a_thousand_orders_become_anothers_whole_while_customers_bring_things_back() {
    let (shop, admin) = thousand();
    let mut page = preview(&admin, &choose(&admin, &[], &[("q", "N"), ("all", "yes")]), "eve", "both");
    page.says("1,000 orders are credited anew");
    let start = Barrier::new(3);
    let db = &shop.app.database.db;
    let answers = thread::scope(|scope| {
        for hand in 0..2 {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                for n in 0..20 {
                    // From the end and from the beginning: whoever locks does so in the order of ids.
                    let number = if hand == 0 { 1000 - n * 7 } else { 1 + n * 7 };
                    let event = NewEvent {
                        order: format!("N{number:04}"),
                        kind: EventKind::Refund { lines: vec![(1, 1.into())], amount: Default::default() },
                        happened_at: october(25, "12:00"),
                        reference: String::new(),
                        reason: String::new(),
                    };
                    let event = OrderEvent::Happened(event);
                    db.run_now(|conn| orders::record(conn, std::slice::from_ref(&event), None))
                        .expect("a return is recorded, whatever else happens");
                }
            });
        }
        start.wait();
        // Whoever comes too late is shown what has changed, and presses again.
        let mut answers = Vec::new();
        for _ in 0..50 {
            let answer = record(&admin, &page);
            answers.push(answer.status);
            if answer.status != 422 {
                break;
            }
            assert_eq!(held_by(&shop, 3), 0, "nothing half-done");
            page = answer;
        }
        answers
    });
    let (last, before) = answers.split_last().expect("it was pressed");
    assert!(*last == 303 && before.iter().all(|status| *status == 422), "{answers:?}");
    assert_eq!((held_by(&shop, 2), held_by(&shop, 3)), (0, MANY));
    assert_eq!(shop.app.database.ask("SELECT count(*) FROM order_events WHERE kind = 'refund'"), "40");
    verify_clean(&shop);
}

#[test]
fn two_who_credit_the_same_thousand_orders_at_once_do_it_one_after_the_other() {
    let (shop, admin) = thousand();
    let all = [("q", "N"), ("all", "yes")];
    let pages = ["eve", "kim"].map(|code| preview(&admin, &choose(&admin, &[], &all), code, "both"));
    let start = Barrier::new(2);
    let mut answers: Vec<u16> = thread::scope(|scope| {
        let presses: Vec<_> = pages
            .iter()
            .map(|page| {
                let (admin, start) = (&admin, &start);
                scope.spawn(move || {
                    start.wait();
                    record(admin, page).status
                })
            })
            .collect();
        presses.into_iter().map(|press| press.join().expect("it answers")).collect()
    });
    answers.sort_unstable();
    assert_eq!(answers, [303, 422], "the second is shown what has changed");
    let held = [held_by(&shop, 3), held_by(&shop, 4)];
    assert!(held == [MANY, 0] || held == [0, MANY], "{held:?}");
    verify_clean(&shop);
}
