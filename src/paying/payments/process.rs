//! **Process Action**: records exactly what the preview showed, once, or nothing (spec 7).

use super::queries;
use crate::book::{self, NewPayment};
use crate::domain::ids::{AccountId, PaymentBatchId, RunId};
use crate::domain::money::Money;
use crate::domain::payment::{
    OnAccount, OpenAccount, OpenEntry, Outcome, PayType, PaymentDue, PaymentMethod, payments_due,
};
use crate::domain::period::Period;
use crate::error::AppError;
use crate::running::audit::{self, Who};
use anyhow::Context;
use chrono::NaiveDate;
use diesel::PgConnection;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// What a batch is worked out from: the chosen partners' figures as a run showed them, and what of
/// it is open now.
#[derive(Debug, Clone)]
pub struct Basis {
    pub period: Period,
    pub accounts: Vec<OpenAccount>,
    /// What the run showed as open, and has been settled or voided since.
    pub lost: HashMap<AccountId, Vec<OpenEntry>>,
}

/// A batch as the form says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBatch {
    /// The preview whose partners are paid.
    pub chosen: RunId,
    /// The run whose entries are paid: the preview itself (*now*), or an export or print.
    pub as_of: RunId,
    pub period: Period,
    pub method: PaymentMethod,
    pub on_account: OnAccount,
    pub batch_id: String,
    pub pay_type: PayType,
    pub paid_on: NaiveDate,
    pub note: String,
    /// Made when the page was shown. The same key again is the same press.
    pub form_key: Uuid,
    /// What the page showed ([`digest`]); none for commands, which show nothing.
    pub shown: Option<String>,
}

/// What Process Action did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Processed {
    /// Recorded now, or by an earlier press with the same key.
    Recorded(PaymentBatchId),
    /// Nothing was recorded: another batch has this Batch Id.
    BatchIdTaken,
    /// Nothing was recorded: this is what changed since the page was shown.
    Changed(Vec<Change>),
}

/// What changed for one partner since it was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub account: AccountId,
    /// Entries that would be taken in and have been settled or voided meanwhile. Empty where only
    /// the amounts differ: a void has opened something.
    pub lost: Vec<OpenEntry>,
    /// What would be paid now.
    pub to_pay: Money,
}

/// Reads what a batch is worked out from. For processing, the accounts are locked before.
pub fn basis(
    conn: &mut PgConnection,
    chosen: RunId,
    as_of: RunId,
    period: Period,
) -> Result<Basis, AppError> {
    let accounts = book::run_accounts(conn, chosen)?;
    let mut open = book::open_entries(conn, as_of, &accounts)?;
    let figures = book::figures_as_of(conn, period, as_of, &accounts)?;
    let lost = book::lost_since(conn, as_of, &accounts)?;
    let shown: HashSet<AccountId> = book::run_accounts(conn, as_of)?.into_iter().collect();
    let accounts = figures
        .into_iter()
        .map(|row| OpenAccount {
            account: row.account,
            figures: row.figures,
            balance: row.balance,
            open: open.remove(&row.account).unwrap_or_default(),
            is_in_run: shown.contains(&row.account),
        })
        .collect();
    Ok(Basis { period, accounts, lost })
}

impl Basis {
    /// What each partner would get.
    pub fn due(&self, method: PaymentMethod, on_account: &OnAccount) -> Vec<PaymentDue> {
        payments_due(method, self.period, on_account, &self.accounts)
    }

    /// What the method would have taken in and is lost: nothing may be recorded then.
    pub fn changes(&self, method: PaymentMethod, on_account: &OnAccount, due: &[PaymentDue]) -> Vec<Change> {
        due.iter()
            .filter_map(|due| {
                let lost = self.lost.get(&due.account)?.iter().copied();
                let wanted =
                    |entry: &OpenEntry| method.takes_in(self.period, entry) && !on_account.leaves_out(entry);
                let lost: Vec<OpenEntry> = lost.filter(wanted).collect();
                (!lost.is_empty()).then_some(Change { account: due.account, lost, to_pay: due.to_pay })
            })
            .collect()
    }
}

/// A fingerprint of what a preview shows: who gets what, for which entries. The form carries it, so
/// that what is recorded is what was shown.
pub fn digest(due: &[PaymentDue]) -> String {
    let mut hash = Sha256::new();
    for due in due {
        for number in [due.account.0, due.by_method.minor(), due.to_pay.minor(), due.takes.len() as i64] {
            hash.update(number.to_be_bytes());
        }
        for entry in &due.takes {
            hash.update(entry.id.0.to_be_bytes());
        }
    }
    hex::encode(hash.finalize())
}

/// Records a batch. Locks the chosen accounts, so that of two at once the second sees what the first
/// has settled; the same key again gives the first result again.
pub fn process(conn: &mut PgConnection, new: &NewBatch, who: &Who) -> Result<Processed, AppError> {
    book::lock_form(conn, new.form_key)?;
    let accounts = book::run_accounts(conn, new.chosen)?;
    book::lock_accounts(conn, &accounts)?;
    if let Some((known, hash)) = queries::batch_of_key(conn, new.form_key)? {
        return if hash == new.content_hash() {
            Ok(Processed::Recorded(known))
        } else {
            Err(AppError::refused(
                "This form was sent before with other content, and was recorded then. Nothing more was recorded; \
                 open the page again to record another batch.",
            ))
        };
    }
    let basis = basis(conn, new.chosen, new.as_of, new.period)?;
    let due = basis.due(new.method, &new.on_account);
    let changes = basis.changes(new.method, &new.on_account, &due);
    if !changes.is_empty() {
        return Ok(Processed::Changed(changes));
    }
    if new.shown.as_ref().is_some_and(|shown| *shown != digest(&due)) {
        return Ok(Processed::Changed(Vec::new()));
    }
    if queries::batch_id_is_taken(conn, &new.batch_id)? {
        return Ok(Processed::BatchIdTaken);
    }
    let batch = queries::insert_batch(conn, new, who)?;
    record(conn, new, batch, &due, who)?;
    let paid: Vec<&PaymentDue> = due.iter().filter(|due| due.outcome == Outcome::Paid).collect();
    let total: Money = paid.iter().map(|due| due.to_pay).sum();
    let details = json!({
        "batch_id": new.batch_id, "method": new.method.word(), "run": new.as_of.0,
        "from": new.period.from(), "to": new.period.to(), "paid_on": new.paid_on,
        "paid": paid.len(), "total_minor": total.minor(),
    });
    audit::write(conn, who, "payment_batch.process", ("payment_batch", batch.0), details)?;
    Ok(Processed::Recorded(batch))
}

/// Writes the payments, what they settle, and who was skipped.
fn record(
    conn: &mut PgConnection,
    new: &NewBatch,
    batch: PaymentBatchId,
    due: &[PaymentDue],
    who: &Who,
) -> Result<(), AppError> {
    let (skipped, settling): (Vec<&PaymentDue>, Vec<&PaymentDue>) =
        due.iter().partition(|due| due.outcome.is_skipped());
    let payments: Vec<NewPayment> = settling
        .into_iter()
        .map(|due| NewPayment {
            account: due.account,
            amount: due.to_pay,
            on_account: false,
            takes: due.takes.iter().map(|entry| entry.id).collect(),
            figures: Some((due.by_method, due.already_settled)),
            pay_type: new.pay_type,
            paid_on: new.paid_on,
            note: new.note.clone(),
            reference: String::new(),
            form_key: None,
        })
        .collect();
    book::record_payments(conn, Some(batch), &payments, who.user_id)?;
    queries::insert_skips(conn, batch, &skipped)
}

impl NewBatch {
    /// SHA-256 of what the form says: the same key must come with the same content.
    pub fn content_hash(&self) -> Vec<u8> {
        let on_account = serde_json::to_string(&self.on_account).unwrap_or_default();
        let parts = [
            self.chosen.to_string(),
            self.as_of.to_string(),
            format!("{}..{}", self.period.from(), self.period.to()),
            self.method.word().into(),
            on_account,
            self.batch_id.clone(),
            self.pay_type.word().into(),
            self.paid_on.to_string(),
            self.note.clone(),
        ];
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().to_vec()
    }
}

/// The Batch Id that is proposed: `Batch-YYYYMMDD` of today's business date, then `-2`, `-3`…
pub fn proposed_batch_id(conn: &mut PgConnection, today: NaiveDate) -> Result<String, AppError> {
    let plain = format!("Batch-{}", today.format("%Y%m%d"));
    let taken = queries::batch_ids_like(conn, &plain)?;
    let free = |id: &String| !taken.contains(&id.to_lowercase());
    let numbered = (2..).map(|number| format!("{plain}-{number}"));
    let id = [plain.clone()].into_iter().chain(numbered).find(free);
    Ok(id.context("no batch id is left")?)
}
