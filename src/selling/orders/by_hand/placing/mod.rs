//! *New order*: an order typed in by hand. Customer, products and partners are found while typing, or
//! made; before it is recorded the page shows who would be credited, why, and each commission.

mod forms;
pub mod handlers;
mod pages;
mod place;
