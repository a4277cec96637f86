//! The figures of clicks by day, which are kept so that long times are added up fast. See docs/decisions/0079.

use crate::error::AppError;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;

/// Notes up to which click all are recorded. In a transaction of its own: until it ends nobody clicks.
pub fn mark_days(conn: &mut PgConnection, _now: DateTime<Utc>) -> Result<(), AppError> {
    sql_query("SELECT mark_click_days()").execute(conn)?;
    Ok(())
}

/// Takes the clicks into the figures that came since, up to the one that was noted.
pub fn keep_days(conn: &mut PgConnection, _now: DateTime<Utc>) -> Result<(), AppError> {
    sql_query("SELECT keep_click_days()").execute(conn)?;
    Ok(())
}
