//! What is asked of everything at once: the start page, the list of reports, the search.

pub mod home;
pub mod reports;
pub mod search;
