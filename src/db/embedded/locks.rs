//! Who may do what with a data folder. Three locks, all of them `flock`s, which vanish with the
//! processes that hold them, so that nothing is ever stale after a kill -9:
//!
//! - `partnerbook.lock`: the one process that runs the database; its content says how to reach it.
//! - `postgres.lock`: every PostgreSQL process of this folder, by inheritance. Who gets it knows that
//!   none is left, whatever `postmaster.pid` says.
//! - `guests.lock`: shared by commands that use a database which another process runs.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Read;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

/// How long we wait for the PostgreSQL of a killed predecessor to write everything down and end.
const PREDECESSOR: Duration = Duration::from_secs(60);

/// Who runs the database of a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub process: u32,
    /// Where the database's socket is; none while it starts or stops.
    pub socket: Option<PathBuf>,
}

/// Held by the process that runs the database.
pub struct HolderLock {
    file: File,
    /// What the one before us left written, for tidying up after it.
    pub predecessor: Holder,
}

impl HolderLock {
    /// None when another process has it.
    pub fn take(data: &Path) -> anyhow::Result<Option<HolderLock>> {
        let path = data.join("partnerbook.lock");
        let file = open(&path)?;
        if !try_lock(&file, &path, File::try_lock)? {
            return Ok(None);
        }
        let lock = HolderLock { predecessor: read(&file), file };
        lock.write(None)?;
        Ok(Some(lock))
    }

    /// Tells others where the database is, or that it is not to be reached.
    pub fn write(&self, socket: Option<&Path>) -> anyhow::Result<()> {
        let holder = Holder { process: std::process::id(), socket: socket.map(Path::to_path_buf) };
        let content = serde_json::to_vec(&holder)?;
        self.file.set_len(0)?;
        self.file.write_all_at(&content, 0).context("cannot write partnerbook.lock")
    }
}

/// What the holder has written. Good for as long as the holder holds its lock.
pub fn holder(data: &Path) -> Holder {
    File::open(data.join("partnerbook.lock")).map(|file| read(&file)).unwrap_or_default()
}

fn read(mut file: &File) -> Holder {
    let mut content = String::new();
    // A reader may come between the two steps of a write: that is a holder still starting.
    let _ = file.read_to_string(&mut content);
    serde_json::from_str(&content).unwrap_or_default()
}

/// Waits until no PostgreSQL process of this folder is left, and returns the lock for the next
/// postmaster to inherit.
pub fn postgres_lock(data: &Path, give_up: impl Fn() -> bool) -> anyhow::Result<File> {
    let path = data.join("postgres.lock");
    let file = open(&path)?;
    let started = Instant::now();
    while !try_lock(&file, &path, File::try_lock)? {
        if started.elapsed() > PREDECESSOR || give_up() {
            bail!(
                "the PostgreSQL of an earlier start is still at work in {}; please try again in a minute",
                data.display()
            );
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(file)
}

/// Held by a command for as long as it uses another process's database. None: that process is just
/// about to stop it.
pub fn guest_lock(data: &Path) -> anyhow::Result<Option<File>> {
    let path = data.join("guests.lock");
    let file = open(&path)?;
    Ok(try_lock(&file, &path, File::try_lock_shared)?.then_some(file))
}

/// Waits until no guest is left; while the file is held none comes.
pub fn no_guests_lock(data: &Path) -> anyhow::Result<File> {
    let file = open(&data.join("guests.lock"))?;
    file.lock().context("cannot lock guests.lock")?;
    Ok(file)
}

fn open(path: &Path) -> anyhow::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot open {}", path.display()))
}

fn try_lock(file: &File, path: &Path, how: fn(&File) -> Result<(), TryLockError>) -> anyhow::Result<bool> {
    match how(file) {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error)
            .with_context(|| format!("cannot lock {} (does its file system have locks?)", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_holds_a_folder_and_others_learn_where_its_database_is() {
        let data = tempfile::tempdir().unwrap();
        let lock = HolderLock::take(data.path()).unwrap().unwrap();
        assert!(HolderLock::take(data.path()).unwrap().is_none());
        assert_eq!(holder(data.path()).socket, None);
        lock.write(Some(Path::new("/run/here"))).unwrap();
        let expected = Holder { process: std::process::id(), socket: Some("/run/here".into()) };
        assert_eq!(holder(data.path()), expected);

        drop(lock);
        assert_eq!(HolderLock::take(data.path()).unwrap().unwrap().predecessor, expected);
    }

    #[test]
    fn guests_share_and_the_host_leaves_last() {
        let data = tempfile::tempdir().unwrap();
        let guests = [guest_lock(data.path()).unwrap().unwrap(), guest_lock(data.path()).unwrap().unwrap()];
        drop(guests);
        let leaving = no_guests_lock(data.path()).unwrap();
        assert!(guest_lock(data.path()).unwrap().is_none());
        drop(leaving);
    }
}
