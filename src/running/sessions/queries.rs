//! The `sessions` table, and what every page needs with it: the user and the company.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Binary, Jsonb, Text, Timestamptz};

use crate::domain::ids::UserId;
use crate::web::admin::{Role, User};
use crate::web::layout::Company;

/// A session that still holds, with its user and the company.
#[derive(QueryableByName)]
pub struct Found {
    /// What the session keeps.
    #[diesel(sql_type = Jsonb)]
    pub state: serde_json::Value,
    /// The latest request.
    #[diesel(sql_type = Timestamptz)]
    pub seen_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    user_id: i64,
    #[diesel(sql_type = Text)]
    user_name: String,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Text)]
    company: String,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Text)]
    time_zone: String,
    #[diesel(sql_type = Text)]
    date_format: String,
}

impl Found {
    /// Whose it is.
    pub fn user(&self) -> anyhow::Result<User> {
        let role = Role::from_code(&self.role);
        let role = role.ok_or_else(|| anyhow::anyhow!("user {} has an unknown role", self.user_id))?;
        let (name, email) = (self.user_name.clone(), self.email.clone());
        Ok(User { id: UserId(self.user_id), name, email, role })
    }

    /// The company.
    pub fn company(&self) -> Company {
        Company {
            name: self.company.clone(),
            currency: self.currency.clone(),
            time_zone: self.time_zone.clone(),
            date_format: self.date_format.clone(),
        }
    }
}

/// The session of this key, unless it has ended or its user was disabled.
pub fn find(
    conn: &mut PgConnection,
    key_hash: &[u8],
    idle_since: DateTime<Utc>,
    signed_in_since: DateTime<Utc>,
) -> QueryResult<Option<Found>> {
    sql_query(
        "SELECT s.state, s.seen_at, u.id AS user_id, u.name AS user_name, u.email, u.role,
                c.name AS company, c.currency, c.time_zone, c.date_format
         FROM sessions s JOIN users u ON u.id = s.user_id CROSS JOIN company c
         WHERE s.key_hash = $1 AND s.seen_at > $2 AND s.signed_in_at > $3 AND u.disabled_at IS NULL",
    )
    .bind::<Binary, _>(key_hash)
    .bind::<Timestamptz, _>(idle_since)
    .bind::<Timestamptz, _>(signed_in_since)
    .get_result(conn)
    .optional()
}

/// Starts a session, unless the user was disabled a moment ago.
pub fn insert(
    conn: &mut PgConnection,
    key_hash: &[u8],
    user: UserId,
    state: &serde_json::Value,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    sql_query(
        "INSERT INTO sessions (key_hash, user_id, state, signed_in_at, seen_at)
         SELECT $1, id, $3, $4, $4 FROM users WHERE id = $2 AND disabled_at IS NULL FOR SHARE",
    )
    .bind::<Binary, _>(key_hash)
    .bind::<BigInt, _>(user.0)
    .bind::<Jsonb, _>(state)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
}

/// Keeps the time of the latest request.
pub fn touch(conn: &mut PgConnection, key_hash: &[u8], now: DateTime<Utc>) -> QueryResult<usize> {
    sql_query("UPDATE sessions SET seen_at = $2 WHERE key_hash = $1 AND seen_at < $2")
        .bind::<Binary, _>(key_hash)
        .bind::<Timestamptz, _>(now)
        .execute(conn)
}

/// Keeps a changed state.
pub fn update(conn: &mut PgConnection, key_hash: &[u8], state: &serde_json::Value) -> QueryResult<usize> {
    sql_query("UPDATE sessions SET state = $2 WHERE key_hash = $1")
        .bind::<Binary, _>(key_hash)
        .bind::<Jsonb, _>(state)
        .execute(conn)
}

/// Ends a session.
pub fn delete(conn: &mut PgConnection, key_hash: &[u8]) -> QueryResult<usize> {
    sql_query("DELETE FROM sessions WHERE key_hash = $1").bind::<Binary, _>(key_hash).execute(conn)
}

/// Ends all sessions of a user.
pub fn delete_of(conn: &mut PgConnection, user: UserId) -> QueryResult<usize> {
    sql_query("DELETE FROM sessions WHERE user_id = $1").bind::<BigInt, _>(user.0).execute(conn)
}

/// Clears away what has ended by itself.
pub fn delete_ended(
    conn: &mut PgConnection,
    idle_since: DateTime<Utc>,
    signed_in_since: DateTime<Utc>,
) -> QueryResult<usize> {
    sql_query("DELETE FROM sessions WHERE seen_at <= $1 OR signed_in_at <= $2")
        .bind::<Timestamptz, _>(idle_since)
        .bind::<Timestamptz, _>(signed_in_since)
        .execute(conn)
}

/// The key that signs cookies, made by whoever comes first; for servers without a data folder.
pub fn server_key(conn: &mut PgConnection, proposed: &[u8]) -> QueryResult<Vec<u8>> {
    #[derive(QueryableByName)]
    struct Kept {
        #[diesel(sql_type = Binary)]
        key: Vec<u8>,
    }
    sql_query("INSERT INTO server_keys (name, key) VALUES ('cookies', $1) ON CONFLICT DO NOTHING")
        .bind::<Binary, _>(proposed)
        .execute(conn)?;
    // A later statement, so that it sees what another server has committed meanwhile.
    let kept: Kept = sql_query("SELECT key FROM server_keys WHERE name = 'cookies'").get_result(conn)?;
    Ok(kept.key)
}
