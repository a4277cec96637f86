//! The figures that are kept by day say what counting each click says, however many of them are kept.

use diesel::connection::SimpleConnection;
use partnerbook::selling::tracking::clicks::{keep_days, mark_days};
use partnerbook::web::admin::Role::Administrator;

use super::*;
use crate::records::{fields_of, resend};

/// Takes in what came since, as is done from time to time.
fn keep(shop: &Shop) {
    let (db, now) = (&shop.app.database.db, shop.app.clock.now());
    db.run_now(|conn| mark_days(conn, now)).expect("it can be marked");
    db.run_now(|conn| keep_days(conn, now)).expect("it can be kept");
}

/// Clicks of some sixty visitors and of robots through both partners' links, from July to November 2026. Another
/// `from` makes others, of the same visitors.
fn clicks_come(shop: &Shop, from: u32, to: u32) {
    shop.app.database.psql(&format!(
        "INSERT INTO visitors (id, key) SELECT n, 'visitor ' || n FROM generate_series(1001, 1060) n ON CONFLICT DO NOTHING;
         INSERT INTO clicks (visitor_id, partner_id, clicked_at, robot)
         SELECT CASE WHEN n % 11 > 0 THEN 1001 + (n * n + n / 7) % 60 END, 1 + n % 2,
                TIMESTAMPTZ '2026-07-03 00:00Z' + (n * 7919 % 2950) * interval '1 hour' + n % 3 * interval '20 minutes', n % 11 = 0
           FROM generate_series({from}, {to}) n"
    ));
}

/// Joe turns out to be Sam.
fn merge(shop: &Shop, sam: PartnerId) {
    let admin = shop.app.sign_in_as(Administrator);
    let path = format!("/partners/{sam}/merge");
    let mut fields = fields_of(&admin.get(&format!("{path}?other=joe")));
    fields.retain(|(name, _)| name != "other");
    assert_eq!(resend(&admin, &path, &fields, &[("other", "joe")]).status, 303);
}

/// Clicks, visitors and robots of a partner, counted one by one.
fn counted(shop: &Shop, partner: PartnerId, zone: &str, days: &str) -> Vec<String> {
    let told = shop.app.database.ask(&format!(
        "SELECT concat_ws(' ', count(*) FILTER (WHERE NOT robot), count(DISTINCT visitor_id), count(*) FILTER (WHERE robot))
           FROM clicks WHERE partner_id = {partner} AND (clicked_at AT TIME ZONE '{zone}')::date {days}"
    ));
    told.split(' ').map(str::to_string).collect()
}

/// The page says what is counted, for times of all kinds and in several zones.
fn agrees(shop: &Shop, partner: PartnerId, when: &str) {
    for zone in ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"] {
        shop.app.database.psql(&format!("UPDATE company SET time_zone = '{zone}'"));
        for (query, days) in [
            ("?preset=all", "IS NOT NULL"),
            ("?preset=this_year", "BETWEEN '2026-01-01' AND '2026-12-31'"),
            ("?preset=last_month", "BETWEEN '2026-10-01' AND '2026-10-31'"),
            ("?from=2026-08-15&to=2026-08-15", "= '2026-08-15'"),
            ("?from=2026-08-15&to=2026-08-16", "BETWEEN '2026-08-15' AND '2026-08-16'"),
            ("?from=2026-08-15", ">= '2026-08-15'"),
            ("?to=2026-08-15", "<= '2026-08-15'"),
            ("?from=2030-01-01", ">= '2030-01-01'"),
        ] {
            let told = totals(&tab(shop, partner, query));
            let expected = counted(shop, partner, zone, days);
            let told: Vec<String> = [0, 1, 4].iter().map(|at| told[*at].replace(',', "")).collect();
            assert_eq!(told, expected, "{when}, {zone}, {query}");
        }
    }
}

#[test]
fn figures_by_day_say_what_each_click_says_however_much_is_kept() {
    let (shop, sam) = shop();
    clicks_come(&shop, 1, 900);
    agrees(&shop, sam, "nothing is kept");
    keep(&shop);
    agrees(&shop, sam, "all is kept");
    clicks_come(&shop, 5001, 5300);
    agrees(&shop, sam, "clicks of all times came since");
    keep(&shop);
    keep(&shop);
    agrees(&shop, sam, "they are kept too");
    assert_eq!(shop.app.database.ask("SELECT sum(people + robots) FROM click_days"), "1200");
    clicks_come(&shop, 7001, 7050);
    merge(&shop, sam);
    agrees(&shop, sam, "the other partner's clicks are its own now");
    keep(&shop);
    agrees(&shop, sam, "and what came before they were");
    assert_eq!(
        shop.app.database.ask("SELECT string_agg(DISTINCT partner_id::text, ' ') FROM click_days"),
        sam.to_string()
    );
}

#[test]
fn a_click_that_is_being_recorded_is_waited_for_before_later_ones_are_kept() {
    let (shop, sam) = shop();
    clicks_come(&shop, 1, 10);
    let mut slow = shop.app.database.owner();
    let click = format!(
        "INSERT INTO clicks (partner_id, clicked_at, robot) VALUES ({sam}, '2026-11-01 00:00Z', true)"
    );
    slow.batch_execute(&format!("BEGIN; {click}")).expect("it is recorded");
    clicks_come(&shop, 11, 20);
    keep(&shop);
    assert_eq!(shop.app.database.ask("SELECT up_to FROM click_days_mark"), "0", "not beyond it");
    slow.batch_execute("COMMIT").expect("it is committed");
    agrees(&shop, sam, "it is committed");
    keep(&shop);
    assert_eq!(shop.app.database.ask("SELECT sum(people + robots) FROM click_days"), "21");
    agrees(&shop, sam, "it is kept");
}

#[test]
fn an_order_counts_where_a_click_won_it_and_not_where_a_referral_by_hand_did() {
    let (shop, sam) = shop();
    shop.defaults(|defaults| {
        defaults.tracking.method = partnerbook::domain::settings::TrackingMethod::HistoryAndCookies;
    });
    let (plan, dana) = (shop.product("PLAN", "Office Plan"), shop.contact("dana@example.com", "Dana"));
    shop.referral(dana, sam, october(3, "10:00"));
    let bought = |number: &str| order(number, vec![line(plan, "1", "100")]);
    let mut by_hand = bought("H-1");
    by_hand.contact = Some(dana);
    shop.sell(by_hand.clone()).says("Samantha was credited because");
    let visitor = shop.click("first", "joe", october(7, "10:00"));
    let mut by_click = bought("C-1");
    (by_click.contact, by_click.visitor) = (Some(dana), Some(visitor));
    shop.sell(by_click).says("Joe was credited because");
    let joe = PartnerId(2);
    for (partner, query, leads_and_orders) in [
        (sam, "?preset=all", ["0", "0"]),
        (joe, "?preset=all", ["1", "1"]),
        (joe, "?from=2026-10-07&to=2026-10-07", ["1", "1"]),
        (joe, "?from=2026-10-08", ["0", "0"]),
    ] {
        assert_eq!(totals(&tab(&shop, partner, query))[2..4], leads_and_orders, "{partner} {query}");
    }
    // Whoever takes Joe over takes over what its clicks won.
    merge(&shop, sam);
    assert_eq!(totals(&tab(&shop, sam, "?preset=all"))[2..4], ["1", "1"]);
    assert_eq!(totals(&tab(&shop, joe, "?preset=all"))[2..4], ["0", "0"]);
}
