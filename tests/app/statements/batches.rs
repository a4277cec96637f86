//! What was paid together: its ledgers on paper, and its cheques.

use std::process::Command;

use super::paper::Pdf;
use crate::ledgers::cast::{Cast, column, rows};
use crate::support::http::Page;

const RANGE: [(&str, &str); 2] = [("from", "2026-10-01"), ("to", "2026-10-31")];

/// Pays the ticked partners, or all, what they are owed for October: the batch's page.
fn paid(cast: &Cast, ticked: &[String]) -> Page {
    let report = cast.admin.get("/reports/ledgers?from=2026-10-01&to=2026-10-31");
    let ticks: Vec<(&str, &str)> = ticked.iter().map(|id| ("tick", id.as_str())).collect();
    let run = cast.admin.post_with(
        "/runs",
        &report.token(),
        &[&RANGE[..], &[("kind", "preview")], &ticks].concat(),
    );
    let page = cast.admin.get(&format!("{}&method=ending_balance", run.location()));
    let value = |name: &str| page.attribute(&format!("#batch [name={name}]"), "value");
    let names = ["run", "as_of", "method", "key", "shown", "batch_id", "paid_on"];
    let sent: Vec<(&str, String)> = names
        .into_iter()
        .filter(|name| !page.all(&format!("#batch [name={name}]")).is_empty())
        .map(|name| (name, value(name)))
        .collect();
    let mut sent: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
    sent.extend([("pay_type", "check"), ("note", "")]);
    let answer = cast.admin.post_with("/payment-batches", &page.token(), &sent);
    cast.admin.get(answer.location())
}

/// Presses *Print ledgers* on the page of a batch.
fn printed(cast: &Cast, batch: &Page) -> Pdf {
    let form = "form[action='/prints']";
    let id = batch.attribute(&format!("{form} [name=batch]"), "value");
    let fields = [&RANGE[..], &[("batch", id.as_str())]].concat();
    let print = cast.viewer.post_with("/prints", &cast.viewer.get("/profile").token(), &fields);
    Pdf::get(&cast.viewer, print.location())
}

#[test]
fn the_ledgers_of_a_batch_are_those_of_the_partners_that_it_paid() {
    let cast = Cast::new();
    let batch = paid(&cast, &[cast.sam.to_string()]);
    batch.says("Paid 1 partner $117.40");
    let pdf = printed(&cast, &batch);
    let pages = pdf.is_sound().pages();
    assert_eq!(pages.len(), 1, "{pages:?}");
    let words = pdf.words();
    assert!(words.contains("Samantha Whitlock (sam) · Page 1 of 1"), "{words}");
    assert!(!words.contains("Joe Marchetti (joe)"), "{words}");
    let both = paid(&cast, &[]);
    both.says("Paid 1 partner $20.22");
    assert!(printed(&cast, &both).words().contains("Joe Marchetti (joe)"));
}

#[test]
fn cheques_of_a_batch_say_what_stands_and_no_name_becomes_a_formula() {
    let cast = Cast::new();
    cast.app.database.psql(
        "UPDATE contacts SET name = '=HYPERLINK(\"http://evil.example\")', address_line1 = '+1 Main \"Street\", 2nd floor', city = 'Zo\u{eb}\u{202e}city',
                country = '@SUM(A1)' WHERE name = 'Samantha Whitlock';
         UPDATE contacts SET name = '\u{200b}' WHERE name = 'Joe Marchetti'",
    );
    let batch = paid(&cast, &[]);
    let link = batch.attribute("a[href$='/checks.csv']", "href");
    let file = rows(&cast.viewer.get(&link));
    let mut lines: Vec<(String, String, String)> = column(&file, "Payee")
        .into_iter()
        .zip(column(&file, "Amount"))
        .zip(column(&file, "Amount In Words"))
        .map(|((payee, amount), words)| (payee, amount, words))
        .collect();
    lines.sort();
    let line =
        |payee: &str, amount: &str, words: &str| (payee.to_string(), amount.to_string(), words.to_string());
    assert_eq!(
        lines,
        [
            line("'=HYPERLINK(\"http://evil.example\")", "117.40", "One hundred seventeen and 40/100"),
            // A name that nobody can see is told by its code.
            line("joe", "20.22", "Twenty and 22/100"),
        ]
    );
    let of_sam = column(&file, "Code").iter().position(|code| code == "sam").expect("she is paid");
    let cell = |heading: &str| column(&file, heading)[of_sam].clone();
    assert_eq!(cell("Address Line 1"), "'+1 Main \"Street\", 2nd floor");
    assert_eq!((cell("City"), cell("Country")), ("Zoë\u{202e}city".into(), "'@SUM(A1)".into()));
    // A payment that is voided leaves the file.
    let payment = batch.attribute("main tbody td.cell-link a[href^='/payments/']", "href");
    let void = format!("{payment}/void");
    let page = cast.admin.get(&void);
    let on = page.attribute("[name=voided_on]", "value");
    let voided = cast.admin.post_with(&void, &page.token(), &[("reason", "It bounced."), ("voided_on", &on)]);
    assert_eq!(voided.status, 303, "{}", voided.text());
    assert_eq!(rows(&cast.viewer.get(&link)).len(), 2, "the headings and one");
}

#[test]
fn the_companys_logo_stands_on_the_ledger() {
    let cast = Cast::new();
    const LEDGER: &str = "/reports/ledgers.pdf?from=2026-10-01&to=2026-10-31&partner=sam";
    let without = Pdf::get(&cast.viewer, LEDGER);
    assert_eq!(pictures(&without), 0);
    let page = cast.admin.get("/settings/company");
    let version = page.attribute("form[action='/settings/company/logo'] input[name=version]", "value");
    let (token, picture) = (page.token(), red_picture());
    let sent = cast.admin.post_file(
        "/settings/company/logo",
        &[("csrf", &token), ("version", &version)],
        ("logo", "logo.png", &picture),
    );
    assert_eq!(sent.status, 303, "{}", sent.text());
    let with = Pdf::get(&cast.viewer, LEDGER);
    with.is_sound();
    assert!(pictures(&with) >= 1, "a picture stands in the file");
    let listed =
        Command::new("pdfimages").arg("-list").arg(with.path()).output().expect("pdfimages can be run");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(
        listed.lines().any(|line| line.contains("image") && line.contains("120") && line.contains("40")),
        "{listed}"
    );
}

/// How many pictures a PDF holds.
fn pictures(pdf: &Pdf) -> usize {
    let file = lopdf::Document::load_mem(&pdf.bytes).expect("it can be read");
    let is_picture = |object: &lopdf::Object| {
        let stream = object.as_stream().ok();
        stream.and_then(|stream| stream.dict.get(b"Subtype").ok()?.as_name().ok())
            == Some(b"Image".as_slice())
    };
    file.objects.values().filter(|object| is_picture(object)).count()
}

/// A picture that can be read, 120 points wide and 40 high.
fn red_picture() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 120, 40);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().expect("it can be written");
    writer.write_image_data(&[200, 30, 30].repeat(120 * 40)).expect("it can be written");
    writer.finish().expect("it can be written");
    bytes
}
