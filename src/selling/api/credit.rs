//! *Credit another partner* by another system (spec 4.7), as the form of the order's page does it.

use super::bodies::SentCredit;
use super::order::{file, recorded};
use crate::error::AppError;
use crate::running::audit::Who;
use crate::selling::orders::by_hand::happening::{check_open, credited};
use crate::selling::orders::queries::{self, OrderFile};
use crate::selling::orders::{EventKind, NewEvent, OrderEvent};
use crate::web::json::Faults;
use diesel::PgConnection;

/// What became of it.
pub enum Credited {
    Recorded(Box<OrderFile>),
    /// It is credited so already; nothing was recorded.
    Already(Box<OrderFile>),
    /// There is no such order.
    NoOrder,
    /// Nothing more can happen to it, in a sentence.
    Closed(String),
    /// Nothing was recorded.
    Wrong(Faults),
}

/// Credits the order of this number to others.
pub fn credit(
    conn: &mut PgConnection,
    number: &str,
    sent: &SentCredit,
    mut faults: Faults,
    who: &Who,
) -> Result<Credited, AppError> {
    let partner = super::partner(conn, &mut faults, "partner", sent.partner.as_ref())?;
    let sale_partner = super::partner(conn, &mut faults, "sale_partner", sent.sale_partner.as_ref())?;
    let Some(order) = super::order::find(conn, number)? else { return Ok(Credited::NoOrder) };
    if !faults.is_empty() {
        return Ok(Credited::Wrong(faults));
    }
    queries::by_hand::lock_order(conn, order)?;
    // A later statement: it sees what was recorded while this one waited.
    let before = file(conn, order)?;
    match check_open(&before) {
        Err(AppError::Refused(sentence)) => return Ok(Credited::Closed(sentence)),
        open => open?,
    }
    let (lead, sale) = credited(&before);
    let Some(partner) = partner.or(lead) else {
        let words = "Nobody is the order's lead partner: say who is to be, beside the sale partner.";
        faults.add("/partner", words);
        return Ok(Credited::Wrong(faults));
    };
    if (lead, sale) == (Some(partner), Some(sale_partner.unwrap_or(partner))) {
        return Ok(Credited::Already(before));
    }
    let event = OrderEvent::Happened(NewEvent {
        order: before.head.number.clone(),
        kind: EventKind::Credited { partner, sale_partner },
        happened_at: who.at,
        reference: String::new(),
        reason: sent.reason.clone(),
    });
    Ok(Credited::Recorded(recorded(conn, &event, who)?.0))
}
