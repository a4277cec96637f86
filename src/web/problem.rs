//! Trouble as other systems read it: `application/problem+json` (RFC 9457) in place of a page. Everything that
//! is wrong with what they sent, at once, each at its place.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use serde::Serialize;
use std::fmt;
use utoipa::ToSchema;

use super::{AppState, errors, security};
use crate::error::AppError;

/// The media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// How many seconds to wait for a database that is away.
const PATIENCE: i64 = 5;

/// How many faults are told one by one.
const MOST_FAULTS: usize = 500;

/// What went wrong, as RFC 9457 says it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Nothing beyond the status.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'static str,
    /// The status in words.
    #[schema(example = "Unprocessable Entity")]
    title: &'static str,
    /// The status of the answer.
    #[schema(example = 422)]
    status: u16,
    /// What happened, and what was not done, in a sentence or two.
    #[schema(example = "One thing is wrong with what was sent. Nothing was recorded.")]
    detail: String,
    /// What is wrong with what was sent, each at its place.
    problems: Vec<Fault>,
    #[serde(skip)]
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// One thing that is wrong with what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    /// Where it stands: a JSON pointer (RFC 6901).
    #[schema(example = "/lines/0/unit_price")]
    pub pointer: String,
    /// What is wrong with it.
    #[schema(example = "unit_price is not a number: write it like 1234.50.")]
    pub detail: String,
}

impl Problem {
    /// A status and what it means here, in whole sentences.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Problem {
        Problem {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Trouble"),
            status: status.as_u16(),
            detail: detail.into(),
            problems: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// What was sent cannot be recorded for these reasons.
    pub fn of_faults(mut faults: Vec<Fault>) -> Problem {
        let told = match faults.len() {
            1 => "One thing is wrong with what was sent.".into(),
            n if n > MOST_FAULTS => {
                format!("{n} things are wrong with what was sent; the first {MOST_FAULTS} are told.")
            }
            n => format!("{n} things are wrong with what was sent."),
        };
        faults.truncate(MOST_FAULTS);
        let detail = format!("{told} Nothing was recorded.");
        Problem { problems: faults, ..Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail) }
    }

    /// The same, to be tried again after so many seconds.
    pub fn retry_after(self, seconds: i64) -> Problem {
        self.with(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// The same with a header.
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Problem {
        self.headers.push((name, value));
        self
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// Whether whoever asks for this is another system, and no browser.
pub fn is_for(path: &str) -> bool {
    path.starts_with("/api/")
}

/// Whether an answer with these headers says what is wrong as other systems read it.
pub fn is_one(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|media_type| media_type == MEDIA_TYPE)
}

/// The problem of a status that no handler has answered with one of its own.
pub fn of_status(status: StatusCode) -> Problem {
    let detail = match status {
        StatusCode::NOT_FOUND => "There is nothing at this address.",
        StatusCode::METHOD_NOT_ALLOWED => "This address does not take such a request.",
        _ => "The request could not be read. Nothing was recorded.",
    };
    Problem::new(status, detail)
}

/// Answers every address of the API that no route has: 405 where another method has one, or else 404.
pub async fn fallback(request: HttpRequest, app: web::Data<AppState>) -> HttpResponse {
    let methods = app.routes.methods(request.path());
    if methods.is_empty() || methods.contains(&request.method().as_str()) {
        return of_status(StatusCode::NOT_FOUND).error_response();
    }
    let problem = of_status(StatusCode::METHOD_NOT_ALLOWED);
    let allow = HeaderValue::from_str(&methods.join(", "));
    allow
        .map_or(problem, |allow| of_status(StatusCode::METHOD_NOT_ALLOWED).with(header::ALLOW, allow))
        .error_response()
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status()).json(self);
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
        // Also where an error passes by the middleware that adds them.
        security::add_headers(headers);
        answer
    }
}

impl From<AppError> for Problem {
    fn from(trouble: AppError) -> Problem {
        let problem = Problem::new(trouble.status_code(), trouble.to_string());
        match trouble {
            AppError::Unavailable(cause) => {
                tracing::warn!(cause = format!("{cause:#}"), "the database is unavailable");
                problem.retry_after(PATIENCE)
            }
            AppError::Busy(cause) => {
                tracing::info!(cause = format!("{cause:#}"), "another system waited for a lock in vain");
                problem.retry_after(PATIENCE)
            }
            AppError::Internal(cause) => {
                let id = errors::log_fault(&format!("{cause:?}"));
                let detail = format!(
                    "The fault is ours, and it was logged under {id}. Send it again later: an order is recorded once, \
                     however often it is sent."
                );
                Problem { detail, ..problem }
            }
            _ => problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_trouble_is_told_with_its_status_and_ours_without_its_cause() {
        let cause = || anyhow::anyhow!("relation \"orders\" does not exist");
        for (trouble, status) in [
            (AppError::not_found("order 17"), 404),
            (AppError::refused("No."), 422),
            (AppError::Unavailable(cause()), 503),
            (AppError::Busy(cause()), 503),
            (AppError::Internal(cause()), 500),
        ] {
            let problem = Problem::from(trouble);
            let text = serde_json::to_string(&problem).unwrap();
            assert_eq!(problem.status, status, "{text}");
            assert!(!text.contains("relation"), "{text}");
            assert_eq!(problem.headers.len(), usize::from(status == 503), "{text}");
        }
    }

    #[test]
    fn of_very_many_faults_the_first_are_told_and_all_are_counted() {
        let fault = |at: usize| Fault { pointer: format!("/lines/{at}"), detail: "x".into() };
        let problem = Problem::of_faults((0..MOST_FAULTS + 7).map(fault).collect());
        assert_eq!(problem.problems.len(), MOST_FAULTS);
        assert_eq!(
            problem.detail,
            "507 things are wrong with what was sent; the first 500 are told. Nothing was recorded."
        );
    }
}
