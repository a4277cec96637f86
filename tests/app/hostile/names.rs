//! Names and addresses that somebody was called by, on lists, in files and on paper.

use std::collections::{BTreeSet, HashSet};

use partnerbook::domain::typed::Trimmed;
use partnerbook::web::csv::guarded;

use super::forms::Form;
use super::probe::{everything_on, squeezed};
use super::strings::naughty;
use crate::import_pages::empty_office;
use crate::ledgers::cast::{column, rows};
use crate::statements::paper::Pdf;

/// Strings that can be a name: with something in them, not too long, and without what no name may hold.
fn names() -> Vec<String> {
    let mut seen = BTreeSet::new();
    naughty()
        .into_iter()
        .map(|string| string.trimmed().to_string())
        // A character that is none has no letter in any font.
        .filter(|name| {
            !name.is_empty()
                && name.chars().count() <= 200
                && !name.chars().any(char::is_control)
                && !name.contains('\u{fffe}')
        })
        .filter(|name| seen.insert(name.clone()))
        .collect()
}

const COLUMNS: [&str; 8] =
    ["code", "name", "address_line1", "address_line2", "city", "state", "postal_code", "country"];

fn file(rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).expect("it can be written");
    rows.iter().for_each(|row| writer.write_record(row).expect("it can be written"));
    writer.into_inner().expect("it can be written")
}

/// What of a text is told from what else: without blanks, marks of direction and what is not drawn.
fn drawn(text: &str) -> String {
    // Formats and tags, of several blocks.
    let is_format = |c: char| {
        matches!(c, '\u{180e}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{fff9}'..='\u{fffb}'
            | '\u{110bd}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}')
    };
    let plain = |c: &char| {
        !(c.is_whitespace()
            || is_format(*c)
            || c.is_control()
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'))
    };
    text.chars().filter(plain).collect()
}

/// Its letters, however they are ordered.
fn letters(text: &str) -> HashSet<char> {
    drawn(text).chars().collect()
}

/// Letters that are read from right to left, or are put together: programs that take text out of a PDF order
/// them by rules of their own.
fn is_reordered(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{590}'..='\u{8ff}' | '\u{1ab0}'..='\u{1aff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe70}'..='\u{feff}')
}

/// What cannot be found on paper.
fn lost_on(text: &str, wanted: &[String]) -> Vec<String> {
    let all = drawn(text);
    // A town stands in one line with its state: what is read from the right orders the rest of the line too.
    let lines: Vec<&str> = text.lines().collect();
    let reordered = |rows: usize| -> Vec<HashSet<char>> {
        let some = lines.windows(rows).map(<[&str]>::concat);
        some.filter(|some| some.contains(is_reordered)).map(|some| letters(&some)).collect()
    };
    // What is under a heap of marks is drawn a few letters at a time.
    let (narrow, wide) = (reordered(3), reordered(30));
    let is_there = |name: &&String| {
        // Letters under a heap of marks are composed with some of them.
        let heap = name.chars().filter(|c| matches!(c, '\u{300}'..='\u{36f}')).count() > 9;
        let counts = |c: &char| !is_reordered(*c) && (!heap || c.is_ascii());
        let needed: HashSet<char> = letters(name).into_iter().filter(counts).collect();
        all.contains(&drawn(name))
            || if heap { &wide } else { &narrow }.iter().any(|line| needed.is_subset(line))
    };
    wanted.iter().filter(|name| !is_there(name)).cloned().collect()
}

#[test]
fn a_partner_of_any_name_is_itself_on_lists_and_in_files() {
    let office = empty_office();
    let names = names();
    assert!(names.len() > 440, "{}", names.len());
    let partners: Vec<Vec<String>> = names
        .iter()
        .enumerate()
        .map(|(number, name)| {
            let other = |step: usize| names[(number + step * 50) % names.len()].clone();
            let mut row = vec![format!("n{number}"), name.clone()];
            row.extend((1..7).map(other));
            row
        })
        .collect();
    office.brings("partners", "names.csv", &file(&partners));
    let exported = rows(&office.ann.get("/partners.csv"));
    assert_eq!(exported.len(), names.len() + 1);
    for (place, heading) in COLUMNS.iter().enumerate() {
        let mut cells: Vec<(String, String)> =
            column(&exported, "code").into_iter().zip(column(&exported, heading)).collect();
        cells.sort();
        let mut wanted: Vec<(String, String)> = partners
            .iter()
            .map(|row| {
                (row[0].clone(), if place == 0 { row[0].clone() } else { guarded(&row[place]).into_owned() })
            })
            .collect();
        wanted.sort();
        let differing: Vec<_> = cells.iter().zip(&wanted).filter(|(cell, wanted)| cell != wanted).collect();
        assert!(differing.is_empty(), "{heading}: {differing:?}");
    }
    let mut shown = String::new();
    for page in 1..=3 {
        shown.push_str(&everything_on(&office.ann.get(&format!("/partners?rows=200&page={page}"))));
    }
    let unseen: Vec<_> = names.iter().filter(|name| !shown.contains(&squeezed(name))).collect();
    // A name that nobody can see is told by its code.
    assert!(unseen.is_empty(), "{unseen:?}");
}

#[test]
fn any_name_and_address_is_printed_and_can_be_read_back() {
    let office = empty_office();
    let names = names();
    let partners: Vec<Vec<String>> = names
        .chunks(7)
        .enumerate()
        .map(|(number, some)| {
            let mut row = vec![format!("paper{number}")];
            row.extend((0..7).map(|at| some.get(at).cloned().unwrap_or_default()));
            row
        })
        .collect();
    office.brings("partners", "names.csv", &file(&partners));
    let printed =
        Pdf::get(&office.ann, "/reports/ledgers.pdf?from=2026-10-01&to=2026-10-31&show=all&partner=paper");
    printed.is_sound();
    let lost = lost_on(&printed.drawn(), &names);
    assert!(lost.is_empty(), "{} of {} partners' names and addresses: {lost:#?}", lost.len(), names.len());

    let mut lost = Vec::new();
    // The company's stand on every ledger: some of each sort.
    for some in names.chunks(7).step_by(9).filter(|some| some.len() == 7) {
        let page = office.ann.get("/settings/company");
        let forms = Form::all(&page, "/settings/company");
        let form =
            forms.iter().find(|form| form.action == "/settings/company" && form.posts).expect("it is there");
        let fields = ["name", "address_line1", "address_line2", "city", "state", "postal_code", "country"];
        let mut values = form.filled();
        for (field, text) in fields.iter().zip(some) {
            let place = form.fields.iter().position(|other| other.name == *field).expect("it is there");
            values[place] = Some(text.clone().into_bytes());
        }
        let saved = form.send(&office.ann, &values, form.buttons.first());
        assert_eq!(saved.status, 303, "{some:?}: {}", saved.text());
        let ledger = Pdf::get(
            &office.ann,
            "/reports/ledgers.pdf?from=2026-10-01&to=2026-10-31&show=all&partner=paper1",
        );
        lost.extend(lost_on(&ledger.is_sound().drawn(), some));
    }
    assert!(lost.is_empty(), "{} of the company's: {lost:#?}", lost.len());
}
