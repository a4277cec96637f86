//! What came out of a scenario, beside what it expects.

use super::play::Player;
use super::story::*;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Text};
use partnerbook::book;
use partnerbook::domain::money::Money;
use partnerbook::domain::period::Period;
use std::collections::{BTreeMap, HashMap};

#[derive(QueryableByName)]
struct CreditedRow {
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Nullable<Text>)]
    lead: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    sale: Option<String>,
    #[diesel(sql_type = Text)]
    step: String,
}

#[derive(QueryableByName)]
struct DueRow {
    #[diesel(sql_type = Text)]
    batch_id: String,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    outcome: String,
    #[diesel(sql_type = BigInt)]
    by_method: Money,
    #[diesel(sql_type = BigInt)]
    already_settled: Money,
    #[diesel(sql_type = BigInt)]
    to_pay: Money,
}

#[derive(QueryableByName)]
struct FirstAndLast {
    #[diesel(sql_type = diesel::sql_types::Date)]
    first: chrono::NaiveDate,
    #[diesel(sql_type = diesel::sql_types::Date)]
    last: chrono::NaiveDate,
}

impl Player<'_> {
    /// Calls `check` with what is compared, what was expected and what was found.
    pub fn compare(&self, story: &Story, check: &mut impl FnMut(String, String, String)) {
        let credited = self.credited();
        for (order, expected) in &story.expect.credited {
            check(format!("order {order}"), format!("{expected:?}"), format!("{:?}", credited[order]));
        }
        let batches = self.batches();
        for (batch, expected) in &story.expect.batches {
            let found = batches.get(batch);
            let refused = ExpectedBatch { refused: self.refused.contains(batch), ..Default::default() };
            check(
                format!("batch {batch}"),
                format!("{expected:?}"),
                format!("{:?}", found.unwrap_or(&refused)),
            );
        }
        for batch in batches.keys().filter(|batch| !story.expect.batches.contains_key(*batch)) {
            check(format!("batch {batch}"), "none".into(), "one".into());
        }
        for ledger in &story.expect.ledgers {
            for (partner, expected) in &ledger.rows {
                let found = self.ledger(partner, ledger);
                let what = format!("ledger {}..{} of {partner}", ledger.from, ledger.to);
                check(what, format!("{expected:?}"), format!("{found:?}"));
            }
        }
        if let Some(ranges) = &story.ranges {
            let told: Vec<_> = story.expect.ledgers.iter().map(|ledger| (ledger.from, ledger.to)).collect();
            check("the ranges".into(), format!("{ranges:?}"), format!("{told:?}"));
        } else if let (Some((first, last)), [only]) = (self.first_and_last(), &story.expect.ledgers[..]) {
            check("the range".into(), format!("{:?}", (only.from, only.to)), format!("{:?}", (first, last)));
        }
        for (partner, expected) in &story.expect.balances {
            let found = self.balance(partner).plain(self.currency);
            check(format!("balance of {partner}"), expected.clone(), found);
        }
    }

    fn credited(&self) -> HashMap<String, Credited> {
        let rows: Vec<CreditedRow> = self
            .db
            .read_now(|conn| {
                let sql = "SELECT o.number, l.code AS lead, s.code AS sale, c.step
                             FROM orders o JOIN order_credits c ON c.order_id = o.id
                             LEFT JOIN partners l ON l.id = c.lead_partner_id LEFT JOIN partners s ON s.id = c.sale_partner_id";
                Ok(sql_query(sql).load(conn)?)
            })
            .expect("credits can be read");
        let credited =
            |row: CreditedRow| (row.number, Credited { lead: row.lead, sale: row.sale, why: row.step });
        rows.into_iter().map(credited).collect()
    }

    fn batches(&self) -> BTreeMap<String, ExpectedBatch> {
        let rows: Vec<DueRow> = self
            .db
            .read_now(|conn| {
                let sql = "SELECT b.batch_id, coalesce(p.code, '') AS code, coalesce(d.outcome, '') AS outcome,
                                  coalesce(d.by_method, 0)::bigint AS by_method, coalesce(d.settled, 0)::bigint AS already_settled,
                                  coalesce(d.to_pay, 0)::bigint AS to_pay
                             FROM payment_batches b LEFT JOIN (
                                  SELECT payment_batch_id, account_id, CASE amount_minor WHEN 0 THEN 'settled' ELSE 'paid' END AS outcome,
                                         by_method_minor AS by_method, already_settled_minor AS settled, amount_minor AS to_pay
                                    FROM payments WHERE payment_batch_id IS NOT NULL
                                   UNION ALL
                                  SELECT payment_batch_id, account_id, 'skipped', by_method_minor, already_settled_minor, to_pay_minor
                                    FROM payment_skips) d ON d.payment_batch_id = b.id
                             LEFT JOIN accounts a ON a.id = d.account_id LEFT JOIN partners p ON p.id = a.partner_id";
                Ok(sql_query(sql).load(conn)?)
            })
            .expect("batches can be read");
        let mut batches: BTreeMap<String, ExpectedBatch> = BTreeMap::new();
        for row in rows {
            let batch = batches.entry(row.batch_id).or_default();
            let due = Due {
                by_method: row.by_method.plain(self.currency),
                already_settled: row.already_settled.plain(self.currency),
                to_pay: row.to_pay.plain(self.currency),
            };
            let list = match row.outcome.as_str() {
                "paid" => &mut batch.paid,
                "settled" => &mut batch.settled_without_payment,
                "skipped" => &mut batch.skipped,
                _ => continue,
            };
            list.insert(row.code, due);
        }
        batches
    }

    fn ledger(&self, partner: &str, ledger: &ExpectedLedger) -> LedgerRow {
        let period = Period::new(ledger.from, ledger.to).expect("a range");
        let account = self.account(partner);
        let found = self.db.read_now(|conn| book::figures_now(conn, period, &[account])).expect("figures");
        let figures = found[0].figures;
        let plain = |money: Money| money.plain(self.currency);
        LedgerRow {
            beginning: plain(figures.beginning),
            earned: plain(figures.earned),
            clawbacks: plain(figures.clawbacks),
            adjustments: plain(figures.adjustments),
            commissions: plain(figures.commissions()),
            payments: plain(figures.payments),
            ending: plain(figures.ending()),
        }
    }

    fn balance(&self, partner: &str) -> Money {
        let period = Period::new(Period::FIRST_DAY, Period::LAST_DAY).expect("a range");
        let account = self.account(partner);
        self.db.read_now(|conn| book::figures_now(conn, period, &[account])).expect("figures")[0].balance
    }

    fn first_and_last(&self) -> Option<(chrono::NaiveDate, chrono::NaiveDate)> {
        let sql = "SELECT min(dated_on) AS first, max(dated_on) AS last FROM entries HAVING count(*) > 0";
        let row: Option<FirstAndLast> = self
            .db
            .read_now(|conn| Ok(sql_query(sql).get_result(conn).optional()?))
            .expect("entries can be read");
        row.map(|row| (row.first, row.last))
    }
}
