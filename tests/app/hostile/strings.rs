//! What strangers type: strings that have broken other people's software.

use std::collections::BTreeMap;

use super::forms::Kind;

/// One thing typed into a field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Typed(pub Vec<u8>);

impl Typed {
    pub fn of(text: &str) -> Typed {
        Typed(text.as_bytes().to_vec())
    }

    /// None where it is no text at all: a browser would never send it.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok().filter(|text| !text.contains('\0'))
    }

    /// For saying what was typed.
    pub fn shown(&self) -> String {
        let all = format!("{:?}", String::from_utf8_lossy(&self.0));
        all.chars().take(80).collect()
    }
}

/// The strings of blns.json.
pub fn naughty() -> Vec<String> {
    let strings: Vec<String> =
        serde_json::from_str(include_str!("../../data/blns.json")).expect("a list of strings");
    assert!(strings.len() > 490, "{}", strings.len());
    strings
}

/// Too much, numbers that are none, and what means something to somebody else.
fn others() -> Vec<Typed> {
    let long = "x".repeat(5_000);
    let texts = [
        &long,
        "1e3",
        "NaN",
        "-0",
        "Infinity",
        "１２３",
        "٣٤٥",
        "-1",
        "0",
        "9223372036854775808",
        "1,000.00",
        "0x10",
        "\u{202e}exe.txt\u{202d}",
        "a\r\nSet-Cookie: x=1\r\n\r\n<html>",
        "\r",
        "\n",
        " ",
        "\u{a0}",
        "2026-02-30",
        "9999-12-31",
        "0000-00-00",
        "24:00",
        "' OR 1=1; --",
        "\u{feff}bom",
        "e\u{301}",
        "\u{7f}\u{80}\u{85}",
        "=1+1",
        "{{7*7}}${7*7}<%=7*7%>",
        "../../etc/passwd",
        "%",
        "_",
        "\\",
        "a;b,c\td",
        "\u{fffe}\u{10ffff}",
    ];
    texts.into_iter().map(Typed::of).collect()
}

/// What is no text at all: NUL, lone halves of surrogates, a broken sequence, a longer form of `/`, Latin-1.
const NO_TEXTS: [&[u8]; 7] =
    [b"a\0b", b"\xed\xa0\x80", b"x\xed\xbf\xbf", b"\xff\xfe", b"\xc0\xaf", b"Z\xfcrich", b"\xf0\x9f\x92"];

/// Kinds of field that are read in the same way share their strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ring {
    Text,
    Figure,
    /// What nobody types who uses the page.
    Forged,
    /// What stands after the `?` of an address.
    Address,
}

impl Ring {
    pub const ALL: [Ring; 4] = [Ring::Text, Ring::Figure, Ring::Forged, Ring::Address];

    pub fn of(kind: Kind) -> Ring {
        match kind {
            Kind::Line | Kind::Area | Kind::Password | Kind::File => Ring::Text,
            Kind::Figure => Ring::Figure,
            Kind::Choice | Kind::Hidden => Ring::Forged,
        }
    }
}

/// Hands out strings to fields in turn, so that each kind of field sees all of them.
pub struct Strings {
    all: Vec<Typed>,
    next: BTreeMap<Ring, usize>,
    no_texts: usize,
}

impl Strings {
    /// The naughty ones come in an order that puts unlike ones side by side.
    pub fn new() -> Strings {
        let blns: Vec<Typed> =
            naughty().iter().filter(|text| !text.contains('\0')).map(|text| Typed::of(text)).collect();
        let stride = 37;
        assert_ne!(blns.len() % stride, 0, "the stride meets them all");
        let mixed = (0..blns.len()).map(|at| blns[at * stride % blns.len()].clone());
        Strings { all: others().into_iter().chain(mixed).collect(), next: BTreeMap::new(), no_texts: 0 }
    }

    /// The next one for a field.
    pub fn next(&mut self, ring: Ring) -> Typed {
        let at = self.next.entry(ring).or_default();
        *at += 1;
        self.all[(*at - 1) % self.all.len()].clone()
    }

    /// The next one that is no text.
    pub fn no_text(&mut self) -> Typed {
        self.no_texts += 1;
        Typed(NO_TEXTS[self.no_texts % NO_TEXTS.len()].to_vec())
    }

    /// How many these fields have not seen yet.
    pub fn unseen(&self, ring: Ring) -> usize {
        self.all.len().saturating_sub(self.next.get(&ring).copied().unwrap_or_default())
    }
}
