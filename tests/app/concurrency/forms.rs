//! The key of a form: pressed twice it is one thing, and with other content it is refused in a sentence.

use super::{after_sales, only_refusals, press, recorded, shown};
use partnerbook::book;
use partnerbook::domain::money::Money;
use partnerbook::domain::payment::PaymentMethod::EndingBalance;
use partnerbook::error::AppError;
use partnerbook::paying::payments::single::{NewSingle, record_single};
use uuid::Uuid;

use crate::model::race::{Work, count, race};
use crate::model::world::{day, proposed, who};

#[test]
fn the_same_batch_id_at_once_is_used_once() {
    let world = after_sales(2);
    let forms = [0, 1].map(|p| shown(&world, &world.accounts[p..=p], EndingBalance, (0, 30), "January"));
    let results = race(&world.database, forms.iter().map(press).collect());
    only_refusals(&results);
    assert_eq!(recorded(&results).len(), 1, "{results:?}");
    assert_eq!(world.faults(), [""; 0]);
}

#[test]
fn the_same_key_with_other_partners_at_once_is_refused_in_a_sentence() {
    let world = after_sales(2);
    let mut forms =
        [0, 1].map(|p| shown(&world, &world.accounts[p..=p], EndingBalance, (0, 30), &format!("batch {p}")));
    forms[1].form_key = forms[0].form_key;
    let results = race(&world.database, forms.iter().map(press).collect());
    only_refusals(&results);
    assert_eq!(recorded(&results).len(), 1, "{results:?}");
    assert_eq!(world.faults(), [""; 0]);
}

#[test]
fn a_key_that_comes_with_two_payments_or_adjustments_at_once_is_refused_in_a_sentence() {
    let world = after_sales(2);
    let key = Uuid::new_v4();
    let pay = |account| -> Work<()> {
        Box::new(move |conn| {
            let single = proposed(conn, account, 30)?;
            record_single(conn, &NewSingle { form_key: key, ..single }, &who()).map(drop)
        })
    };
    let results = race(&world.database, world.accounts.iter().map(|account| pay(*account)).collect());
    only_refusals(&results);
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    let adjust = |account| -> Work<()> {
        Box::new(move |conn| {
            book::adjust(conn, account, Money::from_minor(5), day(1), "", Some(key), None).map(drop)
        })
    };
    let results = race(&world.database, world.accounts.iter().map(|account| adjust(*account)).collect());
    only_refusals(&results);
    assert_eq!(count(&world.database, "SELECT count(*) FROM entries WHERE kind = 'adjustment'"), 1);
    assert_eq!(world.faults(), [""; 0]);
}

#[test]
fn a_form_that_is_sent_again_with_other_content_is_refused() {
    let world = after_sales(2);
    let db = world.db();
    let single = db.run_now(|conn| proposed(conn, world.accounts[0], 30)).unwrap();
    let first = db.run_now(|conn| record_single(conn, &single, &who())).unwrap();
    assert_eq!(db.run_now(|conn| record_single(conn, &single, &who())).unwrap(), first);
    for other in [
        NewSingle { account: world.accounts[1], ..single.clone() },
        NewSingle { amount: Money::from_minor(299), ..single.clone() },
        NewSingle { paid_on: day(31), ..single.clone() },
        NewSingle { note: "another".into(), ..single.clone() },
    ] {
        let refused = db.run_now(|conn| record_single(conn, &other, &who()));
        assert!(matches!(refused, Err(AppError::Refused(_))), "{refused:?}");
    }
    let key = Some(Uuid::new_v4());
    let adjust = |account: usize, cents| {
        db.run_now(|conn| {
            book::adjust(conn, world.accounts[account], Money::from_minor(cents), day(1), "bonus", key, None)
        })
    };
    let first = adjust(0, 5).unwrap();
    assert_eq!(adjust(0, 5).unwrap(), first);
    for other in [adjust(0, 6), adjust(1, 5)] {
        assert!(matches!(other, Err(AppError::Refused(_))), "{other:?}");
    }
    assert_eq!(world.faults(), [""; 0]);
}

#[test]
fn a_single_payment_settles_what_it_is_the_sum_of_or_nothing() {
    let world = after_sales(1);
    let single = world.db().run_now(|conn| proposed(conn, world.accounts[0], 30)).unwrap();
    // A form that says that less was proposed, and still names what was.
    let less = Money::from_minor(100);
    let forged = NewSingle { amount: less, shown: (single.shown.0.clone(), less), ..single.clone() };
    let refused = world.db().run_now(|conn| record_single(conn, &forged, &who()));
    assert!(matches!(refused, Err(AppError::Refused(_))), "{refused:?}");
    // A proposal of zero or less records nothing.
    world.db().run_now(|conn| record_single(conn, &single, &who())).unwrap();
    let nothing = world.db().run_now(|conn| proposed(conn, world.accounts[0], 30)).unwrap();
    for amount in [nothing.amount, Money::from_minor(-1)] {
        let refused =
            world.db().run_now(|conn| record_single(conn, &NewSingle { amount, ..nothing.clone() }, &who()));
        assert!(matches!(refused, Err(AppError::Refused(_))), "{refused:?}");
    }
    assert_eq!(count(&world.database, "SELECT count(*) FROM payments"), 1);
    assert_eq!(world.faults(), [""; 0]);
}
