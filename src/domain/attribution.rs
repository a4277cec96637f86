//! Who is credited for an order, and why (spec 3).
//!
//! Candidates are *touches*: clicks of the visitor, referrals of the contact, clicks from the
//! address. The first step that has a candidate decides; within it the newest or the oldest wins. A coupon
//! of a partner names it: before the steps or, where links win, after them (decision 0076).

use super::coupon::Holder;
use super::ids::PartnerId;
use super::settings::{Choose, CouponOrLink, TrackingMethod, TrackingRules};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How many candidates an order's *why* keeps by name; the rest is counted.
pub const CANDIDATES_KEPT: usize = 40;

/// The step of the search that decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The order names the partner: by hand, API, import or coupon.
    Named,
    /// The visitor's clicks.
    Cookie,
    /// The contact's referrals.
    History,
    /// Clicks from the same address.
    IpAddress,
    /// Nobody is credited.
    None,
}

impl Step {
    /// The word for it in the database.
    pub fn word(self) -> &'static str {
        match self {
            Step::Named => "named",
            Step::Cookie => "cookie",
            Step::History => "history",
            Step::IpAddress => "ip_address",
            Step::None => "none",
        }
    }

    /// The step of that word.
    pub fn from_word(word: &str) -> Option<Step> {
        [Step::Named, Step::Cookie, Step::History, Step::IpAddress, Step::None]
            .into_iter()
            .find(|step| step.word() == word)
    }
}

/// A click or a referral that speaks for a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touch {
    pub partner: PartnerId,
    pub at: DateTime<Utc>,
    /// Its place in the order of recording; decides between equal times.
    pub recorded: i64,
    /// The last instant at which it counts; none = for ever.
    pub expires_at: Option<DateTime<Utc>>,
    /// A known robot's click: kept, never credited.
    pub robot: bool,
}

/// All that is known about an order when it is credited.
#[derive(Debug, Clone)]
pub struct Question {
    /// The order's time, T.
    pub at: DateTime<Utc>,
    /// The partner that the order names.
    pub named: Option<PartnerId>,
    /// The coupon codes that the order was placed with, in its order.
    pub coupons: Vec<Coupon>,
    /// The visitor's clicks; none where the order came without a visitor.
    pub cookie: Option<Vec<Touch>>,
    /// The contact's referrals.
    pub history: Vec<Touch>,
    /// Clicks from the order's address; none where it came without one.
    pub ip_address: Option<Vec<Touch>>,
    /// The partner whose e-mail is the contact's.
    pub own_partner: Option<PartnerId>,
}

/// A coupon code of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coupon {
    /// As the order says it.
    pub code: String,
    /// Whose it was at the order's time.
    pub holder: Holder,
}

/// What became of a coupon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CouponOutcome {
    Credited,
    /// The order names a partner outright.
    Named,
    /// A step had a candidate, and links go before coupons.
    Link,
    /// Another coupon of the order, which comes before it, is a partner's.
    NotFirst,
    /// It had ended before the order.
    Ended,
    /// It never was a partner's.
    Nobodys,
}

/// One coupon of the story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CouponTold {
    pub code: String,
    /// Whose it was, or was last.
    pub partner: Option<PartnerId>,
    pub outcome: CouponOutcome,
}

/// What became of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Credited,
    /// Another one of the step was newer (*Latest referring*).
    Older,
    /// Another one of the step was older (*First referring*).
    Newer,
    /// No candidate: expired before the order.
    Expired,
    /// No candidate: made after the order.
    Later,
    /// No candidate: the partner was not active when the order was recorded.
    Inactive,
    /// No candidate: the partner's own purchase.
    OwnPurchase,
    /// No candidate: a robot's click.
    Robot,
    /// An earlier step had decided, or the settings leave this step out.
    NotReached,
}

/// One candidate of the story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub step: Step,
    #[serde(flatten)]
    pub touch: Touch,
    pub outcome: Outcome,
}

/// The lasting story of a decision: kept with the order, ids and times only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// The step that decided.
    pub step: Step,
    /// The settings that were in force.
    pub rules: TrackingRules,
    /// Whether the order came with a visitor, and with an address.
    pub had_visitor: bool,
    pub had_address: bool,
    /// The coupons that the order was placed with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coupons: Vec<CouponTold>,
    /// Candidates in the order of the steps, newest first.
    pub candidates: Vec<Candidate>,
    /// How many more candidates there were than are kept.
    pub omitted: usize,
}

/// The decision: the credited partner, if any, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    pub partner: Option<PartnerId>,
    pub why: Why,
}

impl Why {
    /// The coupon that decided.
    pub fn coupon(&self) -> Option<&CouponTold> {
        self.coupons.iter().find(|coupon| coupon.outcome == CouponOutcome::Credited)
    }
}

/// Credits an order (spec 3, steps 0 to 3). `is_active` tells a partner's status now, when the
/// order is recorded.
pub fn credit(question: &Question, rules: TrackingRules, is_active: impl Fn(PartnerId) -> bool) -> Credit {
    let steps = [
        (Step::Cookie, question.cookie.as_deref().unwrap_or_default(), true),
        (Step::History, question.history.as_slice(), rules.method == TrackingMethod::HistoryAndCookies),
        (Step::IpAddress, question.ip_address.as_deref().unwrap_or_default(), rules.use_ip_address),
    ];
    let by_coupon = question.coupons.iter().find_map(Coupon::partner);
    let before_links = by_coupon.filter(|_| rules.coupon == CouponOrLink::Coupon);
    let mut decided = question.named.or(before_links).map(|partner| (Step::Named, partner));
    let mut candidates = Vec::new();
    for (step, touches, looked_at) in steps {
        let mut of_step: Vec<Candidate> = touches
            .iter()
            .map(|touch| Candidate {
                step,
                touch: *touch,
                outcome: if decided.is_some() || !looked_at {
                    Outcome::NotReached
                } else {
                    standing(touch, question, rules, &is_active)
                },
            })
            .collect();
        of_step.sort_by_key(|candidate| std::cmp::Reverse((candidate.touch.at, candidate.touch.recorded)));
        if decided.is_none() {
            decided = crown(&mut of_step, rules.choose).map(|partner| (step, partner));
        }
        candidates.extend(of_step);
    }
    let coupons = tell_coupons(question, decided.map(|(step, _)| step));
    let decided = decided.or(by_coupon.map(|partner| (Step::Named, partner)));
    let (candidates, omitted) = keep_the_telling(candidates);
    Credit {
        partner: decided.map(|(_, partner)| partner),
        why: Why {
            step: decided.map_or(Step::None, |(step, _)| step),
            rules,
            had_visitor: question.cookie.is_some(),
            had_address: question.ip_address.is_some(),
            coupons,
            candidates,
            omitted,
        },
    }
}

impl Coupon {
    /// The partner for whom it speaks.
    fn partner(&self) -> Option<PartnerId> {
        match self.holder {
            Holder::Partner(partner) => Some(partner),
            Holder::Ended(_) | Holder::Nobody => None,
        }
    }
}

/// What became of each coupon; `decided` is the step that decided before a coupon could as the last.
fn tell_coupons(question: &Question, decided: Option<Step>) -> Vec<CouponTold> {
    let first = match decided {
        _ if question.named.is_some() => CouponOutcome::Named,
        None | Some(Step::Named) => CouponOutcome::Credited,
        Some(_) => CouponOutcome::Link,
    };
    let mut is_first = true;
    let told = |coupon: &Coupon| {
        let (partner, outcome) = match coupon.holder {
            Holder::Partner(partner) => {
                let is_first = std::mem::replace(&mut is_first, false);
                let lost = is_first || first != CouponOutcome::Credited;
                (Some(partner), if lost { first } else { CouponOutcome::NotFirst })
            }
            Holder::Ended(partner) => (Some(partner), CouponOutcome::Ended),
            Holder::Nobody => (None, CouponOutcome::Nobodys),
        };
        CouponTold { code: coupon.code.clone(), partner, outcome }
    };
    question.coupons.iter().map(told).collect()
}

/// Whether a touch can be credited at all; `Older` stands for "yes, unless it wins".
fn standing(
    touch: &Touch,
    question: &Question,
    rules: TrackingRules,
    is_active: &impl Fn(PartnerId) -> bool,
) -> Outcome {
    if touch.at > question.at {
        Outcome::Later
    } else if touch.robot {
        Outcome::Robot
    } else if touch.expires_at.is_some_and(|end| question.at > end) {
        Outcome::Expired
    } else if question.own_partner == Some(touch.partner) && !rules.credit_own_purchases {
        Outcome::OwnPurchase
    } else if !is_active(touch.partner) {
        Outcome::Inactive
    } else {
        Outcome::Older
    }
}

/// Marks the winner among a step's candidates, which stand newest first, and tells who it is.
fn crown(newest_first: &mut [Candidate], choose: Choose) -> Option<PartnerId> {
    let mut standing = newest_first.iter_mut().filter(|candidate| candidate.outcome == Outcome::Older);
    let winner = match choose {
        Choose::Latest => standing.next(),
        Choose::First => {
            let mut oldest: Option<&mut Candidate> = None;
            for candidate in standing {
                candidate.outcome = Outcome::Newer;
                oldest = Some(candidate);
            }
            oldest
        }
    }?;
    winner.outcome = Outcome::Credited;
    Some(winner.touch.partner)
}

/// Keeps the winner and as many others as an order's page can tell of.
fn keep_the_telling(mut candidates: Vec<Candidate>) -> (Vec<Candidate>, usize) {
    let omitted = candidates.len().saturating_sub(CANDIDATES_KEPT);
    if omitted > 0 {
        let mut room = CANDIDATES_KEPT - 1;
        candidates.retain(|candidate| {
            let keep = candidate.outcome == Outcome::Credited || room > 0;
            if keep && candidate.outcome != Outcome::Credited {
                room -= 1;
            }
            keep
        });
        let total = omitted + CANDIDATES_KEPT;
        let omitted = total - candidates.len();
        return (candidates, omitted);
    }
    (candidates, 0)
}

/// When a click or referral of a partner expires: so many days of 24 hours after it was made, and
/// still counting at that very instant; none = never.
pub fn expiry(made_at: DateTime<Utc>, track_leads_days: Option<i32>) -> Option<DateTime<Utc>> {
    made_at.checked_add_signed(chrono::TimeDelta::days(track_leads_days?.into()))
}

#[cfg(test)]
#[path = "attribution_tests.rs"]
mod tests;
