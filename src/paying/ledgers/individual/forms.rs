//! The forms of an individual ledger: its dates, *Create Payment*, and the adjustment.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::domain::ids::AccountId;
use crate::domain::money::Money;
use crate::domain::payment::PayType;
use crate::domain::typed::Trimmed;
use crate::paying::payments::single::{NewSingle, Proposal};
use crate::web::forms::{FormData, Problems};
use crate::web::html::Format;

/// The most characters of a note or a reason.
const MOST_CHARACTERS: usize = 2000;

/// For a form without a usable key: it was put together by hand, or cut off.
const STALE: &str =
    "This form is incomplete or out of date. Nothing was recorded; this is a fresh one, so press again.";

/// *Create Payment* as it was typed.
#[derive(Debug, Clone)]
pub struct PaymentForm {
    pub amount: String,
    pub pay_type: String,
    pub paid_on: String,
    pub note: String,
    /// More than the balance is meant.
    pub advance: bool,
    /// Makes a second press of the same page harmless.
    pub key: String,
    /// The fingerprint of the proposal that the page shows, and its amount.
    pub shown: (String, String),
}

/// A payment that can be recorded.
#[derive(Debug, Clone)]
pub struct ParsedPayment {
    pub amount: Money,
    pub paid_on: NaiveDate,
    /// More than the balance is meant.
    pub advance: bool,
    pub key: Uuid,
    to: NaiveDate,
    shown: (String, Money),
    pay_type: PayType,
    note: String,
}

impl PaymentForm {
    /// A fresh form with what is proposed.
    pub fn proposing(proposal: &Proposal, today: NaiveDate, format: &Format) -> PaymentForm {
        let amount = format.plain(&proposal.amount);
        PaymentForm {
            amount: if proposal.amount.is_positive() { amount.clone() } else { String::new() },
            pay_type: PayType::Manual.word().into(),
            paid_on: today.to_string(),
            note: String::new(),
            advance: false,
            key: Uuid::new_v4().to_string(),
            shown: (proposal.digest(), amount),
        }
    }

    /// What was sent.
    pub fn read(form: &FormData) -> PaymentForm {
        PaymentForm {
            amount: form.get("amount").into(),
            pay_type: form.get("pay_type").into(),
            paid_on: form.get("paid_on").into(),
            note: form.get("note").into(),
            advance: form.has("advance"),
            key: form.get("key").into(),
            shown: (form.get("shown").into(), form.get("shown_amount").into()),
        }
    }

    /// The payment, or everything that is wrong with it.
    pub fn parse(&self, to: NaiveDate, format: &Format) -> Result<ParsedPayment, Problems> {
        let mut problems = Problems::none();
        let amount = problems.amount("amount", "Amount", &self.amount, format.currency);
        if amount.is_some_and(|amount| !amount.is_positive()) {
            problems.add("amount", "A payment is above zero. For a correction, record an adjustment below.");
        }
        let pay_type = PayType::from_word(&self.pay_type);
        if pay_type.is_none() {
            problems.add("pay_type", "Choose a pay type of the list.");
        }
        let paid_on = problems.day("paid_on", "Date", &self.paid_on);
        let note = problems.optional_lines("note", "Note", &self.note, MOST_CHARACTERS);
        let key = Uuid::parse_str(&self.key).ok();
        let shown = Money::parse(&self.shown.1, format.currency).ok();
        if key.is_none() || shown.is_none() {
            problems.add("amount", STALE);
        }
        match (amount, pay_type, paid_on, key, shown) {
            (Some(amount), Some(pay_type), Some(paid_on), Some(key), Some(shown)) => {
                let (shown, advance) = ((self.shown.0.clone(), shown), self.advance);
                problems.or(ParsedPayment { amount, paid_on, advance, key, to, shown, pay_type, note })
            }
            _ => Err(problems),
        }
    }

    /// What was sent, with a key and a proposal of now. An amount that was proposed and not typed is
    /// proposed anew.
    pub fn again(self, fresh: PaymentForm) -> PaymentForm {
        let proposed = self.amount.trimmed() == self.shown.1;
        let amount = if proposed { fresh.amount } else { self.amount };
        PaymentForm { amount, key: fresh.key, shown: fresh.shown, ..self }
    }
}

impl ParsedPayment {
    /// The payment of this account.
    pub fn of(&self, account: AccountId) -> NewSingle {
        NewSingle {
            account,
            to: self.to,
            amount: self.amount,
            shown: self.shown.clone(),
            pay_type: self.pay_type,
            paid_on: self.paid_on,
            note: self.note.clone(),
            form_key: self.key,
        }
    }

    /// Whether it settles nothing by itself: another amount than the proposed one.
    pub fn is_on_account(&self) -> bool {
        self.amount != self.shown.1
    }
}

/// The adjustment as it was typed.
#[derive(Debug, Clone)]
pub struct AdjustmentForm {
    pub amount: String,
    pub dated_on: String,
    pub reason: String,
    /// Makes a second press of the same page harmless.
    pub key: String,
}

/// An adjustment that can be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAdjustment {
    pub amount: Money,
    pub dated_on: NaiveDate,
    pub reason: String,
    pub key: Uuid,
}

impl AdjustmentForm {
    /// A fresh form.
    pub fn fresh(today: NaiveDate) -> AdjustmentForm {
        AdjustmentForm {
            amount: String::new(),
            dated_on: today.to_string(),
            reason: String::new(),
            key: Uuid::new_v4().to_string(),
        }
    }

    /// What was sent.
    pub fn read(form: &FormData) -> AdjustmentForm {
        AdjustmentForm {
            amount: form.get("adjustment").into(),
            dated_on: form.get("dated_on").into(),
            reason: form.get("reason").into(),
            key: form.get("key").into(),
        }
    }

    /// The adjustment, or everything that is wrong with it.
    pub fn parse(&self, format: &Format) -> Result<NewAdjustment, Problems> {
        let mut problems = Problems::none();
        let amount = problems.amount("adjustment", "Amount", &self.amount, format.currency);
        if amount.is_some_and(Money::is_zero) {
            problems.add("adjustment", "An adjustment of zero changes nothing. Nothing was recorded.");
        }
        let dated_on = problems.day("dated_on", "Date", &self.dated_on);
        let reason = problems.lines("reason", "Reason", &self.reason, MOST_CHARACTERS);
        let key = Uuid::parse_str(&self.key).ok();
        if key.is_none() {
            problems.add("adjustment", STALE);
        }
        match (amount, dated_on, key) {
            (Some(amount), Some(dated_on), Some(key)) => {
                problems.or(NewAdjustment { amount, dated_on, reason, key })
            }
            _ => Err(problems),
        }
    }

    /// What was sent, with a key of now.
    pub fn again(self) -> AdjustmentForm {
        AdjustmentForm { key: Uuid::new_v4().to_string(), ..self }
    }
}
