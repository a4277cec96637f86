//! Tracking: clicks of visitors, referrals of contacts, and how the one becomes the other. Others
//! record clicks and referrals, tell whom a visitor is, and ask for the touches that speak for a
//! partner when an order is credited.

pub mod by_hand;
pub mod clicks;
pub mod links;
mod prospect;
mod queries;
pub mod sites;
pub mod visits;
pub mod web_forms;

pub use prospect::Prospect;
pub use queries::{
    NewReferral, Touches, identify, make_referrals, touches, visitor, visitor_met, visitor_with,
    visitors_with,
};
