//! `partnerbook verify --statement`: what is genuine is told from what is not.

use partnerbook::paying::statements::Seal;
use partnerbook::paying::statements::check::{Verdict, check_file, check_seal};

use super::paper::Pdf;
use crate::ledgers::cast::{Cast, OCTOBER};

fn printed(cast: &Cast) -> Pdf {
    Pdf::get(&cast.viewer, &format!("/reports/ledgers.pdf?{OCTOBER}"))
}

fn file(cast: &Cast, bytes: &[u8]) -> Vec<Verdict> {
    cast.app.database.db.read_now(|conn| check_file(conn, bytes)).expect("it is a print")
}

fn seal(cast: &Cast, digest: &str) -> Verdict {
    let seal: Seal = digest.parse().expect("a digest");
    cast.app.database.db.read_now(|conn| check_seal(conn, seal)).expect("it can be checked")
}

#[test]
fn a_print_is_genuine_as_a_file_and_by_each_digest_also_when_much_has_happened_since() {
    let cast = Cast::new();
    let pdf = printed(&cast);
    cast.adjust(cast.sam, 700, "2026-10-20", "Found later");
    let verdicts = file(&cast, &pdf.bytes);
    assert_eq!(verdicts.len(), 2);
    for verdict in &verdicts {
        assert_eq!(verdict.faults, [""; 0]);
        assert!(verdict.figures > 10, "{verdict:?}");
        assert_eq!(verdict.changed_words, 0, "{verdict:?}");
        let typed = seal(&cast, &verdict.digest.to_uppercase());
        assert_eq!((typed.ledger, typed.faults), (verdict.ledger.clone(), Vec::new()));
        assert!(pdf.words().contains(&verdict.digest));
    }
    let sam = verdicts[1].ledger.as_ref().expect("the book has it");
    assert_eq!((sam.code.as_str(), sam.entries, sam.ending.as_str()), ("sam", 3, "$117.40"));
}

#[test]
fn another_digest_another_run_and_another_book_are_told() {
    let (cast, other) = (Cast::new(), Cast::new());
    let verdict = file(&cast, &printed(&cast).bytes).remove(1);
    let digest = &verdict.digest;
    let last = digest.chars().last().expect("it has signs");
    let changed = format!("{}{}", &digest[..digest.len() - 1], if last == '0' { '1' } else { '0' });
    assert!(seal(&cast, &changed).faults[0].starts_with("its digest is not the book's"), "{changed}");
    assert!(seal(&cast, &format!("99{digest}")).faults[0].starts_with("the book has no such print"));
    assert!(!seal(&other, digest).is_genuine(), "the other book has printed nothing");
    // There is such a print in the other book now, of other figures.
    other.adjust(other.sam, 1, "2026-10-20", "A cent more");
    printed(&other);
    assert!(seal(&other, digest).faults[0].starts_with("its digest is not the book's"));
}

#[test]
fn one_changed_figure_in_a_file_is_found() {
    let cast = Cast::new();
    let pdf = printed(&cast);
    // As whoever changes a PDF would do it: its streams unpacked, one of them edited, and mended again.
    let folder = tempfile::tempdir().expect("a folder can be made");
    let plain = folder.path().join("plain.pdf");
    let unpacked = std::process::Command::new("qpdf")
        .args(["--qdf", "--object-streams=disable"])
        .arg(pdf.path())
        .arg(&plain)
        .status();
    assert!(unpacked.expect("qpdf runs").success());
    let mut bytes = std::fs::read(&plain).expect("it was written");
    assert!(file(&cast, &bytes).iter().all(Verdict::is_genuine), "unpacked it is still the same");
    // Sam's bonus of 50.00 is drawn as codes of a font; the last glyph of an amount becomes another's.
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let shown: Vec<usize> = text
        .match_indices("> Tj")
        .map(|(at, _)| at)
        .chain(text.match_indices(">] TJ").map(|(at, _)| at))
        .collect();
    let mut found = 0;
    for at in shown {
        let Some(byte) = bytes.get(at - 1).copied() else { continue };
        let other = if byte == b'1' { b'2' } else { b'1' };
        bytes[at - 1] = other;
        let verdicts = file(&cast, &bytes);
        found += usize::from(verdicts.iter().any(|verdict| !verdict.is_genuine()));
        bytes[at - 1] = byte;
        if found > 3 {
            break;
        }
    }
    assert!(found > 3, "changed figures are found");
}

#[test]
fn what_is_no_print_is_refused_with_a_sentence() {
    let cast = Cast::new();
    let checked = |bytes: &[u8]| cast.app.database.db.read_now(|conn| check_file(conn, bytes));
    for (bytes, said) in [(&b"no PDF at all"[..], "this is no PDF"), (b"%PDF-1.7\n%%EOF", "this is no PDF")] {
        let error = checked(bytes).expect_err("it is none").to_string();
        assert!(error.contains(said), "{error}");
    }
}
