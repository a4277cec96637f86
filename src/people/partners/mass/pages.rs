//! What the steps of a Mass Update show.

use super::Effect;
use super::forms::{ChangeForm, FIELDS};
use crate::domain::ids::ProgramId;
use crate::web::admin::Administrator;
use crate::web::forms::{FormData, Problems};
use crate::web::html::counted;
use crate::web::layout::Layout;
use crate::web::paths;
use askama::Template;

/// What shall be changed.
#[derive(Template)]
#[template(path = "partners/mass.html")]
pub struct ChoosePage {
    layout: Layout,
    /// Whom it is about: the ticks, or the search.
    whom: Vec<(String, String)>,
    form: ChangeForm,
    count: usize,
    programs: Vec<(String, String)>,
    tags: Vec<String>,
    problems: Problems,
}

/// What would change.
#[derive(Template)]
#[template(path = "partners/mass_preview.html")]
pub struct PreviewPage {
    layout: Layout,
    /// Whom it is about, and what shall be changed.
    all: Vec<(String, String)>,
    effect: Effect,
    /// What is shown, in one word: so that this and nothing else is done.
    shown: String,
    has_moved: bool,
}

/// What can be chosen from.
pub struct Offered {
    pub programs: Vec<(ProgramId, String)>,
    pub tags: Vec<String>,
}

impl ChoosePage {
    pub fn new(
        admin: &Administrator,
        sent: &FormData,
        offered: Offered,
        form: ChangeForm,
        count: usize,
        problems: Problems,
    ) -> ChoosePage {
        let programs = offered.programs.into_iter().map(|(id, name)| (id.to_string(), name));
        let none = std::iter::once((String::new(), "No change".to_string()));
        ChoosePage {
            layout: layout(admin),
            whom: kept(sent, |name| !FIELDS.contains(&name)),
            form,
            count,
            programs: none.chain(programs).collect(),
            tags: offered.tags,
            problems,
        }
    }

    fn statuses(&self) -> [(&'static str, &'static str); 3] {
        [("", "No change"), ("active", "Active"), ("inactive", "Inactive")]
    }

    fn yes_no(&self) -> [(&'static str, &'static str); 3] {
        [("", "No change"), ("yes", "Yes"), ("no", "No")]
    }
}

impl PreviewPage {
    pub fn new(
        admin: &Administrator,
        sent: &FormData,
        effect: Effect,
        shown: String,
        has_moved: bool,
    ) -> PreviewPage {
        PreviewPage { layout: layout(admin), all: kept(sent, |_| true), effect, shown, has_moved }
    }

    fn button(&self) -> String {
        format!("Change {}", counted(self.effect.changed.len(), "partner", "partners"))
    }
}

/// The fields to send along, without those that each page makes anew.
fn kept(sent: &FormData, also: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let made_anew = ["csrf", "step", "shown"];
    sent.fields()
        .iter()
        .filter(|(name, _)| !made_anew.contains(&name.as_str()) && also(name))
        .cloned()
        .collect()
}

fn layout(admin: &Administrator) -> Layout {
    let layout = admin.layout("Mass Update Referral Partners").under("CRM", "");
    layout.under("Referral Partners", paths::PARTNERS).narrow()
}
