//! All the SQL of orders: reading them back as the rules see them, and writing many at once.

mod addresses;
pub mod by_hand;
mod by_number;
pub mod crediting;
pub mod list;
mod load;
mod pages;
mod rules;
pub mod what_if;
mod write;

pub use addresses::erase_addresses;
pub use by_number::{Numbered, by_number, lock_number};
pub use load::{StoredOrder, commissionable, known_numbers, load, lock_orders};
pub use pages::{CreditFile, EventRow, LineRow, OrderFile, RowRow, order_file};
pub use rules::ProgramThen;
pub use write::{DraftCredit, DraftEntry, DraftEvent, DraftOrder, DraftRow, Key, LineKey, Writes, write};
