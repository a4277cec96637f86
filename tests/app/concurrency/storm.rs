//! Everything at once, for a while: sales and returns arrive, people pay, take back, adjust and bring
//! files in. In the end everybody has got exactly what was earned.

use super::{each_account_is_even, only_refusals};
use diesel::PgConnection;
use partnerbook::book::{self, ImportedEntry, RunKind};
use partnerbook::db::columns::Number;
use partnerbook::domain::ids::{AccountId, PaymentBatchId, PaymentId};
use partnerbook::domain::ledger::EntryKind;
use partnerbook::domain::money::Money;
use partnerbook::domain::payment::PaymentMethod;
use partnerbook::error::AppError;
use partnerbook::paying::payments::single::record_single;
use partnerbook::paying::payments::{Processed, Which, basis, digest, process, void};
use partnerbook::selling::orders;
use std::sync::Barrier;
use std::thread;

use crate::model::race::{count, paid_twice};
use crate::model::world::{World, batch, day, pay_on_account, period, proposed, refunded, returned, who};

const PARTNERS: usize = 24;
const PEOPLE: usize = 16;
const THINGS: usize = 12;

/// The same numbers each time: what differs from run to run is only who comes first.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

#[test]
fn batches_voids_and_sales_at_once_pay_each_partner_what_it_earned() {
    let world = World::of(PARTNERS);
    let started = Barrier::new(PEOPLE);
    let results: Vec<Result<(), AppError>> = thread::scope(|scope| {
        let people: Vec<_> = (0..PEOPLE)
            .map(|person| {
                let (world, started) = (&world, &started);
                scope.spawn(move || {
                    let mut dice = Dice(person as u64 + 1);
                    started.wait();
                    (0..THINGS).map(|thing| something(world, person, thing, &mut dice)).collect::<Vec<_>>()
                })
            })
            .collect();
        people.into_iter().flat_map(|person| person.join().expect("nobody panics")).collect()
    });
    only_refusals(&results);
    assert!(
        results.iter().filter(|result| result.is_ok()).count() > PEOPLE * THINGS / 2,
        "most of it is done"
    );
    assert_eq!(paid_twice_or_owing(&world), 0);
    assert_eq!(world.faults(), [""; 0]);

    // Once it is quiet, one batch pays what is owed, and void by void everything is open again.
    let last = world
        .db()
        .run_now(|conn| pay(conn, &world, &world.accounts, PaymentMethod::EndingBalance, "last"))
        .unwrap();
    assert!(matches!(last, Some(Processed::Recorded(_))), "{last:?}");
    each_account_is_even(&world);
    assert_eq!(world.faults(), [""; 0]);
    for batch in 1..=count(&world.database, "SELECT max(id) FROM payment_batches") {
        let which = Which::Batch(PaymentBatchId(batch));
        only_refusals(&[world.db().run_now(|conn| void(conn, which, day(400), "", &who()))]);
    }
    assert_eq!(
        count(
            &world.database,
            "SELECT count(*) FROM payments p WHERE payment_batch_id IS NOT NULL AND NOT EXISTS (SELECT FROM voids WHERE payment_id = p.id)"
        ),
        0
    );
    assert_eq!(world.faults(), [""; 0]);
}

/// Entries that two standing payments settle. An account may owe us: what came back after it was paid.
fn paid_twice_or_owing(world: &World) -> i64 {
    let owing = "SELECT count(*) FROM (SELECT account_id FROM entries GROUP BY 1 HAVING sum(amount_minor) < 0) AS owing";
    paid_twice(&world.database) - count(&world.database, owing)
}

/// One thing that somebody does.
fn something(world: &World, person: usize, thing: usize, dice: &mut Dice) -> Result<(), AppError> {
    let partner = dice.roll(PARTNERS);
    let account = world.accounts[partner];
    let own = format!("{person}-{thing}");
    let earlier = format!("{person}-{}", dice.roll(thing.max(1)));
    let on = 5 + dice.roll(80) as i64;
    let methods = PaymentMethod::ALL;
    let method = methods[dice.roll(methods.len())];
    let kind = dice.roll(16);
    world.db().run_now(|conn| match kind {
        0..=3 => {
            let sales = [
                world.sale(&own, partner, 1 + dice.roll(4) as i64, on),
                world.sale(&format!("{own}b"), dice.roll(PARTNERS), 1, on),
            ];
            orders::record(conn, &sales, None).map(drop)
        }
        4 => lenient(orders::record(conn, &[returned(&earlier, 1, on)], None).map(drop)),
        5 => lenient(orders::record(conn, &[refunded(&earlier, 500, on)], None).map(drop)),
        6..=8 => {
            // Any partners, in any order, some twice.
            let some: Vec<AccountId> = (0..12).map(|_| world.accounts[dice.roll(PARTNERS)]).collect();
            pay(conn, world, &some, method, &own).map(drop)
        }
        9 => pay(conn, world, &world.accounts, method, &own).map(drop),
        10 | 11 => take_back(conn, dice),
        12 => {
            let single = proposed(conn, account, 90)?;
            record_single(conn, &single, &who()).map(drop)
        }
        13 => pay_on_account(conn, account, 50, 60).map(drop),
        14 => book::adjust(conn, account, Money::from_minor(75), day(on), "bonus", None, None).map(drop),
        _ => bring_in(conn, world, &own),
    })
}

/// What came back of an order that was never recorded is no mistake of ours.
fn lenient(result: Result<(), AppError>) -> Result<(), AppError> {
    match result {
        Err(AppError::NotFound(what)) => Err(AppError::Refused(what)),
        other => other,
    }
}

fn pay(
    conn: &mut PgConnection,
    world: &World,
    accounts: &[AccountId],
    method: PaymentMethod,
    batch_id: &str,
) -> Result<Option<Processed>, AppError> {
    let days = period(0, 95);
    let run = world.run(conn, RunKind::Preview, days, accounts)?;
    let new = batch(run, days, method, batch_id);
    let due = basis(conn, run, run, days)?.due(method, &new.on_account);
    process(conn, &partnerbook::paying::payments::NewBatch { shown: Some(digest(&due)), ..new }, &who())
        .map(Some)
}

fn take_back(conn: &mut PgConnection, dice: &mut Dice) -> Result<(), AppError> {
    let newest: Number = diesel::RunQueryDsl::get_result(
        diesel::sql_query("SELECT coalesce(max(id), 1) AS value FROM payments"),
        conn,
    )?;
    let which = if dice.roll(2) == 0 {
        Which::Payment(PaymentId(1 + dice.roll(newest.value as usize) as i64))
    } else {
        Which::Batch(PaymentBatchId(1 + dice.roll(8) as i64))
    };
    void(conn, which, day(100), "a mistake", &who()).map(drop)
}

/// A small file, that others bring in too.
fn bring_in(conn: &mut PgConnection, world: &World, own: &str) -> Result<(), AppError> {
    let row = |partner: usize, import_key: String| ImportedEntry {
        partner: world.partners[partner],
        dated_on: day(1),
        kind: EntryKind::Adjustment,
        opening: true,
        amount: Money::from_minor(40),
        reference: String::new(),
        note: String::new(),
        import_key,
    };
    let rows = [row(3, "shared 3".into()), row(1, "shared 1".into()), row(2, own.into())];
    book::import_entries(conn, &rows).map(drop)
}
