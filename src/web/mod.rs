//! What every page is made of: who asks ([`admin`]), the frame ([`layout`]), forms ([`forms`]),
//! messages ([`flash`]), figures ([`html`]), lists ([`list`]), files ([`csv`], [`download`]), trouble ([`errors`]).
//! One small thing each; features use them and nothing here knows a feature.
//!
//! Whole examples in the code: `running/users` (a list, forms, an edit that checks the version),
//! `running/audit` (a long list with filters and pages).
//!
//! # A page, from the address to the template
//!
//! `src/routes.rs`, one line for each method and address (the order decides where two patterns fit):
//! ```text
//! GET  "/products/new"  Administrator  selling::products::handlers::new;
//! POST "/products"      Administrator  selling::products::handlers::create;
//! ```
//! `tests/app/access.rs` needs a row for each; `web/paths.rs` the address: `pub const PRODUCTS`.
//! A menu entry appears by itself once its path has a route (`web/layout.rs`).
//!
//! `handlers.rs`: the first argument says who may come. The form's token has been checked before.
//! ```ignore
//! /// `GET /products/new`
//! pub async fn new(admin: Administrator) -> Result<HttpResponse, AppError> {
//!     page(&NewPage::new(&admin, ProductForm::default(), Problems::none()))
//! }
//!
//! /// `POST /products`
//! pub async fn create(admin: Administrator, app: App, form: FormData) -> Result<HttpResponse, AppError> {
//!     let form = ProductForm::read(&form);
//!     let new = match form.parse() {
//!         Ok(new) => new,
//!         Err(problems) => return page_with_problems(&NewPage::new(&admin, form, problems)),
//!     };
//!     let (who, code) = (admin.who(), new.code.clone());
//!     let made = app.db.run(move |conn| {
//!         let made = queries::insert(conn, &new, who.at)?;        // None: the code is taken
//!         if let Some(id) = made {
//!             audit::write(conn, &who, "product.create", ("product", id.0), json!({}))?;
//!         }
//!         Ok(made)
//!     });
//!     if made.await?.is_none() {
//!         let problems = Problems::one("code", format!("Another product has the code {code}."));
//!         return page_with_problems(&NewPage::new(&admin, form, problems));
//!     }
//!     admin.flash(Flash::ok("Added.", format!("{code} can be sold now.")));
//!     Ok(see_other(paths::PRODUCTS))
//! }
//! ```
//! `forms.rs`: what was typed, kept as it was, and what it means.
//! ```ignore
//! #[derive(Default)]
//! pub struct ProductForm { pub code: String, pub name: String }
//!
//! impl ProductForm {
//!     pub fn read(form: &FormData) -> ProductForm {
//!         ProductForm { code: form.get("code").into(), name: form.get("name").into() }
//!     }
//!     pub fn parse(&self) -> Result<NewProduct, Problems> {
//!         let mut problems = Problems::none();
//!         let code = problems.text("code", "Code", &self.code, 50);
//!         let name = problems.text("name", "Name", &self.name, 200);
//!         problems.or(NewProduct { code, name })
//!     }
//! }
//! ```
//! `pages.rs`: exactly what the template shows. `use crate::web::paths` lets templates say `paths::`.
//! ```ignore
//! #[derive(Template)]
//! #[template(path = "products/new.html")]
//! pub struct NewPage { layout: Layout, form: ProductForm, problems: Problems }
//!
//! impl NewPage {
//!     pub fn new(admin: &Administrator, form: ProductForm, problems: Problems) -> NewPage {
//!         let layout = admin.layout("Add a product").under("CRM", "").under("Products", paths::PRODUCTS);
//!         NewPage { layout: layout.narrow(), form, problems }
//!     }
//! }
//! ```
//! `templates/products/new.html`:
//! ```html
//! {% extends "layouts/app.html" %}
//! {% import "shared/forms.html" as forms %}
//! {% block content %}
//! <form class="card" method="post" action="{{ paths::PRODUCTS }}">
//!   <div class="card__body stack">
//!     {% call forms::token(layout.csrf) %}{% endcall %}
//!     {% call forms::problems(problems) %}{% endcall %}
//!     {% call forms::field("code", "Code", form.code, problems) %}{% endcall %}
//!     {% call forms::field("name", "Name", form.name, problems) %}{% endcall %}
//!     <div class="row"><button class="button button--primary">Add the product</button>
//!       <a class="button" href="{{ paths::PRODUCTS }}">Cancel</a></div>
//!   </div>
//! </form>
//! {% endblock %}
//! ```

pub mod admin;
pub mod assets;
pub mod chart;
pub mod client;
pub mod clock;
pub mod conflict;
pub mod csrf;
pub mod csv;
pub mod download;
pub mod errors;
pub mod flash;
pub mod forms;
pub mod html;
pub mod json;
pub mod layout;
pub mod limits;
pub mod list;
pub mod paths;
pub mod problem;
pub mod range;
pub mod routing;
pub mod security;
pub mod uploads;

use actix_web::http::Uri;
use std::net::IpAddr;
use std::path::PathBuf;

use crate::config::mail::Mail;
use crate::config::proxies::Proxies;
use crate::db::Db;
use clock::Clock;
use limits::Limits;
use routing::{Route, RouteTable};

/// What every handler may ask for: `app: App`.
pub type App = actix_web::web::Data<AppState>;

/// What the application is made of, shared by all workers.
#[derive(Clone)]
pub struct AppState {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Which routes there are; from `routes.rs`.
    pub routes: RouteTable,
    /// What browsers put before our paths: `https://partners.example.com`, no slash at the end.
    pub public_url: String,
    /// Whether only this machine reaches us, so that plain http is safe.
    pub is_local: bool,
    /// The folder for files while they arrive.
    pub arriving: PathBuf,
    /// Who is believed about where somebody comes from.
    pub proxies: Proxies,
    /// How mail is sent; none: nobody is mailed.
    pub mail: Option<Mail>,
    /// How often strangers may do what they may do.
    pub limits: Limits,
}

impl AppState {
    /// What browsers put before our paths decides how cookies are bound: see
    /// `running::sessions::middleware`.
    pub fn new(db: Db, clock: Clock, routes: &[Route], public_url: &str) -> AppState {
        let public_url = public_url.trim_end_matches('/').to_string();
        let is_local = public_url.parse().is_ok_and(|url| is_this_machine(&url));
        let arriving = std::env::temp_dir();
        let (routes, proxies, limits) = (RouteTable::new(routes), Proxies::default(), Limits::default());
        AppState { db, clock, routes, public_url, is_local, arriving, proxies, mail: None, limits }
    }

    /// The same, with another folder for files while they arrive: temporary folders may be small.
    pub fn receiving_in(self, arriving: impl Into<PathBuf>) -> AppState {
        AppState { arriving: arriving.into(), ..self }
    }

    /// The same, behind these proxies.
    pub fn behind(self, proxies: Proxies) -> AppState {
        AppState { proxies, ..self }
    }

    /// The same, where mail is sent so.
    pub fn mailing(self, mail: Option<Mail>) -> AppState {
        AppState { mail, ..self }
    }

    /// Whether browsers reach us over TLS.
    pub fn is_secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

fn is_this_machine(url: &Uri) -> bool {
    let host = url.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_safe_without_tls() {
        for (url, local) in [
            ("http://127.0.0.1:8080", true),
            ("http://localhost:8080", true),
            ("http://[::1]:8080", true),
            ("http://192.168.1.7:8080", false),
            ("http://localhost.evil.example", false),
        ] {
            assert_eq!(is_this_machine(&url.parse().unwrap()), local, "{url}");
        }
    }
}
