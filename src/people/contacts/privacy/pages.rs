//! What the page about a person's own data shows.

use super::queries::{FileRow, Kept, Owner};
use crate::domain::ids::ContactId;
use crate::domain::money::Money;
use crate::people::contacts::record::Record;
use crate::people::names::{Person, shown};
use crate::web::admin::Administrator;
use crate::web::forms::{FormData, Problems};
use crate::web::html::counted;
use crate::web::layout::Layout;
use crate::web::paths;
use askama::Template;
use chrono::{DateTime, Utc};

/// The most characters that a reason may have.
const MOST: usize = 500;

/// Export and erasure of a contact.
#[derive(Template)]
#[template(path = "contacts/privacy.html")]
pub struct PrivacyPage {
    layout: Layout,
    id: ContactId,
    name: String,
    erased_at: Option<DateTime<Utc>>,
    kept: Kept,
    partner: Option<Partner>,
    files: Vec<FileRow>,
    form: EraseForm,
    problems: Problems,
}

struct Partner {
    person: Person,
    ledger: String,
    balance: Money,
    open: i64,
}

/// What was typed to erase somebody.
#[derive(Debug, Clone, Default)]
pub struct EraseForm {
    pub reason: String,
    pub sure: bool,
}

impl EraseForm {
    /// Reads the fields.
    pub fn read(form: &FormData) -> EraseForm {
        EraseForm { reason: form.get("reason").into(), sure: form.get("sure") == "yes" }
    }

    /// The reason, or everything that is missing.
    pub fn parse(&self) -> Result<String, Problems> {
        let mut problems = Problems::none();
        let reason = problems.lines("reason", "The reason", &self.reason, MOST);
        if !self.sure {
            problems.add("sure", "Tick that you mean it: this cannot be taken back.");
        }
        problems.or(reason)
    }
}

impl PrivacyPage {
    pub fn new(
        admin: &Administrator,
        person: &Record,
        kept: Kept,
        owner: Option<((Money, i64), Owner)>,
        files: Vec<FileRow>,
        form: EraseForm,
        problems: Problems,
    ) -> PrivacyPage {
        let number = format!("Contact {}", person.id);
        let otherwise = person.facts.email.as_deref().or(person.facts.external_id.as_deref());
        let name = shown(&person.facts.name, otherwise.unwrap_or(&number));
        let layout = admin.layout("Privacy").under("CRM", "").under("Contacts", paths::CONTACTS);
        PrivacyPage {
            layout: layout.under(name.clone(), paths::contact(person.id)).narrow(),
            id: person.id,
            name: name.clone(),
            erased_at: person.erased_at,
            kept,
            partner: owner.map(|((balance, open), owner)| Partner {
                person: Person::partner(owner.id, &name, &owner.code),
                ledger: paths::partner_ledger_form(owner.id),
                balance,
                open,
            }),
            files,
            form,
            problems,
        }
    }

    fn may_be_erased(&self) -> bool {
        self.erased_at.is_none() && self.partner.as_ref().is_none_or(|p| p.balance.is_zero() && p.open == 0)
    }

    /// What is kept beside the record itself, in words.
    fn counts(&self) -> Vec<String> {
        let Kept { orders, clicks, visitors, referrals, submissions, mails, notes, .. } = self.kept;
        let all = [
            (orders, "order", "orders"),
            (referrals, "referral", "referrals"),
            (visitors, "browser", "browsers"),
            (clicks, "click", "clicks"),
            (submissions, "form that it sent", "forms that it sent"),
            (mails, "mail about it", "mails about it"),
            (notes, "note", "notes"),
        ];
        all.into_iter().filter(|(count, ..)| *count > 0).map(|(n, one, many)| counted(n, one, many)).collect()
    }
}
