//! Credit another partner on many orders at once: what would be recorded is recorded, looked at and undone;
//! then exactly that is recorded, all of it or nothing (decision 0077). Each order as spec 4.7 says.

mod forms;
pub mod handlers;
mod pages;

use super::by_hand::press::{self, Earlier, Press};
use super::queries::by_hand::keep_form;
use super::queries::crediting::{self as queries, Meanwhile, Movement, Standing};
use super::{EventKind, NewEvent, OrderEvent, record};
use crate::domain::ids::{OrderEventId, OrderId, PartnerId};
use crate::domain::money::Money;
use crate::error::AppError;
use crate::people::names::Person;
use crate::people::partners;
use crate::running::audit::{self, Who};
use diesel::{Connection, PgConnection};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The most orders that are credited at once: all of them are recorded in one transaction, which others wait
/// for.
pub const MOST_ORDERS: usize = 1000;

/// Which of an order's two partners becomes another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Both,
    /// The sale partner stays.
    Lead,
    /// The lead partner stays.
    Sale,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Asked {
    pub orders: Vec<OrderId>,
    pub partner: PartnerId,
    pub part: Part,
    pub reason: String,
    /// The latest event of these orders that the page knew; none where it showed none yet.
    pub seen: Option<OrderEventId>,
}

/// Why an order is left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skipped {
    Cancelled,
    /// It credits the partner already, in that part.
    SameAlready,
    /// Nobody is its lead partner, and an order with a sale partner alone cannot be credited by hand.
    WithoutLead,
}

/// An order with what became of it.
pub struct Credited {
    pub order: Standing,
    /// The event, or why there is none.
    pub event: Result<OrderEventId, Skipped>,
    /// By partner.
    pub movements: Vec<Movement>,
    /// What the new rows are worth in full.
    pub promised: Money,
}

/// What was done, or would be.
pub struct Outcome {
    pub orders: Vec<Credited>,
    pub people: HashMap<PartnerId, Person>,
    /// Who is to be credited.
    pub partner: PartnerId,
    /// The partner earns nothing.
    pub is_inactive: bool,
    pub digest: String,
    pub seen: OrderEventId,
    pub became: Became,
    pub meanwhile: Vec<Meanwhile>,
}

/// Whether it was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    Recorded,
    /// Only shown, as was asked.
    Shown,
    /// Not recorded, though that was asked: it is not what the page had shown.
    Changed,
}

/// What came of a press.
pub enum Answer {
    /// Recorded by an earlier press of the same form.
    Before,
    /// The form was recorded before with other content.
    SentBefore,
    Done(Box<Outcome>),
}

/// Ends an attempt that leaves no trace.
enum Undone {
    Shown(Box<Outcome>),
    Trouble(AppError),
}

/// Tries out what is asked, or records it.
pub fn answer(conn: &mut PgConnection, asked: &Asked, press: &Press, who: &Who) -> Result<Answer, AppError> {
    match press::earlier(conn, press)? {
        Earlier::Same(_) => return Ok(Answer::Before),
        Earlier::Other => return Ok(Answer::SentBefore),
        Earlier::Never => {}
    }
    queries::lock(conn, &asked.orders)?;
    // Later statements: they see what was recorded while this one waited.
    let standing = queries::standing(conn, &asked.orders)?;
    let meanwhile = match asked.seen {
        Some(seen) => queries::meanwhile(conn, &asked.orders, seen)?,
        None => Vec::new(),
    };
    let tried = conn.transaction(|conn| {
        let outcome = credit(conn, asked, standing, who)?;
        let became = match press.is_final {
            false => Became::Shown,
            true if outcome.digest != press.shown || !meanwhile.is_empty() => Became::Changed,
            true => Became::Recorded,
        };
        let first = outcome.orders.iter().find_map(|order| order.event.ok());
        let outcome = Outcome { became, meanwhile, ..outcome };
        let Some(first) = first.filter(|_| became == Became::Recorded) else {
            return Err(Undone::Shown(Box::new(outcome)));
        };
        keep_form(conn, press.key, first, press.content)?;
        tell(conn, who, &outcome)?;
        Ok(outcome)
    });
    match tried {
        Ok(outcome) => Ok(Answer::Done(Box::new(outcome))),
        Err(Undone::Shown(outcome)) => Ok(Answer::Done(outcome)),
        Err(Undone::Trouble(error)) => Err(error),
    }
}

/// Records the credits, and reads back what they did.
fn credit(
    conn: &mut PgConnection,
    asked: &Asked,
    standing: Vec<Standing>,
    who: &Who,
) -> Result<Outcome, AppError> {
    let decided: Vec<Result<EventKind, Skipped>> =
        standing.iter().map(|order| decide(order, asked)).collect();
    let events = decided.iter().zip(&standing).filter_map(|(kind, order)| {
        let kind = kind.clone().ok()?;
        let (number, reason) = (order.number.clone(), asked.reason.clone());
        let reference = String::new();
        Some(OrderEvent::Happened(NewEvent { order: number, kind, happened_at: who.at, reference, reason }))
    });
    let recorded = record(conn, &events.collect::<Vec<_>>(), who)?;
    let mut movements: HashMap<OrderEventId, Vec<Movement>> = HashMap::new();
    for movement in queries::movements(conn, &recorded)? {
        movements.entry(movement.event_id).or_default().push(movement);
    }
    let promised = queries::promised(conn, &recorded)?;
    let seen = standing.iter().map(|order| order.last_event).max().unwrap_or(OrderEventId(0));
    let mut recorded = recorded.into_iter();
    let orders: Vec<Credited> = standing
        .into_iter()
        .zip(decided)
        .map(|(order, decided)| {
            let event = decided.map(|_| recorded.next().unwrap_or(OrderEventId(0)));
            let of_event = event.ok().and_then(|event| movements.remove(&event));
            let promised = event.ok().and_then(|event| promised.get(&event).copied());
            Credited {
                order,
                event,
                movements: of_event.unwrap_or_default(),
                promised: promised.unwrap_or_default(),
            }
        })
        .collect();
    let named: BTreeSet<PartnerId> = orders
        .iter()
        .flat_map(|order| order.movements.iter().map(|movement| movement.partner_id))
        .chain(orders.iter().flat_map(|order| [order.order.lead, order.order.sale]).flatten())
        .chain([asked.partner])
        .collect();
    let lineage = partners::lineages(conn, &[asked.partner])?.remove(&asked.partner);
    Ok(Outcome {
        people: queries::people(conn, &named.into_iter().collect::<Vec<_>>())?,
        partner: asked.partner,
        is_inactive: lineage.is_none_or(|lineage| !lineage.own.active),
        digest: digest(asked, &orders),
        seen,
        became: Became::Shown,
        meanwhile: Vec::new(),
        orders,
    })
}

/// What happens to an order, or why nothing does.
fn decide(order: &Standing, asked: &Asked) -> Result<EventKind, Skipped> {
    if order.cancelled {
        return Err(Skipped::Cancelled);
    }
    let (lead, sale) = match asked.part {
        Part::Both => (asked.partner, asked.partner),
        Part::Lead => (asked.partner, order.sale.unwrap_or(asked.partner)),
        Part::Sale => (order.lead.ok_or(Skipped::WithoutLead)?, asked.partner),
    };
    if (order.lead, order.sale) == (Some(lead), Some(sale)) {
        return Err(Skipped::SameAlready);
    }
    Ok(EventKind::Credited { partner: lead, sale_partner: Some(sale) })
}

/// A fingerprint of what the page shows: who is credited, and what follows for whom. Not the reason, which
/// may be written last; no ids that are made anew at each attempt.
fn digest(asked: &Asked, orders: &[Credited]) -> String {
    let mut hash = Sha256::new();
    hash.update(asked.part.word());
    let mut say = |number: i64| hash.update(number.to_le_bytes());
    say(asked.partner.0);
    for Credited { order, event, movements, promised } in orders {
        for number in [
            order.id.0,
            order.last_event.0,
            order.lead.map_or(0, |lead| lead.0),
            order.sale.map_or(0, |sale| sale.0),
            i64::from(event.is_ok()),
            promised.minor(),
        ] {
            say(number);
        }
        for movement in movements {
            for number in [movement.partner_id.0, movement.taken_minor.minor(), movement.given_minor.minor()]
            {
                say(number);
            }
        }
    }
    hex::encode(hash.finalize())
}

/// An audit row for each order.
fn tell(conn: &mut PgConnection, who: &Who, outcome: &Outcome) -> Result<(), AppError> {
    let together = outcome.changed().count();
    for order in outcome.changed() {
        let Ok(event) = order.event else { continue };
        let commissions: Money = order.movements.iter().map(Movement::net).sum();
        let details = json!({ "event": event.0, "commissions_minor": commissions.minor(), "together_with": together - 1 });
        audit::write(conn, who, "order.credit", ("order", order.order.id.0), details)?;
    }
    Ok(())
}

impl Outcome {
    /// The orders that are credited anew.
    pub fn changed(&self) -> impl Iterator<Item = &Credited> {
        self.orders.iter().filter(|order| order.event.is_ok())
    }

    /// What each partner loses and gets, the greatest gain first.
    pub fn by_partner(&self) -> Vec<(PartnerId, Money, Money)> {
        let mut sums: BTreeMap<PartnerId, (Money, Money)> = BTreeMap::new();
        for movement in self.orders.iter().flat_map(|order| &order.movements) {
            let sum = sums.entry(movement.partner_id).or_default();
            sum.0 += movement.taken_minor;
            sum.1 += movement.given_minor;
        }
        let mut sums: Vec<_> = sums.into_iter().map(|(id, (taken, given))| (id, taken, given)).collect();
        sums.sort_by_key(|(id, taken, given)| (std::cmp::Reverse(*taken + *given), *id));
        sums
    }
}

impl Movement {
    /// What it comes to.
    pub fn net(&self) -> Money {
        self.taken_minor + self.given_minor
    }
}

impl From<diesel::result::Error> for Undone {
    fn from(error: diesel::result::Error) -> Undone {
        Undone::Trouble(error.into())
    }
}

impl From<AppError> for Undone {
    fn from(error: AppError) -> Undone {
        Undone::Trouble(error)
    }
}
