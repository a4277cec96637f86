//! The built program, run as its users run it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long anything here may take before the test gives up. A busy machine is slow.
const LONG: Duration = Duration::from_secs(60);

/// `partnerbook` with nothing set by the environment but the data folder.
pub fn partnerbook(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partnerbook"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("PARTNERBOOK_") || name == "DATABASE_URL" {
            command.env_remove(name);
        }
    }
    command.env("PARTNERBOOK_DATA", data).stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub fn run<S: AsRef<OsStr>>(data: &Path, arguments: impl IntoIterator<Item = S>) -> Output {
    partnerbook(data).args(arguments).output().expect("the program can be run")
}

/// What a command wrote, both ways, for looking things up in and for showing.
pub fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// `partnerbook serve`, running.
pub struct Serving {
    child: Child,
    pub address: String,
    greeting: String,
    output: Option<[JoinHandle<String>; 2]>,
}

impl Serving {
    /// Starts it on a free port and waits until it says that it is ready.
    pub fn start(data: &Path) -> Serving {
        Serving::start_as(partnerbook(data))
    }

    pub fn start_as(mut command: Command) -> Serving {
        command.args(["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program can be run");
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut stderr = child.stderr.take().expect("it is piped");
        let errors = thread::spawn(move || read_all(&mut stderr));
        let mut greeting = String::new();
        while !greeting.ends_with("stops it.\n") {
            if stdout.read_line(&mut greeting).expect("it writes text") == 0 {
                panic!("it did not start: {greeting}{}", errors.join().unwrap_or_default());
            }
        }
        let first = greeting.lines().next().and_then(|line| line.split_once(" is ready at "));
        let address = first.expect("the first line tells the address").1.to_string();
        let said = thread::spawn({
            let greeting = greeting.clone();
            move || greeting + read_all(&mut stdout).as_str()
        });
        Serving { child, address, greeting, output: Some([said, errors]) }
    }

    /// The link that makes the first administrator.
    pub fn set_up_link(&self) -> String {
        let link = self.greeting.lines().find(|line| line.contains("/set-up/"));
        link.expect("there is no user yet").to_string()
    }

    /// `GET /health`.
    pub fn health(&self) -> Option<u16> {
        let url = format!("{}/health", self.address);
        reqwest::blocking::get(url).ok().map(|answer| answer.status().as_u16())
    }

    pub fn signal(&self, signal: libc::c_int) {
        // SAFETY: a system call without memory; the child is not reaped yet, so the number is its own.
        unsafe { libc::kill(self.child.id() as libc::pid_t, signal) };
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal (0 is none) and waits for the end: how it ended, and all that it wrote to stdout and stderr.
    pub fn end(mut self, signal: libc::c_int) -> (ExitStatus, String, String) {
        self.signal(signal);
        eventually("it ends", || self.child.try_wait().expect("it is ours"));
        let status = self.child.wait().expect("it is ours");
        let [said, errors] =
            self.output.take().expect("only taken here").map(|read| read.join().unwrap_or_default());
        (status, said, errors)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_all(from: &mut impl Read) -> String {
    let mut text = String::new();
    let _ = from.read_to_string(&mut text);
    text
}

/// Asks until there is an answer.
pub fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(started.elapsed() < LONG, "not within {LONG:?}: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// The PostgreSQL processes of a data folder.
pub fn postgres_processes(data: &Path) -> Vec<u32> {
    let pgdata = data.join("pgdata");
    let processes = std::fs::read_dir("/proc").expect("this is Linux").flatten();
    processes
        .filter(|process| process.path().join("cwd").read_link().is_ok_and(|folder| folder == pgdata))
        .filter_map(|process| process.file_name().to_str()?.parse().ok())
        .collect()
}
