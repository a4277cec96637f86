//! CRM > Settings > Users.

use actix_web::{HttpResponse, web};

use super::forms::UserForm;
use super::pages::{EditPage, IndexPage, NewPage};
use super::queries::{self, User};
use super::{Changed, NewUser};
use crate::domain::ids::UserId;
use crate::error::AppError;
use crate::running::sign_in::passwords;
use crate::web::admin::Administrator;
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, page, page_with_problems, see_other};
use crate::web::{App, paths};

/// `GET /settings/users`
pub async fn index(admin: Administrator, app: App) -> Result<HttpResponse, AppError> {
    let users = app.db.read(|conn| Ok(queries::all(conn)?)).await?;
    page(&IndexPage::new(&admin, users))
}

/// `GET /settings/users/new`
pub async fn new(admin: Administrator) -> Result<HttpResponse, AppError> {
    page(&NewPage::new(&admin, UserForm { role: "viewer".into(), ..UserForm::default() }, Problems::none()))
}

/// `POST /settings/users`
pub async fn create(admin: Administrator, app: App, form: FormData) -> Result<HttpResponse, AppError> {
    let form = UserForm::read(&form);
    let sound = match form.parse_new() {
        Ok(sound) => sound,
        Err(problems) => return page_with_problems(&NewPage::new(&admin, form, problems)),
    };
    let password_hash = passwords::hashed(sound.password).await?;
    let new = NewUser { name: sound.name, email: sound.email, role: sound.role, password_hash };
    let (who, name) = (admin.who(), new.name.clone());
    if app.db.run(move |conn| super::add(conn, &who, &new)).await?.is_none() {
        let problems = Problems::one("email", "Another user has this e-mail address.");
        return page_with_problems(&NewPage::new(&admin, form, problems));
    }
    admin.flash(Flash::ok("Added.", format!("{name} can sign in now. Hand over the password in person.")));
    Ok(see_other(paths::USERS))
}

/// `GET /settings/users/{id}`
pub async fn edit(admin: Administrator, app: App, id: web::Path<UserId>) -> Result<HttpResponse, AppError> {
    let user = find(&app, *id).await?;
    let form = UserForm::of(&user);
    page(&EditPage::new(&admin, user, form, Problems::none()))
}

/// `POST /settings/users/{id}`
pub async fn update(
    admin: Administrator,
    app: App,
    id: web::Path<UserId>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let (id, form) = (*id, UserForm::read(&form));
    let changes = match form.parse_changes() {
        Ok(changes) => changes,
        Err(problems) => {
            return page_with_problems(&EditPage::new(&admin, find(&app, id).await?, form, problems));
        }
    };
    let (who, name) = (admin.who(), changes.name.clone());
    let problems = match app.db.run(move |conn| super::change(conn, &who, id, &changes)).await? {
        Changed::Saved => {
            admin.flash(Flash::ok("Saved.", format!("What {name} may do counts from now on.")));
            return Ok(see_other(paths::USERS));
        }
        Changed::EmailTaken => Problems::one("email", "Another user has this e-mail address."),
        Changed::LastAdministrator => Problems::one(
            "role",
            "This is the only administrator who can sign in. Make somebody else one first.",
        ),
        Changed::Stale => {
            return page_with_problems(&EditPage::with_conflict(&admin, find(&app, id).await?, form));
        }
    };
    page_with_problems(&EditPage::new(&admin, find(&app, id).await?, form, problems))
}

/// `POST /settings/users/{id}/access`
pub async fn update_access(
    admin: Administrator,
    app: App,
    id: web::Path<UserId>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let (id, who) = (*id, admin.who());
    let may_sign_in = match form.get("access") {
        "enabled" => true,
        "disabled" => false,
        _ => return Err(AppError::refused("Choose whether the user may sign in. Nothing was changed.")),
    };
    let name = find(&app, id).await?.name;
    app.db.run(move |conn| super::set_access(conn, &who, id, may_sign_in)).await?;
    admin.flash(match may_sign_in {
        true => Flash::ok("Enabled.", format!("{name} can sign in again.")),
        false => Flash::ok("Disabled.", format!("{name} was signed out everywhere and cannot sign in.")),
    });
    Ok(see_other(paths::USERS))
}

/// `POST /settings/users/{id}/password`
pub async fn update_password(
    admin: Administrator,
    app: App,
    id: web::Path<UserId>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let (id, who, typed) = (*id, admin.who(), UserForm::read(&form));
    let user = find(&app, id).await?;
    let mut problems = Problems::none();
    let password = passwords::read(&mut problems, &typed.password, &typed.password_again, &user.email);
    if !problems.is_empty() {
        let form = UserForm::of(&user);
        return page_with_problems(&EditPage::new(&admin, user, form, problems));
    }
    let hash = passwords::hashed(password).await?;
    app.db.run(move |conn| super::set_password(conn, &who, id, &hash)).await?;
    let text = format!("{} has a new password and was signed out everywhere.", user.name);
    admin.flash(Flash::ok("Saved.", text));
    Ok(see_other(paths::USERS))
}

async fn find(app: &App, id: UserId) -> Result<User, AppError> {
    let found = app.db.read(move |conn| Ok(queries::find(conn, id)?)).await?;
    found.ok_or_else(|| AppError::not_found(format!("user {id}")))
}
