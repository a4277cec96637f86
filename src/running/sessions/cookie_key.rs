//! The key that signs and encrypts session cookies. Kept, or else every restart would sign everybody
//! out: with our own database beside it in the data folder; with somebody's server in the database,
//! so that several of us on it take each other's cookies.

use actix_web::cookie::Key;
use anyhow::Context;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::queries;
use crate::config::Config;
use crate::db::Db;
use crate::error::AppError;

const FILE: &str = "cookies.key";
const BYTES: usize = 64;

/// Reads the key, and makes it at the first start.
pub fn load(db: &Db, config: &Config) -> Result<Key, AppError> {
    let key = match config.database_url {
        Some(_) => {
            let proposed: [u8; BYTES] = rand::random();
            db.run_now(move |conn| Ok(queries::server_key(conn, &proposed)?))?
        }
        None => in_folder(&config.data)?,
    };
    Key::try_from(&key[..]).map_err(|error| AppError::Internal(anyhow::anyhow!("the cookie key: {error}")))
}

/// Only one of us works in a data folder at a time, so nobody else makes it meanwhile.
fn in_folder(folder: &Path) -> anyhow::Result<Vec<u8>> {
    let path = folder.join(FILE);
    match fs::read(&path) {
        Ok(key) if key.len() == BYTES => Ok(key),
        Ok(_) => {
            anyhow::bail!("{} is damaged. Remove it and start again; everybody signs in anew", path.display())
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            make(&path).with_context(|| format!("cannot make {}", path.display()))
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Written aside and renamed, so that a crash leaves no half of a key.
fn make(path: &Path) -> io::Result<Vec<u8>> {
    let aside = path.with_extension("new");
    let key: [u8; BYTES] = rand::random();
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
    file.write_all(&key)?;
    file.sync_all()?;
    fs::rename(&aside, path)?;
    Ok(key.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_key_is_made_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let made = in_folder(folder.path()).unwrap();
        assert_eq!(in_folder(folder.path()).unwrap(), made);
        let mode = std::fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::write(folder.path().join(FILE), "short").unwrap();
        assert!(in_folder(folder.path()).unwrap_err().to_string().contains("is damaged"));
    }
}
