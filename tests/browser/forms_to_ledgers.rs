//! From two partners' links through a web form and an order to the ledger of the one who is credited.

use chrono::TimeDelta;

use crate::browser::{Browser, Scripts, visit};
use crate::cast::{self, sign_in};
use crate::support::http::{self, TestApp};

/// Who is credited for an order of 100.00, and what the ledgers of November say of it.
struct Told {
    /// What is chosen in Referral Partner Defaults.
    choose: &'static str,
    credited: &'static str,
    because: &'static str,
    /// Code and amount.
    earned: &'static [(&'static str, &'static str)],
    /// Whose ledger says nothing of it.
    others: &'static [&'static str],
}

#[test]
fn the_partner_of_the_latest_link_earns() {
    let told = Told {
        choose: "latest",
        credited: "Ada Ekström",
        because: "because it has the latest referral of",
        earned: &[("ada", "10.00")],
        others: &["sam", "joe"],
    };
    from_links_to_ledgers(Scripts::Run, &told);
}

#[test]
fn the_partner_of_the_first_link_earns_also_without_scripts() {
    let told = Told {
        choose: "first",
        credited: "Samantha Whitlock",
        because: "because it has the first referral of",
        earned: &[("sam", "10.00"), ("joe", "3.00")],
        others: &["ada"],
    };
    from_links_to_ledgers(Scripts::DoNotRun, &told);
}

fn from_links_to_ledgers(scripts: Scripts, told: &Told) {
    let app = cast::app();
    visit(&app.url, scripts, async |browser| {
        sign_in(browser).await;
        choose(browser, told.choose).await;
        make_form(browser, "").await;
        make_link(browser, &format!("{}/f/talk", app.url)).await;
        come_through_both(browser, &app).await;
        browser.says("Thank you").await;

        browser.open("/").await;
        browser.says("new lead since").await.press("Look").await;
        browser.says("Lena Lund").await.says("Ada Ekström").await.press("Lena Lund").await;
        browser.says("Sent the form").await.says("Came through a link of").await;
        type_order(browser).await;
        browser.says(&format!("{} was credited {}", told.credited, told.because)).await;

        for (code, amount) in told.earned {
            let words = ledger_of(browser, code).await;
            assert!(words.contains("LEAD-1") && words.contains(amount), "{code}: {words}");
        }
        for code in told.others {
            let words = ledger_of(browser, code).await;
            assert!(!words.contains("LEAD-1"), "{code}: {words}");
        }
    });
}

#[test]
fn a_form_leads_on_to_a_page_of_another_site() {
    let (app, elsewhere) = (cast::app(), http::app());
    visit(&app.url, Scripts::Run, async |browser| {
        sign_in(browser).await;
        make_form(browser, &format!("{}/sign-in", elsewhere.url)).await;
        browser.open("/f/talk").await;
        app.clock.advance(TimeDelta::seconds(5));
        browser.fill("E-mail", "lena@example.com").await;
        browser.press("Send").await;
        browser.says("Password").await;
        assert_eq!(browser.asks("return location.origin").await, elsewhere.url.as_str());
    });
}

async fn choose(browser: &Browser, which: &str) {
    browser.open("/settings/referral-partner-defaults").await;
    for (name, value) in [("choose_partner", which), ("tracking_method", "history_and_cookies")] {
        browser.find(&format!("[name={name}][value={value}]")).await.click().await.unwrap();
    }
    browser.find("#save-button").await.click().await.unwrap();
    browser.says("Saved").await;
}

async fn make_form(browser: &Browser, redirect: &str) {
    browser.press("CRM").await;
    browser.press("Web Forms").await;
    browser.press("Add a web form").await;
    for (label, words) in [("Name", "Talk to us"), ("Code", "talk"), ("Heading", "Talk to us")] {
        browser.fill(label, words).await;
    }
    browser.fill("Page to lead to", redirect).await;
    browser.press("Add the form").await;
    browser.says("Added.").await;
}

async fn make_link(browser: &Browser, destination: &str) {
    browser.open("/links/new").await;
    for (label, words) in [("Name", "The form"), ("Code", "form"), ("Destination", destination)] {
        browser.fill(label, words).await;
    }
    browser.press("Add the link").await;
    browser.says("Added.").await;
}

/// Sam's link first, Ada's a minute later; both lead to the form, which is then sent.
async fn come_through_both(browser: &Browser, app: &TestApp) {
    for code in ["sam", "ada"] {
        browser.open(&format!("/go/form/{code}")).await;
        browser.says("Talk to us").await;
        assert_eq!(browser.path().await, "/f/talk");
        app.clock.advance(TimeDelta::minutes(1));
    }
    browser.fill("First name", "Lena").await;
    browser.fill("Last name", "Lund").await;
    browser.fill("E-mail", "lena@example.com").await;
    browser.press("Send").await;
}

async fn type_order(browser: &Browser) {
    browser.open("/orders/new").await;
    browser.fill("Order number", "LEAD-1").await;
    browser.fill("Customer", "lena@example.com").await;
    for (field, typed) in [("product", "kettle"), ("quantity", "2"), ("price", "50")] {
        let field = browser.find(&format!("#{field}-0")).await;
        field.clear().await.unwrap();
        field.send_keys(typed).await.unwrap();
    }
    browser.press("Preview the commissions").await;
    browser.press("Record the order:").await;
    browser.says("Came in by").await;
}

/// What the individual ledger of November says.
async fn ledger_of(browser: &Browser, code: &str) -> String {
    browser.open(&format!("/reports/ledgers?from=2026-11-01&to=2026-11-30&show=all&partner={code}")).await;
    browser.find("td.cell-link a").await.click().await.unwrap();
    browser.says("Totals to date").await;
    browser.text().await
}
