//! A walk through every page there is, in every state that a page can be brought into by pressing what
//! people press: empty, filled, sent with mistakes, previewed, overtaken by somebody else. Whoever looks
//! is told at each stop: the tests look for faults, `make screenshots` takes pictures. What a stop needs
//! is found on the pages themselves, so that the walk goes through any system with a sale in it.

mod empty;
mod importing;
mod links;
mod paying;
mod people;
mod programs;
mod running;
mod selling;
mod web_forms;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use actix_web::dev::ResourceDef;
use partnerbook::routes::ROUTES;
use partnerbook::web::routing::{Access, Route};

use crate::browser::Browser;

/// The password of the user who walks.
pub const PASSWORD: &str = "a password for a walk";

/// Addresses whose answer is no page, but a file, a word or a part of a page.
const NO_PAGES: &[&str] = &[
    "/health",
    "/static/{hash}/{name}",
    "/favicon.ico",
    "/choices/{kind}",
    "/settings/company/logo",
    "/prints/{id}",
    "/partners/{id}/link.svg",
    "/go/{asked:.*}",
    "/f/{form}/logo",
    "/t.js",
    "/aff.html",
    "/settings/referral-partner-defaults/example",
    "/api/v1/openapi.json",
];

/// Whoever looks at the pages.
pub trait Eyes {
    /// The browser shows a page; `name` says which, and in which state.
    async fn look(&mut self, browser: &Browser, name: &str);
}

/// Which dates of the books there is something to see in.
#[derive(Debug, Clone, Copy)]
pub struct Dates {
    pub from: &'static str,
    pub to: &'static str,
}

impl Dates {
    /// The ledgers report of these dates.
    fn ledgers(self) -> String {
        format!("/reports/ledgers?from={}&to={}", self.from, self.to)
    }
}

/// The walk.
pub struct Tour<'a, E> {
    pub browser: &'a Browser,
    pub eyes: E,
    dates: Dates,
    /// For files that are uploaded.
    folder: PathBuf,
    /// The addresses that were opened and answered with a page.
    shown: BTreeSet<String>,
    /// The addresses that answered a form with a page.
    answered: BTreeSet<String>,
}

impl<'a, E: Eyes> Tour<'a, E> {
    pub fn new(browser: &'a Browser, eyes: E, dates: Dates, folder: PathBuf) -> Tour<'a, E> {
        Tour { browser, eyes, dates, folder, shown: BTreeSet::new(), answered: BTreeSet::new() }
    }

    /// Everything, from the first user on. The books hold sales already.
    pub async fn everything(&mut self, set_up: &str) {
        self.setting_up(set_up).await;
        self.paying().await;
        self.people().await;
        self.programs().await;
        self.selling().await;
        self.tracking().await;
        self.coupons().await;
        self.web_forms().await;
        self.importing().await;
        self.running().await;
        self.trouble().await;
    }

    /// Pages that nobody has been shown: they answer GET, and the walk has not led there.
    pub fn missed(&self) -> Vec<&'static str> {
        let pages = ROUTES.iter().filter(|route| route.method == "GET" && !NO_PAGES.contains(&route.path));
        let pages = pages.filter(|route| route.access != Access::ApiKey);
        let pages = pages.filter(|route| !route.path.ends_with(".csv") && !route.path.ends_with(".pdf"));
        pages
            .filter(|route| !self.shown.iter().any(|path| answers(route, path)))
            .map(|route| route.path)
            .collect()
    }

    /// Forms whose answer nobody has been shown.
    pub fn unanswered(&self) -> Vec<&'static str> {
        let forms = ROUTES.iter().filter(|route| route.method == "POST" && route.access != Access::ApiKey);
        forms
            .filter(|route| !self.answered.iter().any(|path| answers(route, path)))
            .map(|route| route.path)
            .collect()
    }

    /// Opens a page and lets it be seen.
    async fn page(&mut self, name: &str, path: &str) {
        self.open(path).await;
        let status = self.status().await;
        assert!([200, 422].contains(&status), "{name}: {path} answers {status}");
        self.look(name).await;
    }

    /// The page for trouble, with this status.
    async fn trouble_page(&mut self, name: &str, path: &str, status: u64) {
        self.browser.open(path).await;
        assert_eq!(self.status().await, status, "{name}: {path}");
        self.look(name).await;
    }

    /// A page, after a script has opened or ticked something on it.
    async fn page_with(&mut self, name: &str, path: &str, script: &str) {
        self.open(path).await;
        self.browser.asks(script).await;
        self.look(name).await;
    }

    async fn look(&mut self, name: &str) {
        self.eyes.look(self.browser, name).await;
    }

    async fn open(&mut self, path: &str) {
        self.browser.open(path).await;
        if self.status().await == 200 {
            self.shown.insert(without_query(path));
        }
    }

    /// Fills in a form by a script that calls it `f`, and sends it by this button (by none: ""), without the
    /// browser's own checks.
    async fn send(&mut self, form: &str, fill: &str, button: &str) {
        let send = format!(
            "const f = document.querySelector({form:?});
             if (!f) throw new Error('there is no ' + {form:?} + ' on ' + location.pathname);
             {fill};
             const b = {button:?} ? document.querySelector({button:?}) : null;
             if ({button:?} && !b) throw new Error('there is no ' + {button:?} + ' on ' + location.pathname);
             f.noValidate = true;
             document.body.dataset.old = 'yes';
             f.requestSubmit(b);
             return new URL(b?.getAttribute('formaction') ?? f.getAttribute('action'), location).pathname"
        );
        let action = self.browser.asks(&send).await;
        let arriving = "return document.readyState !== 'complete' || !!document.body.dataset.old";
        while self.browser.asks(arriving).await == true {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let is_answer = "const seen = performance.getEntriesByType('navigation')[0];
                         return seen.redirectCount === 0 && location.pathname";
        if self.browser.asks(is_answer).await == action {
            self.answered.insert(action.as_str().expect("it is a path").to_string());
        }
    }

    /// Opens a page, sends a form of it, and lets the answer be seen.
    async fn sent(&mut self, name: &str, path: &str, form: &str, fill: &str, button: &str) {
        self.open(path).await;
        self.send(form, fill, button).await;
        self.look(name).await;
    }

    /// As [`Tour::sent`], where the page has one form in its middle.
    async fn sent_with(&mut self, name: &str, path: &str, fill: &str) {
        self.sent(name, path, "main form[method=post]", fill, "").await;
    }

    /// The form of a record comes back, since somebody else was faster. `fill` changes it, twice.
    async fn overtaken(&mut self, name: &str, path: &str, mine: &str, theirs: &str) {
        let form = "main form[method=post]:has([name=version])";
        self.open(path).await;
        self.send(form, theirs, "").await;
        let older = format!("{mine}; f.version.value = Number(f.version.value) - 1");
        self.sent(name, path, form, &older, "").await;
    }

    /// Where the first link leads that matches, without its query.
    async fn first(&mut self, page: &str, selector: &str) -> String {
        self.browser.open(page).await;
        without_query(&self.link(selector).await)
    }

    /// Where the first link of this page leads that matches.
    async fn link(&self, selector: &str) -> String {
        let link = self.browser.find(selector).await;
        link.attr("href").await.expect("it is a link").expect("it leads somewhere")
    }

    /// Where all links of this page lead that match.
    async fn links(&self, selector: &str) -> Vec<String> {
        let script =
            format!("return [...document.querySelectorAll({selector:?})].map(e => e.getAttribute('href'))");
        let links = self.browser.asks(&script).await;
        serde_json::from_value(links).expect("each leads somewhere")
    }

    /// The words of everything on the page that matches.
    async fn words(&self, selector: &str) -> Vec<String> {
        let script =
            format!("return [...document.querySelectorAll({selector:?})].map(e => e.textContent.trim())");
        let words = self.browser.asks(&script).await;
        serde_json::from_value(words).expect("it is a list of words")
    }

    /// What the server said about the page.
    async fn status(&self) -> u64 {
        let status = "return performance.getEntriesByType('navigation')[0]?.responseStatus ?? 0";
        self.browser.asks(status).await.as_u64().unwrap_or_default()
    }
}

/// Whether this route answers the address: the first one that fits does.
fn answers(route: &Route, path: &str) -> bool {
    let fits = |one: &&Route| one.method == route.method && ResourceDef::new(one.path).is_match(path);
    ROUTES.iter().find(fits) == Some(route)
}

fn without_query(path: &str) -> String {
    path.split(['?', '#']).next().unwrap_or_default().to_string()
}
