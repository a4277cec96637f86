//! Finds PostgreSQL's programs on this machine.

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

/// The oldest PostgreSQL that has all we use: a unique constraint can count NULLs as equal since 15.
pub const OLDEST: u32 = 15;

/// Where Debian and its children keep every version they have.
const DEBIAN: &str = "/usr/lib/postgresql";

/// A folder with `postgres` and `initdb`, and the version they are of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programs {
    pub folder: PathBuf,
    pub major: u32,
}

impl Programs {
    /// Looks in the folder that the administrator names, else in PATH, else where Debian installs.
    /// A cluster that is there already decides which major version it must be.
    pub fn find(named: Option<&Path>, existing: Option<u32>) -> anyhow::Result<Programs> {
        let found: Vec<Programs> = match named {
            Some(folder) => vec![Programs::of(folder)?],
            None => candidates().iter().filter_map(|folder| Programs::of(folder).ok()).collect(),
        };
        Programs::choose(found, existing)
    }

    fn choose(found: Vec<Programs>, existing: Option<u32>) -> anyhow::Result<Programs> {
        let versions: Vec<String> = found.iter().map(|programs| programs.major.to_string()).collect();
        let fits = |programs: &Programs| match existing {
            Some(major) => programs.major == major,
            None => programs.major >= OLDEST,
        };
        if let Some(programs) = found.into_iter().find(fits) {
            return Ok(programs);
        }
        let here = match versions.is_empty() {
            true => "no PostgreSQL was found on this machine".to_string(),
            false => format!("this machine has PostgreSQL {}", versions.join(" and ")),
        };
        let (need, package) = match existing {
            Some(major) => (format!("the data is PostgreSQL {major}'s"), format!("postgresql-{major}")),
            None => (format!("Partnerbook needs PostgreSQL {OLDEST} or newer"), "postgresql".into()),
        };
        bail!(
            "{need}, and {here}. Install it with `apt-get install {package}`, or say where it is with \
             PARTNERBOOK_PG_BIN, or give the address of a server with DATABASE_URL"
        )
    }

    fn of(folder: &Path) -> anyhow::Result<Programs> {
        // PATH often holds links into the real folder, and PostgreSQL finds its files beside the real one.
        let postgres = folder.join("postgres").canonicalize()?;
        let folder = postgres.parent().context("no folder")?.to_path_buf();
        folder.join("initdb").canonicalize().with_context(|| format!("no initdb in {}", folder.display()))?;
        let output = Command::new(&postgres).arg("--version").output();
        let output = output.with_context(|| format!("cannot run {}", postgres.display()))?;
        let version = String::from_utf8_lossy(&output.stdout).into_owned();
        let major = major(&version).with_context(|| format!("{} is not PostgreSQL", postgres.display()))?;
        Ok(Programs { folder, major })
    }
}

/// `postgres (PostgreSQL) 15.16 (Debian 15.16-0+deb12u1)` or `postgres (PostgreSQL) 18beta1`.
fn major(version: &str) -> Option<u32> {
    let number = version.split_once("(PostgreSQL) ")?.1;
    let digits = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    number[..digits].parse().ok()
}

fn candidates() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut installed: Vec<(u32, PathBuf)> = fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    installed.sort_by_key(|(major, _)| Reverse(*major));
    folders.extend(installed.into_iter().map(|(_, folder)| folder));
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installed(majors: &[u32]) -> Vec<Programs> {
        majors.iter().map(|&major| Programs { folder: format!("/pg/{major}").into(), major }).collect()
    }

    #[test]
    fn the_major_version_is_read_from_any_release() {
        assert_eq!(major("postgres (PostgreSQL) 15.16 (Debian 15.16-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major("BusyBox v1.36"), None);
    }

    #[test]
    fn existing_data_decides_the_version() {
        assert_eq!(Programs::choose(installed(&[17, 15]), Some(15)).unwrap().major, 15);
        assert_eq!(Programs::choose(installed(&[17, 15]), None).unwrap().major, 17);
        let refusal = Programs::choose(installed(&[17]), Some(15)).unwrap_err().to_string();
        assert!(refusal.contains("apt-get install postgresql-15"), "{refusal}");
    }

    #[test]
    fn a_machine_without_postgresql_is_told_how_to_get_it() {
        for found in [installed(&[]), installed(&[OLDEST - 1])] {
            let refusal = Programs::choose(found, None).unwrap_err().to_string();
            assert!(refusal.contains("apt-get install postgresql`"), "{refusal}");
        }
    }
}
