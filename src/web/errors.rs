//! The page that each kind of trouble shows. Our own faults are logged with their whole chain under
//! an id that the page shows too.

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, ResponseError, web};
use askama::Template;
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use tracing::Instrument;

use super::problem::Problem;
use super::{AppState, paths, problem, security};
use crate::error::AppError;

/// A page that says what happened, what was not done, and what to do next.
#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    status: u16,
    heading: &'a str,
    text: &'a str,
    /// Under which the log has the whole story; empty where there is nothing to tell.
    id: &'a str,
}

impl ResponseError for AppError {
    fn status_code(&self) -> StatusCode {
        match self {
            AppError::NotFound(_) => StatusCode::NOT_FOUND,
            AppError::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            AppError::SignedOut => StatusCode::SEE_OTHER,
            AppError::Forbidden | AppError::BadToken => StatusCode::FORBIDDEN,
            AppError::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            AppError::NoRoom => StatusCode::INSUFFICIENT_STORAGE,
            AppError::Unavailable(_) | AppError::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
            AppError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let text = self.to_string();
        match self {
            AppError::SignedOut => super::forms::see_other(paths::SIGN_IN),
            AppError::NotFound(_) => error_page(self.status_code(), "Not found", &text, ""),
            AppError::Refused(_) => error_page(self.status_code(), "That cannot be done", &text, ""),
            AppError::TooLarge(_) => error_page(self.status_code(), "Too large", &text, ""),
            AppError::NoRoom => error_page(self.status_code(), "No room", &text, ""),
            AppError::Forbidden => {
                let text = "Your role does not allow this. An administrator can do it, or change your role.";
                error_page(self.status_code(), "Not for your role", text, "")
            }
            AppError::BadToken => {
                error_page(self.status_code(), "This form is no longer valid", BAD_TOKEN, "")
            }
            AppError::Unavailable(cause) => {
                tracing::warn!(cause = format!("{cause:#}"), "the database is unavailable");
                error_page(self.status_code(), "Not available just now", &text, "")
            }
            AppError::Busy(cause) => {
                tracing::info!(cause = format!("{cause:#}"), "somebody waited for a lock in vain");
                error_page(self.status_code(), "Just a minute", &text, "")
            }
            AppError::Internal(cause) => {
                let id = log_fault(&format!("{cause:?}"));
                error_page(self.status_code(), "Something went wrong", OUR_FAULT, &id)
            }
        }
    }
}

const BAD_TOKEN: &str = "You may have signed in or out in another window since you opened it. Nothing was recorded. \
    Open the page again and repeat what you did.";
const OUR_FAULT: &str = "The fault is ours, and it was logged. Nothing of what you sent was recorded.";

/// The page of a status that no handler has answered with a page of its own.
pub fn status_page(status: StatusCode) -> HttpResponse {
    let (heading, text) = match status {
        StatusCode::NOT_FOUND => ("Not found", "There is no page at this address."),
        StatusCode::METHOD_NOT_ALLOWED => ("Not done this way", "This address does not take such a request."),
        StatusCode::PAYLOAD_TOO_LARGE => {
            ("Too large", "What you sent is larger than this page takes (1 MB). Nothing was recorded.")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => (
            "Not understood",
            "This page takes the fields of a form, and got something else. Nothing was recorded.",
        ),
        status if status.is_server_error() => ("Something went wrong", OUR_FAULT),
        _ => ("Not understood", "The request could not be read. Nothing was recorded."),
    };
    error_page(status, heading, text, "")
}

/// Answers every address that no route has: 405 where another method has one, or else 404.
pub async fn fallback(request: HttpRequest, app: web::Data<AppState>) -> HttpResponse {
    let mut methods = app.routes.methods(request.path());
    if methods.is_empty() {
        return status_page(StatusCode::NOT_FOUND);
    }
    methods.dedup();
    let mut response = status_page(StatusCode::METHOD_NOT_ALLOWED);
    if let Ok(allow) = header::HeaderValue::from_str(&methods.join(", ")) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

/// Makes sure that whatever happens inside is answered with a page: a panic, a session that cannot
/// be written, a response without a body. Says after sign-in where the visitor wanted to go.
pub async fn pages(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let span = tracing::info_span!("request", method = %request.method(), path = request.path());
    let is_a_page = !problem::is_for(request.path());
    let answer = AssertUnwindSafe(next.call(request)).catch_unwind().instrument(span.clone()).await;
    let _in_span = span.enter();
    let mut answer = match answer {
        Ok(Ok(answer)) => answer.map_into_boxed_body(),
        Ok(Err(error)) if error.as_error::<AppError>().is_some() => return Err(error),
        // The session could not be saved: the store has said why. What the handler did is done.
        Ok(Err(error)) => return Err(AppError::Internal(anyhow::anyhow!("{error:?}")).into()),
        Err(panic) => {
            let fault = AppError::Internal(anyhow::anyhow!("panic: {}", words_of(&*panic)));
            return Err(if is_a_page { fault.into() } else { Problem::from(fault).into() });
        }
    };
    let signed_out = answer.response().error().and_then(|error| error.as_error::<AppError>());
    if matches!(signed_out, Some(AppError::SignedOut)) && answer.request().method().is_safe() {
        let wanted = answer.request().uri().path_and_query().map_or(paths::HOME, |wanted| wanted.as_str());
        let sign_in =
            if wanted == paths::HOME { paths::SIGN_IN.to_string() } else { paths::sign_in_then(wanted) };
        return Ok(answer.into_response(super::forms::see_other(sign_in)));
    }
    let status = answer.status();
    let bare = matches!(answer.response().body().size(), BodySize::None | BodySize::Sized(0));
    let is_trouble = status.is_client_error() || status.is_server_error();
    if is_trouble && !is_a_page && !problem::is_one(answer.headers()) {
        return Ok(answer.into_response(problem::of_status(status).error_response()));
    }
    if is_trouble && bare {
        let mut page = status_page(status);
        std::mem::swap(page.headers_mut(), answer.headers_mut());
        page.headers_mut()
            .insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/html; charset=utf-8"));
        return Ok(answer.into_response(page));
    }
    Ok(answer)
}

fn error_page(status: StatusCode, heading: &str, text: &str, id: &str) -> HttpResponse {
    let page = ErrorPage { status: status.as_u16(), heading, text, id };
    let html = page.render().unwrap_or_else(|_| format!("{heading}. {text} {id}"));
    let mut response = HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html);
    // Also where an error passes by the middleware that adds them.
    security::add_headers(response.headers_mut());
    response
}

/// Logs a fault of ours; the id under which its story is found.
pub fn log_fault(story: &str) -> String {
    let id = format!("{:08x}", rand::random::<u32>());
    tracing::error!(id, story, "fault");
    id
}

fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| text.to_string());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no words".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::middleware::from_fn;
    use actix_web::{App, test};

    async fn breaks() -> HttpResponse {
        panic!("the password is swordfish")
    }

    async fn fails() -> Result<HttpResponse, AppError> {
        Err(AppError::Internal(anyhow::anyhow!("relation \"users\" does not exist")))
    }

    #[actix_web::test]
    async fn our_own_faults_show_a_page_with_an_id_and_nothing_of_the_cause() {
        let app = App::new().route("/panic", web::get().to(breaks)).route("/error", web::get().to(fails));
        let app = test::init_service(app.wrap(from_fn(pages)).wrap(from_fn(security::headers))).await;
        for path in ["/panic", "/error"] {
            let answer = test::try_call_service(&app, test::TestRequest::get().uri(path).to_request()).await;
            let answer = match answer {
                Ok(answer) => answer.into_parts().1.map_into_boxed_body(),
                Err(error) => error.error_response(), // as the server does
            };
            assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert!(answer.headers().contains_key(header::CONTENT_SECURITY_POLICY));
            let body = actix_web::body::to_bytes(answer.into_body()).await.ok().unwrap();
            let page = String::from_utf8(body.to_vec()).unwrap();
            assert!(page.contains("The fault is ours") && page.contains("give this number"), "{page}");
            assert!(!page.contains("swordfish") && !page.contains("relation"), "{page}");
        }
    }

    #[actix_web::test]
    async fn each_kind_of_trouble_has_its_status() {
        let gone = || anyhow::anyhow!("gone");
        for (trouble, status) in [
            (AppError::not_found("partner 17"), 404),
            (AppError::refused("No."), 422),
            (AppError::SignedOut, 303),
            (AppError::Forbidden, 403),
            (AppError::BadToken, 403),
            (AppError::TooLarge(2), 413),
            (AppError::NoRoom, 507),
            (AppError::Unavailable(gone()), 503),
            (AppError::Internal(gone()), 500),
        ] {
            assert_eq!(trouble.error_response().status().as_u16(), status, "{trouble}");
        }
    }
}
