//! One partner's ledger and the whole report on paper.

use super::paper::Pdf;
use crate::ledgers::cast::{Cast, OCTOBER, column, rows};
use crate::support::http::Page;

/// Presses Print on the report with these rows ticked; where that leads.
fn print(cast: &Cast, more: &[(&str, &str)]) -> String {
    let report = cast.viewer.get(&format!("/reports/ledgers?{OCTOBER}"));
    let range = [("from", "2026-10-01"), ("to", "2026-10-31")];
    let printed: Page = cast.viewer.post_with("/prints", &report.token(), &[&range[..], more].concat());
    printed.location().to_string()
}

#[test]
fn a_printed_ledger_says_what_the_page_says() {
    let cast = Cast::new();
    let path = print(&cast, &[("tick", &cast.sam.to_string())]);
    assert_eq!(cast.number("SELECT count(*) AS value FROM runs WHERE kind = 'print'"), 1);
    let pdf = Pdf::get(&cast.viewer, &path);
    pdf.is_sound();
    let words = pdf.words();
    for said in [
        "Referral Partner Ledger",
        "Samantha Whitlock",
        "Oct 1, 2026 – Oct 31, 2026",
        "Beginning balance 50.00",
        "=Drip Kettle 2 × 174.00 × 10 % 34.80 84.80",
        "Order 10421, Dana Whitfield",
        "Clawback: =Drip Kettle 1 of 2 returned, −17.40 67.40",
        "Adjustment: Autumn campaign bonus 50.00 117.40",
        "Ending balance $117.40",
        "Samantha Whitlock (sam) · Page 1 of 1",
        "No payment is recorded for this period.",
    ] {
        assert!(words.contains(said), "“{said}” is not in: {words}");
    }
    assert_eq!(Pdf::get(&cast.viewer, &path).bytes, pdf.bytes, "the same run gives the same bytes");
}

#[test]
fn what_is_recorded_later_is_not_in_an_earlier_print() {
    let cast = Cast::new();
    let path = print(&cast, &[]);
    let before = Pdf::get(&cast.viewer, &path);
    cast.adjust(cast.sam, 700, "2026-10-20", "Found later");
    assert_eq!(Pdf::get(&cast.viewer, &path).bytes, before.bytes);
    let now = Pdf::get(&cast.viewer, &print(&cast, &[]));
    assert!(now.words().contains("Adjustment: Found later 7.00"), "{}", now.words());
}

#[test]
fn the_whole_report_prints_each_ledger_from_its_own_page_1_and_agrees_with_the_csv() {
    let cast = Cast::new();
    let pdf = Pdf::get(&cast.viewer, &format!("/reports/ledgers.pdf?{OCTOBER}&show=all"));
    let pages = pdf.is_sound().pages();
    let rows = rows(&cast.viewer.get(&format!("/reports/ledgers.csv?{OCTOBER}&show=all")));
    assert_eq!(pages.len(), rows.len() - 1, "each of them has one page here");
    let (codes, endings) = (column(&rows, "Code"), column(&rows, "Ending Balance"));
    for ((page, code), ending) in pages.iter().zip(codes).zip(endings) {
        let foot = format!("({code}) · Page 1 of 1");
        assert!(page.contains(&foot), "{foot} is not on: {page}");
        let ending = ending.replace('-', "−");
        let shown = page.lines().rfind(|line| line.contains("Ending balance")).unwrap_or_default();
        assert!(shown.contains(&format!("${ending}")), "{ending}: {shown}");
    }
}

#[test]
fn paper_is_a4_or_letter() {
    let cast = Cast::new();
    for (paper, box_) in [("a4", "595.2"), ("letter", "612")] {
        let path = print(&cast, &[("paper", paper)]);
        assert!(path.ends_with(&format!("?paper={paper}")));
        let pdf = Pdf::get(&cast.viewer, &path);
        let text = String::from_utf8_lossy(&pdf.bytes).into_owned();
        assert!(text.contains(&format!("/MediaBox[ 0 0 {box_}")), "{paper}");
    }
}

#[test]
fn a_print_of_nobody_is_refused_with_a_sentence_and_wrong_dates_name_their_field() {
    let cast = Cast::new();
    let nobody = cast.viewer.get(&format!("/reports/ledgers.pdf?{OCTOBER}&partner=nobody"));
    assert_eq!(nobody.status, 422);
    nobody.says("There is no ledger to print");
    let wrong = cast.viewer.get("/reports/ledgers.pdf?from=2026-10-31&to=2026-10-01");
    assert_eq!(wrong.status, 422);
    wrong.says("To (2026-10-01) lies before From (2026-10-31)");
    let report = cast.viewer.get(&format!("/reports/ledgers?{OCTOBER}"));
    for fields in [[("tick", "NaN")], [("batch", "1e3")], [("batch", "999")], [("from", "2026-02-30")]] {
        let refused = cast.viewer.post_with("/prints", &report.token(), &fields);
        assert_eq!(refused.status, 422, "{fields:?}: {}", refused.text());
    }
    assert_eq!(cast.viewer.get("/prints/999").status, 404);
}
