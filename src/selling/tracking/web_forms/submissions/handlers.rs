//! `/f/…`: web forms as people outside open and send them. Without sessions and without a cookie of their own.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};

use super::forms::SubmissionForm;
use super::page_key::{PageKey, Signer};
use super::pages::{FormPage, WordsPage};
use super::{New, queries};
use crate::error::AppError;
use crate::running::settings;
use crate::running::settings::company::logo;
use crate::selling::tracking::visits::cookie;
use crate::selling::tracking::web_forms::{Record, queries as kept};
use crate::web::csrf::MOST_FORM_BYTES;
use crate::web::forms::{FormData, Problems, body, rendered, see_other};
use crate::web::{App, client, errors, limits, paths, security};

/// Who we are, as people outside see it.
#[derive(Debug, Clone, Default)]
pub struct Sign {
    pub company: String,
    pub has_logo: bool,
}

/// A form that people outside may see.
struct Found {
    form: Record,
    sign: Sign,
}

/// `GET /f/{form}`
pub async fn show(
    app: App,
    signer: web::Data<Signer>,
    code: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    match find(&app, &code).await? {
        Err(elsewhere) => Ok(elsewhere),
        Ok(found) => {
            let form = SubmissionForm {
                page_key: signer.issue(found.form.id, app.clock.now()),
                ..SubmissionForm::blank(&found.form.facts.asked)
            };
            answer(&found, form, Problems::none(), "", StatusCode::OK)
        }
    }
}

/// `POST /f/{form}`
pub async fn create(
    request: HttpRequest,
    payload: web::Payload,
    app: App,
    signer: web::Data<Signer>,
    code: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let found = match find(&app, &code).await? {
        Err(elsewhere) => return Ok(elsewhere),
        Ok(found) => found,
    };
    let form = match read(&request, payload).await {
        Ok(form) => SubmissionForm::read(&found.form.facts.asked, &form?),
        Err(status) => return Ok(errors::status_page(status)),
    };
    let now = app.clock.now();
    let read_key = signer.read(found.form.id, &form.page_key, now);
    let again = |mut form: SubmissionForm, problems, notice: &str, status| {
        // A page that is still good stays the same page, so that its second press is known.
        if !matches!(read_key, PageKey::Sound(_) | PageKey::TooSoon) {
            form.page_key = signer.issue(found.form.id, now);
        }
        answer(&found, form, problems, notice, status)
    };
    let from = client::address(&request);
    let new = |form: &SubmissionForm, page_key| New {
        form: found.form.id,
        page_key,
        visitors: visitors(&request, &app, form),
        address: from.map(|address| address.to_string()),
        at: now,
        mail_links: app.mail.is_some().then(|| app.public_url.clone()),
    };
    if form.is_trapped {
        if app.limits.submissions.take(&limits::key(from), now).is_ok() {
            let (new, answers) = (new(&form, None), form.of_a_robot());
            app.db.run(move |conn| super::keep_spam(conn, &new, answers)).await?;
        }
        return Ok(thanked(&found));
    }
    let sound = match form.parse() {
        Ok(sound) => sound,
        Err(problems) => return again(form, problems, "", StatusCode::UNPROCESSABLE_ENTITY),
    };
    let page_key = match &read_key {
        PageKey::Sound(number) => Some(number.clone()),
        PageKey::Absent if found.form.facts.is_embedded => None,
        PageKey::TooSoon => return again(form, Problems::none(), TOO_SOON, StatusCode::UNPROCESSABLE_ENTITY),
        _ => return again(form, Problems::none(), STALE, StatusCode::UNPROCESSABLE_ENTITY),
    };
    if let Err(seconds) = app.limits.submissions.take(&limits::key(from), now) {
        let mut page = again(form, Problems::none(), TOO_OFTEN, StatusCode::TOO_MANY_REQUESTS)?;
        page.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        return Ok(page);
    }
    let (new, record) = (new(&form, page_key), found.form.clone());
    match app.db.run(move |conn| super::take(conn, &record, &new, &sound)).await? {
        true => Ok(thanked(&found)),
        false => Ok(gone(&found.sign, StatusCode::GONE)),
    }
}

const TOO_SOON: &str =
    "That was quick: less than three seconds after the page was opened. Look it over, and send it again.";
const STALE: &str = "This page was opened too long ago, or elsewhere. Nothing of what you typed is lost: look it over for \
    a moment, and send it again.";
const TOO_OFTEN: &str =
    "Many forms were sent from where you are just now. Wait some minutes, and send this one again.";

/// `GET /f/{form}/thanks`
pub async fn thanks(app: App, code: web::Path<String>) -> Result<HttpResponse, AppError> {
    Ok(match find(&app, &code).await? {
        Err(elsewhere) => elsewhere,
        Ok(Found { form, sign }) => {
            let text = match form.facts.thanks.as_str() {
                "" => "We have received it.",
                thanks => thanks,
            };
            words(&sign, Some(&form), "Thank you", text, StatusCode::OK)
        }
    })
}

/// `GET /f/{form}/logo`
pub async fn logo(request: HttpRequest, app: App, code: web::Path<String>) -> Result<HttpResponse, AppError> {
    match find(&app, &code).await? {
        Err(elsewhere) => Ok(elsewhere),
        Ok(_) => logo::answer(&app, &request).await,
    }
}

/// The form with this code, or the page for somebody who looks for one that is not there.
async fn find(app: &App, code: &str) -> Result<Result<Found, HttpResponse>, AppError> {
    let code = code.to_string();
    let (form, sign) = app
        .db
        .read(move |conn| {
            let sign =
                Sign { company: settings::queries::company(conn)?.name, has_logo: queries::has_logo(conn)? };
            // No code has such characters, and no text in the database can hold all of them.
            let is_code = code.bytes().all(|byte| byte.is_ascii_graphic());
            Ok((if is_code { kept::by_code(conn, &code)? } else { None }, sign))
        })
        .await?;
    Ok(match form {
        None => Err(gone(&sign, StatusCode::NOT_FOUND)),
        Some(form) if !form.facts.is_open => Err(gone(&sign, StatusCode::GONE)),
        Some(form) => Ok(Found { form, sign }),
    })
}

/// The fields of the form that was sent, or the status of what is no form.
async fn read(
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<Result<FormData, AppError>, StatusCode> {
    if request.content_type() != "application/x-www-form-urlencoded" {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    Ok(FormData::parse(&body(&mut payload.into_inner(), MOST_FORM_BYTES).await?))
}

/// The keys that come along and may be visitors': of our cookie, and of the field for pages that are not ours.
fn visitors(request: &HttpRequest, app: &App, form: &SubmissionForm) -> Vec<String> {
    let ours = request.cookie(cookie::name(app)).map(|cookie| cookie.value().to_string());
    ours.filter(|key| cookie::is_key(key)).into_iter().chain(form.visitor.clone()).collect()
}

/// Where somebody is led who has sent the form.
fn thanked(found: &Found) -> HttpResponse {
    match found.form.facts.redirect.as_str() {
        "" => see_other(paths::hosted_form_thanks(&found.form.facts.code)),
        redirect => see_other(redirect),
    }
}

fn answer(
    found: &Found,
    form: SubmissionForm,
    problems: Problems,
    notice: &str,
    status: StatusCode,
) -> Result<HttpResponse, AppError> {
    let page = FormPage::new(&found.form, &found.sign, form, problems, notice);
    let mut answer = rendered(&page, status)?;
    if !found.form.facts.redirect.is_empty() {
        // A browser holds the answer's redirect to what the page says of its form.
        answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, security::with_forms_that_lead_on());
    }
    Ok(answer)
}

/// There is no such form, or it is closed.
fn gone(sign: &Sign, status: StatusCode) -> HttpResponse {
    let (heading, text) = match status {
        StatusCode::GONE => ("This form is closed", "It takes no entries any more. Nothing was recorded."),
        _ => (
            "There is no such form",
            "The address may be mistyped, or no longer in use. Nothing was recorded. Ask whoever gave it to you.",
        ),
    };
    words(sign, None, heading, text, status)
}

fn words(sign: &Sign, form: Option<&Record>, heading: &str, text: &str, status: StatusCode) -> HttpResponse {
    let page = WordsPage::new(sign, form, heading, text);
    let mut answer = rendered(&page, status).unwrap_or_else(|_| HttpResponse::new(status));
    let robots = HeaderName::from_static("x-robots-tag");
    answer.headers_mut().insert(robots, HeaderValue::from_static("noindex"));
    answer
}
