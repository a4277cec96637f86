//! What the page of the Ledgers report shows.

use askama::Template;
use chrono::NaiveDate;

use super::forms::{Search, SearchForm};
use super::queries::{Column, Results, Row, Totals};
use crate::domain::ids::ProgramId;
use crate::domain::ledger::Figures;
use crate::domain::period::Period;

use crate::people::names::Person;
use crate::running::saved_searches::Saved;
use crate::web::admin::{Role, SignedIn};
use crate::web::forms::Problems;
use crate::web::html::{Format, count, counted};
use crate::web::layout::Layout;
use crate::web::list::{Address, Pager, Sort, SortLink, Window};
use crate::web::{paths, range};

/// How many rows a page may have.
const ROWS: [i64; 3] = [20, 50, 100];

/// What a search has found.
pub struct Shown {
    pub search: Search,
    pub sort: Sort<Column>,
    pub window: Window,
    pub results: Results,
    /// Where there are entries at all, when the search has found nobody.
    pub months: Option<(NaiveDate, NaiveDate)>,
}

/// What the search can choose from, and the searches that the user has saved.
pub struct Offered {
    pub programs: Vec<(ProgramId, String)>,
    pub tags: Vec<String>,
    pub saved: Saved,
}

/// The report: its search, and what that has found.
#[derive(Template)]
#[template(path = "ledgers/index.html")]
pub struct IndexPage {
    layout: Layout,
    form: SearchForm,
    problems: Problems,
    presets: Vec<(&'static str, &'static str, bool)>,
    chips: Vec<String>,
    statuses: Vec<(&'static str, &'static str)>,
    programs: Vec<(String, String)>,
    tags: Vec<String>,
    saved: Saved,
    shows: Vec<(&'static str, &'static str)>,
    may_pay: bool,
    table: Option<Table>,
}

/// The results.
struct Table {
    rows: Vec<Row>,
    totals: Totals,
    /// Of the rows of this page.
    page: Figures,
    period: Period,
    address: Address,
    sort: Sort<Column>,
    pager: Pager,
    rows_links: Vec<(i64, Option<Address>)>,
    months: Option<(NaiveDate, NaiveDate)>,
}

impl IndexPage {
    pub fn new(
        visitor: &SignedIn,
        form: SearchForm,
        Offered { programs, tags, saved }: Offered,
        shown: Option<Shown>,
        problems: Problems,
    ) -> IndexPage {
        let layout =
            visitor.layout("Referral Partner Ledgers").under("CRM", "").under("Reports", paths::REPORTS);
        let search = shown.as_ref().map(|shown| &shown.search);
        let presets = range::presets(search.map(|search| search.period), visitor.today());
        let programs: Vec<(String, String)> =
            programs.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
        let chips = search.map(|search| chips(search, &form, &programs, &layout.format)).unwrap_or_default();
        let any = std::iter::once((String::new(), "Any".to_string()));
        IndexPage {
            table: shown.map(|shown| Table::new(shown, &form)),
            presets,
            chips,
            statuses: vec![("", "Any"), ("active", "Active"), ("inactive", "Inactive")],
            programs: any.chain(programs).collect(),
            tags,
            saved,
            shows: vec![("", "With a balance, activity or open entries"), ("all", "All partners")],
            may_pay: visitor.user.role == Role::Administrator,
            layout: layout.wide(),
            form,
            problems,
        }
    }

    /// Whether somebody chose more than the dates; then the way back is offered.
    fn is_narrowed(&self) -> bool {
        let form = &self.form;
        [&form.partner, &form.parent, &form.status, &form.program, &form.tag]
            .iter()
            .any(|field| !field.is_empty())
    }
}

impl Table {
    fn new(shown: Shown, form: &SearchForm) -> Table {
        let address = shown.search.address(form);
        let Results { rows, totals } = shown.results;
        let rows_links = ROWS.map(|rows| {
            let other = shown.window.rows != rows;
            (rows, other.then(|| address.with("rows", rows)))
        });
        Table {
            page: rows.iter().map(|row| row.figures).sum(),
            pager: Pager::new(shown.window, totals.partners, &address),
            rows_links: rows_links.into(),
            period: shown.search.period,
            sort: shown.sort,
            months: shown.months,
            address,
            rows,
            totals,
        }
    }

    fn heading(&self) -> String {
        counted(self.totals.partners, "partner", "partners")
    }

    fn sort_link(&self, name: &str, column: Column, figures: bool) -> SortLink {
        self.sort.link(&self.address, name, column, figures)
    }

    /// Where all results have one page, its sums are theirs.
    fn has_pages(&self) -> bool {
        self.pager.is_needed()
    }

    fn page_words(&self) -> String {
        format!("This page, {}", counted(self.rows.len(), "partner", "partners"))
    }

    fn total_words(&self) -> String {
        match self.totals.partners {
            1 => "The one result".into(),
            partners => format!("All {} results", count(partners)),
        }
    }

    /// The report for the first or the last month that has entries.
    fn month_link(&self, month: &NaiveDate) -> Address {
        let month = Period::month_of(*month);
        self.address.with("from", month.from()).with("to", month.to())
    }

    /// The same search without its filters.
    fn unfiltered(&self) -> Address {
        ["partner", "parent", "status", "program", "tag"]
            .iter()
            .fold(self.address.clone(), |address, name| address.without(name))
    }

    fn with_all(&self) -> Address {
        self.unfiltered().with("show", "all")
    }
}

impl Row {
    fn person(&self) -> Person {
        Person::partner(self.partner, &self.name, &self.code)
    }

    fn parts(&self, format: &Format) -> Vec<(&'static str, String, &'static str)> {
        parts(&self.figures, format)
    }

    /// Its ledger for the same dates.
    fn ledger(&self, period: &Period) -> String {
        paths::partner_ledger(self.partner, *period)
    }

    fn parent_name(&self) -> &str {
        self.parent.as_ref().map_or("", |(_, name)| name)
    }
}

/// `305.91 − 17.40 + 50.00` where Commissions is more than commissions earned: amount by amount with
/// the sign between and what it is.
pub fn parts(figures: &Figures, format: &Format) -> Vec<(&'static str, String, &'static str)> {
    if figures.clawbacks.is_zero() && figures.adjustments.is_zero() {
        return Vec::new();
    }
    let mut parts = vec![("", format.money(&figures.earned), "")];
    let more = [(figures.clawbacks, "clawbacks"), (figures.adjustments, "adjustments")];
    for (amount, what) in more.into_iter().filter(|(amount, _)| !amount.is_zero()) {
        parts.push((if amount.is_negative() { "−" } else { "+" }, format.money(&amount.abs()), what));
    }
    parts
}

/// What the search was for, in a few words each.
fn chips(search: &Search, form: &SearchForm, programs: &[(String, String)], format: &Format) -> Vec<String> {
    let mut chips = vec![range::words(&search.period, format)];
    chips.push(if search.all { "All partners" } else { "With a balance, activity or open entries" }.into());
    let program = programs.iter().find(|(id, _)| *id == form.program).map(|(_, name)| name.as_str());
    let status = search.status.map(|status| if status.word() == "active" { "Active" } else { "Inactive" });
    for (name, value) in [
        ("Partner", Some(search.partner.as_str())),
        ("Parent", Some(search.parent.as_str())),
        ("Status", status),
        ("Program", program),
        ("Tag", Some(search.tag.as_str())),
    ] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            chips.push(format!("{name}: {value}"));
        }
    }
    chips
}
