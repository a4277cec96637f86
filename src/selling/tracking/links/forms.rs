//! What is typed about a link.

use super::Facts;
use crate::domain::ids::ProgramId;
use crate::domain::typed::Trimmed;
use crate::web::forms::{FormData, Problems};

/// What was typed.
#[derive(Debug, Clone, Default)]
pub struct LinkForm {
    pub name: String,
    pub code: String,
    pub destination: String,
    pub names_visitor: bool,
    pub programs: Vec<ProgramId>,
    pub version: String,
}

impl LinkForm {
    /// Reads the fields.
    pub fn read(form: &FormData) -> LinkForm {
        let mut programs: Vec<ProgramId> =
            form.all("program").filter_map(|id| id.parse().ok().map(ProgramId)).collect();
        programs.sort_unstable();
        programs.dedup();
        LinkForm {
            name: form.get("name").into(),
            code: form.get("code").into(),
            destination: form.get("destination").into(),
            names_visitor: form.has("names_visitor"),
            programs,
            version: form.get("version").into(),
        }
    }

    /// The form for a link that there is.
    pub fn of(facts: &Facts, version: i32) -> LinkForm {
        let Facts { name, code, destination, names_visitor, programs } = facts.clone();
        LinkForm { name, code, destination, names_visitor, programs, version: version.to_string() }
    }

    /// What it means, where these programs can be chosen and links begin with these addresses.
    pub fn parse(&self, programs: &[(ProgramId, String)], ours: &[String]) -> Result<Facts, Problems> {
        let mut problems = Problems::none();
        let name = problems.text("name", "Name", &self.name, 200);
        let code = problems.text("code", "Code", &self.code, 50);
        if !code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
            problems.add("code", "A code has letters A to Z, digits, dashes and underscores only.");
        }
        if self.destination.trimmed().is_empty() {
            problems.add("destination", "Destination is missing.");
        }
        let destination = problems.leading("destination", "Destination", &self.destination, ours);
        if self.programs.iter().any(|chosen| !programs.iter().any(|(id, _)| id == chosen)) {
            problems.add(
                "programs",
                "One of these programs was deleted meanwhile. Choose among those that there are.",
            );
        }
        let (names_visitor, programs) = (self.names_visitor, self.programs.clone());
        problems.or(Facts { name, code, destination, names_visitor, programs })
    }

    /// The version that was edited. One that is no number was not made by our page; it counts as old.
    pub fn version(&self) -> i32 {
        self.version.parse().unwrap_or(-1)
    }
}
