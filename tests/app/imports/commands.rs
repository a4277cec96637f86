//! `partnerbook import` and `partnerbook demo` as people run them.

use super::{PARTNERS, PROGRAMS};
use crate::support::passable_folder;
use crate::support::program::{run, text};
use std::fs;

#[test]
fn import_tells_what_it_did_and_saves_its_report() {
    let folder = passable_folder();
    let data = folder.path().join("data");
    let put = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("it can be written");
        path.to_string_lossy().into_owned()
    };
    let programs = put("programs.csv", PROGRAMS);
    let partners = put("partners.csv", PARTNERS);
    let bad = put("bad.csv", "code,name\nn1,Ann\nn2,\n");
    let report = folder.path().join("report.csv").to_string_lossy().into_owned();

    let done = run(&data, ["import", "programs", &programs]);
    assert!(done.status.success(), "{}", text(&done));
    assert_eq!(text(&done), "2 rows read from programs.csv.\n1 program recorded, 0 already there.\n");
    assert!(run(&data, ["import", "partners", &partners]).status.success());

    let refused = run(&data, ["import", "partners", &bad, "--report", &report]);
    assert!(!refused.status.success());
    assert_eq!(String::from_utf8_lossy(&refused.stderr), "error: bad.csv, row 3, name is missing\n");
    let said = String::from_utf8_lossy(&refused.stdout).into_owned();
    assert!(said.contains("1 row is bad; nothing was written."), "{said}");
    let saved = fs::read_to_string(&report).expect("the report is saved");
    assert!(saved.ends_with("error,bad.csv,3,name,,is missing\r\n"), "{saved}");

    let skipped = run(&data, ["import", "partners", &bad, "--skip-bad-rows"]);
    assert!(skipped.status.success(), "{}", text(&skipped));
    assert!(text(&skipped).contains("1 partner recorded"), "{}", text(&skipped));

    let missing = run(&data, ["import", "partners", "nowhere.csv"]);
    assert!(!missing.status.success());
    assert!(text(&missing).contains("nowhere.csv cannot be read"), "{}", text(&missing));

    // Not empty any more, so no place for the demo.
    let demo = run(&data, ["demo"]);
    assert!(!demo.status.success());
    assert!(
        text(&demo).contains("The demo fills an empty system, and this one has partners already."),
        "{}",
        text(&demo)
    );
}
