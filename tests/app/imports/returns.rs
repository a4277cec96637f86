//! Return lines of a file find their sales: newest first, across several, in this file or an earlier one.

use super::orders::entries;
use super::{bring, company, import, refused, rows, state};
use partnerbook::db::Db;
use partnerbook::selling::imports::{About, ImportReport, Kind};

const HEAD: &str = "order_number,ordered_at,contact_external_id,product_code,quantity,unit_price,returns_order,partner_code\n";

/// What was given back: return, order, line, quantity.
fn given_back(db: &Db) -> Vec<String> {
    rows(
        db,
        "SELECT concat_ws(' ', reference, 'gives back', trim_scale(returned_lines.quantity), 'of', orders.number, order_lines.number) AS value
         FROM returned_lines JOIN order_events ON order_events.id = order_event_id JOIN orders ON orders.id = order_events.order_id
         JOIN order_lines ON order_lines.id = order_line_id ORDER BY order_event_id, order_lines.number",
    )
}

fn unmatched(report: &ImportReport) -> Vec<String> {
    let unmatched = report.remarks.iter().filter(|remark| remark.about == About::Unmatched);
    unmatched.map(|remark| remark.at.to_string()).collect()
}

#[test]
fn a_return_gives_back_the_newest_sale_first_and_across_several() {
    let company = company();
    let text = format!(
        "{HEAD}\
         R1,2026-01-09,7,P1,-6,10,,\n\
         A1,2026-01-05,7,P1,5,10,,rp1\n\
         A2,2026-01-06,7,P1,2,10,,rp1\n\
         A2,2026-01-06,7,P1,3,10,,rp1\n\
         A2,2026-01-06,7,P2,9,10,,rp1\n\
         A3,2026-01-06,8,P1,9,10,,rp1\n\
         A4,2026-01-10,7,P1,9,10,,rp1\n"
    );
    let report = bring(&company.db, Kind::Orders, text);
    assert_eq!((report.recorded, report.returns_recorded, report.unmatched_lines), (4, 1, 0));
    assert_eq!(
        given_back(&company.db),
        ["R1 gives back 2 of A2 1", "R1 gives back 3 of A2 2", "R1 gives back 1 of A1 1"]
    );
    let taken: Vec<String> =
        entries(&company.db).into_iter().filter(|entry| entry.contains("clawback")).collect();
    assert_eq!(taken.len(), 3);
    assert!(taken.iter().all(|entry| entry.ends_with("2026-01-09")), "dated with the return: {taken:?}");
}

#[test]
fn a_return_that_names_its_order_takes_from_it_alone() {
    let company = company();
    let text = format!(
        "{HEAD}A1,2026-01-05,7,P1,5,10,,rp1\nA2,2026-01-06,7,P1,5,10,,rp1\nR1,2026-01-07,,P1,-7,10,A1,\nR2,2026-01-08,7,P1,-1,10,A9,\n"
    );
    let report = bring(&company.db, Kind::Orders, text);
    assert_eq!(given_back(&company.db), ["R1 gives back 5 of A1 1"]);
    let expected = [
        "row 4, product_code \"P1\" finds no sale for 2 of its units",
        "row 5, product_code \"P1\" finds no sale to take back",
    ];
    assert_eq!(unmatched(&report), expected);
    assert_eq!((report.unmatched_lines, report.unmatched_units), (2, 3.into()));
    let summary = report.summary().join(" ");
    assert!(
        summary.ends_with("2 return lines found no sale to take back, wholly or in part: 3 units."),
        "{summary}"
    );
}

#[test]
fn a_return_of_another_contacts_order_is_a_bad_row() {
    let company = company();
    bring(&company.db, Kind::Orders, format!("{HEAD}A1,2026-01-05,7,P1,5,10,,rp1\n"));
    let text = format!(
        "{HEAD}A2,2026-01-05,7,P1,5,10,,rp1\nR1,2026-01-06,8,P1,-1,10,A1,\nR2,2026-01-06,8,P1,-1,10,A2,\n"
    );
    let expected = [
        "row 3, returns_order \"A1\" is an order of another contact",
        "row 4, returns_order \"A2\" is an order of another contact",
    ];
    assert_eq!(refused(&company.db, Kind::Orders, &text), expected);
    let report = import(&company.db, Kind::Orders, &text, true);
    assert_eq!((report.recorded, report.returns_recorded, report.bad_rows()), (1, 0, 2));
}

#[test]
fn a_return_without_contact_and_order_finds_no_sale() {
    let company = company();
    let report = bring(
        &company.db,
        Kind::Orders,
        format!("{HEAD}A1,2026-01-05,,P1,5,10,,rp1\nR1,2026-01-06,,P1,-1.5,10,,\n"),
    );
    assert_eq!(unmatched(&report), ["row 3, product_code \"P1\" finds no sale to take back"]);
    assert!(report.summary().join(" ").contains("1 return line found no sale"), "{:?}", report.summary());
}

#[test]
fn returns_find_the_sales_of_earlier_files() {
    let company = company();
    let returns = format!("{HEAD}R1,2026-02-01,7,P1,-6,10,,\nR2,2026-01-05 12:00,7,P1,-1,10,,\n");
    // Too early: nothing is sold yet. It leaves no trace, and may come again.
    let report = bring(&company.db, Kind::Orders, &returns);
    assert_eq!((report.recorded, report.returns_recorded, report.unmatched_lines), (0, 0, 2));
    let sales = format!(
        "{HEAD}A1,2026-01-05,7,P1,5,10,,rp1\nA2,2026-01-06,7,P1,2,10,,rp1\nA3,2026-01-07,7,P1,9,10,,rp1\n"
    );
    bring(&company.db, Kind::Orders, sales);
    company.psql("INSERT INTO order_events (order_id, kind, happened_at, dated_on) SELECT id, 'cancelled', now(), '2026-01-08' FROM orders WHERE number = 'A3'");
    let report = bring(&company.db, Kind::Orders, &returns);
    assert_eq!((report.returns_recorded, report.unmatched_lines), (2, 0));
    let expected = ["R2 gives back 1 of A1 1", "R1 gives back 4 of A1 1", "R1 gives back 2 of A2 1"];
    let mut given = given_back(&company.db);
    given.sort();
    let mut sorted = expected.to_vec();
    sorted.sort_unstable();
    assert_eq!(given, sorted);
    let before = state(&company.db);
    let report = bring(&company.db, Kind::Orders, &returns);
    assert_eq!((report.already_there, report.returns_recorded), (2, 0));
    assert_eq!(state(&company.db), before);
    let report = bring(&company.db, Kind::Orders, returns.replace("-6", "-7"));
    assert_eq!((report.already_there, report.conflicts), (1, 1));
    assert_eq!(state(&company.db), before);
}

#[test]
fn an_order_may_sell_and_take_back_at_once() {
    let company = company();
    let text = format!(
        "{HEAD}A1,2026-01-05,7,P1,5,10,,rp1\nA2,2026-01-06,7,P1,-2,10,,rp1\nA2,2026-01-06,7,P1,3,10,,rp1\nA2,2026-01-06,7,P1,-4,10,,rp1\n"
    );
    let report = bring(&company.db, Kind::Orders, &text);
    assert_eq!((report.recorded, report.returns_recorded), (2, 1));
    // The first stands before its own order's sale, the second after it.
    assert_eq!(given_back(&company.db), ["A2 gives back 3 of A1 1", "A2 gives back 3 of A2 1"]);
    assert_eq!(bring(&company.db, Kind::Orders, &text).already_there, 2);
}

#[test]
fn lines_that_earned_nothing_give_back_too() {
    let company = company();
    bring(&company.db, Kind::Products, "code,commissionable\nFEE,no\n");
    let text = format!(
        "{HEAD}A1,2026-01-05,7,FEE,1,10,,rp1\nA1,2026-01-05,7,B,1,-5,,rp1\nR1,2026-01-06,7,FEE,-1,10,,\nR1,2026-01-06,7,B,-1,-5,,\n"
    );
    assert_eq!(bring(&company.db, Kind::Orders, text).unmatched_lines, 0);
    assert_eq!(given_back(&company.db).len(), 2);
    assert!(entries(&company.db).is_empty());
}
