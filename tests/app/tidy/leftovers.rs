//! Nothing unfinished, nothing unused, nothing of the machine that it was written on.

use std::collections::BTreeSet;

use super::source::{Source, files, root, sources};

/// A file of more lines has a second one in it.
const LONGEST: usize = 400;

/// Everything that people write by hand.
fn written() -> Vec<Source> {
    let folders = ["src", "tests", "benches", "templates", "static", "migrations", "scripts", "docs", "demo"];
    let endings = [".rs", ".html", ".css", ".js", ".sql", ".sh", ".md", ".toml"];
    let mut all: Vec<Source> = folders
        .iter()
        .filter(|folder| root().join(folder).exists())
        .flat_map(|folder| files(&root().join(folder)))
        .filter_map(|path| {
            let name = path.strip_prefix(root()).ok()?.to_string_lossy().into_owned();
            let is_text = endings.iter().any(|ending| name.ends_with(ending)) || name.starts_with("scripts/");
            is_text.then(|| Source::new(&name, &std::fs::read_to_string(&path).unwrap()))
        })
        .collect();
    for name in [
        "Makefile",
        "Cargo.toml",
        "build.rs",
        "README.md",
        "CHANGELOG.md",
        ".env.example",
        ".ci/run",
        "clippy.toml",
    ] {
        if let Ok(text) = std::fs::read_to_string(root().join(name)) {
            all.push(Source::new(name, &text));
        }
    }
    all
}

fn mentions(source: &Source, words: &[String]) -> Vec<String> {
    let lines = source.text.lines().enumerate();
    let found = lines.filter(|(_, line)| words.iter().any(|word| line.contains(word.as_str())));
    found.map(|(number, line)| format!("{}:{}: {}", source.path, number + 1, line.trim())).collect()
}

/// Words in two halves, so that this file does not mention them.
fn halves(words: &[(&str, &str)]) -> Vec<String> {
    words.iter().map(|(one, other)| format!("{one}{other}")).collect()
}

#[test]
fn no_file_is_longer_than_400_lines() {
    let code = [".rs", ".html", ".css", ".js", ".sql"];
    let is_code = |source: &Source| code.iter().any(|ending| source.path.ends_with(ending));
    let counted =
        written().into_iter().filter(is_code).map(|source| (source.text.lines().count(), source.path));
    let long: Vec<_> = counted.filter(|(lines, _)| *lines > LONGEST).collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn nothing_is_left_for_later() {
    let words = halves(&[
        ("TO", "DO"),
        ("FIX", "ME"),
        ("todo", "!("),
        ("unimplemented", "!("),
        ("dbg", "!("),
        ("#[ign", "ore"),
        ("not wired", " yet"),
        ("console", ".log"),
    ]);
    let all = written();
    assert!(all.len() > 150 && all.iter().any(|source| source.path.ends_with(".css")), "the files are found");
    let found: Vec<String> = all.iter().flat_map(|source| mentions(source, &words)).collect();
    assert!(found.is_empty(), "{found:#?}");
    assert_eq!(mentions(&Source::new("x.sql", &format!("-- {}", words[0])), &words).len(), 1);
}

#[test]
fn nothing_tells_where_it_was_written() {
    let words = halves(&[
        ("/wo", "rk/"),
        ("/ro", "ot/"),
        ("/tmp/tar", "get"),
        ("/ho", "me/"),
        ("crates", ".io"),
        ("registry", "."),
        ("npm", "js"),
        ("py", "pi.org"),
        ("ghcr", ".io"),
        ("artifact", "ory"),
    ]);
    let found: Vec<String> = written().iter().flat_map(|source| mentions(source, &words)).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn what_cannot_fail_says_why() {
    let found: Vec<String> = sources("src", ".rs").iter().flat_map(unexplained).collect();
    assert!(found.is_empty(), "{found:#?}");
    for code in [
        "x.unwrap()",
        "x.expect(\"ok\")",
        "x.expect(message)",
        "panic!()",
        "unreachable!()",
        "panic!(\"no\")",
    ] {
        assert_eq!(unexplained(&Source::new("src/x.rs", code)).len(), 1, "{code}");
    }
    for code in
        ["x.unwrap_or(1)", "x.expect(\"the dollar is a currency\")", "// x.unwrap()", "\"x.unwrap()\""]
    {
        assert!(unexplained(&Source::new("src/x.rs", code)).is_empty(), "{code}");
    }
}

/// An `expect` with a reason of some words may stay; `unwrap` and wordless panics may not.
fn unexplained(source: &Source) -> Vec<String> {
    let reason_at =
        |at: usize| source.strings.iter().find(|(begin, _)| *begin == at).map(|(_, text)| text.as_str());
    let mut found = Vec::new();
    for call in [".unwrap()", ".expect(", "panic!(", "unreachable!("] {
        for (at, _) in source.code.match_indices(call) {
            let argument = at + call.len();
            let argument =
                argument + source.text[argument..].len() - source.text[argument..].trim_start().len();
            let reason = reason_at(argument).unwrap_or_default();
            if call == ".unwrap()" || reason.split_whitespace().count() < 3 {
                found.push(format!("{}:{}: {call}", source.path, source.line(at)));
            }
        }
    }
    found
}

#[test]
fn what_others_may_call_says_what_it_does() {
    let found: Vec<String> = sources("src", ".rs").iter().flat_map(undocumented).collect();
    assert!(found.is_empty(), "{found:#?}");
    assert_eq!(
        undocumented(&Source::new("src/book/x.rs", "#[derive(Debug)]\npub struct X;\n\npub fn f() {}")).len(),
        2
    );
    let fine = "/// An X.\n#[derive(Debug)]\npub struct X;\nimpl X {\n    pub fn new() {}\n    pub(crate) fn f() {}\n}";
    assert!(undocumented(&Source::new("src/book/x.rs", fine)).is_empty());
}

/// Public things without a word on them. Left out are what the name says in full (`new`, `ALL`), rows that
/// say what a query gives, the constructors of pages, and commands, whose documentation is their help.
fn undocumented(source: &Source) -> Vec<String> {
    let exempt = ["/queries", "/pages", "_page", "src/commands/"];
    if exempt.iter().any(|part| source.path.contains(part)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let above: Vec<&str> = source.text.lines().collect();
    for (number, line) in source.code.lines().enumerate() {
        let words: Vec<&str> =
            line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
        let words: Vec<&str> = words.into_iter().filter(|word| !["async", "unsafe"].contains(word)).collect();
        let ["pub", kind, name, ..] = words[..] else { continue };
        if !["fn", "struct", "enum", "trait", "const", "type", "static"].contains(&kind)
            || line.contains("pub(")
        {
            continue;
        }
        let above = above[..number].iter().rev().find(|above| !above.trim_start().starts_with("#["));
        let says = above.is_some_and(|above| {
            above.trim_start().starts_with("///") || above.trim_start().starts_with("$(#[")
        });
        if !says && !["new", "ALL", "QUESTIONS", "name"].contains(&name) {
            found.push(format!("{}:{}: {name}", source.path, number + 1));
        }
    }
    found
}

/// A file that no `mod` names is not compiled, and nobody notices that its tests do not run.
#[test]
fn every_file_of_rust_is_compiled() {
    let mut lost = Vec::new();
    for (folder, roots) in [
        ("src", ["src/lib.rs", "src/main.rs"]),
        ("tests/app", ["tests/app/main.rs"; 2]),
        ("tests/browser", ["tests/browser/main.rs"; 2]),
    ] {
        let all = sources(folder, ".rs");
        let mut named: BTreeSet<String> = roots.iter().map(|root| root.to_string()).collect();
        for source in &all {
            let name = source.path.rsplit('/').next().unwrap_or_default();
            let own = ["mod.rs", "lib.rs", "main.rs"].contains(&name);
            let base = if own {
                source.path.rsplit_once('/').unwrap().0
            } else {
                source.path.trim_end_matches(".rs")
            };
            let beside = source.path.rsplit_once('/').unwrap().0;
            for line in source.text.lines().map(str::trim) {
                let module = line.strip_suffix(';').and_then(|line| line.split_once("mod "));
                if let Some((_, module)) =
                    module.filter(|(before, _)| before.is_empty() || before.starts_with("pub"))
                {
                    named.extend([format!("{base}/{module}.rs"), format!("{base}/{module}/mod.rs")]);
                }
                if let Some(path) = line.strip_prefix("#[path = \"").and_then(|rest| rest.strip_suffix("\"]"))
                {
                    named.insert(format!("{beside}/{path}"));
                }
            }
        }
        lost.extend(all.iter().map(|source| source.path.clone()).filter(|path| !named.contains(path)));
    }
    assert!(lost.is_empty(), "no `mod` names {lost:#?}");
}

#[test]
fn every_link_of_the_papers_leads_somewhere() {
    let mut lost = Vec::new();
    let mut links = 0;
    for path in files(root()).into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "md"))
    {
        let text = std::fs::read_to_string(&path).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            if file.contains("://") || file.starts_with("mailto:") {
                continue;
            }
            links += 1;
            let to = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            let there = to.exists() && (heading.is_empty() || headings(&to).contains(heading));
            if !there {
                lost.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert!(links > 5, "links are found");
    assert!(lost.is_empty(), "{lost:#?}");
}

/// The names that a page of Markdown gives its headings.
fn headings(path: &std::path::Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let titles = text.lines().filter(|line| line.starts_with('#'));
    let word = |c: char| match c {
        ' ' => Some('-'),
        c if c.is_alphanumeric() || c == '-' || c == '_' => c.to_lowercase().next(),
        _ => None,
    };
    titles.map(|title| title.trim_start_matches('#').trim().chars().filter_map(word).collect()).collect()
}
