//! What the form of a referral shows.

use super::forms::ReferralForm;
use crate::domain::ids::ContactId;
use crate::people::contacts::record::Record;
use crate::people::names::shown;
use crate::web::admin::Administrator;
use crate::web::forms::Problems;
use crate::web::layout::Layout;
use crate::web::paths;
use askama::Template;

/// The form.
#[derive(Template)]
#[template(path = "referrals/new.html")]
pub struct NewPage {
    layout: Layout,
    contact: ContactId,
    name: String,
    form: ReferralForm,
    problems: Problems,
}

impl NewPage {
    pub fn new(admin: &Administrator, contact: &Record, form: ReferralForm, problems: Problems) -> NewPage {
        let number = format!("Contact {}", contact.id);
        let facts = &contact.facts;
        let otherwise = facts.email.as_deref().or(facts.external_id.as_deref()).unwrap_or(&number);
        let name = shown(&facts.name, otherwise);
        let layout = admin.layout("Add a referral").under("CRM", "").under("Contacts", paths::CONTACTS);
        let layout = layout.under(name.clone(), paths::contact(contact.id)).narrow();
        NewPage { layout, contact: contact.id, name, form, problems }
    }

    fn kinds(&self) -> [(&'static str, &'static str); 2] {
        [("manual", "As long as leads are tracked"), ("permanent", "For ever")]
    }
}
