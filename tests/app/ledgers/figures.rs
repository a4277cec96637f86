//! The SQL functions and the pure rule tell the same figures.

use chrono::Days;
use partnerbook::book::{self, NewEntry, NewPayment, NewRun, NewVoid, RunKind};
use partnerbook::domain::ids::AccountId;
use partnerbook::domain::ledger::{EntryKind, Movement, figures};
use partnerbook::domain::money::Money;
use partnerbook::domain::payment::PayType;
use partnerbook::domain::period::Period;
use partnerbook::people::partners;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use super::cast::{day, partner, range};

/// A movement of the property test: kind, day, amount above zero, recorded before the run or after it.
type Story = Vec<(u8, i64, i64, bool)>;

/// Days around which months, quarters and years turn are the likeliest to be told apart wrongly.
fn some_day() -> impl Strategy<Value = i64> {
    prop_oneof![
        3 => (0_i64..14, -2_i64..3).prop_map(|(month, off)| {
            let first = day("2025-01-01") + chrono::Months::new(u32::try_from(month).unwrap());
            (first - day("2025-01-01")).num_days() + off
        }),
        1 => 0_i64..430,
    ]
}

#[test]
fn the_query_and_the_rulebook_tell_the_same_figures() {
    let database = crate::support::database();
    let new_account = |number: u32| {
        let code = format!("p{number}");
        let made = database.db.run_now(|conn| {
            let made = partners::make(conn, &[partner(&code, "Somebody")])?;
            book::accounts_of(conn, &made)
        });
        made.unwrap().into_values().next().unwrap()
    };
    let cases = std::cell::Cell::new(0_u32);
    let story = prop::collection::vec((0_u8..5, some_day(), 1_i64..10_000, any::<bool>()), 0..25);
    let ranges = prop::collection::vec((some_day(), 0_i64..120), 1..6);
    let mut runner = TestRunner::new(Config { cases: 48, failure_persistence: None, ..Config::default() });
    let result = runner.run(&(story, ranges), |(story, ranges)| {
        cases.set(cases.get() + 1);
        let account = new_account(cases.get());
        let (early, late): (Story, Story) = story.into_iter().partition(|(.., before)| *before);
        let mut movements = tell(&database.db, account, &early);
        let new = NewRun {
            kind: RunKind::Export,
            period: range("2025-01-01", "2025-01-31"),
            criteria: json!({}),
            made_by: None,
        };
        let run = database.db.run_now(|conn| book::make_run(conn, &new, &[account])).unwrap();
        let shown = movements.clone();
        movements.extend(tell(&database.db, account, &late));
        for (first, length) in ranges {
            let from = day("2025-01-01") + chrono::TimeDelta::days(first);
            let period = Period::new(from, from + chrono::TimeDelta::days(length)).unwrap();
            let (now, as_of) = database
                .db
                .read_now(|conn| {
                    let now = book::figures_now(conn, period, &[account])?;
                    Ok((now, book::figures_as_of(conn, period, run, &[account])?))
                })
                .unwrap();
            prop_assert_eq!(now[0].figures, figures(&movements, period), "{:?} now", period);
            prop_assert_eq!(as_of[0].figures, figures(&shown, period), "{:?} as of the run", period);
            prop_assert_eq!(now[0].balance, movements.iter().map(|movement| movement.amount).sum::<Money>());
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// Records movements of every kind, backdated ones too, and gives them as the rulebook sees them.
fn tell(db: &partnerbook::db::Db, account: AccountId, story: &Story) -> Vec<Movement> {
    let told = db.run_now(|conn| {
        let mut movements = Vec::new();
        for (kind, on, amount, _) in story {
            let (dated_on, amount) =
                (day("2025-01-01") + chrono::TimeDelta::days(*on), Money::from_minor(*amount));
            let kind = EntryKind::ALL[usize::from(*kind)];
            let signed = if kind == EntryKind::Clawback { -amount } else { amount };
            match kind {
                EntryKind::Payment | EntryKind::Void => {
                    let payment = NewPayment {
                        account,
                        amount,
                        on_account: true,
                        takes: Vec::new(),
                        figures: None,
                        pay_type: PayType::Manual,
                        paid_on: dated_on,
                        note: String::new(),
                        reference: String::new(),
                        form_key: None,
                    };
                    let made = book::record_payments(conn, None, &[payment], None)?;
                    movements.push(Movement { kind: EntryKind::Payment, dated_on, amount: -amount });
                    if kind == EntryKind::Void {
                        let voided_on = dated_on + Days::new(40);
                        let void = NewVoid { payments: made, voided_on, reason: "x".into(), made_by: None };
                        book::void_payments(conn, &void)?;
                        movements.push(Movement { kind, dated_on: voided_on, amount });
                    }
                }
                _ => {
                    let entry = NewEntry {
                        account,
                        kind,
                        on_account: false,
                        amount: signed,
                        dated_on,
                        cause: None,
                        voids: None,
                    };
                    book::record(conn, &[entry])?;
                    movements.push(Movement { kind, dated_on, amount: signed });
                }
            }
        }
        Ok(movements)
    });
    told.expect("the story can be told")
}
