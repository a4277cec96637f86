//! The program: reads what is asked, sets up logging, runs the command, and tells what went wrong.

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use partnerbook::commands::{demo, import, migrate, serve, user, verify};
use partnerbook::config::{Config, Settings};
use tracing_subscriber::EnvFilter;

/// The referral-partner book: who referred the customer, what they earned, what was paid
#[derive(Debug, Parser)]
#[command(name = "partnerbook", version, arg_required_else_help = true)]
#[command(after_help = "\
Every setting can be given by environment variable or flag; the flag wins. PARTNERBOOK_LOG=info tells more
about what goes on (debug: much more). The exit status is 0 only if all went well.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Args),
    Migrate(migrate::Args),
    Import(import::Args),
    Verify(verify::Args),
    User(user::Args),
    Demo(demo::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    log_to_stderr();
    match run(cli) {
        Ok(status) => status,
        Err(error) => {
            eprintln!("partnerbook: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let config = Config::new(&cli.settings)?;
    match cli.command {
        Command::Serve(args) => serve::run(args, &config),
        Command::Migrate(args) => migrate::run(args, &config),
        Command::Import(args) => import::run(args, &config),
        Command::Verify(args) => verify::run(args, &config),
        Command::User(args) => user::run(args, &config),
        Command::Demo(args) => demo::run(args, &config),
    }
}

/// Quiet unless something is wrong. The pool repeats every second what the request that waited for it
/// says once.
fn log_to_stderr() {
    let wanted = std::env::var("PARTNERBOOK_LOG").unwrap_or_default();
    let quiet = EnvFilter::new("warn,r2d2=off");
    let filter = if wanted.is_empty() { quiet } else { EnvFilter::try_new(wanted).unwrap_or(quiet) };
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).init();
}
