//! A file comes in through the browser: with scripts, and for those who switch them off.

use std::time::Duration;

use partnerbook::runners;
use partnerbook::running::jobs::worker;

use crate::browser::{Scripts, visit};
use crate::cast::{self, sign_in};

const PARTNERS: &str = "Kennung;Name;E-Mail\nzoe;Zoë Lindqvist;zoe@example.com\nmax;Max Okafor;\n";

#[test]
fn a_file_is_uploaded_looked_at_and_imported() {
    a_file_is_imported(Scripts::Run);
}

#[test]
fn without_scripts_a_file_is_imported_as_well() {
    a_file_is_imported(Scripts::DoNotRun);
}

fn a_file_is_imported(scripts: Scripts) {
    let app = cast::app();
    let worker = worker::start(&app.database.db, &app.clock, runners::runner);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new partners.csv");
    std::fs::write(&file, PARTNERS).unwrap();
    visit(&app.url, scripts, async |browser| {
        sign_in(browser).await;
        browser.press("CRM").await;
        browser.press("Import…").await;
        browser.press("3. Partners").await;
        browser.find("#file").await.send_keys(file.to_string_lossy()).await.unwrap();
        browser.press("Upload, and show what it would do").await;
        browser.says("The file cannot be used as it is.").await.says("Needed and not there: code.").await;
        browser.choose("Kennung", "code (needed)").await;
        browser.press("Take them so, and look again").await;
        browser.says("What will happen").await.says("Zoë Lindqvist").await;
        let preview = browser.path().await;
        browser.press("Import 2 partners").await;
        browser.says("2 partners recorded, 0 already there.").await;
        assert_eq!(browser.path().await, preview, "one page tells all of it");
        browser.press("See the referral partners").await;
        browser.says("Zoë Lindqvist").await.says("Max Okafor").await;
        browser.open("/jobs").await;
        browser.says("Import new partners.csv").await.says("Done").await;
    });
    worker.stop();
    assert!(worker.wait(Duration::from_secs(60)), "the worker stops");
}
