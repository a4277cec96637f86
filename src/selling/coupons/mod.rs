//! *CRM > Coupon Codes*: codes that customers type in a shop, each a partner's for as long as it is in
//! force. Others ask [`spells`] whose the codes of orders were.

mod forms;
pub mod handlers;
mod pages;
mod queries;

pub use queries::spells;

use crate::domain::ids::{CouponId, PartnerId};
use crate::error::AppError;
use crate::running::audit::{self, Who};
use diesel::PgConnection;
use queries::CouponRow;
use serde_json::json;

/// What came of adding a code.
pub enum Added {
    Done(CouponId),
    /// It is in force: for this partner, by name.
    Taken(Box<CouponRow>),
}

/// Gives a partner a code. One that was ended may be given anew.
pub fn add(conn: &mut PgConnection, who: &Who, code: &str, partner: PartnerId) -> Result<Added, AppError> {
    let Some(id) = queries::insert(conn, code, partner, who.at)? else {
        let holder = queries::in_force(conn, code)?;
        let taken =
            holder.ok_or_else(|| AppError::refused("This code was ended a moment ago: add it again."))?;
        return Ok(Added::Taken(Box::new(taken)));
    };
    let details = json!({ "code": code, "partner": partner });
    audit::write(conn, who, "coupon.add", ("coupon", id.0), details)?;
    Ok(Added::Done(id))
}

/// Ends a code: from now on it credits nobody. False where it was ended before.
pub fn end(conn: &mut PgConnection, who: &Who, id: CouponId) -> Result<bool, AppError> {
    let row = find(conn, id)?;
    let ended = queries::end(conn, id, who.at)?;
    if ended {
        audit::write(
            conn,
            who,
            "coupon.end",
            ("coupon", id.0),
            json!({ "code": row.code, "partner": row.partner_id }),
        )?;
    }
    Ok(ended)
}

fn find(conn: &mut PgConnection, id: CouponId) -> Result<CouponRow, AppError> {
    queries::find(conn, id)?.ok_or_else(|| AppError::not_found(format!("coupon code with the number {id}")))
}
