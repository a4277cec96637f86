//! The form of a program, new or known.

use super::super::forms::{DEFAULT, Facts, ProgramForm, RuleForm};
use super::super::queries::edit::{Record, Usage};
use super::super::{ProgramTerms, as_if_saved, words};
use super::grid::Grid;
use super::layout;
use super::trial::{TrialView, periods};
use crate::domain::ids::{ProductId, ProgramId};
use crate::domain::period::Period;
use crate::domain::program::{AmountPer, Payout, Program, Rule};
use crate::domain::settings::PayoutRules;
use crate::domain::typed::Trimmed;
use crate::people::names::shown;
use crate::web::admin::SignedIn;
use crate::web::conflict::Conflict;
use crate::web::forms::Problems;
use crate::web::html::Format;
use crate::web::layout::Layout;
use crate::web::list::Pager;
use crate::web::paths;
use askama::Template;

/// How many of the products' own rules the form shows at once.
pub const RULES_SHOWN: i64 = 20;

/// What is edited: what the form is compared with, and what is known beside it.
#[derive(Clone)]
pub struct Subject {
    /// The program; none for a new one.
    pub record: Option<Record>,
    pub usage: Option<Usage>,
    pub facts: Facts,
    /// Referral Partner Defaults 7 to 10.
    pub rules: PayoutRules,
    /// Which of the saved own rules are shown; none for a new program.
    pub pager: Option<Pager>,
    /// What was looked for among them.
    pub words: String,
    /// The days of the first and the last order; none where there is none.
    pub orders: Option<Period>,
}

/// The form.
#[derive(Template)]
#[template(path = "programs/edit.html")]
pub struct EditPage {
    layout: Layout,
    id: Option<ProgramId>,
    /// Where the form goes, and where Cancel leads.
    path: String,
    /// As it is saved.
    name: String,
    form: ProgramForm,
    default: Grid,
    rules: Vec<RuleCard>,
    problems: Problems,
    conflict: Conflict,
    usage: Option<Usage>,
    pager: Option<Pager>,
    words: String,
    /// The months and quarters to try it on; empty where there are no orders.
    periods: Vec<(String, String)>,
    trial: Option<TrialView>,
}

/// A product's own rule on the form.
struct RuleCard {
    key: u32,
    known: Option<ProductId>,
    /// The field of the product of a new rule.
    product_field: String,
    known_field: String,
    removed_field: String,
    product: String,
    name: String,
    removed: bool,
    /// What it pays, in short.
    pays: String,
    is_open: bool,
    grid: Grid,
}

impl EditPage {
    pub fn new(visitor: &SignedIn, subject: Subject, form: ProgramForm, problems: Problems) -> EditPage {
        let id = subject.record.as_ref().map(|record| record.id);
        let name = match &subject.record {
            Some(record) => shown(&record.name, &format!("Program {}", record.id)),
            None => String::new(),
        };
        let layout = match id {
            Some(id) => layout(visitor, format!("Edit {name}")).under(name.clone(), paths::program(id)),
            None => layout(visitor, "Add a commission program".into()),
        };
        let format = layout.format;
        let saved_default = subject.facts.in_force.as_ref().and_then(|program| program.default.as_ref());
        EditPage {
            default: Grid::new(DEFAULT, &form.default, saved_default, subject.rules, format.currency),
            rules: form
                .rules
                .iter()
                .map(|rule| RuleCard::new(rule, &form, &subject, &problems, &format))
                .collect(),
            usage: subject.usage,
            pager: subject.pager,
            words: subject.words,
            conflict: Conflict::none(),
            periods: subject.orders.map(|orders| periods(orders, visitor.today())).unwrap_or_default(),
            trial: None,
            path: id.map_or(paths::PROGRAMS.into(), paths::program),
            id,
            name,
            form,
            problems,
            layout,
        }
    }

    /// Somebody has saved the program since the form was opened: what was typed stays, and may be saved
    /// now.
    pub fn with_conflict(
        visitor: &SignedIn,
        subject: Subject,
        mut form: ProgramForm,
        typed: &ProgramTerms,
    ) -> EditPage {
        let (name, version) = subject
            .record
            .as_ref()
            .map_or((String::new(), 0), |record| (record.name.clone(), record.version));
        form.version = version.to_string();
        let conflict = conflict(&subject, &name, typed, &visitor.company.format());
        EditPage { conflict, ..EditPage::new(visitor, subject, form, Problems::none()) }
    }

    /// The same, with what the program would have paid.
    pub fn with_trial(self, trial: TrialView) -> EditPage {
        EditPage { trial: Some(trial), ..self }
    }

    fn edit_path(&self) -> String {
        self.id.map(paths::program_edit).unwrap_or_default()
    }

    fn delete_path(&self) -> String {
        self.id.map(paths::program_delete).unwrap_or_default()
    }

    fn payouts(&self) -> [(&'static str, &'static str); 2] {
        [Payout::UpFront, Payout::OnPayment].map(|payout| (payout.word(), words::payout(payout)))
    }

    fn amounts(&self) -> [(&'static str, &'static str); 2] {
        [(AmountPer::Unit.word(), "Per unit"), (AmountPer::Order.word(), "Once per order")]
    }

    fn covers(&self) -> [(&'static str, &'static str); 2] {
        [("yes", "Covered, by this default"), ("no", "Not covered")]
    }
}

impl RuleCard {
    /// Whether it is shown unfolded.
    fn is_open(&self) -> bool {
        self.is_open
    }

    fn new(
        rule: &RuleForm,
        form: &ProgramForm,
        subject: &Subject,
        problems: &Problems,
        format: &Format,
    ) -> RuleCard {
        let prefix = rule.prefix();
        let named = match rule.known {
            Some(id) => Some(id),
            None => subject.facts.by_code.get(rule.product.trimmed()).map(|product| product.id),
        };
        let saved = saved_rule(&subject.facts, rule.known);
        let amounts = AmountPer::from_word(&form.amount_per).unwrap_or(AmountPer::Unit);
        let typed = rule.cells.as_rule(named, saved, format.currency);
        let is_new = rule.known.is_none();
        RuleCard {
            key: rule.key,
            known: rule.known,
            product_field: rule.field("product"),
            known_field: rule.field("known"),
            removed_field: rule.field("removed"),
            product: rule.product.clone(),
            name: named.map_or_else(|| "A product".into(), |id| words::product(id, &subject.facts.names())),
            removed: rule.removed,
            pays: words::rates(&typed, amounts, subject.rules, true, format),
            is_open: is_new || problems.iter().any(|(field, _)| field.starts_with(&format!("{prefix}-"))),
            grid: Grid::new(&prefix, &rule.cells, saved, subject.rules, format.currency),
        }
    }
}

fn saved_rule(facts: &Facts, product: Option<ProductId>) -> Option<&Rule> {
    facts.in_force.as_ref()?.products.get(&product?)
}

fn conflict(subject: &Subject, name: &str, typed: &ProgramTerms, format: &Format) -> Conflict {
    let Some(saved) = &subject.facts.in_force else { return Conflict::of([]) };
    let mine = as_if_saved(typed, saved.id, 0);
    let differing = words::differing_products(saved, &mine);
    let names = subject.facts.names();
    let all = |program: &Program, rule: Option<&Rule>| match rule {
        None => "no rule".to_string(),
        Some(rule) => {
            let on = words::rates(rule, program.amount_per, subject.rules, true, format);
            let off = words::rates(rule, program.amount_per, subject.rules, false, format);
            match (on.is_empty(), off.is_empty()) {
                (true, true) => "pays nothing".into(),
                (_, true) => on,
                (true, false) => format!("off: {off}"),
                (false, false) => format!("{on}; off: {off}"),
            }
        }
    };
    let own = |program: &Program| {
        let line = |id: &ProductId| {
            format!("{}: {}", words::product(*id, &names), all(program, program.products.get(id)))
        };
        differing.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    Conflict::of([
        ("Name", name.to_string(), typed.name.clone()),
        ("Priority", saved.priority.to_string(), mine.priority.to_string()),
        ("Payout type", words::payout(saved.payout).into(), words::payout(mine.payout).into()),
        ("Amounts", words::per(saved.amount_per).into(), words::per(mine.amount_per).into()),
        ("Default rule", all(saved, saved.default.as_ref()), all(&mine, mine.default.as_ref())),
        ("Products’ own rules", own(saved), own(&mine)),
    ])
}
