//! Who signs in, and who tries to.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Binary, Nullable, Text, Timestamptz};
use std::net::IpAddr;

use crate::domain::ids::UserId;

/// A user who may sign in.
#[derive(QueryableByName)]
pub struct Credentials {
    #[diesel(sql_type = BigInt)]
    id: i64,
    /// The hash of the password.
    #[diesel(sql_type = Text)]
    pub password_hash: String,
}

impl Credentials {
    /// Whose they are.
    pub fn user(&self) -> UserId {
        UserId(self.id)
    }
}

/// The user of this e-mail, unless disabled.
pub fn credentials(conn: &mut PgConnection, email: &str) -> QueryResult<Option<Credentials>> {
    sql_query("SELECT id, password_hash FROM users WHERE lower(email) = lower($1) AND disabled_at IS NULL")
        .bind::<Text, _>(email)
        .get_result(conn)
        .optional()
}

/// Notes the sign-in. Nothing where the user was disabled or got a new password since it was checked.
pub fn signed_in(
    conn: &mut PgConnection,
    user: UserId,
    password_hash: &str,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    sql_query(
        "UPDATE users SET signed_in_at = $3 WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL",
    )
    .bind::<BigInt, _>(user.0)
    .bind::<Text, _>(password_hash)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
}

/// What was tried lately.
#[derive(QueryableByName)]
pub struct Recent {
    #[diesel(sql_type = BigInt)]
    pub same_email_and_address: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub oldest_of_both: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    pub same_email: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub oldest_of_email: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    pub same_address: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub oldest_of_address: Option<DateTime<Utc>>,
}

/// Lets no other attempt for this e-mail or from this address begin before this transaction ends.
/// Both locks are taken in the order of their numbers, so that two attempts never wait for each other.
pub fn lock_attempts(
    conn: &mut PgConnection,
    email_hash: &[u8],
    address: Option<IpAddr>,
) -> QueryResult<usize> {
    sql_query(
        "SELECT pg_advisory_xact_lock(key) FROM (
             SELECT key FROM (VALUES (hashtextextended(encode($1, 'hex'), 1)), (hashtextextended($2, 2))) AS keys (key)
             WHERE key IS NOT NULL ORDER BY key OFFSET 0) AS keys",
    )
    .bind::<Binary, _>(email_hash)
    .bind::<Nullable<Text>, _>(address.map(|address| address.to_string()))
    .execute(conn)
}

/// Counts the attempts since then.
pub fn recent_attempts(
    conn: &mut PgConnection,
    email_hash: &[u8],
    address: Option<IpAddr>,
    since: DateTime<Utc>,
) -> QueryResult<Recent> {
    sql_query(
        "SELECT count(*) FILTER (WHERE email_hash = $1 AND address IS NOT DISTINCT FROM $2::inet) AS same_email_and_address,
                min(tried_at) FILTER (WHERE email_hash = $1 AND address IS NOT DISTINCT FROM $2::inet) AS oldest_of_both,
                count(*) FILTER (WHERE email_hash = $1) AS same_email,
                min(tried_at) FILTER (WHERE email_hash = $1) AS oldest_of_email,
                count(*) FILTER (WHERE address = $2::inet) AS same_address,
                min(tried_at) FILTER (WHERE address = $2::inet) AS oldest_of_address
         FROM sign_in_attempts WHERE (email_hash = $1 OR address = $2::inet) AND tried_at > $3",
    )
    .bind::<Binary, _>(email_hash)
    .bind::<Nullable<Text>, _>(address.map(|address| address.to_string()))
    .bind::<Timestamptz, _>(since)
    .get_result(conn)
}

/// Notes an attempt.
pub fn insert_attempt(
    conn: &mut PgConnection,
    email_hash: &[u8],
    address: Option<IpAddr>,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    sql_query("INSERT INTO sign_in_attempts (email_hash, address, tried_at) VALUES ($1, $2::inet, $3)")
        .bind::<Binary, _>(email_hash)
        .bind::<Nullable<Text>, _>(address.map(|address| address.to_string()))
        .bind::<Timestamptz, _>(now)
        .execute(conn)
}

/// Forgets the attempts for this e-mail from this address.
pub fn forget_attempts(
    conn: &mut PgConnection,
    email_hash: &[u8],
    address: Option<IpAddr>,
) -> QueryResult<usize> {
    sql_query("DELETE FROM sign_in_attempts WHERE email_hash = $1 AND address IS NOT DISTINCT FROM $2::inet")
        .bind::<Binary, _>(email_hash)
        .bind::<Nullable<Text>, _>(address.map(|address| address.to_string()))
        .execute(conn)
}

/// Forgets what no longer counts.
pub fn forget_old_attempts(conn: &mut PgConnection, before: DateTime<Utc>) -> QueryResult<usize> {
    sql_query("DELETE FROM sign_in_attempts WHERE tried_at < $1").bind::<Timestamptz, _>(before).execute(conn)
}
