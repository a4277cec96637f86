//! People: contacts, and the referral partners among them.

pub mod contacts;
pub mod names;
pub mod partners;
