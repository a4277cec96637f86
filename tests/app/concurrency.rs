//! Many at once: whatever two transactions can do to each other between looking and committing, they do
//! (see `model::race`), and still nobody is paid twice, nothing is taken back twice, and who comes too
//! late is told so in a sentence. Each test has a red control, in which one guard is taken away.

mod codes;
mod forms;
mod sales;
mod storm;

use std::collections::HashSet;
use std::fmt::Debug;

use diesel::connection::SimpleConnection;
use partnerbook::book::{self, ImportedEntry, RunKind};
use partnerbook::domain::ids::{AccountId, PaymentBatchId};
use partnerbook::domain::ledger::EntryKind;
use partnerbook::domain::money::Money;
use partnerbook::domain::payment::PaymentMethod::{self, BeginningPlusCommission, Commission, EndingBalance};
use partnerbook::error::AppError;
use partnerbook::paying::payments::single::record_single;
use partnerbook::paying::payments::{NewBatch, Processed, Which, basis, digest, process, void};
use partnerbook::selling::orders;

use crate::model::race::{Work, count, paid_twice, race, race_without_lock, strip};
use crate::model::world::{World, batch, day, pay_on_account, period, proposed, who};

/// A world in which each partner sold three units in January, for 3.00.
fn after_sales(partners: usize) -> World {
    let world = World::of(partners);
    let sales: Vec<_> = (0..partners).map(|p| world.sale(&format!("O{p}"), p, 3, 10)).collect();
    world.db().run_now(|conn| orders::record(conn, &sales, None)).expect("sales can be recorded");
    world
}

/// What a page would send for these accounts, with the fingerprint of what it showed.
fn shown(
    world: &World,
    accounts: &[AccountId],
    method: PaymentMethod,
    days: (i64, i64),
    batch_id: &str,
) -> NewBatch {
    let period = period(days.0, days.1);
    let preview = |conn: &mut _| {
        let run = world.run(conn, RunKind::Preview, period, accounts)?;
        let new = batch(run, period, method, batch_id);
        let due = basis(conn, run, run, period)?.due(method, &new.on_account);
        Ok(NewBatch { shown: Some(digest(&due)), ..new })
    };
    world.db().run_now(preview).expect("a preview can be made")
}

fn press<'a>(new: &'a NewBatch) -> Work<'a, Processed> {
    Box::new(move |conn| process(conn, new, &who()))
}

/// Asserts that those who failed were told so in a sentence.
fn only_refusals<T: Debug>(results: &[Result<T, AppError>]) {
    for result in results {
        assert!(matches!(result, Ok(_) | Err(AppError::Refused(_))), "{result:?}");
    }
}

fn recorded(results: &[Result<Processed, AppError>]) -> Vec<PaymentBatchId> {
    results
        .iter()
        .filter_map(|result| if let Ok(Processed::Recorded(id)) = result { Some(*id) } else { None })
        .collect()
}

/// So many payments of above zero stand for each account, and nothing is owed.
fn each_was_paid(world: &World, times: i64) {
    let otherwise = format!(
        "SELECT count(*) FROM accounts a WHERE {times} <> (
             SELECT count(*) FROM payments p WHERE p.account_id = a.id AND p.amount_minor > 0
                AND NOT EXISTS (SELECT FROM voids v WHERE v.payment_id = p.id))"
    );
    assert_eq!(count(&world.database, &otherwise), 0, "accounts that were paid otherwise than {times} times");
    each_account_is_even(world);
    assert_eq!(paid_twice(&world.database), 0);
    assert_eq!(world.faults(), [""; 0]);
}

/// What was earned was paid. Only who owes us, because what it had earned came back, is not even.
fn each_account_is_even(world: &World) {
    let owed = "SELECT count(*) FROM (SELECT account_id FROM entries GROUP BY 1 HAVING sum(amount_minor) > 0) AS owed";
    assert_eq!(count(&world.database, owed), 0, "accounts that are still owed something");
}

#[test]
fn sixteen_presses_at_once_pay_each_of_two_hundred_partners_once() {
    let world = after_sales(200);
    let mut forms: Vec<NewBatch> = Vec::new();
    let first = shown(&world, &world.accounts, EndingBalance, (0, 30), "pressed four times");
    forms.extend([first.clone(), first.clone(), first.clone(), first]);
    for number in 0..12 {
        let (method, days) = match number % 4 {
            0 => (Commission, (0, 30)),
            1 => (BeginningPlusCommission, (0, 58)),
            2 => (EndingBalance, (5, 40)),
            _ => (Commission, (10, 10)),
        };
        forms.push(shown(&world, &world.accounts, method, days, &format!("other {number}")));
    }
    let results = race(&world.database, forms.iter().map(press).collect());
    only_refusals(&results);
    let recorded: HashSet<PaymentBatchId> = recorded(&results).into_iter().collect();
    assert_eq!(recorded.len(), 1, "{results:?}");
    each_was_paid(&world, 1);
    // Whoever presses again later gets the first result again.
    let again = world.db().run_now(|conn| process(conn, &forms[0], &who())).unwrap();
    assert!(matches!(again, Processed::Changed(_)) || recorded.contains(&PaymentBatchId(1)), "{again:?}");
}

#[test]
fn the_same_form_pressed_sixteen_times_at_once_is_one_batch() {
    let world = after_sales(20);
    let form = shown(&world, &world.accounts, EndingBalance, (0, 30), "once");
    let results = race(&world.database, (0..16).map(|_| press(&form)).collect());
    let recorded = recorded(&results);
    assert_eq!(recorded.len(), 16, "each press gets the batch: {results:?}");
    assert_eq!(recorded.iter().collect::<HashSet<_>>().len(), 1);
    each_was_paid(&world, 1);
}

#[test]
fn batches_over_other_partners_at_once_are_all_recorded() {
    let world = after_sales(40);
    let forms: Vec<NewBatch> = world
        .accounts
        .chunks(5)
        .enumerate()
        .map(|(number, accounts)| shown(&world, accounts, EndingBalance, (0, 30), &format!("part {number}")))
        .collect();
    let results = race(&world.database, forms.iter().map(press).collect());
    assert_eq!(recorded(&results).len(), 8, "{results:?}");
    each_was_paid(&world, 1);
}

#[test]
fn red_control_without_the_account_lock_everybody_is_paid_twice() {
    let world = after_sales(20);
    strip(&world.database);
    let forms = [0, 1].map(|n| shown(&world, &world.accounts, EndingBalance, (0, 30), &format!("batch {n}")));
    let results = race_without_lock(&world.database, "accounts", forms.iter().map(press).collect());
    assert_eq!(recorded(&results).len(), 2, "{results:?}");
    assert_eq!(paid_twice(&world.database), 40, "20 accounts overpaid, 20 entries settled twice");
}

#[test]
fn the_account_lock_alone_is_enough() {
    let world = after_sales(20);
    strip(&world.database);
    let forms = [0, 1].map(|n| shown(&world, &world.accounts, EndingBalance, (0, 30), &format!("batch {n}")));
    let results = race(&world.database, forms.iter().map(press).collect());
    only_refusals(&results);
    assert_eq!(recorded(&results).len(), 1, "{results:?}");
    assert_eq!(paid_twice(&world.database), 0);
}

#[test]
fn the_second_guards_alone_are_enough() {
    let world = after_sales(20);
    let forms = [0, 1].map(|n| shown(&world, &world.accounts, EndingBalance, (0, 30), &format!("batch {n}")));
    let results = race_without_lock(&world.database, "accounts", forms.iter().map(press).collect());
    assert_eq!(recorded(&results).len(), 1, "{results:?}");
    // Not a sentence: without the lock this is a fault of ours. But nothing of it stays.
    assert!(results.iter().any(|result| matches!(result, Err(AppError::Internal(_)))), "{results:?}");
    each_was_paid(&world, 1);
}

/// Presses after another has pressed, on a snapshot of before: as REPEATABLE READ would look.
fn press_on_an_old_snapshot(world: &World) -> Result<Processed, AppError> {
    let forms = [0, 1].map(|n| shown(world, &world.accounts, EndingBalance, (0, 30), &format!("batch {n}")));
    let mut late = world.database.owner();
    late.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM entries").unwrap();
    world.db().run_now(|conn| process(conn, &forms[0], &who())).unwrap();
    let result = process(&mut late, &forms[1], &who());
    late.batch_execute(if result.is_ok() { "COMMIT" } else { "ROLLBACK" }).unwrap();
    result
}

#[test]
fn red_control_a_snapshot_from_before_the_lock_pays_everybody_twice() {
    let world = after_sales(20);
    strip(&world.database);
    let result = press_on_an_old_snapshot(&world);
    assert!(matches!(result, Ok(Processed::Recorded(_))), "{result:?}");
    assert_eq!(paid_twice(&world.database), 40);
}

#[test]
fn a_snapshot_from_before_the_lock_is_caught_by_the_second_guards() {
    let world = after_sales(20);
    assert!(press_on_an_old_snapshot(&world).is_err());
    each_was_paid(&world, 1);
}

#[test]
fn a_single_payment_and_a_batch_at_once_pay_once() {
    for without_lock in [false, true] {
        let world = after_sales(1);
        let form = shown(&world, &world.accounts, EndingBalance, (0, 30), "batch");
        let single = world.db().run_now(|conn| proposed(conn, world.accounts[0], 30)).unwrap();
        let works: Vec<Work<()>> = vec![
            Box::new(|conn| record_single(conn, &single, &who()).map(drop)),
            Box::new(|conn| process(conn, &form, &who()).map(drop)),
        ];
        if without_lock {
            strip(&world.database);
            let results = race_without_lock(&world.database, "accounts", works);
            assert!(results.iter().all(Result::is_ok), "{results:?}");
            assert_eq!(
                paid_twice(&world.database),
                2,
                "red control: one account overpaid, its entry settled twice"
            );
        } else {
            only_refusals(&race(&world.database, works));
            each_was_paid(&world, 1);
        }
    }
}

#[test]
fn two_voids_at_once_are_one() {
    for without_lock in [false, true] {
        let world = after_sales(3);
        let form = shown(&world, &world.accounts, EndingBalance, (0, 30), "January");
        let made = world.db().run_now(|conn| process(conn, &form, &who())).unwrap();
        let Processed::Recorded(batch) = made else { panic!("{made:?}") };
        let take_back = || -> Work<usize> {
            Box::new(move |conn| {
                void(conn, Which::Batch(batch), day(40), "", &who()).map(|voided| voided.payments)
            })
        };
        let works = vec![take_back(), take_back()];
        if without_lock {
            strip(&world.database);
            let results = race_without_lock(&world.database, "accounts", works);
            assert!(results.iter().all(|result| matches!(result, Ok(3))), "{results:?}");
            assert_eq!(count(&world.database, "SELECT count(*) FROM voids"), 6, "red control");
        } else {
            let results = race(&world.database, works);
            only_refusals(&results);
            assert_eq!(results.iter().filter(|result| matches!(result, Ok(3))).count(), 1, "{results:?}");
            assert_eq!(count(&world.database, "SELECT count(*) FROM voids"), 3);
            assert_eq!(world.faults(), [""; 0]);
        }
    }
}

#[test]
fn a_file_of_entries_brought_in_twice_at_once_is_there_once() {
    for without_lock in [false, true] {
        let world = World::of(5);
        let rows: Vec<ImportedEntry> = world
            .partners
            .iter()
            .flat_map(|partner| {
                [(EntryKind::Adjustment, 500), (EntryKind::Payment, -200)].map(|(kind, minor)| {
                    ImportedEntry {
                        partner: *partner,
                        dated_on: day(0),
                        kind,
                        opening: kind == EntryKind::Adjustment,
                        amount: Money::from_minor(minor),
                        reference: String::new(),
                        note: String::new(),
                        import_key: format!("{partner} {minor}"),
                    }
                })
            })
            .collect();
        let import = || -> Work<usize> { Box::new(|conn| Ok(book::import_entries(conn, &rows)?.recorded)) };
        let works = vec![import(), import()];
        if without_lock {
            strip(&world.database);
            let results = race_without_lock(&world.database, "accounts", works);
            assert!(results.iter().all(|result| matches!(result, Ok(10))), "red control: {results:?}");
        } else {
            let results = race(&world.database, works);
            let mut recorded: Vec<usize> =
                results.into_iter().map(|result| result.expect("it goes well")).collect();
            recorded.sort_unstable();
            assert_eq!(recorded, [0, 10]);
            assert_eq!(world.faults(), [""; 0]);
        }
    }
}

#[test]
fn a_payment_on_account_that_is_voided_while_a_batch_takes_it_in_counts_once() {
    let world = after_sales(1);
    let advance = world.db().run_now(|conn| pay_on_account(conn, world.accounts[0], 100, 5)).unwrap();
    let form = shown(&world, &world.accounts, EndingBalance, (0, 30), "January");
    let works: Vec<Work<()>> = vec![
        Box::new(|conn| process(conn, &form, &who()).map(drop)),
        Box::new(|conn| void(conn, Which::Payment(advance), day(31), "", &who()).map(drop)),
    ];
    only_refusals(&race(&world.database, works));
    assert_eq!(world.faults(), [""; 0]);
    // Whoever came first: all that is owed in the end is paid by one more batch.
    let rest = shown(&world, &world.accounts, EndingBalance, (0, 60), "rest");
    world.db().run_now(|conn| process(conn, &rest, &who())).unwrap();
    assert_eq!(count(&world.database, "SELECT sum(amount_minor) FROM entries"), 0);
    assert_eq!(world.faults(), [""; 0]);
}
