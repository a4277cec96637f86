//! Sign in, see what is owed, export it, pay it, record that, find it again, take it back.

use crate::browser::{Browser, Scripts, visit};
use crate::cast::{self, sign_in};

const OCTOBER: &str = "from=2026-10-01&to=2026-10-31";

#[test]
fn a_month_is_searched_exported_paid_found_and_voided() {
    let app = cast::app();
    visit(&app.url, Scripts::Run, async |browser| {
        sign_in(browser).await;
        browser.press("Reports").await;
        browser.press("Referral Partner Ledgers").await;
        search_october(browser).await;
        assert_eq!(
            browser.row("Samantha").await[4..8],
            ["50.00", "17.40 34.80 − 17.40 clawbacks", "0.00", "67.40"]
        );
        assert_eq!(browser.row("All 3 results").await[2..6], ["$65.00", "$34.62", "$0.00", "$99.62"]);

        browser.press("Export").await;
        let exported = browser.downloaded(".csv").await;
        assert!(exported.contains(",sam,Samantha Whitlock,"), "{exported}");
        assert!(exported.contains(",50.00,34.80,-17.40,0.00,17.40,0.00,67.40"), "{exported}");
        assert_eq!(browser.fetch(&format!("/reports/ledgers.csv?{OCTOBER}")).await, exported);

        create_payments_for(browser, &["Samantha Whitlock", "Joe Marchetti"]).await;
        browser.says("Process Action: pay 2 partners $22.62").await;
        browser.press("Ending balance").await;
        browser.says("Process Action: pay 2 partners $87.62").await;
        browser.choose("Pay Type", "Bank transfer").await;
        browser.fill("Batch Id", "October 2026").await;
        browser.fill("Date", "11022026").await;
        browser.fill("Note", "as agreed").await;
        browser.press("Process Action: pay 2 partners $87.62").await;
        browser.says("Paid 2 partners $87.62.").await.says("Bank transfer").await.says("Nov 2, 2026").await;
        let batch = browser.path().await;

        ledger_of(browser, "sam").await;
        browser.says("Bank transfer, October 2026").await.says("−67.40").await;

        browser.press("Reports").await;
        browser.press("Referral Partner Payment Search").await;
        browser.find("#search > summary").await.click().await.unwrap();
        browser.fill("Batch Id", "october").await;
        browser.find("#search button").await.click().await.unwrap();
        browser.says("1 batch").await.says("October 2026").await.says("$87.62").await;
        assert!(browser.path().await.contains("batch=october"));

        browser.open(&batch).await;
        browser.press("Payment to Joe Marchetti").await;
        void(browser, "the transfer came back").await;
        browser.says("Voided $20.22.").await;
        browser.open(&batch).await;
        browser.says("Still stands").await.says("$67.40").await;
        void(browser, "paid by mistake").await;
        browser.says("Voided $67.40.").await;
        ledger_of(browser, "sam").await;
        browser.says("Void").await.says("paid by mistake").await;
        assert_eq!(browser.row("Ending balance, Nov 30, 2026").await.last().unwrap(), "$67.40");
    });
}

#[test]
fn a_double_click_and_the_back_button_record_one_batch() {
    let app = cast::app();
    visit(&app.url, Scripts::Run, async |browser| {
        sign_in(browser).await;
        browser.open(&format!("/reports/ledgers?{OCTOBER}")).await;
        create_payments_for(browser, &["Samantha Whitlock"]).await;
        let button = browser.pressable("Process Action: pay 1 partner $17.40").await;
        browser.driver.action_chain().double_click_element(&button).perform().await.unwrap();
        browser.says("Paid 1 partner $17.40.").await;
        let first = browser.path().await;

        // The page is asked for anew and knows what happened since it was left: there is no second press.
        browser.driver.back().await.unwrap();
        browser.says("This cannot be recorded any more").await;
        let button = browser.find(".action-bar .button--primary").await.text().await.unwrap();
        assert_eq!(button, "Look again, as it stands now");
        browser.driver.forward().await.unwrap();
        browser.says("Batch-20261103").await;
        assert_eq!(browser.path().await, first);

        browser.open("/reports/payments").await;
        browser.says("1 batch").await;
        ledger_of(browser, "sam").await;
        assert_eq!(browser.row("Ending balance, Nov 30, 2026").await.last().unwrap(), "$50.00");
    });
}

#[test]
fn the_main_job_needs_no_scripts() {
    let app = cast::app();
    visit(&app.url, Scripts::DoNotRun, async |browser| {
        sign_in(browser).await;
        browser.press("Reports").await;
        browser.press("Referral Partner Ledgers").await;
        search_october(browser).await;
        let ran =
            browser.driver.find(thirtyfour::By::Css("[data-tick-all]")).await.unwrap().is_displayed().await;
        assert!(!ran.unwrap(), "what needs scripts is hidden where none run");
        browser.press("Export").await;
        assert!(browser.downloaded(".csv").await.contains(",67.40"));
        create_payments_for(browser, &["Samantha Whitlock", "Ada Ekström"]).await;
        browser.press("Ending balance").await;
        browser.press("Process Action: pay 2 partners $79.40").await;
        browser.says("Paid 2 partners $79.40.").await;
        void(browser, "paid by mistake").await;
        browser.says("Voided $79.40.").await;
        browser.find(".topbar__user summary").await.click().await.unwrap();
        browser.press("Sign out").await;
        browser.says("Sign in").await;
    });
}

async fn search_october(browser: &Browser) {
    if !browser.find("#from").await.is_displayed().await.unwrap() {
        browser.find("#search > summary").await.click().await.unwrap();
    }
    browser.fill("From", "10012026").await;
    browser.fill("To", "10312026").await;
    browser.find("#search form button:not([name]):not([tabindex])").await.click().await.unwrap();
    browser.says("Oct 1").await.says("Samantha Whitlock").await;
}

/// Ticks the rows, and chooses from Actions.
async fn create_payments_for(browser: &Browser, partners: &[&str]) {
    for name in partners {
        browser.find(&format!("[aria-label='Tick {name}']")).await.click().await.unwrap();
    }
    browser.press("Actions").await;
    browser.find(".menu__panel [name=kind][value=preview]").await.click().await.unwrap();
    browser.says("What each partner gets").await;
    assert!(browser.path().await.starts_with("/payment-batches/new?run="));
}

async fn ledger_of(browser: &Browser, code: &str) {
    browser.open(&format!("/reports/ledgers?from=2026-10-01&to=2026-11-30&partner={code}")).await;
    browser.find("td.cell-link a").await.click().await.unwrap();
    browser.says("Totals to date").await;
}

async fn void(browser: &Browser, reason: &str) {
    browser.press("Void").await;
    browser.says("A void cannot be voided.").await;
    browser.fill("Reason", reason).await;
    browser.press("Void $").await;
}
