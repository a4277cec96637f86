//! Why this partner: the story that a credit keeps, in plain words. Every candidate with its time and
//! why it lost, every step that was not looked at and why, and the settings that decided.

use super::sold_by;
use crate::domain::attribution::{Outcome, Step};
use crate::domain::commission::{Lineage, Member};
use crate::domain::settings::{Choose, CouponOrLink, TrackingMethod};
use crate::people::names::Person;
use crate::selling::orders::queries::{CreditFile, EventRow, OrderFile};
use crate::web::html::{Format, count, counted};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

mod steps;

/// Whether it is told of what was, or of what would be by other settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tense {
    Was,
    WouldBe,
}

/// The whole story.
pub struct WhyThisPartner {
    /// Who is credited; none = nobody.
    pub who: Option<Person>,
    /// After the name: `was credited because its link was the latest that `…
    pub because: String,
    /// … then the contact, where one is known …
    pub contact: Option<Person>,
    /// … and the rest of the sentence.
    pub rest: String,
    pub steps: Vec<StoryStep>,
    /// Whether minutes do not tell which of two came first.
    pub to_the_second: bool,
    /// How many candidates are not kept by name.
    pub omitted: usize,
    /// What the settings were.
    pub settings: String,
    /// The lead partner, the sale partner and those above them.
    pub people: Vec<Role>,
}

/// One partner of the order and the part that it plays.
pub struct Role {
    pub part: &'static str,
    pub who: Option<Person>,
    pub note: String,
}

/// A step of the search, or one candidate of it.
pub struct StoryStep {
    /// `is-won`, `is-lost` or `is-off`.
    pub class: &'static str,
    /// A candidate's partner; none for the step itself.
    pub who: Option<Person>,
    /// The step's name.
    pub name: &'static str,
    pub at: Option<DateTime<Utc>>,
    pub words: String,
    /// What decided, in few words: `Credited: latest referring.`
    pub verdict: String,
    /// Candidates of a step that was not looked at.
    pub folded: Vec<StoryStep>,
}

/// Tells the story of a credit.
pub fn of_credit(file: &OrderFile, credit: &CreditFile, format: &Format, tense: Tense) -> WhyThisPartner {
    let event = file.events.iter().find(|event| event.id == credit.event);
    let to_the_second = is_close(file, credit);
    let teller = Teller { file, credit, event, format, tense, to_the_second };
    let (because, contact, rest) = teller.sentence();
    WhyThisPartner {
        who: credit.story.lead.map(|lead| file.person(lead.own.partner)),
        because,
        contact,
        rest,
        steps: teller.steps(),
        to_the_second,
        omitted: credit.story.why.omitted,
        settings: teller.settings(),
        people: teller.people(),
    }
}

struct Teller<'a> {
    file: &'a OrderFile,
    credit: &'a CreditFile,
    /// With which the credit was made.
    event: Option<&'a EventRow>,
    format: &'a Format,
    tense: Tense,
    to_the_second: bool,
}

/// Whether two touches, or a touch and the order, were made in the same minute.
fn is_close(file: &OrderFile, credit: &CreditFile) -> bool {
    let touches = credit.story.why.candidates.iter().map(|candidate| candidate.touch.at);
    let instants: BTreeSet<DateTime<Utc>> = touches.chain([file.head.ordered_at]).collect();
    let minutes: BTreeSet<i64> = instants.iter().map(|at| at.timestamp().div_euclid(60)).collect();
    minutes.len() < instants.len()
}

impl Teller<'_> {
    fn sentence(&self) -> (String, Option<Person>, String) {
        let contact = self.file.contact();
        let credited = self.credited();
        let which = match self.credit.story.why.rules.choose {
            Choose::Latest => "latest",
            Choose::First => "first",
        };
        let (because, contact, rest) = match (self.credit.step(), self.by_hand()) {
            (_, Some(event)) => {
                let who = event.made_by.as_deref().unwrap_or("a command");
                let reason =
                    if event.reason.is_empty() { String::new() } else { format!(": {}", event.reason) };
                let on = self.format.day(&event.dated_on);
                (format!("was credited by {who} on {on}{reason}"), None, ".".to_string())
            }
            (Step::Named, None) if let Some(coupon) = self.credit.story.why.coupon() => {
                let because =
                    format!("{credited} because the order was placed with its coupon {}", coupon.code);
                (because, None, ".".into())
            }
            (Step::Named, None) => (format!("{credited} because the order names it"), None, ".".into()),
            (Step::Cookie, None) if contact.is_some() => (
                format!("{credited} because its link was the {which} that"),
                contact,
                " clicked before the order.".into(),
            ),
            (Step::Cookie, None) => (
                format!(
                    "{credited} because its link was the {which} that this visitor clicked before the order"
                ),
                None,
                ".".into(),
            ),
            (Step::History, None) => {
                (format!("{credited} because it has the {which} referral of"), contact, ".".into())
            }
            (Step::IpAddress, None) => {
                let address = self.file.head.address.as_deref().unwrap_or("the same address");
                let because = format!(
                    "{credited} because its link was the {which} that was clicked from {address} before the order"
                );
                (because, None, ".".into())
            }
            (Step::None, None) => (self.nobody(), None, String::new()),
        };
        let inactive = self.credit.story.lead.filter(|lead| !lead.own.active);
        let rest = if inactive.is_some() {
            format!("{rest} It {} inactive, so it earns nothing.", self.was())
        } else {
            rest
        };
        (because, contact, rest)
    }

    /// *was credited*, *would be credited*.
    fn credited(&self) -> &'static str {
        match self.tense {
            Tense::Was => "was credited",
            Tense::WouldBe => "would be credited",
        }
    }

    /// *was* when it was recorded, *is* today.
    fn was(&self) -> &'static str {
        match self.tense {
            Tense::Was => "was",
            Tense::WouldBe => "is",
        }
    }

    /// The event by which somebody credited another partner than the search had found.
    fn by_hand(&self) -> Option<&EventRow> {
        self.event.filter(|event| event.kind == "credited")
    }

    /// Why nobody is credited.
    fn nobody(&self) -> String {
        let why = &self.credit.story.why;
        let looked_at = why.candidates.iter().map(|candidate| candidate.outcome);
        let looked_at: Vec<Outcome> = looked_at.filter(|outcome| *outcome != Outcome::NotReached).collect();
        let because = match (looked_at.as_slice(), why.omitted) {
            ([], 0) if why.candidates.is_empty() && !why.coupons.is_empty() => {
                "no coupon, no click and no referral speaks for a partner".into()
            }
            ([], 0) if why.candidates.is_empty() => "no click and no referral speaks for a partner".into(),
            ([], 0) => "what speaks for a partner is of a kind that the settings leave out".into(),
            ([first, rest @ ..], 0) if rest.iter().all(|outcome| outcome == first) => {
                self.none_could_be(*first, looked_at.len())
            }
            (those, omitted) => format!("none of {} candidates could be", count(those.len() + omitted)),
        };
        let credited = self.credited();
        let sale = self.credit.story.sale.map(|sale| self.file.person(sale.own.partner).name);
        let sale =
            sale.map_or(String::new(), |name| format!(" {name} is its sale partner, because it was named."));
        format!("Nobody {credited}: {because}.{sale}")
    }

    /// All candidates are none for the same reason.
    fn none_could_be(&self, outcome: Outcome, candidates: usize) -> String {
        let (one, many) = match outcome {
            Outcome::Expired => ("had expired", "had expired".to_string()),
            Outcome::Later => ("was made after the order", "were made after the order".into()),
            Outcome::Robot => ("was a robot’s click", "were robots’ clicks".into()),
            Outcome::OwnPurchase => ("is the buyer’s own", "are the buyer’s own".into()),
            Outcome::Inactive if self.tense == Tense::Was => {
                ("was of an inactive partner", "were of inactive partners".into())
            }
            Outcome::Inactive => ("is of an inactive partner", "are of inactive partners".into()),
            _ => ("could not be", "could not be".into()),
        };
        match candidates {
            1 => format!("the only candidate {one}"),
            n => format!("all {} candidates {many}", count(n)),
        }
    }

    fn settings(&self) -> String {
        let (rules, payout) = (self.credit.story.why.rules, self.credit.story.payout);
        let yes = |on: bool| if on { "Yes" } else { "No" };
        let both = |one: bool, other: bool, words: [&'static str; 3]| match (one, other) {
            (true, true) => words[2],
            (true, false) => words[0],
            _ => words[1],
        };
        let mut parts = vec![
            match rules.choose {
                Choose::Latest => "Latest referring".to_string(),
                Choose::First => "First referring".to_string(),
            },
            match rules.method {
                TrackingMethod::Cookies => "Only cookies".to_string(),
                TrackingMethod::HistoryAndCookies => "Referral history and cookies".to_string(),
            },
            format!("Use IP Address: {}", yes(rules.use_ip_address)),
            counted(payout.levels, "level", "levels"),
            both(payout.lead, payout.sale, ["Lead", "Sale", "Lead and sale"]).to_string(),
            both(payout.amount, payout.percent, ["Amount", "Percent", "Amount and percent"]).to_string(),
            format!("Pay If Unused: {}", yes(payout.pay_if_unused)),
        ];
        if !self.credit.story.why.coupons.is_empty() {
            parts.push(match rules.coupon {
                CouponOrLink::Coupon => "Coupon wins".into(),
                CouponOrLink::Link => "Link wins".into(),
            });
        }
        if rules.credit_own_purchases {
            parts.push("partners are credited for their own purchases".into());
        }
        let when = self.event.map_or(self.file.head.recorded_at, |event| event.recorded_at);
        let on = self.format.day(&when.with_timezone(&self.format.zone).date_naive());
        format!("Settings when it was recorded, {on}: {}.", parts.join("; "))
    }

    /// The lead partner, the sale partner, and those above them.
    fn people(&self) -> Vec<Role> {
        let (lead, sale) = (self.credit.story.lead, self.credit.story.sale);
        let mut people = Vec::new();
        let own = |lineage: Option<Lineage>| lineage.map(|lineage| lineage.own);
        let same = own(lead).map(|own| own.partner) == own(sale).map(|own| own.partner);
        self.role(&mut people, "Lead partner", own(lead), "");
        self.role(&mut people, "Sale partner", own(sale), &sold_by::words(self.file, self.credit));
        if !same && lead.is_some() {
            self.above(&mut people, lead, ["Parent of the lead’s", "Grandparent of the lead’s"]);
            self.above(&mut people, sale, ["Parent of the sale’s", "Grandparent of the sale’s"]);
        } else {
            self.above(&mut people, sale, ["Parent", "Grandparent"]);
        }
        people
    }

    fn above(&self, people: &mut Vec<Role>, lineage: Option<Lineage>, parts: [&'static str; 2]) {
        let Some(lineage) = lineage else { return };
        self.role(people, parts[0], lineage.parent, "");
        if lineage.grandparent.is_some() {
            self.role(people, parts[1], lineage.grandparent, "");
        }
    }

    fn role(&self, people: &mut Vec<Role>, part: &'static str, member: Option<Member>, note: &str) {
        let inactive = member.is_some_and(|member| !member.active);
        let note = [note, if inactive { "inactive when it was recorded" } else { "" }];
        let note = note.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        people.push(Role { part, who: member.map(|member| self.file.person(member.partner)), note });
    }
}

impl OrderFile {
    /// Who bought; none where nobody is known.
    pub fn contact(&self) -> Option<Person> {
        let head = &self.head;
        head.contact_id.map(|id| Person::contact(id, &head.contact_name, &head.contact_otherwise))
    }
}
