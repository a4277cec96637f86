//! What the pages of web forms show to those who keep them.

use super::Record;
use super::fields::{Input, InputKind, QUESTIONS, QuestionKind, Standard};
use super::forms::{ASK, QuestionForm, WebFormForm};
use super::queries::FormRow;
use super::submissions::queries::{SubmissionRow, Totals};
use super::submissions::{Answer, TRAP, VISITOR};
use crate::domain::ids::{SubmissionId, WebFormId};
use crate::error::AppError;
use crate::people::names::Person;
use crate::web::admin::{Administrator, Viewer};
use crate::web::conflict::Conflict;
use crate::web::forms::Problems;
use crate::web::html::counted;
use crate::web::layout::Layout;
use crate::web::list::Pager;
use crate::web::{App, paths};
use askama::Template;
use chrono::{DateTime, Utc};

/// The list.
#[derive(Template)]
#[template(path = "web_forms/index.html")]
pub struct IndexPage {
    layout: Layout,
    may_change: bool,
    words: String,
    problems: Problems,
    web_forms: Vec<FormRow>,
    pager: Pager,
}

/// The form: of a new web form, or of one that there is.
#[derive(Template)]
#[template(path = "web_forms/edit.html")]
pub struct EditPage {
    layout: Layout,
    id: Option<WebFormId>,
    /// Whether mail is set up.
    mails: bool,
    form: WebFormForm,
    problems: Problems,
    conflict: Conflict,
}

/// A form, what was sent by it, and how people get to it.
#[derive(Template)]
#[template(path = "web_forms/show.html")]
pub struct ShowPage {
    layout: Layout,
    may_change: bool,
    /// Whether mail is set up.
    mails: bool,
    id: WebFormId,
    record: Record,
    /// Where people outside find it.
    address: String,
    /// What is pasted into another page; empty where it is taken from none.
    snippet: String,
    asks: Vec<Input>,
    sales_rep: Option<Person>,
    totals: Totals,
    submissions: Vec<Sent>,
    spam: Vec<Sent>,
    pager: Pager,
}

/// Everything that was read for a form's page.
pub struct Shown {
    pub record: Record,
    /// What its address begins with.
    pub base: String,
    pub totals: Totals,
    pub submissions: Vec<SubmissionRow>,
    pub spam: Vec<SubmissionRow>,
}

/// Something that was sent.
pub struct Sent {
    at: DateTime<Utc>,
    /// Who; none for robots.
    contact: Option<Person>,
    email: String,
    is_new: bool,
    /// Through whose link they had come.
    partner: Option<Person>,
    answers: Vec<Answer>,
}

/// The form as it is pasted into another page.
#[derive(Template)]
#[template(path = "web_forms/snippet.html")]
struct Snippet<'a> {
    action: &'a str,
    button: &'a str,
    inputs: &'a [Input],
}

/// Before a form is deleted: that nobody sent it, or how many did.
#[derive(Template)]
#[template(path = "web_forms/delete.html")]
pub struct DeletePage {
    layout: Layout,
    id: WebFormId,
    name: String,
    uses: Vec<String>,
}

impl IndexPage {
    pub fn new(
        viewer: &Viewer,
        (words, problems): (String, Problems),
        forms: Vec<FormRow>,
        pager: Pager,
    ) -> IndexPage {
        let layout = viewer.layout("Web Forms").under("CRM", "");
        IndexPage { layout, may_change: viewer.may_change(), words, problems, web_forms: forms, pager }
    }
}

impl FormRow {
    fn path(&self) -> String {
        paths::web_form(self.id)
    }
}

impl EditPage {
    pub fn new(
        admin: &Administrator,
        app: &App,
        record: Option<&Record>,
        form: WebFormForm,
        problems: Problems,
    ) -> EditPage {
        let layout = match record {
            None => admin.layout("Add a web form"),
            Some(record) => admin.layout(format!("Edit {}", record.facts.name)),
        };
        let mut layout = layout.under("CRM", "").under("Web Forms", paths::WEB_FORMS).narrow();
        if let Some(record) = record {
            layout = layout.under(record.facts.name.clone(), paths::web_form(record.id));
        }
        EditPage {
            layout,
            id: record.map(|record| record.id),
            mails: app.mail.is_some(),
            form,
            problems,
            conflict: Conflict::none(),
        }
    }

    /// Somebody has saved it since the form was opened: what was typed stays, and may be saved now.
    pub fn with_conflict(
        admin: &Administrator,
        app: &App,
        record: &Record,
        mut form: WebFormForm,
    ) -> EditPage {
        let conflict = Conflict::of(form.beside(record));
        form.version = record.version.to_string();
        EditPage { conflict, ..EditPage::new(admin, app, Some(record), form, Problems::none()) }
    }

    fn action(&self) -> String {
        self.id.map_or(paths::WEB_FORMS.to_string(), paths::web_form)
    }

    fn deletion(&self) -> Option<String> {
        self.id.map(paths::web_form_deletion)
    }

    /// What every form can ask: field, words, what was chosen.
    fn standard(&self) -> Vec<(&'static str, &'static str, &str)> {
        let asks = Standard::ALL.into_iter().zip(&self.form.asks);
        asks.map(|(standard, ask)| (standard.name(), standard.label(), ask.as_str())).collect()
    }

    /// The places for questions, by number.
    fn questions(&self) -> Vec<(usize, &QuestionForm)> {
        (1..=QUESTIONS).zip(&self.form.questions).collect()
    }

    fn kinds() -> Vec<(&'static str, &'static str)> {
        QuestionKind::ALL.map(|kind| (kind.word(), kind.label())).to_vec()
    }
}

impl ShowPage {
    pub fn new(viewer: &Viewer, app: &App, shown: Shown, pager: Pager) -> Result<ShowPage, AppError> {
        let Shown { record, base, totals, submissions, spam } = shown;
        let asks = record.facts.asked.inputs();
        let address = format!("{base}{}", paths::hosted_form(&record.facts.code));
        let snippet = Snippet { action: &address, button: &record.facts.button, inputs: &asks };
        let snippet = match record.facts.is_embedded {
            true => snippet.render().map_err(|error| AppError::Internal(error.into()))?,
            false => String::new(),
        };
        let seen = record.seen_up_to;
        let sent = |row: SubmissionRow| Sent::new(row, seen);
        let named = |partner| Person::partner(partner, &record.sales_rep_name, &record.sales_rep_code);
        Ok(ShowPage {
            layout: viewer
                .layout(record.facts.name.clone())
                .under("CRM", "")
                .under("Web Forms", paths::WEB_FORMS),
            may_change: viewer.may_change(),
            mails: app.mail.is_some(),
            id: record.id,
            sales_rep: record.facts.sales_rep.map(named),
            record,
            address,
            snippet,
            asks,
            totals,
            submissions: submissions.into_iter().map(sent).collect(),
            spam: spam.into_iter().map(sent).collect(),
            pager,
        })
    }
}

impl Sent {
    fn new(row: SubmissionRow, seen_up_to: SubmissionId) -> Sent {
        let answers = row.answers();
        let otherwise = |id| if row.email.is_empty() { format!("Contact {id}") } else { row.email.clone() };
        Sent {
            at: row.sent_at,
            contact: row.contact_id.map(|id| Person::contact(id, &row.name, &otherwise(id))),
            is_new: row.id > seen_up_to,
            partner: row.partner_id.map(|id| Person::partner(id, &row.partner_name, &row.partner_code)),
            answers,
            email: row.email,
        }
    }
}

impl DeletePage {
    pub fn new(admin: &Administrator, record: &Record, leads: i64) -> DeletePage {
        let name = record.facts.name.clone();
        let layout =
            admin.layout("Delete the web form").under("CRM", "").under("Web Forms", paths::WEB_FORMS);
        DeletePage {
            layout: layout.under(name.clone(), paths::web_form(record.id)).narrow(),
            id: record.id,
            name,
            uses: if leads > 0 { vec![counted(leads, "submission", "submissions")] } else { Vec::new() },
        }
    }
}
