//! The application over HTTP, each with a database and a clock of its own, and visitors with cookies
//! who fill in forms as the pages offer them.

use std::collections::HashMap;
use std::io::Read;
use std::net::TcpListener;
use std::sync::mpsc;
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};

use actix_web::HttpServer;
use actix_web::cookie::Key;
use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use partnerbook::db::{Db, PoolOptions};
use partnerbook::domain::ids::UserId;
use partnerbook::routes::{self, ROUTES};
use partnerbook::running::sign_in::passwords;
use partnerbook::running::users::{self, NewUser};
use partnerbook::selling::tracking::visits::Visits;
use partnerbook::web::AppState;
use partnerbook::web::admin::{Role, Who};
use partnerbook::web::clock::Clock;
use reqwest::blocking::{Client, Response};
use reqwest::cookie::{CookieStore, Jar};
use reqwest::redirect::Policy;
use scraper::{Html, Selector};

use super::{TestDatabase, database};

/// The password of all users in tests.
pub const PASSWORD: &str = "correct horse battery";

/// When tests take place, until they move the clock.
pub const NOW: &str = "2026-11-03T10:41:00Z";

/// A running application.
pub struct TestApp {
    pub database: TestDatabase,
    pub clock: Clock,
    pub state: AppState,
    /// `http://127.0.0.1:41234`
    pub url: String,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    /// For files while they arrive.
    _arriving: tempfile::TempDir,
}

/// Starts the application on a free port.
pub fn app() -> TestApp {
    app_with(|state| state)
}

/// The same with something about it changed.
pub fn app_with(change: impl FnOnce(AppState) -> AppState) -> TestApp {
    let database = database();
    let clock = Clock::standing_at(NOW.parse().expect("an instant"));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    let arriving = tempfile::tempdir().expect("a folder can be made");
    let state = AppState::new(database.db.clone(), clock.clone(), ROUTES, &url).receiving_in(arriving.path());
    let state = change(state);
    // As a server has it: the writer of visits must give up before its visitors do.
    let two = PoolOptions { connections: 2, ..PoolOptions::serving() };
    let writing = Db::connect(&database.url, &database.access, &two).expect("the database takes connections");
    let (send, started) = mpsc::channel();
    let thread = thread::spawn({
        let state = state.clone();
        move || {
            System::new().block_on(async move {
                let key = Key::generate();
                let (visits, _) = Visits::start(&writing).expect("the writer starts");
                let server = HttpServer::new(move || routes::application(&state, &key, &visits));
                let server = server.workers(2).disable_signals().shutdown_timeout(1);
                let server = server.listen(listener).expect("the port is ours").run();
                send.send(server.handle()).expect("the test waits");
                server.await.expect("the server runs");
            });
        }
    });
    let handle = started.recv().expect("the server starts");
    TestApp { database, clock, state, url, handle, thread: Some(thread), _arriving: arriving }
}

impl TestApp {
    /// Somebody at a browser of their own, not signed in.
    pub fn visitor(&self) -> Visitor {
        let jar = Arc::new(Jar::default());
        let client = Client::builder().cookie_provider(jar.clone()).redirect(Policy::none()).build();
        Visitor { client: client.expect("a client can be made"), jar, url: self.url.clone() }
    }

    /// A user of this role, made and signed in: `administrator@example.com`.
    pub fn sign_in_as(&self, role: Role) -> Visitor {
        let email = format!("{}@example.com", role.code());
        if !self.has_user(&email) {
            self.add_user(role.label(), &email, role);
        }
        self.sign_in(&email)
    }

    /// Signs a user in.
    pub fn sign_in(&self, email: &str) -> Visitor {
        let visitor = self.visitor();
        let page = visitor.submit("/sign-in", "/sign-in", &[("email", email), ("password", PASSWORD)]);
        assert_eq!(page.status, 303, "{} cannot sign in: {}", email, page.text());
        visitor
    }

    /// Adds a user with [`PASSWORD`].
    pub fn add_user(&self, name: &str, email: &str, role: Role) -> UserId {
        static HASH: OnceLock<String> = OnceLock::new();
        let password_hash = HASH.get_or_init(|| passwords::hash(PASSWORD).expect("it can be hashed")).clone();
        let new = NewUser { name: name.into(), email: email.into(), role, password_hash };
        let who = Who::command_line(self.clock.now());
        let made = self.database.db.run_now(move |conn| users::add(conn, &who, &new));
        made.expect("the user can be added").expect("the e-mail is free")
    }

    fn has_user(&self, email: &str) -> bool {
        let found =
            self.database.db.read_now(|conn| Ok(users::queries::find_by_email(conn, email)?.is_some()));
        found.expect("users can be read")
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Somebody at a browser. Redirects are not followed by themselves: tests say where they lead.
pub struct Visitor {
    client: Client,
    jar: Arc<Jar>,
    url: String,
}

impl Visitor {
    /// Opens a page.
    pub fn get(&self, path: &str) -> Page {
        Page::of(self.client.get(self.at(path)).send())
    }

    /// Opens a page with these headers beside those of every request.
    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Page {
        let request = self.client.get(self.at(path));
        Page::of(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send())
    }

    /// Fetches a file: status, media type, content.
    pub fn get_bytes(&self, path: &str) -> (u16, String, Vec<u8>) {
        let answer = self.client.get(self.at(path)).send().expect("the server answers");
        let media_type =
            answer.headers().get("content-type").map(|value| value.to_str().unwrap_or("").into());
        let status = answer.status().as_u16();
        (status, media_type.unwrap_or_default(), answer.bytes().expect("the answer is complete").to_vec())
    }

    /// Opens the page and sends a form of it, with the token that the page gave; one button press.
    pub fn submit(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.get(page).token();
        self.post_with(action, &token, fields)
    }

    /// As [`Visitor::submit`], where the form stands on the page of its own address.
    pub fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.submit(path, path, fields)
    }

    /// Sends a form with this token.
    pub fn post_with(&self, action: &str, token: &str, fields: &[(&str, &str)]) -> Page {
        let mut fields = fields.to_vec();
        fields.push(("csrf", token));
        self.post(action, &fields)
    }

    /// Sends a form as it is, without a token.
    pub fn post(&self, action: &str, fields: &[(&str, &str)]) -> Page {
        let body = serde_urlencoded::to_string(fields).expect("fields can be encoded");
        self.post_bytes(action, "application/x-www-form-urlencoded", body.into_bytes())
    }

    /// Sends anything.
    pub fn post_bytes(&self, action: &str, media_type: &str, body: Vec<u8>) -> Page {
        Page::of(self.client.post(self.at(action)).header("content-type", media_type).body(body).send())
    }

    /// Sends a form with a file of so many bytes, none of which is held before it is sent.
    pub fn post_long_file(
        &self,
        action: &str,
        fields: &[(&str, &str)],
        name: &str,
        (content, bytes): (impl Read + Send + 'static, u64),
    ) -> Page {
        let mut before = parts(fields, Some(("file", name, b"")));
        before.truncate(before.len() - 2);
        let after = [b"\r\n".as_slice(), &multipart(&[], None)].concat();
        let length = before.len() as u64 + bytes + after.len() as u64;
        let body = std::io::Cursor::new(before).chain(content.take(bytes)).chain(std::io::Cursor::new(after));
        let request = self.client.post(self.at(action)).header("content-type", MULTIPART);
        Page::of(request.body(reqwest::blocking::Body::sized(body, length)).send())
    }

    /// Sends a form with a file, as a browser does: the fields in their order, then the file.
    pub fn post_file(&self, action: &str, fields: &[(&str, &str)], file: (&str, &str, &[u8])) -> Page {
        self.post_bytes(action, MULTIPART, multipart(fields, Some(file)))
    }

    /// Opens the page and sends a form of it with a file, with the token that the page gave.
    pub fn upload(&self, page: &str, action: &str, fields: &[(&str, &str)], file: (&str, &[u8])) -> Page {
        let token = self.get(page).token();
        let fields = [&[("csrf", token.as_str())], fields].concat();
        self.post_file(action, &fields, ("file", file.0, file.1))
    }

    /// Sends a form as a browser does that says from which site it comes.
    pub fn post_from(&self, site: &str, action: &str, token: &str) -> Page {
        let form = [("csrf", token)];
        let body = serde_urlencoded::to_string(form).expect("fields can be encoded");
        let request = self.client.post(self.at(action)).header("sec-fetch-site", site);
        Page::of(request.header("content-type", "application/x-www-form-urlencoded").body(body).send())
    }

    /// Sends a form with these headers beside those of every request.
    pub fn post_saying(&self, action: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Page {
        let body = serde_urlencoded::to_string(fields).expect("fields can be encoded");
        let request = self.client.post(self.at(action)).body(body);
        Page::of(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send())
    }

    /// Sends JSON as another system does, with this API key; with none where it is empty.
    pub fn post_json(&self, path: &str, key: &str, body: impl Into<Vec<u8>>) -> Page {
        let request = self.client.post(self.at(path)).header("content-type", "application/json");
        let request = if key.is_empty() { request } else { request.bearer_auth(key) };
        Page::of(request.body(body.into()).send())
    }

    /// Sends any request.
    pub fn request(&self, method: &str, path: &str) -> Page {
        let method = method.parse().expect("a method");
        Page::of(self.client.request(method, self.at(path)).send())
    }

    /// The cookies that the browser would send.
    pub fn cookie(&self) -> String {
        let url = self.url.parse().expect("it is an address");
        let cookies = self.jar.cookies(&url).expect("there are cookies");
        cookies.to_str().expect("they are plain").to_string()
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

/// What stands between the parts of a form with a file.
const BOUNDARY: &str = "----PartnerbookTest7MA4YWxkTrZu0gW";
/// The media type of such a form.
pub const MULTIPART: &str = "multipart/form-data; boundary=----PartnerbookTest7MA4YWxkTrZu0gW";

/// The body of a form with a file: field, name, content.
pub fn multipart(fields: &[(&str, &str)], file: Option<(&str, &str, &[u8])>) -> Vec<u8> {
    let mut body = parts(fields, file);
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

/// The same without its end: more may follow.
pub fn parts(fields: &[(&str, &str)], file: Option<(&str, &str, &[u8])>) -> Vec<u8> {
    let mut body = Vec::new();
    let mut part = |head: String, content: &[u8]| {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    };
    for (name, value) in fields {
        part(format!("name=\"{name}\""), value.as_bytes());
    }
    if let Some((field, name, content)) = file {
        let name = name.replace('"', "%22");
        part(format!("name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: text/csv"), content);
    }
    body
}

/// An answer.
pub struct Page {
    pub status: u16,
    pub headers: HashMap<String, String>,
    pub html: String,
}

impl Page {
    fn of(response: reqwest::Result<Response>) -> Page {
        let response = response.expect("the server answers");
        let headers = response.headers().iter();
        let headers =
            headers.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()));
        let (status, headers) = (response.status().as_u16(), headers.collect());
        Page { status, headers, html: response.text().expect("the answer is complete") }
    }

    /// A header; empty where it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        assert_eq!(self.status, 303, "no redirect: {}", self.text());
        self.header("location")
    }

    /// The token of the page's forms.
    pub fn token(&self) -> String {
        self.attribute("input[name=csrf]", "value")
    }

    /// An attribute of the first element that matches.
    pub fn attribute(&self, selector: &str, name: &str) -> String {
        let html = Html::parse_document(&self.html);
        let found = html.select(&chosen(selector)).next();
        let value = found.and_then(|element| element.value().attr(name));
        value.unwrap_or_else(|| panic!("no {selector} with {name} in: {}", self.html)).to_string()
    }

    /// The words of every element that matches, blanks squeezed.
    pub fn all(&self, selector: &str) -> Vec<String> {
        let html = Html::parse_document(&self.html);
        html.select(&chosen(selector)).map(|element| squeezed(element.text())).collect()
    }

    /// The words of the first element that matches; empty where none does.
    pub fn first(&self, selector: &str) -> String {
        self.all(selector).into_iter().next().unwrap_or_default()
    }

    /// All words of the page.
    pub fn text(&self) -> String {
        squeezed(Html::parse_document(&self.html).root_element().text())
    }

    /// Asserts that the page shows these words.
    pub fn says(&self, words: &str) -> &Page {
        assert!(
            self.text().contains(words),
            "“{words}” is not on the page ({}): {}",
            self.status,
            self.text()
        );
        self
    }
}

fn chosen(selector: &str) -> Selector {
    Selector::parse(selector).expect("a selector")
}

fn squeezed<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}
