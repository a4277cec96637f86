//! The folders of our own PostgreSQL, and the commands that make and run it.

use std::fs;
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, lchown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use super::Setup;
use super::programs::Programs;
use crate::config::account::{Account, make_folder};
use crate::config::cluster_in;

/// The role that owns everything in our own cluster. It has no password: only who may enter the socket's
/// folder can connect, and those could read the data files as well.
pub const OWNER: &str = "partnerbook";

/// The longest path the kernel takes for a socket.
const LONGEST_SOCKET: usize = 107;
const SOCKET_NAME: &str = ".s.PGSQL.5432";
const SHORT_FOLDER: &str = "partnerbook-";

/// For one box that also runs the application: modest memory, disks without a head to move.
const SETTINGS: &[(&str, &str)] = &[
    ("listen_addresses", ""),
    ("port", "5432"),
    ("unix_socket_permissions", "0700"),
    ("max_connections", "100"),
    ("shared_buffers", "128MB"),
    ("effective_cache_size", "1GB"),
    ("work_mem", "16MB"),
    ("maintenance_work_mem", "128MB"),
    ("max_wal_size", "2GB"),
    ("min_wal_size", "128MB"),
    ("wal_compression", "on"),
    ("random_page_cost", "1.1"),
    // Our queries are short; compiling them takes longer than running them.
    ("jit", "off"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    // The supervisor reads what PostgreSQL writes, and tells its levels apart by their English names.
    ("lc_messages", "C"),
    ("log_destination", "stderr"),
    ("logging_collector", "off"),
    ("log_line_prefix", ""),
    ("log_checkpoints", "off"),
];

/// A cluster that is ready to be started.
pub struct Cluster {
    pub pgdata: PathBuf,
    pub socket: PathBuf,
    programs: Programs,
    account: Option<Account>,
    settings: Vec<(String, String)>,
}

impl Cluster {
    /// Makes what is not there yet: the database files, under another name until they are complete, and
    /// the folder of the socket. `lock` is for `initdb` to inherit, so that one which outlives a killed
    /// predecessor is waited for.
    pub fn prepare(data: &Path, setup: &Setup, lock: RawFd) -> anyhow::Result<Cluster> {
        let pgdata = cluster_in(data);
        let existing = existing_major(&pgdata)?;
        let programs = Programs::find(setup.programs.as_deref(), existing)?;
        let account = Account::for_postgres(&pgdata);
        let settings = SETTINGS.iter().chain(&setup.settings);
        let mut cluster = Cluster {
            socket: PathBuf::new(),
            programs,
            account,
            settings: settings.map(|(name, value)| (name.to_string(), value.to_string())).collect(),
            pgdata,
        };
        match existing {
            None => cluster.init(lock)?,
            Some(_) => cluster.hand_over(&cluster.pgdata)?,
        }
        cluster.socket = cluster.make_socket_folder(data)?;
        Ok(cluster)
    }

    fn init(&self, lock: RawFd) -> anyhow::Result<()> {
        if self.pgdata.exists() {
            bail!("{} is not a PostgreSQL data folder: it has no PG_VERSION", self.pgdata.display());
        }
        let unfinished = self.pgdata.with_extension("new");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished)
                .with_context(|| format!("cannot remove {}", unfinished.display()))?;
        }
        make_folder(&unfinished, 0o700)?;
        self.hand_over(&unfinished)?;

        let mut initdb = self.program("initdb");
        initdb.arg("-D").arg(&unfinished);
        initdb.args(["-U", OWNER, "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"]);
        initdb.arg("--no-instructions");
        if self.settings.iter().any(|(name, value)| name == "fsync" && value == "off") {
            initdb.arg("--no-sync");
        }
        let output = inherit(&mut initdb, lock, libc::SIGTERM).output().context("cannot run initdb")?;
        if !output.status.success() {
            bail!("initdb failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        fs::rename(&unfinished, &self.pgdata).context("cannot give the new database its name")?;
        if let Some(data) = self.pgdata.parent() {
            fs::File::open(data)
                .and_then(|folder| folder.sync_all())
                .context("cannot sync the data folder")?;
        }
        Ok(())
    }

    /// Gives a folder to the account that PostgreSQL runs under, closed to everybody else as it demands.
    /// A folder restored as root is root's all the way down.
    fn hand_over(&self, folder: &Path) -> anyhow::Result<()> {
        let change = || -> io::Result<()> {
            if let Some(account) = &self.account
                && fs::metadata(folder)?.uid() != account.uid
            {
                chown_all(folder, account)?;
            }
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
        };
        change().with_context(|| format!("cannot give {} to PostgreSQL", folder.display()))
    }

    /// In the data folder if the path is short enough and plain, else a folder of its own.
    fn make_socket_folder(&self, data: &Path) -> anyhow::Result<PathBuf> {
        let beside = data.join("socket");
        // PostgreSQL reads the setting as a list.
        let plain = !beside.as_os_str().as_bytes().iter().any(|byte| b",\"'\n".contains(byte));
        let fits = beside.join(SOCKET_NAME).as_os_str().len() <= LONGEST_SOCKET;
        let folder = if plain && fits {
            beside
        } else {
            let parent = if self.account.is_some() { "/run" } else { "/tmp" };
            // A name that nobody can foresee, so that nobody can have made the folder before us.
            Path::new(parent).join(format!("{SHORT_FOLDER}{}", uuid::Uuid::new_v4().simple()))
        };
        make_folder(&folder, 0o700)?;
        if let Some(account) = &self.account {
            chown(&folder, Some(account.uid), Some(account.gid))
                .context("cannot give the socket's folder away")?;
        }
        Ok(folder)
    }

    /// `postgres` itself, not `pg_ctl`: it is to be our child.
    pub fn postgres(&self, lock: RawFd) -> Command {
        let mut command = self.program("postgres");
        command.arg("-D").arg(&self.pgdata);
        // Joined as bytes: a path need not be UTF-8.
        let mut sockets = std::ffi::OsString::from("unix_socket_directories=");
        sockets.push(&self.socket);
        command.arg("-c").arg(sockets);
        for (name, value) in &self.settings {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        inherit(&mut command, lock, libc::SIGINT);
        command
    }

    /// Where a postmaster writes down its process number and how far it is.
    pub fn pid_file(&self) -> PathBuf {
        self.pgdata.join("postmaster.pid")
    }

    /// Removes what a killed postmaster has left: with the lock held no process of this cluster is left,
    /// whatever these files say. The number in them may by now be somebody else's, or still that of a
    /// dead process which nobody has reaped, and would keep PostgreSQL from starting.
    pub fn remove_stale_files(&self) -> io::Result<()> {
        let socket = self.socket.join(SOCKET_NAME);
        let socket_lock = self.socket.join(format!("{SOCKET_NAME}.lock"));
        for file in [self.pid_file(), socket, socket_lock] {
            match fs::remove_file(file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.folder.join(name));
        // A group of its own: Ctrl-C at the terminal is for us, who stop things in order.
        command.stdin(Stdio::null()).current_dir("/").process_group(0);
        // Settings of a libpq client have no place here; PGDATA and the like would even mislead.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_bytes().starts_with(b"PG")) {
            command.env_remove(name);
        }
        if let Some(account) = &self.account {
            command.uid(account.uid).gid(account.gid);
        }
        command
    }
}

/// Removes a socket folder that is not in the data folder.
pub fn remove_short_socket_folder(folder: &Path) {
    let ours = folder.file_name().is_some_and(|name| name.as_bytes().starts_with(SHORT_FOLDER.as_bytes()));
    if ours && let Err(error) = fs::remove_dir_all(folder) {
        tracing::debug!("{} stays: {error}", folder.display());
    }
}

fn existing_major(pgdata: &Path) -> anyhow::Result<Option<u32>> {
    let path = pgdata.join("PG_VERSION");
    match fs::read_to_string(&path) {
        Ok(version) => {
            let major = version.trim().parse().with_context(|| format!("{} is damaged", path.display()))?;
            Ok(Some(major))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

fn chown_all(path: &Path, account: &Account) -> io::Result<()> {
    lchown(path, Some(account.uid), Some(account.gid))?;
    if fs::symlink_metadata(path)?.is_dir() {
        for entry in fs::read_dir(path)? {
            chown_all(&entry?.path(), account)?;
        }
    }
    Ok(())
}

/// Lets a child inherit the lock, and sends it `signal` when we die, however we die. The kernel ties
/// that promise to the thread that starts the child, and takes it back when the child changes its
/// user: so this runs after that, and the thread has to live as long as the child.
fn inherit(command: &mut Command, lock: RawFd, signal: libc::c_int) -> &mut Command {
    let parent = std::process::id();
    let before_exec = move || {
        // SAFETY: three system calls that touch no memory.
        unsafe {
            if libc::prctl(libc::PR_SET_PDEATHSIG, signal as libc::c_ulong) != 0
                || libc::fcntl(lock, libc::F_SETFD, 0) != 0
            {
                return Err(io::Error::last_os_error());
            }
            // We may have died before the promise was given.
            if libc::getppid() as u32 != parent {
                return Err(io::Error::from_raw_os_error(libc::ESRCH));
            }
        }
        Ok(())
    };
    // SAFETY: between fork and exec the closure only makes system calls; it neither allocates nor locks.
    unsafe { command.pre_exec(before_exec) }
}

/// The descriptor to pass to [`Cluster::prepare`] and [`Cluster::postgres`].
pub fn descriptor(lock: &fs::File) -> RawFd {
    lock.as_raw_fd()
}
