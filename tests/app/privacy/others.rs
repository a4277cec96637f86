//! Erasing who is a partner, who shares a browser, and whoever something is recorded of at the same moment.

use partnerbook::selling::orders::{self, EventKind, OrderEvent};
use partnerbook::selling::tracking;

use super::{FIREFOX, TRACES, scene};
use crate::order_pages::shop::{line, order};

#[test]
fn a_partner_is_erased_when_its_ledger_is_settled() {
    let scene = scene();
    let sam = scene.count("SELECT contact_id FROM partners WHERE code = 'sam'");
    let (privacy, erase) = (format!("/contacts/{sam}/privacy"), format!("/contacts/{sam}/erase"));
    let fields = [("reason", "Left us"), ("sure", "yes")];
    scene.admin.get(&privacy).says("Not yet: this is a referral partner whose ledger is open").says("$20.00");
    let page = scene.admin.submit(&privacy, &erase, &fields);
    assert_eq!(page.status, 422);
    page.says("Settle it first, then erase. Nothing was erased.");
    // Paid up to the cent: what the ledger proposes.
    let notes = format!("/partners/{}/notes", scene.sam);
    let key = scene.admin.get(&notes).attribute("[name=key]", "value");
    scene.admin.submit(&notes, &notes, &[("note", "Samantha Whitlock likes tea"), ("key", &key)]);
    let ledger = format!("/partners/{}/ledger?from=2026-10-01&to=2026-11-30", scene.sam);
    let form = scene.admin.get(&ledger);
    let hidden = |name: &str| form.attribute(&format!("#pay [name={name}]"), "value");
    let (key, shown, shown_amount, amount) =
        (hidden("key"), hidden("shown"), hidden("shown_amount"), hidden("amount"));
    let payment = [
        ("from", "2026-10-01"),
        ("to", "2026-11-30"),
        ("key", &key),
        ("shown", &shown),
        ("shown_amount", &shown_amount),
        ("amount", &amount),
        ("pay_type", "manual"),
        ("paid_on", "2026-11-03"),
        ("note", ""),
    ];
    let paid = scene.admin.post_with(&format!("/partners/{}/payments", scene.sam), &form.token(), &payment);
    assert_eq!(paid.status, 303, "{}", paid.text());
    let digest = scene.digest();
    assert_eq!(scene.admin.submit(&privacy, &erase, &fields).status, 303);
    assert_eq!(scene.digest(), digest);
    assert_eq!(scene.traces(&["Samantha", "sam@example.com"]), [""; 0]);
    let name = format!("Erased contact #{sam}");
    scene.admin.get(&format!("/partners/{}", scene.sam)).says(&name).says("Inactive");
    scene.shop.page("B-1").says(&name);
    scene.admin.get(&ledger).says(&name);
    let report = scene.shop.viewer.get("/reports/ledgers.csv?from=2026-10-01&to=2026-11-30&show=all");
    assert!(report.html.contains(&format!("sam,{name}")), "{}", report.html);
    let (status, _, pdf) =
        scene.shop.viewer.get_bytes("/reports/ledgers.pdf?from=2026-10-01&to=2026-11-30&show=all");
    assert!(status == 200 && pdf.starts_with(b"%PDF"));
    // The code stays its own, and it is never made active again.
    let fields = [("name", "Other"), ("code", "sam"), ("status", "active")];
    assert_eq!(scene.admin.submit("/partners/new", "/partners", &fields).status, 422);
    let status = format!("/partners/{}/status", scene.sam);
    let page = scene.admin.submit("/profile", &status, &[("status", "active")]);
    assert_eq!(page.status, 422);
    page.says("was erased");
    // What its customer sends back afterwards is still taken back.
    scene.shop.happened_because("B-1", 28, EventKind::Cancelled, "Sent back");
    assert_eq!(scene.count("SELECT sum(amount_minor) FROM entries"), "-2000");
    scene.digest();
}

#[test]
fn another_contact_of_the_same_browser_keeps_its_own() {
    let scene = scene();
    let ben = scene.shop.contact("ben@example.com", "Ben");
    let key = scene.browser.cookie().split_once('=').expect("a cookie").1.to_string();
    scene
        .shop
        .app
        .database
        .db
        .run_now(|conn| {
            let visitor = tracking::visitor(conn, &key)?;
            tracking::identify(conn, visitor, ben)
        })
        .unwrap();
    scene.browser.get_with("/go/sam?utm_campaign=for-ben", &[("user-agent", "Ben's browser")]);
    assert_eq!(scene.erase().status, 303);
    assert_eq!(scene.traces(&TRACES), [""; 0], "Dana's click and order say nothing more");
    assert_eq!(scene.count("SELECT string_agg(user_agent, ',') FROM clicks"), "Ben's browser");
    assert_eq!(
        scene.count("SELECT count(*) FROM orders WHERE visitor_id IS NULL"),
        "1",
        "nor that Ben sat there too"
    );
    assert_eq!(
        scene.count(&format!("SELECT count(*) FROM visitors WHERE key = '{key}' AND contact_id = {ben}")),
        "1"
    );
}

#[test]
fn what_is_recorded_at_the_same_moment_is_erased_too_or_of_somebody_new() {
    for round in 0..4 {
        let scene = scene();
        let start = std::sync::Barrier::new(4);
        std::thread::scope(|scope| {
            for seller in 0..2 {
                let (scene, start) = (&scene, &start);
                scope.spawn(move || {
                    start.wait();
                    for n in 0..6 {
                        let mut sold = order(&format!("R-{seller}-{n}"), vec![line(scene.plan, "1", "10")]);
                        sold.address = Some("192.0.2.7".into());
                        let key = scene.browser.cookie().split_once('=').expect("a cookie").1.to_string();
                        scene
                            .shop
                            .app
                            .database
                            .db
                            .run_now(|conn| {
                                let person = partnerbook::people::contacts::NewContact {
                                    email: Some("dana@example.com".into()),
                                    ..Default::default()
                                };
                                sold.contact = partnerbook::people::contacts::find_or_make(conn, &[person])?
                                    .into_iter()
                                    .next();
                                sold.visitor = Some(tracking::visitor(conn, &key)?);
                                orders::record(conn, &[OrderEvent::Placed(sold.clone())], None)
                            })
                            .expect("a sale is recorded, whatever else happens");
                    }
                });
            }
            scope.spawn(|| {
                start.wait();
                for _ in 0..12 {
                    let page = scene.browser.get_with("/go/sam", &[("user-agent", FIREFOX)]);
                    assert_eq!(page.status, 302, "a visitor is led on");
                }
            });
            start.wait();
            assert_eq!(scene.erase().status, 303, "round {round}");
        });
        let left = scene.count(&format!(
            "SELECT (SELECT count(*) FROM orders WHERE contact_id = {0} AND address IS NOT NULL)
                  + (SELECT count(*) FROM visitors WHERE contact_id = {0})
                  + (SELECT count(*) FROM clicks c JOIN referrals r ON r.click_id = c.id WHERE r.contact_id = {0} AND c.user_agent IS NOT NULL)", scene.dana));
        assert_eq!(left, "0", "round {round}");
        assert_eq!(scene.count("SELECT count(*) FROM orders"), "13");
        scene.digest();
    }
}

#[test]
fn addresses_of_orders_are_erased_when_they_have_been_kept_long_enough() {
    let scene = scene();
    let digest = scene.digest();
    let kept = || scene.count("SELECT count(address) FROM orders");
    let after = |at: &str| {
        scene
            .shop
            .app
            .database
            .db
            .run_now(|conn| orders::erase_addresses(conn, at.parse().unwrap()))
            .expect("it can be done");
        kept()
    };
    assert_eq!(after("2027-01-19T09:14:00Z"), "1", "90 days after 21 October, at that very instant");
    assert_eq!(after("2027-01-19T09:14:01Z"), "0");
    assert_eq!(scene.digest(), digest);
}

#[test]
fn a_form_that_is_sent_at_the_same_moment_is_erased_too_or_somebody_news() {
    for round in 0..4 {
        let scene = scene();
        let guest = scene.shop.app.visitor();
        // Each page counts once, so that each of these is a lead of its own; ten from one address are taken.
        let senders = [&scene.browser, &guest].map(|sender| {
            let key = || sender.get("/f/demo").attribute("input[name=page]", "value");
            (sender, (0..5).map(|_| key()).collect::<Vec<_>>())
        });
        scene.shop.app.clock.advance(chrono::TimeDelta::seconds(5));
        let start = std::sync::Barrier::new(4);
        std::thread::scope(|scope| {
            for (sender, keys) in &senders {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    for key in keys {
                        let sent = sender.post("/f/demo", &[("email", "dana@example.com"), ("page", key)]);
                        assert_eq!(sent.status, 303, "round {round}: {}", sent.text());
                    }
                });
            }
            scope.spawn(|| {
                start.wait();
                for _ in 0..10 {
                    let page = scene.browser.get_with("/go/sam", &[("user-agent", FIREFOX)]);
                    assert_eq!(page.status, 302, "a visitor is led on");
                }
            });
            start.wait();
            assert_eq!(scene.erase().status, 303, "round {round}");
        });
        assert_eq!(
            scene.count("SELECT count(*) FROM form_submissions"),
            "11",
            "round {round}: nothing is lost"
        );
        let left = scene.count(&format!(
            "SELECT (SELECT count(*) FROM form_submissions WHERE contact_id = {0} AND (answers <> '[]' OR address IS NOT NULL))
                  + (SELECT count(*) FROM visitors WHERE contact_id = {0})
                  + (SELECT count(*) FROM clicks c JOIN referrals r ON r.click_id = c.id WHERE r.contact_id = {0} AND c.user_agent IS NOT NULL)", scene.dana));
        assert_eq!(left, "0", "round {round}");
        // Whoever came after the erasure is one new contact, whose answers are whole.
        let others = scene.count(&format!(
            "SELECT count(*) FROM form_submissions WHERE contact_id IS DISTINCT FROM {} AND answers -> 0 ->> 'answer' IS DISTINCT FROM 'dana@example.com'", scene.dana));
        assert_eq!(others, "0", "round {round}");
        let new = scene.count("SELECT count(*) FROM contacts WHERE email = 'dana@example.com'");
        assert!(["0", "1"].contains(&new.as_str()), "round {round}: {new}");
        scene.digest();
    }
}
