//! The steps of the search, one after the other: every candidate with what became of it, and what was not
//! looked at and why.

use super::{StoryStep, Teller, Tense};
use crate::domain::attribution::{Candidate, CouponOutcome, CouponTold, Outcome, Step};
use crate::domain::settings::{Choose, CouponOrLink, TrackingMethod};
use crate::web::html::counted;
use chrono::{DateTime, Utc};

impl Teller<'_> {
    /// All steps in the order of the search.
    pub(super) fn steps(&self) -> Vec<StoryStep> {
        let decided = self.credit.step();
        let mut told = Vec::new();
        let coupon = self.credit.story.why.coupon();
        let coupon_goes_first = self.credit.story.why.rules.coupon == CouponOrLink::Coupon;
        if decided == Step::Named && coupon.is_none() {
            let mut named = step("is-won", "", String::new());
            named.who = self.credit.story.lead.map(|lead| self.file.person(lead.own.partner));
            named.verdict = match self.by_hand() {
                Some(_) => "Credited by hand, by the rules and rates of that day.".into(),
                None => "Credited: the order names it, and that goes before all else.".into(),
            };
            told.push(named);
        }
        if coupon_goes_first || decided == Step::Named && coupon.is_none() {
            told.extend(self.coupons());
        }
        let mut reached = decided != Step::Named || (coupon.is_some() && !coupon_goes_first);
        for (which, name) in STEPS {
            let of_step = || self.credit.story.why.candidates.iter().filter(move |c| c.step == which);
            match self.not_looked_at(which, reached) {
                Some(why) => {
                    let mut off = step("is-off", name, why);
                    off.folded = of_step().map(|candidate| self.candidate(candidate)).collect();
                    told.push(off);
                }
                None if of_step().next().is_none() => {
                    told.push(step("is-off", name, self.nothing_there(which)));
                }
                None => told.extend(of_step().map(|candidate| self.candidate(candidate))),
            }
            reached &= decided != which;
        }
        if !coupon_goes_first && (decided != Step::Named || coupon.is_some()) {
            told.extend(self.coupons());
        }
        told
    }

    /// What became of the order's coupons.
    fn coupons(&self) -> impl Iterator<Item = StoryStep> {
        self.credit.story.why.coupons.iter().map(|coupon| self.coupon(coupon))
    }

    fn coupon(&self, coupon: &CouponTold) -> StoryStep {
        let goes_first = self.credit.story.why.rules.coupon == CouponOrLink::Coupon;
        let is_won = coupon.outcome == CouponOutcome::Credited;
        // Where there is no partner, the step itself is called Coupon.
        let word = if coupon.partner.is_some() { "Coupon " } else { "" };
        let mut told =
            step(if is_won { "is-won" } else { "is-lost" }, "Coupon", format!("{}{}.", word, coupon.code));
        told.who = coupon.partner.map(|partner| self.file.person(partner));
        told.verdict = match coupon.outcome {
            CouponOutcome::Credited if goes_first => "Credited: a coupon goes before every link.",
            CouponOutcome::Credited => "Credited: no link speaks for a partner, so the coupon decides.",
            CouponOutcome::Named => "Lost: the order names a partner, and that goes before every coupon.",
            CouponOutcome::Link => match self.credit.step() {
                Step::History => "Lost: the referral history decided, and links go before coupons.",
                Step::IpAddress => "Lost: an IP address decided, and links go before coupons.",
                _ => "Lost: a cookie decided, and links go before coupons.",
            },
            CouponOutcome::NotFirst => "Lost: another coupon of the order comes before it.",
            CouponOutcome::Ended => "No candidate: the coupon had ended before the order.",
            CouponOutcome::Nobodys => "No candidate: it is no partner’s coupon.",
        }
        .into();
        told
    }

    /// Why a step was not looked at; none where it was.
    fn not_looked_at(&self, which: Step, reached: bool) -> Option<String> {
        let rules = self.credit.story.why.rules;
        let named = self.credit.step() == Step::Named;
        let why = match which {
            _ if named && self.by_hand().is_some() => "credited by hand",
            _ if named && !reached && self.credit.story.why.coupon().is_some() => "a coupon decided",
            _ if named && !reached => "the order names a partner",
            Step::History if rules.method == TrackingMethod::Cookies => {
                return Some(format!(
                    "Not looked at: Referral Partner tracking method {} Only cookies.",
                    self.was()
                ));
            }
            Step::IpAddress if !rules.use_ip_address => {
                return Some(format!("Not looked at: Use IP Address {} No.", self.was()));
            }
            _ if reached => return None,
            _ if self.credit.step() == Step::Cookie => "a cookie decided",
            _ => "the referral history decided",
        };
        Some(format!("Not looked at: {why}."))
    }

    fn nothing_there(&self, which: Step) -> String {
        let why = &self.credit.story.why;
        match which {
            Step::Cookie if !why.had_visitor => "The order came without a visitor’s cookie.".into(),
            Step::Cookie => "The visitor had clicked no partner’s link.".into(),
            Step::History if self.file.head.contact_id.is_none() => "The order has no contact.".into(),
            Step::History => "The contact had no referral.".into(),
            _ if !why.had_address => "The order came without an IP address.".into(),
            _ => "No partner’s link was clicked from this address.".into(),
        }
    }

    fn candidate(&self, candidate: &Candidate) -> StoryStep {
        let touch = &candidate.touch;
        let class = match candidate.outcome {
            Outcome::Credited => "is-won",
            Outcome::NotReached => "is-off",
            _ => "is-lost",
        };
        let what = match candidate.step {
            Step::History => "A referral",
            _ => "A click",
        };
        let until = match touch.expires_at {
            None => "that never expires".to_string(),
            Some(end) => format!("good until {}", self.moment(end)),
        };
        StoryStep {
            class,
            who: Some(self.file.person(touch.partner)),
            name: "",
            at: Some(touch.at),
            words: format!("{what} {until}."),
            verdict: self.verdict(candidate),
            folded: Vec::new(),
        }
    }

    fn verdict(&self, candidate: &Candidate) -> String {
        let what = if candidate.step == Step::History { "referral" } else { "click" };
        let won = self.credit.story.why.candidates.iter().find(|c| c.outcome == Outcome::Credited);
        let at_the_same_time = won.is_some_and(|won| won.touch.at == candidate.touch.at);
        match candidate.outcome {
            Outcome::Credited => match self.credit.story.why.rules.choose {
                Choose::Latest => "Credited: latest referring.".into(),
                Choose::First => "Credited: first referring.".into(),
            },
            Outcome::Older if at_the_same_time => "Lost: of the same instant, but recorded earlier.".into(),
            Outcome::Older => format!("Lost: an older {what}."),
            Outcome::Newer if at_the_same_time => "Lost: of the same instant, but recorded later.".into(),
            Outcome::Newer => format!("Lost: a newer {what}, and the first referring partner is chosen."),
            Outcome::Expired => self.expired(candidate),
            Outcome::Later if self.to_the_second => {
                format!("No candidate: made after the order of {}.", self.moment(self.file.head.ordered_at))
            }
            Outcome::Later => "No candidate: made after the order.".into(),
            Outcome::Inactive if self.tense == Tense::WouldBe => {
                "No candidate: the partner is inactive today.".into()
            }
            Outcome::Inactive => "No candidate: the partner was inactive when the order was recorded.".into(),
            Outcome::OwnPurchase => "No candidate: it is the partner’s own purchase.".into(),
            Outcome::Robot => "No candidate: a robot’s click.".into(),
            Outcome::NotReached => "Not looked at.".into(),
        }
    }

    fn expired(&self, candidate: &Candidate) -> String {
        let Some(end) = candidate.touch.expires_at else { return "No candidate: expired.".into() };
        let days = (end - candidate.touch.at).num_days();
        format!("No candidate: expired {}, after {}.", self.moment(end), counted(days, "day", "days"))
    }

    fn moment(&self, at: DateTime<Utc>) -> String {
        let local = at.with_timezone(&self.format.zone);
        let clock = if self.to_the_second { "%H:%M:%S" } else { "%H:%M" };
        format!("{}, {}", self.format.day(&local.date_naive()), local.format(clock))
    }
}

const STEPS: [(Step, &str); 3] =
    [(Step::Cookie, "Cookie"), (Step::History, "Referral history"), (Step::IpAddress, "IP address")];

fn step(class: &'static str, name: &'static str, words: String) -> StoryStep {
    StoryStep { class, who: None, name, at: None, words, verdict: String::new(), folded: Vec::new() }
}
