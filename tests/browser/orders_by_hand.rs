//! An order typed in, a return of it, and both in the partner's ledger.

use crate::browser::{Browser, Scripts, visit};
use crate::cast::{self, sign_in};

#[test]
fn an_order_by_hand_and_its_return_stand_in_the_partners_ledger() {
    let app = cast::app();
    visit(&app.url, Scripts::Run, async |browser| {
        sign_in(browser).await;
        browser.press("CRM").await;
        browser.press("Orders").await;
        browser.press("New order").await;
        browser.fill("Order number", "HAND-1").await;
        browser.fill("Customer", "phone@example.com").await;
        browser.fill("Name of a new customer", "Fay Phone").await;
        browser.fill("Lead partner", "whitlock").await;
        offered(browser, "partner", "sam").await;
        browser.fill("Lead partner", "sam").await;
        type_line(browser).await;
        browser.press("Preview the commissions").await;
        browser.says("What will be recorded").await.says("Fay Phone is new: a contact is added.").await;
        let button = browser.find(".action-bar .button--primary").await.text().await.unwrap();
        assert!(button.starts_with("Record the order: Samantha Whitlock earns $"), "{button}");
        browser.press("Record the order: Samantha Whitlock earns").await;
        browser.says("Order HAND-1").await.says("Came in by").await.says("Fay Phone").await;

        browser.press("Actions").await;
        browser.press("Return").await;
        browser.find("#quantity-1").await.send_keys("1").await.unwrap();
        browser.press("Preview the entries").await;
        browser.says("What the ledger will hold").await.says("1 of 2 returned").await;
        browser.press("Record the return:").await;
        browser.says("Partly returned").await;

        browser.open("/reports/ledgers?from=2026-11-01&to=2026-11-30&partner=sam").await;
        browser.find("td.cell-link a").await.click().await.unwrap();
        browser.says("HAND-1").await.says("Clawback").await;
    });
}

#[test]
fn an_order_by_hand_needs_no_scripts() {
    let app = cast::app();
    visit(&app.url, Scripts::DoNotRun, async |browser| {
        sign_in(browser).await;
        browser.open("/orders/new").await;
        browser.press("Add a line").await;
        browser.says("line 4").await;
        browser.fill("Lead partner", "sam").await;
        type_line(browser).await;
        // Return in a field is the preview, and not the first button of the page.
        browser.find("#price-0").await.send_keys("\u{e007}").await.unwrap();
        browser.says("What will be recorded").await;
        browser.press("Record the order: Samantha Whitlock earns").await;
        browser.says("Came in by").await;
    });
}

async fn type_line(browser: &Browser) {
    for (field, typed) in [("product", "HAND"), ("quantity", "2"), ("price", "50")] {
        let field = browser.find(&format!("#{field}-0")).await;
        field.clear().await.unwrap();
        field.send_keys(typed).await.unwrap();
    }
}

/// Waits until this is offered for what was typed.
async fn offered(browser: &Browser, field: &str, value: &str) {
    let options =
        format!("[...document.querySelectorAll('#{field}-choices option')].map((option) => option.value)");
    for _ in 0..400 {
        let offered = browser.asks(&format!("return {options}")).await;
        if offered.as_array().is_some_and(|offered| offered.iter().any(|option| option == value)) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
    panic!("{value} is not offered for {field}: {}", browser.asks(&format!("return {options}")).await);
}
