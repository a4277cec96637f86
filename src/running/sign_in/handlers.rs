//! `/sign-in` and `/sign-out`.

use actix_session::Session;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::attempts::{self, Attempt, Begun};
use super::forms::SignInForm;
use super::pages::NewPage;
use super::queries::{self, Credentials};
use super::{enter, passwords};
use crate::error::AppError;
use crate::running::audit::{self, Source, Who};
use crate::web::admin::user_of;
use crate::web::forms::{FormData, Query, rendered, see_other};
use crate::web::{App, client, csrf, paths};

const NO_MATCH: &str = "E-mail and password do not match.";
const NEEDS_TLS: &str = "Signing in needs https here: browsers keep the session's cookie only then. Set \
    PARTNERBOOK_PUBLIC_URL to the https address, or open Partnerbook on the machine that it runs on.";

/// `GET /sign-in`
pub async fn new(session: Session, app: App, query: Query) -> Result<HttpResponse, AppError> {
    if user_of(&session)?.is_some() {
        return Ok(see_other(paths::local_or_home(query.get("next"))));
    }
    let form = SignInForm { next: query.get("next").to_string(), ..SignInForm::default() };
    answer(&session, &app, form, String::new(), StatusCode::OK)
}

/// `POST /sign-in`
pub async fn create(
    request: HttpRequest,
    session: Session,
    app: App,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let form = SignInForm::read(&form);
    let (email, address, now) = (form.email.clone(), client::address(&request), app.clock.now());
    let begun = app.db.run(move |conn| {
        let begun = attempts::begin(conn, &email, address, now)?;
        Ok((begun, queries::credentials(conn, &email)?))
    });
    let (attempt, left, credentials) = match begun.await? {
        (Begun::Wait(minutes), _) => return wait(&session, &app, form, minutes),
        (Begun::Allowed(attempt, left), credentials) => (attempt, left, credentials),
    };
    let kept = credentials.as_ref().map(|credentials| credentials.password_hash.clone());
    let right = passwords::is_right(form.password.clone(), kept).await?;
    let Some(credentials) = credentials.filter(|_| right) else {
        return answer(&session, &app, form, no_match(left), StatusCode::UNPROCESSABLE_ENTITY);
    };
    let user = credentials.user();
    let (name, source) = (String::new(), Source::Web);
    let who = Who { user_id: Some(user), api_key_id: None, name, address, source, at: now };
    if !admit(&app, attempt, credentials, who).await? {
        return answer(&session, &app, form, no_match(left), StatusCode::UNPROCESSABLE_ENTITY);
    }
    enter(&session, user)?;
    Ok(see_other(paths::local_or_home(&form.next)))
}

/// `POST /sign-out`
pub async fn remove(request: HttpRequest, session: Session, app: App) -> Result<HttpResponse, AppError> {
    if let Some(user) = user_of(&session)? {
        let (address, at) = (client::address(&request), app.clock.now());
        let (name, source) = (user.name, Source::Web);
        let who = Who { user_id: Some(user.id), api_key_id: None, name, address, source, at };
        let write =
            move |conn: &mut _| audit::write(conn, &who, "user.sign_out", ("user", user.id.0), json!({}));
        app.db.run(write).await?;
    }
    session.purge();
    Ok(see_other(paths::SIGN_IN))
}

/// Writes down that somebody came in; false where they were disabled, or got another password, just now.
async fn admit(app: &App, attempt: Attempt, credentials: Credentials, who: Who) -> Result<bool, AppError> {
    let user = credentials.user();
    app.db
        .run(move |conn| {
            if queries::signed_in(conn, user, &credentials.password_hash, who.at)? == 0 {
                return Ok(false);
            }
            attempts::succeed(conn, &attempt)?;
            audit::write(conn, &who, "user.sign_in", ("user", user.0), json!({}))?;
            Ok(true)
        })
        .await
}

fn no_match(left: i64) -> String {
    match left {
        0 => format!(
            "{NO_MATCH} That was the last try for now: wait {} minutes.",
            attempts::WINDOW.num_minutes()
        ),
        1..=3 => {
            let tries = if left == 1 { "one more try".into() } else { format!("{left} more tries") };
            format!("{NO_MATCH} After {tries} you must wait {} minutes.", attempts::WINDOW.num_minutes())
        }
        _ => NO_MATCH.into(),
    }
}

fn wait(session: &Session, app: &App, form: SignInForm, minutes: i64) -> Result<HttpResponse, AppError> {
    let time = if minutes == 1 { "one minute".into() } else { format!("{minutes} minutes") };
    let trouble =
        format!("Too many tries. Wait {time}, then try again. An administrator can give you a new password.");
    let mut response = answer(session, app, form, trouble, StatusCode::TOO_MANY_REQUESTS)?;
    response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(minutes * 60));
    Ok(response)
}

fn answer(
    session: &Session,
    app: &App,
    form: SignInForm,
    trouble: String,
    status: StatusCode,
) -> Result<HttpResponse, AppError> {
    let notice = if app.is_secure() || app.is_local { "" } else { NEEDS_TLS };
    let csrf = csrf::token(session);
    rendered(&NewPage { csrf, email: form.email, next: form.next, trouble, notice }, status)
}
