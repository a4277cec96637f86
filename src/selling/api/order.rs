//! An order that another system sends: recorded once, by whichever key and however often it comes.

use super::bodies::SentOrder;
use crate::domain::ids::OrderId;
use crate::domain::typed::{Lines, Trimmed, flaw};
use crate::error::AppError;
use crate::people::contacts;
use crate::running::audit::Who;
use crate::selling::orders::by_hand::effect::Effect;
use crate::selling::orders::by_hand::press;
use crate::selling::orders::queries::{self, OrderFile};
use crate::selling::orders::{NewOrder, OrderEvent, Source, lines, notices, record};
use crate::selling::tracking;
use crate::web::html::Format;
use crate::web::json::Faults;
use anyhow::Context;
use diesel::PgConnection;

/// What became of it.
pub enum Placed {
    Recorded(Box<OrderFile>),
    /// It was recorded before, as it is.
    Before(Box<OrderFile>),
    /// There is one of this number that says something else.
    Another,
    /// Nothing was recorded.
    Wrong(Faults),
}

/// Records the order and `tells_partners` of it by mail, or finds that it is recorded.
pub fn place(
    conn: &mut PgConnection,
    sent: &SentOrder,
    mut faults: Faults,
    format: &Format,
    who: &Who,
    tells_partners: bool,
) -> Result<Placed, AppError> {
    let partner = super::partner(conn, &mut faults, "partner", sent.partner.as_ref())?;
    let sale_partner = super::partner(conn, &mut faults, "sale_partner", sent.sale_partner.as_ref())?;
    if faults.is_empty() && lines::are_too_large(&sent.lines, sent.shipping, sent.tax, format.currency) {
        faults.add("/lines", "The order comes to more than can be kept. Look at quantities and prices.");
    }
    if !faults.is_empty() {
        return Ok(Placed::Wrong(faults));
    }
    let content_hash = sent.content_hash(format.currency);
    queries::lock_number(conn, &sent.number)?;
    // A later statement: it sees what was recorded while this one waited.
    if let Some(known) = queries::by_number(conn, &sent.number)? {
        return Ok(match known.content_hash == content_hash {
            true => Placed::Before(file(conn, known.id)?),
            false => Placed::Another,
        });
    }
    let contact = match &sent.contact {
        Some(contact) => contacts::find_or_make(conn, std::slice::from_ref(contact))?.into_iter().next(),
        None => None,
    };
    // The shop's script makes the key, and may be ahead of its report: the visitor is known from now on.
    let visitor = sent.visitor.as_ref().map(|key| tracking::visitor_met(conn, key)).transpose()?;
    let known = lines::known_products(conn, &sent.lines)?;
    let event = OrderEvent::Placed(NewOrder {
        number: sent.number.clone(),
        contact,
        ordered_at: sent.ordered.at,
        lines: lines::with_products(conn, &sent.lines, &known)?,
        shipping: sent.shipping,
        tax: sent.tax,
        paid_in_full: sent.paid_in_full,
        visitor,
        address: sent.address.clone(),
        partner,
        sale_partner,
        coupon: sent.coupon.clone(),
        source: Source::Api,
        note: sent.note.clone(),
        content_hash,
    });
    let (file, effect) = recorded(conn, &event, who)?;
    if tells_partners {
        notices::tell_partners(conn, &file, &effect, who.at)?;
    }
    Ok(Placed::Recorded(file))
}

/// Records what happened, with its audit row; the order as it stands then, and what that did.
pub fn recorded(
    conn: &mut PgConnection,
    event: &OrderEvent,
    who: &Who,
) -> Result<(Box<OrderFile>, Effect), AppError> {
    let ids = record(conn, std::slice::from_ref(event), who)?;
    let id = ids.into_iter().next().context("no event was recorded")?;
    let order = queries::by_hand::order_of_event(conn, id)?;
    let file = file(conn, order)?;
    let effect = Effect::of(&file, id);
    press::tell(conn, who, (event, id), order, &effect)?;
    Ok((file, effect))
}

/// The order of this number; none where there is none.
pub fn find(conn: &mut PgConnection, number: &str) -> Result<Option<OrderId>, AppError> {
    let number = number.trimmed();
    // No number has such characters, and no text in the database can hold all of them.
    if flaw(number, Lines::One).is_some() {
        return Ok(None);
    }
    Ok(queries::by_number(conn, number)?.map(|known| known.id))
}

/// An order that there is.
pub fn file(conn: &mut PgConnection, id: OrderId) -> Result<Box<OrderFile>, AppError> {
    let file = queries::order_file(conn, id)?.context("an order without a file")?;
    Ok(Box::new(file))
}
