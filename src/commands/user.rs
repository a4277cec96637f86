//! `partnerbook user`: who may sign in, from the command line.

use std::process::ExitCode;

use super::not_wired_yet;
use crate::config::Config;

/// Add, list and disable the users who may sign in
///
/// A password is asked for at the terminal, or taken from PARTNERBOOK_PASSWORD; never from the command
/// line, where others could see it. Works while Partnerbook is running and while it is not.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  partnerbook user add ada@example.com --role administrator --name 'Ada King'
  PARTNERBOOK_PASSWORD=... partnerbook user add bob@example.com
  partnerbook user list")]
pub struct Args {
    #[command(subcommand)]
    pub action: Action,
}

#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Add a user
    Add {
        /// The address to sign in with
        email: String,
        #[arg(long, value_enum, default_value_t = Role::Viewer)]
        role: Role,
        /// The name to show, if not the address
        #[arg(long)]
        name: Option<String>,
    },
    /// List the users
    List,
    /// Give a user a new password, and sign them out everywhere
    Password {
        /// The address they sign in with
        email: String,
    },
    /// Sign a user out everywhere, and let them in no more
    Disable {
        /// The address they sign in with
        email: String,
    },
}

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Role {
    /// Everything
    Administrator,
    /// See everything, change nothing
    Viewer,
}

pub fn run(_args: Args, _config: &Config) -> anyhow::Result<ExitCode> {
    not_wired_yet("user")
}
