//! Settings: *Referral Partner Defaults* (how partners are tracked and paid) and *Company*. Every
//! feature may read them; only the pages here and the demo write them.

pub mod queries;

pub use queries::{company, defaults, place};
