//! Without a mouse: the keys that the pages know, and where Tab leads.

use thirtyfour::prelude::Key;

use crate::browser::{Browser, Scripts, visit};
use crate::cast::{self, sign_in};

/// What has the focus, in a word: its id, or what it says.
async fn focused(browser: &Browser) -> String {
    let script = "const on = document.activeElement; return on === document.body ? 'BODY' : on.id || on.getAttribute('aria-label') || on.textContent.trim() || on.tagName";
    browser.asks(script).await.as_str().unwrap_or_default().to_string()
}

#[test]
fn a_slash_goes_to_the_search_and_is_a_slash_where_somebody_types() {
    let app = cast::app();
    visit(&app.url, Scripts::Run, async |browser| {
        sign_in(browser).await;
        browser.open("/partners").await;
        browser.keys("/").await;
        assert_eq!(focused(browser).await, "q");
        browser.keys("ada/").await;
        let typed = browser.asks("return document.activeElement.value").await;
        assert_eq!(typed, "ada/", "the first one was a key, the second one is a letter");
        browser.keys("\u{8}").await;
        browser.keys(Key::Enter).await;
        browser.says("Ada Ekström").await;
    });
}

#[test]
fn a_question_mark_shows_the_keys_and_escape_gives_the_focus_back() {
    let app = cast::app();
    visit(&app.url, Scripts::Run, async |browser| {
        sign_in(browser).await;
        browser.open("/partners").await;
        browser.asks("document.querySelector('.page-head .button').focus()").await;
        browser.keys("?").await;
        browser.says("Go to the search, from anywhere").await;
        let open = "const dialog = document.querySelector('dialog[open]'); return dialog && [dialog.matches(':modal'), document.getElementById(dialog.getAttribute('aria-labelledby')).textContent]";
        assert_eq!(browser.asks(open).await, serde_json::json!([true, "Keyboard"]), "it is announced");
        assert_eq!(focused(browser).await, "Close");
        browser.keys(Key::Escape).await;
        assert!(browser.asks(open).await.is_null());
        assert!(focused(browser).await.contains("Add a referral partner"), "{}", focused(browser).await);

        // Switched off, also on the next page, and on again on the page of the keys.
        browser.keys("?").await;
        browser.says("Single keys work").await;
        browser.find("dialog [data-single-keys]").await.click().await.unwrap();
        browser.open("/orders").await;
        browser.keys("?").await;
        browser.keys("/").await;
        assert!(browser.asks(open).await.is_null());
        assert_ne!(focused(browser).await, "q");
        browser.open("/keys").await;
        browser.find("[data-single-keys]").await.click().await.unwrap();
        browser.open("/orders").await;
        browser.keys("/").await;
        assert_eq!(focused(browser).await, "q");
    });
}

#[test]
fn without_scripts_the_keys_are_a_page() {
    let app = cast::app();
    visit(&app.url, Scripts::DoNotRun, async |browser| {
        sign_in(browser).await;
        browser.press("AK").await;
        browser.press("Keyboard").await;
        browser.says("Everything works without a mouse.").await.says("Close a menu").await;
        assert!(!browser.text().await.contains("Single keys work"), "there is nothing to switch");
    });
}

#[test]
fn tab_leads_past_the_frame_first_and_what_has_the_focus_is_seen() {
    let app = cast::app();
    visit(&app.url, Scripts::Run, async |browser| {
        sign_in(browser).await;
        for path in ["/partners", "/orders/new", "/reports/ledgers?from=2026-10-01&to=2026-10-31"] {
            browser.open(path).await;
            browser.keys(Key::Tab).await;
            assert_eq!(focused(browser).await, "Skip to content", "{path}");
            let mut unseen = Vec::new();
            for _ in 0..60 {
                if focused(browser).await == "BODY" {
                    break;
                }
                let script = "const on = document.activeElement, box = on.getBoundingClientRect();
                    const shows = e => { const s = getComputedStyle(e); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1 || s.boxShadow !== 'none'; };
                    const order = on.tabIndex > 0 ? 'jumps the queue' : '';
                    const seen = box.width > 0 && box.height > 0 && (shows(on) || shows(on.closest('label') ?? on));
                    return order || (seen ? '' : 'is not seen')";
                let fault = browser.asks(script).await;
                if fault != "" {
                    unseen.push(format!("{} {fault}", focused(browser).await));
                }
                browser.keys(Key::Tab).await;
            }
            assert!(unseen.is_empty(), "{path}: {unseen:#?}");
            browser.open(path).await;
            browser.keys(Key::Tab).await;
            browser.keys(Key::Enter).await;
            assert_eq!(focused(browser).await, "main", "{path}: the skip link leads to the content");
        }
    });
}

#[test]
fn escape_closes_a_menu_and_nothing_is_lost_at_twice_the_size() {
    let app = cast::app();
    visit(&app.url, Scripts::Run, async |browser| {
        sign_in(browser).await;
        browser.open("/partners").await;
        browser.asks("document.querySelector('.topbar details summary').focus()").await;
        browser.keys(Key::Enter).await;
        assert_eq!(browser.asks("return !!document.querySelector('.topbar details[open]')").await, true);
        browser.keys(Key::Escape).await;
        assert_eq!(browser.asks("return !!document.querySelector('.topbar details[open]')").await, false);
        assert_eq!(focused(browser).await, "CRM");
        // 200 % on a screen of 1280 is a page of 640; 400 % is one of 320, which WCAG asks for as well.
        for width in [640, 320] {
            browser.width(width).await;
            for path in
                ["/", "/partners", "/partners/1", "/orders/new", "/programs/1/edit", "/settings/company"]
            {
                browser.open(path).await;
                let wide = browser.asks("return document.documentElement.scrollWidth").await;
                assert!(wide.as_u64().unwrap() <= u64::from(width), "{path} at {width}: {wide}");
                let cut = "return [...document.querySelectorAll('main :is(a, button, label, h1, h2, p, input)')].filter(e => {
                    const box = e.getBoundingClientRect();
                    return box.width > 1 && box.right > innerWidth + 1 && !e.closest('.table-wrap, .tabs');
                  }).map(e => e.outerHTML.slice(0, 80)).slice(0, 5)";
                assert_eq!(browser.asks(cut).await, serde_json::json!([]), "{path} at {width}");
            }
        }
    });
}
