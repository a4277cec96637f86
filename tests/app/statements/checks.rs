//! Export for checks.

use crate::ledgers::cast::{Cast, OCTOBER, column, rows};

fn checks_of_report(cast: &Cast) -> Vec<Vec<String>> {
    let report = cast.viewer.get(&format!("/reports/ledgers?{OCTOBER}"));
    let fields = [("from", "2026-10-01"), ("to", "2026-10-31"), ("kind", "checks")];
    let made = cast.viewer.post_with("/runs", &report.token(), &fields);
    rows(&cast.viewer.get(made.location()))
}

#[test]
fn the_file_says_whom_where_and_how_much_in_figures_and_words() {
    let cast = Cast::new();
    cast.app.database.psql(
        "UPDATE contacts SET address_line1 = '27 Juniper Lane', city = 'Bend', state = 'OR', postal_code = '97701', country = '=United States'
          WHERE name = 'Samantha Whitlock'",
    );
    let rows = checks_of_report(&cast);
    assert_eq!(column(&rows, "Payee"), ["Joe Marchetti", "Samantha Whitlock"]);
    assert_eq!(column(&rows, "Amount"), ["20.22", "117.40"]);
    assert_eq!(column(&rows, "Amount In Words"), ["Twenty and 22/100", "One hundred seventeen and 40/100"]);
    let sam = |heading: &str| column(&rows, heading)[1].clone();
    let address = ["Address Line 1", "City", "State", "Postal Code", "Country"].map(sam);
    assert_eq!(address, ["27 Juniper Lane", "Bend", "OR", "97701", "'=United States"]);
    assert_eq!(sam("Memo"), "Referral commissions Oct 1, 2026 – Oct 31, 2026");
    assert_eq!((sam("Currency"), sam("Code")), ("USD".into(), "sam".into()));
}

#[test]
fn whoever_was_paid_since_gets_no_second_check_and_the_batch_lists_what_it_paid() {
    let cast = Cast::new();
    let page = cast.admin.get(&cast.ledger(cast.sam));
    let paid = cast.pay_by_page(&page, None, &[]);
    assert_eq!(paid.status, 303, "{}", paid.text());
    assert_eq!(column(&checks_of_report(&cast), "Payee"), ["Joe Marchetti"]);
}
