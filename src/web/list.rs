//! Long lists: which page of it is shown, and by which column it is sorted. Both stand in the
//! address, so that a list can be bookmarked and sent to somebody.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::BTreeSet;

use super::forms::FormData;
use super::html::count;
use crate::error::AppError;

/// How many rows a page of a list has, where the visitor asked for nothing else.
pub const ROWS: i64 = 50;

/// The address of a list with what it was asked for, and how to change one thing of it.
#[derive(Debug, Clone)]
pub struct Address {
    path: String,
    fields: Vec<(String, String)>,
}

impl Address {
    /// The list at this path, as it was asked for.
    pub fn new(path: impl Into<String>, query: &FormData) -> Address {
        let fields = query.fields().iter().filter(|(_, value)| !value.is_empty()).cloned().collect();
        Address { path: path.into(), fields }
    }

    /// The same list, with this field set; an empty value takes it out.
    pub fn with(&self, name: &str, value: impl ToString) -> Address {
        let value = value.to_string();
        let mut fields: Vec<_> = self.fields.iter().filter(|(key, _)| key != name).cloned().collect();
        if !value.is_empty() {
            fields.push((name.to_string(), value));
        }
        Address { path: self.path.clone(), fields }
    }

    /// The same list, without this field.
    pub fn without(&self, name: &str) -> Address {
        self.with(name, "")
    }

    /// Another address with the same search: the export of a list.
    pub fn at(&self, path: impl Into<String>) -> Address {
        Address { path: path.into(), fields: self.fields.clone() }
    }

    /// What it was asked for, for the hidden fields of a form that keeps the rest of the search.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.path)?;
        for (at, (name, value)) in self.fields.iter().enumerate() {
            let (name, value) =
                (utf8_percent_encode(name, NON_ALPHANUMERIC), utf8_percent_encode(value, NON_ALPHANUMERIC));
            write!(f, "{}{name}={value}", if at == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}

/// The most rows that can be ticked: those of the longest page. More are chosen as *all results*.
const MOST_TICKS: usize = 200;

/// Which rows of a list somebody means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    /// All results of the search.
    All,
    /// The rows with these numbers, each once, in their order.
    Ticked(Vec<i64>),
}

impl Meant {
    /// Reads the ticks; where none is ticked, or *all results* is, all are meant.
    pub fn of(form: &FormData) -> Result<Meant, AppError> {
        if form.has("all") || !form.has("tick") {
            return Ok(Meant::All);
        }
        let ticks: Result<Vec<i64>, _> = form.all("tick").map(str::parse).collect();
        let mut ticks = ticks.ok().filter(|ticks| ticks.len() <= MOST_TICKS).ok_or_else(|| {
            AppError::refused("These ticks are none of this list. Open it again and tick anew.")
        })?;
        ticks.sort_unstable();
        ticks.dedup();
        Ok(Meant::Ticked(ticks))
    }
}

/// Which rows of a list a page shows; made before the query, which takes `limit` and `offset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The page's number, from 1.
    pub page: i64,
    /// How many rows it has at most.
    pub rows: i64,
}

impl Window {
    /// What `page=` and `rows=` ask for; the first page where that is nothing sensible.
    pub fn of(query: &FormData) -> Window {
        let number = |name: &str| query.get(name).trim().parse::<i64>().ok();
        let page = number("page").unwrap_or(1).clamp(1, 10_000_000);
        let rows = number("rows").filter(|rows| [20, ROWS, 100, 200].contains(rows)).unwrap_or(ROWS);
        Window { page, rows }
    }

    /// How many rows come before it.
    pub fn offset(self) -> i64 {
        (self.page - 1) * self.rows
    }

    /// How many rows it takes.
    pub fn limit(self) -> i64 {
        self.rows
    }
}

/// The line below a list: which rows these are, and the way to the others.
#[derive(Debug, Clone)]
pub struct Pager {
    window: Window,
    total: i64,
    address: Address,
}

impl Pager {
    /// The pager of a list of so many rows in all.
    pub fn new(window: Window, total: i64, address: &Address) -> Pager {
        Pager { window, total, address: address.without("page") }
    }

    /// How many rows there are in all.
    pub fn total(&self) -> i64 {
        self.total
    }

    /// `1–50 of 541,909`.
    pub fn words(&self) -> String {
        let first = self.window.offset() + 1;
        let last = (self.window.offset() + self.window.rows).min(self.total);
        if first > last {
            return format!("None of {} on this page", count(self.total));
        }
        format!("{}–{} of {}", count(first), count(last), count(self.total))
    }

    /// Whether there is more than one page.
    pub fn is_needed(&self) -> bool {
        self.last_page() > 1 || self.window.page > 1
    }

    /// The page before.
    pub fn previous(&self) -> Option<Address> {
        (self.window.page > 1).then(|| self.to((self.window.page - 1).min(self.last_page())))
    }

    /// The page after.
    pub fn next(&self) -> Option<Address> {
        (self.window.page < self.last_page()).then(|| self.to(self.window.page + 1))
    }

    /// The first, the last, and those around this one; where some are left out, a step without an
    /// address stands for them.
    pub fn steps(&self) -> Vec<Step> {
        let (here, last) = (self.window.page, self.last_page());
        let around = (here - 2).max(1)..=(here + 2).min(last);
        let pages: BTreeSet<i64> = around.chain([1, last]).collect();
        let mut steps: Vec<Step> = Vec::new();
        let mut before = 0;
        for page in pages {
            if page > before + 1 {
                steps.push(Step { page: 0, address: None });
            }
            before = page;
            steps.push(Step { page, address: (page != here).then(|| self.to(page)) });
        }
        steps
    }

    fn to(&self, page: i64) -> Address {
        if page == 1 { self.address.clone() } else { self.address.with("page", page) }
    }

    fn last_page(&self) -> i64 {
        ((self.total + self.window.rows - 1) / self.window.rows).max(1)
    }
}

/// One step of a pager: another page, this one (no address), or `…` (page 0).
#[derive(Debug, Clone)]
pub struct Step {
    /// Its number; 0 stands for those left out.
    pub page: i64,
    /// Where it leads; none for this page.
    pub address: Option<Address>,
}

/// A heading that sorts.
#[derive(Debug, Clone)]
pub struct SortLink {
    /// Where pressing it leads: the other direction if the list is sorted by it already.
    pub address: Address,
    /// The value of `aria-sort`; empty where the list is sorted by something else.
    pub aria: &'static str,
}

/// By which column a list is sorted: `sort=name` or `sort=-name`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort<C> {
    /// The column.
    pub by: C,
    /// From the greatest to the smallest.
    pub descending: bool,
}

impl<C: Copy + PartialEq> Sort<C> {
    /// What `sort=` asks for among these columns; the default where that is none of them.
    pub fn of(query: &FormData, columns: &[(&str, C)], default: Sort<C>) -> Sort<C> {
        let asked = query.get("sort");
        let name = asked.strip_prefix('-').unwrap_or(asked);
        let column = columns.iter().find(|(column, _)| *column == name);
        column.map_or(default, |(_, by)| Sort { by: *by, descending: asked.starts_with('-') })
    }

    /// The heading of a column. Figures are first sorted from the greatest, words from A.
    pub fn link(&self, address: &Address, name: &str, column: C, figures: bool) -> SortLink {
        let here = self.by == column;
        let descending = if here { !self.descending } else { figures };
        let value = if descending { format!("-{name}") } else { name.to_string() };
        let aria = match (here, self.descending) {
            (false, _) => "",
            (true, true) => "descending",
            (true, false) => "ascending",
        };
        SortLink { address: address.without("page").with("sort", value), aria }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pager_keeps_the_search_and_shows_the_ends() {
        let query = FormData::from([("partner", "Zoë & Co"), ("page", "7"), ("sort", "")]);
        let address = Address::new("/partners", &query);
        let pager = Pager::new(Window::of(&query), 541_909, &address);
        assert_eq!(pager.words(), "301–350 of 541,909");
        let pages: Vec<_> = pager.steps().iter().map(|step| step.page).collect();
        assert_eq!(pages, [1, 0, 5, 6, 7, 8, 9, 0, 10_839]);
        let first = pager.steps()[0].address.clone().unwrap().to_string();
        assert_eq!(first, "/partners?partner=Zo%C3%AB%20%26%20Co");
        assert_eq!(pager.next().unwrap().to_string(), format!("{first}&page=8"));
    }

    #[test]
    fn a_page_beyond_the_end_leads_back() {
        let query = FormData::from([("page", "9")]);
        let pager = Pager::new(Window::of(&query), 60, &Address::new("/x", &query));
        assert_eq!(pager.words(), "None of 60 on this page");
        assert_eq!(pager.previous().unwrap().to_string(), "/x?page=2");
        assert!(pager.next().is_none());
    }

    #[test]
    fn pressing_a_heading_twice_turns_the_order_round() {
        let columns = [("name", 'n'), ("ending", 'e')];
        let default = Sort { by: 'n', descending: false };
        let query = FormData::from([("sort", "-ending"), ("page", "3")]);
        let (sort, address) = (Sort::of(&query, &columns, default), Address::new("/x", &query));
        assert_eq!(sort, Sort { by: 'e', descending: true });
        let ending = sort.link(&address, "ending", 'e', true);
        assert_eq!((ending.address.to_string().as_str(), ending.aria), ("/x?sort=ending", "descending"));
        assert_eq!(sort.link(&address, "name", 'n', false).address.to_string(), "/x?sort=name");
        assert_eq!(Sort::of(&FormData::from([("sort", "x';--")]), &columns, default), default);
    }
}
