//! A form of which a button was pressed: what it would record is tried out and shown; it is recorded
//! where it is what was shown before.

use super::effect::Effect;
use crate::book;
use crate::domain::ids::{OrderEventId, OrderId};
use crate::error::AppError;
use crate::running::audit::{self, Who};
use crate::selling::orders::queries::by_hand as queries;
use crate::selling::orders::queries::{OrderFile, order_file};
use crate::selling::orders::{OrderEvent, record};
use anyhow::Context;
use diesel::{Connection, PgConnection};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// For a form without a usable key: it was put together by hand, or cut off.
pub const STALE: &str =
    "This form is incomplete or out of date. Nothing was recorded; this is a fresh one, so press again.";

/// For a key that came with other content before.
pub const SENT_BEFORE: &str = "This form was sent before with other content, and was recorded then. Nothing more was \
     recorded; this is a fresh form.";

/// What was pressed, and on which form.
#[derive(Debug, Clone)]
pub struct Press {
    /// Made when the form was first shown. The same key again is the same form.
    pub key: Uuid,
    /// SHA-256 of what was typed.
    pub content: [u8; 32],
    /// The fingerprint of what the page showed; empty where it showed nothing yet.
    pub shown: String,
    /// To record it; or else only to show what it would do.
    pub is_final: bool,
}

/// Whether the form was recorded by an earlier press.
pub enum Earlier {
    /// It was not.
    Never,
    /// It was, as it is: this is the order.
    Same(OrderId),
    /// It was, with other content.
    Other,
}

/// What became of it.
pub struct Tried {
    /// The order as it stands with the event: for good, or only as it would.
    pub file: Box<OrderFile>,
    pub effect: Effect,
    /// The fingerprint of what the page is to show.
    pub digest: String,
    pub became: Became,
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

/// Ends an attempt that leaves no trace.
enum Undone {
    Shown(Box<Tried>),
    Trouble(AppError),
}

/// Locks the form, and looks whether it was recorded already.
pub fn earlier(conn: &mut PgConnection, press: &Press) -> Result<Earlier, AppError> {
    book::lock_form(conn, press.key)?;
    Ok(match queries::form(conn, press.key)? {
        None => Earlier::Never,
        Some(form) if form.content_hash == press.content => Earlier::Same(form.order_id),
        Some(_) => Earlier::Other,
    })
}

/// Records what `event` makes of the form, looks at what that did, and undoes it: except where this is
/// the last press, and it did exactly what the page had shown.
pub fn try_out(
    conn: &mut PgConnection,
    press: &Press,
    who: &Who,
    event: impl FnOnce(&mut PgConnection) -> Result<OrderEvent, AppError>,
) -> Result<Tried, AppError> {
    let tried = conn.transaction(|conn| {
        let event = event(conn)?;
        let recorded = record(conn, std::slice::from_ref(&event), who)?;
        let id = recorded.into_iter().next().context("no event was recorded").map_err(AppError::from)?;
        let order = queries::order_of_event(conn, id)?;
        let file = order_file(conn, order)?.context("an order without a file").map_err(AppError::from)?;
        let effect = Effect::of(&file, id);
        let digest = digest(press, &file, &effect);
        let became = match (press.is_final, press.shown == digest) {
            (false, _) => Became::Shown,
            (true, false) => Became::Changed,
            (true, true) => Became::Recorded,
        };
        let tried = Tried { file: Box::new(file), effect, digest, became };
        if became != Became::Recorded {
            return Err(Undone::Shown(Box::new(tried)));
        }
        queries::keep_form(conn, press.key, id, press.content)?;
        tell(conn, who, (&event, id), order, &tried.effect)?;
        Ok(tried)
    });
    match tried {
        Ok(tried) => Ok(tried),
        Err(Undone::Shown(tried)) => Ok(*tried),
        Err(Undone::Trouble(error)) => Err(error),
    }
}

/// The audit row of what happened to an order.
pub fn tell(
    conn: &mut PgConnection,
    who: &Who,
    (event, id): (&OrderEvent, OrderEventId),
    order: OrderId,
    effect: &Effect,
) -> Result<(), AppError> {
    let action = match event {
        OrderEvent::Placed(_) => "order.place",
        OrderEvent::Happened(event) => match event.kind.word() {
            "customer_payment" => "order.receive_payment",
            "refund" => "order.refund",
            "cancelled" => "order.cancel",
            _ => "order.credit",
        },
    };
    let commissions: i64 = effect.by_partner.iter().map(|(_, _, amount)| amount.minor()).sum();
    let details = json!({ "event": id.0, "commissions_minor": commissions });
    audit::write(conn, who, action, ("order", order.0), details)
}

/// A fingerprint of what was typed and of all that the page shows of what follows.
fn digest(press: &Press, file: &OrderFile, effect: &Effect) -> String {
    let mut hash = Sha256::new();
    hash.update(press.content);
    effect.fingerprint(file, &mut hash);
    hex::encode(hash.finalize())
}

/// SHA-256 of texts, each with its length, so that no two lists give the same bytes.
pub fn hash_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> [u8; 32] {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    hash.finalize().into()
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
