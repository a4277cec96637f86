//! Paying partners: the Ledgers report, and the payments that are recorded from it.

pub mod ledgers;
pub mod payments;
