//! Many ledgers, long ledgers, and prints that are jobs.

use std::time::Duration;

use chrono::TimeDelta;
use partnerbook::domain::ids::PartnerId;
use partnerbook::paying::statements::check::check_file;
use partnerbook::people::partners::{self, NewPartner};
use partnerbook::runners;
use partnerbook::running::files;
use partnerbook::running::jobs::worker;

use super::paper::Pdf;
use crate::ledgers::cast::{Cast, OCTOBER, partner, range};
use crate::support::program::eventually;

/// So many partners more, each with so many entries in October.
fn many(cast: &Cast, count: usize, entries: usize) {
    let new: Vec<NewPartner> =
        (0..count).map(|number| partner(&format!("p{number:05}"), &format!("Partner {number}"))).collect();
    cast.app.database.db.run_now(|conn| partners::make(conn, &new)).expect("they can be made");
    cast.app.database.psql(&format!(
        "INSERT INTO entries (account_id, number, kind, amount_minor, dated_on)
         SELECT a.id, n, 'adjustment', 100 + n, DATE '2026-10-01' + n % 31
           FROM accounts a JOIN partners p ON p.id = a.partner_id, generate_series(1, {entries}) n
          WHERE p.code LIKE 'p0%' ORDER BY a.id, n"
    ));
}

#[test]
fn a_ledger_of_thousands_of_entries_carries_its_balance_from_page_to_page() {
    let cast = Cast::new();
    many(&cast, 1, 10_000);
    let pdf = Pdf::get(&cast.viewer, &format!("/reports/ledgers.pdf?{OCTOBER}&partner=p00000"));
    let pages = pdf.is_sound().pages();
    assert!(pages.len() > 200, "{}", pages.len());
    let amount = |page: &str, words: &str| {
        let line =
            page.lines().find(|line| line.contains(words)).unwrap_or_else(|| panic!("{words} on {page}"));
        line.split_whitespace().last().expect("it ends with an amount").to_string()
    };
    for (number, pair) in pages.windows(2).enumerate() {
        assert!(pair[0].contains(&format!("Page {} of {}", number + 1, pages.len())), "{}", pair[0]);
        if pair[0].contains("Carried forward") {
            assert_eq!(amount(&pair[0], "Carried forward"), amount(&pair[1], "Brought forward"));
        } else {
            assert!(pair[0].contains("Oct 31") && number + 2 == pages.len(), "only after the ending balance");
        }
    }
    let rows = pages.iter().flat_map(|page| page.lines()).filter(|line| line.contains("Adjustment")).count();
    assert_eq!(rows, 10_000 + 1, "each entry, and the sum of them");
    let id = PartnerId(cast.number("SELECT id AS value FROM partners WHERE code = 'p00000'"));
    let sum: i64 = (1..=10_000).map(|n| 100 + n).sum();
    assert_eq!(cast.figures(id, range("2026-10-01", "2026-10-31")).ending().minor(), sum);
    assert!(pages.concat().contains("$510,050.00"), "{sum}");
}

#[test]
fn volumes_are_joined_in_order_and_twice_the_same() {
    let cast = Cast::new();
    many(&cast, 250, 1);
    let path = format!("/reports/ledgers.pdf?{OCTOBER}");
    Pdf::get(&cast.viewer, &path);
    let run = cast.number("SELECT max(id) AS value FROM runs");
    let path = format!("/runs/{run}/ledgers.pdf");
    let pdf = Pdf::get(&cast.viewer, &path);
    let pages = pdf.is_sound().pages();
    assert_eq!(pages.len(), 252);
    let codes: Vec<String> = pages
        .iter()
        .map(|page| {
            let foot = page.rsplit_once(") · Page 1 of 1").expect("each has one page").0;
            foot.rsplit_once('(').expect("with its code").1.to_string()
        })
        .collect();
    let mut sorted = codes.clone();
    sorted.sort();
    assert_eq!(codes, sorted);
    assert_eq!(Pdf::get(&cast.viewer, &path).bytes, pdf.bytes);
    let verdicts = cast.app.database.db.read_now(|conn| check_file(conn, &pdf.bytes)).expect("it is a print");
    assert_eq!(verdicts.len(), 252);
    assert!(verdicts.iter().all(|verdict| verdict.is_genuine() && verdict.changed_words == 0));
}

#[test]
fn a_long_print_is_a_job_and_its_file_is_kept_for_a_day() {
    let cast = Cast::new();
    many(&cast, 301, 1);
    let report = cast.viewer.get(&format!("/reports/ledgers?{OCTOBER}"));
    let fields = [("from", "2026-10-01"), ("to", "2026-10-31"), ("paper", "a4")];
    let page = cast.viewer.post_with("/prints", &report.token(), &fields).location().to_string();
    assert!(page.starts_with("/jobs/"), "{page}");
    cast.viewer.get(&page).says("Print 303 ledgers");
    let clock = cast.app.clock.clone();
    let worker = worker::start(&cast.app.database.db, &clock, runners::runner);
    let file = eventually("the print is there", || {
        let page = cast.viewer.get(&page);
        let link = page.all("a.button--primary").first().map(|_| page.attribute("a.button--primary", "href"));
        link.filter(|link| link.starts_with("/prints/"))
    });
    worker.stop();
    assert!(worker.wait(Duration::from_secs(60)));
    let pdf = Pdf::get(&cast.viewer, &file);
    assert_eq!(pdf.is_sound().pages().len(), 303);
    let run = cast.number("SELECT max(id) AS value FROM runs");
    let direct = Pdf::get(&cast.viewer, &format!("/runs/{run}/ledgers.pdf?paper=a4"));
    assert!(direct.bytes == pdf.bytes, "the job makes what the address gives");
    let later = clock.now() + TimeDelta::hours(25);
    cast.app.database.db.run_now(|conn| Ok(files::remove_expired(conn, later)?)).expect("it can be removed");
    assert_eq!(cast.viewer.get(&file).status, 404);
}

#[test]
fn many_entries_in_few_ledgers_are_a_long_print_too() {
    let cast = Cast::new();
    many(&cast, 4, 4_980);
    let print = || {
        let report = cast.viewer.get(&format!("/reports/ledgers?{OCTOBER}"));
        let fields = [("from", "2026-10-01"), ("to", "2026-10-31")];
        cast.viewer.post_with("/prints", &report.token(), &fields).location().to_string()
    };
    assert!(print().starts_with("/runs/"), "less than 20,000 entries are not");
    cast.app.database.psql(
        "INSERT INTO entries (account_id, number, kind, amount_minor, dated_on)
         SELECT a.id, 4980 + n, 'adjustment', 1, DATE '2026-10-31'
           FROM accounts a JOIN partners p ON p.id = a.partner_id, generate_series(1, 100) n WHERE p.code = 'p00000'",
    );
    assert!(print().starts_with("/jobs/"), "more are");
}
