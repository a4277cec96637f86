//! What the pages of orders show.

pub mod commissions;
mod index;
mod lines;
mod money;
mod show;
mod sold_by;
pub mod story;
mod unpaid;
pub mod working;

pub use index::{COLUMNS, IndexPage, OfPartnerPage, OrderTable, Typed};
pub use lines::returned;
pub use show::{CommissionsPage, Credit, LinesPage, ShowPage};
