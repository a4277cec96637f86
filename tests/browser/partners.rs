//! A partner is added, its parent chosen by typing; two who edit it at once are told.

use crate::browser::{Browser, Scripts, visit};
use crate::cast::{self, sign_in};

#[test]
fn a_partner_is_added_and_the_second_of_two_who_edit_it_sees_the_difference() {
    let app = cast::app();
    visit(&app.url, Scripts::Run, async |browser| {
        sign_in(browser).await;
        add_dana(browser, true).await;
        let page = browser.path().await;
        browser.press("Edit").await;
        browser.fill("Name", "Dana M. Fields").await;
        // In another window, before this one is saved.
        let first = browser.driver.window().await.unwrap();
        let second = browser.driver.new_tab().await.unwrap();
        browser.driver.switch_to_window(second).await.unwrap();
        browser.open(&format!("{page}/edit")).await;
        browser.fill("Code", "fields").await;
        browser.press("Save the partner").await;
        browser.says("Saved.").await.says("dana earlier, still leads here").await;
        browser.driver.switch_to_window(first).await.unwrap();
        browser.press("Save the partner").await;
        browser.says("Somebody has saved this partner since you opened it.").await;
        browser.says("Code fields dana").await.says("Name Dana Fields Dana M. Fields").await;
        browser.fill("Code", "fields").await;
        browser.press("Save the partner").await;
        browser
            .says("Saved.")
            .await
            .says("Dana M. Fields")
            .await
            .says("dana earlier, still leads here")
            .await;
    });
}

#[test]
fn a_partner_is_added_without_scripts() {
    let app = cast::app();
    visit(&app.url, Scripts::DoNotRun, async |browser| {
        sign_in(browser).await;
        add_dana(browser, false).await;
    });
}

/// Adds Dana Fields, recruited by Joe.
async fn add_dana(browser: &Browser, chooses: bool) {
    browser.open("/partners").await;
    browser.press("Add a referral partner").await;
    browser.fill("Name", "Dana Fields").await;
    browser.fill("Code", "dana").await;
    browser.fill("Parent", "joe").await;
    if chooses {
        let started = std::time::Instant::now();
        // What fits is offered while it is typed.
        while browser.asks("return document.querySelector('#parent-choices option')?.value ?? ''").await
            != "joe"
        {
            assert!(started.elapsed().as_secs() < 20, "nobody is offered");
            tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        }
    }
    browser.press("Add the partner").await;
    browser.says("Added.").await.says("Dana Fields").await.says("Joe Marchetti").await;
}
