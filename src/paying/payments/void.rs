//! Voiding: a batch, one partner's part of it, or a single payment. What was settled is open again.

use super::queries;
use crate::book::{self, NewVoid};
use crate::domain::ids::{PaymentBatchId, PaymentId};
use crate::domain::money::Money;
use crate::error::AppError;
use crate::running::audit::{self, Who};
use chrono::NaiveDate;
use diesel::PgConnection;
use serde_json::json;

/// What is voided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All of a batch that still stands.
    Batch(PaymentBatchId),
    /// One payment: of a batch, or a single one.
    Payment(PaymentId),
}

/// What a void did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Voided {
    /// How many payments, settlements without payment included.
    pub payments: usize,
    pub total: Money,
}

/// Voids what still stands. Refused where nothing does, or where the void would be dated before a
/// payment.
pub fn void(
    conn: &mut PgConnection,
    which: Which,
    voided_on: NaiveDate,
    reason: &str,
    who: &Who,
) -> Result<Voided, AppError> {
    let payments = match which {
        Which::Batch(batch) => queries::payments_of_batch(conn, batch)?,
        Which::Payment(payment) => vec![payment],
    };
    let new = NewVoid { payments, voided_on, reason: reason.to_string(), made_by: who.user_id };
    let voided = book::void_payments(conn, &new)?;
    if voided.is_empty() {
        return Err(AppError::refused(
            "There is nothing to void: it was voided before, or it never paid anybody.",
        ));
    }
    let total: Money = voided.iter().map(|(_, amount)| *amount).sum();
    let details = json!({ "voided_on": voided_on, "payments": voided.len(), "total_minor": total.minor() });
    match which {
        Which::Batch(batch) => {
            audit::write(conn, who, "payment_batch.void", ("payment_batch", batch.0), details)?;
        }
        Which::Payment(payment) => audit::write(conn, who, "payment.void", ("payment", payment.0), details)?,
    }
    Ok(Voided { payments: voided.len(), total })
}
