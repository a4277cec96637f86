//! The SQL of payments: what Process Action writes and looks up, and what the pages show.

mod writes;

pub use writes::{
    batch_ids_like, batch_of_key, insert_batch, insert_skips, open_now, payment_of_key, payments_of_batch,
};
