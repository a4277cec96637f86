//! What *What if?* shows: the rules, who would be credited by them and why, and what it would earn.

use super::Hypothesis;
use super::forms::RulesForm;
use crate::domain::attribution::Step;
use crate::domain::commission::{Lineage, Member};
use crate::domain::ids::PartnerId;
use crate::domain::money::Money;
use crate::domain::settings::{Choose, CouponOrLink, TrackingMethod, TrackingRules};
use crate::people::names::Person;
use crate::running::settings::defaults::words;
use crate::selling::orders::pages::story::{self, Tense, WhyThisPartner};
use crate::selling::orders::queries::OrderFile;
use crate::web::admin::Viewer;
use crate::web::forms::Problems;
use crate::web::layout::Layout;
use crate::web::paths;
use askama::Template;

/// The page.
#[derive(Template)]
#[template(path = "orders/what_if.html")]
pub struct WhatIfPage {
    layout: Layout,
    action: String,
    form: RulesForm,
    problems: Problems,
    /// The rules by which it was credited, in words.
    then: String,
    has_coupons: bool,
    /// The order names its partner: no rule changes that.
    is_named: bool,
    /// Somebody credited another partner since.
    was_credited_by_hand: bool,
    is_cancelled: bool,
    answer: Option<Supposed>,
}

/// What would come of it.
pub struct Supposed {
    /// Who was credited when it was recorded, who would be, and whether that is the same.
    was: Option<Person>,
    would: Option<Person>,
    is_same: bool,
    why: WhyThisPartner,
    earned: Vec<EarnedLine>,
    sums: (Money, Money, Money),
    reread: bool,
}

/// A partner, with what it earned and would have.
pub struct EarnedLine {
    person: Person,
    part: String,
    now: Money,
    would: Money,
    difference: Money,
}

impl WhatIfPage {
    pub fn new(
        viewer: &Viewer,
        file: &OrderFile,
        form: RulesForm,
        then: TrackingRules,
        hypothesis: Option<Hypothesis>,
        problems: Problems,
    ) -> WhatIfPage {
        let order = format!("Order {}", file.head.number);
        let layout = viewer.layout(format!("{order}: What if?")).under("CRM", "");
        let layout = layout.under("Orders", paths::ORDERS).under(order, paths::order(file.head.id));
        let first = file.credits.first().map(|credit| &credit.story.why);
        WhatIfPage {
            action: paths::order_what_if(file.head.id),
            form,
            problems,
            then: rules_words(then, first.is_some_and(|why| !why.coupons.is_empty())),
            has_coupons: first.is_some_and(|why| !why.coupons.is_empty()),
            is_named: first.is_some_and(|why| why.step == Step::Named && why.coupon().is_none()),
            was_credited_by_hand: file.credits.len() > 1,
            is_cancelled: file.events.iter().any(|event| event.kind == "cancelled"),
            answer: hypothesis.map(|hypothesis| Supposed::new(file, hypothesis, &layout)),
            layout,
        }
    }

    fn choices(&self) -> [(&'static str, &'static str); 2] {
        [Choose::Latest, Choose::First].map(|choose| (choose.word(), words::choose(choose)))
    }

    fn methods(&self) -> [(&'static str, &'static str); 2] {
        [TrackingMethod::Cookies, TrackingMethod::HistoryAndCookies]
            .map(|method| (method.word(), words::method(method)))
    }

    fn coupon_or_link(&self) -> [(&'static str, &'static str); 2] {
        [CouponOrLink::Coupon, CouponOrLink::Link].map(|choice| (choice.word(), words::coupon(choice)))
    }

    fn yes_or_no(&self) -> [(&'static str, &'static str); 2] {
        [("no", "No"), ("yes", "Yes")]
    }
}

impl Supposed {
    fn new(file: &OrderFile, hypothesis: Hypothesis, layout: &Layout) -> Supposed {
        let Hypothesis { credit, earned, reread } = hypothesis;
        let own = |lineage: Option<Lineage>| lineage.map(|lineage| lineage.own.partner);
        let was = file.credits.first().and_then(|first| own(first.story.lead));
        let (lead, sale) = (credit.story.lead, credit.story.sale);
        let part = |partner: PartnerId| parts(partner, lead, sale).join(", ");
        let earned: Vec<EarnedLine> = earned
            .into_iter()
            .map(|(partner, (now, would))| EarnedLine {
                person: file.person(partner),
                part: part(partner),
                now,
                would,
                difference: would - now,
            })
            .collect();
        let sum = |of: fn(&EarnedLine) -> Money| earned.iter().map(of).sum::<Money>();
        let sums = (sum(|line| line.now), sum(|line| line.would), sum(|line| line.difference));
        Supposed {
            was: was.map(|partner| file.person(partner)),
            would: own(lead).map(|partner| file.person(partner)),
            is_same: was == own(lead),
            why: story::of_credit(file, &credit, &layout.format, Tense::WouldBe),
            earned,
            sums,
            reread,
        }
    }
}

/// Which parts a partner would play.
fn parts(partner: PartnerId, lead: Option<Lineage>, sale: Option<Lineage>) -> Vec<&'static str> {
    let is = |of: fn(Lineage) -> Option<Member>, lineage: Option<Lineage>| {
        lineage.and_then(of).is_some_and(|member| member.partner == partner)
    };
    let either = |of| is(of, lead) || is(of, sale);
    let parts = [
        (is(|lineage| Some(lineage.own), lead), "lead partner"),
        (is(|lineage| Some(lineage.own), sale), "sale partner"),
        (either(|lineage| lineage.parent), "parent"),
        (either(|lineage| lineage.grandparent), "grandparent"),
    ];
    parts.into_iter().filter(|(plays, _)| *plays).map(|(_, words)| words).collect()
}

/// `Latest referring; Only cookies; Use IP Address: No`
fn rules_words(rules: TrackingRules, with_coupon: bool) -> String {
    let yes = |on: bool| if on { "Yes" } else { "No" };
    let mut parts = vec![
        words::choose(rules.choose).to_string(),
        words::method(rules.method).to_string(),
        format!("Use IP Address: {}", yes(rules.use_ip_address)),
        format!("own purchases: {}", yes(rules.credit_own_purchases)),
    ];
    if with_coupon {
        parts.push(words::coupon(rules.coupon).into());
    }
    parts.join("; ")
}
