//! *CRM > Settings > API keys*: by which other systems record orders and contacts. A key is shown once; what is
//! kept of it opens nothing.

mod guard;
pub mod handlers;
mod pages;
mod queries;

pub use guard::ApiKey;
pub use queries::KeyRow;

use crate::domain::ids::ApiKeyId;
use crate::error::AppError;
use crate::running::audit::{self, Who};
use crate::running::sessions;
use diesel::PgConnection;
use serde_json::json;

/// What every key begins with, so that one that has leaked is known for what it is.
const BEGINNING: &str = "pbk_";
/// How many characters of a key are shown afterwards.
const SHOWN: usize = 10;

/// A key that was just made: the only time that it is seen whole.
pub struct Made {
    pub id: ApiKeyId,
    pub key: String,
}

/// Makes a key of 256 random bits; none where one of this name is in force.
pub fn make(conn: &mut PgConnection, who: &Who, name: &str) -> Result<Option<Made>, AppError> {
    let made_by = who.user_id.ok_or(AppError::Forbidden)?;
    let key = format!("{BEGINNING}{}", sessions::new_secret());
    let hash = sessions::hashed(&key);
    let Some(id) = queries::insert(conn, name, &hash, &key[..SHOWN], made_by, who.at)? else {
        return Ok(None);
    };
    audit::write(conn, who, "api_key.make", ("api_key", id.0), json!({ "begins": &key[..SHOWN] }))?;
    Ok(Some(Made { id, key }))
}

/// Revokes a key: from now on it opens nothing. False where it was revoked before.
pub fn revoke(conn: &mut PgConnection, who: &Who, id: ApiKeyId) -> Result<bool, AppError> {
    let revoked_by = who.user_id.ok_or(AppError::Forbidden)?;
    let key = find(conn, id)?;
    let revoked = queries::revoke(conn, id, revoked_by, who.at)?;
    if revoked {
        audit::write(
            conn,
            who,
            "api_key.revoke",
            ("api_key", id.0),
            json!({ "begins": key.first_characters }),
        )?;
    }
    Ok(revoked)
}

fn find(conn: &mut PgConnection, id: ApiKeyId) -> Result<KeyRow, AppError> {
    queries::find(conn, id)?.ok_or_else(|| AppError::not_found(format!("API key with the number {id}")))
}
