//! *What if?* on an order: who would be credited by other rules, and what that would earn. The search is
//! made again over the candidates that the order keeps, which are those that there were when it was
//! recorded; status, parents, rates and enrolments are today's. Nothing is written.

mod forms;
pub mod handlers;
mod pages;

use super::Story;
use super::queries::{self, CreditFile, OrderFile};
use crate::domain::attribution::{
    self, Candidate, Coupon, CouponOutcome, CouponTold, Question, Step, Touch, Why,
};
use crate::domain::commission::Lineage;
use crate::domain::coupon::Holder;
use crate::domain::ids::{OrderEventId, PartnerId};
use crate::domain::money::{AmountProblem, Money};
use crate::domain::program::Program;
use crate::domain::settings::TrackingRules;
use crate::domain::trial::{holds, would_hold};
use crate::error::AppError;
use crate::people::partners;
use crate::running::settings;
use crate::selling::{programs, tracking};
use anyhow::Context;
use diesel::PgConnection;
use queries::what_if as own;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What would come of it.
pub struct Hypothesis {
    /// The credit as it would be; it has no rows.
    pub credit: CreditFile,
    /// Of each partner: what the ledger holds for the order now, and what it would.
    pub earned: BTreeMap<PartnerId, (Money, Money)>,
    /// Candidates that the order does not keep by name: they were read as they are kept now.
    pub reread: bool,
}

/// Makes the search again by these rules. The file learns the names of everybody in it.
pub fn suppose(
    conn: &mut PgConnection,
    file: &mut OrderFile,
    rules: TrackingRules,
) -> Result<Hypothesis, AppError> {
    let first = file.credits.first().context("an order that was never credited")?;
    let why = first.story.why.clone();
    let (lead, sale) = (own_partner(first.story.lead), own_partner(first.story.sale));
    let candidates = candidates(conn, file, &why)?;
    let named = lead.filter(|_| why.step == Step::Named && why.coupon().is_none());
    // A sale partner that the order or the contact named stays. Older stories do not say so, but there it is
    // another than the lead partner.
    let sold_by = first.story.sold_by;
    let named_sale = sale.filter(|sale| sold_by.is_some() || lead != Some(*sale));

    let mentioned: BTreeSet<PartnerId> = candidates
        .iter()
        .map(|candidate| candidate.touch.partner)
        .chain(why.coupons.iter().filter_map(|coupon| coupon.partner))
        .chain(named.iter().chain(&named_sale).copied())
        .collect();
    let today = own::stand_for(conn, &mentioned.into_iter().collect::<Vec<_>>())?;
    let as_of_today = |partner: PartnerId| today.get(&partner).copied().unwrap_or(partner);
    let partners: BTreeSet<PartnerId> = today.values().copied().collect();
    let partners: Vec<PartnerId> = partners.into_iter().collect();
    let lineages = partners::lineages(conn, &partners)?;
    let own_partners = match file.head.contact_id {
        Some(contact) => partners::own_partners(conn, &[contact])?,
        None => HashMap::new(),
    };
    let of_step = |step: Step| {
        let touches = candidates.iter().filter(|candidate| candidate.step == step);
        touches
            .map(|Candidate { touch, .. }| Touch { partner: as_of_today(touch.partner), ..*touch })
            .collect::<Vec<Touch>>()
    };
    let question = Question {
        at: file.head.ordered_at,
        named: named.map(as_of_today),
        coupons: why.coupons.iter().map(|coupon| asked_again(coupon, as_of_today)).collect(),
        cookie: why.had_visitor.then(|| of_step(Step::Cookie)),
        history: of_step(Step::History),
        ip_address: why.had_address.then(|| of_step(Step::IpAddress)),
        own_partner: file.head.contact_id.and_then(|contact| own_partners.get(&contact).copied()),
    };
    let is_active = |partner| lineages.get(&partner).is_some_and(|lineage| lineage.own.active);
    let credit = attribution::credit(&question, rules, is_active);
    let lineage = |partner: Option<PartnerId>| partner.and_then(|partner| lineages.get(&partner).copied());
    let (lead, sale) = (lineage(credit.partner), lineage(named_sale.map(as_of_today).or(credit.partner)));
    let payout = settings::defaults(conn)?.0.payout;
    let earned = earned(conn, file, (lead, sale), payout)?;
    own::learn_names(conn, file, &lineages)?;
    let story = Story { why: credit.why, lead, sale, sold_by, payout };
    Ok(Hypothesis {
        credit: CreditFile {
            event: OrderEventId(0),
            number: 0,
            story,
            rows: Vec::new(),
            entries: HashMap::new(),
            terms: Default::default(),
        },
        earned,
        reread: why.omitted > 0,
    })
}

fn own_partner(lineage: Option<Lineage>) -> Option<PartnerId> {
    lineage.map(|lineage| lineage.own.partner)
}

/// All candidates of the search. Those that the order does not keep by name are read as they are kept now:
/// whatever was recorded before the last one that it does keep was there when it was credited.
fn candidates(conn: &mut PgConnection, file: &OrderFile, why: &Why) -> Result<Vec<Candidate>, AppError> {
    let mut candidates = why.candidates.clone();
    let last = candidates.iter().map(|candidate| candidate.touch.recorded).max();
    let Some(last) = last.filter(|_| why.omitted > 0) else { return Ok(candidates) };
    let head = &file.head;
    let (visitors, contacts): (Vec<_>, Vec<_>) =
        (head.visitor_id.into_iter().collect(), head.contact_id.into_iter().collect());
    let addresses: Vec<String> = head.address.clone().into_iter().collect();
    let mut touches = tracking::touches(conn, &visitors, &contacts, &addresses)?;
    let kept: BTreeSet<(&str, i64)> =
        why.candidates.iter().map(|kept| (kept.step.word(), kept.touch.recorded)).collect();
    let found = [
        (Step::Cookie, head.visitor_id.and_then(|visitor| touches.by_visitor.remove(&visitor))),
        (Step::History, head.contact_id.and_then(|contact| touches.by_contact.remove(&contact))),
        (Step::IpAddress, head.address.as_ref().and_then(|address| touches.by_address.remove(address))),
    ];
    for (step, touches) in found {
        let more = touches
            .into_iter()
            .flatten()
            .filter(|touch| touch.recorded <= last && !kept.contains(&(step.word(), touch.recorded)));
        let outcome = attribution::Outcome::NotReached;
        candidates.extend(more.map(|touch| Candidate { step, touch, outcome }));
    }
    Ok(candidates)
}

/// A coupon of the story, as it is asked about again: whose it was is kept.
fn asked_again(coupon: &CouponTold, as_of_today: impl Fn(PartnerId) -> PartnerId) -> Coupon {
    let holder = match (coupon.partner.map(as_of_today), coupon.outcome) {
        (None, _) => Holder::Nobody,
        (Some(partner), CouponOutcome::Ended) => Holder::Ended(partner),
        (Some(partner), _) => Holder::Partner(partner),
    };
    Coupon { code: coupon.code.clone(), holder }
}

/// What the order earns now and would earn, by partner: all that came back and was paid since counts as it
/// did.
fn earned(
    conn: &mut PgConnection,
    file: &OrderFile,
    (lead, sale): (Option<Lineage>, Option<Lineage>),
    payout: crate::domain::settings::PayoutRules,
) -> Result<BTreeMap<PartnerId, (Money, Money)>, AppError> {
    let stored = queries::load(conn, &[file.head.id])?.pop().context("an order that cannot be read")?;
    let programs = programs::in_force(conn)?;
    let both: Vec<PartnerId> = [own_partner(lead), own_partner(sale)].into_iter().flatten().collect();
    let enrolments = programs::enrolments(conn, &both)?;
    let enrolled = |partner: PartnerId| {
        let of_partner = enrolments.get(&partner).map_or(&[][..], Vec::as_slice);
        programs.iter().filter(|program| of_partner.contains(&program.id)).collect::<Vec<&Program>>()
    };
    let would = would_hold(&stored.order, &stored.sold, (lead.as_ref(), sale.as_ref()), enrolled, payout)
        .map_err(too_large)?;
    let mut earned: BTreeMap<PartnerId, (Money, Money)> = BTreeMap::new();
    for (partner, amount) in holds(&stored.order) {
        earned.entry(partner).or_default().0 += amount;
    }
    for (partner, amount) in would {
        earned.entry(partner).or_default().1 += amount;
    }
    Ok(earned)
}

fn too_large(problem: AmountProblem) -> AppError {
    AppError::Refused(format!(
        "An amount {problem}: more than can be kept. Today’s rates are too high for it."
    ))
}
