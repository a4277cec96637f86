//! A server as people run it: the program, with its own PostgreSQL under its own settings, and a browser
//! that is signed in. The peer is psql on that same PostgreSQL.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use partnerbook::db::embedded::Guest;
use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;
use scraper::{Html, Selector};

use crate::program::{self, Serving};

const EMAIL: &str = "ann@example.com";
const PASSWORD: &str = "a password for measuring";

/// A running server and somebody who uses it.
pub struct Machine {
    pub serving: Serving,
    client: Client,
    /// As the owner, without the name of a database.
    socket: PathBuf,
    guest: Guest,
    _folder: tempfile::TempDir,
}

/// A folder that PostgreSQL's account can reach, should we be root.
pub fn folder() -> tempfile::TempDir {
    let folder =
        tempfile::Builder::new().prefix("partnerbook-bench-").tempdir().expect("a folder can be made");
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o711)).expect("it is ours");
    folder
}

impl Machine {
    pub fn start() -> Machine {
        let folder = folder();
        Machine::start_in(folder)
    }

    /// On data that is there already.
    pub fn start_in(folder: tempfile::TempDir) -> Machine {
        let mut command = program::partnerbook(folder.path());
        command.env("PARTNERBOOK_ADMIN_EMAIL", EMAIL).env("PARTNERBOOK_ADMIN_PASSWORD", PASSWORD);
        let serving = Serving::start_as(command);
        let guest = Guest::join(folder.path()).expect("it can be joined").expect("it runs");
        let url = guest.url();
        let host = url.split("host=").nth(1).and_then(|rest| rest.split('&').next()).expect("a socket");
        let socket =
            percent_encoding::percent_decode_str(host).decode_utf8().expect("a path").into_owned().into();
        let client =
            Client::builder().cookie_store(true).redirect(Policy::none()).timeout(Duration::from_secs(600));
        let client = client.build().expect("a client can be made");
        Machine { serving, client, socket, guest, _folder: folder }
    }

    /// A connection as the owner.
    pub fn owner(&self) -> PgConnection {
        PgConnection::establish(&self.guest.url()).expect("the owner may connect")
    }

    /// Makes a second database with the same in it: nobody may look at the first meanwhile.
    pub fn copy(&self, name: &str) {
        let url = self.guest.url().replace("///partnerbook?", "///postgres?");
        let mut conn = PgConnection::establish(&url).expect("the owner may connect");
        let mut run = |sql: &str| conn.batch_execute(sql).unwrap_or_else(|error| panic!("{error} in {sql}"));
        // The server would come back at once.
        run("ALTER DATABASE partnerbook ALLOW_CONNECTIONS false");
        run("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'partnerbook'");
        run(&format!("CREATE DATABASE {name} TEMPLATE partnerbook"));
        run("ALTER DATABASE partnerbook ALLOW_CONNECTIONS true");
    }

    /// Runs SQL in psql; what it prints.
    pub fn psql(&self, database: &str, sql: &str) -> String {
        let mut command = Command::new(program_of_postgres("psql"));
        command.args([
            "-X",
            "-q",
            "-t",
            "-A",
            "-v",
            "ON_ERROR_STOP=1",
            "-U",
            "partnerbook",
            "-p",
            "5432",
            "-d",
            database,
        ]);
        let output = command.arg("-h").arg(&self.socket).args(["-c", sql]).output().expect("psql runs");
        assert!(output.status.success(), "{}: {sql}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_string()
    }

    /// Signs in; nothing happens where that was done before.
    pub fn sign_in(&self) {
        let asked = self.client.get(format!("{}/sign-in", self.serving.address)).send();
        let page = asked.expect("the server answers");
        if page.status() == 303 {
            return;
        }
        let page = page.text().expect("the answer is complete");
        let sent = self.send(
            "/sign-in",
            &[("csrf", token(&page)), ("email", EMAIL.into()), ("password", PASSWORD.into())],
        );
        assert_eq!(sent.status(), 303, "signed in");
    }

    /// A page or a file, to its end.
    pub fn get(&self, path: &str) -> String {
        let answer =
            self.client.get(format!("{}{path}", self.serving.address)).send().expect("the server answers");
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().expect("the answer is complete")
    }

    /// Saves a file as it comes; how many bytes it has.
    pub fn save(&self, path: &str, to: &Path) -> u64 {
        let url = format!("{}{path}", self.serving.address);
        let mut answer = self.client.get(url).send().expect("the server answers");
        assert_eq!(answer.status(), 200, "{path}");
        let mut file = std::fs::File::create(to).expect("a file can be made");
        answer.copy_to(&mut file).expect("the answer is complete")
    }

    /// Sends a form.
    pub fn send(&self, path: &str, fields: &[(&str, String)]) -> Response {
        let body = serde_urlencoded::to_string(fields).expect("fields can be encoded");
        let request = self.client.post(format!("{}{path}", self.serving.address));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        request.send().expect("the server answers")
    }

    /// How much memory the server has had at most, in MB.
    pub fn memory(&self) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.serving.process())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kilobytes.unwrap_or(0) / 1024
    }
}

/// A program of PostgreSQL: Debian keeps those of the server's version out of PATH.
fn program_of_postgres(name: &str) -> PathBuf {
    let chosen = std::env::var_os("PARTNERBOOK_PG_BIN").map(PathBuf::from);
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = installed.map(|entry| entry.path().join("bin")).collect();
    folders.sort();
    let found = chosen
        .into_iter()
        .chain(folders.into_iter().rev())
        .map(|folder| folder.join(name))
        .find(|file| file.exists());
    found.unwrap_or_else(|| Path::new(name).into())
}

/// The token of a page's forms.
pub fn token(page: &str) -> String {
    fields(page, "form").into_iter().find(|(name, _)| name == "csrf").expect("the page has a form").1
}

/// The fields of a form as a browser would send them unchanged.
pub fn fields(page: &str, form: &str) -> Vec<(String, String)> {
    let html = Html::parse_document(page);
    let chosen = format!("{form} input[name], {form} select[name], {form} textarea[name]");
    let mut found = Vec::new();
    for field in html.select(&Selector::parse(&chosen).expect("a selector")) {
        let attribute = |name| field.value().attr(name).unwrap_or_default().to_string();
        let value = match field.value().name() {
            "select" => {
                let option = Selector::parse("option[selected]").expect("a selector");
                let option = field.select(&option).next().and_then(|option| option.value().attr("value"));
                option.unwrap_or("manual").to_string()
            }
            _ if attribute("type") == "checkbox" => continue,
            _ => attribute("value"),
        };
        found.push((attribute("name"), value));
    }
    found
}
