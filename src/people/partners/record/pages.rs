//! What the forms of partners show.

use super::Record;
use super::forms::PartnerForm;
use super::queries::Use;
use crate::domain::ids::{PartnerId, ProgramId};
use crate::people::names::shown;
use crate::people::partners::queries::standing::Standing;
use crate::web::admin::Administrator;
use crate::web::conflict::Conflict;
use crate::web::forms::Problems;
use crate::web::html::counted;
use crate::web::layout::Layout;
use crate::web::paths;
use askama::Template;

/// The form: of a new partner, or of one that there is.
#[derive(Template)]
#[template(path = "partners/edit.html")]
pub struct EditPage {
    layout: Layout,
    id: Option<PartnerId>,
    form: PartnerForm,
    known: Known,
    problems: Problems,
    conflict: Conflict,
    is_active: bool,
}

/// What the form offers, and what follows if the partner is made inactive.
pub struct Known {
    pub programs: Vec<(ProgramId, String)>,
    pub tags: Vec<String>,
    pub standing: Option<Standing>,
    /// Whether mail is set up: without it nobody is told of anything.
    pub mails: bool,
}

/// Before a partner is deleted: what names it, or that nothing does.
#[derive(Template)]
#[template(path = "partners/delete.html")]
pub struct DeletePage {
    layout: Layout,
    id: PartnerId,
    name: String,
    uses: Vec<String>,
}

impl EditPage {
    pub fn new(
        admin: &Administrator,
        record: Option<&Record>,
        form: PartnerForm,
        known: Known,
        problems: Problems,
    ) -> EditPage {
        let layout = match record {
            None => admin
                .layout("Add a referral partner")
                .under("CRM", "")
                .under("Referral Partners", paths::PARTNERS),
            Some(record) => layout(admin, "Edit the partner", record),
        };
        EditPage {
            layout: layout.narrow(),
            id: record.map(|record| record.id),
            is_active: record.is_none_or(|record| record.facts.status == super::PartnerStatus::Active),
            form,
            known,
            problems,
            conflict: Conflict::none(),
        }
    }

    /// Somebody has saved it since the form was opened: what was typed stays, and may be saved now.
    pub fn with_conflict(
        admin: &Administrator,
        record: &Record,
        mut form: PartnerForm,
        known: Known,
    ) -> EditPage {
        let name = |id: &str| {
            let program = known.programs.iter().find(|(program, _)| program.to_string() == id);
            program.map_or(id.to_string(), |(_, name)| name.clone())
        };
        let conflict = Conflict::of(form.beside(record, name));
        form.version = record.version.to_string();
        form.contact_version = record.person.version.to_string();
        EditPage { conflict, ..EditPage::new(admin, Some(record), form, known, Problems::none()) }
    }

    fn email_help(&self) -> &'static str {
        match self.id {
            None => "A contact with this e-mail becomes the partner.",
            Some(_) => "Purchases under it are the partner’s own.",
        }
    }

    fn deletion(&self) -> Option<String> {
        self.id.map(paths::partner_deletion)
    }

    fn action(&self) -> String {
        self.id.map_or(paths::PARTNERS.to_string(), paths::partner)
    }

    fn statuses(&self) -> [(&'static str, &'static str); 2] {
        [("active", "Active"), ("inactive", "Inactive")]
    }
}

impl DeletePage {
    pub fn new(admin: &Administrator, record: &Record, uses: Vec<Use>) -> DeletePage {
        DeletePage {
            layout: layout(admin, "Delete the partner", record).narrow(),
            id: record.id,
            name: shown(&record.person.facts.name, &record.facts.code),
            uses: uses.into_iter().map(|using| counted(using.count, using.one, using.many)).collect(),
        }
    }
}

fn layout(admin: &Administrator, title: &str, record: &Record) -> Layout {
    let name = shown(&record.person.facts.name, &record.facts.code);
    let layout = admin.layout(title).under("CRM", "").under("Referral Partners", paths::PARTNERS);
    layout.under(name, paths::partner(record.id))
}
