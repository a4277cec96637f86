//! What the pages of programs show. A program's own pages have one head, with tabs that are links.

mod edit;
mod enrolled;
mod grid;
mod index;
mod show;
mod trial;
mod versions;

pub use edit::{EditPage, RULES_SHOWN, Subject};
pub use enrolled::EnrolledPage;
pub use index::IndexPage;
pub use show::{ShowPage, Shown};
pub use trial::{Figures, TrialOrder, TrialPartner, TrialView};
pub use versions::{VERSIONS_SHOWN, VersionsPage};

use super::queries::pages::HeadRow;
use super::words;
use crate::domain::ids::ProgramId;
use crate::domain::period::business_date;
use crate::domain::program::Program;
use crate::people::names::shown;
use crate::web::admin::{Role, SignedIn};
use crate::web::layout::Layout;
use crate::web::paths;
use chrono::NaiveDate;

/// One of a program's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Rules,
    Enrolled,
    Versions,
}

/// What stands on top of each of them. `templates/programs/parts.html` shows it.
pub struct Head {
    pub id: ProgramId,
    pub name: String,
    pub priority: i32,
    pub payout: &'static str,
    pub amounts: &'static str,
    pub since: NaiveDate,
    pub tabs: [(&'static str, Option<i64>, String, bool); 3],
    /// Whether the visitor may change it.
    pub may_edit: bool,
}

impl Head {
    /// The head of the page that stands under this tab.
    pub fn new(visitor: &SignedIn, row: &HeadRow, program: &Program, tab: Tab) -> Head {
        Head {
            id: row.id,
            name: name(row),
            priority: program.priority,
            payout: words::payout(program.payout),
            amounts: words::per(program.amount_per),
            since: business_date(row.created_at, visitor.company.format().zone),
            tabs: [
                ("Rules", None, paths::program(row.id), tab == Tab::Rules),
                (
                    "Enrolled partners",
                    Some(row.partners),
                    paths::program_partners(row.id),
                    tab == Tab::Enrolled,
                ),
                ("Versions", Some(row.versions), paths::program_versions(row.id), tab == Tab::Versions),
            ],
            may_edit: may_edit(visitor),
        }
    }

    /// The program's page.
    pub fn path(&self) -> String {
        paths::program(self.id)
    }

    /// Its form.
    pub fn edit_path(&self) -> String {
        paths::program_edit(self.id)
    }

    /// Who is enrolled in it.
    pub fn partners_path(&self) -> String {
        paths::program_partners(self.id)
    }

    /// Where the form that takes partners out goes.
    pub fn withdrawals_path(&self) -> String {
        paths::program_withdrawals(self.id)
    }

    /// The frame of a program's page.
    pub fn layout(&self, visitor: &SignedIn) -> Layout {
        layout(visitor, self.name.clone())
    }
}

/// A program's name, never invisible.
pub fn name(row: &HeadRow) -> String {
    shown(&row.name, &format!("Program {}", row.id))
}

fn layout(visitor: &SignedIn, title: String) -> Layout {
    visitor.layout(title).under("CRM", "").under("Commission Programs", paths::PROGRAMS)
}

fn may_edit(visitor: &SignedIn) -> bool {
    visitor.user.role == Role::Administrator
}
