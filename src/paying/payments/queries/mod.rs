//! The SQL of payments: what recording asks and writes, and what the pages show.

mod batches;
mod preview;
mod search;
mod writes;

pub use batches::{
    BatchLine, Later, PaymentLine, SettledEntry, SkipLine, batch, batch_payments, payment, settled_entries,
    skips,
};
pub use preview::{PartnerLine, RunLine, partner_lines, repeat_run, run, runs_of};
pub use search::{
    Found, FoundBatch, FoundPayment, Search, batches as search_batches, payments as search_payments,
};
pub use writes::{
    batch_id_is_taken, batch_ids_like, batch_of_key, insert_batch, insert_skips, open_now, payment_of_key,
    payments_of_batch,
};
