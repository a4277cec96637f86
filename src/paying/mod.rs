//! Paying partners: the Ledgers report, and the payments that are recorded from it, and ledgers on paper.

pub mod checks;
pub mod ledgers;
pub mod payments;
pub mod statements;
