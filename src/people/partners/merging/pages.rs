//! What the page of a merge shows.

use crate::domain::ids::PartnerId;
use crate::domain::money::Money;
use crate::people::names::Person;
use crate::people::partners::PartnerStatus;
use crate::people::partners::queries::merging::SideRow;
use crate::people::partners::record::Record;
use crate::web::admin::Administrator;
use crate::web::forms::Problems;
use crate::web::html::count;
use crate::web::layout::Layout;
use crate::web::list::Address;
use crate::web::{forms::FormData, paths};
use askama::Template;

/// The choice of the other record, and both side by side.
#[derive(Template)]
#[template(path = "partners/merge.html")]
pub struct MergePage {
    layout: Layout,
    id: PartnerId,
    name: String,
    typed: String,
    pair: Option<Pair>,
    problems: Problems,
}

/// A partner with what it has.
pub struct Side {
    pub record: Record,
    pub has: SideRow,
}

/// The record that stays and the one that is merged into it.
pub struct Pair {
    stays: Side,
    gone: Side,
}

/// One line of the comparison: what, of the one, of the other, and what is so afterwards.
pub struct Line {
    pub name: &'static str,
    pub stays: String,
    pub gone: String,
    pub afterwards: String,
}

impl MergePage {
    pub fn new(
        admin: &Administrator,
        id: PartnerId,
        name: String,
        typed: String,
        pair: Option<Pair>,
        problems: Problems,
    ) -> MergePage {
        let layout = admin.layout("Merge two partners that are one").under("CRM", "");
        let layout =
            layout.under("Referral Partners", paths::PARTNERS).under(name.clone(), paths::partner(id));
        MergePage { layout, id, name, typed, pair, problems }
    }

    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    pub fn with_problem(mut self, sentence: &str) -> MergePage {
        self.problems.add("other", sentence);
        self
    }

    fn action(&self) -> String {
        paths::partner_merge(self.id)
    }
}

impl Pair {
    pub fn new(stays: Side, gone: Side) -> Pair {
        Pair { stays, gone }
    }

    /// The other way round: the other record stays.
    fn swapped(&self) -> Address {
        let fields = FormData::from([("other", self.stays.record.facts.code.as_str())]);
        Address::new(paths::partner_merge(self.gone.record.id), &fields)
    }

    fn lines(&self) -> Vec<Line> {
        let (one, other) = (&self.stays, &self.gone);
        let keep = |name, of: fn(&Side) -> String| Line {
            name,
            stays: of(one),
            gone: of(other),
            afterwards: of(one),
        };
        let unite = |name, stays: &str, gone: &str| {
            let mut all: Vec<&str> = stays.lines().chain(gone.lines()).collect();
            all.sort_unstable();
            all.dedup();
            let joined = |text: &str| if text.is_empty() { "none".into() } else { text.replace('\n', ", ") };
            Line { name, stays: joined(stays), gone: joined(gone), afterwards: joined(&all.join("\n")) }
        };
        let add = |name, stays: i64, gone: i64| Line {
            name,
            stays: count(stays),
            gone: count(gone),
            afterwards: count(stays + gone),
        };
        let (has, had) = (&one.has, &other.has);
        vec![
            keep("Name", |side| side.record.person.facts.name.clone()),
            keep("E-mail", |side| side.record.person.facts.email.clone().unwrap_or_else(|| "none".into())),
            keep("Code", |side| side.record.facts.code.clone()),
            unite("Codes that lead to it", &has.codes, &had.codes),
            keep("Parent", |side| {
                Some(side.record.parent_code.clone()).filter(|code| !code.is_empty()).unwrap_or("none".into())
            }),
            keep("Status", |side| {
                if side.record.facts.status == PartnerStatus::Active { "active" } else { "inactive" }.into()
            }),
            unite("Programs", &has.programs, &had.programs),
            unite("Tags", &one.record.facts.tags.join("\n"), &other.record.facts.tags.join("\n")),
            add("Recruits", has.recruits, had.recruits),
            add("Referrals", has.referrals, had.referrals),
            add("Clicks", has.clicks, had.clicks),
        ]
    }

    /// What stays with each, and is shown together.
    fn book(&self) -> Vec<Line> {
        let (has, had) = (&self.stays.has, &self.gone.has);
        let line = |name, stays: i64, gone: i64| Line {
            name,
            stays: count(stays),
            gone: count(gone),
            afterwards: count(stays + gone),
        };
        vec![
            line("Orders that credit it", has.orders, had.orders),
            line("Ledger entries", has.entries, had.entries),
            line("Payments", has.payments, had.payments),
            line("Notes", has.notes, had.notes),
        ]
    }

    fn balances(&self) -> (Money, Money, Money) {
        let (one, other) = (self.stays.has.balance_minor, self.gone.has.balance_minor);
        (one, other, one + other)
    }

    fn stays(&self) -> Person {
        self.stays.person()
    }

    fn gone(&self) -> Person {
        self.gone.person()
    }

    fn gone_id(&self) -> PartnerId {
        self.gone.record.id
    }

    /// The names and values of the versions that are shown.
    fn versions(&self) -> [(&'static str, i32); 4] {
        let (one, other) = (self.stays.record.versions(), self.gone.record.versions());
        [
            ("version", one.partner),
            ("contact_version", one.person),
            ("gone_version", other.partner),
            ("gone_contact_version", other.person),
        ]
    }
}

impl Side {
    fn person(&self) -> Person {
        Person::partner(self.record.id, &self.record.person.facts.name, &self.record.facts.code)
    }
}
