//! CRM > Tracking Links > How to connect: what to paste where, so that visitors are known on every site of the
//! company; and what its sites have reported.

use actix_web::HttpResponse;
use askama::Template;
use chrono::TimeDelta;

use super::queries::{self, ReportedRow};
use crate::domain::link;
use crate::domain::sites::Sites;
use crate::error::AppError;
use crate::running::settings::{self, tracking};
use crate::web::admin::Viewer;
use crate::web::forms::page;
use crate::web::layout::Layout;
use crate::web::{App, paths};

/// How many days of reports are counted.
const DAYS: i64 = 30;

/// The page.
#[derive(Template)]
#[template(path = "sites/connect.html")]
struct ConnectPage {
    layout: Layout,
    may_change: bool,
    /// A partner's code in examples, with the prefix.
    code: String,
    /// The hosts, one each.
    sites: Vec<String>,
    reported: Vec<ReportedRow>,
    /// What to paste: the script, a form of a checkout, a link through us.
    script: String,
    checkout: String,
    through: String,
    /// An order as a server sends it.
    server: String,
    /// The whole description of the API.
    description: String,
}

/// `GET /how-to-connect`
pub async fn show(viewer: Viewer, app: App) -> Result<HttpResponse, AppError> {
    let (own_url, since) = (app.public_url.clone(), app.clock.now() - TimeDelta::days(DAYS));
    let (api, description) = (own_url.clone() + paths::API_ORDERS, own_url.clone() + paths::API_DESCRIPTION);
    let read = app.db.read(move |conn| {
        let (defaults, _) = settings::defaults(conn)?;
        let base = link::base(&defaults.custom_link_url, &own_url).to_string();
        let (tracking, _) = tracking::settings(conn)?;
        let code = queries::some_code(conn)?.unwrap_or_else(|| "sam".into());
        let codes = (defaults.code_prefix + &code, code);
        Ok((base, codes, tracking.sites, queries::reported(conn, since)?))
    });
    let (base, (code, plain_code), sites, reported) = read.await?;
    let first = sites.lines().next().map(|host| host.replace("*.", "www."));
    let shop = first.unwrap_or_else(|| "shop.example.com".into());
    page(&ConnectPage {
        layout: viewer
            .layout("How to connect")
            .under("CRM", "")
            .under("Tracking Links", paths::LINKS)
            .narrow(),
        may_change: viewer.may_change(),
        server: by_curl(&api, &plain_code),
        description,
        code,
        sites: Sites::parse(&sites).unwrap_or_default().to_string().lines().map(str::to_string).collect(),
        reported,
        script: format!("<script src=\"{base}/t.js\" async></script>"),
        checkout: "<form data-partnerbook …>\n  <input type=\"hidden\" name=\"visitor\">\n  …\n</form>"
            .into(),
        through: format!("{base}/aff.html?to=https://{shop}/offer"),
    })
}

/// An order of a server, as somebody tries it out.
fn by_curl(address: &str, code: &str) -> String {
    let order = format!(
        r#"{{
  "number": "1001",
  "contact": {{ "email": "dana@example.com", "name": "Dana Whitfield" }},
  "visitor": "0123456789abcdef0123456789abcdef",
  "sale_partner": "{code}",
  "lines": [{{ "product": "PLAN", "description": "Office Plan", "quantity": 2, "unit_price": "19.99" }}]
}}"#
    );
    format!(
        "curl {address} \\\n  -H 'Authorization: Bearer pbk_…' \\\n  -H 'Content-Type: application/json' \\\n  -d '{order}'"
    )
}
