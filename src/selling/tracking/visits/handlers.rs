//! `/go/…`: the links that partners hand out.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use askama::Template;
use percent_encoding::percent_decode_str;
use url::form_urlencoded;

use super::{Answer, Coming, Desk, Utm, Visit, cookie};
use crate::domain::destination::Destination;
use crate::domain::typed::Trimmed;
use crate::error::AppError;
use crate::web::{App, client, security};

/// The query parameter that tells a destination who the visitor is.
const VISITOR: &str = "visitor";

/// `GET /go/{link}/{partner}`, and `GET /go/{partner}` to the default destination. A slash at the end, which
/// some programs add to addresses, makes no difference; what has more parts is nobody's.
pub async fn go(request: HttpRequest, app: App, visits: web::Data<Desk>) -> HttpResponse {
    let asked = percent_decode_str(request.match_info().unprocessed()).decode_utf8_lossy();
    let asked = asked.strip_prefix('/').unwrap_or(&asked).trim_end_matches('/');
    let (link, partner) = match asked.split_once('/') {
        Some((link, partner)) => (Some(link), partner),
        None => (None, asked),
    };
    let visit = visit(&request, &app, link, partner);
    let coming = visit.coming;
    let mut answer = match visits.record(visit).await {
        Ok(led) => answer(&app, request.query_string(), coming, led),
        Err(trouble) => come_again(&trouble),
    };
    // Whoever is led on sees no page of ours: what is said of pages is said where there is one.
    if answer.status() != StatusCode::FOUND {
        security::add_headers(answer.headers_mut());
    }
    security::add_only_tls(answer.headers_mut(), &app);
    answer
}

fn visit(request: &HttpRequest, app: &App, link: Option<&str>, partner: &str) -> Visit {
    let head = request.head();
    let header = |name: HeaderName, most| {
        head.headers().get(name).map(|value| kept(&String::from_utf8_lossy(value.as_bytes()), most))
    };
    let query = request.query_string();
    let key = request.cookie(cookie::name(app)).map(|cookie| cookie.value().to_string());
    Visit {
        // Who copies a link may copy a mark along.
        link: link.map(|link| kept(link.trimmed(), 200)),
        partner: kept(partner.trimmed(), 200),
        number: None,
        key: key.filter(|key| cookie::is_key(key)),
        fresh: cookie::fresh_key(),
        coming: Coming::of(head),
        at: app.clock.now(),
        address: client::address(request).map(|address| address.to_string()),
        user_agent: header(header::USER_AGENT, 500),
        referrer: header(header::REFERER, 1000),
        query: Some(kept(query, 2000)).filter(|query| !query.is_empty()),
        utm: utm(query),
        page: None,
        report_ms: None,
    }
}

/// What a campaign says of itself.
pub fn utm(query: &str) -> Utm {
    let mut utm = Utm::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let place = match &*name {
            "utm_source" => &mut utm.source,
            "utm_medium" => &mut utm.medium,
            "utm_campaign" => &mut utm.campaign,
            "utm_term" => &mut utm.term,
            "utm_content" => &mut utm.content,
            _ => continue,
        };
        if place.is_none() && !value.is_empty() {
            *place = Some(kept(&value, 200));
        }
    }
    utm
}

/// The first characters of a text, without those that no text in the database can hold or no page can show.
pub fn kept(text: &str, most: usize) -> String {
    // Nearly always it is short and plain.
    if text.len() <= most && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return text.to_string();
    }
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(most).collect()
}

fn answer(app: &App, query: &str, coming: Coming, led: Answer) -> HttpResponse {
    let key = led.visitor.filter(|_| coming == Coming::Person);
    let mut answer = match led.destination.as_deref() {
        Some(destination) => {
            let passed_on = if led.partner.is_some() { without_visitor(query) } else { String::new() };
            match key.as_ref().filter(|_| led.names_visitor) {
                Some(key) => lead_to(&destination.clone().with_query(&passed_on).with_only(VISITOR, key)),
                None if passed_on.is_empty() => lead_to(destination),
                None => lead_to(&destination.clone().with_query(&passed_on)),
            }
        }
        None => nowhere(match led.partner {
            Some(_) => "It is right, but it has not been said yet where it leads. Try again later.",
            None => "It may be mistyped, or no longer in use. Ask whoever gave it to you for another one.",
        }),
    };
    if let Some(key) = key {
        // A key in a cookie is plain digits and letters: it fits into a header.
        let _ = answer.add_cookie(&cookie::cookie(app, key, led.cookie_days));
    }
    answer
}

/// What is passed on of a query: all of it as it was written, but nobody else tells a shop who the visitor is.
fn without_visitor(query: &str) -> String {
    let is_visitor =
        |part: &str| form_urlencoded::parse(part.as_bytes()).next().is_some_and(|(name, _)| name == VISITOR);
    query.split('&').filter(|part| !is_visitor(part)).collect::<Vec<_>>().join("&")
}

/// What is said to whoever is led on.
const LEADING: [(HeaderName, &str); 4] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// Leads somebody on, whom no memory of a browser or a search engine is to lead there instead of us.
pub fn lead_to(destination: &Destination) -> HttpResponse {
    let mut answer = HttpResponse::build(StatusCode::FOUND);
    answer.insert_header((header::LOCATION, destination.as_str()));
    for (name, value) in LEADING {
        answer.insert_header((name, HeaderValue::from_static(value)));
    }
    answer.finish()
}

/// What somebody sees whom a link leads nowhere.
#[derive(Template)]
#[template(path = "visits/nowhere.html")]
struct NowherePage {
    heading: &'static str,
    text: &'static str,
}

/// The page that says why a link leads nowhere.
pub fn nowhere(text: &'static str) -> HttpResponse {
    let page = NowherePage { heading: "This link leads nowhere", text };
    let html = page.render().unwrap_or_else(|_| format!("{}. {}", page.heading, page.text));
    HttpResponse::NotFound().content_type("text/html; charset=utf-8").body(html)
}

/// Where a visit could not be recorded, the browser tries again by itself: nobody is led on without it, for
/// then the partner's customer would be lost.
fn come_again(trouble: &AppError) -> HttpResponse {
    let mut answer = trouble.error_response();
    let again = HeaderValue::from_static("3");
    answer.headers_mut().insert(header::RETRY_AFTER, again.clone());
    answer.headers_mut().insert(HeaderName::from_static("refresh"), again);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_campaign_is_read_from_the_query() {
        let read = utm(
            "a=1&utm_source=News%20letter&utm_medium=e+mail&utm_campaign=&utm_source=second&utm_term=%00x%ff&utm_content",
        );
        let text = |text: &str| Some(text.to_string());
        assert_eq!(
            read,
            Utm {
                source: text("News letter"),
                medium: text("e mail"),
                campaign: None,
                term: text("\u{fffd}x\u{fffd}"),
                content: None,
            }
        );
    }

    #[test]
    fn what_is_kept_of_a_long_text_is_its_beginning() {
        assert_eq!(kept(&"ä".repeat(100_000), 500), "ä".repeat(500));
        assert_eq!(kept("a\r\nb\0", 10), "a\u{fffd}\u{fffd}b\u{fffd}");
    }
}
