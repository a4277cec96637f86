//! Templates, pages and addresses fit together, and none lies around unused.

use std::collections::BTreeSet;

use partnerbook::routes::ROUTES;
use partnerbook::web::routing::RouteTable;

use super::source::{Source, sources};

/// Addresses that pages are told of before there is such a page, by their names in `web/paths.rs`. A menu
/// hides what has no route.
const LATER: &[&str] = &["ACTIVITY", "REDIRECTS", "REFERRALS", "STRUCTURE"];

#[test]
fn each_template_has_a_page_or_is_part_of_one() {
    let pages: BTreeSet<String> = sources("src", ".rs").iter().flat_map(rendered).collect();
    let templates = sources("templates", ".html");
    let parts: BTreeSet<String> = templates.iter().flat_map(|template| included(&template.text)).collect();
    assert!(pages.len() > 15 && parts.len() > 4, "{pages:?} {parts:?}");
    let names: BTreeSet<String> =
        templates.iter().map(|template| template.path.trim_start_matches("templates/").to_string()).collect();
    let unused: Vec<_> =
        names.iter().filter(|name| !pages.contains(*name) && !parts.contains(*name)).collect();
    assert!(unused.is_empty(), "no page shows {unused:?}");
    let missing: Vec<_> = pages.union(&parts).filter(|name| !names.contains(*name)).collect();
    assert!(missing.is_empty(), "there is no {missing:?}");
}

/// `#[template(path = "payments/new.html")]`
fn rendered(source: &Source) -> Vec<String> {
    let templates = source.strings.iter().filter(|(at, text)| {
        text.ends_with(".html")
            && source.code[..*at].trim_end().ends_with('=')
            && source.code[..*at].contains("template(")
    });
    templates.map(|(_, text)| text.clone()).collect()
}

/// `{% extends "x" %}`, `{% import "x" as y %}`, `{% include "x" %}`
fn included(template: &str) -> Vec<String> {
    let tags = template.split("{%").skip(1).map(|tag| tag.trim_start_matches(['-', ' ']));
    let naming = tags.filter(|tag| ["extends", "import", "include"].iter().any(|verb| tag.starts_with(verb)));
    naming.filter_map(|tag| Some(tag.split('"').nth(1)?.to_string())).collect()
}

/// The addresses that `web/paths.rs` makes, by name, with 1 for every number.
fn addresses() -> Vec<(String, String)> {
    let files =
        sources("src/web", ".rs").into_iter().filter(|source| source.path.starts_with("src/web/paths"));
    let files: Vec<Source> = files.collect();
    let mut found: Vec<(String, String)> = Vec::new();
    for (source, (at, text)) in
        files.iter().flat_map(|source| source.strings.iter().map(move |string| (source, string)))
    {
        let before = &source.code[..*at];
        let constant = before.rfind("pub const ").filter(|begin| !before[*begin..].contains(';'));
        let function = before.rfind("pub fn ");
        let Some(begin) = constant.map(|at| at + 10).or(function.map(|at| at + 7)) else { continue };
        let name: String =
            source.code[begin..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        let is_address = constant.is_some() || before.trim_end().ends_with("format!(");
        if is_address {
            found.push((name, text.clone()));
        }
    }
    let constants = found.clone();
    for (_, address) in &mut found {
        for (name, value) in &constants {
            *address = address.replace(&format!("{{{name}}}"), value);
        }
        // A tab has a name; all else that stands in braces is a number or a token.
        *address = address.split('?').next().unwrap_or_default().replace("{tab}", "orders");
        while let (Some(open), Some(close)) = (address.find('{'), address.find('}')) {
            address.replace_range(open..=close, "1");
        }
    }
    found
}

#[test]
fn each_address_leads_to_a_page() {
    let table = RouteTable::new(ROUTES);
    let addresses = addresses();
    assert!(addresses.len() > 40, "{addresses:?}");
    let leads = |address: &str| !table.methods(address).is_empty();
    let lost: Vec<_> = addresses
        .iter()
        .filter(|(name, address)| !leads(address) && !LATER.contains(&name.as_str()))
        .collect();
    assert!(lost.is_empty(), "no route for {lost:#?}");
    for name in LATER {
        let address = addresses.iter().find(|(known, _)| known == name);
        assert!(address.is_some_and(|(_, address)| !leads(address)), "{name} is no longer for later");
    }
    assert!(!leads("/no/such/page") && leads("/sign-in"), "the table tells routes from others");
}

/// Addresses come from `web::paths`, so that one that is changed there is changed everywhere.
#[test]
fn nobody_else_writes_an_address() {
    let table = RouteTable::new(ROUTES);
    let mut found = Vec::new();
    for source in sources("src", ".rs") {
        // The last one makes the addresses of files, of what is in them.
        if source.path == "src/routes.rs"
            || source.path == "src/web/assets.rs"
            || source.path.starts_with("src/web/paths")
        {
            continue;
        }
        for (at, text) in &source.strings {
            if text.len() > 1 && text.starts_with('/') && !table.methods(text).is_empty() {
                found.push(format!("{}:{}: {text}", source.path, source.line(*at)));
            }
        }
    }
    for template in sources("templates", ".html") {
        for attribute in ["href=\"/", "action=\"/", "src=\"/"] {
            for (at, _) in template.text.match_indices(attribute) {
                found.push(format!("{}:{}: {attribute}…", template.path, template.line(at)));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// Nothing that a page asks for is allowed by the Content-Security-Policy but what comes from us, and a
/// style or a script inside the page is not.
#[test]
fn templates_hold_no_style_and_no_script() {
    let mut found = Vec::new();
    for template in sources("templates", ".html") {
        for forbidden in
            [" style=", "<style", " onclick=", " onchange=", " onsubmit=", "javascript:", "|safe"]
        {
            for (at, _) in template.text.match_indices(forbidden) {
                found.push(format!("{}:{}: {forbidden}", template.path, template.line(at)));
            }
        }
        for (at, _) in template.text.match_indices("<script") {
            let tag = &template.text[at..template.text[at..].find('>').map_or(at, |end| at + end)];
            if !tag.contains(" src=") {
                found.push(format!("{}:{}: {tag}", template.path, template.line(at)));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
