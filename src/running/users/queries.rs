//! The `users` table.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz};

use super::{Changes, NewUser};
use crate::domain::ids::UserId;
use crate::web::admin::Role;

/// A user, as lists and pages show it.
#[derive(QueryableByName)]
pub struct User {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub signed_in_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub disabled_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Integer)]
    pub version: i32,
}

impl User {
    /// Its number.
    pub fn id(&self) -> UserId {
        UserId(self.id)
    }

    /// What it may do. The table's check knows the same roles.
    pub fn role(&self) -> Role {
        Role::from_code(&self.role).unwrap_or(Role::Viewer)
    }

    /// Whether it may not sign in.
    pub fn is_disabled(&self) -> bool {
        self.disabled_at.is_some()
    }
}

const COLUMNS: &str = "id, name, email, role, created_at, signed_in_at, disabled_at, version";

/// All users, those who may sign in first, by name.
pub fn all(conn: &mut PgConnection) -> QueryResult<Vec<User>> {
    sql_query(format!("SELECT {COLUMNS} FROM users ORDER BY disabled_at IS NOT NULL, name, id")).load(conn)
}

/// One user.
pub fn find(conn: &mut PgConnection, id: UserId) -> QueryResult<Option<User>> {
    sql_query(format!("SELECT {COLUMNS} FROM users WHERE id = $1"))
        .bind::<BigInt, _>(id.0)
        .get_result(conn)
        .optional()
}

/// The user of this e-mail, for the command line.
pub fn find_by_email(conn: &mut PgConnection, email: &str) -> QueryResult<Option<User>> {
    sql_query(format!("SELECT {COLUMNS} FROM users WHERE lower(email) = lower($1)"))
        .bind::<Text, _>(email)
        .get_result(conn)
        .optional()
}

/// Whether there is any user.
pub fn any(conn: &mut PgConnection) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Bool)]
        found: bool,
    }
    let found: Found = sql_query("SELECT EXISTS (SELECT FROM users) AS found").get_result(conn)?;
    Ok(found.found)
}

/// Lets nobody else add or change a user before this transaction ends.
pub fn lock(conn: &mut PgConnection) -> QueryResult<usize> {
    sql_query("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE").execute(conn)
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// The administrators who can sign in. Locked, so that two of them cannot demote each other at once.
pub fn lock_administrators(conn: &mut PgConnection) -> QueryResult<Vec<UserId>> {
    let found: Vec<Id> = sql_query(
        "SELECT id FROM users WHERE role = 'administrator' AND disabled_at IS NULL ORDER BY id FOR NO KEY UPDATE",
    )
    .load(conn)?;
    Ok(found.into_iter().map(|found| UserId(found.id)).collect())
}

/// Adds a user; none where somebody has the e-mail already.
pub fn insert(conn: &mut PgConnection, new: &NewUser, now: DateTime<Utc>) -> QueryResult<Option<UserId>> {
    let made: Option<Id> = sql_query(
        "INSERT INTO users (name, email, role, password_hash, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (lower(email)) DO NOTHING RETURNING id",
    )
    .bind::<Text, _>(&new.name)
    .bind::<Text, _>(&new.email)
    .bind::<Text, _>(new.role.code())
    .bind::<Text, _>(&new.password_hash)
    .bind::<Timestamptz, _>(now)
    .get_result(conn)
    .optional()?;
    Ok(made.map(|made| UserId(made.id)))
}

/// Saves a user; false where another one has the e-mail.
pub fn update(conn: &mut PgConnection, id: UserId, changes: &Changes) -> QueryResult<bool> {
    let saved = sql_query(
        "UPDATE users SET name = $2, email = $3, role = $4, version = version + 1 WHERE id = $1
         AND NOT EXISTS (SELECT FROM users other WHERE lower(other.email) = lower($3) AND other.id <> $1)",
    )
    .bind::<BigInt, _>(id.0)
    .bind::<Text, _>(&changes.name)
    .bind::<Text, _>(&changes.email)
    .bind::<Text, _>(changes.role.code())
    .execute(conn)?;
    Ok(saved == 1)
}

/// Disables a user from an instant on, or lets them in again.
pub fn set_disabled(conn: &mut PgConnection, id: UserId, at: Option<DateTime<Utc>>) -> QueryResult<usize> {
    sql_query("UPDATE users SET disabled_at = $2, version = version + 1 WHERE id = $1")
        .bind::<BigInt, _>(id.0)
        .bind::<Nullable<Timestamptz>, _>(at)
        .execute(conn)
}

/// Keeps another password.
pub fn set_password(conn: &mut PgConnection, id: UserId, password_hash: &str) -> QueryResult<usize> {
    sql_query("UPDATE users SET password_hash = $2 WHERE id = $1")
        .bind::<BigInt, _>(id.0)
        .bind::<Text, _>(password_hash)
        .execute(conn)
}
