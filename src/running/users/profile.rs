//! The signed-in user's own page: who they are here, and their password.

use actix_web::HttpResponse;

use super::pages::ProfilePage;
use crate::error::AppError;
use crate::running::sign_in::attempts::{self, Begun};
use crate::running::sign_in::{enter, passwords, queries};
use crate::web::admin::Viewer;
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, page, page_with_problems, see_other};
use crate::web::{App, paths};

/// `GET /profile`
pub async fn edit(viewer: Viewer) -> Result<HttpResponse, AppError> {
    page(&ProfilePage::new(&viewer, Problems::none()))
}

/// `POST /profile/password`: the old password proves that it is not somebody at an unlocked screen.
/// All other sessions end, and this one gets a new key.
pub async fn update(viewer: Viewer, app: App, form: FormData) -> Result<HttpResponse, AppError> {
    let mut problems = Problems::none();
    let (email, who) = (viewer.user.email.clone(), viewer.who());
    let password = passwords::read(&mut problems, form.get("password"), form.get("password_again"), &email);
    let begun = app.db.run(move |conn| {
        let begun = attempts::begin(conn, &email, who.address, who.at)?;
        Ok((begun, queries::credentials(conn, &email)?))
    });
    let attempt = match begun.await? {
        (Begun::Wait(minutes), _) => {
            problems.add("current", format!("Too many tries. Wait {minutes} minutes, then try again."));
            None
        }
        (Begun::Allowed(attempt, _), credentials) => {
            let kept = credentials.map(|credentials| credentials.password_hash);
            let right = passwords::is_right(form.get("current").to_string(), kept).await?;
            if !right {
                problems.add("current", "This is not your present password.");
            }
            Some(attempt)
        }
    };
    let Some(attempt) = attempt.filter(|_| problems.is_empty()) else {
        return page_with_problems(&ProfilePage::new(&viewer, problems));
    };
    let (hash, who, me) = (passwords::hashed(password).await?, viewer.who(), viewer.user.id);
    app.db
        .run(move |conn| {
            attempts::succeed(conn, &attempt)?;
            super::set_password(conn, &who, me, &hash)
        })
        .await?;
    enter(&viewer.session, me)?;
    viewer.flash(Flash::ok("Saved.", "Your password is changed, and all your other sessions have ended."));
    Ok(see_other(paths::PROFILE))
}
