//! What a batch pays: the three methods over open entries (spec 7).
//!
//! An entry is *open* while no payment that stands has settled it. A method says which open entries
//! it takes in; the payment is their sum. So nothing is ever paid twice, whatever the dates.

use super::ids::{AccountId, EntryId};
use super::ledger::{EntryKind, Figures};
use super::money::Money;
use super::period::Period;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// The three methods of *Create Referral Partner Payments*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    /// Commission earned for the date range.
    Commission,
    /// Beginning balance plus commission earned for date range.
    BeginningPlusCommission,
    /// Ending balance.
    EndingBalance,
}

/// How the money moved, outside the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayType {
    Manual,
    Check,
    #[serde(rename = "paypal")]
    PayPal,
    BankTransfer,
    Cash,
    Other,
}

/// An entry that no standing payment has settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenEntry {
    pub id: EntryId,
    /// Payments and voids here are on account: a settling payment is never open.
    pub kind: EntryKind,
    pub dated_on: NaiveDate,
    pub amount: Money,
}

/// One partner's account as a batch sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenAccount {
    pub account: AccountId,
    /// The report's figures, as the run showed them.
    pub figures: Figures,
    /// The sum of all entries now, those after the run too.
    pub balance: Money,
    /// Entries of the run that are open now.
    pub open: Vec<OpenEntry>,
    /// Whether the run has the partner at all: an export may have been of others.
    pub is_in_run: bool,
}

/// Which payments on account count for this batch.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnAccount {
    /// All that the method takes in.
    #[default]
    TakenIn,
    /// None of them.
    LeftOut,
    /// All but these.
    Without(Vec<EntryId>),
}

/// What happens to a partner in a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Gets a payment of `to_pay`.
    Paid,
    /// What it takes in sums to exactly zero: settled without a payment.
    SettledWithoutPayment,
    /// Skipped: the sum is below zero; the entries stay open.
    Negative,
    /// Skipped: nothing of these dates is open, it was settled before.
    AlreadySettled,
    /// Skipped: there is nothing for these dates.
    Nothing,
    /// Skipped: the export or print that is paid was made without it.
    NotInRun,
}

/// What a batch does for one partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentDue {
    pub account: AccountId,
    pub outcome: Outcome,
    /// The report's figure.
    pub by_method: Money,
    /// The difference, either sign.
    pub already_settled: Money,
    /// The sum of what is taken in.
    pub to_pay: Money,
    /// The partner's balance once this is recorded.
    pub balance_after: Money,
    /// The entries that are taken in.
    pub takes: Vec<OpenEntry>,
    /// On-account entries that the method would take in and that were left out by choice.
    pub left_out: Vec<OpenEntry>,
    /// Open earnings from before the range that the method leaves (the first method only).
    pub stays_open_before: Money,
}

impl PaymentMethod {
    pub const ALL: [PaymentMethod; 3] =
        [PaymentMethod::Commission, PaymentMethod::BeginningPlusCommission, PaymentMethod::EndingBalance];

    /// The word for it in URLs, files and the database.
    pub fn word(self) -> &'static str {
        match self {
            PaymentMethod::Commission => "commission",
            PaymentMethod::BeginningPlusCommission => "beginning_plus_commission",
            PaymentMethod::EndingBalance => "ending_balance",
        }
    }

    /// The method of that word.
    pub fn from_word(word: &str) -> Option<PaymentMethod> {
        PaymentMethod::ALL.into_iter().find(|method| method.word() == word)
    }

    /// The words of the screen.
    pub fn label(self) -> &'static str {
        match self {
            PaymentMethod::Commission => "Commission earned for the date range",
            PaymentMethod::BeginningPlusCommission => {
                "Beginning balance plus commission earned for date range"
            }
            PaymentMethod::EndingBalance => "Ending balance",
        }
    }

    /// The report's figure for this method.
    pub fn figure(self, figures: Figures) -> Money {
        match self {
            PaymentMethod::Commission => figures.commissions(),
            PaymentMethod::BeginningPlusCommission => figures.beginning + figures.commissions(),
            PaymentMethod::EndingBalance => figures.ending(),
        }
    }

    /// Whether the method takes in an open entry.
    pub fn takes_in(self, period: Period, entry: &OpenEntry) -> bool {
        match (self, entry.kind.is_earning()) {
            (PaymentMethod::Commission, true) => period.contains(entry.dated_on),
            (PaymentMethod::Commission, false) => entry.dated_on >= period.from(),
            (_, true) => entry.dated_on <= period.to(),
            (_, false) => true,
        }
    }
}

impl PayType {
    pub const ALL: [PayType; 6] = [
        PayType::Manual,
        PayType::Check,
        PayType::PayPal,
        PayType::BankTransfer,
        PayType::Cash,
        PayType::Other,
    ];

    /// The word for it in forms and the database.
    pub fn word(self) -> &'static str {
        match self {
            PayType::Manual => "manual",
            PayType::Check => "check",
            PayType::PayPal => "paypal",
            PayType::BankTransfer => "bank_transfer",
            PayType::Cash => "cash",
            PayType::Other => "other",
        }
    }

    /// The pay type of that word.
    pub fn from_word(word: &str) -> Option<PayType> {
        PayType::ALL.into_iter().find(|pay_type| pay_type.word() == word)
    }

    /// The words of the screen.
    pub fn label(self) -> &'static str {
        match self {
            PayType::Manual => "Manual",
            PayType::Check => "Check",
            PayType::PayPal => "PayPal",
            PayType::BankTransfer => "Bank transfer",
            PayType::Cash => "Cash",
            PayType::Other => "Other",
        }
    }
}

impl OnAccount {
    /// Whether an open entry is left out by choice.
    pub fn leaves_out(&self, entry: &OpenEntry) -> bool {
        !entry.kind.is_earning()
            && match self {
                OnAccount::TakenIn => false,
                OnAccount::LeftOut => true,
                OnAccount::Without(entries) => entries.contains(&entry.id),
            }
    }
}

impl Outcome {
    /// Whether the partner is skipped: nothing of its is settled.
    pub fn is_skipped(self) -> bool {
        matches!(self, Outcome::Negative | Outcome::AlreadySettled | Outcome::Nothing | Outcome::NotInRun)
    }

    /// The word for it in the database.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Paid => "paid",
            Outcome::SettledWithoutPayment => "settled_without_payment",
            Outcome::Negative => "negative",
            Outcome::AlreadySettled => "already_settled",
            Outcome::Nothing => "nothing",
            Outcome::NotInRun => "not_in_run",
        }
    }

    /// The outcome of that word.
    pub fn from_word(word: &str) -> Option<Outcome> {
        use Outcome::*;
        [Paid, SettledWithoutPayment, Negative, AlreadySettled, Nothing, NotInRun]
            .into_iter()
            .find(|o| o.word() == word)
    }
}

/// What a batch by this method does for each account.
pub fn payments_due(
    method: PaymentMethod,
    period: Period,
    on_account: &OnAccount,
    accounts: &[OpenAccount],
) -> Vec<PaymentDue> {
    accounts.iter().map(|account| payment_due(method, period, on_account, account)).collect()
}

fn payment_due(
    method: PaymentMethod,
    period: Period,
    on_account: &OnAccount,
    account: &OpenAccount,
) -> PaymentDue {
    let wanted = account.open.iter().copied().filter(|entry| method.takes_in(period, entry));
    let (left_out, takes): (Vec<OpenEntry>, Vec<OpenEntry>) =
        wanted.partition(|entry| on_account.leaves_out(entry));
    let by_method = method.figure(account.figures);
    let to_pay: Money = takes.iter().map(|entry| entry.amount).sum();
    let outcome = if to_pay.is_positive() {
        Outcome::Paid
    } else if to_pay.is_negative() {
        Outcome::Negative
    } else if !takes.is_empty() {
        Outcome::SettledWithoutPayment
    } else if !account.is_in_run {
        Outcome::NotInRun
    } else if by_method.is_zero() {
        Outcome::Nothing
    } else {
        Outcome::AlreadySettled
    };
    let paid = if outcome == Outcome::Paid { to_pay } else { Money::ZERO };
    PaymentDue {
        account: account.account,
        outcome,
        by_method,
        already_settled: by_method - to_pay,
        to_pay,
        balance_after: account.balance - paid,
        stays_open_before: stays_open_before(method, period, &account.open),
        takes,
        left_out,
    }
}

/// *Open from before this range: $X, not in this method.*
fn stays_open_before(method: PaymentMethod, period: Period, open: &[OpenEntry]) -> Money {
    open.iter()
        .filter(|entry| entry.dated_on < period.from() && !method.takes_in(period, entry))
        .map(|entry| entry.amount)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::super::ledger::{Movement, figures};
    use super::*;
    use proptest::prelude::*;

    fn day(number: i64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::TimeDelta::days(number)
    }

    fn period() -> Period {
        Period::new(day(10), day(20)).unwrap()
    }

    fn account(entries: &[(EntryKind, i64, i64)]) -> OpenAccount {
        let open: Vec<OpenEntry> = entries
            .iter()
            .enumerate()
            .map(|(id, (kind, on, amount))| OpenEntry {
                id: EntryId(id as i64),
                kind: *kind,
                dated_on: day(*on),
                amount: Money::from_minor(*amount),
            })
            .collect();
        let movements: Vec<Movement> = open
            .iter()
            .map(|entry| Movement { kind: entry.kind, dated_on: entry.dated_on, amount: entry.amount })
            .collect();
        OpenAccount {
            account: AccountId(1),
            figures: figures(&movements, period()),
            balance: open.iter().map(|entry| entry.amount).sum(),
            open,
            is_in_run: true,
        }
    }

    #[test]
    fn a_payment_on_account_reduces_what_is_paid() {
        use EntryKind::*;
        let account = account(&[(Commission, 12, 3000), (Payment, 25, -800)]);
        for method in PaymentMethod::ALL {
            let due = payment_due(method, period(), &OnAccount::TakenIn, &account);
            assert_eq!((due.to_pay.minor(), due.already_settled.minor()), (2200, 800), "{method:?}");
            assert_eq!(due.balance_after, Money::ZERO);
        }
        let due = payment_due(PaymentMethod::EndingBalance, period(), &OnAccount::LeftOut, &account);
        assert_eq!((due.to_pay.minor(), due.left_out.len()), (3000, 1));
        assert_eq!(due.balance_after.minor(), -800);
    }

    #[test]
    fn an_exact_zero_is_settled_without_a_payment_and_less_is_skipped() {
        use EntryKind::*;
        let zero = account(&[(Commission, 12, 500), (Clawback, 13, -500)]);
        let due = payment_due(PaymentMethod::Commission, period(), &OnAccount::TakenIn, &zero);
        assert_eq!((due.outcome, due.takes.len()), (Outcome::SettledWithoutPayment, 2));
        let below = account(&[(Clawback, 13, -500)]);
        let due = payment_due(PaymentMethod::Commission, period(), &OnAccount::TakenIn, &below);
        assert_eq!((due.outcome, due.balance_after.minor()), (Outcome::Negative, -500));
    }

    proptest! {
        #[test]
        fn with_nothing_settled_before_each_method_pays_its_column(
            entries in prop::collection::vec((0_usize..3, 0_i64..40, -1000_i64..1000), 0..40),
        ) {
            let entries: Vec<(EntryKind, i64, i64)> =
                entries.iter().map(|(kind, on, amount)| (EntryKind::ALL[*kind], *on, *amount)).collect();
            let account = account(&entries);
            for method in PaymentMethod::ALL {
                let due = payment_due(method, period(), &OnAccount::TakenIn, &account);
                prop_assert_eq!(due.to_pay, due.by_method);
                prop_assert_eq!(due.already_settled, Money::ZERO);
            }
        }

        #[test]
        fn what_is_paid_is_what_is_taken_in_and_nothing_is_taken_twice(
            entries in prop::collection::vec((0_usize..5, 0_i64..40, -1000_i64..1000), 0..40),
            method in 0_usize..3,
        ) {
            let entries: Vec<(EntryKind, i64, i64)> =
                entries.iter().map(|(kind, on, amount)| (EntryKind::ALL[*kind], *on, *amount)).collect();
            let mut account = account(&entries);
            let due = payment_due(PaymentMethod::ALL[method], period(), &OnAccount::TakenIn, &account);
            prop_assert_eq!(due.to_pay, due.takes.iter().map(|entry| entry.amount).sum::<Money>());
            account.open.retain(|entry| !due.takes.contains(entry));
            let again = payment_due(PaymentMethod::ALL[method], period(), &OnAccount::TakenIn, &account);
            prop_assert!(again.takes.is_empty());
        }
    }
}
