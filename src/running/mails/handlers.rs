//! CRM > Settings > Mail over HTTP.

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::pages::{IndexPage, Shown};
use super::{About, NewMail, State, queries};
use crate::domain::ids::MailId;
use crate::error::AppError;
use crate::running::audit;
use crate::web::admin::{Administrator, Viewer};
use crate::web::flash::Flash;
use crate::web::forms::{Query, page, see_other};
use crate::web::html::counted;
use crate::web::list::{Address, Pager, Window};
use crate::web::{App, paths};

/// `GET /settings/mail`
pub async fn index(viewer: Viewer, app: App, query: Query) -> Result<HttpResponse, AppError> {
    let (state, window, me) = (State::from_word(query.get("state")), Window::of(&query), viewer.user.id);
    let read = app.db.read(move |conn| {
        Ok(Shown {
            state,
            totals: queries::totals(conn)?,
            mails: queries::list(conn, state, window)?,
            last_test: queries::last_test(conn, me)?,
        })
    });
    let shown = read.await?;
    let pager = Pager::new(window, shown.total(), &Address::new(paths::MAIL, &query));
    page(&IndexPage::new(&viewer, &app, shown, pager))
}

/// `POST /settings/mail/tests`
pub async fn create_test(admin: Administrator, app: App) -> Result<HttpResponse, AppError> {
    if app.mail.is_none() {
        admin.flash(Flash::error("Not sent.", "No mail server is set up."));
        return Ok(see_other(paths::MAIL));
    }
    let (who, me) = (admin.who(), admin.user.clone());
    let url = app.public_url.clone();
    let asked = app.db.run(move |conn| {
        let new = NewMail {
            recipient: me.email,
            reply_to: None,
            subject: "A test mail of Partnerbook".into(),
            body: format!(
                "{} asked for this mail at {url}{}, to see whether mail works. It does.\n",
                me.name,
                paths::MAIL
            ),
            about: About::Test(me.id),
        };
        let id = super::ask(conn, &new, who.at)?;
        audit::write(conn, &who, "mail.test", ("mail", id.0), json!({}))
    });
    asked.await?;
    admin.flash(Flash::ok("Asked for.", "What became of it is shown here in a moment."));
    Ok(see_other(paths::MAIL))
}

/// `POST /settings/mail/{id}/again`
pub async fn again(admin: Administrator, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let (id, who) = (MailId(*id), admin.who());
    let tried = app.db.run(move |conn| {
        let again = queries::again(conn, id, who.at)?;
        if again {
            audit::write(conn, &who, "mail.try_again", ("mail", id.0), json!({}))?;
        }
        Ok(again)
    });
    admin.flash(match tried.await? {
        true => Flash::ok("Tried again.", "What becomes of it is shown here in a moment."),
        false => {
            Flash::warn("Nothing to try again.", "It has been sent meanwhile, or it is just being sent.")
        }
    });
    Ok(see_other(paths::MAIL))
}

/// `POST /settings/mail/again`
pub async fn all_again(admin: Administrator, app: App) -> Result<HttpResponse, AppError> {
    let who = admin.who();
    let tried = app.db.run(move |conn| {
        let mails = i64::try_from(queries::all_again(conn, who.at)?).unwrap_or(i64::MAX);
        if mails > 0 {
            audit::write(conn, &who, "mail.try_all_again", ("mail", 0), json!({ "mails": mails }))?;
        }
        Ok(mails)
    });
    admin.flash(match tried.await? {
        0 => Flash::warn("Nothing to try again.", "No mail is given up."),
        mails => Flash::ok(
            format!("{} tried again.", counted(mails, "mail is", "mails are")),
            "What becomes of them is shown here.",
        ),
    });
    Ok(see_other(paths::MAIL))
}

/// `POST /settings/mail/{id}/seen`
pub async fn see(admin: Administrator, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let (id, who) = (MailId(*id), admin.who());
    let seen = app.db.run(move |conn| {
        let seen = queries::see(conn, id, who.at)?;
        if seen {
            audit::write(conn, &who, "mail.see", ("mail", id.0), json!({}))?;
        }
        Ok(seen)
    });
    admin.flash(match seen.await? {
        true => Flash::ok("Left.", "The start page tells of it no longer."),
        false => Flash::warn("Nothing to leave.", "This mail has not failed, or was left before."),
    });
    Ok(see_other(paths::failed_mails()))
}
