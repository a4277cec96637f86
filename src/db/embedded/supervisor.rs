//! Keeps one `postgres` running: starts it, starts it again when it dies, stops it in the end.

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, bail};

use super::cluster::{Cluster, descriptor};
use super::locks;

/// How long a fast shutdown (SIGINT) may take before an immediate one (SIGQUIT).
const FAST_STOP: Duration = Duration::from_secs(20);
const IMMEDIATE_STOP: Duration = Duration::from_secs(5);
/// How often to look whether a starting PostgreSQL is ready.
const GLANCE: Duration = Duration::from_millis(10);
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Holds the thread that started PostgreSQL. It has to live as long as PostgreSQL: see `inherit`.
pub struct Supervisor {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    status: Mutex<Status>,
    changed: Condvar,
}

#[derive(Default)]
struct Status {
    phase: Phase,
    stopping: bool,
    postmaster: Option<libc::pid_t>,
}

#[derive(Debug, Default, Clone, PartialEq, Eq)]
enum Phase {
    #[default]
    Starting,
    Ready,
    /// The first start failed, and why.
    Failed(String),
    Stopped,
}

impl Supervisor {
    /// Starts PostgreSQL under a lock already taken, and returns once it takes connections. After a
    /// crash that is when all that was acknowledged is in place again.
    pub fn start(cluster: Cluster, data: std::path::PathBuf, lock: fs::File) -> anyhow::Result<Supervisor> {
        let shared = Arc::new(Shared::default());
        let its = shared.clone();
        let thread = thread::Builder::new()
            .name("postgres".into())
            .spawn(move || supervise(&cluster, &data, lock, &its))
            .context("cannot start a thread")?;
        let supervisor = Supervisor { shared, thread: Some(thread) };
        match supervisor.shared.wait_while(None, |status| status.phase == Phase::Starting).phase.clone() {
            Phase::Ready => {}
            Phase::Failed(why) => bail!("PostgreSQL did not start: {why}"),
            Phase::Starting | Phase::Stopped => bail!("PostgreSQL did not start"),
        }
        Ok(supervisor)
    }

    /// Stops PostgreSQL and waits for its end. Doing it twice is the same as doing it once.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        let Some(thread) = self.thread.take() else { return Ok(()) };
        for (signal, patience) in [(libc::SIGINT, FAST_STOP), (libc::SIGQUIT, IMMEDIATE_STOP)] {
            self.shared.signal_to_stop(signal);
            let unfinished = |status: &Status| matches!(status.phase, Phase::Starting | Phase::Ready);
            if !unfinished(&self.shared.wait_while(Some(patience), unfinished)) {
                return thread.join().map_err(|_| anyhow::anyhow!("the supervisor of PostgreSQL panicked"));
            }
            tracing::warn!("PostgreSQL is taking long to stop");
        }
        bail!("PostgreSQL did not stop")
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            tracing::error!("{error:#}");
        }
    }
}

impl Shared {
    /// The status is plain data: good even if somebody panicked while holding it.
    fn lock(&self) -> MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, phase: Phase) {
        self.lock().phase = phase;
        self.changed.notify_all();
    }

    fn wait_while(
        &self,
        patience: Option<Duration>,
        condition: impl Fn(&Status) -> bool,
    ) -> MutexGuard<'_, Status> {
        let condition = |status: &mut Status| condition(status);
        match patience {
            None => self.changed.wait_while(self.lock(), condition).unwrap_or_else(PoisonError::into_inner),
            Some(patience) => {
                let waited = self.changed.wait_timeout_while(self.lock(), patience, condition);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
        }
    }

    fn signal_to_stop(&self, signal: libc::c_int) {
        let mut status = self.lock();
        status.stopping = true;
        if let Some(postmaster) = status.postmaster {
            // SAFETY: a system call without memory. The number is still the postmaster's: it is
            // reaped under the same lock that takes the number away.
            unsafe { libc::kill(postmaster, signal) };
        }
        drop(status);
        self.changed.notify_all();
    }

    fn stopping(&self) -> bool {
        self.lock().stopping
    }
}

/// The thread: until told to stop, runs one postmaster after the other.
fn supervise(cluster: &Cluster, data: &std::path::Path, lock: fs::File, shared: &Shared) {
    let mut first = Some(lock);
    let mut pause = SHORTEST_PAUSE;
    loop {
        let is_first = first.is_some();
        let lock = match first.take() {
            Some(lock) => Ok(lock),
            None => locks::postgres_lock(data, || shared.stopping()),
        };
        let end = lock.and_then(|lock| run_once(cluster, lock, shared));
        if shared.stopping() {
            return shared.set(Phase::Stopped);
        }
        match end {
            Ok(End { was_ready: true, words }) => {
                tracing::error!("PostgreSQL has stopped unexpectedly and is started again. {words}");
                pause = SHORTEST_PAUSE;
            }
            Ok(End { words, .. }) if is_first => return shared.set(Phase::Failed(words)),
            Err(error) if is_first => return shared.set(Phase::Failed(format!("{error:#}"))),
            Ok(End { words, .. }) => tracing::error!("PostgreSQL does not start: {words}"),
            Err(error) => tracing::error!("PostgreSQL does not start: {error:#}"),
        }
        drop(shared.wait_while(Some(pause), |status| !status.stopping));
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

struct End {
    was_ready: bool,
    /// How it ended, and the last that it said.
    words: String,
}

/// Runs one postmaster from its start to its end.
fn run_once(cluster: &Cluster, lock: fs::File, shared: &Shared) -> anyhow::Result<End> {
    cluster.remove_stale_files().context("cannot tidy up after the last PostgreSQL")?;

    let mut status = shared.lock();
    if status.stopping {
        return Ok(End { was_ready: false, words: String::new() });
    }
    let mut child = cluster.postgres(descriptor(&lock)).spawn().context("cannot run postgres")?;
    status.postmaster = libc::pid_t::try_from(child.id()).ok();
    drop(status);
    // From here on only PostgreSQL's own processes hold it.
    drop(lock);

    let last_words = child.stderr.take().map(listen);
    let was_ready = wait_until_ready(&mut child, &cluster.pid_file());
    if was_ready {
        shared.set(Phase::Ready);
    }
    wait_without_reaping(&child);
    let mut status = shared.lock();
    let exit = child.wait().context("cannot wait for PostgreSQL");
    status.postmaster = None;
    // A postmaster that starts again is not ready, but was: who waits for the first start is long gone.
    drop(status);
    let said = last_words.and_then(|thread| thread.join().ok()).unwrap_or_default();
    Ok(End { was_ready, words: last_sentence(exit?, said) })
}

/// True when it is ready, false when it has ended before.
fn wait_until_ready(child: &mut Child, pid_file: &std::path::Path) -> bool {
    let pid = child.id().to_string();
    loop {
        // The eighth line tells how far the postmaster of the first line is.
        let content = fs::read_to_string(pid_file).unwrap_or_default();
        let mut lines = content.lines();
        if lines.next() == Some(&pid) && lines.nth(6).map(str::trim_end) == Some("ready") {
            return true;
        }
        if has_ended(child) {
            return false;
        }
        thread::sleep(GLANCE);
    }
}

/// Waits for the end of a child and leaves it to be reaped, so that its number stays its own.
fn wait_without_reaping(child: &Child) {
    wait_id(child, libc::WEXITED | libc::WNOWAIT);
}

fn has_ended(child: &Child) -> bool {
    wait_id(child, libc::WEXITED | libc::WNOWAIT | libc::WNOHANG)
}

/// Whether the child has ended.
fn wait_id(child: &Child, options: libc::c_int) -> bool {
    loop {
        // SAFETY: siginfo_t is plain data, for which all zeros are a value; waitid fills it in.
        let (result, info) = unsafe {
            let mut info: libc::siginfo_t = std::mem::zeroed();
            (libc::waitid(libc::P_PID, child.id(), &mut info, options), info)
        };
        match result {
            // SAFETY: the field is there after a successful waitid, and zero when nothing has ended.
            0 => return unsafe { info.si_pid() } != 0,
            _ if std::io::Error::last_os_error().kind() == std::io::ErrorKind::Interrupted => {}
            // No such child: nothing to wait for.
            _ => return true,
        }
    }
}

/// Reads what PostgreSQL writes into our log, and keeps the last lines for the case that it fails.
fn listen(stderr: std::process::ChildStderr) -> JoinHandle<VecDeque<String>> {
    thread::spawn(move || {
        let mut last = VecDeque::new();
        for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            match line.split_once(": ").map(|(level, _)| level) {
                Some("PANIC") => tracing::error!(target: "postgres", "{line}"),
                Some("WARNING" | "FATAL") => tracing::info!(target: "postgres", "{line}"),
                // What a statement did wrong is told by whoever sent it.
                _ => tracing::debug!(target: "postgres", "{line}"),
            }
            if last.len() == 20 {
                last.pop_front();
            }
            last.push_back(line);
        }
        last
    })
}

/// The gravest thing that was said, or all of it.
fn last_sentence(exit: ExitStatus, said: VecDeque<String>) -> String {
    let grave =
        |line: &&String| ["FATAL:", "PANIC:", "postgres:"].iter().any(|level| line.starts_with(level));
    let said = match said.iter().rev().find(grave) {
        Some(line) => line.clone(),
        None => said.into_iter().collect::<Vec<_>>().join(" / "),
    };
    format!("{exit}. {said}")
}
