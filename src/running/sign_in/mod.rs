//! Signing in and out. Unknown e-mail and wrong password look and take the same; guessing is slowed
//! per e-mail and address; the session gets a new key at sign-in.

pub mod attempts;
pub mod forms;
pub mod handlers;
pub mod pages;
pub mod passwords;
pub(super) mod queries;

use actix_session::Session;

use crate::domain::ids::UserId;
use crate::error::AppError;
use crate::web::admin::session_keys;
use crate::web::csrf;

/// Makes the visitor of this session this user. Nothing of the session before is kept, not even its
/// key: whoever knew it has nothing.
pub fn enter(session: &Session, user: UserId) -> Result<(), AppError> {
    session.clear();
    session.renew();
    csrf::renew(session);
    session.insert(session_keys::USER_ID, user.0).map_err(|error| AppError::Internal(anyhow::anyhow!(error)))
}
