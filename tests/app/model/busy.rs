//! A book in which everything has happened at least once: for looking at it, and for breaking it.

use crate::scenarios::{play, story::Story};
use crate::support::{self, TestDatabase};
use chrono::{DateTime, NaiveDate, Utc};
use partnerbook::book::{self, ImportedEntry};
use partnerbook::domain::ids::PartnerId;
use partnerbook::domain::ledger::EntryKind;
use partnerbook::domain::money::Money;
use partnerbook::people::partners;
use partnerbook::selling::orders::{self, EventKind, NewEvent, OrderEvent};

/// Three levels of nothing, two roles, amounts and percents, up front and on payment; returns, refunds,
/// every kind of payment, batches by two methods, and voids of all of them.
const STORY: &str = r#"{
  "name": "busy", "why": "everything happens once",
  "settings": {"payout_lead": true, "payout_amount": true},
  "programs": [
    {"name": "Standard", "priority": 1, "default": {"1": {"sale_percent": "10", "sale_amount": "0.50", "lead_percent": "1"}, "2": {"sale_percent": "3"}}},
    {"name": "Gifts", "priority": 2, "payout_type": "on_payment", "amount_per": "order",
     "default": {"1": {"sale_amount": "5.00", "sale_percent": "2.5"}}}
  ],
  "partners": [
    {"code": "sam", "name": "Sam", "email": "sam@example.com", "programs": ["Standard"]},
    {"code": "bob", "name": "Bob", "email": "bob@example.com", "parent": "sam", "programs": ["Standard"]},
    {"code": "zoe", "name": "Zoe", "email": "zoe@example.com", "programs": ["Gifts"]},
    {"code": "eve", "name": "Eve", "email": "eve@example.com", "programs": []}
  ],
  "events": [
    {"type": "click", "visitor": "v1", "partner": "sam", "at": "2026-01-01T10:00:00Z"},
    {"type": "order", "order": "A1", "at": "2026-01-02T10:00:00Z", "contact": "c1@example.com", "visitor": "v1", "shipping": "4.00", "tax": "2.50",
     "lines": [{"product": "book", "quantity": "3", "unit_price": "33.35", "discount": "1.00"}, {"product": "pen", "quantity": "2", "unit_price": "0.545"},
               {"product": "fee", "quantity": "1", "unit_price": "-1.00"}]},
    {"type": "order", "order": "A2", "at": "2026-01-03T10:00:00Z", "contact": "c2@example.com", "partner": "bob", "lines": [{"product": "book", "quantity": "2", "unit_price": "50.00"}]},
    {"type": "order", "order": "A3", "at": "2026-01-04T10:00:00Z", "contact": "c3@example.com", "partner": "zoe", "paid": "none",
     "lines": [{"product": "vase", "quantity": "1", "unit_price": "60.00"}, {"product": "bowl", "quantity": "4", "unit_price": "10.00"}]},
    {"type": "refund", "order": "A1", "lines": [{"line": 1, "quantity": "1"}], "at": "2026-01-05T10:00:00Z"},
    {"type": "customer_payment", "order": "A3", "amount": "50.00", "at": "2026-01-06T10:00:00Z"},
    {"type": "refund", "order": "A2", "amount": "25.00", "at": "2026-01-07T10:00:00Z"},
    {"type": "adjustment", "partner": "eve", "amount": "12.00", "on": "2026-01-08"},
    {"type": "adjustment", "partner": "sam", "amount": "-1.00", "on": "2026-02-08"},
    {"type": "payment", "partner": "sam", "id": "advance", "amount": "3.00", "on": "2026-01-09"},
    {"type": "payment", "partner": "eve", "id": "met", "amount": "12.00", "on": "2026-01-10"},
    {"type": "payment", "partner": "bob", "id": "wrong", "amount": "1.00", "on": "2026-01-10"},
    {"type": "void", "payment": "wrong", "on": "2026-01-11"},
    {"type": "run", "id": "export"},
    {"type": "order", "order": "A4", "at": "2026-01-12T10:00:00Z", "contact": "c1@example.com", "partner": "bob", "lines": [{"product": "book", "quantity": "1", "unit_price": "50.00"}]},
    {"type": "batch", "method": "commission", "from": "2026-01-01", "to": "2026-01-31", "on": "2026-02-01", "batch_id": "January", "run": "export"},
    {"type": "void", "payment": "advance", "on": "2026-02-02"},
    {"type": "void", "batch_id": "January", "partner": "bob", "on": "2026-02-03"},
    {"type": "batch", "method": "ending_balance", "from": "2026-01-01", "to": "2026-01-31", "on": "2026-02-04", "batch_id": "January-2"},
    {"type": "customer_payment", "order": "A3", "amount": "50.00", "at": "2026-02-06T10:00:00Z"},
    {"type": "payment", "partner": "zoe", "id": "single", "settles_to": "2026-02-28", "on": "2026-02-10"},
    {"type": "order", "order": "A5", "at": "2026-02-12T10:00:00Z", "contact": "c1@example.com", "partner": "sam", "lines": [{"product": "pen", "quantity": "7", "unit_price": "1.25"}]}
  ],
  "expect": {"credited": {}, "batches": {}, "ledgers": [], "balances": {}}
}"#;

/// Makes that book.
pub fn book() -> TestDatabase {
    let database = support::database();
    let story: Story = serde_json::from_str(STORY).expect("a story");
    play::tell(&database.db, &story).expect("the story can be told");
    database
        .db
        .run_now(|conn| {
            let codes = ["bob", "eve"].map(String::from);
            let found = partners::by_code(conn, &codes)?;
            let (bob, eve) = (found["bob"], found["eve"]);
            book::import_entries(
                conn,
                &[imported(eve, EntryKind::Adjustment, 700), imported(eve, EntryKind::Payment, -200)],
            )?;
            let credited = EventKind::Credited { partner: bob, sale_partner: Some(eve) };
            orders::record(conn, &[happened("A5", credited), happened("A4", EventKind::Cancelled)], None)?;
            Ok(())
        })
        .expect("the rest can happen");
    database.psql("INSERT INTO imported_returns (number, content_hash) VALUES ('R2', sha256('R2')), ('R1', sha256('R1'))");
    database
}

fn imported(partner: PartnerId, kind: EntryKind, minor: i64) -> ImportedEntry {
    ImportedEntry {
        partner,
        dated_on: NaiveDate::from_ymd_opt(2025, 12, 31).expect("a day"),
        kind,
        opening: kind == EntryKind::Adjustment,
        amount: Money::from_minor(minor),
        reference: "old system".into(),
        note: String::new(),
        import_key: format!("{partner} {minor}"),
    }
}

fn happened(order: &str, kind: EventKind) -> OrderEvent {
    let happened_at: DateTime<Utc> = "2026-02-20T10:00:00Z".parse().expect("an instant");
    OrderEvent::Happened(NewEvent {
        order: order.into(),
        kind,
        happened_at,
        reference: String::new(),
        reason: "told".into(),
    })
}
