//! `partnerbook migrate`: brings the database up to date and says what was done.

use std::process::ExitCode;

use super::{Source, warn_of_missing_role};
use crate::config::Config;
use crate::db;

/// Bring the database up to date
///
/// Creates it first if there is none. `serve` and the other commands do the same by themselves when they
/// start; this is for doing it on its own, before a new version is put to work. Doing it again changes
/// nothing, and two at once wait for each other.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  partnerbook migrate --data /var/lib/partnerbook")]
pub struct Args {}

pub fn run(_args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let source = Source::find(config)?;
    let result = db::prepare(&source.url());
    source.close()?;
    let (done, access) = result?;
    for name in &done {
        println!("{name}");
    }
    match done.len() {
        0 => println!("The database is up to date."),
        1 => println!("1 migration run. The database is up to date."),
        count => println!("{count} migrations run. The database is up to date."),
    }
    warn_of_missing_role(&access);
    Ok(ExitCode::SUCCESS)
}
