//! The search of a partner's clicks.

use chrono::{DateTime, Days, NaiveTime, Utc};
use chrono_tz::Tz;

use crate::domain::ids::LinkId;
use crate::domain::instant::first_instant;
use crate::domain::period::{Period, Preset};
use crate::domain::typed::Trimmed;
use crate::web::forms::{FormData, Problems};
use crate::web::range::{RangeForm, shortened};

/// The search as it was typed.
#[derive(Debug, Clone, Default)]
pub struct SearchForm {
    pub dates: RangeForm,
    /// A link's number, `own`, or empty for any.
    pub link: String,
    /// By [`Who`]'s words.
    pub who: String,
    /// By [`Became`]'s words.
    pub became: String,
}

/// Which clicks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Both days included.
    pub period: Period,
    pub link: Option<Link>,
    pub who: Who,
    pub became: Option<Became>,
}

/// Through which link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// The partner's own address, which leads to the default destination.
    Own,
    This(LinkId),
}

/// Who clicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    People,
    Robots,
    All,
}

/// What became of a click.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    /// Its visitor is known as a contact: it is a referral.
    Lead,
    /// An order was credited by it.
    Sale,
}

/// Who clicked: the words of the address and of the page.
pub const WHO: [(Who, &str, &str); 3] =
    [(Who::People, "", "People"), (Who::Robots, "robots", "Robots"), (Who::All, "all", "People and robots")];

/// What became of it: the words of the address and of the page.
pub const BECAME: [(Option<Became>, &str, &str); 3] = [
    (None, "", "Whatever became of it"),
    (Some(Became::Lead), "lead", "Became a lead"),
    (Some(Became::Sale), "sale", "Became a sale"),
];

impl SearchForm {
    /// Reads the search; this month where no dates are asked for.
    pub fn read(query: &FormData, today: chrono::NaiveDate) -> SearchForm {
        let field = |name: &str| query.get(name).trimmed().to_string();
        SearchForm {
            dates: RangeForm::read(query, today, Preset::ThisMonth),
            link: field("link"),
            who: field("who"),
            became: field("became"),
        }
    }

    /// What it means, or everything that is wrong with it.
    pub fn parse(&self) -> Result<Search, Problems> {
        let mut problems = Problems::none();
        let period = self.dates.period(&mut problems);
        let link = match self.link.as_str() {
            "" => None,
            "own" => Some(Link::Own),
            number => number.parse().ok().map(|id| Link::This(LinkId(id))),
        };
        if link.is_none() && !self.link.is_empty() {
            problems.add("link", format!("There is no link “{}”.", shortened(&self.link)));
        }
        let who = WHO.iter().find(|(_, word, _)| *word == self.who).map(|(who, ..)| *who);
        if who.is_none() {
            problems.add("who", format!("“{}” is no choice here.", shortened(&self.who)));
        }
        let became = BECAME.iter().find(|(_, word, _)| *word == self.became).map(|(became, ..)| *became);
        if became.is_none() {
            problems.add("became", format!("“{}” is no choice here.", shortened(&self.became)));
        }
        match (period, who, became) {
            (Some(period), Some(who), Some(became)) => problems.or(Search { period, link, who, became }),
            _ => Err(problems),
        }
    }

    /// Whether more than dates is asked for.
    pub fn is_narrowed(&self) -> bool {
        [&self.link, &self.who, &self.became].iter().any(|typed| !typed.is_empty())
    }
}

impl Search {
    /// The instants from which on and before which its days lie in this zone; none = open.
    pub fn instants(&self, zone: Tz) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let begin = |day: chrono::NaiveDate| first_instant(day.and_time(NaiveTime::MIN), zone);
        let from = (self.period.from() > Period::FIRST_DAY).then(|| begin(self.period.from()));
        let to = (self.period.to() < Period::LAST_DAY).then(|| begin(self.period.to() + Days::new(1)));
        (from, to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<const N: usize>(fields: [(&str, &str); N]) -> SearchForm {
        SearchForm::read(&FormData::from(fields), "2026-11-03".parse().unwrap())
    }

    #[test]
    fn this_months_clicks_of_people_are_meant_where_nothing_is_asked_for() {
        let search = read([]).parse().unwrap();
        assert_eq!(
            search,
            Search {
                period: Period::new("2026-11-01".parse().unwrap(), "2026-11-30".parse().unwrap()).unwrap(),
                link: None,
                who: Who::People,
                became: None,
            }
        );
        let (from, to) = search.instants(chrono_tz::Europe::Berlin);
        let shown = |at: Option<DateTime<Utc>>| at.unwrap().to_rfc3339();
        assert_eq!(
            (shown(from), shown(to)),
            ("2026-10-31T23:00:00+00:00".into(), "2026-11-30T23:00:00+00:00".into())
        );
        assert_eq!(
            read([("preset", "all")]).parse().unwrap().instants(chrono_tz::Europe::Berlin),
            (None, None)
        );
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let form =
            read([("from", "1e3"), ("link", "NaN"), ("who", "me"), ("became", "x'--"), ("to", "2026-10-31")]);
        let problems = form.parse().unwrap_err();
        let fields: Vec<_> = problems.iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["from", "link", "who", "became"]);
    }
}
