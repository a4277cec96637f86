//! *What would it have paid?*: a program as edited, before it is saved, run over orders that there are,
//! beside what they earned. Only the program's rules differ: each order keeps the partners that it
//! credited, with their parents and whether they were active, as it recorded them, and all that came
//! back and was paid since. Enrolments, the other programs and Referral Partner Defaults are today's; a
//! partner also counts as enrolled in the programs by which the order paid it. Nothing is written.

pub mod handlers;
mod queries;

use crate::domain::commission::Lineage;
use crate::domain::ids::{OrderId, PartnerId, ProgramId};
use crate::domain::money::{AmountProblem, Money};
use crate::domain::period::Period;
use crate::domain::program::{Program, Role};
use crate::domain::settings::PayoutRules;
use crate::domain::trial::{holds, would_hold};
use crate::error::AppError;
use crate::running::settings;
use crate::selling::orders::Story;
use crate::selling::orders::queries::{StoredOrder, load};
use crate::selling::programs::{self, ProgramTerms};
use anyhow::Context;
use chrono::NaiveDate;
use diesel::PgConnection;
use std::collections::{BTreeMap, HashMap, HashSet};

/// More orders than this take too long to wait for.
const MOST_ORDERS: usize = 20_000;

/// What is tried.
#[derive(Debug, Clone)]
pub struct Question {
    /// The program; none for a new one.
    pub program: Option<ProgramId>,
    /// As edited.
    pub terms: ProgramTerms,
    /// Who is to be enrolled beside those who are.
    pub partners: Vec<PartnerId>,
    pub period: Period,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Trial {
    /// How many orders credit a partner of the program.
    pub orders: usize,
    pub sums: Sums,
    pub by_partner: BTreeMap<PartnerId, Sums>,
    /// The orders for which the program as edited earns something else than they earned.
    pub differing: Vec<TriedOrder>,
}

/// What some orders earned, and would have earned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// What the ledger holds of them.
    pub earned: Money,
    /// By the programs as they are saved.
    pub saved: Money,
    /// By the program as edited.
    pub edited: Money,
}

/// An order that earns something else.
#[derive(Debug, Clone)]
pub struct TriedOrder {
    pub id: OrderId,
    pub number: String,
    pub ordered_on: NaiveDate,
    pub sums: Sums,
}

/// Which programs there are, and who is in which: as saved, or as tried.
struct World {
    programs: HashMap<ProgramId, Program>,
    enrolled: HashMap<PartnerId, Vec<ProgramId>>,
}

/// Runs the program over the orders of the period. None: there are too many orders.
pub fn run(conn: &mut PgConnection, question: &Question) -> Result<Option<Trial>, AppError> {
    let rules = settings::defaults(conn)?.0.payout;
    let mut partners = match question.program {
        Some(program) => queries::enrolled(conn, program)?,
        None => Vec::new(),
    };
    partners.extend(&question.partners);
    let credits = queries::credits(conn, question.program, &partners, question.period, MOST_ORDERS + 1)?;
    if credits.len() > MOST_ORDERS {
        return Ok(None);
    }
    let ids: Vec<OrderId> = credits.iter().map(|credit| credit.order_id).collect();
    let mut stored: HashMap<OrderId, StoredOrder> =
        load(conn, &ids)?.into_iter().map(|order| (order.id, order)).collect();
    let used = queries::programs_used(conn, &ids)?;
    let stories = credits.iter().map(|credit| {
        serde_json::from_value(credit.why.clone())
            .with_context(|| format!("the story of order {}", credit.number))
    });
    let stories: Vec<Story> = stories.collect::<Result<_, _>>()?;
    let (saved, edited) = worlds(conn, question, &stories)?;

    let mut trial = Trial { orders: credits.len(), ..Trial::default() };
    for (credit, story) in credits.into_iter().zip(stories) {
        let Some(order) = stored.remove(&credit.order_id) else { continue };
        let used = used.get(&credit.order_id).map_or(&[][..], Vec::as_slice);
        let earned = holds(&order.order);
        let saved = saved.hold(&order, &story, used, rules)?;
        let edited = edited.hold(&order, &story, used, rules)?;
        let sums = trial.add(&earned, &saved, &edited);
        if earned != edited {
            let (id, number, ordered_on) = (credit.order_id, credit.number, credit.ordered_on);
            trial.differing.push(TriedOrder { id, number, ordered_on, sums });
        }
    }
    Ok(Some(trial))
}

impl Trial {
    fn add(
        &mut self,
        earned: &BTreeMap<PartnerId, Money>,
        saved: &BTreeMap<PartnerId, Money>,
        edited: &BTreeMap<PartnerId, Money>,
    ) -> Sums {
        let mut of_order = Sums::default();
        let partners: HashSet<PartnerId> =
            earned.keys().chain(saved.keys()).chain(edited.keys()).copied().collect();
        for partner in partners {
            let of = |held: &BTreeMap<PartnerId, Money>| held.get(&partner).copied().unwrap_or_default();
            let sums = Sums { earned: of(earned), saved: of(saved), edited: of(edited) };
            self.by_partner.entry(partner).or_default().add(sums);
            self.sums.add(sums);
            of_order.add(sums);
        }
        of_order
    }
}

impl Sums {
    fn add(&mut self, other: Sums) {
        self.earned += other.earned;
        self.saved += other.saved;
        self.edited += other.edited;
    }

    /// How much more the program as edited would have paid.
    pub fn difference(self) -> Money {
        self.edited - self.earned
    }
}

fn worlds(
    conn: &mut PgConnection,
    question: &Question,
    stories: &[Story],
) -> Result<(World, World), AppError> {
    let programs: HashMap<ProgramId, Program> =
        programs::in_force(conn)?.into_iter().map(|program| (program.id, program)).collect();
    let own = |lineage: &Option<Lineage>| lineage.map(|lineage| lineage.own.partner);
    let partners: HashSet<PartnerId> =
        stories.iter().flat_map(|story| [own(&story.lead), own(&story.sale)]).flatten().collect();
    let enrolled = programs::enrolments(conn, &partners.into_iter().collect::<Vec<_>>())?;
    let saved = World { programs, enrolled };
    // A new program is the last one created; its rules are told from all that are saved.
    let id = question.program.unwrap_or(ProgramId(i64::MAX));
    let mut edited = World { programs: saved.programs.clone(), enrolled: saved.enrolled.clone() };
    edited.programs.insert(id, programs::as_if_saved(&question.terms, id, i64::MIN));
    for partner in &question.partners {
        let programs = edited.enrolled.entry(*partner).or_default();
        if !programs.contains(&id) {
            programs.push(id);
        }
    }
    Ok((saved, edited))
}

impl World {
    fn hold(
        &self,
        order: &StoredOrder,
        story: &Story,
        used: &[(Role, ProgramId)],
        rules: PayoutRules,
    ) -> Result<BTreeMap<PartnerId, Money>, AppError> {
        let own = |lineage: Option<Lineage>| lineage.map(|lineage| lineage.own.partner);
        let enrolled = |partner: PartnerId| {
            let by_order = used.iter().filter(|(role, _)| {
                let of_role = if *role == Role::Lead { story.lead } else { story.sale };
                own(of_role) == Some(partner)
            });
            let today = self.enrolled.get(&partner).into_iter().flatten();
            let ids: HashSet<&ProgramId> = today.chain(by_order.map(|(_, program)| program)).collect();
            ids.into_iter().filter_map(|id| self.programs.get(id)).collect()
        };
        let credited = (story.lead.as_ref(), story.sale.as_ref());
        would_hold(&order.order, &order.sold, credited, enrolled, rules).map_err(too_large)
    }
}

fn too_large(problem: AmountProblem) -> AppError {
    AppError::Refused(format!(
        "An amount {problem}: more than can be kept. Lower the rates; nothing was saved."
    ))
}
