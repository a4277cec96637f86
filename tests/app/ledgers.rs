//! Referral Partner Ledgers and the ledger of one partner, through the pages and files.

mod bad_input;
pub mod cast;
mod figures;
mod individual;
mod recording;
mod report;
mod runs;
