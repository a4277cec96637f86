//! What was typed about an order, tried out or recorded under the order's lock.

use super::super::press::{self, Earlier, Press, Tried};
use super::super::typed;
use super::due;
use super::forms::{EventForm, Kind, TypedEvent, What, last_event};
use crate::domain::ids::{OrderId, PartnerId};
use crate::domain::typed::Trimmed;
use crate::error::AppError;
use crate::running::audit::Who;
use crate::selling::orders::queries::by_hand as queries;
use crate::selling::orders::queries::{EventRow, OrderFile, order_file};
use crate::selling::orders::{EventKind, NewEvent, OrderEvent};
use crate::web::forms::Problems;
use crate::web::html::Format;
use chrono::{DateTime, Utc};
use diesel::PgConnection;

/// What came of a press.
pub enum Answer {
    /// Recorded by an earlier press of the same form.
    Before,
    /// The form was recorded before with other content.
    SentBefore(OrderFile),
    /// Nothing was recorded.
    Wrong(OrderFile, Problems),
    /// Tried out or recorded.
    Tried(Box<Outcome>),
}

/// What it did, or would do.
pub struct Outcome {
    pub tried: Tried,
    /// The order as it is without it.
    pub before: OrderFile,
    /// What somebody should look at.
    pub notices: Vec<String>,
    /// What others recorded since the page was shown: because of it nothing was recorded.
    pub meanwhile: Vec<EventRow>,
}

/// A cancelled order takes no more forms.
pub fn check_open(file: &OrderFile) -> Result<(), AppError> {
    if file.events.iter().any(|event| event.kind == "cancelled") {
        let number = &file.head.number;
        return Err(AppError::Refused(format!(
            "Order {number} is cancelled: nothing more can happen to it."
        )));
    }
    Ok(())
}

/// Tries out what was typed, or records it.
pub fn answer(
    conn: &mut PgConnection,
    order: OrderId,
    (form, press): (&EventForm, &Press),
    (now, format): (DateTime<Utc>, &Format),
    who: &Who,
) -> Result<Answer, AppError> {
    let earlier = press::earlier(conn, press)?;
    if let Earlier::Same(_) = earlier {
        return Ok(Answer::Before);
    }
    queries::lock_order(conn, order)?;
    // A later statement: it sees what was recorded while this one waited.
    let file = order_file(conn, order)?;
    let mut before = file.ok_or_else(|| AppError::not_found(format!("order with the number {order}")))?;
    if let Earlier::Other = earlier {
        return Ok(Answer::SentBefore(before));
    }
    check_open(&before)?;
    let typed = match form.parse(&before, press.is_final, now, format) {
        Ok(typed) => typed,
        Err(problems) => return Ok(Answer::Wrong(before, problems)),
    };
    let mut problems = Problems::none();
    let kind = event_kind(conn, &mut problems, form, &typed, &before)?;
    let Some(kind) = kind.filter(|_| problems.is_empty()) else {
        return Ok(Answer::Wrong(before, problems));
    };
    let meanwhile = since(&mut before, form);
    let press = Press { is_final: press.is_final && meanwhile.is_empty(), ..press.clone() };
    let event = NewEvent {
        order: before.head.number.clone(),
        kind,
        happened_at: typed.happened_at,
        reference: typed.reference.clone(),
        reason: typed.reason.clone(),
    };
    match press::try_out(conn, &press, who, |_| Ok(OrderEvent::Happened(event))) {
        Ok(tried) => {
            let notices = notices(form.kind, &typed.what, &before, &tried, format);
            Ok(Answer::Tried(Box::new(Outcome { tried, before, notices, meanwhile })))
        }
        Err(AppError::Refused(sentence)) => Ok(Answer::Wrong(before, Problems::one("on", sentence))),
        Err(trouble) => Err(trouble),
    }
}

/// The event, with the partners that it names.
fn event_kind(
    conn: &mut PgConnection,
    problems: &mut Problems,
    form: &EventForm,
    typed: &TypedEvent,
    file: &OrderFile,
) -> Result<Option<EventKind>, AppError> {
    Ok(Some(match &typed.what {
        What::Payment(amount) => EventKind::CustomerPayment(*amount),
        What::Return(lines, amount) => EventKind::Refund { lines: lines.clone(), amount: *amount },
        What::Refund(amount) => EventKind::Refund { lines: Vec::new(), amount: *amount },
        What::Cancellation => EventKind::Cancelled,
        What::Credit => {
            if form.partner.trimmed().is_empty() {
                problems.add("partner", "Say who is to be credited.");
            }
            let partner = typed::partner(conn, problems, "partner", &form.partner)?;
            let sale_partner = typed::partner(conn, problems, "sale_partner", &form.sale_partner)?;
            let Some(partner) = partner else { return Ok(None) };
            let asked = (Some(partner), Some(sale_partner.unwrap_or(partner)));
            if asked == credited(file) {
                let name = file.person(partner).name;
                problems.add("partner", format!("{name} is credited for this order already."));
            }
            EventKind::Credited { partner, sale_partner }
        }
    }))
}

/// The lead and the sale partner of the credit in force.
pub fn credited(file: &OrderFile) -> (Option<PartnerId>, Option<PartnerId>) {
    let story = file.credits.last().map(|credit| &credit.story);
    let of = |lineage: Option<crate::domain::commission::Lineage>| lineage.map(|lineage| lineage.own.partner);
    story.map_or((None, None), |story| (of(story.lead), of(story.sale)))
}

/// What was recorded after the latest event that the form knew.
fn since(file: &mut OrderFile, form: &EventForm) -> Vec<EventRow> {
    if form.seen == last_event(file) {
        return Vec::new();
    }
    let seen: i64 = form.seen.parse().unwrap_or(0);
    file.events.iter().filter(|event| event.id.0 > seen).cloned().collect()
}

fn notices(kind: Kind, what: &What, before: &OrderFile, tried: &Tried, format: &Format) -> Vec<String> {
    let currency = format.currency;
    let mut notices = Vec::new();
    let received = due::received(before, currency);
    let money = |amount| format.total(&amount);
    match what {
        What::Payment(amount) => {
            let due = due::due(before, currency);
            if *amount > due {
                let more = money(*amount - due);
                notices.push(format!("This is {more} more than is due: {}.", money(due)));
            }
        }
        What::Return(lines, amount) => {
            let worth = due::worth(before, lines, currency);
            notices.push(match *amount {
                none if none.is_zero() => {
                    format!("The goods were sold for {}. No money is given back for them.", money(worth))
                }
                amount => {
                    format!("The goods were sold for {}; {} is given back.", money(worth), money(amount))
                }
            });
        }
        What::Refund(_) | What::Credit | What::Cancellation => {}
    }
    if let What::Return(_, amount) | What::Refund(amount) = what
        && *amount > received
        && !amount.is_zero()
    {
        let have = if received.is_positive() { received } else { crate::domain::money::Money::ZERO };
        notices.push(format!("This is more than the customer has paid and not had back: {}.", money(have)));
    }
    if kind == Kind::Credit {
        let story = tried.file.credits.last().map(|credit| credit.story.clone());
        let mut told: Vec<PartnerId> = Vec::new();
        for own in story.into_iter().flat_map(|story| [story.lead, story.sale]).flatten().map(|l| l.own) {
            if !own.active && !told.contains(&own.partner) {
                told.push(own.partner);
                let name = tried.file.person(own.partner).name;
                notices.push(format!("{name} is inactive: it is credited and earns nothing."));
            }
        }
    }
    notices
}
