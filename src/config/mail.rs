//! How mail is sent: the mail server and the sender, as two settings say them. Both or neither.

use std::ffi::OsString;
use std::net::IpAddr;
use std::time::Duration;

use lettre::SmtpTransport;
use lettre::message::Mailbox;
use url::Url;

use super::text;

/// How long a mail server may be silent. Some think for a while over what they were given.
const PATIENCE: Duration = Duration::from_secs(60);

const EXAMPLES: &str = "write smtps://user:password@smtp.example.com, \
                        smtp://user:password@smtp.example.com:587?tls=required, or smtp://localhost:25";

/// How mail is sent.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The server as pages name it: `smtp.example.com:587`.
    pub server: String,
    /// What keeps others from reading along, in words.
    pub encryption: &'static str,
    /// Whom mails are from.
    pub from: Mailbox,
    /// What sends them. It alone knows the password, and does not show it.
    pub transport: SmtpTransport,
}

/// Reads both settings. Problems do not repeat the server's address: it holds a password.
pub fn parse(url: Option<&OsString>, from: Option<&OsString>) -> Result<Option<Mail>, Vec<String>> {
    let url = text("PARTNERBOOK_SMTP_URL", url).and_then(|url| url.map(server).transpose());
    let from = text("PARTNERBOOK_MAIL_FROM", from).and_then(|from| from.map(sender).transpose());
    match (url, from) {
        (Ok(None), Ok(None)) => Ok(None),
        (Ok(Some((server, encryption, transport))), Ok(Some(from))) => {
            Ok(Some(Mail { server, encryption, from, transport }))
        }
        (Ok(Some(_)), Ok(None)) => {
            Err(vec!["PARTNERBOOK_MAIL_FROM is missing: PARTNERBOOK_SMTP_URL is set.".into()])
        }
        (Ok(None), Ok(Some(_))) => {
            Err(vec!["PARTNERBOOK_SMTP_URL is missing: PARTNERBOOK_MAIL_FROM is set.".into()])
        }
        (url, from) => Err(url.err().into_iter().chain(from.err()).collect()),
    }
}

fn server(value: &str) -> Result<(String, &'static str, SmtpTransport), String> {
    let unreadable = || format!("PARTNERBOOK_SMTP_URL is not an address of a mail server: {EXAMPLES}.");
    let url = Url::parse(value).map_err(|_| unreadable())?;
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(unreadable)?;
    let asked: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let (port, encryption) = match (url.scheme(), &asked[..]) {
        ("smtps", []) => (465, "encrypted (TLS)"),
        ("smtp", []) => (25, "not encrypted"),
        ("smtp", [(name, how)]) if name == "tls" && how == "required" => (587, "encrypted (STARTTLS)"),
        ("smtp", [(name, how)]) if name == "tls" && how == "opportunistic" => {
            (587, "encrypted where the server can (STARTTLS)")
        }
        _ => return Err(unreadable()),
    };
    if url.username().is_empty() != url.password().is_none_or(str::is_empty) {
        return Err("PARTNERBOOK_SMTP_URL has a user or a password, but not both: write user:password@ \
                    before the host, with %40 for an @ in either."
            .into());
    }
    let is_sure = ["encrypted (TLS)", "encrypted (STARTTLS)"].contains(&encryption);
    if !url.username().is_empty() && !is_sure && !is_this_machine(host) {
        return Err("PARTNERBOOK_SMTP_URL would send the password in the clear: write smtps://, or \
                    ?tls=required at its end."
            .into());
    }
    let transport = SmtpTransport::from_url(value).map_err(|_| unreadable())?;
    let server = format!("{host}:{}", url.port().unwrap_or(port));
    Ok((server, encryption, transport.timeout(Some(PATIENCE)).build()))
}

fn sender(value: &str) -> Result<Mailbox, String> {
    value.parse().map_err(|_| {
        format!(
            "PARTNERBOOK_MAIL_FROM is {value:?}: write an address with or without a name, such as \
             Fern & Co <partners@example.com>."
        )
    })
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: &str = "Fern & Co <partners@example.com>";

    fn read(url: &str, from: &str) -> Result<Option<Mail>, Vec<String>> {
        parse(Some(&url.into()), Some(&from.into()))
    }

    #[test]
    fn a_server_is_named_with_its_port_and_how_it_is_reached() {
        for (url, server, encryption) in [
            ("smtps://ann:secret@smtp.example.com", "smtp.example.com:465", "encrypted (TLS)"),
            (
                "smtp://ann:s%40cret@smtp.example.com?tls=required",
                "smtp.example.com:587",
                "encrypted (STARTTLS)",
            ),
            ("smtp://localhost", "localhost:25", "not encrypted"),
            ("smtp://ann:secret@127.0.0.1:1025", "127.0.0.1:1025", "not encrypted"),
            ("smtp://mail.lan:2525", "mail.lan:2525", "not encrypted"),
        ] {
            let mail = read(url, FROM).unwrap().unwrap();
            assert_eq!((mail.server.as_str(), mail.encryption), (server, encryption), "{url}");
            assert!(!format!("{mail:?}").contains("cret"), "{mail:?}");
        }
        let mail = read("smtp://localhost", FROM).unwrap().unwrap();
        assert_eq!(mail.from.to_string(), FROM);
        assert!(read(" ", "").unwrap().is_none(), "blank is none");
    }

    #[test]
    fn what_is_wrong_is_named_and_no_password_with_it() {
        for (url, from, names) in [
            ("smtp.example.com", FROM, &["PARTNERBOOK_SMTP_URL is not an address"][..]),
            ("http://ann:hunter2@example.com", FROM, &["PARTNERBOOK_SMTP_URL is not an address"]),
            ("smtp://", FROM, &["PARTNERBOOK_SMTP_URL is not an address"]),
            ("smtp://ann:hunter2@mx.example?tls=perhaps", FROM, &["PARTNERBOOK_SMTP_URL is not an address"]),
            ("smtps://mx.example?tls=required&x=hunter2", FROM, &["PARTNERBOOK_SMTP_URL is not an address"]),
            ("smtp://mx.example:99999", FROM, &["PARTNERBOOK_SMTP_URL is not an address"]),
            ("smtps://ann@mx.example", FROM, &["PARTNERBOOK_SMTP_URL has a user or a password"]),
            ("smtps://:hunter2@mx.example", FROM, &["PARTNERBOOK_SMTP_URL has a user or a password"]),
            ("smtp://ann:hunter2@mx.example", FROM, &["PARTNERBOOK_SMTP_URL would send the password"]),
            (
                "smtp://ann:hunter2@mx.example?tls=opportunistic",
                FROM,
                &["PARTNERBOOK_SMTP_URL would send the password"],
            ),
            ("smtp://localhost", "", &["PARTNERBOOK_MAIL_FROM is missing"]),
            ("", FROM, &["PARTNERBOOK_SMTP_URL is missing"]),
            ("smtp://localhost", "nobody", &["PARTNERBOOK_MAIL_FROM is \"nobody\""]),
            ("hunter2", "nobody", &["PARTNERBOOK_SMTP_URL is not", "PARTNERBOOK_MAIL_FROM is"]),
        ] {
            let problems = read(url, from).unwrap_err();
            assert_eq!(problems.len(), names.len(), "{url} {from}: {problems:?}");
            for (problem, begins) in problems.iter().zip(names) {
                assert!(problem.starts_with(begins), "{url} {from}: {problem}");
                assert!(!problem.contains("hunter2"), "{problem}");
            }
        }
    }
}
