//! No change by a form that is not ours. Each session has a secret; each form carries it, masked
//! anew for each page (so that the compressed size of pages tells nothing about it). The guard reads
//! every POST before routing: no handler can forget it, and what a handler gets has been checked.
//! Where a route takes a file, the token stands before it in the form and is checked before any of the
//! file is kept.

use actix_session::{Session, SessionExt};
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};

use super::admin::user_of;
use super::forms::{FormData, body};
use super::routing::Access;
use super::uploads::{self, Upload};
use super::{AppState, errors};
use crate::error::AppError;

/// The most that a form may send. Ticked rows travel as a run, so no form of ours comes near it.
pub const MOST_FORM_BYTES: usize = 1024 * 1024;

/// The name of the hidden field that carries the token.
pub const FIELD: &str = "csrf";
const KEY: &str = "csrf";
const BYTES: usize = 32;

/// The token for the forms of one page. A session without a secret gets one.
pub fn token(session: &Session) -> String {
    mask(secret(session).unwrap_or_else(|| renew(session)))
}

/// Gives the session a new secret; at sign-in.
pub fn renew(session: &Session) -> [u8; BYTES] {
    let secret: [u8; BYTES] = rand::random();
    if let Err(error) = session.insert(KEY, hex::encode(secret)) {
        tracing::warn!(?error, "a session could not keep its form secret");
    }
    secret
}

/// Reads the form of every POST, checks its token, and leaves the fields for the handler's
/// [`FormData`].
pub async fn guard(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if [Method::GET, Method::HEAD].contains(request.method()) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    match checked_form(&mut request).await {
        Ok((form, upload)) => {
            request.extensions_mut().insert(form);
            if let Some(upload) = upload {
                request.extensions_mut().insert(upload);
            }
            Ok(next.call(request).await?.map_into_left_body())
        }
        Err(Refusal::Trouble(trouble)) => Ok(request.error_response(trouble).map_into_right_body()),
        Err(Refusal::Status(status)) => {
            Ok(request.into_response(errors::status_page(status)).map_into_right_body())
        }
    }
}

enum Refusal {
    Trouble(AppError),
    Status(StatusCode),
}

impl From<AppError> for Refusal {
    fn from(trouble: AppError) -> Refusal {
        Refusal::Trouble(trouble)
    }
}

async fn checked_form(request: &mut ServiceRequest) -> Result<(FormData, Option<Upload>), Refusal> {
    let app = request.app_data::<web::Data<AppState>>().cloned();
    let found = app.and_then(|app| {
        let route = app.routes.route(request.method().as_str(), request.path())?;
        Some((app, route))
    });
    let Some((app, route)) = found else {
        // No such route: the fallback says 404 or 405, whatever the form holds.
        return Ok((FormData::default(), None));
    };
    let session = request.get_session();
    let user = user_of(&session)?;
    if route.access != Access::Public && user.is_none() {
        return Err(AppError::SignedOut.into());
    }
    if sent_by_another_site(request) {
        return Err(AppError::BadToken.into());
    }
    if route.most_upload_bytes > 0 && request.content_type() == "multipart/form-data" {
        // A large file is not waited for from somebody who may not send it.
        if !user.is_some_and(|user| route.access.allows(user.role)) {
            return Err(AppError::Forbidden.into());
        }
        let expected = secret(&session).ok_or(AppError::BadToken)?;
        let is_ours = |sent: &str| unmask(sent).is_some_and(|sent| equal(&sent, &expected));
        let payload = request.take_payload();
        let most = route.most_upload_bytes;
        let (form, upload) =
            uploads::receive(request.headers(), payload, most, &app.arriving, is_ours).await?;
        return Ok((form, upload));
    }
    if request.content_type() != "application/x-www-form-urlencoded" {
        return Err(Refusal::Status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let body = body(&mut request.take_payload(), MOST_FORM_BYTES).await.map_err(Refusal::Status)?;
    let form = FormData::parse(&body)?;
    let expected = secret(&session).ok_or(AppError::BadToken)?;
    let sent = unmask(form.get(FIELD)).ok_or(AppError::BadToken)?;
    if equal(&sent, &expected) { Ok((form, None)) } else { Err(AppError::BadToken.into()) }
}

/// Browsers say where a request comes from. Only ours and what the visitor typed may change anything;
/// the token is the guard for clients that say nothing.
fn sent_by_another_site(request: &ServiceRequest) -> bool {
    let site = request.headers().get("sec-fetch-site").and_then(|site| site.to_str().ok());
    site.is_some_and(|site| site != "same-origin" && site != "none")
}

fn secret(session: &Session) -> Option<[u8; BYTES]> {
    let text: String = session.get(KEY).ok().flatten()?;
    hex::decode(text).ok()?.try_into().ok()
}

fn mask(secret: [u8; BYTES]) -> String {
    let pad: [u8; BYTES] = rand::random();
    let masked: Vec<u8> = pad.iter().zip(secret).map(|(pad, byte)| pad ^ byte).collect();
    format!("{}{}", hex::encode(pad), hex::encode(masked))
}

fn unmask(token: &str) -> Option<[u8; BYTES]> {
    let bytes: [u8; 2 * BYTES] = hex::decode(token).ok()?.try_into().ok()?;
    let (pad, masked) = bytes.split_at(BYTES);
    let secret: Vec<u8> = pad.iter().zip(masked).map(|(pad, byte)| pad ^ byte).collect();
    secret.try_into().ok()
}

/// Compares without stopping at the first difference.
fn equal(one: &[u8; BYTES], other: &[u8; BYTES]) -> bool {
    one.iter().zip(other).fold(0, |differences, (a, b)| differences | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_looks_different_on_each_page_and_means_the_same() {
        let secret = [7; BYTES];
        let (one, other) = (mask(secret), mask(secret));
        assert_ne!(one, other);
        assert_eq!(unmask(&one), Some(secret));
        assert_eq!(unmask(&other), Some(secret));
        for broken in ["", "zz", &one[1..], &one[2..]] {
            assert_eq!(unmask(broken), None);
        }
        assert!(!equal(&secret, &[8; BYTES]));
    }
}
