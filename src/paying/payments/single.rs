//! *Create Payment* on one partner's ledger: proposes what is open up to the last day shown. Recorded
//! unchanged it settles those entries; any other amount is *on account* and settles nothing by itself.

use super::queries;
use crate::book::{self, NewPayment};
use crate::domain::ids::{AccountId, PaymentId};
use crate::domain::money::Money;
use crate::domain::payment::{OpenEntry, PayType, PaymentMethod};
use crate::domain::period::Period;
use crate::error::AppError;
use crate::running::audit::{self, Who};
use anyhow::Context;
use chrono::NaiveDate;
use diesel::PgConnection;
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What is proposed for a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The sum of what it would settle; zero or below: nothing is to be paid.
    pub amount: Money,
    pub takes: Vec<OpenEntry>,
}

/// A single payment as the form says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSingle {
    pub account: AccountId,
    /// The last day of the shown range.
    pub to: NaiveDate,
    /// What was typed; above zero.
    pub amount: Money,
    /// The fingerprint of the proposal that the page showed ([`Proposal::digest`]), and its amount.
    pub shown: (String, Money),
    pub pay_type: PayType,
    pub paid_on: NaiveDate,
    pub note: String,
    /// Made when the page was shown. The same key again is the same press.
    pub form_key: Uuid,
}

impl Proposal {
    /// A fingerprint of what would be settled.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for entry in &self.takes {
            hash.update(entry.id.0.to_be_bytes());
        }
        hex::encode(hash.finalize())
    }
}

/// What *Ending balance* of a range ending that day would pay the partner now.
pub fn propose(conn: &mut PgConnection, account: AccountId, to: NaiveDate) -> Result<Proposal, AppError> {
    let period = Period::new(to, to).context("a day is a range")?;
    let mut open = queries::open_now(conn, account, to)?;
    open.retain(|entry| PaymentMethod::EndingBalance.takes_in(period, entry));
    Ok(Proposal { amount: open.iter().map(|entry| entry.amount).sum(), takes: open })
}

/// Records a single payment. The same form key again records nothing and gives the first one's id.
pub fn record_single(conn: &mut PgConnection, new: &NewSingle, who: &Who) -> Result<PaymentId, AppError> {
    book::lock_form(conn, new.form_key)?;
    book::lock_accounts(conn, &[new.account])?;
    if let Some(known) = queries::payment_of_key(conn, new.form_key)? {
        return if known.is_of(new) {
            Ok(known.id)
        } else {
            Err(AppError::refused(
                "This form was sent before with other content, and was recorded then. Nothing more was recorded.",
            ))
        };
    }
    if !new.amount.is_positive() {
        return Err(AppError::refused(
            "There is nothing to pay: a payment is of more than zero. Nothing was recorded.",
        ));
    }
    let proposal = propose(conn, new.account, new.to)?;
    let (shown, proposed) = &new.shown;
    let unchanged = new.amount == *proposed;
    // What it settles must be what it pays, whatever the form says was proposed.
    if unchanged && (*shown != proposal.digest() || new.amount != proposal.amount) {
        return Err(AppError::refused(
            "The ledger has changed since this page was shown, so the proposed amount is another one now. \
             Nothing was recorded; look at the ledger again.",
        ));
    }
    let payment = NewPayment {
        account: new.account,
        amount: new.amount,
        on_account: !unchanged,
        takes: if unchanged { proposal.takes.iter().map(|entry| entry.id).collect() } else { Vec::new() },
        figures: None,
        pay_type: new.pay_type,
        paid_on: new.paid_on,
        note: new.note.clone(),
        reference: String::new(),
        form_key: Some(new.form_key),
    };
    let recorded = book::record_payments(conn, None, &[payment], who.user_id)?;
    let payment = recorded.into_iter().next().context("no payment was recorded")?;
    let details = json!({
        "amount_minor": new.amount.minor(), "paid_on": new.paid_on, "pay_type": new.pay_type.word(),
        "on_account": !unchanged,
    });
    audit::write(conn, who, "payment.record", ("payment", payment.0), details)?;
    Ok(payment)
}
