//! A person's own data: given out as one file, and erased for good, while the book keeps its entries.

mod others;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use partnerbook::book::verify;
use partnerbook::domain::ids::{ContactId, PartnerId, ProductId};
use partnerbook::domain::program::Level;
use partnerbook::selling::orders::EventKind;
use partnerbook::selling::tracking;
use partnerbook::web::admin::Role;
use rust_decimal::Decimal;

use crate::order_pages::shop::{Shop, line, order, percent, program};
use crate::support::http::{Page, Visitor};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// Everything by which the person is known; none of it may be left.
const TRACES: [&str; 9] = [
    "Dana",
    "dana",
    "C-4711",
    "Lindenstr",
    "Springfield",
    "192.0.2.7",
    "Firefox/140",
    "blog.example",
    "secret-campaign",
];

/// A shop with Sam, of whose link Dana bought, known by name, e-mail, number and address.
struct Scene {
    shop: Shop,
    admin: Visitor,
    /// Dana's browser.
    browser: Visitor,
    dana: ContactId,
    sam: PartnerId,
    plan: ProductId,
}

fn scene() -> Scene {
    let shop = Shop::open();
    let standard = shop.program(program("Standard", &[(Level::One, percent("10"))]));
    let sam = shop.partner("sam", "Samantha", None, &[standard]);
    let plan = shop.product("PLAN", "Office Plan");
    let dana = shop.contact("dana@example.com", "Dana Ito");
    shop.app.database.psql(&format!(
        "UPDATE tracking_settings SET default_destination = 'https://shop.example/';
         UPDATE contacts SET external_id = 'C-4711', address_line1 = 'Lindenstr. 5', city = 'Springfield', opted_in = true WHERE id = {dana}"
    ));
    let browser = shop.app.visitor();
    let from = [("user-agent", FIREFOX), ("referer", "https://blog.example/about-dana")];
    browser.get_with("/go/sam?utm_campaign=secret-campaign&for=dana", &from);
    shop.app.database.psql("UPDATE clicks SET address = '192.0.2.7', clicked_at = '2026-10-05 10:00Z'");
    let key = browser.cookie().split_once('=').expect("a cookie").1.to_string();
    let visitor = shop.app.database.db.run_now(|conn| {
        let visitor = tracking::visitor(conn, &key)?;
        tracking::identify(conn, visitor, dana)?;
        Ok(visitor)
    });
    let mut sold = order("B-1", vec![line(plan, "2", "100")]);
    (sold.contact, sold.visitor, sold.address) = (Some(dana), visitor.ok(), Some("192.0.2.7".into()));
    shop.sell(sold);
    shop.app.database.psql(&format!(
        "INSERT INTO web_forms (name, code, title, button) VALUES ('Demo', 'demo', 'A demo', 'Send');
         INSERT INTO form_submissions (form_id, contact_id, sent_at, address, answers, page_key, content_hash)
         SELECT id, {dana}, '2026-10-06 10:00Z', '192.0.2.7', '[{{\"label\": \"Name\", \"answer\": \"Dana Ito\"}}]', repeat('d', 32), sha256('dana') FROM web_forms"
    ));
    let admin = shop.app.sign_in_as(Role::Administrator);
    Scene { shop, admin, browser, dana, sam, plan }
}

impl Scene {
    fn path(&self, what: &str) -> String {
        format!("/contacts/{}{what}", self.dana)
    }

    fn erase(&self) -> Page {
        self.erase_with(&[("reason", "Asked for on 2 November"), ("sure", "yes")])
    }

    fn erase_with(&self, fields: &[(&str, &str)]) -> Page {
        self.admin.submit(&self.path("/privacy"), &self.path("/erase"), fields)
    }

    fn digest(&self) -> String {
        let report = self.shop.app.database.db.read_now(|conn| verify::verify(conn, &|_| {})).unwrap();
        assert_eq!(report.places().collect::<Vec<_>>(), [""; 0], "the book is sound");
        report.digest
    }

    /// What of these words stands anywhere in the database, with its table.
    fn traces(&self, words: &[&str]) -> Vec<String> {
        let mut owner = self.shop.app.database.owner();
        let tables = lines(
            &mut owner,
            "SELECT c.relname::text AS line FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY 1",
        );
        assert!(tables.len() > 40, "{tables:?}");
        let mut found = Vec::new();
        for table in tables {
            for row in lines(&mut owner, &format!("SELECT t::text AS line FROM {table} t")) {
                found.extend(
                    words
                        .iter()
                        .filter(|word| row.contains(**word))
                        .map(|word| format!("{word} in {table}: {row}")),
                );
            }
        }
        found
    }

    fn count(&self, sql: &str) -> String {
        lines(&mut self.shop.app.database.owner(), &format!("SELECT ({sql})::text AS line")).remove(0)
    }
}

fn lines(conn: &mut PgConnection, sql: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        line: String,
    }
    let rows: Vec<Line> = sql_query(sql).load(conn).unwrap_or_else(|error| panic!("{error} in {sql}"));
    rows.into_iter().map(|row| row.line).collect()
}

#[test]
fn everything_about_a_person_comes_as_one_file_and_the_audit_log_says_so() {
    let scene = scene();
    scene.shop.happened_because(
        "B-1",
        25,
        EventKind::Refund { lines: vec![(1, Decimal::ONE)], amount: Default::default() },
        "Too \"large\"",
    );
    let file = scene.admin.submit(&scene.path("/privacy"), &scene.path("/export"), &[]);
    assert_eq!(file.status, 200, "{}", file.text());
    let name = format!("filename=\"contact-{}-2026-11-03.json\"", scene.dana);
    assert!(file.header("content-disposition").contains(&name), "{}", file.header("content-disposition"));
    assert_eq!(file.header("content-type"), "application/json; charset=utf-8");
    let json: serde_json::Value = serde_json::from_str(&file.html).expect("it is JSON");
    assert_eq!(json["contact"]["e-mail"], "dana@example.com");
    assert_eq!(json["contact"]["customer number"], "C-4711");
    assert_eq!(json["clicks"][0]["ip address"], "192.0.2.7");
    assert_eq!(json["clicks"][0]["clicked at"], "2026-10-05T10:00:00+00:00");
    assert_eq!(json["clicks"][0]["came from"], "https://blog.example/about-dana");
    assert_eq!(json["forms"][0]["answers"][0]["answer"], "Dana Ito");
    assert_eq!(json["referrals"][0]["partner"], "Samantha");
    assert_eq!(json["orders"][0]["lines"][0]["price"], serde_json::json!(100));
    assert_eq!(json["orders"][0]["what happened"][1]["note"], "Too \"large\"");
    assert_eq!(json["orders"][0]["credited"][0]["lead partner"], "Samantha");
    assert_eq!(json["partner"], serde_json::Value::Null);
    assert!(
        file.html.starts_with("{\n  \"about\": \"Everything") && file.html.ends_with("}\n"),
        "{}",
        file.html
    );
    assert_eq!(scene.count("SELECT count(*) FROM audit_log WHERE action = 'contact.export'"), "1");
    let sam = scene.count("SELECT contact_id FROM partners WHERE code = 'sam'");
    let file =
        scene.admin.submit(&format!("/contacts/{sam}/privacy"), &format!("/contacts/{sam}/export"), &[]);
    let json: serde_json::Value = serde_json::from_str(&file.html).expect("it is JSON");
    assert_eq!(
        json["partner"]["ledger"][0]["amount"].to_string(),
        "20.00".trim_end_matches('0').to_string() + "0"
    );
    assert_eq!(scene.admin.get("/contacts/999/privacy").status, 404);
}

#[test]
fn nothing_is_left_of_an_erased_person_and_the_book_is_as_it_was() {
    let scene = scene();
    assert!(!scene.traces(&TRACES).is_empty(), "the traces are there to be found");
    let digest = scene.digest();
    let page = scene.admin.get(&scene.path("/privacy"));
    page.says("Everywhere it says Erased contact").says("1 order");
    let answer = scene.erase();
    assert_eq!((answer.status, answer.header("location")), (303, scene.path("").as_str()));
    assert_eq!(scene.traces(&TRACES), [""; 0]);
    assert_eq!(scene.digest(), digest, "not a row of the book was touched");
    assert_eq!(
        scene.count("SELECT count(*) FROM clicks WHERE visitor_id IS NOT NULL"),
        "1",
        "the click stays as a count"
    );
    let name = format!("Erased contact #{}", scene.dana);
    let contact = scene.admin.get(&scene.path(""));
    contact.says(&name).says("was erased on");
    assert!(!contact.text().contains("Add a referral") && !contact.text().contains("New order"));
    scene.shop.page("B-1").says(&name);
    scene.shop.viewer.get(&format!("/partners/{}/referrals", scene.sam)).says(&name);
    scene.shop.viewer.get(&format!("/partners/{}/clicks?preset=all", scene.sam)).says(&name);
    let ledger =
        scene.shop.viewer.get(&format!("/partners/{}/ledger.csv?from=2026-10-01&to=2026-10-31", scene.sam));
    assert!(ledger.html.contains(&name), "{}", ledger.html);
    scene.shop.viewer.get("/contacts?q=dana").says("No contact matches");
    let file = scene.admin.submit(&scene.path("/privacy"), &scene.path("/export"), &[]);
    assert!(TRACES.iter().all(|trace| !file.html.contains(trace)), "{}", file.html);
}

#[test]
fn an_order_of_an_erased_person_is_still_returned_and_clawed_back() {
    let scene = scene();
    assert_eq!(scene.erase().status, 303);
    let back = EventKind::Refund { lines: vec![(1, Decimal::ONE)], amount: Default::default() };
    scene.shop.happened("B-1", 25, back);
    assert_eq!(scene.count("SELECT balance_minor FROM account_totals t JOIN accounts a ON a.id = t.account_id JOIN partners p ON p.id = a.partner_id WHERE p.code = 'sam'"), "1000");
    scene.shop.happened_because("B-1", 26, EventKind::Cancelled, "Sent back");
    assert_eq!(scene.count("SELECT sum(amount_minor) FROM entries"), "0");
    scene.digest();
}

#[test]
fn who_comes_again_is_somebody_new() {
    let scene = scene();
    assert_eq!(scene.erase().status, 303);
    let again = scene.shop.contact("DANA@example.com", "Dana Ito");
    assert_ne!(again, scene.dana);
    // The cookie of the browser leads to nobody: a new key comes with the next click.
    let before = scene.browser.cookie();
    let page = scene.browser.get_with("/go/sam", &[("user-agent", FIREFOX)]);
    assert_eq!(page.status, 302);
    assert_ne!(scene.browser.cookie(), before);
    assert_eq!(
        scene.count(&format!("SELECT count(*) FROM referrals WHERE contact_id = {}", scene.dana)),
        "1"
    );
    let mut sold = order("B-2", vec![line(scene.plan, "1", "100")]);
    sold.contact = Some(again);
    scene.shop.sell(sold).says("Dana Ito");
}

#[test]
fn an_erased_person_cannot_be_edited_referred_or_ordered_for_and_is_erased_once() {
    let scene = scene();
    let (edit, refer) =
        (scene.admin.get(&scene.path("/edit")), scene.admin.get(&scene.path("/referrals/new")));
    assert_eq!(scene.erase().status, 303);
    let is_refused = |page: &Page| {
        assert_eq!(page.status, 422, "{}", page.text());
        page.says("was erased");
    };
    is_refused(&scene.admin.get(&scene.path("/edit")));
    is_refused(&scene.admin.get(&scene.path("/referrals/new")));
    let fields = [("name", "Dana"), ("email", "dana@example.com"), ("version", "1")];
    is_refused(&scene.admin.post_with(&scene.path(""), &edit.token(), &fields));
    let version = scene.count(&format!("SELECT version FROM contacts WHERE id = {}", scene.dana));
    let fields = [("name", "Dana"), ("email", "dana@example.com"), ("version", version.as_str())];
    is_refused(&scene.admin.post_with(&scene.path(""), &edit.token(), &fields));
    let fields = [("partner", "sam"), ("referred_at", "2026-11-01T10:00"), ("kind", "permanent")];
    is_refused(&scene.admin.post_with(&scene.path("/referrals"), &refer.token(), &fields));
    let found = scene
        .shop
        .app
        .database
        .db
        .run_now(|conn| partnerbook::people::contacts::by_typed(conn, &format!("#{}", scene.dana)));
    assert_eq!(found.unwrap(), None);
    let second =
        scene.admin.post_with(&scene.path("/erase"), &edit.token(), &[("reason", "x"), ("sure", "yes")]);
    assert_eq!(second.status, 303);
    scene.admin.get(&scene.path("")).says("has been erased already");
    assert_eq!(scene.count("SELECT count(*) FROM audit_log WHERE action = 'contact.erase'"), "1");
    scene.admin.get(&scene.path("/privacy")).says("This contact was erased on");
    let sql = format!("UPDATE contacts SET erased_at = NULL, name = 'Dana' WHERE id = {}", scene.dana);
    assert!(sql_query(sql).execute(&mut scene.shop.app.database.owner()).is_err(), "not even by the owner");
}

#[test]
fn erasing_wants_a_reason_and_a_clear_yes() {
    let scene = scene();
    for (fields, field, sentence) in [
        (&[("reason", " "), ("sure", "yes")][..], "reason", "The reason is missing."),
        (&[("reason", "Asked for")], "sure", "Tick that you mean it"),
        (&[("reason", "Asked for"), ("sure", "no")], "sure", "Tick that you mean it"),
        (&[("sure", "yes")], "reason", "The reason is missing."),
    ] {
        let page = scene.erase_with(fields);
        assert_eq!(page.status, 422, "{fields:?}");
        assert!(page.first(&format!("#{field}-error")).contains(sentence), "{fields:?}: {}", page.text());
    }
    let long = "x".repeat(5000);
    let page = scene.erase_with(&[("reason", &long), ("sure", "yes")]);
    assert_eq!(page.status, 422);
    assert_eq!(page.attribute("#reason", "value"), long, "what was typed stays");
    assert_eq!(scene.count("SELECT count(*) FROM contacts WHERE erased_at IS NOT NULL"), "0");
    let viewer = scene.shop.viewer.get(&scene.path(""));
    assert!(!viewer.text().contains("Privacy"), "a viewer is offered nothing of it");
}
