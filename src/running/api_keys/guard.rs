//! Who is asking, where another system asks: the extractor that stands as the first argument of each handler of
//! the API. No session and no cookie counts there, so no browser can be made to ask.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{FromRequest, HttpRequest, web};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::LocalBoxFuture;
use std::net::IpAddr;

use super::{BEGINNING, queries};
use crate::domain::ids::ApiKeyId;
use crate::error::AppError;
use crate::running::audit::{Source, Who};
use crate::running::sessions::hashed;
use crate::web::problem::Problem;
use crate::web::{AppState, client, limits};

/// The time of the latest use is kept no more precisely than this: one write a minute.
const PRECISION: TimeDelta = TimeDelta::minutes(1);
/// How many hexadecimal digits follow the beginning.
const DIGITS: usize = 64;

/// Another system, by its API key.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// The key's number.
    pub id: ApiKeyId,
    /// Which system has it.
    pub name: String,
    address: Option<IpAddr>,
    at: DateTime<Utc>,
}

impl ApiKey {
    /// Who this is, for the audit log. Can be moved into a transaction.
    pub fn who(&self) -> Who {
        Who {
            user_id: None,
            api_key_id: Some(self.id),
            name: self.name.clone(),
            address: self.address,
            source: Source::Api,
            at: self.at,
        }
    }
}

impl FromRequest for ApiKey {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<ApiKey, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (key, address) = (sent(request), client::address(request));
        let app = request.app_data::<web::Data<AppState>>().cloned();
        Box::pin(async move {
            let app =
                app.ok_or_else(|| AppError::Internal(anyhow::anyhow!("the application has no state")))?;
            let key = key.ok_or_else(|| refused(MISSING, "Bearer realm=\"Partnerbook\""))?;
            identified(&app, key, address).await
        })
    }
}

const MISSING: &str = "Send an API key with each request: Authorization: Bearer pbk_…. An administrator makes one in \
    Settings > API keys.";
const WRONG: &str = "This API key opens nothing: it is mistyped, or was revoked.";

/// The key of the header `Authorization: Bearer …`.
fn sent(request: &HttpRequest) -> Option<String> {
    let header = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = header.split_once(' ')?;
    let key = key.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !key.is_empty()).then(|| key.to_string())
}

async fn identified(app: &AppState, key: String, address: Option<IpAddr>) -> Result<ApiKey, Problem> {
    let now = app.clock.now();
    let is_key = |digits: &str| digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let found = if key.strip_prefix(BEGINNING).is_some_and(is_key) {
        let hash = hashed(&key);
        app.db.read(move |conn| Ok(queries::in_force(conn, &hash)?)).await?
    } else {
        None
    };
    let Some(found) = found else {
        // A good key is never held up by others' bad ones: behind a proxy many may have one address.
        return Err(match app.limits.wrong_keys.take(&limits::key(address), now) {
            Ok(()) => refused(WRONG, "Bearer realm=\"Partnerbook\", error=\"invalid_token\""),
            Err(seconds) => too_often("Too many API keys that open nothing came from this address.", seconds),
        });
    };
    if let Err(seconds) = app.limits.api.take(&found.id.to_string(), now) {
        return Err(too_often(
            "This API key has sent more requests than one may within a minute: 600.",
            seconds,
        ));
    }
    if found.last_used_at.is_none_or(|last| last < now - PRECISION) {
        let id = found.id;
        app.db.run(move |conn| Ok(queries::touch(conn, id, now)?)).await?;
    }
    Ok(ApiKey { id: found.id, name: found.name, address, at: now })
}

fn refused(detail: &str, challenge: &'static str) -> Problem {
    let problem = Problem::new(StatusCode::UNAUTHORIZED, detail);
    problem.with(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}

fn too_often(detail: &str, seconds: i64) -> Problem {
    Problem::new(StatusCode::TOO_MANY_REQUESTS, format!("{detail} Nothing was recorded."))
        .retry_after(seconds)
}
