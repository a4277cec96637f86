//! The headers that every answer carries.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, web};
use std::sync::LazyLock;

use super::AppState;

/// Only our own style sheet, script, pictures and forms; no page of ours in another's frame. No
/// inline styles or scripts anywhere, so no exceptions.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A host that was reached over TLS is not reached without it any more.
const ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000");

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    // Pages show what somebody earned: no browser or proxy keeps them. Assets say otherwise themselves.
    (header::CACHE_CONTROL, "no-store"),
];

/// The same for a page whose form leads on to another site: browsers hold redirects to what the page says of
/// its forms, and further ones that we do not know.
pub fn with_forms_that_lead_on() -> HeaderValue {
    static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
        let policy = CONTENT_SECURITY_POLICY.replace("form-action 'self'", "form-action 'self' https: http:");
        HeaderValue::from_str(&policy).expect("it is plain")
    });
    POLICY.clone()
}

/// Adds the headers that an answer does not have yet.
pub fn add_headers(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

/// Adds the headers to every answer.
pub async fn headers(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let app = request.app_data::<web::Data<AppState>>().cloned();
    let mut answer = next.call(request).await?;
    add_headers(answer.headers_mut());
    if let Some(app) = app {
        add_only_tls(answer.headers_mut(), &app);
    }
    Ok(answer)
}

/// Where we are reached over TLS, says that we are not reached without it.
pub fn add_only_tls(headers: &mut HeaderMap, app: &AppState) {
    if app.is_secure() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, ONLY_TLS);
    }
}
