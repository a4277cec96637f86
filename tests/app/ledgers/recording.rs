//! *Create Payment* and adjustments: once, and as shown.

use std::thread;

use super::cast::{Cast, OCTOBER, range};
use crate::support::http::Page;

#[test]
fn an_adjustment_is_recorded_once_however_often_it_is_pressed() {
    let cast = Cast::new();
    let page = cast.admin.get(&cast.ledger(cast.sam));
    let answers: Vec<Page> = thread::scope(|scope| {
        let press = || cast.adjust_by_page(&page, "-12.50", "2026-10-20", "Sample not sent back");
        let presses: Vec<_> = (0..4).map(|_| scope.spawn(press)).collect();
        presses.into_iter().map(|press| press.join().unwrap()).collect()
    });
    for answer in &answers {
        assert_eq!(answer.location(), format!("/partners/{}/ledger?{OCTOBER}", cast.sam));
    }
    let recorded = "SELECT count(*) AS value FROM entry_details WHERE reason = 'Sample not sent back'";
    assert_eq!(cast.number(recorded), 1);
    assert_eq!(cast.number("SELECT count(*) AS value FROM audit_log WHERE action = 'adjustment.record'"), 1);
    cast.admin.get(&cast.ledger(cast.sam)).says("Sample not sent back by Administrator").says("−12.50");
    assert_eq!(cast.figures(cast.sam, range("2026-10-01", "2026-10-31")).ending().minor(), 10_490);
    let other = cast.adjust_by_page(&page, "-12.51", "2026-10-20", "Sample not sent back");
    assert_eq!(other.status, 422);
    other.says("This form was sent before with other content");
    assert_eq!(other.attribute("#adjustment", "value"), "-12.51");
    assert_eq!(cast.number(recorded), 1);
}

#[test]
fn create_payment_settles_what_it_proposed() {
    let cast = Cast::new();
    let page = cast.admin.get(&cast.ledger(cast.sam));
    assert_eq!(page.attribute("#amount", "value"), "117.40");
    page.says("the 4 open entries up to Oct 31, 2026");
    let (one, two) = (cast.pay_by_page(&page, None, &[]), cast.pay_by_page(&page, None, &[]));
    assert_eq!((one.status, two.status), (303, 303), "{} {}", one.text(), two.text());
    assert_eq!(cast.number("SELECT count(*) AS value FROM payments"), 1);
    let ledger = cast.admin.get(&cast.ledger(cast.sam));
    ledger
        .says("Recorded once.")
        .says("Balance today $0.00")
        .says("Nothing is to be paid up to Oct 31, 2026");
    ledger.says("settled on Nov 3, 2026").says("No entry is open.");
    let november = cast.admin.get(&format!("/partners/{}/ledger?from=2026-11-01&to=2026-11-30", cast.sam));
    november.says("Payment PayPal for October by Administrator").says("−117.40").says("1 payment");
    cast.viewer
        .get("/reports/ledgers?from=2026-11-01&to=2026-11-30&partner=sam")
        .says("117.40 0.00 117.40 0.00");
}

#[test]
fn another_amount_is_paid_on_account_and_stays_open() {
    let cast = Cast::new();
    let page = cast.admin.get(&cast.ledger(cast.sam));
    assert_eq!(cast.pay_by_page(&page, Some("20"), &[]).status, 303);
    let page = cast.admin.get(&format!("/partners/{}/ledger?from=2026-10-01&to=2026-11-30", cast.sam));
    page.says("It is on account: the next batch takes it in.")
        .says("Payment on account PayPal")
        .says("−20.00 97.40");
    assert_eq!(page.attribute("#amount", "value"), "97.40");
    assert_eq!(page.all("tbody .sub").iter().filter(|words| *words == "open").count(), 4);
}

#[test]
fn more_than_the_balance_needs_a_tick() {
    let cast = Cast::new();
    let page = cast.admin.get(&cast.ledger(cast.sam));
    let refused = cast.pay_by_page(&page, Some("150.00"), &[]);
    assert_eq!(refused.status, 422);
    refused.says("This is more than the balance of $117.40. Tick below to pay $32.60 in advance.");
    assert_eq!(
        (refused.attribute("#amount", "value"), refused.attribute("#note", "value")),
        ("150.00".into(), "for October".into())
    );
    assert_eq!(cast.number("SELECT count(*) AS value FROM payments"), 0);
    assert_eq!(cast.pay_by_page(&refused, Some("150.00"), &[("advance", "yes")]).status, 303);
    assert_eq!(cast.figures(cast.sam, range("2026-11-01", "2026-11-30")).ending().minor(), -3_260);
}

#[test]
fn a_ledger_that_has_changed_is_shown_again_before_anything_is_paid() {
    let cast = Cast::new();
    let page = cast.admin.get(&cast.ledger(cast.sam));
    cast.adjust(cast.sam, 260, "2026-10-30", "late");
    let again = cast.pay_by_page(&page, None, &[]);
    assert_eq!(again.status, 422);
    again.says("The ledger has changed since this page was shown");
    // It was proposed and not typed: the new proposal stands in its place.
    assert_eq!(again.attribute("#amount", "value"), "120.00");
    assert_eq!(cast.number("SELECT count(*) AS value FROM payments"), 0);
    assert_eq!(cast.pay_by_page(&again, None, &[]).status, 303);
    cast.admin.get(&cast.ledger(cast.sam)).says("Balance today $0.00");
}
