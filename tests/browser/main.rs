//! The main job in a real browser: what only a browser can tell is told here, everything else in
//! `tests/app`. Each test has a server, a database, a Chromium and a profile of its own.

#[path = "../app/support/mod.rs"]
#[allow(dead_code, reason = "the other tests need more of it")]
mod support;

mod browser;
mod cast;
mod checkers;
mod forms_to_ledgers;
mod imports;
mod keyboard;
mod looks;
mod main_job;
mod orders_by_hand;
mod pages;
mod paper;
mod partners;
mod programs;
mod shop;
mod tour;
