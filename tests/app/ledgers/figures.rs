//! The SQL functions and the pure rule tell the same figures.

use std::cell::Cell;

use chrono::{Days, TimeDelta};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Date};
use partnerbook::book::{self, AccountFigures, NewEntry, NewPayment, NewRun, NewVoid, RunKind};
use partnerbook::domain::ids::{AccountId, RunId};
use partnerbook::domain::ledger::{EntryKind, Figures, Movement, figures};
use partnerbook::domain::money::Money;
use partnerbook::domain::payment::PayType;
use partnerbook::domain::period::Period;
use partnerbook::people::partners;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use super::cast::{day, partner, range};
use crate::support::TestDatabase;

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
    compare(&crate::support::database()).unwrap_or_else(|difference| panic!("{difference}"));
}

/// The red control of the test above: it finds a query that is wrong by one day, or by one kind.
#[test]
fn a_query_that_is_wrong_would_be_found() {
    for wrong in [
        "SELECT * FROM right_figures(first_day + 1, last_day, only_accounts)",
        "SELECT * FROM right_figures(first_day, last_day - 1, only_accounts)",
        "SELECT account_id, beginning_minor, earned_minor + clawbacks_minor, 0::bigint, adjustments_minor, payments_minor
           FROM right_figures(first_day, last_day, only_accounts)",
    ] {
        let database = crate::support::database();
        database.psql(&format!(
            "ALTER FUNCTION ledger_figures(date, date, bigint[]) RENAME TO right_figures;
             CREATE FUNCTION ledger_figures(first_day date, last_day date, only_accounts bigint[] DEFAULT NULL)
             RETURNS TABLE (account_id bigint, beginning_minor bigint, earned_minor bigint, clawbacks_minor bigint,
                            adjustments_minor bigint, payments_minor bigint)
             LANGUAGE sql STABLE AS $$ {wrong} $$"
        ));
        assert!(compare(&database).is_err(), "{wrong}");
    }
}

/// Tells stories to partners and asks for figures in all ways; the first difference to the rulebook.
fn compare(database: &TestDatabase) -> Result<(), String> {
    let cases = Cell::new(0_u32);
    let story = prop::collection::vec((0_u8..5, some_day(), 1_i64..10_000, any::<bool>()), 0..25);
    let ranges = prop::collection::vec((some_day(), 0_i64..120), 1..6);
    let config = Config { cases: 48, failure_persistence: None, max_shrink_iters: 50, ..Config::default() };
    let compared = TestRunner::new(config).run(&(story, ranges), |(story, mut ranges)| {
        cases.set(cases.get() + 1);
        // One range begins and ends on days on which something happened.
        let days = || story.iter().map(|(_, day, ..)| *day);
        ranges.extend(days().min().zip(days().max()).map(|(first, last)| (first, last - first)));
        let account = new_account(database, cases.get());
        let (early, late): (Story, Story) = story.into_iter().partition(|(.., before)| *before);
        let mut movements = tell(&database.db, account, &early);
        let run = run_of(database, account);
        let shown = movements.clone();
        movements.extend(tell(&database.db, account, &late));
        for (first, length) in ranges {
            let from = day("2025-01-01") + TimeDelta::days(first);
            let period = Period::new(from, from + TimeDelta::days(length)).unwrap();
            let (now, of_all, as_of) = asked(database, period, account, run);
            let right = figures(&movements, period);
            prop_assert_eq!(now.figures, right, "{:?} now", period);
            prop_assert_eq!(of_all, right, "{:?} among all partners", period);
            prop_assert_eq!(as_of.figures, figures(&shown, period), "{:?} as of the run", period);
            prop_assert_eq!(now.balance, movements.iter().map(|movement| movement.amount).sum::<Money>());
        }
        Ok(())
    });
    compared.map_err(|error| error.to_string())
}

/// An account's figures: asked for alone, as the report finds them among all, and as the run showed.
fn asked(
    database: &TestDatabase,
    period: Period,
    account: AccountId,
    run: RunId,
) -> (AccountFigures, Figures, AccountFigures) {
    let asked = database.db.read_now(|conn| {
        let now = book::figures_now(conn, period, &[account])?;
        let as_of = book::figures_as_of(conn, period, run, &[account])?;
        let of_all: Vec<Found> = sql_query("SELECT * FROM ledger_figures($1, $2) WHERE account_id = $3")
            .bind::<Date, _>(period.from())
            .bind::<Date, _>(period.to())
            .bind::<BigInt, _>(account)
            .load(conn)?;
        let of_all = of_all.first().map(Found::figures).unwrap_or_default();
        Ok((now[0], of_all, as_of[0]))
    });
    asked.expect("figures can be read")
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    beginning_minor: Money,
    #[diesel(sql_type = BigInt)]
    earned_minor: Money,
    #[diesel(sql_type = BigInt)]
    clawbacks_minor: Money,
    #[diesel(sql_type = BigInt)]
    adjustments_minor: Money,
    #[diesel(sql_type = BigInt)]
    payments_minor: Money,
}

impl Found {
    fn figures(&self) -> Figures {
        Figures {
            beginning: self.beginning_minor,
            earned: self.earned_minor,
            clawbacks: self.clawbacks_minor,
            adjustments: self.adjustments_minor,
            payments: self.payments_minor,
        }
    }
}

fn new_account(database: &TestDatabase, number: u32) -> AccountId {
    let made = database.db.run_now(|conn| {
        let made = partners::make(conn, &[partner(&format!("p{number}"), "Somebody")])?;
        book::accounts_of(conn, &made)
    });
    made.unwrap().into_values().next().expect("a partner has an account")
}

fn run_of(database: &TestDatabase, account: AccountId) -> RunId {
    let period = range("2025-01-01", "2025-01-31");
    let new = NewRun { kind: RunKind::Export, period, criteria: json!({}), made_by: None };
    database.db.run_now(|conn| book::make_run(conn, &new, &[account])).expect("a run can be made")
}

/// Records movements of every kind, backdated ones too, and gives them as the rulebook sees them.
fn tell(db: &partnerbook::db::Db, account: AccountId, story: &Story) -> Vec<Movement> {
    let told = db.run_now(|conn| {
        let mut movements = Vec::new();
        for (kind, on, amount, _) in story {
            let (dated_on, amount) = (day("2025-01-01") + TimeDelta::days(*on), Money::from_minor(*amount));
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
