//! Whether a ledger can be put in an envelope: what its window shows, in millimetres.

use super::paper::{Pdf, Place};
use crate::ledgers::cast::{Cast, OCTOBER};

/// What a window shows of a sheet, however the sheet lies in its envelope.
struct Window {
    paper: &'static str,
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
}

/// A4, folded at its marks: DIN 680 windows (90 × 45 mm, 20 mm from the left, 15 mm from below) of DL and C5
/// envelopes over DIN 5008 form B; the sheet may lie 5 mm to the right, or deeper.
/// Letter, folded at its marks (100 mm and 189.7 mm): windows of #10 envelopes (4 1/2 × 1 1/8 inches, 7/8 inch from
/// the left, 1/2 inch from below); the sheet may lie 4.8 mm higher or 25.4 mm to the right.
const WINDOWS: [Window; 2] = [
    Window { paper: "a4", left: 20.0, top: 45.0, right: 105.0, bottom: 90.0 },
    Window { paper: "letter", left: 22.2, top: 58.7, right: 111.1, bottom: 87.2 },
];

/// Where the address begins, below the line for the post.
const ADDRESS_TOP: f32 = 62.0;

/// The place of a word has so much room above its letters, and more.
const AIR: f32 = 0.5;

fn print(cast: &Cast, paper: &str) -> Vec<Place> {
    let pdf = Pdf::get(&cast.viewer, &format!("/reports/ledgers.pdf?{OCTOBER}&partner=sam&paper={paper}"));
    pdf.is_sound().places(1)
}

fn with_address(line1: &str, line2: &str) -> Cast {
    let cast = Cast::new();
    cast.app.database.psql(&format!(
        "UPDATE contacts SET address_line1 = '{line1}', address_line2 = '{line2}', city = 'Bend', state = 'OR', postal_code = '97701',
                country = 'Ruritania' WHERE name = 'Samantha Whitlock';
         UPDATE company SET name = 'Northwind Roasters', address_line1 = '1 Harbour Street', city = 'Portland', country = 'Elbonia'"
    ));
    cast
}

/// From the first to the last of these words in the upper left of the page, below the letterhead.
fn part<'a>(places: &'a [Place], first: &str, last: &str) -> &'a [Place] {
    let is_there = |place: &&Place| place.left < 120.0 && (50.0..98.0).contains(&place.top);
    let find = |word: &str| {
        let found = places.iter().filter(is_there).find(|place| place.word.trim_end_matches(',') == word);
        let found = found.unwrap_or_else(|| panic!("{word} is not at the window: {places:#?}"));
        places.iter().position(|place| std::ptr::eq(place, found)).expect("it is among them")
    };
    &places[find(first)..=find(last)]
}

#[test]
fn the_window_shows_all_of_the_address_and_nothing_else() {
    for (line1, line2) in [
        ("27 Juniper Lane", ""),
        (
            "Care of the Whitlock Family Trust, Department of Referrals",
            "27 Juniper Lane, second floor, third door on the left",
        ),
    ] {
        let cast = with_address(line1, line2);
        for window in WINDOWS {
            let places = print(&cast, window.paper);
            let address = part(&places, "Samantha", "Ruritania");
            assert!(address.len() >= 9, "{address:?}");
            for place in address {
                assert!(
                    place.left >= window.left && place.right <= window.right,
                    "{}: {place:?}",
                    window.paper
                );
                assert!(
                    place.top >= ADDRESS_TOP && place.bottom <= window.bottom,
                    "{}: {place:?}",
                    window.paper
                );
            }
            assert!((address[0].left - 25.0).abs() < 0.5, "5 mm from the window's edge: {:?}", address[0]);
            let sender = part(&places, "Northwind", "Elbonia");
            let sender_ends = sender.iter().map(|place| place.bottom).fold(0.0, f32::max);
            assert!(
                sender.iter().all(|place| place.top + AIR >= window.top && place.right <= window.right),
                "{sender:?}"
            );
            assert!(sender_ends <= address[0].top, "the line for the post stands above: {sender_ends}");
            let shown = |place: &&Place| {
                place.right > window.left
                    && place.left < window.right
                    && place.bottom > window.top
                    && place.top < window.bottom
            };
            assert_eq!(
                places.iter().filter(shown).count(),
                address.len() + sender.len(),
                "nothing else is shown"
            );
        }
    }
}

#[test]
fn fold_marks_stand_where_the_sheet_is_folded_for_its_envelope() {
    let cast = Cast::new();
    for (paper, height, folds) in [("a4", 297.0, [105.0, 210.0]), ("letter", 279.4, [100.0, 189.7])] {
        let pdf =
            Pdf::get(&cast.viewer, &format!("/reports/ledgers.pdf?{OCTOBER}&partner=sam&paper={paper}"));
        let content = pdf.contents(1);
        for fold in folds {
            // A box at the left edge; PDF measures from below.
            let y = (height - fold) * 72.0 / 25.4;
            let is_mark = |line: &str| {
                let numbers: Vec<f32> =
                    line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
                line.ends_with("re")
                    && numbers.len() == 4
                    && numbers[0] == 0.0
                    && (numbers[1] + numbers[3] - y).abs() < 0.1
            };
            assert!(
                content.lines().any(|line| is_mark(line.trim())),
                "{paper}: no mark at {fold} mm ({y}): {content}"
            );
        }
    }
}
