//! Who is signed in, kept in the database, so that signing out and disabling a user end it at once.
//! Sessions of visitors who are not signed in hold only a form secret: those live in the encrypted
//! cookie itself, so that nobody can fill the database by asking for the sign-in page.

pub mod cookie_key;
pub mod queries;

use actix_session::SessionMiddleware;
use actix_session::config::PersistentSession;
use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::{Key, SameSite, time::Duration};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

use crate::db::Db;
use crate::domain::ids::UserId;
use crate::error::AppError;
use crate::web::AppState;
use crate::web::admin::session_keys;
use crate::web::clock::Clock;
use queries::Found;

/// A session without a request for so long has ended.
pub const IDLE: TimeDelta = TimeDelta::hours(12);
/// And each ends so long after its sign-in.
pub const LONGEST: TimeDelta = TimeDelta::days(7);
/// The time of the latest request is kept no more precisely than this: one write a minute.
const PRECISION: TimeDelta = TimeDelta::minutes(1);

/// Sessions for the whole application. Over TLS the cookie is bound to this host; on plain http it
/// goes without `Secure` for the local machine only.
pub fn middleware(app: &AppState, key: Key) -> SessionMiddleware<DatabaseSessions> {
    let store = DatabaseSessions { db: app.db.clone(), clock: app.clock.clone() };
    let name = if app.is_secure() { "__Host-partnerbook" } else { "partnerbook" };
    SessionMiddleware::builder(store, key)
        .cookie_name(name.into())
        .cookie_path("/".into())
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .cookie_secure(app.is_secure() || !app.is_local)
        .session_lifecycle(PersistentSession::default().session_ttl(Duration::seconds(LONGEST.num_seconds())))
        .build()
}

/// SHA-256, which is all that the database keeps of keys and tokens. They are random and long, so
/// that nothing slower is needed.
pub fn hashed(secret: &str) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

/// A new key or token that nobody can guess.
pub fn new_secret() -> String {
    hex::encode(rand::random::<[u8; 32]>())
}

type State = HashMap<String, String>;

/// The `sessions` table, as actix-session wants it.
pub struct DatabaseSessions {
    db: Db,
    clock: Clock,
}

/// Keys of kept sessions begin so; all others are not signed in.
const KEPT: char = 's';

#[derive(Serialize, Deserialize)]
struct NotSignedIn {
    made_at: DateTime<Utc>,
    state: State,
}

impl DatabaseSessions {
    fn in_cookie(&self, state: State) -> anyhow::Result<SessionKey> {
        let not_signed_in = NotSignedIn { made_at: self.clock.now(), state };
        Ok(serde_json::to_string(&not_signed_in)?.try_into()?)
    }

    async fn find(&self, key: &str) -> Result<Option<State>, AppError> {
        let (hash, now) = (hashed(key), self.clock.now());
        let sought = hash.clone();
        let read = move |conn: &mut diesel::PgConnection| {
            Ok(queries::find(conn, &sought, now - IDLE, now - LONGEST)?)
        };
        let Some(found) = self.db.read(read).await? else { return Ok(None) };
        if found.seen_at < now - PRECISION {
            self.db.run(move |conn| Ok(queries::touch(conn, &hash, now)?)).await?;
        }
        state_of(found).map(Some).map_err(AppError::Internal)
    }

    async fn insert(&self, user: UserId, state: State) -> anyhow::Result<SessionKey> {
        let key = format!("{KEPT}{}", new_secret());
        let (hash, now) = (hashed(&key), self.clock.now());
        let state = serde_json::to_value(state)?;
        self.db
            .run(move |conn| {
                queries::delete_ended(conn, now - IDLE, now - LONGEST)?;
                Ok(queries::insert(conn, &hash, user, &state, now)?)
            })
            .await?;
        Ok(key.try_into()?)
    }
}

impl SessionStore for DatabaseSessions {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        let key = key.as_ref();
        if !key.starts_with(KEPT) {
            let not_signed_in: Option<NotSignedIn> = serde_json::from_str(key).ok();
            let young = not_signed_in.filter(|session| session.made_at > self.clock.now() - LONGEST);
            return Ok(young.map(|session| session.state));
        }
        match self.find(key).await {
            Ok(state) => Ok(state),
            // The extractors answer this with 503; pages that need nobody signed in still work.
            Err(trouble) => {
                tracing::warn!(?trouble, "a session could not be read");
                Ok(Some(State::from([(session_keys::UNAVAILABLE.into(), "true".into())])))
            }
        }
    }

    async fn save(&self, state: State, _: &Duration) -> Result<SessionKey, SaveError> {
        let (user, state) = to_keep(state);
        match user {
            Some(user) => self.insert(user, state).await.map_err(SaveError::Other),
            None => self.in_cookie(state).map_err(SaveError::Other),
        }
    }

    async fn update(&self, key: SessionKey, state: State, _: &Duration) -> Result<SessionKey, UpdateError> {
        if state.contains_key(session_keys::UNAVAILABLE) {
            return Ok(key);
        }
        let (_, state) = to_keep(state);
        if !key.as_ref().starts_with(KEPT) {
            return self.in_cookie(state).map_err(UpdateError::Other);
        }
        let hash = hashed(key.as_ref());
        let state = serde_json::to_value(state).map_err(|error| UpdateError::Other(error.into()))?;
        let written = self.db.run(move |conn| Ok(queries::update(conn, &hash, &state)?)).await;
        written.map_err(|error| UpdateError::Other(error.into()))?;
        Ok(key)
    }

    async fn update_ttl(&self, _: &SessionKey, _: &Duration) -> Result<(), anyhow::Error> {
        Ok(()) // `find` keeps the time of the latest request
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        if key.as_ref().starts_with(KEPT) {
            let hash = hashed(key.as_ref());
            self.db.run(move |conn| Ok(queries::delete(conn, &hash)?)).await?;
        }
        Ok(())
    }
}

/// What is read with each session but belongs to other tables is not written back.
fn to_keep(mut state: State) -> (Option<UserId>, State) {
    for key in [session_keys::USER, session_keys::COMPANY, session_keys::UNAVAILABLE] {
        state.remove(key);
    }
    let user = state.get(session_keys::USER_ID).and_then(|id| id.parse().ok()).map(UserId);
    (user, state)
}

fn state_of(found: Found) -> anyhow::Result<State> {
    let (user, company) = (found.user()?, found.company());
    let mut state: State = serde_json::from_value(found.state)?;
    state.insert(session_keys::USER.into(), serde_json::to_string(&user)?);
    state.insert(session_keys::COMPANY.into(), serde_json::to_string(&company)?);
    Ok(state)
}
