//! A commission program is made, with a rule for a product that is found while it is typed, a partner is
//! enrolled, and the order of programs is changed by dragging.

use crate::browser::{Browser, Scripts, visit};
use crate::cast::{self, sign_in};
use std::time::Duration;
use thirtyfour::prelude::By;

#[test]
fn a_program_is_made_with_a_products_rule_and_a_partner_is_enrolled() {
    let app = cast::app();
    visit(&app.url, Scripts::Run, async |browser| {
        sign_in(browser).await;
        browser.press("CRM").await;
        browser.press("Commission Programs").await;
        browser.press("Add a program").await;
        browser.fill("Name", "Autumn").await;
        browser.find("#default-level_1-sale_percent").await.send_keys("12.5").await.unwrap();
        let add = browser.pressable("Add a rule for a product").await;
        // Out from under the bar that stays at the bottom.
        add.scroll_into_view().await.unwrap();
        add.click().await.unwrap();
        browser.find("#rule-1-product").await.send_keys("drip").await.unwrap();
        // What fits is offered, by its code.
        offered(browser, "#rule-1-product-choices option[value=kettle]").await;
        let product = browser.find("#rule-1-product").await;
        product.clear().await.unwrap();
        product.send_keys("kettle").await.unwrap();
        browser.find("#rule-1-level_1-sale_percent").await.send_keys("20").await.unwrap();
        browser.press("Add the program").await;
        browser.says("Autumn pays nobody yet").await;
        browser.fill("Codes", "ada").await;
        browser.press("Enrol in Autumn").await;
        browser.says("1 partner earns by this program from now on.").await.says("Ada Ekström").await;
        browser.press("Rules").await;
        browser.says("12.5 %").await.says("kettle Drip Kettle").await.says("20 %").await;
    });
}

#[test]
fn a_program_that_is_dragged_to_the_top_is_asked_first() {
    let app = cast::app();
    visit(&app.url, Scripts::Run, async |browser| {
        sign_in(browser).await;
        browser.open("/programs/new").await;
        browser.fill("Name", "Autumn").await;
        browser.press("Add the program").await;
        browser.says("Autumn pays nobody yet").await;
        browser.open("/programs").await;
        // Chromium drags by itself only under a real pointer: what the page is told then is told here.
        let drag = "const rows = document.querySelectorAll('tbody[data-sortable] tr');
            const data = new DataTransfer();
            const tell = (name, at, y) => at.dispatchEvent(new DragEvent(name, { bubbles: true, cancelable: true, dataTransfer: data, clientY: y }));
            tell('dragstart', rows[1].querySelector('.drag'), 0);
            tell('dragover', rows[0], rows[0].getBoundingClientRect().top + 1);
            tell('drop', rows[0], 0);
            tell('dragend', rows[1].querySelector('.drag'), 0);";
        browser.driver.execute(drag, Vec::new()).await.unwrap();
        browser.press("Save the priorities").await;
        browser.says("another priority from now on").await;
        assert_eq!(browser.find("tbody tr .row-link").await.text().await.unwrap(), "Autumn");
    });
}

/// Waits until the page has it: what fits comes a moment after it is typed.
async fn offered(browser: &Browser, selector: &str) {
    for _ in 0..400 {
        if browser.driver.find(By::Css(selector)).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("not offered: {selector}");
}
