//! The list of partners.

use super::super::PartnerStatus;
use super::super::queries::list::{Column, InProgram, ListRow, Search};
use crate::domain::ids::{PartnerId, ProgramId};
use crate::domain::money::Money;
use crate::domain::period::business_date;
use crate::people::names::Person;
use crate::web::admin::Viewer;
use crate::web::forms::Problems;
use crate::web::layout::Layout;
use crate::web::list::{Address, Pager, Sort, SortLink};
use crate::web::paths;
use askama::Template;
use chrono::NaiveDate;
use chrono_tz::Tz;

/// By what the list can be sorted, as the address says it.
pub const COLUMNS: &[(&str, Column)] = &[
    ("name", Column::Name),
    ("code", Column::Code),
    ("parent", Column::Parent),
    ("since", Column::Since),
    ("balance", Column::Balance),
];

/// The list.
#[derive(Template)]
#[template(path = "partners/index.html")]
pub struct IndexPage {
    layout: Layout,
    may_change: bool,
    typed: Typed,
    problems: Problems,
    partners: Vec<PartnerLine>,
    balance: Money,
    pager: Pager,
    headings: Headings,
    programs: Vec<(String, String)>,
    /// Whose recruits are shown, where only they are.
    parent: Option<Person>,
}

/// What was typed into the search.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    pub words: String,
    pub status: String,
    pub program: String,
    pub parent: String,
}

struct Headings {
    name: SortLink,
    code: SortLink,
    parent: SortLink,
    since: SortLink,
    balance: SortLink,
}

/// One partner.
struct PartnerLine {
    person: Person,
    code: String,
    email: Option<String>,
    active: bool,
    parent: Option<Person>,
    since: NaiveDate,
    balance: Money,
}

/// What the list shows, as it was read.
pub struct Found {
    pub rows: Vec<ListRow>,
    pub balance: Money,
    pub programs: Vec<(ProgramId, String)>,
    pub parent: Option<Person>,
}

impl IndexPage {
    pub fn new(
        viewer: &Viewer,
        (typed, problems): (Typed, Problems),
        found: Found,
        pager: Pager,
        sort: Sort<Column>,
        address: &Address,
    ) -> IndexPage {
        let link = |name, column, figures| sort.link(address, name, column, figures);
        let every = [("", "Any program"), ("none", "Active, in no program")];
        let every = every.into_iter().map(|(code, words)| (code.to_string(), words.to_string()));
        let programs = found.programs.into_iter().map(|(id, name)| (id.to_string(), name));
        let layout = viewer.layout("Referral Partners").under("CRM", "").wide();
        IndexPage {
            may_change: viewer.may_change(),
            typed,
            problems,
            partners: found.rows.into_iter().map(|row| PartnerLine::new(row, layout.format.zone)).collect(),
            balance: found.balance,
            pager,
            headings: Headings {
                name: link("name", Column::Name, false),
                code: link("code", Column::Code, false),
                parent: link("parent", Column::Parent, false),
                since: link("since", Column::Since, true),
                balance: link("balance", Column::Balance, true),
            },
            programs: every.chain(programs).collect(),
            parent: found.parent,
            layout,
        }
    }

    fn is_narrowed(&self) -> bool {
        let Typed { words, status, program, parent } = &self.typed;
        [words, status, program, parent].iter().any(|typed| !typed.is_empty())
    }

    fn statuses(&self) -> [(&'static str, &'static str); 3] {
        [("", "Any status"), ("active", "Active"), ("inactive", "Inactive")]
    }
}

impl Typed {
    /// What it means, and what of it means nothing.
    pub fn read(&self) -> (Search, Problems) {
        let mut problems = Problems::none();
        let words = problems.optional_text("q", "What to look for", &self.words, 200);
        let program = match self.program.as_str() {
            "none" => Some(InProgram::None),
            number => number.parse().ok().map(|id| InProgram::This(ProgramId(id))),
        };
        let parent = self.parent.parse().ok().map(PartnerId);
        (Search { words, status: PartnerStatus::from_word(&self.status), program, parent }, problems)
    }
}

impl PartnerLine {
    fn new(row: ListRow, zone: Tz) -> PartnerLine {
        PartnerLine {
            person: Person::partner(row.id, &row.name, &row.code),
            code: row.code,
            email: row.email,
            active: row.active,
            parent: row.parent_id.map(|id| Person::partner(id, &row.parent_name, &row.parent_code)),
            since: business_date(row.created_at, zone),
            balance: row.balance_minor,
        }
    }
}
