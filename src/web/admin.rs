//! Who is asking: typed extractors that stand as the first argument of each handler. A handler with
//! a [`Viewer`] is reached by everybody who is signed in, one with an [`Administrator`] by
//! administrators only; signed out, the visitor is sent to the sign-in page and comes back.

use actix_session::{Session, SessionExt};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::future::{Ready, ready};
use std::net::IpAddr;
use std::ops::Deref;

use super::AppState;
use super::client;
use super::flash::Flash;
use super::layout::{Company, Layout};
use crate::domain::ids::{ApiKeyId, UserId};
use crate::error::AppError;

/// What a user may do. More roles (finance, staff) come with what they are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May do everything.
    Administrator,
    /// May see everything but the running of the system, and change nothing.
    Viewer,
}

impl Role {
    /// All of them, in the order in which forms offer them.
    pub const ALL: [Role; 2] = [Role::Administrator, Role::Viewer];

    /// The code that the database and forms carry.
    pub fn code(self) -> &'static str {
        match self {
            Role::Administrator => "administrator",
            Role::Viewer => "viewer",
        }
    }

    /// The role of this code.
    pub fn from_code(code: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.code() == code)
    }

    /// Its name on the screen.
    pub fn label(self) -> &'static str {
        match self {
            Role::Administrator => "Administrator",
            Role::Viewer => "Viewer",
        }
    }

    /// What it may do, in one sentence.
    pub fn help(self) -> &'static str {
        match self {
            Role::Administrator => "Sees and does everything: settings, users, payments.",
            Role::Viewer => "Sees partners, orders, reports and payments, and exports them; changes nothing.",
        }
    }
}

/// A user as the session's row in the database says it at this request: a role that was changed or a
/// user who was disabled counts at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Its number.
    pub id: UserId,
    /// Its name, as shown.
    pub name: String,
    /// Its e-mail address.
    pub email: String,
    /// What it may do.
    pub role: Role,
}

/// Where a change came from; the audit log keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A page of this application.
    Web,
    /// The command line.
    Command,
    /// A file that was imported.
    Import,
    /// Another system, by its API key.
    Api,
}

impl Source {
    /// The code that the database keeps.
    pub fn code(self) -> &'static str {
        match self {
            Source::Web => "web",
            Source::Command => "command",
            Source::Import => "import",
            Source::Api => "api",
        }
    }
}

/// Who did something, for the audit log and for *by …* on pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// The user; none for commands and for other systems.
    pub user_id: Option<UserId>,
    /// The API key of another system.
    pub api_key_id: Option<ApiKeyId>,
    /// The name to show now; the audit log keeps only the number.
    pub name: String,
    /// The address that the request came from.
    pub address: Option<IpAddr>,
    /// By which way.
    pub source: Source,
    /// When.
    pub at: DateTime<Utc>,
}

impl Who {
    /// The person at the command line.
    pub fn command_line(at: DateTime<Utc>) -> Who {
        let name = "command line".into();
        Who { user_id: None, api_key_id: None, name, address: None, source: Source::Command, at }
    }
}

/// What is known of a signed-in visitor. Both extractors dereference to it.
pub struct SignedIn {
    /// The user.
    pub user: User,
    /// The company whose book this is.
    pub company: Company,
    /// The session, for messages and tokens.
    pub session: Session,
    /// The address that the request came from.
    pub address: Option<IpAddr>,
    pub(super) path: String,
    pub(super) app: web::Data<AppState>,
}

impl SignedIn {
    /// The frame for a page with this title; takes the message that waits for it.
    pub fn layout(&self, title: impl Into<String>) -> Layout {
        Layout::new(self, title.into())
    }

    /// Leaves a message for the next page.
    pub fn flash(&self, flash: Flash) {
        flash.keep(&self.session);
    }

    /// Who this is, for the audit log. Can be moved into a transaction.
    pub fn who(&self) -> Who {
        Who {
            user_id: Some(self.user.id),
            api_key_id: None,
            name: self.user.name.clone(),
            address: self.address,
            source: Source::Web,
            at: self.app.clock.now(),
        }
    }

    /// Whether this user may change records: buttons that lead to forms are for those who may.
    pub fn may_change(&self) -> bool {
        self.user.role == Role::Administrator
    }

    /// Today where the company is.
    pub fn today(&self) -> NaiveDate {
        self.app.clock.today(self.company.format().zone)
    }
}

/// Anybody who is signed in.
pub struct Viewer(SignedIn);

/// A signed-in administrator.
pub struct Administrator(SignedIn);

impl Deref for Viewer {
    type Target = SignedIn;
    fn deref(&self) -> &SignedIn {
        &self.0
    }
}

impl Deref for Administrator {
    type Target = SignedIn;
    fn deref(&self) -> &SignedIn {
        &self.0
    }
}

impl FromRequest for Viewer {
    type Error = AppError;
    type Future = Ready<Result<Viewer, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(signed_in(request).map(Viewer))
    }
}

impl FromRequest for Administrator {
    type Error = AppError;
    type Future = Ready<Result<Administrator, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(signed_in(request).and_then(|signed_in| match signed_in.user.role {
            Role::Administrator => Ok(Administrator(signed_in)),
            Role::Viewer => Err(AppError::Forbidden),
        }))
    }
}

/// The keys under which the session store puts what it reads with each session. They are never
/// written back.
pub mod session_keys {
    /// The signed-in [`super::User`].
    pub const USER: &str = "user";
    /// The [`super::Company`].
    pub const COMPANY: &str = "company";
    /// Present when the session could not be read.
    pub const UNAVAILABLE: &str = "unavailable";
    /// The number of the user; written at sign-in, and the one that the store keeps in its column.
    pub const USER_ID: &str = "user_id";
}

/// The user of this session; none when nobody is signed in.
pub fn user_of(session: &Session) -> Result<Option<User>, AppError> {
    if session.contains_key(session_keys::UNAVAILABLE) {
        return Err(AppError::Unavailable(anyhow::anyhow!("the session could not be read")));
    }
    session.get(session_keys::USER).map_err(|error| AppError::Internal(anyhow::anyhow!(error)))
}

fn signed_in(request: &HttpRequest) -> Result<SignedIn, AppError> {
    let session = request.get_session();
    let user = user_of(&session)?.ok_or(AppError::SignedOut)?;
    let app = request.app_data::<web::Data<AppState>>();
    let app = app.ok_or_else(|| AppError::Internal(anyhow::anyhow!("the application has no state")))?;
    Ok(SignedIn {
        user,
        company: session.get(session_keys::COMPANY).ok().flatten().unwrap_or_default(),
        address: client::address(request),
        path: request.path().to_string(),
        app: app.clone(),
        session,
    })
}
