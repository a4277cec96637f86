//! What is sold, what a sale pays, and what comes in from files.

pub mod api;
pub mod coupons;
pub mod imports;
pub mod orders;
pub mod partner_mails;
pub mod products;
pub mod programs;
pub mod tracking;
pub mod trials;
