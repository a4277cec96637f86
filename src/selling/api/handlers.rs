//! `/api/v1/…`

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use utoipa::OpenApi;

use super::answers::{ContactAnswer, OrderAnswer};
use super::bodies::{ContactBody, CreditBody, OrderBody};
use super::contact;
use super::credit::{self, Credited};
use super::description::Description;
use super::order::{self, Placed};
use crate::error::AppError;
use crate::running::api_keys::ApiKey;
use crate::running::audit::Who;
use crate::running::settings;
use crate::web::html::Format;
use crate::web::json::Faults;
use crate::web::layout::Company;
use crate::web::problem::Problem;
use crate::web::{App, json, paths};

#[utoipa::path(post, path = paths::API_ORDERS, operation_id = "recordOrder", tag = "Orders", request_body = OrderBody, security(("key" = [])),
    responses((status = 201, description = "It is recorded.", body = OrderAnswer),
        (status = 200, description = "It was recorded before.", body = OrderAnswer),
        (status = 409, description = "There is an order of this number with other content.", body = Problem),
        (status = 422, description = "Something is wrong with what was sent.", body = Problem),
        (status = "default", description = "Anything else.", body = Problem)))]
/// Record an order.
///
/// It is recorded once: the same number with the same content again answers 200 and records nothing; with other
/// content it is refused (409). Everything that is wrong is told at once, and then nothing is recorded. The partners
/// that it is credited to are told by mail where they are to be, if it was placed within the last seven days.
pub async fn create_order(
    key: ApiKey,
    app: App,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let (sent, who) = (OrderBody::read(&json::body(&request, payload).await?)?, key.who());
    let placed = match place(&app, &sent, &who).await {
        // Somebody else brought the number a moment ago, by a form or a file: now it is there to be looked at.
        Err(AppError::Refused(_)) => place(&app, &sent, &who).await,
        placed => placed,
    };
    let (placed, format) = placed?;
    match placed {
        Placed::Recorded(file) => {
            let answer = OrderAnswer::new(&file, &format, &app.public_url);
            let place = HeaderValue::from_str(&paths::api_order(answer.number()));
            let mut answer = HttpResponse::Created().json(answer);
            if let Ok(place) = place {
                answer.headers_mut().insert(header::LOCATION, place);
            }
            Ok(answer)
        }
        Placed::Before(file) => {
            Ok(HttpResponse::Ok().json(OrderAnswer::new(&file, &format, &app.public_url)))
        }
        Placed::Another => Err(Problem::new(
            StatusCode::CONFLICT,
            "There is an order of this number already, and it says something else. Nothing was recorded.",
        )),
        Placed::Wrong(faults) => Err(faults.or(()).err().unwrap_or_else(nothing_wrong)),
    }
}

async fn place(app: &App, sent: &(OrderBody, Faults), who: &Who) -> Result<(Placed, Format), AppError> {
    let ((body, mut faults), who, mails) = (sent.clone(), who.clone(), app.mail.is_some());
    let work = app.db.run(move |conn| {
        let format = format(conn)?;
        let sent = body.parse(&mut faults, who.at, &format);
        Ok((order::place(conn, &sent, faults, &format, &who, mails)?, format))
    });
    work.await
}

#[utoipa::path(get, path = paths::API_ORDER, operation_id = "showOrder", tag = "Orders", security(("key" = [])),
    params(("number" = String, Path, description = "The order's number, percent-encoded.")),
    responses((status = 200, description = "The order as it stands.", body = OrderAnswer),
        (status = "default", description = "Anything else.", body = Problem)))]
/// Look at an order.
pub async fn show_order(_: ApiKey, app: App, number: web::Path<String>) -> Result<HttpResponse, Problem> {
    let number = number.into_inner();
    let sought = number.clone();
    let found = app.db.read(move |conn| {
        let id = order::find(conn, &sought)?;
        Ok((id.map(|id| order::file(conn, id)).transpose()?, format(conn)?))
    });
    let (file, format) = found.await?;
    let file = file.ok_or_else(|| no_order(&number))?;
    Ok(HttpResponse::Ok().json(OrderAnswer::new(&file, &format, &app.public_url)))
}

#[utoipa::path(post, path = paths::API_CREDITS, operation_id = "creditOrder", tag = "Orders", request_body = CreditBody, security(("key" = [])),
    params(("number" = String, Path, description = "The order's number, percent-encoded.")),
    responses((status = 201, description = "It is credited to those who are named.", body = OrderAnswer),
        (status = 200, description = "It is credited so already.", body = OrderAnswer),
        (status = 409, description = "The order is cancelled.", body = Problem),
        (status = 422, description = "Something is wrong with what was sent.", body = Problem),
        (status = "default", description = "Anything else.", body = Problem)))]
/// Credit another partner.
///
/// What the order gave is taken back, and those who are named earn by today's rules. Credited so already, nothing
/// is recorded, and a remark says so.
pub async fn credit_order(
    key: ApiKey,
    app: App,
    request: HttpRequest,
    number: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let text = json::body(&request, payload).await?;
    let (body, faults) = CreditBody::read(&text)?;
    let (sent, who, number) = (body.parse(), key.who(), number.into_inner());
    let sought = number.clone();
    let done = app.db.run(move |conn| {
        let format = format(conn)?;
        Ok((credit::credit(conn, &sought, &sent, faults, &who)?, format))
    });
    let (credited, format) = done.await?;
    match credited {
        Credited::Recorded(file) => {
            Ok(HttpResponse::Created().json(OrderAnswer::new(&file, &format, &app.public_url)))
        }
        Credited::Already(file) => {
            let answer = OrderAnswer::new(&file, &format, &app.public_url);
            Ok(HttpResponse::Ok().json(answer.remarking("It is credited so already; nothing was recorded.")))
        }
        Credited::NoOrder => Err(no_order(&number)),
        Credited::Closed(sentence) => Err(Problem::new(StatusCode::CONFLICT, sentence)),
        Credited::Wrong(faults) => Err(faults.or(()).err().unwrap_or_else(nothing_wrong)),
    }
}

#[utoipa::path(post, path = paths::API_CONTACTS, operation_id = "meetContact", tag = "Contacts", request_body = ContactBody, security(("key" = [])),
    responses((status = 201, description = "The contact is made.", body = ContactAnswer),
        (status = 200, description = "The contact is known.", body = ContactAnswer),
        (status = 422, description = "Something is wrong with what was sent.", body = Problem),
        (status = "default", description = "Anything else.", body = Problem)))]
/// Tell who somebody is.
///
/// The contact is made or found, and the visitor, where one is sent, is known as it from now on: its clicks are the
/// contact's referrals.
pub async fn create_contact(
    key: ApiKey,
    app: App,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let text = json::body(&request, payload).await?;
    let (body, mut faults) = ContactBody::read(&text)?;
    let sent = body.parse_alone(&mut faults);
    let (sent, who) = (faults.or(sent)?, key.who());
    let (id, is_new) = app.db.run(move |conn| contact::meet(conn, &sent, &who)).await?;
    let answer = ContactAnswer::new(id, &app.public_url);
    Ok(if is_new { HttpResponse::Created().json(answer) } else { HttpResponse::Ok().json(answer) })
}

/// `GET /api/v1/openapi.json`: what this takes and answers.
pub async fn describe(app: App) -> HttpResponse {
    let mut description = Description::openapi();
    description.servers = Some(vec![utoipa::openapi::Server::new(&app.public_url)]);
    HttpResponse::Ok().json(description)
}

/// How the company writes figures and days.
fn format(conn: &mut diesel::PgConnection) -> Result<Format, AppError> {
    let company = settings::queries::company(conn)?;
    let settings::queries::Company { name, currency, time_zone, date_format, .. } = company;
    Ok(Company { name, currency, time_zone, date_format }.format())
}

fn no_order(number: &str) -> Problem {
    let number: String = number.chars().filter(|c| !c.is_control()).take(200).collect();
    Problem::new(StatusCode::NOT_FOUND, format!("There is no order “{number}”."))
}

fn nothing_wrong() -> Problem {
    AppError::Internal(anyhow::anyhow!("refused for no reason")).into()
}
