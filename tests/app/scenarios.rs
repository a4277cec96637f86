//! The rules as cases with exact answers: every `*.json` under `tests/scenarios`, and under the
//! folder that `PARTNERBOOK_SCENARIOS` names, played through the functions that the pages call.

mod cast;
mod compare;
pub mod play;
pub mod story;

use std::path::{Path, PathBuf};
use story::Story;

/// The scenario files of a folder, by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("a folder can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    files
}

fn play_all(folder: &Path) {
    let files = files(folder);
    assert!(!files.is_empty(), "no scenario in {}", folder.display());
    let mut wrong = Vec::new();
    for file in &files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(file).expect("a scenario can be read");
        match serde_json::from_str::<Story>(&text) {
            Ok(story) => wrong.extend(play::play(&name, &story)),
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{} figures differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_scenario_comes_out_to_the_cent() {
    play_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios"));
}

#[test]
fn scenarios_of_another_folder_come_out_to_the_cent() {
    match std::env::var_os("PARTNERBOOK_SCENARIOS") {
        Some(folder) => play_all(Path::new(&folder)),
        None => println!("PARTNERBOOK_SCENARIOS names no folder: nothing more to play"),
    }
}

#[test]
fn a_wrong_expectation_is_found() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let text = std::fs::read_to_string(folder.join("01-one-sale-one-payment.json")).expect("it is there");
    let story: Story = serde_json::from_str(&text.replace("\"10.00\"", "\"10.01\"")).expect("still a story");
    let wrong = play::play("changed", &story);
    assert!(wrong.iter().any(|line| line.contains("10.01") && line.contains("10.00")), "{wrong:?}");
}
