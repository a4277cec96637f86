//! Why this partner: the story that a credit keeps, in plain words. Every candidate with its time and
//! why it lost, every step that was not looked at and why, and the settings that decided.

use crate::domain::attribution::{Candidate, CouponOutcome, CouponTold, Outcome, Step};
use crate::domain::commission::{Lineage, Member};
use crate::domain::settings::{Choose, CouponOrLink, TrackingMethod};
use crate::people::names::Person;
use crate::selling::orders::queries::{CreditFile, EventRow, OrderFile};
use crate::web::html::{Format, counted};
use chrono::{DateTime, Utc};

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
pub fn of_credit(file: &OrderFile, credit: &CreditFile, format: &Format) -> WhyThisPartner {
    let event = file.events.iter().find(|event| event.id == credit.event);
    let teller = Teller { file, credit, event, format };
    let (because, contact, rest) = teller.sentence();
    WhyThisPartner {
        who: credit.story.lead.map(|lead| file.person(lead.own.partner)),
        because,
        contact,
        rest,
        steps: teller.steps(),
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
}

impl Teller<'_> {
    fn sentence(&self) -> (String, Option<Person>, String) {
        let contact = self.file.contact();
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
                    format!("was credited because the order was placed with its coupon {}", coupon.code);
                (because, None, ".".into())
            }
            (Step::Named, None) => ("was credited because the order names it".into(), None, ".".into()),
            (Step::Cookie, None) if contact.is_some() => (
                format!("was credited because its link was the {which} that"),
                contact,
                " clicked before the order.".into(),
            ),
            (Step::Cookie, None) => (
                format!(
                    "was credited because its link was the {which} that this visitor clicked before the order"
                ),
                None,
                ".".into(),
            ),
            (Step::History, None) => {
                (format!("was credited because it has the {which} referral of"), contact, ".".into())
            }
            (Step::IpAddress, None) => {
                let address = self.file.head.address.as_deref().unwrap_or("the same address");
                let because = format!(
                    "was credited because its link was the {which} that was clicked from {address} before the order"
                );
                (because, None, ".".into())
            }
            (Step::None, None) => (self.nobody(), None, String::new()),
        };
        let inactive = self.credit.story.lead.filter(|lead| !lead.own.active);
        let rest =
            if inactive.is_some() { format!("{rest} It was inactive, so it earns nothing.") } else { rest };
        (because, contact, rest)
    }

    /// The event by which somebody credited another partner than the search had found.
    fn by_hand(&self) -> Option<&EventRow> {
        self.event.filter(|event| event.kind == "credited")
    }

    /// Why nobody is credited.
    fn nobody(&self) -> String {
        let why = &self.credit.story.why;
        let looked_at = why.candidates.iter().filter(|candidate| candidate.outcome != Outcome::NotReached);
        match looked_at.count() + why.omitted {
            0 if why.candidates.is_empty() && !why.coupons.is_empty() => {
                "Nobody was credited: no coupon, no click and no referral speaks for a partner.".into()
            }
            0 if why.candidates.is_empty() => {
                "Nobody was credited: no click and no referral speaks for a partner.".into()
            }
            0 => "Nobody was credited: what speaks for a partner is of a kind that the settings leave out."
                .into(),
            1 => "Nobody was credited: the only candidate could not be.".into(),
            n => format!("Nobody was credited: none of {n} candidates could be."),
        }
    }

    /// All steps in the order of the search.
    fn steps(&self) -> Vec<StoryStep> {
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
        let mut told =
            step(if is_won { "is-won" } else { "is-lost" }, "Coupon", format!("Coupon {}.", coupon.code));
        told.who = coupon.partner.map(|partner| self.file.person(partner));
        told.verdict = match coupon.outcome {
            CouponOutcome::Credited if goes_first => "Credited: a coupon goes before every link.",
            CouponOutcome::Credited => "Credited: no link speaks for a partner, so the coupon decides.",
            CouponOutcome::Named => "Lost: the order names a partner, and that goes before every coupon.",
            CouponOutcome::Link => "Lost: a link decided, and links go before coupons.",
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
                "Referral Partner tracking method was Only cookies"
            }
            Step::IpAddress if !rules.use_ip_address => "Use IP Address was No",
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
            Outcome::Later => "No candidate: made after the order.".into(),
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
        format!("{}, {}", self.format.day(&local.date_naive()), local.format("%H:%M"))
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
        let no_rep = if same && sale.is_some() { "the order names no sales rep" } else { "" };
        self.role(&mut people, "Sale partner", own(sale), no_rep);
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

const STEPS: [(Step, &str); 3] =
    [(Step::Cookie, "Cookie"), (Step::History, "Referral history"), (Step::IpAddress, "IP address")];

fn step(class: &'static str, name: &'static str, words: String) -> StoryStep {
    StoryStep { class, who: None, name, at: None, words, verdict: String::new(), folded: Vec::new() }
}

impl OrderFile {
    /// Who bought; none where nobody is known.
    pub fn contact(&self) -> Option<Person> {
        let head = &self.head;
        head.contact_id.map(|id| Person::contact(id, &head.contact_name, &head.contact_otherwise))
    }
}
