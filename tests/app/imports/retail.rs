//! The real file: 541,909 lines give the ledgers that were worked out by others, to the cent.

use super::rows;
use crate::support::database;
use partnerbook::book;
use partnerbook::domain::ids::PartnerId;
use partnerbook::domain::money::Currency;
use partnerbook::domain::period::Period;
use partnerbook::people::partners;
use partnerbook::running::audit::Who;
use partnerbook::selling::imports::{self, Import, Kind, demo, file};

/// The expected ledgers by partner code: Beginning Balance, Commissions Earned, Clawbacks, Adjustments,
/// Commissions, Payments, Ending Balance.
fn expected() -> Vec<(String, Vec<String>)> {
    let text =
        include_str!("../../data/expected-ledgers-2011-03-01-2011-03-31.csv").trim_start_matches('\u{feff}');
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let records = reader.records().map(|record| record.expect("it is a table"));
    records
        .map(|record| (record[0].to_string(), record.iter().skip(6).map(str::to_string).collect()))
        .collect()
}

#[test]
fn the_demo_gives_the_expected_ledgers_and_again_changes_nothing() {
    let database = database();
    let db = &database.db;
    let who = Who::command_line("2026-11-03T10:41:00Z".parse().expect("an instant"));
    let reports =
        db.run_now(|conn| demo::fill(conn, &who, &|_| Ok(()))).expect("the demo fills an empty system");
    let orders = reports.last().expect("the orders come last");
    assert_eq!(
        (orders.rows_read, orders.unmatched_lines, orders.unmatched_units),
        (541_909, 3_108, 233_693.into())
    );

    let expected = expected();
    assert_eq!(expected.len(), 72);
    let period = Period::new("2011-03-01".parse().unwrap(), "2011-03-31".parse().unwrap()).unwrap();
    let gbp = Currency::from_code("GBP").unwrap();
    for (code, figures) in expected {
        let got = db.read_now(|conn| {
            let partner: PartnerId = partners::by_code(conn, std::slice::from_ref(&code))?[&code];
            let account = book::accounts_of(conn, &[partner])?[&partner];
            Ok(book::figures_now(conn, period, &[account])?[0].figures)
        });
        let got = got.expect("the figures can be read");
        let shown = [
            got.beginning,
            got.earned,
            got.clawbacks,
            got.adjustments,
            got.commissions(),
            got.payments,
            got.ending(),
        ];
        assert_eq!(shown.map(|amount| amount.plain(gbp)).to_vec(), figures, "{code}");
    }

    let counts = "SELECT concat_ws(' ', (SELECT count(*) FROM orders), (SELECT count(*) FROM order_events),
                         (SELECT count(*) FROM entries), (SELECT count(*) FROM contacts)) AS value";
    let before = rows(db, counts);
    let text = file::read("demo/online_retail.csv.xz".as_ref()).expect("it can be read");
    let import = Import {
        kind: Kind::Orders,
        file: "again",
        text: &text,
        columns: None,
        skip_bad_rows: false,
        number: 0,
        who: &who,
        progress: &|_| Ok(()),
    };
    let again = db.run_now(|conn| imports::import(conn, &import)).expect("it can be imported");
    assert_eq!((again.recorded, again.returns_recorded, again.conflicts), (0, 0, 0));
    assert_eq!(again.already_there, orders.recorded + orders.returns_recorded);
    assert_eq!(rows(db, counts), before);

    let users = "SELECT ((SELECT count(*) FROM users) + (SELECT count(*) FROM clicks) + (SELECT count(*) FROM payments))::text AS value";
    assert_eq!(rows(db, users), ["0"], "no user, click or payment");
    let refused =
        db.run_now(|conn| demo::fill(conn, &who, &|_| Ok(()))).expect_err("the system is not empty");
    assert!(refused.to_string().contains("this one has orders already"), "{refused}");
}
