//! The ledger of one partner: its entries with running balance, *Create Payment* and adjustments.

mod export;
mod forms;
pub mod handlers;
mod ledger;
pub mod lines;
mod pages;
mod rate;
