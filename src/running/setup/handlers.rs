//! The one-time set-up page.

use actix_session::Session;
use actix_web::{HttpRequest, HttpResponse, web};

use super::pages::NewPage;
use super::{make_first, queries};
use crate::error::AppError;
use crate::running::audit::{Source, Who};
use crate::running::sessions::hashed;
use crate::running::sign_in::{enter, passwords};
use crate::running::users::NewUser;
use crate::running::users::forms::UserForm;
use crate::web::admin::Role;
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, page, page_with_problems, see_other};
use crate::web::{App, client, csrf, paths};

/// `GET /set-up/{token}`
pub async fn new(session: Session, app: App, token: web::Path<String>) -> Result<HttpResponse, AppError> {
    let token = token.into_inner();
    let hash = hashed(&token);
    if !app.db.read(move |conn| Ok(queries::exists(conn, &hash)?)).await? {
        return Err(void());
    }
    let form = UserForm::default();
    page(&NewPage { csrf: csrf::token(&session), token, form, problems: Problems::none() })
}

/// `POST /set-up/{token}`: makes the administrator, and signs in.
pub async fn create(
    request: HttpRequest,
    session: Session,
    app: App,
    token: web::Path<String>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let token = token.into_inner();
    let form = UserForm { role: Role::Administrator.code().into(), ..UserForm::read(&form) };
    let sound = match form.parse_new() {
        Ok(sound) => sound,
        Err(problems) => {
            return page_with_problems(&NewPage { csrf: csrf::token(&session), token, form, problems });
        }
    };
    let hash = hashed(&token);
    if !app.db.read(move |conn| Ok(queries::exists(conn, &hash)?)).await? {
        return Err(void()); // before the work of hashing
    }
    let password_hash = passwords::hashed(sound.password).await?;
    let new = NewUser { name: sound.name, email: sound.email, role: sound.role, password_hash };
    let (address, at) = (client::address(&request), app.clock.now());
    let (name, source) = (new.name.clone(), Source::Web);
    let who = Who { user_id: None, api_key_id: None, name, address, source, at };
    let made = app.db.run(move |conn| make_first(conn, &who, &token, &new)).await?;
    enter(&session, made.ok_or_else(void)?)?;
    Flash::ok("Welcome.", "You are the first administrator.").keep(&session);
    Ok(see_other(paths::HOME))
}

/// Also after a second press: the first one made the user and signed in.
fn void() -> AppError {
    AppError::not_found(
        "set-up link like this any more. If somebody has been set up, sign in; otherwise start the server again for a new link",
    )
}
