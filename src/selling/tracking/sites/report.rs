//! `POST /visits`: the script of a shop tells of a visitor whom a partner sent, or that two visitors are one.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use serde_json::json;
use url::Url;

use super::queries;
use crate::domain::ids::PartnerId;
use crate::domain::sites::Sites;
use crate::error::AppError;
use crate::running::settings::tracking;
use crate::selling::tracking::visits::handlers::{kept, utm};
use crate::selling::tracking::visits::{Coming, Desk, Visit, cookie};
use crate::web::forms::FormData;
use crate::web::{App, client, limits};

/// How large a report may be. A script sends two addresses and two numbers.
const MOST_BYTES: usize = 16 * 1024;

/// What may be wrong with a report; as an answer for whoever looks at it in the browser's tools.
enum Refused {
    /// Not from a site of ours.
    ForeignSite,
    /// From one address more than people come; how many seconds to wait.
    TooOften(i64),
    /// More than a script ever sends.
    TooLarge,
    /// Not what the script sends.
    Nonsense(&'static str),
}

/// `POST /visits`: recorded before it is answered, by 204. It may be sent again where no answer came.
pub async fn create(
    request: HttpRequest,
    app: App,
    visits: web::Data<Desk>,
    body: web::Bytes,
) -> HttpResponse {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut answer = match record(&request, &app, &visits, &body).await {
        Ok(Ok(())) => HttpResponse::NoContent().finish(),
        Ok(Err(Refused::ForeignSite)) => {
            let how = "This site is not among your sites: add its host in CRM > Settings > Tracking.";
            refusal(StatusCode::FORBIDDEN, how)
        }
        Ok(Err(Refused::TooOften(seconds))) => {
            let mut answer = refusal(StatusCode::TOO_MANY_REQUESTS, "Too many reports from one address.");
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            answer
        }
        Ok(Err(Refused::TooLarge)) => refusal(StatusCode::PAYLOAD_TOO_LARGE, "A report has at most 16 kB."),
        Ok(Err(Refused::Nonsense(what))) => refusal(StatusCode::BAD_REQUEST, what),
        Err(trouble) => refusal(trouble.status_code(), "It was not recorded. Send it again."),
    };
    // Also a refusal is to be read where it was caused.
    if let Some(origin) = origin {
        answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    answer.headers_mut().insert(header::VARY, HeaderValue::from_static("origin"));
    answer
}

fn refusal(status: StatusCode, what: &str) -> HttpResponse {
    HttpResponse::build(status).json(json!({ "error": what }))
}

async fn record(
    request: &HttpRequest,
    app: &App,
    visits: &Desk,
    body: &[u8],
) -> Result<Result<(), Refused>, AppError> {
    let Some(site) = site(request, app).await? else { return Ok(Err(Refused::ForeignSite)) };
    if let Err(seconds) = app.limits.reports.take(&limits::key(client::address(request)), app.clock.now()) {
        return Ok(Err(Refused::TooOften(seconds)));
    }
    if body.len() > MOST_BYTES {
        return Ok(Err(Refused::TooLarge));
    }
    let Ok(sent) = FormData::parse(body) else {
        return Ok(Err(Refused::Nonsense("This is no form: send fields as a form does.")));
    };
    let visitor = sent.get("visitor");
    if !cookie::is_key(visitor) {
        return Ok(Err(Refused::Nonsense("The visitor is no number of 32 digits from 0 to f.")));
    }
    let also = sent.get("also");
    if cookie::is_key(also) {
        let (visitor, also) = (visitor.to_string(), also.to_string());
        app.db.run(move |conn| queries::join(conn, &visitor, &also)).await?;
        return Ok(Ok(()));
    }
    let Some(page) = page_of(&site, sent.get("page")) else {
        return Ok(Err(Refused::Nonsense("The page is not of the site that reports it.")));
    };
    match visit(request, app, &sent, &page) {
        Some(visit) => visits.record(visit).await.map(|_| Ok(())),
        None => {
            Ok(Err(Refused::Nonsense("Nobody is named: affiliate, aff or ref says who sent the visitor.")))
        }
    }
}

/// The site of ours that it comes from. Browsers say it of every report; whoever is no browser may say what he
/// likes, and gets no further by it than with a link.
async fn site(request: &HttpRequest, app: &App) -> Result<Option<Url>, AppError> {
    let origin = request.headers().get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let Some(origin) = origin.and_then(|origin| Url::parse(origin).ok()) else { return Ok(None) };
    if Url::parse(&app.public_url).is_ok_and(|own| own.origin() == origin.origin()) {
        return Ok(Some(origin));
    }
    let (settings, _) = app.db.read(|conn| Ok(tracking::settings(conn)?)).await?;
    let sites = Sites::parse(&settings.sites).unwrap_or_default();
    Ok(Some(origin).filter(|origin| sites.have(origin)))
}

/// The page that the visit began on: where none is told, the site itself; none where it is on another one, for no
/// site speaks for another.
fn page_of(site: &Url, told: &str) -> Option<Url> {
    if told.is_empty() {
        return Some(site.clone());
    }
    Url::parse(told).ok().filter(|page| page.origin() == site.origin())
}

/// The visit that is told of. None where no partner is named.
fn visit(request: &HttpRequest, app: &App, sent: &FormData, page: &Url) -> Option<Visit> {
    let named = ["affiliate", "aff", "ref"].into_iter().find(|name| !["", "0"].contains(&sent.get(name)))?;
    let code = kept(sent.get(named), 200);
    let (told, query) = (sent.get("page"), page.query().unwrap_or_default());
    let agent = request.headers().get(HeaderName::from_static("user-agent"));
    let agent = agent.map(|agent| String::from_utf8_lossy(agent.as_bytes()).into_owned());
    Some(Visit {
        link: None,
        // `/aff.html` names a partner by its number.
        number: if named == "affiliate" { code.parse().ok().map(PartnerId) } else { None },
        partner: code,
        key: Some(sent.get("visitor").to_string()),
        // The script makes the key, so that a checkout knows it before we have answered.
        fresh: sent.get("visitor").to_string(),
        coming: Coming::by_agent(agent.as_deref()),
        at: app.clock.now(),
        address: client::address(request).map(|address| address.to_string()),
        user_agent: agent.map(|agent| kept(&agent, 500)),
        referrer: Some(kept(sent.get("referrer"), 1000)).filter(|referrer| !referrer.is_empty()),
        utm: utm(query),
        query: Some(kept(query, 2000)).filter(|query| !query.is_empty()),
        page: Some(kept(if told.is_empty() { page.as_str() } else { told }, 1000)),
        report_ms: sent.get("at").parse().ok(),
    })
}
