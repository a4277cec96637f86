//! Whether the application and its database work; for whoever watches the server.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::rt::time::timeout;
use actix_web::{Error, HttpResponse};
use std::time::Duration;

use crate::error::AppError;
use crate::web::{App, paths};

/// A database that has not answered by then is as good as down.
const PATIENCE: Duration = Duration::from_secs(4);

/// Whoever watches needs no session, and a browser's must not be looked for: that would wait for the same
/// database a second time.
pub async fn without_session(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if request.path() == paths::HEALTH {
        request.headers_mut().remove(header::COOKIE);
    }
    next.call(request).await
}

/// `GET /health`: 200 when both work, else 503.
pub async fn show(app: App) -> HttpResponse {
    let trouble = match timeout(PATIENCE, app.db.ping()).await {
        Ok(Ok(())) => return HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n"),
        Ok(Err(AppError::Unavailable(cause))) => format!("{cause:#}"),
        Ok(Err(error)) => format!("{error:?}"),
        Err(_) => "no answer in time".into(),
    };
    tracing::warn!(trouble, "not healthy");
    let body = "The database cannot be reached just now.\n";
    HttpResponse::ServiceUnavailable().content_type("text/plain; charset=utf-8").body(body)
}
