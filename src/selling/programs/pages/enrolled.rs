//! Who is enrolled in a program.

use super::super::queries::pages::EnrolledRow;
use super::Head;
use crate::domain::ids::PartnerId;
use crate::domain::period::business_date;
use crate::people::names::Person;
use crate::web::admin::SignedIn;
use crate::web::forms::Problems;
use crate::web::layout::Layout;
use crate::web::list::Pager;
use askama::Template;
use chrono::NaiveDate;

/// The partners, and the form that enrols more.
#[derive(Template)]
#[template(path = "programs/partners.html")]
pub struct EnrolledPage {
    layout: Layout,
    head: Head,
    partners: Vec<Line>,
    pager: Pager,
    /// The codes that were typed.
    codes: String,
    problems: Problems,
}

/// One partner.
struct Line {
    id: PartnerId,
    person: Person,
    code: String,
    active: bool,
    since: NaiveDate,
    others: String,
}

impl EnrolledPage {
    pub fn new(
        visitor: &SignedIn,
        head: Head,
        partners: Vec<EnrolledRow>,
        pager: Pager,
        (codes, problems): (String, Problems),
    ) -> EnrolledPage {
        let layout = head.layout(visitor);
        let line = |row: EnrolledRow| Line {
            id: row.id,
            person: Person::partner(row.id, &row.name, &row.code),
            code: row.code,
            active: row.active,
            since: business_date(row.enrolled_at, layout.format.zone),
            others: row.others.join(", "),
        };
        EnrolledPage {
            partners: partners.into_iter().map(line).collect(),
            layout,
            head,
            pager,
            codes,
            problems,
        }
    }
}
