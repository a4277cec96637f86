//! How often a sign-in may be tried. An attempt counts from the moment it begins, so that many at
//! once do not slip through; a right password takes it back.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::PgConnection;
use std::net::IpAddr;

use super::queries;
use crate::error::AppError;
use crate::running::sessions::hashed;

/// So long do failed attempts count.
pub const WINDOW: TimeDelta = TimeDelta::minutes(15);
/// So many for one e-mail from one address: somebody who has forgotten a password.
pub const FROM_ONE_ADDRESS: i64 = 5;
/// So many for one e-mail from anywhere: somebody who guesses from many machines. Far more, so that
/// nobody can lock another out with a few tries.
pub const FROM_ANYWHERE: i64 = 50;
/// So many for any e-mail from one address: somebody who tries a list. An office behind one address
/// must fit in.
pub const FOR_ANY_EMAIL: i64 = 50;

/// One try at signing in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    email_hash: Vec<u8>,
    address: Option<IpAddr>,
}

/// Whether it may be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Yes; if this fails so many are left.
    Allowed(Attempt, i64),
    /// No; in so many minutes again.
    Wait(i64),
}

/// Begins an attempt, or says how long to wait.
pub fn begin(
    conn: &mut PgConnection,
    email: &str,
    address: Option<IpAddr>,
    now: DateTime<Utc>,
) -> Result<Begun, AppError> {
    let email_hash = hashed(&email.to_lowercase());
    // Attempts for one e-mail and from one address come one after the other: count, then insert.
    queries::lock_attempts(conn, &email_hash, address)?;
    let recent = queries::recent_attempts(conn, &email_hash, address, now - WINDOW)?;
    let limits = [
        (recent.same_email_and_address, FROM_ONE_ADDRESS, recent.oldest_of_both),
        (recent.same_email, FROM_ANYWHERE, recent.oldest_of_email),
        (recent.same_address, FOR_ANY_EMAIL, recent.oldest_of_address),
    ];
    let waits = limits.iter().filter(|(tried, limit, _)| tried >= limit);
    let wait = waits.filter_map(|(_, _, oldest)| *oldest).map(|oldest| oldest + WINDOW - now).max();
    if let Some(wait) = wait {
        return Ok(Begun::Wait((wait.num_seconds() + 59) / 60));
    }
    queries::forget_old_attempts(conn, now - TimeDelta::days(1))?;
    queries::insert_attempt(conn, &email_hash, address, now)?;
    let left = FROM_ONE_ADDRESS - recent.same_email_and_address - 1;
    Ok(Begun::Allowed(Attempt { email_hash, address }, left))
}

/// Takes the attempts of this e-mail from this address back: the password was right.
pub fn succeed(conn: &mut PgConnection, attempt: &Attempt) -> Result<(), AppError> {
    queries::forget_attempts(conn, &attempt.email_hash, attempt.address)?;
    Ok(())
}
