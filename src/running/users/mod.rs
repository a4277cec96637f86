//! The people who sign in: adding them, what they may do, letting them in or not. The pages, the
//! set-up link and the command line all go through here, so each change is in the audit log, and
//! there is always somebody who can run the system.

pub mod forms;
pub mod handlers;
pub mod pages;
pub mod profile;
pub mod queries;

use diesel::PgConnection;
use serde_json::json;

use crate::domain::ids::UserId;
use crate::error::AppError;
use crate::running::audit::{self, Who};
use crate::running::sessions;
use crate::web::admin::Role;

/// A user to be added.
#[derive(Debug, Clone)]
pub struct NewUser {
    pub name: String,
    pub email: String,
    pub role: Role,
    pub password_hash: String,
}

/// What of a user can be edited, and the version that was edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    pub name: String,
    pub email: String,
    pub role: Role,
    pub version: i32,
}

/// What came of an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// It was saved.
    Saved,
    /// Another user has this e-mail.
    EmailTaken,
    /// Nobody would be left to run the system.
    LastAdministrator,
    /// Somebody else has saved this user meanwhile.
    Stale,
}

/// Adds a user; none where somebody has the e-mail already.
pub fn add(conn: &mut PgConnection, who: &Who, new: &NewUser) -> Result<Option<UserId>, AppError> {
    let Some(id) = queries::insert(conn, new, who.at)? else { return Ok(None) };
    audit::write(conn, who, "user.create", ("user", id.0), json!({ "role": new.role.code() }))?;
    Ok(Some(id))
}

/// Saves an edited user.
pub fn change(
    conn: &mut PgConnection,
    who: &Who,
    id: UserId,
    changes: &Changes,
) -> Result<Changed, AppError> {
    let administrators = queries::lock_administrators(conn)?;
    let before = queries::find(conn, id)?.ok_or_else(|| AppError::not_found(format!("user {id}")))?;
    if before.version != changes.version {
        return Ok(Changed::Stale);
    }
    if changes.role != Role::Administrator && administrators == [id] {
        return Ok(Changed::LastAdministrator);
    }
    if !queries::update(conn, id, changes)? {
        return Ok(Changed::EmailTaken);
    }
    let details = json!({
        "role": changes.role.code(),
        "role_before": before.role().code(),
        "name_changed": before.name != changes.name,
        "email_changed": before.email != changes.email,
    });
    audit::write(conn, who, "user.update", ("user", id.0), details)?;
    Ok(Changed::Saved)
}

/// Lets a user sign in, or no more; then all their sessions end at once.
pub fn set_access(conn: &mut PgConnection, who: &Who, id: UserId, may_sign_in: bool) -> Result<(), AppError> {
    let administrators = queries::lock_administrators(conn)?;
    let user = queries::find(conn, id)?.ok_or_else(|| AppError::not_found(format!("user {id}")))?;
    if user.is_disabled() != may_sign_in {
        return Ok(()); // it is so already: a second press
    }
    if !may_sign_in && administrators == [id] {
        return Err(AppError::Refused(format!(
            "{} is the only administrator who can sign in, and cannot be disabled. Make somebody else an \
             administrator first.",
            user.name
        )));
    }
    queries::set_disabled(conn, id, (!may_sign_in).then_some(who.at))?;
    if !may_sign_in {
        sessions::queries::delete_of(conn, id)?;
    }
    let action = if may_sign_in { "user.enable" } else { "user.disable" };
    audit::write(conn, who, action, ("user", id.0), json!({}))
}

/// Gives a user another password; all their sessions end.
pub fn set_password(
    conn: &mut PgConnection,
    who: &Who,
    id: UserId,
    password_hash: &str,
) -> Result<(), AppError> {
    if queries::set_password(conn, id, password_hash)? == 0 {
        return Err(AppError::not_found(format!("user {id}")));
    }
    let ended = sessions::queries::delete_of(conn, id)?;
    audit::write(conn, who, "user.set_password", ("user", id.0), json!({ "sessions_ended": ended }))
}
