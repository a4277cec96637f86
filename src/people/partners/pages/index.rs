//! The list of partners.

use super::super::list::Typed;
use super::super::queries::list::{Column, ListRow, Standing};
use crate::domain::ids::{PartnerId, ProgramId};
use crate::domain::money::Money;
use crate::domain::period::business_date;
use crate::people::names::Person;
use crate::running::saved_searches::Saved;
use crate::web::admin::Viewer;
use crate::web::forms::Problems;
use crate::web::html::{count, counted};
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

/// The columns that can be chosen, as the address says them, and their headings. The name always stands.
pub const CHOICES: &[(&str, &str)] = &[
    ("code", "Code"),
    ("parent", "Parent"),
    ("status", "Status"),
    ("programs", "Programs"),
    ("tags", "Tags"),
    ("country", "Country"),
    ("track", "Track leads for"),
    ("recruits", "Recruited"),
    ("since", "Partner since"),
    ("balance", "Balance"),
];

/// Those that are shown where nobody chose.
const AT_FIRST: &[&str] = &["code", "parent", "status", "since", "balance"];

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
    address: Address,
    headings: Headings,
    programs: Vec<(String, String)>,
    tags: Vec<String>,
    chips: Vec<Chip>,
    saved: Option<Saved>,
    columns: Vec<&'static str>,
}

/// One thing that the list is narrowed to, and the list without it.
pub struct Chip {
    pub name: &'static str,
    pub value: String,
    pub without: Address,
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
    id: PartnerId,
    person: Person,
    code: String,
    email: Option<String>,
    active: bool,
    merged_into: Option<Person>,
    parent: Option<Person>,
    programs: Vec<String>,
    tags: Vec<String>,
    country: String,
    track: String,
    recruits: i64,
    since: NaiveDate,
    balance: Money,
}

/// What the list shows, as it was read.
#[derive(Default)]
pub struct Found {
    pub rows: Vec<ListRow>,
    pub balance: Money,
    pub programs: Vec<(ProgramId, String)>,
    pub tags: Vec<String>,
    pub saved: Option<Saved>,
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
        let programs: Vec<(String, String)> = every.chain(programs).collect();
        let layout = viewer.layout("Referral Partners").under("CRM", "").wide();
        IndexPage {
            may_change: viewer.may_change(),
            chips: chips(&typed, &programs, found.parent.as_ref(), address),
            columns: typed.columns(),
            typed,
            problems,
            partners: found.rows.into_iter().map(|row| PartnerLine::new(row, layout.format.zone)).collect(),
            balance: found.balance,
            pager,
            address: address.without("page"),
            headings: Headings {
                name: link("name", Column::Name, false),
                code: link("code", Column::Code, false),
                parent: link("parent", Column::Parent, false),
                since: link("since", Column::Since, true),
                balance: link("balance", Column::Balance, true),
            },
            programs,
            tags: found.tags,
            saved: found.saved,
            layout,
        }
    }

    fn statuses(&self) -> Vec<(&'static str, &'static str)> {
        let all = Standing::ALL.iter().map(|standing| (standing.word(), standing.label()));
        std::iter::once(("", "Any status")).chain(all).collect()
    }

    fn shows(&self, column: &str) -> bool {
        self.columns.contains(&column)
    }

    /// Tick, name, and what is shown before the balance.
    fn columns_before_the_balance(&self) -> usize {
        2 + self.columns.iter().filter(|column| **column != "balance").count()
    }

    fn total_words(&self) -> String {
        format!("{}, all pages", counted(self.pager.total(), "partner", "partners"))
    }

    fn all_words(&self) -> String {
        format!("All {} results", count(self.pager.total()))
    }

    fn csv(&self) -> Address {
        self.address.at(paths::PARTNERS_CSV)
    }

    /// What the list was asked for, but for its columns: the form that chooses them sends these along.
    fn fields_beside_columns(&self) -> Vec<(String, String)> {
        self.address.without("col").fields().to_vec()
    }
}

impl Typed {
    /// The columns to show.
    fn columns(&self) -> Vec<&'static str> {
        let chosen = |name: &str| self.columns.iter().any(|column| column == name);
        let at_first = self.columns.is_empty();
        let shown = |name: &str| if at_first { AT_FIRST.contains(&name) } else { chosen(name) };
        CHOICES.iter().map(|(name, _)| *name).filter(|name| shown(name)).collect()
    }
}

fn chips(
    typed: &Typed,
    programs: &[(String, String)],
    parent: Option<&Person>,
    address: &Address,
) -> Vec<Chip> {
    let program = programs.iter().find(|(id, _)| *id == typed.program).map(|(_, name)| name.clone());
    let status = Standing::from_word(&typed.status).map(|standing| standing.label().to_string());
    let parent = parent.map(|parent| parent.name.clone());
    let words = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let address = address.without("page");
    [
        ("q", "Contains", words(&typed.words)),
        ("status", "Status", status),
        ("program", "Program", program.filter(|_| !typed.program.is_empty())),
        ("parent", "Parent", parent.or_else(|| words(&typed.parent))),
        ("tag", "Tag", words(&typed.tag)),
    ]
    .into_iter()
    .filter_map(|(field, name, value)| Some(Chip { name, value: value?, without: address.without(field) }))
    .collect()
}

impl PartnerLine {
    fn new(row: ListRow, zone: Tz) -> PartnerLine {
        let lines = |text: &str| text.lines().map(String::from).collect();
        PartnerLine {
            id: row.id,
            person: Person::partner(row.id, &row.name, &row.code),
            code: row.code,
            email: row.email,
            active: row.active,
            merged_into: row
                .merged_into_id
                .map(|id| Person::partner(id, &row.merged_into_name, &row.merged_into_code)),
            parent: row.parent_id.map(|id| Person::partner(id, &row.parent_name, &row.parent_code)),
            programs: lines(&row.programs),
            tags: lines(&row.tags),
            country: row.country,
            track: row.track_leads_days.map_or("for ever".into(), |days| counted(days, "day", "days")),
            recruits: row.recruits,
            since: business_date(row.created_at, zone),
            balance: row.balance_minor,
        }
    }
}
