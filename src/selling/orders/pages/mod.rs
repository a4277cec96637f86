//! What the pages of orders show.

mod commissions;
mod index;
mod lines;
mod money;
mod show;
mod story;
mod unpaid;
mod working;

pub use index::{COLUMNS, IndexPage, OfPartnerPage, OrderTable, Typed};
pub use show::{CommissionsPage, LinesPage, ShowPage};
