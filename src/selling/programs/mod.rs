//! Commission programs: what they pay, in dated versions. [`save`] adds a version where something
//! differs; nothing that was saved is ever changed, so every commission can show its working.

mod edit;
pub mod forms;
pub mod handlers;
pub mod pages;
pub(crate) mod queries;
pub mod words;

pub use edit::{Changed, NewProgram, change, create, remove, set_priorities};

use crate::domain::ids::{PartnerId, ProductId, ProgramId, ProgramVersionId, RuleId, UserId};
use crate::domain::program::{AmountPer, Level, Payout, Program, Rates, Rule};
use crate::error::AppError;
use crate::running::settings;
use diesel::PgConnection;
use std::collections::{HashMap, HashSet};

/// What a program is to pay, as a person or a file says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramTerms {
    /// Compared without regard to case.
    pub name: String,
    /// The lowest number goes first (spec 4.1).
    pub priority: i32,
    pub payout: Payout,
    pub amount_per: AmountPer,
    /// At most one for each product, and one default.
    pub rules: Vec<TermsRule>,
}

/// A product's own rule, or the default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsRule {
    pub product: Option<ProductId>,
    pub rows: Vec<(Level, Rates)>,
}

/// Makes programs, or adds a dated version to those that are known under their name and pay
/// otherwise now; one that says the same already is left alone. Their ids in the order of the list.
pub fn save(
    conn: &mut PgConnection,
    terms: &[ProgramTerms],
    made_by: Option<UserId>,
) -> Result<Vec<ProgramId>, AppError> {
    // A version says under which Referral Partner Defaults it was made: they must not change meanwhile.
    settings::queries::hold_defaults(conn)?;
    let names: Vec<&str> = terms.iter().map(|terms| terms.name.as_str()).collect();
    let ids = queries::find_or_make(conn, &names)?;
    // Locked, so that of two who save at once the second sees the version of the first.
    let in_force: HashMap<ProgramId, Program> =
        queries::in_force(conn)?.into_iter().map(|program| (program.id, program)).collect();
    let mut seen = HashSet::new();
    let differing: Vec<(ProgramId, &ProgramTerms)> = ids
        .iter()
        .copied()
        .zip(terms)
        .filter(|(id, terms)| {
            seen.insert(*id) && in_force.get(id).is_none_or(|program| !says(program, terms))
        })
        .collect();
    queries::add_versions(conn, &differing, made_by)?;
    queries::count_save(conn, &differing.iter().map(|(program, _)| *program).collect::<Vec<_>>())?;
    Ok(ids)
}

/// Every program as it stands: its newest version, with its rules.
pub fn in_force(conn: &mut PgConnection) -> Result<Vec<Program>, AppError> {
    Ok(queries::in_force(conn)?)
}

/// The programs in which each of these partners is enrolled.
pub fn enrolments(
    conn: &mut PgConnection,
    partners: &[PartnerId],
) -> Result<HashMap<PartnerId, Vec<ProgramId>>, AppError> {
    Ok(queries::enrolments(conn, partners)?)
}

/// Gives every program a new version with the rules that it has, under the Referral Partner Defaults
/// now in force: for when settings 7 to 10 have changed (spec 2). Tells which programs these are.
pub fn new_versions_for_defaults(
    conn: &mut PgConnection,
    made_by: Option<UserId>,
) -> Result<Vec<ProgramId>, AppError> {
    queries::lock_all(conn)?;
    let names = queries::names(conn)?;
    let terms: Vec<(ProgramId, ProgramTerms)> = queries::in_force(conn)?
        .iter()
        .map(|program| (program.id, terms_of(program, names.get(&program.id).cloned().unwrap_or_default())))
        .collect();
    let terms: Vec<(ProgramId, &ProgramTerms)> = terms.iter().map(|(id, terms)| (*id, terms)).collect();
    queries::add_versions(conn, &terms, made_by)?;
    Ok(terms.into_iter().map(|(id, _)| id).collect())
}

/// Whether a program says just this.
fn says(program: &Program, terms: &ProgramTerms) -> bool {
    let rules: HashMap<Option<ProductId>, Rule> = terms
        .rules
        .iter()
        .map(|rule| (rule.product, Rule::new(RuleId(0), rule.product, rule.rows.iter().copied())))
        .collect();
    let same = |rule: &Rule| {
        let other = rules.get(&rule.product);
        other.is_some_and(|other| Level::ALL.iter().all(|level| rule.rates(*level) == other.rates(*level)))
    };
    program.priority == terms.priority
        && program.payout == terms.payout
        && program.amount_per == terms.amount_per
        && rules_of(program).count() == rules.len()
        && rules_of(program).all(same)
}

fn terms_of(program: &Program, name: String) -> ProgramTerms {
    let mut rules: Vec<TermsRule> = rules_of(program).map(|rule| terms_of_rule(rule.product, rule)).collect();
    rules.sort_by_key(|rule| rule.product);
    ProgramTerms {
        name,
        priority: program.priority,
        payout: program.payout,
        amount_per: program.amount_per,
        rules,
    }
}

fn terms_of_rule(product: Option<ProductId>, rule: &Rule) -> TermsRule {
    let rows = Level::ALL.into_iter().map(|level| (level, rule.rates(level))).collect();
    TermsRule { product, rows }
}

/// The program that these terms would make, in the place of one that is in force or of a new one: for
/// reckoning, not for keeping. Its rules are numbered from `first_rule` on.
pub fn as_if_saved(terms: &ProgramTerms, id: ProgramId, first_rule: i64) -> Program {
    let rules = (first_rule..).zip(&terms.rules);
    let rules =
        rules.map(|(number, rule)| Rule::new(RuleId(number), rule.product, rule.rows.iter().copied()));
    let (default, products): (Vec<Rule>, Vec<Rule>) = rules.partition(|rule| rule.product.is_none());
    Program {
        id,
        version: ProgramVersionId(0),
        priority: terms.priority,
        payout: terms.payout,
        amount_per: terms.amount_per,
        default: default.into_iter().next(),
        products: products.into_iter().filter_map(|rule| Some((rule.product?, rule))).collect(),
    }
}

fn rules_of(program: &Program) -> impl Iterator<Item = &Rule> {
    program.default.iter().chain(program.products.values())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Money;
    use crate::domain::program::{Percent, Rate};

    fn rates(percent: i64, amount: i64) -> Rates {
        let sale = Rate { percent: Percent::new(percent.into()).unwrap(), amount: Money::from_minor(amount) };
        Rates { sale, ..Rates::default() }
    }

    #[test]
    fn terms_are_compared_by_what_they_pay() {
        let rows = [(Level::One, rates(10, 0)), (Level::Two, rates(0, 5))];
        let own = Rule::new(RuleId(2), Some(ProductId(7)), []);
        let program = Program {
            id: ProgramId(1),
            version: ProgramVersionId(3),
            priority: 1,
            payout: Payout::UpFront,
            amount_per: AmountPer::Unit,
            default: Some(Rule::new(RuleId(1), None, rows)),
            products: HashMap::from([(ProductId(7), own)]),
        };
        let terms = terms_of(&program, "Standard".into());
        assert!(says(&program, &terms));
        // A level that pays nothing may be left out.
        let mut shorter = terms.clone();
        shorter.rules.iter_mut().for_each(|rule| rule.rows.retain(|(_, row)| *row != Rates::default()));
        assert!(says(&program, &shorter));

        let mut without_own_rule = terms.clone();
        without_own_rule.rules.retain(|rule| rule.product.is_none());
        assert!(!says(&program, &without_own_rule));
        assert!(!says(&program, &ProgramTerms { priority: 2, ..terms.clone() }));
        assert!(!says(&program, &ProgramTerms { amount_per: AmountPer::Order, ..terms }));
    }
}
