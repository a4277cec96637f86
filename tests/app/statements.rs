//! Ledgers on paper: what a print says, in every script, the same bytes for the same run.

mod batches;
mod checking;
mod checks;
mod long;
pub mod paper;
mod printing;
mod scripts;
mod window;
