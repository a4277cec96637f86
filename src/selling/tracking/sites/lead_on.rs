//! `/aff.html?to=…`: leads on to a page of ours on another host, and tells it the partner, as links of Infusionsoft
//! did.

use actix_web::{HttpRequest, HttpResponse};
use url::Url;

use crate::domain::destination::Destination;
use crate::domain::ids::PartnerId;
use crate::domain::settings::{TrackingMethod, TrackingRules};
use crate::domain::sites::Sites;
use crate::domain::typed::Trimmed;
use crate::error::AppError;
use crate::running::settings::{self, tracking};
use crate::selling::tracking::visits::handlers::{lead_to, nowhere};
use crate::selling::tracking::visits::{self, Of, cookie};
use crate::selling::tracking::{Prospect, visitor_with};
use crate::web::App;
use crate::web::forms::Query;
use chrono::{DateTime, Utc};
use diesel::PgConnection;

/// The query parameter that tells the partner: its number, 0 where nobody sent the visitor.
const AFFILIATE: &str = "affiliate";

/// `GET /aff.html`. It is no click: nothing is recorded.
pub async fn show(request: HttpRequest, app: App, query: Query) -> Result<HttpResponse, AppError> {
    if query.get("to").trimmed().is_empty() {
        return Ok(nowhere("The address does not say where to lead: to= is missing."));
    }
    let Ok(to) = Destination::parse(query.get("to")) else {
        return Ok(nowhere("The address after to= is no address of a page."));
    };
    let key = request.cookie(cookie::name(&app)).map(|cookie| cookie.value().to_string());
    let key = key.filter(|key| cookie::is_key(key));
    let (own, now, page) = (app.public_url.clone(), app.clock.now(), to.clone());
    let asked = app.db.run(move |conn| {
        let sites = Sites::parse(&tracking::settings(conn)?.0.sites).unwrap_or_default();
        let is_ours = Url::parse(page.as_str()).is_ok_and(|page| {
            sites.have(&page) || Url::parse(&own).is_ok_and(|own| own.origin() == page.origin())
        });
        if !is_ours {
            return Ok(None);
        }
        let partner = match key {
            Some(key) => partner_of(conn, &key, now)?,
            None => None,
        };
        Ok(Some(partner.map_or(0, |partner| partner.0)))
    });
    Ok(match asked.await? {
        None => {
            nowhere("The address after to= is on a site that is not ours. Nobody is led there from here.")
        }
        Some(number) => lead_to(&to.with_only(AFFILIATE, &number.to_string())),
    })
}

/// Whom an order of this visitor would be credited to by the cookie, if it came now.
fn partner_of(conn: &mut PgConnection, key: &str, now: DateTime<Utc>) -> Result<Option<PartnerId>, AppError> {
    let Some(visitor) = visitor_with(conn, key)? else { return Ok(None) };
    visits::work_in_of(conn, Of { visitors: &[visitor], ..Of::default() })?;
    let rules = settings::defaults(conn)?.0.tracking;
    let rules = TrackingRules { method: TrackingMethod::Cookies, use_ip_address: false, ..rules };
    Prospect { visitor: Some(visitor), ..Prospect::default() }.partner(conn, rules, now)
}
