//! One partner's ledger: entries, balances, what has settled them.

use partnerbook::book::{self, NewRun, NewVoid, RunKind};
use partnerbook::domain::ids::PaymentId;
use partnerbook::domain::payment::{OnAccount, PayType, PaymentMethod};
use partnerbook::paying::payments::{self, NewBatch, Processed};
use partnerbook::web::admin::Who;
use serde_json::json;

use super::cast::{Cast, OCTOBER, column, day, range, rows};
use crate::support::http::Page;

#[test]
fn the_ledger_shows_every_entry_with_its_working_and_the_balance_after_it() {
    let cast = Cast::new();
    let page = cast.admin.get(&cast.ledger(cast.sam));
    assert_eq!(page.status, 200);
    page.says("Ledger: Samantha Whitlock").says("3 entries");
    let lines = page.all("tbody tr");
    assert!(lines[0].contains("Beginning balance 50.00"), "{lines:?}");
    for (line, words) in [
        (1, "Dana Whitfield Samantha Whitlock 2 × 174.00 × 10 % 34.80 84.80"),
        (2, "Clawback"),
        (2, "1 of 2 returned, 2 × 174.00 × 10 % −17.40 67.40"),
        (3, "Adjustment Autumn campaign bonus"),
        (3, "50.00 117.40"),
    ] {
        assert!(lines[line].contains(words), "{words:?} in {:?}", lines[line]);
    }
    assert_eq!(page.all("tbody .sub").iter().filter(|words| *words == "open").count(), 3);
    assert_eq!(
        page.attribute("tbody td a", "href"),
        format!("/orders/{}", cast.number("SELECT id AS value FROM orders WHERE number = '10421'"))
    );
    let tiles: Vec<String> = page.all(".stat dd:nth-of-type(1)");
    assert_eq!(tiles, ["$50.00", "$67.40", "$0.00", "$117.40"]);
    page.says("Commissions since September 2026 $84.80").says("Balance today $117.40");
    let joe = cast.admin.get(&cast.ledger(cast.joe));
    joe.says("2 × 174.00 × 3 %, level 2").says("1 of 2 returned");
    assert_eq!(cast.admin.get("/partners/999/ledger").status, 404);
    assert_eq!(cast.admin.get("/partners/x/ledger").status, 404);
}

#[test]
fn the_running_balance_stays_right_from_page_to_page() {
    let cast = Cast::new();
    for cents in 1..=70 {
        cast.adjust(cast.zoe, cents, &format!("2026-10-{:02}", 1 + cents % 28), "a cent more");
    }
    let address = format!("/partners/{}/ledger?{OCTOBER}", cast.zoe);
    let (first, second) = (cast.viewer.get(&address), cast.viewer.get(&format!("{address}&page=2")));
    let balances = |page: &Page| page.all("tbody tr td:last-child");
    let (one, two) = (balances(&first), balances(&second));
    assert_eq!((one.len(), two.len()), (51, 21));
    assert_eq!(one.last(), two.first());
    second.says("Brought forward").says("51–70 of 70");
    assert_eq!(two.last().unwrap(), "24.85");
    let file = rows(&cast.viewer.get(&format!("/partners/{}/ledger.csv?{OCTOBER}", cast.zoe)));
    assert_eq!(column(&file, "Balance"), [&one[1..], &two[1..]].concat());
}

#[test]
fn what_a_batch_has_settled_leads_to_it() {
    let cast = Cast::new();
    let (account, october) = (cast.account(cast.sam), range("2026-10-01", "2026-10-31"));
    let run = NewRun { kind: RunKind::Preview, period: october, criteria: json!({}), made_by: None };
    let processed = cast.app.database.db.run_now(|conn| {
        let run = book::make_run(conn, &run, &[account])?;
        let batch = NewBatch {
            chosen: run,
            as_of: run,
            period: october,
            method: PaymentMethod::Commission,
            on_account: OnAccount::TakenIn,
            batch_id: "Batch-20261103".into(),
            pay_type: PayType::PayPal,
            paid_on: day("2026-11-03"),
            note: String::new(),
            form_key: uuid::Uuid::new_v4(),
            shown: None,
        };
        payments::process(conn, &batch, &Who::command_line(cast.app.clock.now()))
    });
    let Ok(Processed::Recorded(batch)) = processed else { panic!("{processed:?}") };
    let page = cast.viewer.get(&format!("/partners/{}/ledger?from=2026-09-01&to=2026-11-30", cast.sam));
    let states = page.all("tbody th .sub");
    assert_eq!(states[0], "open", "September is not in this method");
    assert_eq!(states[1..], ["settled by Batch-20261103"; 3]);
    assert_eq!(page.attribute("tbody th .sub a", "href"), format!("/payment-batches/{batch}"));
    page.says("Payment PayPal , Batch-20261103 −67.40 50.00").says("1 entry is open; it is the balance.");
    assert_eq!(page.status, 200);
    assert_eq!(cast.viewer.get(&page.attribute("tbody th .sub a", "href")).status, 200);
}

#[test]
fn a_void_is_named_and_opens_what_was_settled() {
    let cast = Cast::new();
    let page = cast.admin.get(&cast.ledger(cast.sam));
    cast.pay_by_page(&page, None, &[]);
    let void = NewVoid {
        payments: vec![PaymentId(cast.number("SELECT id AS value FROM payments"))],
        voided_on: day("2026-11-04"),
        reason: "Bounced".into(),
        made_by: None,
    };
    cast.app.database.db.run_now(|conn| book::void_payments(conn, &void)).unwrap();
    let page = cast.admin.get(&format!("/partners/{}/ledger?from=2026-10-01&to=2026-11-30", cast.sam));
    page.says("Void of the payment of Nov 3, 2026 (PayPal) Bounced").says("voided on Nov 4, 2026");
    page.says("1 payment, 1 void").says("Balance today $117.40");
    assert_eq!(page.all("tbody .sub").iter().filter(|words| *words == "open").count(), 3);
}

#[test]
fn a_viewer_sees_no_forms_and_records_nothing() {
    let cast = Cast::new();
    let page = cast.viewer.get(&cast.ledger(cast.sam));
    assert_eq!(page.status, 200);
    assert!(!page.html.contains("Record this") && page.all("#pay, #adjust").is_empty());
    let token = page.token();
    for path in ["payments", "adjustments"] {
        let address = format!("/partners/{}/{path}", cast.sam);
        assert_eq!(cast.viewer.post_with(&address, &token, &[("amount", "1")]).status, 403, "{path}");
    }
}
