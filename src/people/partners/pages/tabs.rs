//! The long lists of a partner's page.

use super::super::queries::tabs::{ChangeRow, Names, PaymentRow, ReferralRow};
use super::Head;
use super::changes::Change;
use crate::domain::money::Money;
use crate::people::contacts::pages::kind;
use crate::people::names::Person;
use crate::web::admin::Viewer;
use crate::web::layout::Layout;
use crate::web::list::Pager;
use crate::web::paths;
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};

/// Whom it referred.
#[derive(Template)]
#[template(path = "partners/referrals.html")]
pub struct ReferralsPage {
    layout: Layout,
    head: Head,
    referrals: Vec<Referral>,
    pager: Pager,
}

/// What it was paid.
#[derive(Template)]
#[template(path = "partners/payments.html")]
pub struct PaymentsPage {
    layout: Layout,
    head: Head,
    payments: Vec<Payment>,
    pager: Pager,
}

/// What was changed about it.
#[derive(Template)]
#[template(path = "partners/history.html")]
pub struct HistoryPage {
    layout: Layout,
    head: Head,
    changes: Vec<Change>,
    pager: Pager,
}

/// The tie of a contact to the partner.
pub struct Referral {
    pub contact: Person,
    pub kind: &'static str,
    pub at: DateTime<Utc>,
    /// How it stands now: word and tone.
    pub state: (&'static str, &'static str),
    pub expires_at: Option<DateTime<Utc>>,
}

/// One payment.
pub struct Payment {
    pub path: String,
    pub date: NaiveDate,
    pub pay_type: &'static str,
    /// Its batch: id and address.
    pub batch: Option<(String, String)>,
    pub note: String,
    pub badge: &'static str,
    pub voided_on: Option<NaiveDate>,
    pub amount: Money,
}

impl ReferralsPage {
    pub fn new(
        viewer: &Viewer,
        head: Head,
        rows: Vec<ReferralRow>,
        pager: Pager,
        now: DateTime<Utc>,
    ) -> ReferralsPage {
        let referrals = rows.into_iter().map(|row| Referral::new(row, now)).collect();
        ReferralsPage { layout: head.layout(viewer), head, referrals, pager }
    }
}

impl PaymentsPage {
    pub fn new(viewer: &Viewer, head: Head, rows: Vec<PaymentRow>, pager: Pager) -> PaymentsPage {
        let payments = rows.into_iter().map(Payment::from).collect();
        PaymentsPage { layout: head.layout(viewer), head, payments, pager }
    }
}

impl HistoryPage {
    pub fn new(
        viewer: &Viewer,
        head: Head,
        rows: Vec<ChangeRow>,
        names: &Names,
        pager: Pager,
    ) -> HistoryPage {
        let changes = rows.into_iter().map(|row| Change::new(row, names)).collect();
        HistoryPage { layout: head.layout(viewer), head, changes, pager }
    }
}

impl Referral {
    fn new(row: ReferralRow, now: DateTime<Utc>) -> Referral {
        let expired = row.expires_at.is_some_and(|end| end < now);
        Referral {
            contact: Person::contact(row.contact_id, &row.contact_name, &row.contact_otherwise),
            kind: kind(&row.kind),
            at: row.referred_at,
            state: if expired { ("Expired", "") } else { ("Counts", "ok") },
            expires_at: row.expires_at,
        }
    }
}

impl From<PaymentRow> for Payment {
    fn from(row: PaymentRow) -> Payment {
        let notes = [row.reference.as_str(), row.note.as_str()];
        Payment {
            path: paths::payment(row.id),
            date: row.paid_on,
            pay_type: row.pay_type.label(),
            batch: row.batch.map(|batch| (row.batch_id.clone(), paths::payment_batch(batch))),
            note: notes.into_iter().filter(|note| !note.is_empty()).collect::<Vec<_>>().join(" · "),
            badge: match (row.on_account, row.amount_minor.is_zero()) {
                (true, _) => "On account",
                (_, true) => "Settled without a payment",
                _ => "",
            },
            voided_on: row.voided_on,
            amount: row.amount_minor,
        }
    }
}
