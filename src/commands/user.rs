//! `partnerbook user`: who may sign in, from the command line.

use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use diesel::PgConnection;

use super::with_database;
use crate::config::Config;
use crate::domain::ids::UserId;
use crate::error::AppError;
use crate::running::audit::Who;
use crate::running::sign_in::passwords;
use crate::running::users::forms::UserForm;
use crate::running::users::{self, NewUser};
use crate::web::admin;
use crate::web::clock::Clock;
use crate::web::forms::Problems;

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

/// Does what was asked for, and says so.
pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    match args.action {
        Action::Add { email, role, name } => add(config, email, role, name),
        Action::List => list(config),
        Action::Password { email } => set_password(config, &email),
        Action::Disable { email } => disable(config, &email),
    }
}

fn add(config: &Config, email: String, role: Role, name: Option<String>) -> anyhow::Result<ExitCode> {
    let password = password()?;
    let form = UserForm {
        name: name.unwrap_or_else(|| email.clone()),
        email,
        role: role.role().code().into(),
        version: String::new(),
        password_again: password.clone(),
        password,
    };
    let sound = form.parse_new().map_err(all_of)?;
    let new = NewUser {
        password_hash: passwords::hash(&sound.password)?,
        name: sound.name,
        email: sound.email,
        role: sound.role,
    };
    with_database(config, |db| {
        let who = Who::command_line(Clock::system().now());
        match db.run_now(|conn| users::add(conn, &who, &new))? {
            Some(_) => println!("{} can sign in now, as {}.", new.email, new.role.label().to_lowercase()),
            None => bail!("another user has the e-mail {}", new.email),
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn list(config: &Config) -> anyhow::Result<ExitCode> {
    with_database(config, |db| {
        let users = db.read_now(|conn| Ok(users::queries::all(conn)?))?;
        if users.is_empty() {
            println!("There is no user yet. `partnerbook user add` makes one; so does the set-up page.");
        }
        for user in users {
            let state = if user.is_disabled() { "disabled" } else { "active" };
            println!("{:<40} {:<14} {:<9} {}", user.email, user.role().label(), state, user.name);
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn set_password(config: &Config, email: &str) -> anyhow::Result<ExitCode> {
    let password = password()?;
    let mut problems = Problems::none();
    passwords::read(&mut problems, &password, &password, email);
    problems.or(()).map_err(all_of)?;
    let hash = passwords::hash(&password)?;
    with_database(config, |db| {
        let who = Who::command_line(Clock::system().now());
        db.run_now(|conn| {
            let user = find(conn, email)?;
            users::set_password(conn, &who, user, &hash)
        })?;
        println!("{email} has a new password, and is signed out everywhere.");
        Ok(ExitCode::SUCCESS)
    })
}

fn disable(config: &Config, email: &str) -> anyhow::Result<ExitCode> {
    with_database(config, |db| {
        let who = Who::command_line(Clock::system().now());
        db.run_now(|conn| {
            let user = find(conn, email)?;
            users::set_access(conn, &who, user, false)
        })?;
        println!("{email} is signed out everywhere and cannot sign in any more.");
        Ok(ExitCode::SUCCESS)
    })
}

fn find(conn: &mut PgConnection, email: &str) -> Result<UserId, AppError> {
    let user = users::queries::find_by_email(conn, email)?;
    user.map(|user| user.id()).ok_or_else(|| AppError::not_found(format!("user {email}")))
}

/// The password from the environment, or asked for at the terminal, twice.
fn password() -> anyhow::Result<String> {
    if let Ok(password) = std::env::var("PARTNERBOOK_PASSWORD") {
        return Ok(password);
    }
    let asked = "there is no terminal to ask at: set PARTNERBOOK_PASSWORD";
    let password = rpassword::prompt_password("Password: ").context(asked)?;
    if rpassword::prompt_password("The same again: ").context(asked)? != password {
        bail!("the two passwords differ; nothing was changed");
    }
    Ok(password)
}

fn all_of(problems: Problems) -> anyhow::Error {
    let sentences: Vec<&str> = problems.iter().map(|(_, sentence)| sentence).collect();
    anyhow!("{}", sentences.join(" "))
}

impl Role {
    fn role(self) -> admin::Role {
        match self {
            Role::Administrator => admin::Role::Administrator,
            Role::Viewer => admin::Role::Viewer,
        }
    }
}
