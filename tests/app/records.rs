//! Partners, contacts and products kept by hand: made, edited by two at once, switched off, deleted.

mod contacts;
mod hostile;
mod lists;
mod merging;
mod partners;
mod products;

use crate::support::http::{Page, Visitor};

/// The fields of a partner's form, filled in soundly, with these instead.
pub fn partner<'a>(fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    with(&[("name", "Dana Fields"), ("code", "dana"), ("status", "active")], fields)
}

/// Fields, with some of them in place of those of the same name.
pub fn with<'a>(fields: &[(&'a str, &'a str)], other: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().filter(|(name, _)| !other.iter().any(|(instead, _)| instead == name));
    kept.chain(other).copied().collect()
}

/// Every field of the page's first form as it stands, as a browser would send it.
pub fn fields_of(page: &Page) -> Vec<(String, String)> {
    let html = scraper::Html::parse_document(&page.html);
    let chosen = scraper::Selector::parse("main form input, main form textarea, main form select")
        .expect("a selector");
    let mut fields = Vec::new();
    for element in html.select(&chosen) {
        let (kind, attribute) = (element.value().name(), |name| element.value().attr(name));
        let Some(name) = attribute("name") else { continue };
        let is_box = matches!(attribute("type"), Some("checkbox" | "radio"));
        if is_box && attribute("checked").is_none() {
            continue;
        }
        let value = match kind {
            "textarea" => element.text().collect::<String>().trim_start_matches('\n').to_string(),
            _ => attribute("value").unwrap_or(if is_box { "on" } else { "" }).to_string(),
        };
        fields.push((name.to_string(), value));
    }
    fields
}

/// Opens a form, changes some fields, and sends it as its page would.
pub fn send(visitor: &Visitor, form: &str, action: &str, changes: &[(&str, &str)]) -> Page {
    let fields = fields_of(&visitor.get(form));
    resend(visitor, action, &fields, changes)
}

/// Sends fields that were taken from a form earlier, some of them changed.
pub fn resend(
    visitor: &Visitor,
    action: &str,
    fields: &[(String, String)],
    changes: &[(&str, &str)],
) -> Page {
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    visitor.post(action, &with(&fields, changes))
}

/// The number at the end of the address that a redirect leads to.
pub fn made(page: &Page) -> i64 {
    page.location().rsplit('/').next().and_then(|id| id.parse().ok()).expect("the address of a record")
}
