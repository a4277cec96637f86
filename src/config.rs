//! What is decided before start, by environment variables or flags. Everything that is wrong with it
//! is named at once, so that nobody mends one setting only to be told of the next.

pub mod account;
pub mod mail;
pub mod proxies;

use crate::domain::mail::is_local_email;
use std::ffi::OsString;
use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};

use account::Account;
use mail::Mail;
use proxies::Proxies;

/// The settings as they were typed. Flags win over the environment; an empty value counts as none,
/// because that is what a blank line in an `.env` file gives.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Settings")]
pub struct Settings {
    /// Folder for everything that is kept: the database, the session key
    /// [default: ./data; as root, /var/lib/partnerbook where ./data cannot serve]
    #[arg(long, global = true, env = "PARTNERBOOK_DATA", value_name = "FOLDER")]
    pub data: Option<OsString>,

    /// Address and port to serve on [default: 127.0.0.1:8080]
    #[arg(long, global = true, env = "PARTNERBOOK_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<OsString>,

    /// What browsers put before our paths, where that is not the address above: behind a proxy with TLS
    /// https://partners.example.com
    #[arg(long, global = true, env = "PARTNERBOOK_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<OsString>,

    /// Addresses or networks of reverse proxies in front of us: what they say about where somebody comes from
    /// (X-Forwarded-For) is believed, such as 127.0.0.1 or 10.0.0.0/8
    #[arg(long, global = true, env = "PARTNERBOOK_PROXIES", value_name = "ADDRESSES")]
    pub proxies: Option<OsString>,

    /// A PostgreSQL server of yours; without it Partnerbook keeps its own in the data folder
    #[arg(long, global = true, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<OsString>,

    /// Folder with the PostgreSQL programs `postgres` and `initdb`
    /// [default: looked for in PATH, then /usr/lib/postgresql]
    #[arg(long, global = true, env = "PARTNERBOOK_PG_BIN", value_name = "FOLDER")]
    pub pg_bin: Option<OsString>,

    /// The mail server: smtps://user:password@host, smtp://user:password@host:587?tls=required or
    /// smtp://localhost:25; without it nobody is mailed
    #[arg(long, global = true, env = "PARTNERBOOK_SMTP_URL", value_name = "URL", hide_env_values = true)]
    pub smtp_url: Option<OsString>,

    /// Whom mails are from: Name <address>
    #[arg(long, global = true, env = "PARTNERBOOK_MAIL_FROM", value_name = "SENDER")]
    pub mail_from: Option<OsString>,
}

/// The settings, read and found sound.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where everything is kept; an absolute path. It need not exist yet: see [`Config::make_data_folder`].
    pub data: PathBuf,
    pub listen: SocketAddr,
    /// `https://partners.example.com`, if it does not follow from `listen`. No slash at the end.
    pub public_url: Option<String>,
    /// Who is believed about where somebody comes from.
    pub proxies: Proxies,
    /// None: our own PostgreSQL in the data folder.
    pub database_url: Option<Secret>,
    /// Where PostgreSQL's programs are, if the administrator says so.
    pub pg_bin: Option<PathBuf>,
    /// None: nobody is mailed.
    pub mail: Option<Mail>,
    /// Who becomes the first administrator when there is no user yet.
    pub first_admin: Option<FirstAdmin>,
}

/// `PARTNERBOOK_ADMIN_EMAIL` and `PARTNERBOOK_ADMIN_PASSWORD`.
#[derive(Debug, Clone)]
pub struct FirstAdmin {
    pub email: String,
    pub password: Secret,
}

/// A value that must not reach a log by way of `{:?}`.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub fn new(value: impl Into<String>) -> Secret {
        Secret(value.into())
    }

    /// The value itself, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// All that is wrong with the settings: one sentence each, beginning with the setting's name.
#[derive(Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<String>);

impl std::error::Error for Problems {}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings cannot be used:")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

const DEFAULT_LISTEN: &str = "127.0.0.1:8080";
const DEFAULT_DATA: &str = "data";
const DEFAULT_DATA_OF_ROOT: &str = "/var/lib/partnerbook";

impl Config {
    /// Reads the settings and, for what has no flag because a command line can be seen by others,
    /// the process's environment.
    pub fn new(settings: &Settings) -> Result<Config, Problems> {
        Config::with_environment(settings, &|name| std::env::var_os(name))
    }

    fn with_environment(
        settings: &Settings,
        environment: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Config, Problems> {
        let mut problems = Vec::new();
        let mut keep = |problem: String| problems.push(problem);

        let listen = listen(settings.listen.as_ref()).map_err(&mut keep);
        let public_url = public_url(settings.public_url.as_ref()).map_err(&mut keep);
        let proxies = proxies(settings.proxies.as_ref()).map_err(&mut keep);
        let database_url = database_url(settings.database_url.as_ref()).map_err(&mut keep);
        let pg_bin = pg_bin(settings.pg_bin.as_ref()).map_err(&mut keep);
        let mail = mail::parse(settings.smtp_url.as_ref(), settings.mail_from.as_ref())
            .map_err(|problems| problems.into_iter().for_each(&mut keep));
        // Our own PostgreSQL is what needs a folder that another account can reach.
        let own_database = !matches!(database_url, Ok(Some(_)));
        let data = data(settings.data.as_ref(), own_database).map_err(&mut keep);
        let first_admin = first_admin(environment).map_err(&mut keep);

        match (data, listen, public_url, proxies, database_url, pg_bin, mail, first_admin) {
            (
                Ok(data),
                Ok(listen),
                Ok(public_url),
                Ok(proxies),
                Ok(database_url),
                Ok(pg_bin),
                Ok(mail),
                Ok(first_admin),
            ) => Ok(Config { data, listen, public_url, proxies, database_url, pg_bin, mail, first_admin }),
            _ => Err(Problems(problems)),
        }
    }

    /// Makes the data folder if it is not there. Nobody else may list it; where PostgreSQL runs under
    /// an account of its own that account must be able to pass through to its own folder.
    pub fn make_data_folder(&self) -> anyhow::Result<()> {
        account::make_folder(&self.data, if account::am_root() { 0o711 } else { 0o700 })
    }
}

/// Where in a data folder our own PostgreSQL keeps its files.
pub fn cluster_in(data: &Path) -> PathBuf {
    data.join("pgdata")
}

/// The value as text, or nothing when it is blank.
fn text<'a>(name: &str, value: Option<&'a OsString>) -> Result<Option<&'a str>, String> {
    let Some(value) = value else { return Ok(None) };
    let value = value.to_str().ok_or_else(|| format!("{name} is not valid UTF-8."))?.trim();
    Ok(Some(value).filter(|value| !value.is_empty()))
}

fn listen(value: Option<&OsString>) -> Result<SocketAddr, String> {
    let value = text("PARTNERBOOK_LISTEN", value)?.unwrap_or(DEFAULT_LISTEN);
    let example = format!("write an address and a port, such as {DEFAULT_LISTEN} or 0.0.0.0:80");
    if value.rsplit_once(':').is_none_or(|(host, port)| host.is_empty() || port.parse::<u16>().is_err()) {
        return Err(format!("PARTNERBOOK_LISTEN is {value:?}: {example}."));
    }
    let mut found = value.to_socket_addrs().map_err(|error| {
        format!("PARTNERBOOK_LISTEN is {value:?}, which cannot be looked up ({error}): {example}.")
    })?;
    found.next().ok_or_else(|| format!("PARTNERBOOK_LISTEN is {value:?}, which has no address: {example}."))
}

fn public_url(value: Option<&OsString>) -> Result<Option<String>, String> {
    let Some(value) = text("PARTNERBOOK_PUBLIC_URL", value)? else { return Ok(None) };
    let url = value.parse::<actix_web::http::Uri>().ok();
    let sound = url.is_some_and(|url| {
        matches!(url.scheme_str(), Some("http" | "https")) && url.path() == "/" && url.query().is_none()
    });
    match sound {
        true => Ok(Some(value.trim_end_matches('/').to_string())),
        false => Err(format!(
            "PARTNERBOOK_PUBLIC_URL is {value:?}: write what stands before the first slash of the path, such as \
             https://partners.example.com."
        )),
    }
}

fn proxies(value: Option<&OsString>) -> Result<Proxies, String> {
    Proxies::parse(text("PARTNERBOOK_PROXIES", value)?.unwrap_or_default()).map_err(|wrong| {
        format!(
            "PARTNERBOOK_PROXIES has {wrong:?}, which is no address: write such as 127.0.0.1, 10.0.0.0/8."
        )
    })
}

/// The value is not repeated in the message: it holds a password.
fn database_url(value: Option<&OsString>) -> Result<Option<Secret>, String> {
    let Some(url) = text("DATABASE_URL", value)? else { return Ok(None) };
    let words = url.contains('=') && !url.contains("://");
    if words || url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Some(Secret::new(url)));
    }
    Err("DATABASE_URL is not an address of a PostgreSQL server: write \
         postgres://user:password@host:5432/database, or leave it out for Partnerbook's own."
        .into())
}

fn pg_bin(value: Option<&OsString>) -> Result<Option<PathBuf>, String> {
    let Some(folder) = value.filter(|folder| !folder.is_empty()).map(PathBuf::from) else { return Ok(None) };
    match ["postgres", "initdb"].into_iter().find(|program| !folder.join(program).is_file()) {
        Some(missing) => {
            Err(format!("PARTNERBOOK_PG_BIN is {}, where there is no {missing}.", folder.display()))
        }
        None => Ok(Some(folder)),
    }
}

fn data(value: Option<&OsString>, own_database: bool) -> Result<PathBuf, String> {
    let chosen = value.filter(|folder| !folder.is_empty());
    let wanted = chosen.map(Path::new).unwrap_or(Path::new(DEFAULT_DATA));
    let folder = std::path::absolute(wanted)
        .map_err(|error| format!("PARTNERBOOK_DATA: {} has no full path ({error}).", wanted.display()))?;
    if folder.exists() && !folder.is_dir() {
        return Err(format!("PARTNERBOOK_DATA is {}, which is not a folder.", folder.display()));
    }
    let Some(account) = Account::for_postgres(&cluster_in(&folder)).filter(|_| own_database) else {
        return Ok(folder);
    };
    match account.barrier(&folder) {
        None => Ok(folder),
        Some(_) if chosen.is_none() => Ok(DEFAULT_DATA_OF_ROOT.into()),
        Some(barrier) => Err(format!(
            "PARTNERBOOK_DATA is {}, which the account {} cannot reach: PostgreSQL does not run as root, and {} \
             lets nobody else pass. Choose another folder, such as {DEFAULT_DATA_OF_ROOT}.",
            folder.display(),
            account.name,
            barrier.display()
        )),
    }
}

fn first_admin(environment: &dyn Fn(&str) -> Option<OsString>) -> Result<Option<FirstAdmin>, String> {
    let email = environment("PARTNERBOOK_ADMIN_EMAIL");
    let password = environment("PARTNERBOOK_ADMIN_PASSWORD");
    let email = text("PARTNERBOOK_ADMIN_EMAIL", email.as_ref())?;
    let password = text("PARTNERBOOK_ADMIN_PASSWORD", password.as_ref())?;
    match (email, password) {
        (None, None) => Ok(None),
        (Some(email), Some(_)) if !is_local_email(email) => {
            Err(format!("PARTNERBOOK_ADMIN_EMAIL is {email:?}, which is not an e-mail address."))
        }
        (Some(email), Some(password)) => {
            Ok(Some(FirstAdmin { email: email.into(), password: Secret::new(password) }))
        }
        (Some(_), None) => {
            Err("PARTNERBOOK_ADMIN_PASSWORD is missing: PARTNERBOOK_ADMIN_EMAIL is set.".into())
        }
        (None, Some(_)) => {
            Err("PARTNERBOOK_ADMIN_EMAIL is missing: PARTNERBOOK_ADMIN_PASSWORD is set.".into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: Settings, environment: &[(&str, &str)]) -> Result<Config, Problems> {
        Config::with_environment(&settings, &|name| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into())
        })
    }

    #[test]
    fn nothing_set_is_enough() {
        let config = read(Settings::default(), &[]).unwrap();
        assert_eq!(config.listen, "127.0.0.1:8080".parse().unwrap());
        assert!(config.data.is_absolute());
        assert!(config.database_url.is_none() && config.first_admin.is_none());
    }

    #[test]
    fn blank_values_count_as_none() {
        let blank = || Some(OsString::new());
        let settings = Settings {
            data: blank(),
            listen: blank(),
            public_url: blank(),
            proxies: blank(),
            database_url: blank(),
            pg_bin: blank(),
            smtp_url: blank(),
            mail_from: blank(),
        };
        let config = read(settings, &[("PARTNERBOOK_ADMIN_EMAIL", " ")]).unwrap();
        assert_eq!(config.listen.port(), 8080);
    }

    #[test]
    fn everything_wrong_is_named_at_once() {
        let settings = Settings {
            data: Some("/dev/null".into()),
            listen: Some("8080".into()),
            public_url: Some("partners.example.com".into()),
            proxies: Some("everybody".into()),
            database_url: Some("mysql://root:hunter2@db/book".into()),
            pg_bin: Some("/nowhere".into()),
            smtp_url: Some("smtp://ann:hunter2@mail.example.com".into()),
            mail_from: Some("nobody".into()),
        };
        let Problems(problems) =
            read(settings, &[("PARTNERBOOK_ADMIN_EMAIL", "ada@example.com")]).unwrap_err();
        let names = [
            "PARTNERBOOK_LISTEN",
            "PARTNERBOOK_PUBLIC_URL",
            "PARTNERBOOK_PROXIES",
            "DATABASE_URL",
            "PARTNERBOOK_PG_BIN",
            "PARTNERBOOK_SMTP_URL",
            "PARTNERBOOK_MAIL_FROM",
            "PARTNERBOOK_DATA",
        ];
        assert_eq!(problems.len(), 9, "{problems:#?}");
        for name in names.iter().chain(&["PARTNERBOOK_ADMIN_PASSWORD"]) {
            assert!(problems.iter().any(|problem| problem.starts_with(name)), "{name}: {problems:#?}");
        }
        assert!(!problems.concat().contains("hunter2"), "{problems:#?}");
    }

    #[test]
    fn secrets_do_not_show_in_debug_output() {
        let settings =
            Settings { database_url: Some("postgres://book:hunter2@db/book".into()), ..Default::default() };
        let admin =
            [("PARTNERBOOK_ADMIN_EMAIL", "ada@example.com"), ("PARTNERBOOK_ADMIN_PASSWORD", "opensesame")];
        let shown = format!("{:?}", read(settings, &admin).unwrap());
        assert!(!shown.contains("hunter2") && !shown.contains("opensesame"), "{shown}");
    }

    #[test]
    fn a_public_url_is_what_stands_before_the_path() {
        let with = |url: &str| read(Settings { public_url: Some(url.into()), ..Default::default() }, &[]);
        let config = with("https://partners.example.com/").unwrap();
        assert_eq!(config.public_url.as_deref(), Some("https://partners.example.com"));
        for wrong in ["ftp://example.com", "https://example.com/book", "https://", "example.com:80", "/"] {
            assert!(with(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_listen_address_may_be_a_name_and_the_port_must_fit() {
        let with = |listen: &str| read(Settings { listen: Some(listen.into()), ..Default::default() }, &[]);
        assert!(with("localhost:0").unwrap().listen.ip().is_loopback());
        for wrong in ["localhost:70000", "localhost:", ":80", "127.0.0.1", "1.2.3.4.5:80"] {
            assert!(with(wrong).is_err(), "{wrong}");
        }
    }
}
