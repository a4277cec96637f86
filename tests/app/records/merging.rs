//! Two partners that are one.

use partnerbook::domain::ids::PartnerId;
use partnerbook::domain::program::{Level, Payout};
use partnerbook::selling::orders::EventKind;
use partnerbook::web::admin::Role::Administrator;

use super::{fields_of, partner, resend, send};
use crate::order_pages::shop::{Shop, cents, line, october, order, percent, program, rows};
use crate::support::http::{Page, Visitor};

fn merge(admin: &Visitor, stays: PartnerId, gone: &str) -> Page {
    let page = admin.get(&format!("/partners/{stays}/merge?other={gone}"));
    assert_eq!(page.status, 200, "{}", page.text());
    let mut fields = fields_of(&page);
    let action = format!("/partners/{stays}/merge");
    fields.retain(|(name, _)| name != "other");
    resend(admin, &action, &fields, &[("other", gone)])
}

/// A shop with Sam, who was recorded twice: each has sold something, been referred to, and recruited.
struct Twice {
    shop: Shop,
    admin: Visitor,
    sam: PartnerId,
    old: PartnerId,
}

fn twice() -> Twice {
    let shop = Shop::open();
    let mut terms = program("Standard", &[(Level::One, percent("10")), (Level::Two, percent("5"))]);
    terms.payout = Payout::OnPayment;
    let standard = shop.program(terms);
    let sam = shop.partner("sam", "Samantha Whitlock", None, &[]);
    let old = shop.partner("sw", "S. Whitlock", None, &[standard]);
    shop.partner("joe", "Joe", Some(old), &[standard]);
    let harriet = shop.contact("h@example.com", "Harriet");
    shop.referral(harriet, old, october(1, "10:00"));
    let mut sale = order("1", vec![line(shop.product("P", "Plan"), "1", "100.00")]);
    (sale.partner, sale.paid_in_full, sale.contact) = (Some(old), false, Some(harriet));
    shop.sell(sale);
    shop.happened("1", 22, EventKind::CustomerPayment(cents(4000)));
    let admin = shop.app.sign_in_as(Administrator);
    Twice { shop, admin, sam, old }
}

#[test]
fn who_was_merged_is_not_offered_any_more_and_leads_to_who_stays() {
    let Twice { shop, admin, sam, .. } = twice();
    let offered = |words: &str| shop.viewer.get(&format!("/choices/partners?q={words}")).html;
    assert!(offered("S.%20Whit").contains("value=\"sw\""), "{}", offered("S.%20Whit"));
    assert_eq!(merge(&admin, sam, "sw").status, 303);
    for words in ["S.%20Whit", "sw", "whitlock"] {
        let options = offered(words);
        assert!(!options.contains("value=\"sw\""), "{words}: {options}");
        assert_eq!(options.matches("value=\"sam\"").count(), 1, "{words}: {options}");
    }
}

#[test]
fn both_are_shown_side_by_side_and_then_all_that_speaks_for_them_follows() {
    let Twice { shop, admin, sam, old } = twice();
    let page = admin.get(&format!("/partners/{sam}/merge?other=SW"));
    page.says("Stays: Samantha Whitlock")
        .says("Merged: S. Whitlock")
        .says("Codes that lead to it sam sw sam, sw");
    page.says("Programs none Standard Standard").says("Referrals 0 1 1").says("Recruits 0 1 1");
    page.says("Balance $0.00 $4.00 $4.00, in two ledgers").says("The book is not touched");
    assert_eq!(merge(&admin, sam, "sw").location(), format!("/partners/{sam}"));
    let page = admin.get(&format!("/partners/{sam}"));
    page.says("Merged. 1 referral, 0 clicks and 1 recruit followed").says("Balance today $4.00");
    page.says("own balance $0.00, S. Whitlock sw $4.00").says("1. Standard 10 %").says("Joe joe");
    page.says("sw earlier, still leads here").says("Referrals 1 Clicks Orders 1");
    let gone = admin.get(&format!("/partners/{old}"));
    gone.says("S. Whitlock Merged").says("This record was merged into Samantha Whitlock");
    admin
        .get(&format!("/partners/{old}/ledger?from=2026-10-01&to=2026-10-31"))
        .says("merged into Samantha Whitlock")
        .says("4.00");
    admin
        .get(&format!("/partners/{sam}/history"))
        .says("Took over another record")
        .says("Took over S. Whitlock");
    admin.get(&format!("/partners/{old}/history")).says("Merged into another record");
    admin.get(&format!("/partners/{sam}/orders")).says("Harriet");
    // What it still earns comes to the ledger in which it began, and each is paid by itself.
    shop.happened("1", 23, EventKind::CustomerPayment(cents(6000)));
    admin.get(&format!("/partners/{sam}")).says("Balance today $10.00");
    let report = shop.viewer.get("/reports/ledgers?from=2026-10-01&to=2026-10-31&partner=samantha");
    assert_eq!(rows(&report, "tbody").len(), 1, "the ledger of the merged record is found by who it is now");
    report.says("merged into Samantha Whitlock").says("10.00");
    let report = shop.app.database.db.read_now(|conn| partnerbook::book::verify::verify(conn, &|_| {}));
    assert!(report.expect("it can be verified").is_clean());
}

#[test]
fn new_orders_credit_the_one_that_stays() {
    let Twice { shop, admin, sam, .. } = twice();
    merge(&admin, sam, "sw");
    shop.defaults(|defaults| {
        defaults.tracking.method = partnerbook::domain::settings::TrackingMethod::HistoryAndCookies;
    });
    let mut sale = order("2", vec![line(shop.product("P", "Plan"), "1", "100.00")]);
    sale.contact = Some(shop.contact("h@example.com", ""));
    shop.sell(sale).says("Samantha Whitlock");
    // The person under the other e-mail buys for itself: no candidate.
    let own = shop.contact("sw@example.com", "");
    shop.referral(own, sam, october(2, "10:00"));
    let mut sale = order("3", vec![line(shop.product("P", "Plan"), "1", "100.00")]);
    sale.contact = Some(own);
    shop.sell(sale).says("own purchase");
}

#[test]
fn codes_stay_with_the_merged_pair_and_the_merged_record_is_left_as_it_was() {
    let Twice { shop, admin, sam, old } = twice();
    merge(&admin, sam, "sw");
    let taken = admin.submit("/partners/new", "/partners", &partner(&[("code", "SW")]));
    assert_eq!(taken.status, 422);
    taken.says("Samantha Whitlock has, or had, this code.");
    let own = send(&admin, &format!("/partners/{sam}/edit"), &format!("/partners/{sam}"), &[("code", "sw")]);
    own.says("A record that was merged into this partner keeps this code");
    assert_eq!(admin.get(&format!("/partners/{old}/edit")).location(), format!("/partners/{sam}/edit"));
    let token = admin.get("/profile").token();
    let edited = admin.post_with(&format!("/partners/{old}"), &token, &partner(&[]));
    assert_eq!(edited.status, 422);
    edited.says("This partner was merged into another one.");
    assert_eq!(
        admin.post_with(&format!("/partners/{old}/status"), &token, &[("status", "active")]).status,
        422
    );
    // A recruit that names the old code is recruited by the one that stays.
    let child = admin.submit("/partners/new", "/partners", &partner(&[("parent", "sw")]));
    admin.get(child.location()).says("Parent Samantha Whitlock");
    assert_eq!(shop.viewer.get("/partners?status=merged").all("tbody .row-link"), ["S. Whitlock"]);
}

#[test]
fn what_cannot_be_merged_is_refused_in_words_and_a_second_press_changes_nothing() {
    let Twice { shop, admin, sam, old } = twice();
    let joe = shop.viewer.get("/partners?q=joe").attribute("tbody .row-link", "href");
    for (stays, other, sentence) in [
        (format!("/partners/{sam}"), "sam", "These are the same record."),
        (format!("/partners/{sam}"), "nobody", "No partner has or had this code."),
        (joe.clone(), "sw", "sw stands above joe in the tree: keep sw, and merge joe into it."),
    ] {
        let page = admin.get(&format!("{stays}/merge?other={other}"));
        assert_eq!(page.status, 422);
        page.says(sentence);
    }
    let page = admin.get(&format!("/partners/{sam}/merge?other=sw"));
    let mut fields = fields_of(&page);
    fields.retain(|(name, _)| name != "other");
    let action = format!("/partners/{sam}/merge");
    // Somebody edits one of the two meanwhile.
    assert_eq!(
        send(&admin, &format!("/partners/{old}/edit"), &format!("/partners/{old}"), &[("city", "Bend")])
            .status,
        303
    );
    let stale = resend(&admin, &action, &fields, &[("other", "sw")]);
    assert_eq!(stale.status, 422);
    stale.says("Somebody has changed one of the two").says("Side by side");
    assert_eq!(merge(&admin, sam, "sw").status, 303);
    let again = resend(&admin, &action, &fields, &[("other", "sw")]);
    assert_eq!(again.status, 422);
    again.says("was merged into another one already").says("Nothing was changed.");
    assert_eq!(resend(&admin, &action, &fields, &[("gone", "x")]).status, 422);
}

#[test]
fn a_chain_of_merges_leads_to_the_last_and_equal_referrals_become_one() {
    let Twice { shop, admin, sam, old } = twice();
    let third = shop.partner("third", "Third", None, &[]);
    let harriet = shop.contact("h@example.com", "");
    shop.referral(harriet, sam, october(1, "10:00"));
    assert_eq!(merge(&admin, sam, "sw").status, 303);
    assert_eq!(shop.viewer.get(&format!("/partners/{sam}/referrals")).all("tbody tr").len(), 1);
    assert_eq!(merge(&admin, third, "sam").status, 303);
    for gone in [old, sam] {
        shop.viewer.get(&format!("/partners/{gone}")).says("This record was merged into Third");
    }
    let page = shop.viewer.get(&format!("/partners/{third}"));
    page.says("S. Whitlock sw $4.00").says("Samantha Whitlock sam $0.00").says("Balance today $4.00");
    let child = admin.submit("/partners/new", "/partners", &partner(&[("parent", "sw")]));
    admin.get(child.location()).says("Parent Third");
}
