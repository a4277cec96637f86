//! Referral Partner Ledgers and the ledger of one partner, through the pages and files.

use std::thread;

use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use partnerbook::book::{self, NewEntry, NewPayment, NewRun, NewVoid, RunKind};
use partnerbook::db::columns::Number;
use partnerbook::domain::ids::{AccountId, PartnerId, PaymentId, RunId};
use partnerbook::domain::ledger::{EntryKind, Figures, Movement, figures};
use partnerbook::domain::money::{Currency, Money};
use partnerbook::domain::payment::{OnAccount, PayType, PaymentMethod};
use partnerbook::domain::period::Period;
use partnerbook::domain::program::{AmountPer, Level, Payout, Percent, Rate, Rates};
use partnerbook::paying::payments::{self, NewBatch, Processed};
use partnerbook::people::contacts::{self, NewContact};
use partnerbook::people::partners::{self, NewPartner, PartnerStatus};
use partnerbook::selling::orders::{self, EventKind, NewEvent, NewLine, NewOrder, OrderEvent, Source};
use partnerbook::selling::products::{self, NewProduct};
use partnerbook::selling::programs::{self, ProgramTerms, TermsRule};
use partnerbook::web::admin::{Role, Who};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use crate::support::http::{self, PASSWORD, Page, TestApp, Visitor};

const OCTOBER: &str = "from=2026-10-01&to=2026-10-31";

/// A shop with three partners and some history: Joe has recruited Samantha; Zoë is inactive and has
/// nothing.
struct Cast {
    app: TestApp,
    admin: Visitor,
    viewer: Visitor,
    joe: PartnerId,
    sam: PartnerId,
    zoe: PartnerId,
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn instant(text: &str) -> DateTime<Utc> {
    format!("{text}T12:00:00Z").parse().expect("an instant")
}

fn range(from: &str, to: &str) -> Period {
    Period::new(day(from), day(to)).expect("a range")
}

fn partner(code: &str, name: &str) -> NewPartner {
    NewPartner {
        code: code.into(),
        name: name.into(),
        email: Some(format!("{code}@example.com")),
        parent: None,
        status: PartnerStatus::Active,
        track_leads_days: None,
        notify_on_lead: false,
        notify_on_sale: false,
        address: Default::default(),
    }
}

impl Cast {
    /// September: Sam sells for 500.00. October: 2 × 174.00 of which one comes back, and a bonus.
    fn new() -> Cast {
        let app = http::app();
        let (admin, viewer) = (app.sign_in_as(Role::Administrator), app.sign_in_as(Role::Viewer));
        let (joe, sam, zoe) = app
            .database
            .db
            .run_now(|conn| {
                let joe = partners::make(conn, &[partner("joe", "Joe Marchetti")])?[0];
                let recruits = [
                    NewPartner { parent: Some(joe), ..partner("sam", "Samantha Whitlock") },
                    NewPartner { status: PartnerStatus::Inactive, ..partner("zoe", "Zoë van den Berg") },
                ];
                let made = partners::make(conn, &recruits)?;
                let rate = |percent: i64| Rate { percent: Percent::new(percent.into()).unwrap(), amount: Money::ZERO };
                let rates = |percent| Rates { sale: rate(percent), ..Rates::default() };
                let rows = vec![(Level::One, rates(10)), (Level::Two, rates(3))];
                let terms = ProgramTerms {
                    name: "Standard".into(),
                    priority: 1,
                    payout: Payout::UpFront,
                    amount_per: AmountPer::Unit,
                    rules: vec![TermsRule { product: None, rows }],
                };
                let program = programs::save(conn, &[terms], None)?[0];
                partners::enrol(conn, &[(made[0], program)])?;
                Ok((joe, made[0], made[1]))
            })
            .expect("the cast can be made");
        let cast = Cast { app, admin, viewer, joe, sam, zoe };
        cast.sell("10398", "2026-09-14", "1", "500");
        cast.sell("10421", "2026-10-02", "2", "174");
        cast.happens("10421", "2026-10-14", EventKind::Refund { lines: vec![(1, "1".parse().unwrap())], amount: Money::ZERO });
        cast.adjust(cast.sam, 5_000, "2026-10-19", "Autumn campaign bonus");
        cast
    }

    fn sell(&self, number: &str, on: &str, quantity: &str, price: &str) {
        let sold = self.app.database.db.run_now(|conn| {
            let product = NewProduct { code: "kettle".into(), name: "=Drip Kettle".into() };
            let product = products::find_or_make(conn, &[product])?[0].id;
            let person = NewContact { email: Some("dana@example.com".into()), name: "Dana Whitfield".into(), ..Default::default() };
            let contact = contacts::find_or_make(conn, &[person])?[0];
            let line = NewLine {
                product,
                description: None,
                quantity: quantity.parse().unwrap(),
                unit_price: price.parse().unwrap(),
                discount: Money::ZERO,
                commissionable: true,
            };
            let order = NewOrder {
                number: number.into(),
                contact: Some(contact),
                ordered_at: instant(on),
                lines: vec![line],
                shipping: Money::ZERO,
                tax: Money::ZERO,
                paid_in_full: true,
                visitor: None,
                address: None,
                partner: Some(self.sam),
                sale_partner: None,
                source: Source::Hand,
                content_hash: [0; 32],
            };
            orders::record(conn, &[OrderEvent::Placed(order)], None)
        });
        sold.expect("the order can be recorded");
    }

    fn happens(&self, order: &str, on: &str, kind: EventKind) {
        let event = NewEvent {
            order: order.into(),
            kind,
            happened_at: instant(on),
            reference: String::new(),
            reason: String::new(),
        };
        let recorded = self.app.database.db.run_now(|conn| orders::record(conn, &[OrderEvent::Happened(event)], None));
        recorded.expect("the event can be recorded");
    }

    fn adjust(&self, partner: PartnerId, minor: i64, on: &str, reason: &str) {
        let (account, amount) = (self.account(partner), Money::from_minor(minor));
        let adjusted =
            self.app.database.db.run_now(|conn| book::adjust(conn, account, amount, day(on), reason, None, None));
        adjusted.expect("the adjustment can be recorded");
    }

    fn account(&self, partner: PartnerId) -> AccountId {
        let accounts = self.app.database.db.read_now(|conn| book::accounts_of(conn, &[partner]));
        accounts.expect("accounts can be read")[&partner]
    }

    fn figures(&self, partner: PartnerId, period: Period) -> Figures {
        let account = self.account(partner);
        self.app.database.db.read_now(|conn| book::figures_now(conn, period, &[account])).unwrap()[0].figures
    }

    fn number(&self, sql: &str) -> i64 {
        let found: Number = self.app.database.db.read_now(|conn| Ok(sql_query(sql).get_result(conn)?)).unwrap();
        found.value
    }

    fn ledger(&self, partner: PartnerId) -> String {
        format!("/partners/{partner}/ledger?{OCTOBER}")
    }

    /// Sends the adjustment form of Sam's ledger as the page has it.
    fn adjust_by_page(&self, page: &Page, amount: &str, on: &str, reason: &str) -> Page {
        let key = page.attribute("#adjust [name=key]", "value");
        let fields = [("adjustment", amount), ("dated_on", on), ("reason", reason), ("key", key.as_str())];
        let range = [("from", "2026-10-01"), ("to", "2026-10-31")];
        self.admin.post_with(&format!("/partners/{}/adjustments", self.sam), &page.token(), &[&fields[..], &range].concat())
    }

    /// Sends *Create Payment* of Sam's ledger as the page has it, with another amount.
    fn pay_by_page(&self, page: &Page, amount: Option<&str>, more: &[(&str, &str)]) -> Page {
        let value = |name: &str| page.attribute(&format!("#pay [name={name}]"), "value");
        let (key, shown, shown_amount, paid_on) = (value("key"), value("shown"), value("shown_amount"), value("paid_on"));
        let proposed = value("amount");
        let fields = [
            ("from", "2026-10-01"),
            ("to", "2026-10-31"),
            ("key", &key),
            ("shown", &shown),
            ("shown_amount", &shown_amount),
            ("amount", amount.unwrap_or(&proposed)),
            ("pay_type", "paypal"),
            ("paid_on", &paid_on),
            ("note", "for October"),
        ];
        let fields: Vec<_> = fields.into_iter().filter(|(name, _)| !more.iter().any(|(other, _)| name == other)).collect();
        self.admin.post_with(&format!("/partners/{}/payments", self.sam), &page.token(), &[&fields[..], more].concat())
    }
}

/// The rows of a CSV file, headings first.
fn rows(page: &Page) -> Vec<Vec<String>> {
    assert_eq!(page.status, 200, "{}", page.html);
    let text = page.html.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_string).collect()).collect()
}

fn column(rows: &[Vec<String>], heading: &str) -> Vec<String> {
    let at = rows[0].iter().position(|name| name == heading).expect("the heading is there");
    rows[1..].iter().map(|row| row[at].clone()).collect()
}

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
fn page_file_and_rulebook_say_the_same() {
    let cast = Cast::new();
    let page = cast.viewer.get(&format!("/reports/ledgers?{OCTOBER}&show=all&sort=code"));
    let rows = rows(&cast.viewer.get(&format!("/reports/ledgers.csv?{OCTOBER}&show=all")));
    assert_eq!(
        rows[0].join(","),
        "Partner ID,Code,Referral Partner,Email,Parent,Status,Currency,Beginning Balance,Commissions Earned,\
         Clawbacks,Adjustments,Commissions,Payments,Ending Balance"
    );
    assert_eq!(
        rows[1..].iter().map(|row| row[1..].join(",")).collect::<Vec<_>>(),
        [
            "joe,Joe Marchetti,joe@example.com,,active,USD,15.00,10.44,-5.22,0.00,5.22,0.00,20.22",
            "sam,Samantha Whitlock,sam@example.com,joe,active,USD,50.00,34.80,-17.40,50.00,67.40,0.00,117.40",
            "zoe,Zoë van den Berg,zoe@example.com,,inactive,USD,0.00,0.00,0.00,0.00,0.00,0.00,0.00",
        ]
    );
    assert_eq!(page.all("#results tbody td.cell-strong"), column(&rows, "Ending Balance"));
    assert_eq!(page.all("#results tbody td[data-label=Beginning]"), column(&rows, "Beginning Balance"));
    assert_eq!(page.all("#results tbody td[data-label=Payments]"), column(&rows, "Payments"));
    let sam = cast.figures(cast.sam, range("2026-10-01", "2026-10-31"));
    assert_eq!((sam.commissions().minor(), sam.ending().minor()), (6_740, 11_740));
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
    let first = |sort: &str| cast.viewer.get(&format!("/reports/ledgers?{OCTOBER}&show=all&sort={sort}")).first("#results tbody .code");
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
    assert_eq!(page.attribute("th[aria-sort] a", "href"), "/reports/ledgers?from=2026%2D10%2D01&to=2026%2D10%2D31&sort=code");
}

#[test]
fn pages_have_their_own_totals_and_share_those_of_all_results() {
    let cast = Cast::new();
    let many: Vec<NewPartner> = (1..=58).map(|n| partner(&format!("p{n:02}"), &format!("Partner {n}"))).collect();
    let made = cast.app.database.db.run_now(|conn| partners::make(conn, &many)).unwrap();
    for (partner, cents) in made.iter().zip(1..) {
        cast.adjust(*partner, cents, "2026-10-05", "each its own");
    }
    let address = format!("/reports/ledgers?{OCTOBER}&rows=20&partner=p");
    let page = cast.viewer.get(&address);
    page.says("58 partners").says("1–20 of 58").says("This page, 20 partners 0.00 9.70 0.00 9.70");
    page.says("All 58 results $0.00 $17.11 $0.00 $17.11").says("Select all 58 results");
    let last = cast.viewer.get(&format!("{address}&page=3"));
    last.says("41–58 of 58").says("This page, 18 partners 0.00 1.71 0.00 1.71").says("All 58 results $0.00 $17.11");
    let beyond = cast.viewer.get(&format!("{address}&page=999"));
    assert_eq!(beyond.status, 200);
    beyond.says("58 partners").says("All 58 results $0.00 $17.11");
}

#[test]
fn ticked_rows_or_all_results_become_a_run() {
    let cast = Cast::new();
    let page = cast.admin.get(&format!("/reports/ledgers?{OCTOBER}"));
    let post = |visitor: &Visitor, more: &[(&str, &str)]| {
        let page = visitor.get(&format!("/reports/ledgers?{OCTOBER}"));
        let fields = [("from", "2026-10-01"), ("to", "2026-10-31")];
        visitor.post_with("/runs", &page.token(), &[&fields[..], more].concat())
    };
    assert_eq!(page.attribute("#results", "action"), "/runs");
    let accounts = |answer: &Page| {
        let run: i64 = answer.location().rsplit(['=', '/']).find_map(|part| part.parse().ok()).expect("a run");
        cast.app.database.db.read_now(|conn| book::run_accounts(conn, RunId(run))).unwrap().len()
    };
    let (joe, sam) = (cast.joe.to_string(), cast.sam.to_string());
    let answer = post(&cast.admin, &[("kind", "preview"), ("tick", &sam)]);
    assert!(answer.location().starts_with("/payment-batches/new?run="), "{}", answer.location());
    assert_eq!(accounts(&answer), 1);
    assert_eq!(cast.admin.get(answer.location()).status, 200);
    assert_eq!(accounts(&post(&cast.admin, &[("kind", "preview"), ("tick", &sam), ("tick", &joe)])), 2);
    assert_eq!(accounts(&post(&cast.admin, &[("kind", "preview"), ("show", "all")])), 3);
    assert_eq!(accounts(&post(&cast.admin, &[("kind", "preview"), ("tick", &sam), ("all", "yes")])), 2);
    // A viewer may export and not pay.
    assert_eq!(post(&cast.viewer, &[("kind", "preview"), ("tick", &sam)]).status, 403);
    let answer = post(&cast.viewer, &[("kind", "export"), ("tick", &sam)]);
    let file = cast.viewer.get(answer.location());
    assert_eq!(column(&rows(&file), "Code"), ["sam"]);
    assert!(!cast.viewer.get(&format!("/reports/ledgers?{OCTOBER}")).html.contains("Create Referral Partner Payments"));
    let runs = cast.number("SELECT count(*) AS value FROM runs");
    for (more, sentence) in [
        (&[("kind", "preview"), ("tick", "999")][..], "There is no partner 999"),
        (&[("kind", "preview"), ("tick", "1e3")], "“1e3” is no partner of this list"),
        (&[("kind", "everything")], "Choose an action"),
        (&[("kind", "export"), ("status", "gone")], "There is no status “gone”"),
    ] {
        let page = post(&cast.admin, more);
        assert_eq!(page.status, 422, "{more:?}");
        page.says(sentence);
    }
    assert_eq!(cast.number("SELECT count(*) AS value FROM runs"), runs);
}

#[test]
fn an_export_is_a_run_and_shows_the_same_whatever_comes_later() {
    let cast = Cast::new();
    let file = cast.viewer.get(&format!("/reports/ledgers.csv?{OCTOBER}"));
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"ledgers-2026-10-01-2026-10-31.csv\"");
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    let run = cast.number("SELECT max(id) AS value FROM runs WHERE kind = 'export'");
    let audited = "SELECT count(*) AS value FROM audit_log WHERE action = 'run.create' AND subject_id = ";
    assert_eq!(cast.number(&format!("{audited}{run}")), 1);
    cast.adjust(cast.sam, 12_345, "2026-10-31", "late");
    cast.sell("10499", "2026-09-30", "1", "99");
    let again = cast.viewer.get(&format!("/runs/{run}/ledgers.csv"));
    assert_eq!(again.html, file.html);
    let later = cast.viewer.get(&format!("/reports/ledgers.csv?{OCTOBER}"));
    assert_ne!(later.html, file.html);
    // Asking for the head alone shows nobody anything.
    let runs = cast.number("SELECT count(*) AS value FROM runs");
    assert_eq!(cast.viewer.request("HEAD", &format!("/reports/ledgers.csv?{OCTOBER}")).status, 200);
    assert_eq!(cast.number("SELECT count(*) AS value FROM runs"), runs);
    assert_eq!(cast.viewer.get("/runs/999/ledgers.csv").status, 404);
}

#[test]
fn a_file_has_a_bom_and_crlf_and_nobody_starts_a_formula_in_it() {
    let cast = Cast::new();
    let named = partner("plus", "=HYPERLINK(\"https://evil.example\")");
    let made = cast.app.database.db.run_now(|conn| partners::make(conn, &[named])).unwrap()[0];
    cast.adjust(made, -1_250, "2026-10-05", "@SUM(A1)");
    let bytes = bytes_of(&cast, &format!("/reports/ledgers.csv?{OCTOBER}"));
    assert_eq!(&bytes[..3], [0xEF, 0xBB, 0xBF]);
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    assert!(text.contains(",plus,\"'=HYPERLINK(\"\"https://evil.example\"\")\",plus@example.com,"), "{text}");
    assert!(text.contains(",0.00,-12.50,-12.50,0.00,-12.50\r\n"), "{text}");
    let ledger = rows(&cast.viewer.get(&format!("/partners/{made}/ledger.csv?{OCTOBER}")));
    assert_eq!(column(&ledger, "Note"), ["'@SUM(A1)"]);
    assert_eq!(column(&ledger, "Amount"), ["-12.50"]);
    let sales = rows(&cast.viewer.get(&format!("/partners/{}/ledger.csv?{OCTOBER}", cast.sam)));
    assert_eq!(column(&sales, "Item"), ["'=Drip Kettle", "'=Drip Kettle", ""]);
    assert_eq!(column(&sales, "Balance"), ["84.80", "67.40", "117.40"]);
}

/// The bytes of a file as they come; a page's text has lost its BOM.
fn bytes_of(cast: &Cast, path: &str) -> Vec<u8> {
    let client = reqwest::blocking::Client::builder().cookie_store(true).build().unwrap();
    let url = |path: &str| format!("{}{path}", cast.app.url);
    let page = client.get(url("/sign-in")).send().unwrap().text().unwrap();
    let html = scraper::Html::parse_document(&page);
    let token = html.select(&scraper::Selector::parse("input[name=csrf]").unwrap()).next().unwrap();
    let token = token.value().attr("value").unwrap();
    let fields = [("email", "viewer@example.com"), ("password", PASSWORD), ("csrf", token)];
    let body = serde_urlencoded::to_string(fields).unwrap();
    let post = client.post(url("/sign-in")).header("content-type", "application/x-www-form-urlencoded");
    assert!(post.body(body).send().unwrap().status().is_success());
    client.get(url(path)).send().unwrap().bytes().unwrap().to_vec()
}

#[test]
fn the_ledger_shows_every_entry_with_its_working_and_the_balance_after_it() {
    let cast = Cast::new();
    let page = cast.admin.get(&cast.ledger(cast.sam));
    assert_eq!(page.status, 200);
    page.says("Ledger: Samantha Whitlock").says("3 entries");
    let lines = page.all("tbody tr");
    assert!(lines[0].contains("Beginning balance 50.00"), "{lines:?}");
    for (line, words) in [
        (1, "Dana Whitfield Samantha Whitlock 2 × 174.00 × 10 % 34.80 84.80"),
        (2, "Clawback"),
        (2, "1 of 2 returned, 2 × 174.00 × 10 % −17.40 67.40"),
        (3, "Adjustment Autumn campaign bonus"),
        (3, "50.00 117.40"),
    ] {
        assert!(lines[line].contains(words), "{words:?} in {:?}", lines[line]);
    }
    assert_eq!(page.all("tbody .sub").iter().filter(|words| *words == "open").count(), 3);
    assert_eq!(page.attribute("tbody td a", "href"), format!("/orders/{}", cast.number("SELECT id AS value FROM orders WHERE number = '10421'")));
    let tiles: Vec<String> = page.all(".stat dd:nth-of-type(1)");
    assert_eq!(tiles, ["$50.00", "$67.40", "$0.00", "$117.40"]);
    page.says("Commissions since September 2026 $84.80").says("Balance today $117.40");
    let joe = cast.admin.get(&cast.ledger(cast.joe));
    joe.says("2 × 174.00 × 3 %, level 2").says("1 of 2 returned");
    assert_eq!(cast.admin.get("/partners/999/ledger").status, 404);
    assert_eq!(cast.admin.get("/partners/x/ledger").status, 404);
}

#[test]
fn the_running_balance_stays_right_from_page_to_page() {
    let cast = Cast::new();
    for cents in 1..=70 {
        cast.adjust(cast.zoe, cents, &format!("2026-10-{:02}", 1 + cents % 28), "a cent more");
    }
    let address = format!("/partners/{}/ledger?{OCTOBER}", cast.zoe);
    let (first, second) = (cast.viewer.get(&address), cast.viewer.get(&format!("{address}&page=2")));
    let balances = |page: &Page| page.all("tbody tr td:last-child");
    let (one, two) = (balances(&first), balances(&second));
    assert_eq!((one.len(), two.len()), (51, 21));
    assert_eq!(one.last(), two.first());
    second.says("Brought forward").says("51–70 of 70");
    assert_eq!(two.last().unwrap(), "24.85");
    let file = rows(&cast.viewer.get(&format!("/partners/{}/ledger.csv?{OCTOBER}", cast.zoe)));
    assert_eq!(column(&file, "Balance"), [&one[1..], &two[1..]].concat());
}

#[test]
fn an_adjustment_is_recorded_once_however_often_it_is_pressed() {
    let cast = Cast::new();
    let page = cast.admin.get(&cast.ledger(cast.sam));
    let answers: Vec<Page> = thread::scope(|scope| {
        let press = || cast.adjust_by_page(&page, "-12.50", "2026-10-20", "Sample not sent back");
        let presses: Vec<_> = (0..4).map(|_| scope.spawn(press)).collect();
        presses.into_iter().map(|press| press.join().unwrap()).collect()
    });
    for answer in &answers {
        assert_eq!(answer.location(), format!("/partners/{}/ledger?{OCTOBER}", cast.sam));
    }
    let recorded = "SELECT count(*) AS value FROM entry_details WHERE reason = 'Sample not sent back'";
    assert_eq!(cast.number(recorded), 1);
    assert_eq!(cast.number("SELECT count(*) AS value FROM audit_log WHERE action = 'adjustment.record'"), 1);
    cast.admin.get(&cast.ledger(cast.sam)).says("Sample not sent back by Administrator").says("−12.50");
    assert_eq!(cast.figures(cast.sam, range("2026-10-01", "2026-10-31")).ending().minor(), 10_490);
    let other = cast.adjust_by_page(&page, "-12.51", "2026-10-20", "Sample not sent back");
    assert_eq!(other.status, 422);
    other.says("This form was sent before with other content");
    assert_eq!(other.attribute("#adjustment", "value"), "-12.51");
    assert_eq!(cast.number(recorded), 1);
}

#[test]
fn create_payment_settles_what_it_proposed() {
    let cast = Cast::new();
    let page = cast.admin.get(&cast.ledger(cast.sam));
    assert_eq!(page.attribute("#amount", "value"), "117.40");
    page.says("the 4 open entries up to Oct 31, 2026");
    let (one, two) = (cast.pay_by_page(&page, None, &[]), cast.pay_by_page(&page, None, &[]));
    assert_eq!((one.status, two.status), (303, 303), "{} {}", one.text(), two.text());
    assert_eq!(cast.number("SELECT count(*) AS value FROM payments"), 1);
    let ledger = cast.admin.get(&cast.ledger(cast.sam));
    ledger.says("Recorded once.").says("Balance today $0.00").says("Nothing is to be paid up to Oct 31, 2026");
    ledger.says("settled on Nov 3, 2026").says("No entry is open.");
    let november = cast.admin.get(&format!("/partners/{}/ledger?from=2026-11-01&to=2026-11-30", cast.sam));
    november.says("Payment PayPal for October by Administrator").says("−117.40").says("1 payment");
    cast.viewer.get("/reports/ledgers?from=2026-11-01&to=2026-11-30&partner=sam").says("117.40 0.00 117.40 0.00");
}

#[test]
fn another_amount_is_paid_on_account_and_stays_open() {
    let cast = Cast::new();
    let page = cast.admin.get(&cast.ledger(cast.sam));
    assert_eq!(cast.pay_by_page(&page, Some("20"), &[]).status, 303);
    let page = cast.admin.get(&format!("/partners/{}/ledger?from=2026-10-01&to=2026-11-30", cast.sam));
    page.says("It is on account: the next batch takes it in.").says("Payment on account PayPal").says("−20.00 97.40");
    assert_eq!(page.attribute("#amount", "value"), "97.40");
    assert_eq!(page.all("tbody .sub").iter().filter(|words| *words == "open").count(), 4);
}

#[test]
fn more_than_the_balance_needs_a_tick() {
    let cast = Cast::new();
    let page = cast.admin.get(&cast.ledger(cast.sam));
    let refused = cast.pay_by_page(&page, Some("150.00"), &[]);
    assert_eq!(refused.status, 422);
    refused.says("This is more than the balance of $117.40. Tick below to pay $32.60 in advance.");
    assert_eq!((refused.attribute("#amount", "value"), refused.attribute("#note", "value")), ("150.00".into(), "for October".into()));
    assert_eq!(cast.number("SELECT count(*) AS value FROM payments"), 0);
    assert_eq!(cast.pay_by_page(&refused, Some("150.00"), &[("advance", "yes")]).status, 303);
    assert_eq!(cast.figures(cast.sam, range("2026-11-01", "2026-11-30")).ending().minor(), -3_260);
}

#[test]
fn a_ledger_that_has_changed_is_shown_again_before_anything_is_paid() {
    let cast = Cast::new();
    let page = cast.admin.get(&cast.ledger(cast.sam));
    cast.adjust(cast.sam, 260, "2026-10-30", "late");
    let again = cast.pay_by_page(&page, None, &[]);
    assert_eq!(again.status, 422);
    again.says("The ledger has changed since this page was shown");
    // It was proposed and not typed: the new proposal stands in its place.
    assert_eq!(again.attribute("#amount", "value"), "120.00");
    assert_eq!(cast.number("SELECT count(*) AS value FROM payments"), 0);
    assert_eq!(cast.pay_by_page(&again, None, &[]).status, 303);
    cast.admin.get(&cast.ledger(cast.sam)).says("Balance today $0.00");
}

#[test]
fn a_void_is_named_and_opens_what_was_settled() {
    let cast = Cast::new();
    let page = cast.admin.get(&cast.ledger(cast.sam));
    cast.pay_by_page(&page, None, &[]);
    let void = NewVoid {
        payments: vec![PaymentId(cast.number("SELECT id AS value FROM payments"))],
        voided_on: day("2026-11-04"),
        reason: "Bounced".into(),
        made_by: None,
    };
    cast.app.database.db.run_now(|conn| book::void_payments(conn, &void)).unwrap();
    let page = cast.admin.get(&format!("/partners/{}/ledger?from=2026-10-01&to=2026-11-30", cast.sam));
    page.says("Void of the payment of Nov 3, 2026 (PayPal) Bounced").says("voided on Nov 4, 2026");
    page.says("1 payment, 1 void").says("Balance today $117.40");
    assert_eq!(page.all("tbody .sub").iter().filter(|words| *words == "open").count(), 3);
}

#[test]
fn what_a_batch_has_settled_leads_to_it() {
    let cast = Cast::new();
    let (account, october) = (cast.account(cast.sam), range("2026-10-01", "2026-10-31"));
    let run = NewRun { kind: RunKind::Preview, period: october, criteria: json!({}), made_by: None };
    let processed = cast.app.database.db.run_now(|conn| {
        let run = book::make_run(conn, &run, &[account])?;
        let batch = NewBatch {
            chosen: run,
            as_of: run,
            period: october,
            method: PaymentMethod::Commission,
            on_account: OnAccount::TakenIn,
            batch_id: "Batch-20261103".into(),
            pay_type: PayType::PayPal,
            paid_on: day("2026-11-03"),
            note: String::new(),
            form_key: uuid::Uuid::new_v4(),
            shown: None,
        };
        payments::process(conn, &batch, &Who::command_line(cast.app.clock.now()))
    });
    let Ok(Processed::Recorded(batch)) = processed else { panic!("{processed:?}") };
    let page = cast.viewer.get(&format!("/partners/{}/ledger?from=2026-09-01&to=2026-11-30", cast.sam));
    let states = page.all("tbody th .sub");
    assert_eq!(states[0], "open", "September is not in this method");
    assert_eq!(states[1..], ["settled by Batch-20261103"; 3]);
    assert_eq!(page.attribute("tbody th .sub a", "href"), format!("/payment-batches/{batch}"));
    page.says("Payment PayPal, Batch-20261103 −67.40 50.00").says("1 entry is open; it is the balance.");
    assert_eq!(page.status, 200);
    assert_eq!(cast.viewer.get(&page.attribute("tbody th .sub a", "href")).status, 200);
}

#[test]
fn a_viewer_sees_no_forms_and_records_nothing() {
    let cast = Cast::new();
    let page = cast.viewer.get(&cast.ledger(cast.sam));
    assert_eq!(page.status, 200);
    assert!(!page.html.contains("Record this") && page.all("#pay, #adjust").is_empty());
    let token = page.token();
    for path in ["payments", "adjustments"] {
        let address = format!("/partners/{}/{path}", cast.sam);
        assert_eq!(cast.viewer.post_with(&address, &token, &[("amount", "1")]).status, 403, "{path}");
    }
}

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
            assert_eq!((file.status, file.html.contains(sentence)), (422, true), "{field}={value}: {}", file.html);
        }
    }
    let file = cast.viewer.get("/reports/ledgers.csv");
    assert_eq!((file.status, file.html.as_str()), (422, "From is missing.\nTo is missing.\n"));
    assert_eq!(cast.number("SELECT count(*) AS value FROM runs"), 0);
    // What people look for may be anything.
    let strings: Vec<String> = serde_json::from_str(include_str!("../data/blns.json")).unwrap();
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
        assert_eq!((adjustment.status, adjustment.attribute("#adjustment", "value")), (422, amount.to_string()));
        assert!(adjustment.first("#adjustment-error").contains(sentence), "{}", adjustment.first("#adjustment-error"));
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
    let fields = [("adjustment", "1"), ("dated_on", "2026-10-20"), ("reason", "why"), ("key", "6f1e1b0c-0000-4000-8000-000000000000")];
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
        admin.post_with(&format!("/partners/{made}/adjustments"), &page.token(), &[&fields[..], &range].concat())
    };
    let refused = send("100.5");
    assert_eq!(refused.status, 422);
    refused.says("Amount may not have decimals");
    assert_eq!(send("1500").status, 303);
    admin.get(&address).says("1,500").says("¥1,500");
    let file = rows(&admin.get(&format!("/reports/ledgers.csv?{OCTOBER}")));
    assert_eq!(column(&file, "Ending Balance"), ["1500"]);
}

/// A movement of the property test: kind, day, amount above zero, recorded before the run or after it.
type Story = Vec<(u8, i64, i64, bool)>;

/// Days around which months, quarters and years turn are the likeliest to be told apart wrongly.
fn some_day() -> impl Strategy<Value = i64> {
    prop_oneof![
        3 => (0_i64..14, -2_i64..3).prop_map(|(month, off)| {
            let first = day("2025-01-01") + chrono::Months::new(u32::try_from(month).unwrap());
            (first - day("2025-01-01")).num_days() + off
        }),
        1 => 0_i64..430,
    ]
}

#[test]
fn the_query_and_the_rulebook_tell_the_same_figures() {
    let database = crate::support::database();
    let new_account = |number: u32| {
        let code = format!("p{number}");
        let made = database.db.run_now(|conn| {
            let made = partners::make(conn, &[partner(&code, "Somebody")])?;
            book::accounts_of(conn, &made)
        });
        made.unwrap().into_values().next().unwrap()
    };
    let cases = std::cell::Cell::new(0_u32);
    let story = prop::collection::vec((0_u8..5, some_day(), 1_i64..10_000, any::<bool>()), 0..25);
    let ranges = prop::collection::vec((some_day(), 0_i64..120), 1..6);
    let mut runner = TestRunner::new(Config { cases: 48, failure_persistence: None, ..Config::default() });
    let result = runner.run(&(story, ranges), |(story, ranges)| {
        cases.set(cases.get() + 1);
        let account = new_account(cases.get());
        let (early, late): (Story, Story) = story.into_iter().partition(|(.., before)| *before);
        let mut movements = tell(&database.db, account, &early);
        let new = NewRun { kind: RunKind::Export, period: range("2025-01-01", "2025-01-31"), criteria: json!({}), made_by: None };
        let run = database.db.run_now(|conn| book::make_run(conn, &new, &[account])).unwrap();
        let shown = movements.clone();
        movements.extend(tell(&database.db, account, &late));
        for (first, length) in ranges {
            let from = day("2025-01-01") + chrono::TimeDelta::days(first);
            let period = Period::new(from, from + chrono::TimeDelta::days(length)).unwrap();
            let (now, as_of) = database
                .db
                .read_now(|conn| {
                    let now = book::figures_now(conn, period, &[account])?;
                    Ok((now, book::figures_as_of(conn, period, run, &[account])?))
                })
                .unwrap();
            prop_assert_eq!(now[0].figures, figures(&movements, period), "{:?} now", period);
            prop_assert_eq!(as_of[0].figures, figures(&shown, period), "{:?} as of the run", period);
            prop_assert_eq!(now[0].balance, movements.iter().map(|movement| movement.amount).sum::<Money>());
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// Records movements of every kind, backdated ones too, and gives them as the rulebook sees them.
fn tell(db: &partnerbook::db::Db, account: AccountId, story: &Story) -> Vec<Movement> {
    let told = db.run_now(|conn| {
        let mut movements = Vec::new();
        for (kind, on, amount, _) in story {
            let (dated_on, amount) = (day("2025-01-01") + chrono::TimeDelta::days(*on), Money::from_minor(*amount));
            let kind = EntryKind::ALL[usize::from(*kind)];
            let signed = if kind == EntryKind::Clawback { -amount } else { amount };
            match kind {
                EntryKind::Payment | EntryKind::Void => {
                    let payment = NewPayment {
                        account,
                        amount,
                        on_account: true,
                        takes: Vec::new(),
                        figures: None,
                        pay_type: PayType::Manual,
                        paid_on: dated_on,
                        note: String::new(),
                        reference: String::new(),
                        form_key: None,
                    };
                    let made = book::record_payments(conn, None, &[payment], None)?;
                    movements.push(Movement { kind: EntryKind::Payment, dated_on, amount: -amount });
                    if kind == EntryKind::Void {
                        let voided_on = dated_on + Days::new(40);
                        let void = NewVoid { payments: made, voided_on, reason: "x".into(), made_by: None };
                        book::void_payments(conn, &void)?;
                        movements.push(Movement { kind, dated_on: voided_on, amount });
                    }
                }
                _ => {
                    let entry = NewEntry { account, kind, on_account: false, amount: signed, dated_on, cause: None, voids: None };
                    book::record(conn, &[entry])?;
                    movements.push(Movement { kind, dated_on, amount: signed });
                }
            }
        }
        Ok(movements)
    });
    told.expect("the story can be told")
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
