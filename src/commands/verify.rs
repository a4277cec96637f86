//! `partnerbook verify`: proves that the book is whole.

use std::process::ExitCode;

use super::not_wired_yet;
use crate::config::Config;

/// Prove that every sum, settlement and commission in the book is right
///
/// Works every balance, roll-up, payment and commission out again from what it came from, and prints one
/// digest of the book. Exits with status 1 and names the place if anything does not agree. It changes
/// nothing, and works while Partnerbook is running and while it is not.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  partnerbook verify && echo all is well")]
pub struct Args {}

pub fn run(_args: Args, _config: &Config) -> anyhow::Result<ExitCode> {
    not_wired_yet("verify")
}
