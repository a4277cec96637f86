//! A book with much in it: two years of commissions, clawbacks and adjustments, all of it open.

use chrono::{Datelike, Days, Months, NaiveDate, Utc};
use diesel::connection::SimpleConnection;

use crate::Plan;
use crate::machine::Machine;
use crate::table::timed;

pub struct Filled {
    pub machine: Machine,
    pub partners: u64,
    pub entries: u64,
    pub last_day: NaiveDate,
}

/// How many days the entries spread over.
const DAYS: u64 = 720;

pub fn start(plan: &Plan) -> Filled {
    let machine = Machine::start();
    let last_day = today() - Days::new(1);
    let rounds = (plan.entries / plan.partners).max(1);
    let ((), took) = timed(|| fill(&machine, plan.partners, rounds, last_day));
    let filled = Filled { machine, partners: plan.partners, entries: plan.partners * rounds, last_day };
    eprintln!("{} entries of {} partners in {:.0} s", filled.entries, filled.partners, took.as_secs_f64());
    filled
}

#[allow(clippy::disallowed_methods, reason = "the server that is measured has the system's clock too")]
fn today() -> NaiveDate {
    Utc::now().date_naive()
}

impl Filled {
    /// The first and the last day of the month that was so many months ago.
    pub fn month(&self, ago: u32) -> (NaiveDate, NaiveDate) {
        let first = self.last_day.with_day(1).expect("each month has a first day") - Months::new(ago);
        (first, first + Months::new(1) - Days::new(1))
    }
}

fn fill(machine: &Machine, partners: u64, rounds: u64, last_day: NaiveDate) {
    let mut conn = machine.owner();
    let mut run = |sql: String| conn.batch_execute(&sql).unwrap_or_else(|error| panic!("{error} in {sql}"));
    run(format!(
        "INSERT INTO contacts (name, email) SELECT 'Partner ' || n, 'partner-' || n || '@example.com'
           FROM generate_series(1, {partners}) n;
         INSERT INTO partners (contact_id, code) SELECT id, 'p' || id FROM contacts ORDER BY id;
         UPDATE partners SET parent_id = id / 20 + 1 WHERE id > 20 AND id % 3 = 0;
         INSERT INTO accounts (partner_id, currency) SELECT id, 'USD' FROM partners ORDER BY id;
         ANALYZE contacts, partners, accounts"
    ));
    for number in 1..=rounds {
        // As history grows: each round is a little later than the one before it.
        let day = format!(
            "DATE '{last_day}' - {DAYS} + (({number} - 1) * {DAYS} + id % {DAYS})::integer / {rounds}"
        );
        run(format!(
            "INSERT INTO entries (account_id, number, kind, amount_minor, dated_on)
             SELECT id, {number}, CASE (id + {number}) % 12 WHEN 0 THEN 'clawback' WHEN 1 THEN 'adjustment' ELSE 'commission' END::entry_kind,
                    CASE (id + {number}) % 12 WHEN 0 THEN -1 ELSE 1 END * (100 + (id * 7919 + {number} * 104729) % 9900),
                    ({day})::date
               FROM accounts ORDER BY id"
        ));
    }
    run("VACUUM ANALYZE".into());
}
