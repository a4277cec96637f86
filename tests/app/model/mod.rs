//! Books for tests, races in them, and section 7 of the specification told twice: by the program on
//! PostgreSQL and by a small model in memory. Whatever story proptest makes up, both must come to the
//! same outcomes, figures, open entries and balances after each thing that happens.

pub mod busy;
mod ledger;
pub mod race;
mod story;
mod told;
pub mod world;

use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::cell::Cell;
use told::Told;
use world::World;

/// What is tried and what must come of it, from a text of such pairs: some lines, and one that begins
/// with `->`. Lines that begin with `--` say why.
pub fn cases(text: &str) -> Vec<(String, String)> {
    let mut cases = Vec::new();
    let mut tried = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("--")) {
        match line.strip_prefix("-> ") {
            Some(outcome) => cases.push((std::mem::take(&mut tried).join("\n"), outcome.to_string())),
            None => tried.push(line),
        }
    }
    assert!(!cases.is_empty() && tried.is_empty(), "nothing is tried for nothing");
    cases
}

/// How many stories, unless `PARTNERBOOK_STORIES` says so, and how long they are.
const STORIES: u32 = 40;
const LENGTH: usize = 40;

#[test]
fn the_book_and_the_model_tell_every_story_the_same() {
    // One database for all stories: each has partners of its own.
    let world = World::of(0);
    let told = Cell::new(0);
    let cases =
        std::env::var("PARTNERBOOK_STORIES").ok().and_then(|wanted| wanted.parse().ok()).unwrap_or(STORIES);
    // A story that differs is shortened as far as half a minute goes.
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 1_000,
        max_shrink_time: 30_000,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&story::story(LENGTH), |ops| {
        told.set(told.get() + 1);
        let mut story = Told::begin(&world, format!("s{}", told.get()));
        for (at, op) in ops.iter().enumerate() {
            story
                .tell(op)
                .map_err(|difference| TestCaseError::fail(format!("{} {op:?}: {difference}", at + 1)))?;
        }
        match world.faults().first() {
            Some(fault) => Err(TestCaseError::fail(format!("verify: {fault}"))),
            None => Ok(()),
        }
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}
