//! The addresses that orders came from.

use crate::error::AppError;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Timestamptz;

/// Erases the addresses of orders that have been kept as long as *CRM > Settings > Tracking* says. They were asked
/// for when the order was credited; its story keeps only that there was one.
pub fn erase_addresses(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), AppError> {
    sql_query(
        "UPDATE orders SET address = NULL
          WHERE address IS NOT NULL AND ordered_at < $1 - (SELECT address_days * interval '24 hours' FROM tracking_settings)",
    )
    .bind::<Timestamptz, _>(now)
    .execute(conn)?;
    Ok(())
}
