//! One partner's ledger and the whole report on paper.

use partnerbook::people::partners;

use super::paper::Pdf;
use crate::ledgers::cast::{Cast, OCTOBER, column, partner, rows};
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
fn a_ledger_of_one_entry_may_end_below_zero() {
    let cast = Cast::new();
    let new = partner("debtor", "Dot Debtor");
    let debtor =
        cast.app.database.db.run_now(|conn| partners::make(conn, &[new])).expect("it can be made")[0];
    cast.adjust(debtor, -123_456, "2026-10-20", "Paid twice by mistake");
    for paper in ["a4", "letter"] {
        let pdf =
            Pdf::get(&cast.viewer, &format!("/reports/ledgers.pdf?{OCTOBER}&partner=debtor&paper={paper}"));
        assert_eq!(pdf.is_sound().pages().len(), 1);
        let words = pdf.words();
        for said in [
            "Beginning balance 0.00",
            "Oct 20 Adjustment: Paid twice by mistake −1,234.56 −1,234.56",
            "Ending balance −$1,234.56",
            "A balance below zero is made up by later commissions.",
            "Dot Debtor (debtor) · Page 1 of 1",
        ] {
            assert!(words.contains(said), "“{said}” is not in: {words}");
        }
    }
}

#[test]
fn a_file_says_what_it_is_in_which_language_and_when_it_was_so() {
    let cast = Cast::new();
    cast.app.database.psql("UPDATE company SET name = 'Röstereï & Söhne'");
    let path = print(&cast, &[]);
    // Printed long after it was made: what it shows is of then.
    cast.app
        .database
        .psql("SET session_replication_role = replica; UPDATE runs SET made_at = '2026-11-02 03:04:05+00'");
    let pdf = Pdf::get(&cast.viewer, &path);
    let info = pdf.info();
    for (name, value) in [
        ("Title", "Referral Partner Ledgers, Oct 1, 2026 – Oct 31, 2026"),
        ("Author", "Röstereï & Söhne"),
        ("Creator", "Partnerbook"),
        ("CreationDate", "2026-11-02T03:04:05Z"),
        ("ModDate", "2026-11-02T03:04:05Z"),
    ] {
        let line = info.lines().find_map(|line| line.strip_prefix(&format!("{name}:"))).unwrap_or_default();
        assert!(line.trim().starts_with(value), "{name}: {info}");
    }
    assert!(String::from_utf8_lossy(&pdf.bytes).contains("/Lang<656e>"), "en");
    cast.app.database.psql("UPDATE company SET name = ''");
    let info = Pdf::get(&cast.viewer, &path).info();
    assert!(!info.contains("Author"), "nobody is named where there is no name: {info}");
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
