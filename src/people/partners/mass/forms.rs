//! What is typed for a Mass Update.

use super::Change;
use crate::domain::ids::ProgramId;
use crate::domain::typed::Trimmed;
use crate::error::AppError;
use crate::people::partners::queries::record;
use crate::people::partners::record::forms::read_tags;
use crate::people::partners::{PartnerStatus, by_code};
use crate::web::forms::{FormData, Problems};
use diesel::PgConnection;

/// What was typed. Where nothing was chosen, that part stays as it is.
#[derive(Debug, Clone, Default)]
pub struct ChangeForm {
    pub status: String,
    /// A parent's code, or `-` for none.
    pub parent: String,
    pub enrol: String,
    pub leave: String,
    pub add_tags: String,
    pub remove_tags: String,
    pub notify_on_lead: String,
    pub notify_on_sale: String,
    /// Days, or `-` for ever.
    pub track_leads_days: String,
}

/// The names of the fields, which the page that shows what would change carries on. None of them is a
/// field of the search.
pub const FIELDS: [&str; 9] = [
    "set_status",
    "set_parent",
    "set_enrol",
    "set_leave",
    "set_add_tags",
    "set_remove_tags",
    "set_notify_on_lead",
    "set_notify_on_sale",
    "set_track_leads_days",
];

impl ChangeForm {
    /// Reads the fields.
    pub fn read(form: &FormData) -> ChangeForm {
        let [
            status,
            parent,
            enrol,
            leave,
            add_tags,
            remove_tags,
            notify_on_lead,
            notify_on_sale,
            track_leads_days,
        ] = FIELDS.map(|name| form.get(name).trimmed().to_string());
        ChangeForm {
            status,
            parent,
            enrol,
            leave,
            add_tags,
            remove_tags,
            notify_on_lead,
            notify_on_sale,
            track_leads_days,
        }
    }

    /// What it means.
    pub fn parse(&self, conn: &mut PgConnection) -> Result<(Change, Problems), AppError> {
        let mut problems = Problems::none();
        let mut program = |field: &'static str, typed: &str| {
            let id = typed.parse().ok().map(ProgramId);
            if id.is_none() && !typed.is_empty() {
                problems.add(field, "There is no such commission program.");
            }
            id
        };
        let (enrol, leave) = (program("set_enrol", &self.enrol), program("set_leave", &self.leave));
        for (field, program) in [("set_enrol", enrol), ("set_leave", leave)] {
            if let Some(program) = program
                && record::known_programs(conn, &[program])? == 0
            {
                problems.add(field, "There is no such commission program.");
            }
        }
        if enrol.is_some() && enrol == leave {
            problems.add("set_leave", "Partners cannot be enrolled in a program and leave it at once.");
        }
        let parent = match self.parent.as_str() {
            "" => None,
            "-" => Some(None),
            code => {
                let code = problems.optional_text("set_parent", "Parent", code, 200).to_ascii_lowercase();
                let found = by_code(conn, std::slice::from_ref(&code))?.remove(&code);
                if found.is_none() {
                    problems.add("set_parent", "No partner has or had this code.");
                }
                found.map(Some)
            }
        };
        let status = PartnerStatus::from_word(&self.status);
        if status.is_none() && !self.status.is_empty() {
            problems.add("set_status", "There is no such status.");
        }
        let track_leads_days = match self.track_leads_days.as_str() {
            "" => None,
            "-" => Some(None),
            days => problems
                .whole("set_track_leads_days", "Track leads for", days, 1, 36_500)
                .map(|days| Some(days as i32)),
        };
        let change = Change {
            status,
            parent,
            enrol,
            leave,
            add_tags: read_tags(&mut problems, "set_add_tags", &self.add_tags),
            remove_tags: read_tags(&mut problems, "set_remove_tags", &self.remove_tags),
            notify_on_lead: yes_no(&mut problems, "set_notify_on_lead", &self.notify_on_lead),
            notify_on_sale: yes_no(&mut problems, "set_notify_on_sale", &self.notify_on_sale),
            track_leads_days,
        };
        if problems.is_empty() && change.is_nothing() {
            problems.add("set_status", "Choose at least one thing to change.");
        }
        Ok((change, problems))
    }
}

fn yes_no(problems: &mut Problems, field: &'static str, typed: &str) -> Option<bool> {
    match typed {
        "" => None,
        "yes" => Some(true),
        "no" => Some(false),
        _ => {
            problems.add(field, "Choose yes or no.");
            None
        }
    }
}
