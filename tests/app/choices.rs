//! What fits while somebody types whom or what to choose.

use partnerbook::people::contacts;

use crate::order_pages::shop::{Shop, program};
use crate::support::http::Page;

#[test]
fn what_fits_is_offered_by_what_the_field_will_hold() {
    let shop = Shop::open();
    let standard = shop.program(program("Standard", &[]));
    shop.partner("sam", "Samantha Whitlock", None, &[standard]);
    shop.contact("harriet@example.com", "Harriet <Boone>");
    shop.product("85123A", "White Hanging Heart");
    shop.product("85123a", "Another heart");
    let choices = |kind: &str, words: &str| options(&shop.viewer.get(&format!("/choices/{kind}?q={words}")));
    assert_eq!(choices("partners", "WHIT"), ["sam: Samantha Whitlock"]);
    assert_eq!(choices("partners", "whitlock@nowhere"), [""; 0]);
    assert_eq!(choices("contacts", "boone"), ["harriet@example.com: Harriet <Boone>"]);
    assert_eq!(choices("products", "85123a"), ["85123a: Another heart", "85123A: White Hanging Heart"]);
    assert_eq!(choices("programs", "stand"), ["Standard:"]);
    assert_eq!(choices("partners", &"x".repeat(5000)), [""; 0]);
    assert_eq!(shop.viewer.get("/choices/users?q=a").status, 404);
}

#[test]
fn a_contact_is_found_by_what_is_offered_for_it() {
    let shop = Shop::open();
    let harriet = shop.contact("Harriet@example.com", "Harriet Boone");
    let typed = |text: &str| {
        let text = text.to_string();
        shop.app.database.db.run_now(move |conn| contacts::by_typed(conn, &text)).unwrap()
    };
    for text in ["harriet@EXAMPLE.com", " Harriet@example.com ", &format!("#{harriet}")] {
        assert_eq!(typed(text), Some(harriet), "{text}");
    }
    for text in ["", "#", "#99999", &harriet.to_string(), "Harriet Boone", "#99999999999999999999"] {
        assert_eq!(typed(text), None, "{text}");
    }
}

fn options(page: &Page) -> Vec<String> {
    let options = page.html.lines().filter(|line| line.contains("<option"));
    options.map(|line| option(line.trim())).collect()
}

/// `value: label` of one option.
fn option(line: &str) -> String {
    let html = scraper::Html::parse_fragment(line);
    let option = html.select(&scraper::Selector::parse("option").unwrap()).next().unwrap();
    format!("{}: {}", option.value().attr("value").unwrap(), option.text().collect::<String>()).trim().into()
}
