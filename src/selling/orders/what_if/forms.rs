//! Which rules are tried. They stand in the address, so nothing is saved and a link can be sent to somebody.

use crate::domain::settings::{Choose, CouponOrLink, TrackingMethod, TrackingRules};
use crate::web::forms::{FormData, Problems};

/// What was chosen.
#[derive(Debug, Clone)]
pub struct RulesForm {
    pub choose: String,
    pub method: String,
    pub ip: String,
    pub own: String,
    pub coupon: String,
}

impl RulesForm {
    /// What was chosen; what is not said is as these rules have it.
    pub fn read(query: &FormData, otherwise: TrackingRules) -> RulesForm {
        let yes = |on| if on { "yes" } else { "no" };
        let of = |name: &str, otherwise: &str| {
            if query.has(name) { query.get(name) } else { otherwise }.to_string()
        };
        RulesForm {
            choose: of("choose", otherwise.choose.word()),
            method: of("method", otherwise.method.word()),
            ip: of("ip", yes(otherwise.use_ip_address)),
            own: of("own", yes(otherwise.credit_own_purchases)),
            coupon: of("coupon", otherwise.coupon.word()),
        }
    }

    /// The rules, or what of them there is not.
    pub fn parse(&self) -> Result<TrackingRules, Problems> {
        let mut problems = Problems::none();
        let choose = Choose::from_word(&self.choose);
        if choose.is_none() {
            problems.add("choose", "Choose Latest referring or First referring.");
        }
        let method = TrackingMethod::from_word(&self.method);
        if method.is_none() {
            problems.add("method", "Choose Only cookies or Referral history and cookies.");
        }
        let use_ip_address = yes_or_no(&mut problems, "ip", &self.ip);
        let credit_own_purchases = yes_or_no(&mut problems, "own", &self.own);
        let coupon = CouponOrLink::from_word(&self.coupon);
        if coupon.is_none() {
            problems.add("coupon", "Choose Coupon wins or Link wins.");
        }
        match (choose, method, coupon) {
            (Some(choose), Some(method), Some(coupon)) => {
                problems.or(TrackingRules { choose, method, use_ip_address, credit_own_purchases, coupon })
            }
            _ => Err(problems),
        }
    }
}

fn yes_or_no(problems: &mut Problems, field: &'static str, typed: &str) -> bool {
    if !["yes", "no"].contains(&typed) {
        problems.add(field, "Choose No or Yes.");
    }
    typed == "yes"
}
