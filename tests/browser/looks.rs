//! What only an eye would see otherwise: nothing is wider than a phone, and dark is dark.

use crate::browser::{Browser, Scripts, visit};
use crate::cast::{self, sign_in};

/// The pages of the main job, a batch among them.
async fn main_pages(browser: &Browser) -> Vec<String> {
    let search = "/reports/ledgers?from=2026-10-01&to=2026-10-31";
    browser.open(search).await;
    let ledger = browser.find("td.cell-link a").await.attr("href").await.unwrap().unwrap();
    browser.find(".menu__panel [name=kind][value=preview]").await;
    browser.press("Create Referral Partner Payments").await;
    let preview = browser.path().await;
    browser.press("Process Action").await;
    browser.says("Paid 3 partners").await;
    let batch = browser.path().await;
    let mut pages = vec!["/".into(), search.into(), ledger, preview, batch.clone(), format!("{batch}/void")];
    browser.press("Payment to Ada").await;
    pages.extend([browser.path().await, "/reports/payments".into(), "/profile".into()]);
    pages
}

#[test]
fn no_page_of_the_main_job_is_wider_than_a_phone() {
    let app = cast::app();
    visit(&app.url, Scripts::Run, async |browser| {
        sign_in(browser).await;
        let pages = main_pages(browser).await;
        browser.width(390).await;
        let mut wide = Vec::new();
        for page in pages {
            browser.open(&page).await;
            let width = browser.asks("return document.documentElement.scrollWidth").await.as_u64().unwrap();
            assert_eq!(browser.asks("return innerWidth").await, 390);
            if width > 390 {
                let script = "return [...document.querySelectorAll('body *')]
                    .filter(e => e.getBoundingClientRect().right > 391 && !e.closest('.table-wrap *'))
                    .map(e => e.tagName + '.' + e.className).slice(0, 5).join(' ')";
                wide.push(format!("{page}: {width} wide: {}", browser.asks(script).await));
            }
        }
        assert!(wide.is_empty(), "{wide:#?}");
    });
}

#[test]
fn pages_are_light_or_dark_as_the_visitor_likes() {
    let app = cast::app();
    visit(&app.url, Scripts::Run, async |browser| {
        sign_in(browser).await;
        for page in main_pages(browser).await {
            let mut seen = Vec::new();
            for scheme in ["light", "dark"] {
                browser.colours(scheme).await;
                browser.open(&page).await;
                seen.push((brightness(browser, "backgroundColor").await, brightness(browser, "color").await));
            }
            let [(paper, ink), (night, chalk)] = seen[..] else { unreachable!("there are two schemes") };
            assert!(paper > 220.0 && ink < 90.0, "{page}: ink of {ink} on {paper}");
            assert!(night < 60.0 && chalk > 170.0, "{page}: ink of {chalk} on {night}");
        }
    });
}

/// How bright something of the page's body is, from 0 to 255.
async fn brightness(browser: &Browser, property: &str) -> f64 {
    // Colours may be written in any way; a canvas turns them into red, green and blue.
    let script = format!(
        "const c = document.createElement('canvas').getContext('2d', {{ willReadFrequently: true }});
         c.fillStyle = getComputedStyle(document.body).{property};
         c.fillRect(0, 0, 1, 1);
         const [r, g, b] = c.getImageData(0, 0, 1, 1).data;
         return 0.3 * r + 0.6 * g + 0.1 * b"
    );
    browser.asks(&script).await.as_f64().expect("a number")
}
