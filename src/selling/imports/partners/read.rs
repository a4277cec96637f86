//! Reading a `partners` file.

use super::{Content, Draft, Headings, Says};
use crate::domain::typed::Trimmed;
use crate::people::contacts::PostalAddress;
use crate::people::partners::{NewPartner, PartnerStatus};
use crate::selling::imports::Task;
use crate::selling::imports::cells::SHORT;
use crate::selling::imports::report::{RowError, sound};
use crate::selling::imports::table::{Column, Place, Row, Table};

pub(in crate::selling::imports) const COLUMNS: &[Column] = &[
    Column::required(
        "code",
        &["partner_code"],
        "The partner's code: letters, digits, dash, underscore. A known code is left as it is.",
    ),
    Column::required("name", &["referral_partner"], "The person or company."),
    Column::optional("email", &[], "Each partner has its own, or none."),
    Column::optional(
        "parent_code",
        &["parent"],
        "Who recruited the partner: a code of this file or one that is known.",
    ),
    Column::optional("status", &[], "active (where it is empty) or inactive."),
    Column::optional("program", &["programs"], "Commission programs by name, several separated by ;"),
    Column::optional(
        "track_leads_days",
        &[],
        "For how many days a lead counts; empty: as Referral Partner Defaults say.",
    ),
    Column::optional("notify_on_lead", &[], "yes or no: a mail for each lead."),
    Column::optional("notify_on_sale", &[], "yes or no: a mail for each sale."),
    Column::optional("address_line1", &["address", "address_1", "street"], "Where ledgers and cheques go."),
    Column::optional("address_line2", &["address_2"], "Its second line."),
    Column::optional("city", &[], ""),
    Column::optional("state", &[], "State or province."),
    Column::optional("postal_code", &["zip"], ""),
    Column::optional("country", &[], "As it stands on an envelope."),
];

const STATUSES: &[(&str, PartnerStatus)] =
    &[("active", PartnerStatus::Active), ("inactive", PartnerStatus::Inactive)];

/// Where the columns stand.
struct Places {
    code: Place,
    name: Place,
    email: Place,
    parent: Place,
    status: Place,
    program: Place,
    track_leads_days: Place,
    notify_on_lead: Place,
    notify_on_sale: Place,
    address: [Place; 6],
}

/// Reads the rows, each for itself. None: the file cannot be used.
pub fn read(task: &mut Task) -> Option<Content> {
    let report = &mut task.report;
    let mut table = Table::open(task.import, COLUMNS, report)?;
    let places = Places::of(&table);
    let says = Says {
        parent: places.parent.is_there(),
        status: places.status.is_there(),
        track_leads_days: places.track_leads_days.is_there(),
        notify_on_lead: places.notify_on_lead.is_there(),
        notify_on_sale: places.notify_on_sale.is_there(),
    };
    let heading = |place| table.heading(place).to_string();
    let headings = Headings {
        code: heading(places.code),
        email: heading(places.email),
        parent: heading(places.parent),
        program: heading(places.program),
    };
    let mut drafts = Vec::new();
    while let Some(row) = table.next_row(report) {
        let mut problems = Vec::new();
        let draft = places.draft(&row, &mut problems);
        if problems.is_empty() {
            drafts.push(draft);
        }
        problems.into_iter().for_each(|problem| report.error(problem));
    }
    Some(Content { drafts, says, headings })
}

impl Places {
    fn of(table: &Table) -> Places {
        Places {
            code: table.place("code"),
            name: table.place("name"),
            email: table.place("email"),
            parent: table.place("parent_code"),
            status: table.place("status"),
            program: table.place("program"),
            track_leads_days: table.place("track_leads_days"),
            notify_on_lead: table.place("notify_on_lead"),
            notify_on_sale: table.place("notify_on_sale"),
            address: ["address_line1", "address_line2", "city", "state", "postal_code", "country"]
                .map(|name| table.place(name)),
        }
    }

    /// What the row says; where there are problems it does not count.
    fn draft(&self, row: &Row, problems: &mut Vec<RowError>) -> Draft {
        let parent = (!row.is_empty(self.parent)).then(|| row.partner_code(self.parent));
        let [line1, line2, city, state, postal_code, country] =
            self.address.map(|place| sound(row.text(place, SHORT), problems).to_string());
        // A list of programs may be as long as it likes; each name is checked by being known.
        let programs = sound(row.text(self.program, 100 * SHORT), problems);
        Draft {
            row: row.number,
            partner: NewPartner {
                code: sound(row.partner_code(self.code), problems).to_string(),
                name: sound(row.required(self.name, SHORT), problems).to_string(),
                email: sound(row.email(self.email), problems).map(str::to_string),
                parent: None,
                status: row.word(self.status, STATUSES).unwrap_or_else(|problem| {
                    problems.push(problem);
                    PartnerStatus::Active
                }),
                track_leads_days: sound(row.whole(self.track_leads_days, 1, 36_500), problems),
                notify_on_lead: sound(row.yes_no(self.notify_on_lead), problems).unwrap_or(false),
                notify_on_sale: sound(row.yes_no(self.notify_on_sale), problems).unwrap_or(false),
                address: PostalAddress { line1, line2, city, state, postal_code, country },
            },
            parent: parent.map(|code| sound(code, problems).to_ascii_lowercase()),
            programs: programs
                .split(';')
                .map(Trimmed::trimmed)
                .filter(|name| !name.is_empty())
                .map(str::to_string)
                .collect(),
        }
    }
}
