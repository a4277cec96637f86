//! What the forms of contacts show.

use super::forms::ContactForm;
use super::{Record, Use};
use crate::domain::ids::ContactId;
use crate::people::names::shown;
use crate::web::admin::Administrator;
use crate::web::conflict::Conflict;
use crate::web::forms::Problems;
use crate::web::html::counted;
use crate::web::layout::Layout;
use crate::web::paths;
use askama::Template;

/// The form: of a new contact, or of one that there is.
#[derive(Template)]
#[template(path = "contacts/edit.html")]
pub struct EditPage {
    layout: Layout,
    id: Option<ContactId>,
    form: ContactForm,
    problems: Problems,
    conflict: Conflict,
}

/// Before a contact is deleted: where it is used, or that nothing uses it.
#[derive(Template)]
#[template(path = "contacts/delete.html")]
pub struct DeletePage {
    layout: Layout,
    id: ContactId,
    name: String,
    uses: Vec<String>,
}

impl EditPage {
    pub fn new(
        admin: &Administrator,
        record: Option<Record>,
        form: ContactForm,
        problems: Problems,
    ) -> EditPage {
        let layout = match &record {
            None => admin.layout("Add a contact").under("CRM", "").under("Contacts", paths::CONTACTS),
            Some(record) => layout(admin, "Edit the contact", record),
        };
        let id = record.map(|record| record.id);
        EditPage { layout: layout.narrow(), id, form, problems, conflict: Conflict::none() }
    }

    /// Somebody has saved it since the form was opened: what was typed stays, and may be saved now.
    pub fn with_conflict(admin: &Administrator, record: Record, mut form: ContactForm) -> EditPage {
        let conflict = Conflict::of(form.beside(&record));
        form.version = record.version.to_string();
        EditPage { conflict, ..EditPage::new(admin, Some(record), form, Problems::none()) }
    }

    fn deletion(&self) -> Option<String> {
        self.id.map(paths::contact_deletion)
    }

    fn action(&self) -> String {
        self.id.map_or(paths::CONTACTS.to_string(), paths::contact)
    }
}

impl DeletePage {
    pub fn new(admin: &Administrator, record: Record, uses: Vec<Use>) -> DeletePage {
        DeletePage {
            layout: layout(admin, "Delete the contact", &record).narrow(),
            id: record.id,
            name: name(&record),
            uses: uses.into_iter().map(|using| counted(using.count, using.one, using.many)).collect(),
        }
    }
}

fn name(record: &Record) -> String {
    let number = format!("Contact {}", record.id);
    let facts = &record.facts;
    shown(&facts.name, facts.email.as_deref().or(facts.external_id.as_deref()).unwrap_or(&number))
}

fn layout(admin: &Administrator, title: &str, record: &Record) -> Layout {
    let layout = admin.layout(title).under("CRM", "").under("Contacts", paths::CONTACTS);
    layout.under(name(record), paths::contact(record.id))
}
