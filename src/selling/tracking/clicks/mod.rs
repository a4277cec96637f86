//! A partner's clicks: who came by its links, from where, and what became of it.

mod device;
mod export;
mod forms;
pub mod handlers;
pub mod pages;
mod queries;

pub use queries::{keep_days, mark_days};
