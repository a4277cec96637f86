//! What happens to orders at once: nothing is taken back twice, and nobody waits for one another in a circle.

use super::{after_sales, only_refusals};
use diesel::connection::SimpleConnection;
use partnerbook::book;
use partnerbook::domain::ids::AccountId;
use partnerbook::error::AppError;
use partnerbook::selling::orders::{self, NewOrder, OrderEvent};
use partnerbook::selling::products::{self, NewProduct};
use partnerbook::selling::tracking;
use std::thread;

use crate::model::race::{Work, count, race, race_without_lock, wait_for_waiting};
use crate::model::world::{World, refunded, returned};

#[test]
fn two_refunds_at_once_take_back_once() {
    for without_lock in [false, true] {
        let world = after_sales(1);
        let refund = || -> Work<()> {
            Box::new(|conn| orders::record(conn, &[refunded("O0", 3000, 12)], None).map(drop))
        };
        let works = vec![refund(), refund()];
        if without_lock {
            let results = race_without_lock(&world.database, "orders", works);
            assert!(results.iter().all(Result::is_ok), "{results:?}");
            let taken_twice = "order \"O0\" row 1: holds -3.00, target 0.00";
            assert!(
                world.faults().iter().any(|fault| fault == taken_twice),
                "red control: {:?}",
                world.faults()
            );
        } else {
            let results = race(&world.database, works);
            assert!(results.iter().all(Result::is_ok), "{results:?}");
            assert_eq!(
                count(&world.database, "SELECT sum(amount_minor) FROM entries WHERE kind = 'clawback'"),
                -300
            );
            assert_eq!(world.faults(), [""; 0]);
        }
    }
}

#[test]
fn returns_refunds_and_customer_payments_at_once_leave_the_exact_target() {
    let world = after_sales(1);
    let mut works: Vec<Work<()>> = Vec::new();
    for number in 0..8 {
        let event = if number % 2 == 0 { returned("O0", 1, 12) } else { refunded("O0", 100, 13) };
        works.push(Box::new(move |conn| orders::record(conn, &[event], None).map(drop)));
    }
    let results = race(&world.database, works);
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(
        count(&world.database, "SELECT sum(amount_minor) FROM entries"),
        0,
        "all three units are back"
    );
    assert_eq!(world.faults(), [""; 0]);
}

#[test]
fn an_order_that_is_sent_twice_at_once_is_recorded_once() {
    let world = World::of(1);
    let send = || -> Work<()> {
        Box::new(|conn| orders::record(conn, &[world.sale("A1", 0, 2, 3)], None).map(drop))
    };
    let results = race(&world.database, vec![send(), send()]);
    only_refusals(&results);
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    assert_eq!(count(&world.database, "SELECT sum(amount_minor) FROM entries"), 200);
    assert_eq!(world.faults(), [""; 0]);
}

/// Records what needs two parts, since an order that comes with a visitor begins a part of its own; and
/// meanwhile does as everybody does who locks in order: this first, and then these accounts.
fn crossed(world: &World, events: [OrderEvent; 3], first: &str, then: &[AccountId]) {
    let visitor = world.db().run_now(|conn| tracking::visitor(conn, "v1")).unwrap();
    let events = events.map(|event| match event {
        OrderEvent::Placed(order) if order.number == "with visitor" => {
            OrderEvent::Placed(NewOrder { visitor: Some(visitor), ..order })
        }
        other => other,
    });
    let mut other = world.database.owner();
    other.batch_execute(&format!("BEGIN; {first}")).unwrap();
    thread::scope(|scope| {
        let recording =
            scope.spawn(|| world.db().run_now(|conn| orders::record(conn, &events, None).map(drop)));
        wait_for_waiting(&world.database, 1);
        let locked = book::lock_accounts(&mut other, then);
        assert!(locked.is_ok(), "a deadlock: {locked:?}");
        other.batch_execute("COMMIT").unwrap();
        recording.join().unwrap().unwrap();
    });
    assert_eq!(world.faults(), [""; 0]);
}

#[test]
fn orders_are_locked_before_any_account() {
    let world = after_sales(1);
    let events = [world.sale("A1", 0, 1, 11), world.sale("with visitor", 0, 1, 12), refunded("O0", 3000, 12)];
    crossed(&world, events, "SELECT FROM orders WHERE number = 'O0' FOR NO KEY UPDATE", &world.accounts);
}

#[test]
fn accounts_are_locked_in_their_order_however_many_parts_there_are() {
    let world = after_sales(2);
    let events =
        [world.sale("A1", 1, 1, 11), world.sale("with visitor", 0, 1, 12), world.sale("A3", 0, 1, 12)];
    crossed(&world, events, "SELECT FROM accounts WHERE id = 1 FOR NO KEY UPDATE", &world.accounts[1..]);
}

/// Whoever makes products makes them by code. This one lists the later code first; meanwhile another has made
/// the earlier one and goes on to the later: in the order of the list they would wait for each other.
#[test]
fn new_products_are_made_in_one_order_however_they_are_listed() {
    for (listed, crosses) in [(true, false), (false, true)] {
        let world = World::of(1);
        let mut other = world.database.owner();
        other.batch_execute("BEGIN; INSERT INTO products (code, name) VALUES ('a1', '')").unwrap();
        let new = ["b2", "a1"].map(|code| NewProduct { code: code.into(), name: code.into() });
        let (made, later) = thread::scope(|scope| {
            let making = scope.spawn(|| {
                world.db().run_now(|conn| {
                    if listed {
                        return products::find_or_make(conn, &new).map(drop);
                    }
                    // The red control: one after the other, as they are listed.
                    new.iter()
                        .try_for_each(|one| products::find_or_make(conn, std::slice::from_ref(one)).map(drop))
                })
            });
            wait_for_waiting(&world.database, 1);
            let later = other.batch_execute("INSERT INTO products (code, name) VALUES ('b2', ''); COMMIT");
            if later.is_err() {
                other.batch_execute("ROLLBACK").unwrap();
            }
            (making.join().unwrap(), later)
        });
        let crossed = matches!(made, Err(AppError::Busy(_))) || later.is_err();
        assert_eq!(crossed, crosses, "{made:?} {later:?}");
    }
}
