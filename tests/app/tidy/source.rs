//! The source tree as the checks read it: Rust without its comments, its strings beside it, and without
//! the tests at the end of a file.

use std::path::{Path, PathBuf};

/// A file of the source tree.
#[derive(Debug, Clone)]
pub struct Source {
    /// From the root: `src/book/runs.rs`.
    pub path: String,
    pub text: String,
    /// Of Rust: the same without comments and without what stands in strings, as far as the tests.
    pub code: String,
    /// Of Rust: each string, with the byte where it begins.
    pub strings: Vec<(usize, String)>,
}

/// The root of the source tree.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files with this ending below a folder (or the file itself), in order.
pub fn sources(folder: &str, ending: &str) -> Vec<Source> {
    let all = files(&root().join(folder)).into_iter();
    let chosen = all.filter(|path| path.to_string_lossy().ends_with(ending));
    chosen.map(|path| Source::new(&relative(&path), &std::fs::read_to_string(&path).unwrap())).collect()
}

/// All files below a folder that are part of the project: what `.gitignore` names is not.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let ignored = std::fs::read_to_string(root().join(".gitignore")).unwrap();
    let ignored: Vec<&str> = ignored.lines().map(|line| line.trim_start_matches('/')).collect();
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in
            std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        {
            let path = entry.unwrap().path();
            if ignored.contains(&relative(&path).as_str()) || path.ends_with(".git") {
                continue;
            }
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_string_lossy().into_owned()
}

impl Source {
    pub fn new(path: &str, text: &str) -> Source {
        let mut source =
            Source { path: path.into(), text: text.into(), code: String::new(), strings: Vec::new() };
        if path.ends_with(".rs") {
            source.read_rust();
        }
        source
    }

    /// The line of a byte, counted from 1.
    pub fn line(&self, at: usize) -> usize {
        self.text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1
    }

    /// Which of these words stand in the code or its strings, and where.
    pub fn words(&self, words: &[&str]) -> Vec<String> {
        let found = words.iter().filter_map(|word| Some((word, self.code.find(word)?)));
        found.map(|(word, at)| format!("{}:{}: {word}", self.path, self.line(at))).collect()
    }

    fn read_rust(&mut self) {
        let tests =
            if self.path.ends_with("_tests.rs") { Some(0) } else { self.text.find("#[cfg(test)]\nmod ") };
        let end = tests.unwrap_or(self.text.len());
        let text = &self.text[..end];
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            let after_a_word = self.code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let length = if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else if let Some((open, close)) = raw_string(rest).filter(|_| !after_a_word) {
                let inside = rest[open..].find(&close).unwrap_or(rest.len() - open);
                self.strings.push((at, rest[open..open + inside].into()));
                (open + inside + close.len()).min(rest.len())
            } else if let Some(string) = rest.strip_prefix('"') {
                let inside = plain_string(string);
                self.strings.push((at, joined(&string[..inside])));
                inside + 2
            } else if let Some(length) = character(rest) {
                length
            } else {
                let next = rest.chars().next().unwrap_or_default();
                self.code.push(next);
                at += next.len_utf8();
                continue;
            };
            // Same length and same lines, so that places stay what they are.
            let blank = |c: u8| if c == b'\n' { '\n' } else { ' ' };
            self.code.extend(rest.bytes().take(length).map(blank));
            at += length;
        }
    }
}

/// Where the inside of a raw string begins, and what ends it.
fn raw_string(rest: &str) -> Option<(usize, String)> {
    let after_r = rest.strip_prefix("br").or(rest.strip_prefix('r'))?;
    let hashes = after_r.len() - after_r.trim_start_matches('#').len();
    let open = rest.len() - after_r.len() + hashes + 1;
    after_r[hashes..].starts_with('"').then(|| (open, format!("\"{}", "#".repeat(hashes))))
}

/// How long the inside of a string is.
fn plain_string(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 0;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at.min(bytes.len())
}

/// Without the line breaks that `\` takes out.
fn joined(inside: &str) -> String {
    let mut lines = inside.split("\\\n");
    let first = lines.next().unwrap_or_default().to_string();
    lines.fold(first, |all, line| all + line.trim_start())
}

/// How long a character literal is, if it is one and no lifetime.
fn character(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('\'')?;
    if let Some(escape) = inside.strip_prefix('\\') {
        return Some(escape[1..].find('\'')? + 4);
    }
    let length = inside.chars().next()?.len_utf8();
    inside[length..].starts_with('\'').then_some(length + 2)
}

#[test]
fn comments_and_strings_are_told_from_code() {
    let text = r##"let a = "x \" // y"; // sql_query("no")
let b = r#"SELECT "q""#; /* crate::web */ let c = '"'; fn d<'a>(e: &'a str) {}
let f = "one \
         two";
#[cfg(test)]
mod tests { fn g() { h.unwrap() } }"##;
    let source = Source::new("src/x.rs", text);
    let strings: Vec<&str> = source.strings.iter().map(|(_, inside)| inside.as_str()).collect();
    assert_eq!(strings, ["x \\\" // y", "SELECT \"q\"", "one two"]);
    for word in ["sql_query", "crate", "unwrap", "\""] {
        assert!(!source.code.contains(word), "{word} in {}", source.code);
    }
    assert!(source.code.contains("fn d<'a>(e: &'a str) {}"));
    assert_eq!(source.line(source.code.find("let f").unwrap()), 3);
    assert_eq!(source.code.lines().count(), 5 - 1);
}
