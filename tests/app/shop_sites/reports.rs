//! What a script reports again, because it did not hear the answer.

use super::*;

#[test]
fn a_report_that_is_sent_again_is_the_click_that_it_was() {
    let app = company();
    let told = |at: &'static str| [("visitor", KEY), ("ref", "sam"), ("page", SHOP), ("at", at)];
    let once = format!("sam {KEY} {SHOP} f");
    for _ in 0..2 {
        assert_eq!(report(&app, SHOP, &told("1793700000123")).status, 204, "it is answered each time");
    }
    assert_eq!(clicks(&app), once);
    app.clock.advance(chrono::TimeDelta::days(2));
    assert_eq!(report(&app, SHOP, &told("1793700000123")).status, 204, "by the next page, days later");
    assert_eq!(clicks(&app), once);
    // Several of one batch, which nobody has worked in yet.
    let visit = Visit { report_ms: Some(1793700000456), ..visit(KEY, "sam") };
    let batch = vec![visit; 40];
    app.database.db.run_now(|conn| visits::record(conn, &batch, &mut Directory::default())).unwrap();
    assert_eq!(clicks(&app), format!("{once}; sam {KEY} f"));
    // Another visitor of the same moment, another moment, and reports that say none, as older scripts send them.
    report(&app, SHOP, &[("visitor", OTHER), ("ref", "sam"), ("page", SHOP), ("at", "1793700000123")]);
    report(&app, SHOP, &told("1793700000789"));
    for at in ["", "now", "99999999999999999999"] {
        assert_eq!(report(&app, SHOP, &told(at)).status, 204);
    }
    clicks(&app);
    assert_eq!(app.database.ask("SELECT count(*) || ' ' || count(report_ms) FROM clicks"), "7 4");
}
