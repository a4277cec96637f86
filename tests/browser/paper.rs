//! Pages on paper: what is read stays, what is pressed does not, tables repeat their headings, and it is
//! black on white for those too who work in the dark.

use std::path::Path;
use std::process::Command;

use thirtyfour::common::print::{PrintPage, PrintParameters};

use crate::browser::{Browser, Scripts, visit};
use crate::cast::{self, sign_in};

/// Words of the frame and of buttons: none of them means anything on paper.
const PRESSED: &[&str] = &[
    "CRM",
    "Settings",
    "Sign out",
    "Skip to content",
    "Search",
    "Export",
    "Actions",
    "Columns",
    "Create Referral Partner Payments",
    "Edit",
    "Save this search",
    "Void",
    "Copy",
];

/// A page as Chromium prints it on paper of this height, in centimetres.
async fn printed(browser: &Browser, path: &str, height: f64, folder: &Path) -> Vec<String> {
    browser.colours("dark").await;
    browser.open(path).await;
    // In centimetres; the margins are those of the page's own style.
    let page = PrintPage { width: 21.0, height };
    let pdf = browser.driver.print_page(PrintParameters { page, ..Default::default() }).await.unwrap();
    let file = folder.join("page.pdf");
    std::fs::write(&file, pdf).unwrap();
    let text =
        Command::new("pdftotext").arg("-layout").arg(&file).arg("-").output().expect("poppler is there");
    assert!(text.status.success());
    let pages = String::from_utf8(text.stdout).unwrap();
    pages.trim_end_matches('\u{c}').split('\u{c}').map(String::from).collect()
}

/// How much of the paper is dark, of 100, on the first page of what was printed last.
fn ink(folder: &Path) -> f64 {
    let picture = folder.join("page");
    let drawn = Command::new("pdftoppm")
        .args(["-png", "-gray", "-r", "40", "-singlefile"])
        .arg(folder.join("page.pdf"))
        .arg(&picture)
        .status();
    assert!(drawn.expect("poppler is there").success());
    let file = std::io::BufReader::new(std::fs::File::open(picture.with_extension("png")).unwrap());
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    #[allow(clippy::cast_precision_loss, reason = "a picture has few pixels")]
    let share = pixels.iter().filter(|pixel| **pixel < 128).count() as f64 / pixels.len() as f64;
    share * 100.0
}

#[test]
fn pages_are_printed_without_what_is_pressed_and_black_on_white() {
    let app = cast::app();
    let folder = tempfile::tempdir().unwrap();
    visit(&app.url, Scripts::Run, async |browser| {
        sign_in(browser).await;
        let report = "/reports/ledgers?from=2026-10-01&to=2026-10-31";
        for (path, says) in [
            (
                report,
                &[
                    "Referral Partner Ledgers",
                    "Oct 1, 2026",
                    "Oct 31, 2026",
                    "Ada Ekström",
                    "Samantha Whitlock",
                    "Joe Marchetti",
                ][..],
            ),
            (
                "/partners",
                &["Referral Partners", "Ada Ekström", "Samantha Whitlock", "Joe Marchetti", "3 partners"],
            ),
            ("/orders", &["Orders", "10398", "10421", "10433"]),
            ("/orders/1", &["Order 10398", "Drip Kettle", "Why this partner", "500.00"]),
            ("/partners/2", &["Samantha Whitlock", "Balance"]),
            ("/programs/1", &["Standard", "Level 1", "10"]),
            ("/settings/company", &["Company", "Time zone"]),
        ] {
            let pages = printed(browser, path, 29.7, folder.path()).await;
            let text = pages.join("\n");
            for words in says {
                assert!(text.contains(words), "“{words}” is not on the paper of {path}: {text}");
            }
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            for words in PRESSED {
                // As a line or a cell of its own; a sentence may use the word.
                let stands = |line: &&str| line.split("  ").any(|part| part.trim() == *words);
                let found: Vec<&&str> = lines.iter().filter(|line| stands(line)).collect();
                assert!(found.is_empty(), "“{words}” is on the paper of {path}: {text}");
            }
            let ink = ink(folder.path());
            assert!((0.1..20.0).contains(&ink), "{path}: {ink} % of the paper is dark");
        }
    });
}

#[test]
fn a_table_over_several_pages_repeats_its_headings_and_loses_no_row() {
    let app = cast::app();
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (1..=60).map(|number| format!("Recruit {number:03}")).collect();
    app.database
        .db
        .run_now({
            let names = names.clone();
            move |conn| {
                let partner =
                    |name: &String| cast::partner(&name.to_lowercase().replace(' ', "-"), name, None);
                partnerbook::people::partners::make(conn, &names.iter().map(partner).collect::<Vec<_>>())
            }
        })
        .unwrap();
    visit(&app.url, Scripts::Run, async |browser| {
        sign_in(browser).await;
        // The list has 50 rows a page; the programs' enrolled partners are fewer.
        let pages = printed(browser, "/partners?q=recruit", 20.0, folder.path()).await;
        assert!(pages.len() > 2, "{} pages", pages.len());
        let text = pages.join("\n");
        let there = names.iter().filter(|name| text.contains(name.as_str())).count();
        assert_eq!(there, 50, "each row of the page is on paper once: {text}");
        for (number, page) in pages.iter().enumerate().filter(|(_, page)| page.contains("Recruit ")) {
            assert!(page.contains("Referral Partner") && page.contains("Balance"), "sheet {number}: {page}");
            assert!(
                page.replace(' ', "").contains(&format!("{}/{}", number + 1, pages.len())),
                "sheet {number}: {page}"
            );
        }
    });
}
