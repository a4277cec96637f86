//! What the pages of payments show.

use super::forms::{SearchForm, VoidForm};
use super::queries::{
    BatchLine, Found, FoundBatch, FoundPayment, Later, PaymentLine, SettledEntry, SkipLine,
};
use crate::domain::money::Money;
use crate::domain::payment::{Outcome, PayType};
use crate::web::admin::SignedIn;
use crate::web::forms::Problems;
use crate::web::html::counted;
use crate::web::layout::Layout;
use crate::web::list::{Address, Pager};
use crate::web::paths;
use askama::Template;

/// A batch.
#[derive(Template)]
#[template(path = "payments/batch.html")]
pub struct BatchPage {
    layout: Layout,
    batch: BatchLine,
    later: Later,
    payments: Vec<(PaymentLine, Vec<SettledEntry>)>,
    skips: Vec<SkipLine>,
    pager: Pager,
    may_void: bool,
}

impl BatchPage {
    pub fn new(
        visitor: &SignedIn,
        may_void: bool,
        batch: BatchLine,
        later: Later,
        payments: Vec<(PaymentLine, Vec<SettledEntry>)>,
        skips: Vec<SkipLine>,
        pager: Pager,
    ) -> BatchPage {
        let layout = under_search(visitor, batch.batch_id.clone());
        BatchPage { layout, batch, later, payments, skips, pager, may_void }
    }

    /// `Stands`, `Voided`, or how much of it is voided; with the badge's tone.
    fn state(&self) -> (String, &'static str) {
        let parts = self.batch.paid + self.batch.settled_without;
        if parts > 0 && self.batch.standing == 0 {
            ("Voided".into(), "bad")
        } else if self.batch.standing < parts {
            (format!("{} voided", counted(parts - self.batch.standing, "payment", "payments")), "warn")
        } else {
            ("Stands".into(), "ok")
        }
    }

    fn as_of(&self) -> &'static str {
        match self.batch.as_of_kind.as_str() {
            "export" => "As exported",
            "print" => "As printed",
            _ => "As of",
        }
    }
}

/// A payment, and which entries it settled.
#[derive(Template)]
#[template(path = "payments/payment.html")]
pub struct PaymentPage {
    layout: Layout,
    payment: PaymentLine,
    entries: Vec<SettledEntry>,
    pager: Pager,
    may_void: bool,
}

impl PaymentPage {
    pub fn new(
        visitor: &SignedIn,
        may_void: bool,
        payment: PaymentLine,
        entries: Vec<SettledEntry>,
        pager: Pager,
    ) -> PaymentPage {
        let layout = under_search(visitor, payment_title(&payment, visitor));
        PaymentPage { layout, payment, entries, pager, may_void }
    }
}

/// Before something is voided: what it will do, and why.
#[derive(Template)]
#[template(path = "payments/void.html")]
pub struct VoidPage {
    layout: Layout,
    /// What is voided, in words: `12 payments of Batch-20261103`.
    what: String,
    amount: Money,
    payments: i64,
    entries: i64,
    form: VoidForm,
    problems: Problems,
    action: String,
    back: String,
}

impl VoidPage {
    pub fn of_batch(visitor: &SignedIn, batch: BatchLine, form: VoidForm, problems: Problems) -> VoidPage {
        let back = paths::payment_batch(batch.id);
        let layout =
            under_search(visitor, format!("Void {}", batch.batch_id)).under(&batch.batch_id, back.clone());
        VoidPage {
            layout: layout.narrow(),
            what: format!("all of {} that still stands", batch.batch_id),
            amount: batch.standing_minor,
            payments: batch.standing,
            entries: batch.standing_entries,
            form,
            problems,
            action: paths::void_batch(batch.id),
            back,
        }
    }

    pub fn of_payment(
        visitor: &SignedIn,
        payment: PaymentLine,
        form: VoidForm,
        problems: Problems,
    ) -> VoidPage {
        let back = paths::payment(payment.id);
        let title = payment_title(&payment, visitor);
        let layout = under_search(visitor, "Void a payment".into()).under(&title, back.clone());
        VoidPage {
            layout: layout.narrow(),
            what: title,
            amount: payment.amount_minor,
            payments: 1,
            entries: payment.entries,
            form,
            problems,
            action: paths::void_payment(payment.id),
            back,
        }
    }
}

/// Payment Search: batches or payments.
#[derive(Template)]
#[template(path = "payments/search.html")]
pub struct SearchPage {
    layout: Layout,
    form: SearchForm,
    problems: Problems,
    batches: Option<Found<FoundBatch>>,
    payments: Option<Found<FoundPayment>>,
    pager: Pager,
    /// The addresses of the two kinds of results.
    batches_address: Address,
    payments_address: Address,
}

impl SearchPage {
    #[allow(clippy::too_many_arguments, reason = "each is shown by the template")]
    pub fn new(
        visitor: &SignedIn,
        form: SearchForm,
        problems: Problems,
        batches: Option<Found<FoundBatch>>,
        payments: Option<Found<FoundPayment>>,
        pager: Pager,
        address: &Address,
    ) -> SearchPage {
        let layout = visitor
            .layout("Referral Partner Payment Search")
            .under("CRM", "")
            .under("Reports", paths::REPORTS);
        let address = address.without("page");
        SearchPage {
            layout: layout.wide(),
            form,
            problems,
            batches,
            payments,
            pager,
            batches_address: address.without("show"),
            payments_address: address.with("show", "payments"),
        }
    }
}

/// A reason for skipping, in words.
pub fn reason(outcome: Outcome, active: bool) -> String {
    let words = match outcome {
        Outcome::Negative => {
            "Negative: what was taken back is more than what was earned. The entries stay open and count later"
        }
        Outcome::AlreadySettled => "Settled before: nothing of these dates is open",
        Outcome::Nothing => "Nothing for these dates",
        Outcome::NotInRun => "Not in that export or print: it was made without this partner",
        Outcome::SettledWithoutPayment => "Comes to exactly zero: settled without a payment",
        Outcome::Paid => "Paid",
    };
    if active { format!("{words}.") } else { format!("{words}. The partner is inactive.") }
}

fn under_search(visitor: &SignedIn, title: String) -> Layout {
    let layout = visitor.layout(title).under("CRM", "").under("Reports", paths::REPORTS);
    layout.under("Referral Partner Payment Search", paths::PAYMENT_SEARCH)
}

fn payment_title(payment: &PaymentLine, visitor: &SignedIn) -> String {
    let format = visitor.company.format();
    if payment.amount_minor.is_zero() {
        format!("Settlement without payment, {}", payment.name)
    } else {
        format!("Payment of {} to {}", format.total(&payment.amount_minor), payment.name)
    }
}

/// The choices of pay types.
pub fn pay_types() -> Vec<(&'static str, &'static str)> {
    PayType::ALL.into_iter().map(|pay_type| (pay_type.word(), pay_type.label())).collect()
}
