//! What people type wrongly is named beside its field, and kept.

use partnerbook::people::partners;
use partnerbook::web::admin::Role;

use super::cast::{Cast, OCTOBER, column, partner, rows};
use crate::support::http;

#[test]
fn wrong_dates_and_choices_are_named_beside_their_field_and_kept() {
    let cast = Cast::new();
    let long = "x".repeat(5_000);
    for (field, value, sentence) in [
        ("from", "2026-02-30", "From is no date"),
        ("from", "1e3", "From is no date"),
        ("to", "31.10.2026", "To is no date"),
        ("to", "2026-09-30", "To (2026-09-30) lies before From (2026-10-01)"),
        ("from", "1066-10-14", "From lies outside 1900 to 2999"),
        ("partner", long.as_str(), "Partner or code has 5000 characters; it may have 200."),
        ("parent", long.as_str(), "Parent has 5000 characters"),
        ("status", "NaN", "There is no status “NaN”"),
        ("program", "999", "There is no such commission program any more"),
        ("program", "'; DROP TABLE entries --", "There is no commission program"),
        ("sort", "secret", "There is no column “secret” to sort by"),
        ("show", "some", "“some” is no choice here"),
        ("preset", "someday", "There are no dates of the name “someday”"),
    ] {
        let mut fields = vec![("from", "2026-10-01"), ("to", "2026-10-31")];
        fields.retain(|(name, _)| *name != field);
        fields.push((field, value));
        let query = serde_urlencoded::to_string(&fields).unwrap();
        let page = cast.viewer.get(&format!("/reports/ledgers?{query}"));
        assert_eq!(page.status, 422, "{field}={value}");
        page.says(sentence);
        assert!(page.first(&format!("#{field}-error")).contains(sentence), "{field}={value}");
        if ["from", "to", "partner", "parent", "sort"].contains(&field) {
            assert_eq!(page.attribute(&format!("#{field}"), "value"), value);
        }
        if ["from", "to", "preset"].contains(&field) {
            let ledger = cast.viewer.get(&format!("/partners/{}/ledger?{query}", cast.sam));
            assert_eq!(ledger.status, 422, "{field}={value}");
            assert!(ledger.first(&format!("#{field}-error")).contains(sentence), "{field}={value}");
        }
        if field != "program" || value != "999" {
            let file = cast.viewer.get(&format!("/reports/ledgers.csv?{query}"));
            assert_eq!(
                (file.status, file.html.contains(sentence)),
                (422, true),
                "{field}={value}: {}",
                file.html
            );
        }
    }
    let file = cast.viewer.get("/reports/ledgers.csv");
    assert_eq!((file.status, file.html.as_str()), (422, "From is missing.\nTo is missing.\n"));
    assert_eq!(cast.number("SELECT count(*) AS value FROM runs"), 0);
    // What people look for may be anything.
    let strings: Vec<String> = serde_json::from_str(include_str!("../../data/blns.json")).unwrap();
    for string in strings.iter().step_by(7) {
        let query = serde_urlencoded::to_string([("partner", string), ("parent", string)]).unwrap();
        let status = cast.viewer.get(&format!("/reports/ledgers?{query}")).status;
        assert!([200, 422].contains(&status), "{status}: {string:?}");
    }
}

#[test]
fn wrong_amounts_are_named_beside_their_field_and_nothing_is_recorded() {
    let cast = Cast::new();
    let page = cast.admin.get(&cast.ledger(cast.sam));
    let long = "x".repeat(5_000);
    for (amount, sentence) in [
        ("1e3", "Amount is not a number"),
        ("NaN", "Amount is not a number"),
        ("1.234", "Amount has more than 2 decimals"),
        ("", "Amount is missing"),
        ("99999999999999999", "Amount is too large"),
    ] {
        let payment = cast.pay_by_page(&page, Some(amount), &[]);
        assert_eq!((payment.status, payment.attribute("#amount", "value")), (422, amount.to_string()));
        assert!(payment.first("#amount-error").contains(sentence), "{}", payment.first("#amount-error"));
        let adjustment = cast.adjust_by_page(&page, amount, "2026-10-20", "why");
        assert_eq!(
            (adjustment.status, adjustment.attribute("#adjustment", "value")),
            (422, amount.to_string())
        );
        assert!(
            adjustment.first("#adjustment-error").contains(sentence),
            "{}",
            adjustment.first("#adjustment-error")
        );
        assert_eq!(adjustment.attribute("#reason", "value"), "why");
    }
    for amount in ["0", "-5"] {
        cast.pay_by_page(&page, Some(amount), &[]).says("A payment is above zero");
    }
    cast.adjust_by_page(&page, "0.00", "2026-10-20", "why").says("An adjustment of zero changes nothing");
    cast.adjust_by_page(&page, "1", "2026-10-20", "  ").says("Reason is missing");
    cast.adjust_by_page(&page, "1", "2026-10-20", &long).says("Reason has 5000 characters; it may have 2000");
    cast.adjust_by_page(&page, "1", "yesterday", "why").says("Date is no date");
    cast.pay_by_page(&page, None, &[("pay_type", "gold")]).says("Choose a pay type of the list");
    cast.pay_by_page(&page, None, &[("paid_on", "2026-02-30")]).says("Date is no date");
    for (name, value) in [("key", "nonsense"), ("shown_amount", "x"), ("key", "")] {
        let stale = cast.pay_by_page(&page, None, &[(name, value)]);
        assert_eq!(stale.status, 422);
        stale.says("This form is incomplete or out of date");
    }
    let nobody = format!("/partners/{}/adjustments", 999);
    let fields = [
        ("adjustment", "1"),
        ("dated_on", "2026-10-20"),
        ("reason", "why"),
        ("key", "6f1e1b0c-0000-4000-8000-000000000000"),
    ];
    assert_eq!(cast.admin.post_with(&nobody, &page.token(), &fields).status, 404);
    assert_eq!(cast.number("SELECT count(*) AS value FROM payments"), 0);
    assert_eq!(cast.number("SELECT count(*) AS value FROM entry_details WHERE form_key IS NOT NULL"), 0);
}

#[test]
fn yen_have_no_decimals_here_either() {
    let app = http::app();
    app.database.psql("UPDATE company SET currency = 'JPY', minor_units = 0");
    let admin = app.sign_in_as(Role::Administrator);
    let made = app.database.db.run_now(|conn| partners::make(conn, &[partner("sam", "Sam")])).unwrap()[0];
    let address = format!("/partners/{made}/ledger?{OCTOBER}");
    let page = admin.get(&address);
    let send = |amount: &str| {
        let key = page.attribute("#adjust [name=key]", "value");
        let fields = [("adjustment", amount), ("dated_on", "2026-10-20"), ("reason", "why"), ("key", &key)];
        let range = [("from", "2026-10-01"), ("to", "2026-10-31")];
        admin.post_with(
            &format!("/partners/{made}/adjustments"),
            &page.token(),
            &[&fields[..], &range].concat(),
        )
    };
    let refused = send("100.5");
    assert_eq!(refused.status, 422);
    refused.says("Amount may not have decimals");
    assert_eq!(send("1500").status, 303);
    admin.get(&address).says("1,500").says("¥1,500");
    let file = rows(&admin.get(&format!("/reports/ledgers.csv?{OCTOBER}")));
    assert_eq!(column(&file, "Ending Balance"), ["1500"]);
}
