//! The list of programs, in the order in which they are asked.

use super::super::forms::PrioritiesForm;
use super::super::queries::pages::ListRow;
use super::super::words;
use super::may_edit;
use crate::domain::ids::ProgramId;
use crate::domain::program::Program;
use crate::domain::settings::PayoutRules;
use crate::people::names::shown;
use crate::web::admin::SignedIn;
use crate::web::forms::Problems;
use crate::web::layout::Layout;
use crate::web::paths;
use askama::Template;

/// The list.
#[derive(Template)]
#[template(path = "programs/index.html")]
pub struct IndexPage {
    layout: Layout,
    programs: Vec<Line>,
    problems: Problems,
    may_edit: bool,
}

/// One program.
struct Line {
    id: ProgramId,
    name: String,
    priority: i32,
    /// What stands in the field of its priority.
    typed: String,
    payout: &'static str,
    /// What its default pays by today's settings.
    pays: String,
    /// What it keeps that does not count.
    kept: String,
    own_rules: String,
    partners: i64,
    path: String,
    partners_path: String,
}

impl IndexPage {
    pub fn new(
        visitor: &SignedIn,
        programs: &[(ListRow, Program)],
        rules: PayoutRules,
        form: &PrioritiesForm,
        problems: Problems,
    ) -> IndexPage {
        let layout = visitor.layout("Commission Programs").under("CRM", "").wide();
        let format = layout.format;
        let line = |(row, program): &(ListRow, Program)| {
            let default = |counting| {
                let default = program.default.as_ref();
                default.map(|rule| words::rates(rule, program.amount_per, rules, counting, &format))
            };
            Line {
                id: row.id,
                path: paths::program(row.id),
                partners_path: paths::program_partners(row.id),
                name: shown(&row.name, &format!("Program {}", row.id)),
                priority: program.priority,
                typed: form.typed(row.id).map_or_else(|| program.priority.to_string(), String::from),
                payout: words::payout(program.payout),
                pays: default(true).unwrap_or_else(|| "only products with rules of their own".into()),
                kept: default(false).unwrap_or_default(),
                own_rules: words::own_rules(program),
                partners: row.partners,
            }
        };
        let programs = programs.iter().map(line).collect();
        IndexPage { programs, problems, may_edit: may_edit(visitor), layout }
    }
}
