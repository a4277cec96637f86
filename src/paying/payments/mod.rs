//! *Create Referral Partner Payments*: what a batch would pay (`preview`), recording it
//! (`process`), a single payment on a ledger (`single`), and taking back (`void`). The rule of what
//! is paid stands in `domain::payment`; the ledger is written by `book` alone.

pub mod forms;
pub mod handlers;
pub mod pages;
pub mod preview_page;
pub mod process;
pub mod queries;
pub mod single;
pub mod void;

pub use process::{Basis, Change, NewBatch, Processed, basis, digest, process};
pub use void::{Which, void};
