//! The search form of the Ledgers report: which dates, and which partners.

use chrono::NaiveDate;

use super::queries::Column;
use crate::domain::ids::{PartnerId, ProgramId};
use crate::domain::period::{Period, Preset};
use crate::domain::typed::Trimmed;
use crate::people::partners::PartnerStatus;
use crate::web::forms::{FormData, Problems};
use crate::web::list::{Address, Sort};
use crate::web::paths;
use crate::web::range::{self, RangeForm, shortened};

/// The most characters that a name or code to look for may have.
const MOST_CHARACTERS: usize = 200;

/// The columns that sort, by their word in the address.
pub const COLUMNS: [(&str, Column); 7] = [
    ("name", Column::Name),
    ("code", Column::Code),
    ("parent", Column::Parent),
    ("beginning", Column::Beginning),
    ("commissions", Column::Commissions),
    ("payments", Column::Payments),
    ("ending", Column::Ending),
];

/// Who is owed most stands first.
const BY_ENDING: Sort<Column> = Sort { by: Column::Ending, descending: true };

/// The search as it was typed.
#[derive(Debug, Clone, Default)]
pub struct SearchForm {
    pub dates: RangeForm,
    /// A name or code, or a part of one.
    pub partner: String,
    /// The same of the parent.
    pub parent: String,
    /// A status, or empty for any.
    pub status: String,
    /// A program's number, or empty for any.
    pub program: String,
    /// A tag, or empty for any.
    pub tag: String,
    /// `all`, or empty for those with a balance, activity or open entries.
    pub show: String,
    /// As [`Sort`] has it.
    pub sort: String,
    /// How many rows a page has, where somebody chose.
    pub rows: String,
}

/// Which partners, for which dates. Filters choose partners, never entries: whoever is chosen is
/// shown with all of its figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Both days included.
    pub period: Period,
    /// A part of the name or code.
    pub partner: String,
    /// A part of the parent's name or code.
    pub parent: String,
    /// Only partners of this status.
    pub status: Option<PartnerStatus>,
    /// Only partners who are enrolled in this program.
    pub program: Option<ProgramId>,
    /// Only partners with this tag, whatever its letter case; empty = any.
    pub tag: String,
    /// Also partners without balance, activity and open entries.
    pub all: bool,
}

impl SearchForm {
    /// Reads the search. Where no dates are asked for, the last month is meant: that is what people
    /// come for.
    pub fn read(query: &FormData, today: NaiveDate) -> SearchForm {
        let field = |name: &str| query.get(name).trimmed().to_string();
        SearchForm {
            dates: RangeForm::read(query, today, Preset::LastMonth),
            partner: field("partner"),
            parent: field("parent"),
            status: field("status"),
            program: field("program"),
            tag: field("tag"),
            show: field("show"),
            sort: field("sort"),
            rows: field("rows"),
        }
    }

    /// What it means, or everything that is wrong with it.
    pub fn parse(&self) -> Result<Search, Problems> {
        let mut problems = Problems::none();
        let period = self.dates.period(&mut problems);
        let partner = problems.optional_text("partner", "Partner or code", &self.partner, MOST_CHARACTERS);
        let parent = problems.optional_text("parent", "Parent", &self.parent, MOST_CHARACTERS);
        let status = PartnerStatus::from_word(&self.status);
        if status.is_none() && !self.status.is_empty() {
            problems.add("status", format!("There is no status “{}”.", shortened(&self.status)));
        }
        let program = self.program.parse().ok().map(ProgramId);
        if program.is_none() && !self.program.is_empty() {
            problems
                .add("program", format!("There is no commission program “{}”.", shortened(&self.program)));
        }
        let tag = problems.optional_text("tag", "Tag", &self.tag, MOST_CHARACTERS);
        if !["", "all"].contains(&self.show.as_str()) {
            problems.add("show", format!("“{}” is no choice here.", shortened(&self.show)));
        }
        let column = self.sort.strip_prefix('-').unwrap_or(&self.sort);
        if !self.sort.is_empty() && !COLUMNS.iter().any(|(name, _)| *name == column) {
            problems.add("sort", format!("There is no column “{}” to sort by.", shortened(column)));
        }
        match period {
            Some(period) => {
                problems.or(Search { period, partner, parent, status, program, tag, all: self.show == "all" })
            }
            None => Err(problems),
        }
    }

    /// By which column.
    pub fn sort(&self) -> Sort<Column> {
        let sort = [("sort", self.sort.as_str())];
        Sort::of(&FormData::from(sort), &COLUMNS, BY_ENDING)
    }
}

impl Search {
    /// The report with this search, in this order: presets and open ends as plain dates, so that the
    /// address shows the same when it is opened another day.
    pub fn address(&self, form: &SearchForm) -> Address {
        let fields = FormData::from([
            ("from", self.period.from().to_string().as_str()),
            ("to", self.period.to().to_string().as_str()),
            ("partner", self.partner.as_str()),
            ("parent", self.parent.as_str()),
            ("status", self.status.map_or("", PartnerStatus::word)),
            ("program", form.program.as_str()),
            ("tag", self.tag.as_str()),
            ("show", form.show.as_str()),
            ("sort", form.sort.as_str()),
            ("rows", form.rows.as_str()),
        ]);
        Address::new(paths::LEDGERS, &fields)
    }

    /// What chose the partners, for the run that is kept of them.
    pub fn criteria(&self) -> serde_json::Value {
        serde_json::json!({
            "partner": self.partner, "parent": self.parent, "status": self.status.map(PartnerStatus::word),
            "program": self.program.map(|program| program.0), "tag": self.tag, "show": if self.all { "all" } else { "" },
        })
    }
}

/// The rows that were ticked, by their partners.
pub fn ticked(form: &FormData) -> Result<Vec<PartnerId>, Problems> {
    let mut partners = Vec::new();
    for tick in form.all("tick") {
        match tick.parse() {
            Ok(id) => partners.push(PartnerId(id)),
            Err(_) => {
                let sentence = format!("“{}” is no partner of this list.", shortened(tick));
                return Err(Problems::one("tick", sentence));
            }
        }
    }
    partners.sort_unstable();
    partners.dedup();
    Ok(partners)
}

/// The search of a file's address; its dates must both be there.
pub fn search_of(query: &FormData, today: NaiveDate) -> Result<Search, Problems> {
    range::of_file(query).and_then(|_| SearchForm::read(query, today).parse())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<const N: usize>(fields: [(&str, &str); N]) -> SearchForm {
        SearchForm::read(&FormData::from(fields), "2026-11-03".parse().unwrap())
    }

    #[test]
    fn without_dates_the_last_month_is_meant_and_empty_fields_are_open_ends() {
        let last_month = read([]).parse().unwrap().period;
        assert_eq!(
            (last_month.from().to_string(), last_month.to().to_string()),
            ("2026-10-01".into(), "2026-10-31".into())
        );
        let all = read([("from", ""), ("to", "")]).parse().unwrap().period;
        assert_eq!(all, Period::preset(Preset::All, all.from()));
        let since = read([("from", "2026-01-01"), ("to", "")]).parse().unwrap().period;
        assert_eq!((since.from().to_string(), since.to()), ("2026-01-01".into(), Period::LAST_DAY));
    }

    #[test]
    fn a_preset_goes_before_the_dates_in_the_fields() {
        let form = read([("preset", "last_quarter"), ("from", "nonsense"), ("to", "2026-10-31")]);
        assert_eq!((form.dates.from.as_str(), form.dates.to.as_str()), ("2026-07-01", "2026-09-30"));
        let form = read([("preset", "all"), ("from", "2026-10-01")]);
        assert_eq!((form.dates.from.as_str(), form.dates.to.as_str()), ("", ""));
        let all = form.parse().unwrap();
        assert_eq!(all.address(&form).to_string(), "/reports/ledgers?from=1900%2D01%2D01&to=2999%2D12%2D31");
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let long = "x".repeat(5000);
        let form = read([
            ("from", "2026-02-30"),
            ("to", "1e3"),
            ("partner", &long),
            ("status", "gone"),
            ("program", "NaN"),
            ("show", "some"),
            ("sort", "-secret"),
        ]);
        let problems = form.parse().unwrap_err();
        let fields: Vec<_> = problems.iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["from", "to", "partner", "status", "program", "show", "sort"]);
        let problems = read([("from", "2026-10-31"), ("to", "2026-10-01")]).parse().unwrap_err();
        assert_eq!(
            problems.of("to"),
            "To (2026-10-01) lies before From (2026-10-31): no day is in this range."
        );
    }

    #[test]
    fn ticks_are_partners_each_once() {
        let form = FormData::from([("tick", "7"), ("tick", "3"), ("tick", "7")]);
        assert_eq!(ticked(&form).unwrap(), [PartnerId(3), PartnerId(7)]);
        assert!(ticked(&FormData::from([("tick", "3; DROP TABLE")])).is_err());
    }
}
