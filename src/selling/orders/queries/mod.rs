//! All the SQL of orders: reading them back as the rules see them, and writing many at once.

mod load;
mod write;

pub use load::{StoredOrder, commissionable, known_numbers, load, lock_orders, own_partners};
pub use write::{DraftCredit, DraftEntry, DraftEvent, DraftOrder, DraftRow, Key, LineKey, Writes, write};
