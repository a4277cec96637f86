//! The report: its figures, filters, order and pages.

use chrono::Days;
use diesel::prelude::*;
use diesel::sql_query;
use partnerbook::db::columns::Number;
use partnerbook::domain::money::{Currency, Money};
use partnerbook::domain::period::Period;
use partnerbook::people::partners::{self, NewPartner};

use super::cast::{Cast, OCTOBER, day, partner, range};

#[test]
fn the_page_shows_what_each_partner_was_owed_earned_and_was_paid() {
    let cast = Cast::new();
    let page = cast.admin.get(&format!("/reports/ledgers?{OCTOBER}"));
    assert_eq!(page.status, 200);
    // Sam: 10 % of 500 before; 34.80 − 17.40 + 50.00 in October. Joe: 3 % of the same sales.
    assert_eq!(
        page.all("#results tbody tr"),
        [
            "Samantha Whitlock sam Joe Marchetti 50.00 67.40 34.80 − 17.40 clawbacks + 50.00 adjustments 0.00 117.40 Ledger of Samantha Whitlock",
            "Joe Marchetti joe 15.00 5.22 10.44 − 5.22 clawbacks 0.00 20.22 Ledger of Joe Marchetti",
        ]
    );
    page.says("All 2 results $65.00 $72.62 $0.00 $137.62");
    page.says("Commissions are net: $45.24 commissions, −$22.62 clawbacks, $50.00 adjustments.");
    page.says("With a balance, activity or open entries").says("2 partners");
    // The month of today's date less one is what people come for.
    cast.admin.get("/reports/ledgers").says("Oct 1, 2026 – Oct 31, 2026").says("117.40");
}

#[test]
fn the_ending_of_one_range_is_the_beginning_of_the_next() {
    let cast = Cast::new();
    for cut in ["2026-09-14", "2026-09-30", "2026-10-02", "2026-10-13", "2026-10-31"] {
        let next = day(cut) + Days::new(1);
        let before = cast.figures(cast.sam, range("2026-01-01", cut));
        let after = cast.figures(cast.sam, Period::new(next, day("2026-12-31")).unwrap());
        assert_eq!(before.ending(), after.beginning, "{cut}");
        let page = cast.admin.get(&format!("/reports/ledgers?from=2026-01-01&to={cut}&partner=sam"));
        let ending = page.first("#results tbody td.cell-strong");
        let page = cast.admin.get(&format!("/reports/ledgers?from={next}&to=2026-12-31&partner=sam"));
        assert_eq!(page.first("#results tbody td[data-label=Beginning]"), ending, "{cut}");
    }
}

#[test]
fn over_all_dates_the_ending_balance_is_the_sum_of_all_entries() {
    let cast = Cast::new();
    cast.adjust(cast.zoe, -700, "1999-12-31", "long ago");
    cast.adjust(cast.sam, 700, "2999-12-31", "far away");
    let page = cast.admin.get("/reports/ledgers?preset=all&show=all&sort=code");
    let sums = cast.app.database.db.read_now(|conn| {
        let sums: Vec<Number> = sql_query(
            "SELECT sum(amount_minor)::bigint AS value FROM entries JOIN accounts a ON a.id = account_id
               JOIN partners p ON p.id = a.partner_id GROUP BY p.code ORDER BY p.code",
        )
        .load(conn)?;
        Ok(sums.into_iter().map(|sum| Money::from_minor(sum.value)).collect::<Vec<_>>())
    });
    let usd = Currency::from_code("USD").unwrap();
    let sums: Vec<String> = sums.unwrap().into_iter().map(|sum| sum.grouped(usd)).collect();
    assert_eq!(page.all("#results tbody td.cell-strong"), sums);
    page.says("All dates");
}

#[test]
fn filters_choose_partners_and_never_entries() {
    let cast = Cast::new();
    let names = |query: &str| {
        let page = cast.viewer.get(&format!("/reports/ledgers?{OCTOBER}&sort=name&{query}"));
        assert_eq!(page.status, 200, "{query}");
        page.all("#results tbody th")
    };
    assert_eq!(names("show=all"), ["Joe Marchetti", "Samantha Whitlock", "Zoë van den Berg Inactive"]);
    assert_eq!(names("show=all&status=inactive"), ["Zoë van den Berg Inactive"]);
    assert_eq!(names("partner=SAM"), ["Samantha Whitlock"]);
    assert_eq!(names("partner=whit"), ["Samantha Whitlock"]);
    assert_eq!(names("partner=%25"), [""; 0]);
    assert_eq!(names("parent=marchetti"), ["Samantha Whitlock"]);
    let program = cast.number("SELECT id AS value FROM programs");
    assert_eq!(names(&format!("program={program}")), ["Samantha Whitlock"]);
    let page = cast.viewer.get(&format!("/reports/ledgers?{OCTOBER}&parent=joe"));
    page.says("1 partner").says("117.40").says("Parent: joe");
    // Zoë has nothing: a commission that an earlier payment on account has met is still to be settled.
    let zoe = cast.account(cast.zoe);
    cast.adjust(cast.zoe, 700, "2026-08-01", "a");
    cast.adjust(cast.zoe, -700, "2026-08-02", "b");
    assert!(cast.figures(cast.zoe, range("2026-10-01", "2026-10-31")).is_nothing(), "{zoe}");
    assert_eq!(names(""), ["Joe Marchetti", "Samantha Whitlock", "Zoë van den Berg Inactive"]);
    let before = cast.viewer.get("/reports/ledgers?from=2026-07-01&to=2026-07-31&partner=zoe");
    before.says("No partner matches this search").says("the latest of October 2026");
}

#[test]
fn every_heading_sorts_both_ways() {
    let cast = Cast::new();
    let first = |sort: &str| {
        cast.viewer
            .get(&format!("/reports/ledgers?{OCTOBER}&show=all&sort={sort}"))
            .first("#results tbody .code")
    };
    for (sort, code) in [
        ("name", "joe"),
        ("-name", "zoe"),
        ("code", "joe"),
        ("-code", "zoe"),
        ("parent", "sam"),
        ("-parent", "sam"),
        ("beginning", "zoe"),
        ("-beginning", "sam"),
        ("commissions", "zoe"),
        ("-commissions", "sam"),
        ("payments", "joe"),
        ("-payments", "joe"),
        ("ending", "zoe"),
        ("-ending", "sam"),
    ] {
        assert_eq!(first(sort), code, "{sort}");
    }
    let page = cast.viewer.get(&format!("/reports/ledgers?{OCTOBER}&sort=-code"));
    assert_eq!(
        page.attribute("th[aria-sort] a", "href"),
        "/reports/ledgers?from=2026%2D10%2D01&to=2026%2D10%2D31&sort=code"
    );
}

#[test]
fn pages_have_their_own_totals_and_share_those_of_all_results() {
    let cast = Cast::new();
    let many: Vec<NewPartner> =
        (1..=58).map(|n| partner(&format!("p{n:02}"), &format!("Partner {n}"))).collect();
    let made = cast.app.database.db.run_now(|conn| partners::make(conn, &many)).unwrap();
    for (partner, cents) in made.iter().zip(1..) {
        cast.adjust(*partner, cents, "2026-10-05", "each its own");
    }
    let address = format!("/reports/ledgers?{OCTOBER}&rows=20&partner=p");
    let page = cast.viewer.get(&address);
    page.says("58 partners").says("1–20 of 58").says("This page, 20 partners 0.00 9.70 0.00 9.70");
    page.says("All 58 results $0.00 $17.11 $0.00 $17.11").says("Select all 58 results");
    let last = cast.viewer.get(&format!("{address}&page=3"));
    last.says("41–58 of 58")
        .says("This page, 18 partners 0.00 1.71 0.00 1.71")
        .says("All 58 results $0.00 $17.11");
    let beyond = cast.viewer.get(&format!("{address}&page=999"));
    assert_eq!(beyond.status, 200);
    beyond.says("58 partners").says("All 58 results $0.00 $17.11");
}
