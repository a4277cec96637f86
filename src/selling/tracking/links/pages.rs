//! What the pages of tracking links show.

use super::Record;
use super::forms::LinkForm;
use super::queries::{LinkRow, MonthRow, PartnerRow, Totals, UnknownRow};
use crate::domain::ids::{LinkId, ProgramId};
use crate::people::names::Person;
use crate::selling::tracking::visits::SetAside;
use crate::web::admin::{Administrator, Viewer};
use crate::web::chart::Chart;
use crate::web::conflict::Conflict;
use crate::web::forms::Problems;
use crate::web::html::{count, counted};
use crate::web::layout::Layout;
use crate::web::list::Pager;
use crate::web::paths;
use askama::Template;
use chrono::NaiveDate;

/// The list.
#[derive(Template)]
#[template(path = "links/index.html")]
pub struct IndexPage {
    layout: Layout,
    may_change: bool,
    words: String,
    problems: Problems,
    links: Vec<LinkRow>,
    unknown: Vec<UnknownRow>,
    set_aside: Option<SetAside>,
    pager: Pager,
}

/// The form: of a new link, or of one that there is.
#[derive(Template)]
#[template(path = "links/edit.html")]
pub struct EditPage {
    layout: Layout,
    id: Option<LinkId>,
    form: LinkForm,
    /// Number, name, whether it is ticked.
    programs: Vec<(ProgramId, String, bool)>,
    problems: Problems,
    conflict: Conflict,
}

/// A link and what it has brought.
#[derive(Template)]
#[template(path = "links/show.html")]
pub struct ShowPage {
    layout: Layout,
    may_change: bool,
    id: LinkId,
    code: String,
    destination: String,
    names_visitor: bool,
    address: String,
    typed: String,
    problems: Problems,
    handed_out: Option<HandedOut>,
    programs: Vec<String>,
    totals: Totals,
    chart: Chart,
    partners: Vec<(Person, PartnerRow)>,
    pager: Pager,
}

/// A link as one partner hands it out.
pub struct HandedOut {
    pub code: String,
    pub address: String,
    /// Where its QR code is.
    pub picture: String,
}

/// Everything that was read for a link's page.
pub struct Shown {
    pub record: Record,
    /// What its address begins with, whoever's it is.
    pub address: String,
    /// The code of the partner for whom it is asked.
    pub typed: String,
    pub problems: Problems,
    pub handed_out: Option<HandedOut>,
    pub programs: Vec<String>,
    pub totals: Totals,
    pub months: Vec<MonthRow>,
    pub partners: Vec<PartnerRow>,
    pub partner_count: i64,
}

/// Before a link is deleted: that nobody clicked it, or how often it was.
#[derive(Template)]
#[template(path = "links/delete.html")]
pub struct DeletePage {
    layout: Layout,
    id: LinkId,
    name: String,
    uses: Vec<String>,
}

impl IndexPage {
    pub fn new(
        viewer: &Viewer,
        (words, problems): (String, Problems),
        links: Vec<LinkRow>,
        unknown: Vec<UnknownRow>,
        set_aside: Option<SetAside>,
        pager: Pager,
    ) -> IndexPage {
        let layout = viewer.layout("Tracking Links").under("CRM", "");
        let may_change = viewer.may_change();
        IndexPage { layout, may_change, words, problems, links, unknown, set_aside, pager }
    }
}

impl LinkRow {
    fn path(&self) -> String {
        paths::link(self.id)
    }
}

impl EditPage {
    pub fn new(
        admin: &Administrator,
        record: Option<&Record>,
        form: LinkForm,
        programs: Vec<(ProgramId, String)>,
        problems: Problems,
    ) -> EditPage {
        let layout = match record {
            None => admin.layout("Add a tracking link"),
            Some(record) => admin.layout(format!("Edit {}", record.facts.name)),
        };
        let mut layout = layout.under("CRM", "").under("Tracking Links", paths::LINKS).narrow();
        if let Some(record) = record {
            layout = layout.under(record.facts.name.clone(), paths::link(record.id));
        }
        let ticked = |id: &ProgramId| form.programs.contains(id);
        let programs = programs.into_iter().map(|(id, name)| (id, name, ticked(&id))).collect();
        EditPage {
            layout,
            id: record.map(|record| record.id),
            form,
            programs,
            problems,
            conflict: Conflict::none(),
        }
    }

    /// Somebody has saved it since the form was opened: what was typed stays, and may be saved now.
    pub fn with_conflict(
        admin: &Administrator,
        record: &Record,
        mut form: LinkForm,
        programs: Vec<(ProgramId, String)>,
    ) -> EditPage {
        let yes = |yes: bool| if yes { "yes" } else { "no" }.to_string();
        let names = |chosen: &[ProgramId]| {
            let named = programs.iter().filter(|(id, _)| chosen.contains(id)).map(|(_, name)| name.as_str());
            named.collect::<Vec<_>>().join(", ")
        };
        let saved = &record.facts;
        let conflict = Conflict::of([
            ("Name", saved.name.clone(), form.name.clone()),
            ("Code", saved.code.clone(), form.code.clone()),
            ("Destination", saved.destination.clone(), form.destination.clone()),
            ("Tell the destination who comes", yes(saved.names_visitor), yes(form.names_visitor)),
            ("Offered to partners of", names(&saved.programs), names(&form.programs)),
        ]);
        form.version = record.version.to_string();
        EditPage { conflict, ..EditPage::new(admin, Some(record), form, programs, Problems::none()) }
    }

    fn action(&self) -> String {
        self.id.map_or(paths::LINKS.to_string(), paths::link)
    }

    fn back(&self) -> String {
        self.action()
    }

    fn deletion(&self) -> Option<String> {
        self.id.map(paths::link_deletion)
    }
}

impl ShowPage {
    pub fn new(viewer: &Viewer, shown: Shown, months: &[NaiveDate], pager: Pager) -> ShowPage {
        let Shown { record, address, programs, totals, months: rows, partners, .. } = shown;
        let Shown { typed, problems, handed_out, .. } = shown;
        let clicks_of =
            |month: &NaiveDate| rows.iter().find(|row| row.month == *month).map_or(0, |row| row.clicks);
        let points: Vec<(NaiveDate, i64)> = months.iter().map(|month| (*month, clicks_of(month))).collect();
        let sum = points.iter().map(|(_, clicks)| clicks).sum::<i64>();
        let sum = format!("{} in 12 months", counted(sum, "click", "clicks"));
        let person = |row: PartnerRow| (Person::partner(row.id, &row.name, &row.code), row);
        ShowPage {
            layout: viewer.layout(record.facts.name).under("CRM", "").under("Tracking Links", paths::LINKS),
            may_change: viewer.may_change(),
            id: record.id,
            code: record.facts.code,
            destination: record.facts.destination,
            names_visitor: record.facts.names_visitor,
            address,
            typed,
            problems,
            handed_out,
            programs,
            totals,
            chart: Chart::new("Clicks", sum, &points, count),
            partners: partners.into_iter().map(person).collect(),
            pager,
        }
    }
}

impl DeletePage {
    pub fn new(admin: &Administrator, record: &Record, clicks: i64) -> DeletePage {
        let name = record.facts.name.clone();
        let layout =
            admin.layout("Delete the tracking link").under("CRM", "").under("Tracking Links", paths::LINKS);
        DeletePage {
            layout: layout.under(name.clone(), paths::link(record.id)).narrow(),
            id: record.id,
            name,
            uses: if clicks > 0 { vec![counted(clicks, "click", "clicks")] } else { Vec::new() },
        }
    }
}
