//! A small mail server: it takes mails, or answers as a test wants, and shows what it was given.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use mailparse::{MailHeaderMap, ParsedMail};
use partnerbook::config::mail::{self, Mail};

/// Whom mails of tests are from.
pub const FROM: &str = "Fern & Co <book@partners.example>";

/// What a mail server took.
#[derive(Debug, Clone)]
pub struct Taken {
    /// As the envelope says, each.
    pub to: Vec<String>,
    /// The message as it came.
    pub raw: String,
}

type Answer = Box<dyn Fn(&str) -> Option<String> + Send>;

/// A mail server on a port of this machine.
pub struct MailServer {
    pub port: u16,
    taken: Arc<Mutex<Vec<Taken>>>,
    answer: Arc<Mutex<Answer>>,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// A port that nobody listens on: below those that the system gives out by itself, so that nobody else gets it
/// meanwhile.
pub fn unused_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = std::process::id() * 31 + NEXT.fetch_add(1, Ordering::Relaxed);
        let port = 10_000 + u16::try_from(number % 20_000).expect("it is small");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// How the application is told of a mail server on this port.
pub fn url(port: u16) -> String {
    format!("smtp://127.0.0.1:{port}")
}

/// The same as the application reads it.
pub fn settings(port: u16) -> Mail {
    let read = mail::parse(Some(&url(port).into()), Some(&FROM.into()));
    read.expect("the settings are sound").expect("they are there")
}

impl MailServer {
    /// Starts one that takes everything.
    pub fn start() -> MailServer {
        MailServer::start_on(unused_port())
    }

    pub fn start_on(port: u16) -> MailServer {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
        let taken = Arc::<Mutex<Vec<Taken>>>::default();
        let answer: Arc<Mutex<Answer>> = Arc::new(Mutex::new(Box::new(|_| None)));
        let stopping = Arc::new(AtomicBool::new(false));
        let thread = thread::spawn({
            let (taken, answer, stopping) = (taken.clone(), answer.clone(), stopping.clone());
            move || {
                for client in listener.incoming().flatten() {
                    if stopping.load(Ordering::SeqCst) {
                        return;
                    }
                    let (taken, answer) = (taken.clone(), answer.clone());
                    // Each on its own: senders of several processes come at once.
                    thread::spawn(move || talk(&client, &taken, &answer));
                }
            }
        });
        MailServer { port, taken, answer, stopping, thread: Some(thread) }
    }

    /// From now on it answers a line so, where that gives something: `.` is the end of a mail, and an empty answer
    /// hangs up.
    pub fn answers(&self, answer: impl Fn(&str) -> Option<String> + Send + 'static) {
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(answer);
    }

    /// From now on it answers lines that begin so with these words.
    pub fn says(&self, line: &'static str, words: &'static str) {
        self.answers(move |said| said.starts_with(line).then(|| words.into()));
    }

    /// What it took.
    pub fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // Lets it see that it is to stop.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Speaks with one client until it goes.
fn talk(client: &TcpStream, taken: &Mutex<Vec<Taken>>, answer: &Mutex<Answer>) -> Option<()> {
    let mut lines = BufReader::new(client);
    let mut out = client;
    let mut to = Vec::new();
    let mut say = move |words: &str| out.write_all(format!("{words}\r\n").as_bytes()).ok();
    say("220 mail.test")?;
    loop {
        let line = read_line(&mut lines)?;
        let own = |line: &str| (answer.lock().unwrap_or_else(PoisonError::into_inner))(line);
        if let Some(words) = own(&line) {
            if words.is_empty() {
                return None;
            }
            say(&words)?;
            continue;
        }
        match line.get(..4).unwrap_or_default() {
            "EHLO" => say("250-mail.test\r\n250-AUTH PLAIN\r\n250 8BITMIME")?,
            "MAIL" => {
                to.clear();
                say("250 OK")?
            }
            "RCPT" => {
                to.push(line.split(['<', '>']).nth(1)?.to_string());
                say("250 OK")?
            }
            "DATA" => {
                say("354 Go on")?;
                let raw = read_message(&mut lines)?;
                let words = own(".");
                if words.as_ref().is_some_and(String::is_empty) {
                    return None;
                }
                if words.as_ref().is_none_or(|words| words.starts_with('2')) {
                    let mail = Taken { to: to.clone(), raw };
                    taken.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
                }
                say(words.as_deref().unwrap_or("250 Taken"))?
            }
            "QUIT" => {
                say("221 Bye")?;
                return None;
            }
            _ => say("250 OK")?,
        }
    }
}

fn read_line(lines: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    let read = lines.read_line(&mut line).ok()?;
    (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_string())
}

/// Up to the line with nothing but a full stop; another one that begins with it has one more.
fn read_message(lines: &mut impl BufRead) -> Option<String> {
    let mut message = String::new();
    loop {
        let line = read_line(lines)?;
        if line == "." {
            return Some(message);
        }
        message.push_str(line.strip_prefix('.').unwrap_or(&line));
        message.push_str("\r\n");
    }
}

impl Taken {
    /// As mail programs read it.
    fn read(&self) -> ParsedMail<'_> {
        mailparse::parse_mail(self.raw.as_bytes()).expect("it is a mail")
    }

    /// The names of its headers, in their order.
    pub fn headers(&self) -> Vec<String> {
        self.read().headers.iter().map(|header| header.get_key()).collect()
    }

    /// What a header says.
    pub fn header(&self, name: &str) -> String {
        self.read().headers.get_first_value(name).unwrap_or_else(|| panic!("no {name} in: {}", self.raw))
    }

    /// Its text.
    pub fn text(&self) -> String {
        self.read().get_body().expect("its text can be read").replace("\r\n", "\n")
    }
}
