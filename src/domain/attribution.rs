//! Who is credited for an order, and why (spec 3).
//!
//! Candidates are *touches*: clicks of the visitor, referrals of the contact, clicks from the
//! address. The first step that has a candidate decides; within it the newest or the oldest wins.

use super::ids::PartnerId;
use super::settings::{Choose, TrackingMethod, TrackingRules};
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
    /// The visitor's clicks; none where the order came without a visitor.
    pub cookie: Option<Vec<Touch>>,
    /// The contact's referrals.
    pub history: Vec<Touch>,
    /// Clicks from the order's address; none where it came without one.
    pub ip_address: Option<Vec<Touch>>,
    /// The partner whose e-mail is the contact's.
    pub own_partner: Option<PartnerId>,
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

/// Credits an order (spec 3, steps 0 to 3). `is_active` tells a partner's status now, when the
/// order is recorded.
pub fn credit(question: &Question, rules: TrackingRules, is_active: impl Fn(PartnerId) -> bool) -> Credit {
    let steps = [
        (Step::Cookie, question.cookie.as_deref().unwrap_or_default(), true),
        (Step::History, question.history.as_slice(), rules.method == TrackingMethod::HistoryAndCookies),
        (Step::IpAddress, question.ip_address.as_deref().unwrap_or_default(), rules.use_ip_address),
    ];
    let mut decided = question.named.map(|partner| (Step::Named, partner));
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
    let (candidates, omitted) = keep_the_telling(candidates);
    Credit {
        partner: decided.map(|(_, partner)| partner),
        why: Why {
            step: decided.map_or(Step::None, |(step, _)| step),
            rules,
            had_visitor: question.cookie.is_some(),
            had_address: question.ip_address.is_some(),
            candidates,
            omitted,
        },
    }
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RULES: TrackingRules = TrackingRules {
        choose: Choose::Latest,
        method: TrackingMethod::HistoryAndCookies,
        use_ip_address: true,
        credit_own_purchases: false,
    };

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn touch(partner: i64, second: i64, recorded: i64) -> Touch {
        Touch { partner: PartnerId(partner), at: at(second), recorded, expires_at: None, robot: false }
    }

    fn question(cookie: Vec<Touch>, history: Vec<Touch>) -> Question {
        Question {
            at: at(1000),
            named: None,
            cookie: Some(cookie),
            history,
            ip_address: None,
            own_partner: None,
        }
    }

    #[test]
    fn the_latest_or_the_first_of_the_first_step_with_candidates_wins() {
        let asked = question(vec![touch(1, 10, 1), touch(2, 20, 2)], vec![touch(3, 30, 3)]);
        let latest = credit(&asked, RULES, |_| true);
        assert_eq!(latest.partner, Some(PartnerId(2)));
        let outcomes: Vec<Outcome> = latest.why.candidates.iter().map(|c| c.outcome).collect();
        assert_eq!(outcomes, [Outcome::Credited, Outcome::Older, Outcome::NotReached]);
        let first = credit(&asked, TrackingRules { choose: Choose::First, ..RULES }, |_| true);
        assert_eq!(first.partner, Some(PartnerId(1)));
        assert_eq!(first.why.candidates[0].outcome, Outcome::Newer);
    }

    #[test]
    fn at_equal_times_the_one_recorded_later_is_newer() {
        let asked = question(vec![touch(1, 10, 2), touch(2, 10, 1)], vec![]);
        assert_eq!(credit(&asked, RULES, |_| true).partner, Some(PartnerId(1)));
        let first = credit(&asked, TrackingRules { choose: Choose::First, ..RULES }, |_| true);
        assert_eq!(first.partner, Some(PartnerId(2)));
    }

    #[test]
    fn a_touch_counts_at_the_very_instant_it_expires_and_not_after() {
        let mut clicked = touch(1, 10, 1);
        clicked.expires_at = Some(at(1000));
        assert_eq!(credit(&question(vec![clicked], vec![]), RULES, |_| true).why.step, Step::Cookie);
        clicked.expires_at = Some(at(999));
        let expired = credit(&question(vec![clicked], vec![]), RULES, |_| true);
        assert_eq!((expired.partner, expired.why.step), (None, Step::None));
        assert_eq!(expired.why.candidates[0].outcome, Outcome::Expired);
    }

    #[test]
    fn an_own_purchase_leaves_the_others_of_the_step_standing() {
        let mut asked = question(vec![touch(1, 20, 2), touch(2, 10, 1)], vec![]);
        asked.own_partner = Some(PartnerId(1));
        assert_eq!(credit(&asked, RULES, |_| true).partner, Some(PartnerId(2)));
        let on = TrackingRules { credit_own_purchases: true, ..RULES };
        assert_eq!(credit(&asked, on, |_| true).partner, Some(PartnerId(1)));
    }

    #[test]
    fn a_named_partner_is_credited_even_inactive_and_on_its_own_purchase() {
        let mut asked = question(vec![touch(2, 10, 1)], vec![]);
        (asked.named, asked.own_partner) = (Some(PartnerId(1)), Some(PartnerId(1)));
        let credited = credit(&asked, RULES, |_| false);
        assert_eq!((credited.partner, credited.why.step), (Some(PartnerId(1)), Step::Named));
    }

    proptest! {
        #[test]
        fn who_is_credited_does_not_depend_on_the_order_of_looking(
            touches in prop::collection::vec((1_i64..6, 0_i64..1200, any::<bool>(), prop::option::of(500_i64..1500)), 0..30),
            first in any::<bool>(),
            rotate in 0_usize..30,
        ) {
            let mut touches: Vec<Touch> = touches.iter().enumerate().map(|(recorded, (partner, second, robot, end))| Touch {
                robot: *robot, expires_at: end.map(at), ..touch(*partner, *second, recorded as i64)
            }).collect();
            let rules = TrackingRules { choose: if first { Choose::First } else { Choose::Latest }, ..RULES };
            let before = credit(&question(touches.clone(), vec![]), rules, |p| p.0 != 3);
            if !touches.is_empty() { let n = touches.len(); touches.rotate_left(rotate % n); }
            let after = credit(&question(touches.clone(), vec![]), rules, |p| p.0 != 3);
            prop_assert_eq!(&before, &after);
            let winners = before.why.candidates.iter().filter(|c| c.outcome == Outcome::Credited).count();
            prop_assert_eq!(winners, usize::from(before.partner.is_some()));
            if let Some(winner) = before.partner {
                prop_assert!(winner != PartnerId(3));
                prop_assert!(touches.iter().any(|t| t.partner == winner && t.at <= at(1000) && !t.robot));
            }
        }

        #[test]
        fn the_story_keeps_the_winner_however_many_candidates_there_are(n in 1_usize..300, first in any::<bool>()) {
            let touches = (0..n as i64).map(|i| touch(i, i, i)).collect();
            let rules = TrackingRules { choose: if first { Choose::First } else { Choose::Latest }, ..RULES };
            let credited = credit(&question(touches, vec![]), rules, |_| true);
            prop_assert_eq!(credited.why.candidates.len() + credited.why.omitted, n);
            prop_assert!(credited.why.candidates.len() <= CANDIDATES_KEPT);
            prop_assert!(credited.why.candidates.iter().any(|c| c.outcome == Outcome::Credited));
        }
    }
}
