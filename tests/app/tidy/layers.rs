//! Dependencies run one way: a module names only modules that stand above it in `src/lib.rs`.

use super::source::{Source, sources};

/// Who may name what stands below it, and why.
const UPWARD: &[(&str, &str)] = &[
    // `verify` works every commission out again from its order. It must do so with the function that
    // recorded it, and that one reads orders as the feature that owns them does.
    ("book::verify", "selling::orders"),
    // A save of Referral Partner Defaults makes a new version of each program whose pay it changes, in
    // the same transaction, and the page says which. Settings stand first because all features ask them.
    ("running::settings", "selling::programs"),
];

/// What the rulebook may be built of.
const RULEBOOK_CRATES: &[&str] = &[
    "std",
    "core",
    "chrono",
    "chrono_tz",
    "email_address",
    "iso_currency",
    "num_bigint",
    "num_rational",
    "num_traits",
    "percent_encoding",
    "rust_decimal",
    "serde",
    "thiserror",
    "url",
];

/// The modules of lib.rs in their order.
fn order() -> Vec<String> {
    let lib = sources("src", "src/lib.rs").remove(0);
    let modules = lib.code.lines().filter_map(|line| line.trim().strip_prefix("pub mod "));
    modules.map(|name| name.trim_end_matches(';').to_string()).collect()
}

/// The module that a file is: `src/paying/payments/mod.rs` is `paying`, `payments`.
fn module(path: &str) -> Vec<String> {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    path.split('/').map(str::to_string).collect()
}

/// Every path into our own crate that the code names, from the crate's root on.
fn own_paths(source: &Source) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    let code = &source.code;
    for (at, _) in code.match_indices("crate::") {
        let mut names = Vec::new();
        read_tree(&code[at + "crate::".len()..], &mut Vec::new(), &mut names);
        found.extend(names.into_iter().map(|path| (source.line(at), path)));
    }
    for (at, _) in code.match_indices("super::") {
        if code[..at].ends_with("super::") {
            continue;
        }
        let ups = 1 + code[at + 7..].len() / 7 - code[at + 7..].trim_start_matches("super::").len() / 7;
        let mut base = module(&source.path);
        base.truncate(base.len().saturating_sub(ups));
        let mut names = Vec::new();
        read_tree(code[at..].trim_start_matches("super::"), &mut base, &mut names);
        found.extend(names.into_iter().map(|path| (source.line(at), path)));
    }
    found
}

/// Reads a path that may branch, `a::{b, c::d}`, into all that it names; returns how far it went.
fn read_tree(text: &str, base: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    let depth = base.len();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        if rest.starts_with('{') {
            at += 1;
            while at < text.len() && !text[at..].starts_with('}') {
                let skipped = text[at..].len() - text[at..].trim_start_matches([' ', '\n', ',']).len();
                at += if skipped > 0 { skipped } else { read_tree(&text[at..], base, found).max(1) };
            }
            at += 1;
            break;
        }
        let name = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        base.push(rest[..name].to_string());
        at += name;
        if !text[at..].starts_with("::") {
            found.push(base.clone());
            break;
        }
        at += 2;
    }
    base.truncate(depth);
    at
}

/// Complaints about paths that lead down in the order.
fn downward(source: &Source, order: &[String], allowed: &mut Vec<(&str, &str)>) -> Vec<String> {
    let me = module(&source.path);
    let rank = |name: &str| order.iter().position(|module| module == name);
    let Some(mine) = rank(&me[0]) else { return Vec::new() };
    let mut found = Vec::new();
    for (line, path) in own_paths(source) {
        if rank(&path[0]).is_none_or(|theirs| theirs <= mine) {
            continue;
        }
        let (from, to) = (me.join("::"), path.join("::"));
        let exception = UPWARD.iter().find(|(who, what)| from.starts_with(who) && to.starts_with(what));
        match exception {
            Some(exception) => allowed.push(*exception),
            None => found.push(format!("{}:{line}: {from} may not know {to}", source.path)),
        }
    }
    found
}

#[test]
fn a_module_knows_only_what_stands_above_it_in_lib_rs() {
    let order = order();
    assert!(order.len() >= 12 && order[0] == "domain", "{order:?}");
    let mut allowed = Vec::new();
    let sources = sources("src", ".rs");
    assert!(sources.len() > 100, "the sources are found");
    let found: Vec<String> =
        sources.iter().flat_map(|source| downward(source, &order, &mut allowed)).collect();
    assert!(found.is_empty(), "{found:#?}");
    for exception in UPWARD {
        assert!(allowed.contains(exception), "{exception:?} is no exception any more: take it out");
    }
}

#[test]
fn a_path_that_leads_down_is_seen_however_it_is_written() {
    let order: Vec<String> = ["domain", "db", "book", "selling", "paying"].map(String::from).into();
    for (path, code, expected) in [
        ("src/book/runs.rs", "use crate::selling::orders;", "book::runs may not know selling::orders"),
        ("src/db/mod.rs", "use crate::{domain::ids, book::{self, x as y}};", "db may not know book::self"),
        (
            "src/selling/orders/mod.rs",
            "fn f() { crate::paying::payments::g() }",
            "may not know paying::payments::g",
        ),
        (
            "src/selling/orders/record.rs",
            "use super::super::super::paying::payments;",
            "may not know paying::payments",
        ),
    ] {
        let found = downward(&Source::new(path, code), &order, &mut Vec::new());
        assert!(found.len() == 1 || code.contains('{') && !found.is_empty(), "{code}: {found:?}");
        assert!(found[0].contains(expected), "{code}: {found:?}");
    }
    for (path, code) in [
        ("src/paying/payments/mod.rs", "use crate::{book, selling::orders}; use super::ledgers;"),
        ("src/selling/orders/mod.rs", "// crate::paying\nuse super::products::queries;"),
    ] {
        assert_eq!(downward(&Source::new(path, code), &order, &mut Vec::new()), Vec::<String>::new());
    }
}

/// Two features of one group may know each other, but not both at once.
#[test]
fn no_two_features_know_each_other() {
    let mut known: Vec<(String, String)> = Vec::new();
    for source in sources("src", ".rs") {
        let me = module(&source.path);
        for (_, path) in own_paths(&source) {
            let same = me.len() > 1 && path.len() > 1 && me[0] == path[0] && me[1] != path[1];
            let is_group = ["running", "people", "selling", "paying", "reporting"].contains(&me[0].as_str());
            if same && is_group {
                known.push((me[..2].join("::"), path[..2].join("::")));
            }
        }
    }
    assert!(!known.is_empty(), "features of a group know each other");
    let both: Vec<_> = known.iter().filter(|(a, b)| known.iter().any(|(c, d)| (c, d) == (b, a))).collect();
    assert!(both.is_empty(), "{both:#?}");
}

#[test]
fn the_rulebook_could_be_a_crate_of_its_own() {
    let found: Vec<String> = sources("src/domain", ".rs").iter().flat_map(impure).collect();
    assert!(found.is_empty(), "{found:#?}");
    for code in [
        "use actix_web::web;",
        "use crate::db::Db;",
        "let now = Utc::now();",
        "fn f() { std::fs::read(x) }",
        "use super::super::web::html;",
        "#[derive(askama::Template)]",
        "let t = SystemTime::now();",
    ] {
        assert!(!impure(&Source::new("src/domain/x.rs", code)).is_empty(), "not seen: {code}");
    }
}

/// What a rulebook has no business with: the web, the database, templates, clocks, files, randomness, and
/// the rest of this crate.
fn impure(source: &Source) -> Vec<String> {
    let forbidden = [
        "actix",
        "diesel",
        "askama",
        "Utc::now",
        "Local::now",
        "SystemTime",
        "Instant::now",
        "std::fs",
        "std::env",
        "std::net",
        "std::process",
        "std::io",
        "rand::",
        "tracing",
        "println!",
        "static mut",
    ];
    let mut found = source.words(&forbidden);
    for (line, path) in own_paths(source) {
        if path[0] != "domain" {
            found.push(format!("{}:{line}: {}", source.path, path.join("::")));
        }
    }
    for line in
        source.code.lines().filter_map(|line| line.trim().trim_start_matches("pub ").strip_prefix("use "))
    {
        let name = line.split([':', ';', ' ']).next().unwrap_or_default();
        let ours = ["crate", "super", "self"].contains(&name) || name.starts_with(char::is_uppercase);
        let is_module = std::path::Path::new("src/domain").join(format!("{name}.rs")).exists();
        if !ours && !is_module && !RULEBOOK_CRATES.contains(&name) {
            found.push(format!("{}: the crate {name}", source.path));
        }
    }
    found
}
