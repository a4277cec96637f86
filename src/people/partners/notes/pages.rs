//! What the notes' page shows.

use super::NoteForm;
use super::queries::NoteRow;
use crate::people::partners::pages::Head;
use crate::web::admin::SignedIn;
use crate::web::forms::Problems;
use crate::web::layout::Layout;
use crate::web::list::Pager;
use crate::web::paths;
use askama::Template;

/// The notes, the latest first, and the form for another.
#[derive(Template)]
#[template(path = "partners/notes.html")]
pub struct NotesPage {
    layout: Layout,
    head: Head,
    notes: Vec<NoteRow>,
    pager: Pager,
    form: NoteForm,
    problems: Problems,
}

impl NotesPage {
    pub fn new(
        visitor: &SignedIn,
        head: Head,
        notes: Vec<NoteRow>,
        pager: Pager,
        form: NoteForm,
        problems: Problems,
    ) -> NotesPage {
        NotesPage { layout: head.layout(visitor), head, notes, pager, form, problems }
    }

    fn action(&self) -> String {
        paths::partner_tab(self.head.id, "notes")
    }
}
