//! Names of the whole world, and strings that have broken other programs.

use std::collections::HashSet;

use partnerbook::people::partners;
use partnerbook::people::partners::NewPartner;

use super::paper::Pdf;
use crate::ledgers::cast::{Cast, OCTOBER, partner};

/// Full names from all over the world, as CLDR has them for testing.
fn names() -> Vec<(String, String)> {
    let all: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../data/cldr_sample_names.json")).expect("a list of names");
    let part = |name: &serde_json::Value, key: &str| name[key].as_str().unwrap_or_default().to_string();
    all.iter()
        .map(|name| {
            let parts = ["title", "given", "surname", "generation", "credentials"].map(|key| part(name, key));
            let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            (part(name, "locale"), parts.join(" "))
        })
        .collect()
}

/// Marks of direction, and what joins or parts letters without a shape.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Without blanks, marks and what wrapping may put between.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !c.is_control() && !is_mark(*c)).collect()
}

/// Its words, each with its letters sorted: pdftotext turns the letters of a ligature round where they are
/// read from right to left, and orders what stands around points and brackets by a rule of its own.
fn words(text: &str) -> HashSet<String> {
    let marked: String = text.chars().filter(|c| !is_mark(*c)).collect();
    let words = marked.split(|c: char| c.is_whitespace() || c.is_ascii_punctuation());
    words
        .map(|word| {
            let mut letters: Vec<char> = word.chars().collect();
            letters.sort_unstable();
            letters.into_iter().collect()
        })
        .collect()
}

/// Hebrew, Arabic and Syriac letters.
fn is_from_right_to_left(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{590}'..='\u{8ff}'))
}

fn has_noto() -> bool {
    ["truetype/noto/NotoSansKhmer-Regular.ttf", "opentype/noto/NotoSansCJK-Regular.ttc"]
        .iter()
        .all(|font| std::path::Path::new("/usr/share/fonts").join(font).exists())
}

#[test]
fn names_of_all_scripts_are_read_back() {
    let cast = Cast::new();
    let names: Vec<_> = names().into_iter().filter(|(_, name)| !is_from_right_to_left(name)).collect();
    assert!(names.len() > 700, "{}", names.len());
    for (number, (_, name)) in names.iter().enumerate() {
        cast.adjust(cast.sam, 1, "2026-10-20", &format!("({number}) {name} ({number})"));
    }
    let pdf = Pdf::get(&cast.viewer, &format!("/reports/ledgers.pdf?{OCTOBER}&partner=sam"));
    let pages = pdf.is_sound().pages();
    let text = squeezed(&pdf.drawn());
    let lost: Vec<&(String, String)> =
        names.iter().filter(|(_, name)| !text.contains(&squeezed(name))).collect();
    assert!(lost.is_empty(), "{} names cannot be read back: {lost:?}", lost.len());
    let told = pages.concat().contains("Boxes stand for characters");
    if has_noto() {
        assert!(!told, "a font is missing: {}", pages.last().unwrap_or(&String::new()));
    } else {
        println!("skipped: whether every name has its letters, for the Noto fonts are not on this machine");
    }
}

#[test]
fn a_partner_of_every_script_is_named_on_its_ledger() {
    let cast = Cast::new();
    let mut seen = HashSet::new();
    let wanted =
        |(locale, name): &(String, String)| seen.insert(locale.clone()) || is_from_right_to_left(name);
    let names: Vec<_> = names().into_iter().filter(wanted).collect();
    assert!(names.len() > 150, "{}", names.len());
    let new: Vec<NewPartner> = names
        .iter()
        .enumerate()
        .map(|(number, (_, name))| partner(&format!("world{number}"), name))
        .collect();
    cast.app.database.db.run_now(|conn| partners::make(conn, &new)).expect("they can be made");
    let pdf = Pdf::get(&cast.viewer, &format!("/reports/ledgers.pdf?{OCTOBER}&show=all&partner=world"));
    let pages = pdf.is_sound().pages();
    assert_eq!(pages.len(), names.len());
    let mut lost = Vec::new();
    for (number, (locale, name)) in names.iter().enumerate() {
        let foot = format!("world{number})");
        let page = pages.iter().find(|page| page.contains(&foot)).expect("each has its page");
        if !words(name).is_subset(&words(page)) {
            lost.push(format!("{locale}: {name} is not on: {}", page.trim()));
        }
    }
    assert!(lost.is_empty(), "{} names cannot be read back: {lost:#?}", lost.len());
}

#[test]
fn names_from_right_to_left_are_read_back_in_the_order_in_which_they_are_said() {
    let cast = Cast::new();
    let names: Vec<_> = names().into_iter().filter(|(_, name)| is_from_right_to_left(name)).collect();
    let new: Vec<NewPartner> =
        names.iter().enumerate().map(|(number, (_, name))| partner(&format!("rtl{number}"), name)).collect();
    cast.app.database.db.run_now(|conn| partners::make(conn, &new)).expect("they can be made");
    let pdf = Pdf::get(&cast.viewer, &format!("/reports/ledgers.pdf?{OCTOBER}&show=all&partner=rtl"));
    let text: String = pdf.drawn().chars().filter(|c| !is_mark(*c)).collect();
    let read: HashSet<&str> = text.split(|c: char| !c.is_alphanumeric() && !is_combining(c)).collect();
    let (mut kept, mut lost) = (0, Vec::new());
    for (locale, name) in &names {
        let name: String = name.chars().filter(|c| !is_mark(*c)).collect();
        for word in name
            .split(|c: char| !c.is_alphanumeric() && !is_combining(c))
            .filter(|word| word.chars().count() > 1)
        {
            let turned: String = word.chars().rev().collect();
            assert!(
                !read.contains(turned.as_str()) || name.contains(&turned),
                "{locale}: {word} is read as {turned}"
            );
            // pdftotext turns round the two letters of a ligature.
            if ["لا", "لأ", "لإ", "لآ"].iter().any(|ligature| word.contains(ligature)) {
                continue;
            }
            if read.contains(word) {
                kept += 1;
            } else {
                lost.push(format!("{locale}: {word}"));
            }
        }
    }
    assert!(kept > 200 && lost.len() * 50 < kept, "{kept} words are read back, and not {lost:?}");
}

/// Vowels and points above and below letters.
fn is_combining(c: char) -> bool {
    unicode_script::UnicodeScript::script(&c) == unicode_script::Script::Inherited
}

#[test]
fn hostile_strings_are_printed_unharmed_and_what_has_no_letter_is_told() {
    let cast = Cast::new();
    let strings: Vec<String> =
        serde_json::from_str(include_str!("../../data/blns.json")).expect("a list of strings");
    let mut stored = 0;
    for string in strings.iter().filter(|string| !string.is_empty() && !string.contains('\0')) {
        let short: String = string.chars().take(1900).collect();
        cast.adjust(cast.sam, 1, "2026-10-20", &short);
        stored += 1;
    }
    cast.adjust(cast.sam, 1, "2026-10-21", &"年".repeat(2000));
    cast.adjust(cast.sam, 1, "2026-10-21", &"m".repeat(2000));
    cast.adjust(cast.sam, 1, "2026-10-21", "\u{10ffff} has no letter anywhere");
    assert!(stored > 400);
    let pdf = Pdf::get(&cast.viewer, &format!("/reports/ledgers.pdf?{OCTOBER}&partner=sam"));
    let pages = pdf.is_sound().pages();
    let text = squeezed(&pdf.drawn());
    for said in ["<script>alert(123)</script>", "1;DROPTABLEusers", "ÅÍÎÏ˝ÓÔ\u{f8ff}ÒÚÆ☃", "Œ„´‰ˇÁ¨ˆØ∏”’"]
    {
        assert!(text.contains(said), "{said}");
    }
    let count = |c: char| text.chars().filter(|other| *other == c).count();
    assert!(count('年') >= 2000 && count('m') >= 2000, "long words are wrapped and not cut");
    assert!(text.contains(&squeezed("Boxes stand for characters that the printing machine has no font for")));
    assert!(text.contains("U+10FFFF") || text.contains("andothers"), "the missing one is named");
    for (number, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("Page {} of {}", number + 1, pages.len())), "{page}");
    }
}
