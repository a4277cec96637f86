//! `partners`: code, name, email, parent_code, status, programs, how long leads are tracked, what the
//! partner is told of, and its address.

mod family;
mod read;

pub(super) use read::COLUMNS;

use super::Task;
use super::queries::{self, KnownPartner};
use super::report::RowError;
use crate::domain::ids::{PartnerId, ProgramId};
use crate::error::AppError;
use crate::people::partners::{self, NewPartner};
use crate::running::settings;
use diesel::PgConnection;
use family::Family;
use std::collections::HashMap;

/// A partner as a row has it.
pub(super) struct Draft {
    pub row: u64,
    pub partner: NewPartner,
    /// In lower case, as all codes that are compared here; none where the row names no parent.
    pub parent: Option<String>,
    pub programs: Vec<String>,
}

/// Which of the optional columns the file has: about the others it says nothing.
#[derive(Default)]
struct Says {
    parent: bool,
    status: bool,
    track_leads_days: bool,
    notify_on_lead: bool,
    notify_on_sale: bool,
}

/// The headings by which cells are named in messages.
struct Headings {
    code: String,
    email: String,
    parent: String,
    program: String,
}

/// What the file says.
struct Content {
    drafts: Vec<Draft>,
    says: Says,
    headings: Headings,
}

/// Makes partners, parents before or after their recruits. A code that is known is left as it is.
pub fn import(conn: &mut PgConnection, task: &mut Task) -> Result<(), AppError> {
    let Some(mut content) = read::read(task) else { return Ok(()) };
    refuse_second_ones(task, &mut content);
    let codes: Vec<String> = content.drafts.iter().map(Draft::code).collect();
    let emails: Vec<&str> =
        content.drafts.iter().filter_map(|draft| draft.partner.email.as_deref()).collect();
    let known = queries::partners(conn, &codes, &emails)?;
    let programs = queries::programs(conn)?;
    refuse_unknown_programs(task, &content, &programs);
    refuse_codes_of_nobody(task, &content, &queries::codes_of_nobody(conn, &codes)?);
    refuse_other_partners_emails(task, &content, &known);
    let family = Family::of(queries::family(conn)?, &content);
    refuse_equal_links(conn, task, &content, &family)?;
    family.refuse_unknown_parents(task, &content);
    family.refuse_loops(task, &content);
    family.refuse_children_of_bad_rows(task, &content);
    if !task.goes_on() {
        return Ok(());
    }
    content.drafts.retain(|draft| !task.report.is_bad(draft.row));
    let new = leave_known_ones(task, content, &known, &family, &programs);
    write(conn, &new, &family, &programs)?;
    task.report.recorded = new.len();
    Ok(())
}

fn write(
    conn: &mut PgConnection,
    new: &[Draft],
    family: &Family,
    programs: &HashMap<String, ProgramId>,
) -> Result<(), AppError> {
    let partners: Vec<NewPartner> = new.iter().map(|draft| draft.partner.clone()).collect();
    let made = partners::make(conn, &partners)?;
    let by_code: HashMap<String, PartnerId> = new.iter().map(Draft::code).zip(made.iter().copied()).collect();
    let mut parents = Vec::new();
    let mut enrolments = Vec::new();
    for (draft, partner) in new.iter().zip(made) {
        let parent =
            draft.parent.as_ref().and_then(|code| by_code.get(code).copied().or_else(|| family.known(code)));
        parents.extend(parent.map(|parent| (partner, parent)));
        let of_partner = draft.programs.iter().filter_map(|name| programs.get(&name.to_lowercase()));
        enrolments.extend(of_partner.map(|program| (partner, *program)));
    }
    partners::set_parents(conn, &parents)?;
    partners::enrol(conn, &enrolments)?;
    Ok(())
}

/// Takes out the partners whose code is known: there already, or listed where they differ.
fn leave_known_ones(
    task: &mut Task,
    content: Content,
    known: &[KnownPartner],
    family: &Family,
    programs: &HashMap<String, ProgramId>,
) -> Vec<Draft> {
    let by_id: HashMap<PartnerId, &KnownPartner> = known.iter().map(|known| (known.id, known)).collect();
    let mut new = Vec::new();
    for draft in content.drafts {
        let Some(known) = family.known(&draft.code()).and_then(|id| by_id.get(&id)) else {
            new.push(draft);
            continue;
        };
        let parent = draft.parent.as_ref().and_then(|code| family.known(code));
        let differing = known.differs_from(&draft, parent, &content.says, programs);
        if differing.is_empty() {
            task.report.already_there += 1;
        } else {
            let problem =
                format!("is known already with another {}; it was left as it is", differing.join(", "));
            task.report.conflict(RowError::new(
                draft.row,
                &content.headings.code,
                &draft.partner.code,
                problem,
            ));
        }
    }
    new
}

impl KnownPartner {
    /// What the row says otherwise. About what it leaves out it says nothing.
    fn differs_from(
        &self,
        draft: &Draft,
        parent: Option<PartnerId>,
        says: &Says,
        programs: &HashMap<String, ProgramId>,
    ) -> Vec<&'static str> {
        let (new, address) = (&draft.partner, &draft.partner.address);
        let other = |said: &str, known: &str| !said.is_empty() && said != known;
        let email = new.email.as_ref().is_some_and(|email| {
            self.email.as_ref().is_none_or(|known| known.to_lowercase() != email.to_lowercase())
        });
        let unknown_parent = draft.parent.is_some() && parent.is_none();
        let programs = draft.programs.iter().filter_map(|name| programs.get(&name.to_lowercase()));
        let differences = [
            ("name", new.name != self.name),
            ("e-mail", email),
            ("parent", says.parent && (unknown_parent || parent != self.parent)),
            ("status", says.status && new.status != self.status()),
            ("program", programs.into_iter().any(|program| !self.programs.contains(&program.0))),
            ("number of days", says.track_leads_days && new.track_leads_days != self.track_leads_days),
            ("notification", says.notify_on_lead && new.notify_on_lead != self.notify_on_lead),
            ("notification", says.notify_on_sale && new.notify_on_sale != self.notify_on_sale),
            (
                "address",
                other(&address.line1, &self.address_line1)
                    || other(&address.line2, &self.address_line2)
                    || other(&address.city, &self.city)
                    || other(&address.state, &self.state)
                    || other(&address.postal_code, &self.postal_code)
                    || other(&address.country, &self.country),
            ),
        ];
        let mut names: Vec<&str> =
            differences.iter().filter(|(_, differs)| *differs).map(|(name, _)| *name).collect();
        names.dedup();
        names
    }
}

/// A code or an e-mail stands in one row only.
fn refuse_second_ones(task: &mut Task, content: &mut Content) {
    let (mut codes, mut emails): (HashMap<String, u64>, HashMap<String, u64>) = Default::default();
    let Headings { code, email, .. } = &content.headings;
    content.drafts.retain(|draft| {
        let already = |first: u64| format!("stands in row {first} already");
        if let Some(first) = codes.get(&draft.code()) {
            task.report.error(RowError::new(draft.row, code, &draft.partner.code, already(*first)));
            return false;
        }
        codes.insert(draft.code(), draft.row);
        let Some(address) = &draft.partner.email else { return true };
        if let Some(first) = emails.get(&address.to_lowercase()) {
            let problem = format!("{}: each partner is a person of its own", already(*first));
            task.report.error(RowError::new(draft.row, email, address, problem));
            return false;
        }
        emails.insert(address.to_lowercase(), draft.row);
        true
    });
}

fn refuse_unknown_programs(task: &mut Task, content: &Content, programs: &HashMap<String, ProgramId>) {
    for draft in &content.drafts {
        for name in draft.programs.iter().filter(|name| !programs.contains_key(&name.to_lowercase())) {
            let problem = "is no program: import programs first";
            task.report.error(RowError::new(draft.row, &content.headings.program, name, problem));
        }
    }
}

/// A code outlives its partner (decision 0041).
fn refuse_codes_of_nobody(task: &mut Task, content: &Content, gone: &[String]) {
    for draft in content.drafts.iter().filter(|draft| gone.contains(&draft.code())) {
        let problem = "was a deleted partner’s: codes are never used again for another";
        let error = RowError::new(draft.row, &content.headings.code, &draft.partner.code, problem);
        task.report.error(error);
    }
}

fn refuse_other_partners_emails(task: &mut Task, content: &Content, known: &[KnownPartner]) {
    let owners: HashMap<String, &KnownPartner> =
        known.iter().filter_map(|known| Some((known.email.as_ref()?.to_lowercase(), known))).collect();
    for draft in &content.drafts {
        let Some(email) = &draft.partner.email else { continue };
        if let Some(owner) = owners.get(&email.to_lowercase()).filter(|owner| !owner.has_code(&draft.code()))
        {
            let problem = format!("is the e-mail of partner {} already", owner.code);
            task.report.error(RowError::new(draft.row, &content.headings.email, email, problem));
        }
    }
}

/// No prefix and code may make a link equal to another partner's (spec 2).
fn refuse_equal_links(
    conn: &mut PgConnection,
    task: &mut Task,
    content: &Content,
    family: &Family,
) -> Result<(), AppError> {
    let new: Vec<&Draft> =
        content.drafts.iter().filter(|draft| family.known(&draft.code()).is_none()).collect();
    let codes: Vec<(&str, Option<PartnerId>)> =
        new.iter().map(|draft| (draft.partner.code.as_str(), None)).collect();
    let rows: HashMap<String, &Draft> = new.iter().map(|draft| (draft.code(), *draft)).collect();
    for equal in settings::equal_links(conn, &codes)? {
        let of_file =
            [&equal.one, &equal.other].map(|spelling| rows.get(&spelling.code.to_ascii_lowercase()));
        // Of two in the file the later one gives way.
        if let Some(draft) = of_file.into_iter().flatten().max_by_key(|draft| draft.row) {
            let problem = format!("cannot be used: {equal}");
            task.report.error(RowError::new(draft.row, &content.headings.code, &draft.partner.code, problem));
        }
    }
    Ok(())
}

impl Draft {
    /// The code in lower case.
    pub fn code(&self) -> String {
        self.partner.code.to_ascii_lowercase()
    }
}
