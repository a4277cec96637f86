//! The rulebook: every business rule of Partnerbook, pure. Nothing here knows the web, the database
//! or the clock; each rule gets all it needs as arguments and could be read by a bookkeeper.
//!
//! Read in this order: what money and dates are, who earns (attribution), how much (program,
//! commission), what is taken back (clawback), how it adds up (ledger), how it is paid (payment).

pub mod ids;
pub mod money;
pub mod period;

pub mod instant;

pub mod settings;

pub mod destination;
pub mod link;
pub mod sites;

pub mod attribution;

pub mod program;

pub mod rate;

pub mod commission;
pub mod coupon;

pub mod clawback;

pub mod order;

pub mod trial;

pub mod ledger;

pub mod payment;

pub mod import;
pub mod mail;
pub mod typed;
pub mod words;
