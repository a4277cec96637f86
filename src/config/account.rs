//! PostgreSQL refuses to run as root. When we are root it runs under the account `postgres`, and the
//! question is then which folders that account can reach.

use std::fs::{self, Metadata};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use anyhow::Context;

/// The account PostgreSQL runs under when we are root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
}

/// Whether this process is root's.
pub fn am_root() -> bool {
    // SAFETY: geteuid only reads, and cannot fail.
    unsafe { libc::geteuid() == 0 }
}

impl Account {
    /// Who the database in this folder is run by. None when we are not root: PostgreSQL then runs as
    /// whoever we are. A database that is there already stays its owner's, so that one made by
    /// `make run` without root still belongs to its maker after root has started it once.
    pub fn for_postgres(cluster: &Path) -> Option<Account> {
        if !am_root() {
            return None;
        }
        let owner = fs::metadata(cluster).ok().filter(|cluster| cluster.uid() != 0).map(|cluster| Account {
            name: format!("number {}", cluster.uid()),
            uid: cluster.uid(),
            gid: cluster.gid(),
        });
        owner.or_else(|| {
            let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
            Account::named("postgres", &passwd).or_else(|| Account::named("nobody", &passwd))
        })
    }

    fn named(name: &str, passwd: &str) -> Option<Account> {
        let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2).map(str::parse);
        let (uid, gid) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
        Some(Account { name: name.into(), uid, gid })
    }

    /// The folder on the way to `path` that this account cannot pass, if there is one. What is not there
    /// yet we shall make ourselves.
    pub fn barrier(&self, path: &Path) -> Option<PathBuf> {
        let mut there = path.ancestors().filter(|folder| folder.exists());
        let existing = there.next()?.canonicalize().ok()?;
        existing
            .ancestors()
            .find(|folder| fs::metadata(folder).is_ok_and(|metadata| !self.may_pass(&metadata)))
            .map(Path::to_path_buf)
    }

    fn may_pass(&self, folder: &Metadata) -> bool {
        let execute = if folder.uid() == self.uid {
            0o100
        } else if folder.gid() == self.gid {
            0o010
        } else {
            0o001
        };
        folder.mode() & execute != 0
    }
}

/// Makes a folder with its parents, unless it is there already.
pub fn make_folder(folder: &Path, mode: u32) -> anyhow::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).with_context(|| format!("cannot make the folder {}", parent.display()))?;
    }
    match fs::DirBuilder::new().mode(mode).create(folder) {
        Err(_) if folder.is_dir() => Ok(()),
        made => made.with_context(|| format!("cannot make the folder {}", folder.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const PASSWD: &str =
        "root:x:0:0:root:/root:/bin/bash\npostgres:x:101:104::/var/lib/postgresql:/bin/bash\n";

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let found = Account::named("postgres", PASSWD).unwrap();
        assert_eq!((found.uid, found.gid), (101, 104));
        assert_eq!(Account::named("post", PASSWD), None);
    }

    #[test]
    fn a_closed_parent_is_the_barrier_also_for_a_folder_that_is_not_there_yet() {
        let folder = tempfile::tempdir().unwrap();
        let closed = folder.path().canonicalize().unwrap();
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
        let stranger = Account { name: "stranger".into(), uid: 54_321, gid: 54_321 };
        assert_eq!(stranger.barrier(&closed.join("not/yet")), Some(closed.clone()));
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o711)).unwrap();
        assert_eq!(stranger.barrier(&closed.join("not/yet")), None);
    }
}
