//! Exports and runs of ticked rows.

use partnerbook::book;
use partnerbook::domain::ids::RunId;
use partnerbook::people::partners;

use super::cast::{Cast, OCTOBER, column, partner, range, rows};
use crate::support::http::{PASSWORD, Page, Visitor};

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
        let run: i64 =
            answer.location().rsplit(['=', '/']).find_map(|part| part.parse().ok()).expect("a run");
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
    assert!(
        !cast
            .viewer
            .get(&format!("/reports/ledgers?{OCTOBER}"))
            .html
            .contains("Create Referral Partner Payments")
    );
    let runs = cast.number("SELECT count(*) AS value FROM runs");
    for (more, sentence) in [
        (&[("kind", "preview"), ("tick", "999")][..], "There is no partner 999"),
        (&[("kind", "preview"), ("tick", "1e3")], "“1e3” is no partner of this list"),
        (&[("kind", "preview"), ("partner", "nobody")], "There is nobody to pay"),
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
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"ledgers-2026-10-01-2026-10-31.csv\""
    );
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
