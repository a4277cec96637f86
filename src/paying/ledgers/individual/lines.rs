//! One entry as the page and the file show it.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::super::queries::{Detail, Entry, Paid, Sale, State, Words};
use super::rate::rate;
use crate::domain::ids::EntryId;
use crate::domain::ledger::EntryKind;
use crate::domain::money::{Currency, Money};
use crate::web::html::Format;
use crate::web::paths;

/// One entry, with the balance after it.
pub struct Line {
    pub entry: Entry,
    pub balance: Money,
    /// How it was worked out; empty where it is no sale's.
    pub rate: String,
    detail: Detail,
}

/// Entries as lines, from the balance before the first of them.
pub fn lines(
    entries: Vec<Entry>,
    mut details: HashMap<EntryId, Detail>,
    before: Money,
    currency: Currency,
) -> Vec<Line> {
    let mut balance = before;
    let line = |entry: Entry| {
        balance += entry.amount;
        let detail = details.remove(&entry.id).unwrap_or_default();
        let rate = detail.sale.as_ref().map(|sale| rate(sale, entry.amount, currency)).unwrap_or_default();
        Line { entry, balance, rate, detail }
    };
    entries.into_iter().map(line).collect()
}

impl Line {
    /// The sale behind it.
    pub fn sale(&self) -> Option<&Sale> {
        self.detail.sale.as_ref()
    }

    /// Of a payment, or of the one that a void takes back.
    pub fn payment(&self) -> Option<&Paid> {
        self.detail.payment.as_ref()
    }

    /// What an adjustment or an entry from another system says of itself.
    pub fn words(&self) -> Option<&Words> {
        self.detail.words.as_ref()
    }

    /// Its kind, as the page names it.
    pub fn kind(&self) -> &'static str {
        match self.entry.kind {
            EntryKind::Commission => "Commission",
            EntryKind::Clawback => "Clawback",
            EntryKind::Adjustment if self.words().is_some_and(|words| words.opening) => "Opening balance",
            EntryKind::Adjustment => "Adjustment",
            EntryKind::Payment if self.entry.on_account => "Payment on account",
            EntryKind::Payment => "Payment",
            EntryKind::Void => "Void",
        }
    }

    /// The badge's tone. Commissions of sales have no badge: they are the rule.
    pub fn tone(&self) -> &'static str {
        match self.entry.kind {
            EntryKind::Commission => "",
            EntryKind::Clawback => "bad",
            EntryKind::Adjustment => "info",
            EntryKind::Payment => "ok",
            EntryKind::Void => "warn",
        }
    }

    /// Whether its kind is shown by a badge.
    pub fn has_badge(&self) -> bool {
        self.entry.kind != EntryKind::Commission || self.sale().is_none()
    }

    /// What was sold.
    pub fn item(&self) -> &str {
        self.sale().map_or("", |sale| sale.item.as_deref().unwrap_or(&sale.program))
    }

    /// The payment that a void takes back, in words; empty for everything else.
    pub fn voids(&self, format: &Format) -> String {
        match (self.entry.kind, self.payment()) {
            (EntryKind::Void, Some(payment)) => {
                format!("of the payment of {} ({})", format.day(&payment.paid_on), payment.pay_type.label())
            }
            _ => String::new(),
        }
    }

    /// Why, or what for, as somebody wrote it.
    pub fn note(&self) -> &str {
        match (self.entry.kind, self.payment(), self.words()) {
            (EntryKind::Void, Some(payment), _) => payment.void_reason.as_deref().unwrap_or(""),
            (_, Some(payment), _) => &payment.note,
            (_, _, Some(words)) => &words.reason,
            _ => "",
        }
    }

    /// Its number elsewhere.
    pub fn reference(&self) -> &str {
        let of_payment = self.payment().map(|payment| payment.reference.as_str());
        of_payment.or(self.words().map(|words| words.reference.as_str())).unwrap_or("")
    }

    /// Who recorded it by hand; none where a machine or a command did.
    pub fn made_by(&self) -> Option<&str> {
        let of_payment = self.payment().and_then(|payment| payment.made_by.as_deref());
        of_payment.or(self.words().and_then(|words| words.made_by.as_deref()))
    }

    /// When the payment was voided, if it was.
    pub fn voided_on(&self) -> Option<NaiveDate> {
        let payment = self.payment().filter(|_| self.entry.kind == EntryKind::Payment);
        payment.and_then(|payment| payment.voided_on)
    }

    /// Whether it came from another system.
    pub fn is_imported(&self) -> bool {
        self.words().is_some_and(|words| words.imported)
    }

    /// Whether no payment has settled it. Payments that settle are never open.
    pub fn is_open(&self) -> bool {
        self.detail.state.as_ref().is_some_and(|state| state.open)
    }

    /// What has settled it: `by` for a batch and `on` for a single payment, the address, and the
    /// Batch Id or the day.
    pub fn settled(&self, format: &Format) -> Option<(&'static str, String, String)> {
        let state: &State = self.detail.state.as_ref()?;
        if let Some((batch, batch_id)) = state.batch() {
            return Some(("by", paths::payment_batch(batch), batch_id.to_string()));
        }
        let (payment, paid_on) = state.settled_by.zip(state.paid_on)?;
        Some(("on", paths::payment(payment), format.day(&paid_on)))
    }
}
