//! Ledgers on paper: *Print Referral Partner Ledgers*. A print shows a run, so the same run gives the
//! same pages whatever was recorded since. What a ledger says is read by `read`, laid out by `layout`
//! (and `table`) without knowing of PDF, and written as a stream by `print`. Each bears a seal that
//! `partnerbook verify --statement` holds against the book.

pub mod check;
mod closing;
mod desk;
pub mod handlers;
pub mod job;
mod layout;
mod picture;
mod print;
mod queries;
mod read;
mod seal;
mod table;

pub use print::{Letterhead, letterhead, print, printed};
pub use queries::{Addressee, addressees};
pub use read::{Statement, read};
pub use seal::Seal;

use crate::domain::ids::RunId;
use crate::domain::money::Money;
use crate::domain::payment::PayType;
use crate::domain::period::Period;
use chrono::{DateTime, NaiveDate, Utc};

/// The run that a print shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Printed {
    pub run: RunId,
    pub period: Period,
    /// When the run was made: the moment that the print shows.
    pub made_at: DateTime<Utc>,
}

/// A payment for what a ledger shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    pub id: i64,
    pub amount: Money,
    pub pay_type: PayType,
    pub paid_on: NaiveDate,
    /// The Batch Id; empty for a single payment.
    pub batch_id: String,
    pub reference: String,
    pub note: String,
}
