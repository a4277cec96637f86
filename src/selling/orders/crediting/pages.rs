//! What the steps of crediting many orders show.

use super::forms::{CreditForm, meant_words};
use super::{Became, Credited, MOST_ORDERS, Outcome, Part, Skipped};
use crate::domain::money::Money;
use crate::people::names::Person;
use crate::web::admin::Administrator;
use crate::web::forms::Problems;
use crate::web::html::{Format, counted};
use crate::web::layout::Layout;
use crate::web::paths;
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};

/// How many orders the preview shows by number.
const ORDERS_SHOWN: usize = 100;
/// How many of what others recorded it tells.
const MEANWHILE_SHOWN: usize = 10;

/// Who is to be credited.
#[derive(Template)]
#[template(path = "orders/credit.html")]
pub struct ChoosePage {
    layout: Layout,
    /// Which orders are meant: the ticks, or the search.
    which: Vec<(String, String)>,
    form: CreditForm,
    meant: String,
    may_go_on: bool,
    problems: Problems,
}

/// What would be recorded.
#[derive(Template)]
#[template(path = "orders/credit_preview.html")]
pub struct PreviewPage {
    layout: Layout,
    which: Vec<(String, String)>,
    form: CreditForm,
    /// Who is to be credited, and in which part.
    partner: Person,
    part: &'static str,
    notices: Vec<String>,
    changed: bool,
    meanwhile: Vec<(String, String, String, DateTime<Utc>)>,
    orders: Vec<OrderLine>,
    skipped: Vec<(String, String, &'static str)>,
    more: usize,
    more_skipped: usize,
    by_partner: Vec<(Person, Money, Money, Money)>,
    sums: (Money, Money, Money),
    counted: String,
    counted_skipped: String,
    button: Option<String>,
}

/// An order that is credited anew.
struct OrderLine {
    number: String,
    path: String,
    ordered_on: NaiveDate,
    /// Who is credited now; none = nobody.
    lead: Option<Person>,
    /// Where that is another one.
    sale: Option<Person>,
    taken: Money,
    given: Money,
    /// What it may earn later.
    later: Option<Money>,
}

impl ChoosePage {
    pub fn new(
        admin: &Administrator,
        which: Vec<(String, String)>,
        form: CreditForm,
        count: usize,
        mut problems: Problems,
    ) -> ChoosePage {
        if count > MOST_ORDERS {
            problems.add("orders", super::forms::too_many());
        }
        let may_go_on = (1..=MOST_ORDERS).contains(&count);
        ChoosePage {
            layout: layout(admin).narrow(),
            which,
            form,
            meant: meant_words(count),
            may_go_on,
            problems,
        }
    }

    fn parts(&self) -> [(&'static str, &'static str); 3] {
        Part::ALL.map(|part| (part.word(), part.label()))
    }
}

impl PreviewPage {
    pub fn new(
        admin: &Administrator,
        which: Vec<(String, String)>,
        mut form: CreditForm,
        outcome: &Outcome,
    ) -> PreviewPage {
        let layout = layout(admin);
        form.shown.clone_from(&outcome.digest);
        form.seen = outcome.seen.to_string();
        let changed = outcome.changed().count();
        let skipped: Vec<_> = outcome.orders.iter().filter_map(skipped).collect();
        let person = |id| outcome.people.get(&id).cloned().unwrap_or_else(|| Person::partner(id, "", "?"));
        let by_partner = outcome.by_partner();
        let (taken, given) =
            by_partner.iter().fold((Money::ZERO, Money::ZERO), |sum, row| (sum.0 + row.1, sum.1 + row.2));
        let part = Part::ALL.into_iter().find(|part| part.word() == form.part).unwrap_or(Part::Both);
        PreviewPage {
            partner: person(outcome.partner),
            part: part.label(),
            notices: notices(outcome, &person(outcome.partner)),
            changed: outcome.became == Became::Changed,
            meanwhile: meanwhile(outcome),
            orders: outcome
                .changed()
                .take(ORDERS_SHOWN)
                .map(|order| OrderLine::new(order, outcome))
                .collect(),
            more: changed.saturating_sub(ORDERS_SHOWN),
            counted: counted(changed, "order is", "orders are"),
            counted_skipped: counted(skipped.len(), "order is", "orders are"),
            more_skipped: skipped.len().saturating_sub(ORDERS_SHOWN),
            skipped: skipped.into_iter().take(ORDERS_SHOWN).collect(),
            by_partner: by_partner
                .into_iter()
                .map(|(id, taken, given)| (person(id), taken, given, taken + given))
                .collect(),
            sums: (taken, given, taken + given),
            button: (changed > 0).then(|| {
                let orders = counted(changed, "order", "orders");
                format!("Credit {orders}: {}", effect_words(taken, given, &layout.format))
            }),
            layout,
            which,
            form,
        }
    }
}

impl OrderLine {
    fn new(credited: &Credited, outcome: &Outcome) -> OrderLine {
        let order = &credited.order;
        let person = |id| outcome.people.get(&id).cloned();
        let sale = order.sale.filter(|sale| order.lead != Some(*sale));
        let given: Money = credited.movements.iter().map(|movement| movement.given_minor).sum();
        OrderLine {
            number: order.number.clone(),
            path: paths::order(order.id),
            ordered_on: order.ordered_on,
            lead: order.lead.and_then(person),
            sale: sale.and_then(person),
            taken: credited.movements.iter().map(|movement| movement.taken_minor).sum(),
            given,
            later: (given.is_zero() && !credited.promised.is_zero()).then_some(credited.promised),
        }
    }
}

/// Number, page and why it is left as it is.
fn skipped(credited: &Credited) -> Option<(String, String, &'static str)> {
    let why = match credited.event.err()? {
        Skipped::Cancelled => "It is cancelled: nothing more can happen to it.",
        Skipped::SameAlready => "It is credited so already.",
        Skipped::WithoutLead => "Nobody is its lead partner: credit both parts instead.",
    };
    Some((credited.order.number.clone(), paths::order(credited.order.id), why))
}

fn notices(outcome: &Outcome, partner: &Person) -> Vec<String> {
    let mut notices = Vec::new();
    if outcome.is_inactive && outcome.changed().next().is_some() {
        notices.push(format!("{} is inactive: it is credited and earns nothing.", partner.name));
    }
    notices
}

/// What others recorded since the page was shown: order, who, what, when.
fn meanwhile(outcome: &Outcome) -> Vec<(String, String, String, DateTime<Utc>)> {
    let told = outcome.meanwhile.iter().take(MEANWHILE_SHOWN).map(|event| {
        let who = event.made_by.clone().unwrap_or_else(|| "A command".into());
        let what = match event.kind.as_str() {
            "customer_payment" => "a customer payment",
            "refund" => "a return or refund",
            "credited" => "the credit of another partner",
            "cancelled" => "that it is cancelled",
            _ => "that it was placed",
        };
        (event.number.clone(), who, what.to_string(), event.recorded_at)
    });
    told.collect()
}

/// `$120.00 is taken back, $110.00 is earned`
fn effect_words(taken: Money, given: Money, format: &Format) -> String {
    let taken = (!taken.is_zero()).then(|| format!("{} is taken back", format.total(&taken.abs())));
    let given = (!given.is_zero()).then(|| format!("{} is earned", format.total(&given)));
    match (taken, given) {
        (Some(taken), Some(given)) => format!("{taken}, {given}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "no commission changes".into(),
    }
}

/// For the message after it is done.
pub fn done_words(outcome: &Outcome, format: &Format) -> String {
    let orders = counted(outcome.changed().count(), "order was", "orders were");
    let name = outcome.people.get(&outcome.partner).map_or("the partner", |person| person.name.as_str());
    let sums = outcome.by_partner();
    let (taken, given) =
        sums.iter().fold((Money::ZERO, Money::ZERO), |sum, row| (sum.0 + row.1, sum.1 + row.2));
    let left = outcome.orders.len() - outcome.changed().count();
    let left = match left {
        0 => String::new(),
        left => format!(" {}.", counted(left, "order was left as it was", "orders were left as they were")),
    };
    format!(
        "{orders} credited to {name}: {}.{left} To undo it, credit the former partner again.",
        effect_words(taken, given, format)
    )
}

fn layout(admin: &Administrator) -> Layout {
    admin.layout("Credit another partner").under("CRM", "").under("Orders", paths::ORDERS)
}
