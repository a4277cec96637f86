//! The first start: how the first administrator comes to be. From the environment, or by a link that
//! is printed where only whoever runs the server reads it. The link is void once a user exists, and
//! each start prints a new one.

pub mod handlers;
pub mod pages;
pub mod queries;

use serde_json::json;

use crate::config::FirstAdmin;
use crate::domain::ids::UserId;
use crate::error::AppError;
use crate::running::audit::{self, Who};
use crate::running::sessions::{hashed, new_secret};
use crate::running::sign_in::{self, passwords};
use crate::running::users::{self, NewUser, forms::read_email};
use crate::web::admin::Role;
use crate::web::forms::Problems;
use crate::web::{AppState, paths};

/// What the server prints at its start: where to sign in, or how to make the first administrator.
/// Blocks; meant for the start and not for a request.
pub fn announce(app: &AppState, first_admin: Option<&FirstAdmin>) -> Result<String, AppError> {
    let url = &app.public_url;
    let sign_in = format!("Sign in at {url}{}", paths::SIGN_IN);
    let first = first_admin.map(administrator).transpose()?;
    let (who, token) = (Who::command_line(app.clock.now()), new_secret());
    let token_hash = hashed(&token);
    let (made, exists) = app.db.run_now(move |conn| {
        users::queries::lock(conn)?;
        queries::delete_all(conn)?;
        if users::queries::any(conn)? {
            return Ok((false, true));
        }
        match first {
            Some(first) => Ok((users::add(conn, &who, &first)?.is_some(), true)),
            None => {
                queries::insert(conn, &token_hash, who.at)?;
                Ok((false, false))
            }
        }
    })?;
    Ok(match (made, exists) {
        (true, _) => format!("The first administrator was made from PARTNERBOOK_ADMIN_EMAIL.\n{sign_in}"),
        (false, true) => sign_in,
        (false, false) => format!(
            "Nobody can sign in yet. Open this link to make the first administrator; it works once, until the \
             next start:\n{url}{}",
            paths::set_up(&token)
        ),
    })
}

/// Makes the first administrator of a set-up link; none where the link is not valid or another visitor
/// was faster.
fn make_first(
    conn: &mut diesel::PgConnection,
    who: &Who,
    token: &str,
    new: &NewUser,
) -> Result<Option<UserId>, AppError> {
    users::queries::lock(conn)?;
    if queries::delete(conn, &hashed(token))? == 0 || users::queries::any(conn)? {
        return Ok(None);
    }
    let made = users::add(conn, who, new)?;
    if let Some(id) = made {
        sign_in::queries::signed_in(conn, id, &new.password_hash, who.at)?;
        let who = Who { user_id: Some(id), ..who.clone() };
        audit::write(conn, &who, "user.sign_in", ("user", id.0), json!({}))?;
    }
    Ok(made)
}

fn administrator(first: &FirstAdmin) -> Result<NewUser, AppError> {
    let mut problems = Problems::none();
    let email = read_email(&mut problems, &first.email);
    let password = first.password.reveal();
    let password = passwords::read(&mut problems, password, password, &email);
    if let Some((field, sentence)) = problems.iter().next() {
        let setting = if field == "email" { "PARTNERBOOK_ADMIN_EMAIL" } else { "PARTNERBOOK_ADMIN_PASSWORD" };
        return Err(AppError::Refused(format!("{setting}: {sentence}")));
    }
    let password_hash = passwords::hash(&password)?;
    Ok(NewUser { name: "Administrator".into(), email, role: Role::Administrator, password_hash })
}
