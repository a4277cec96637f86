//! A person's own data over HTTP.

use actix_web::{HttpResponse, web};
use std::io::Write;

use super::Erased;
use super::pages::{EraseForm, PrivacyPage};
use super::queries;
use crate::domain::ids::ContactId;
use crate::error::AppError;
use crate::people::contacts::record;
use crate::web::admin::Administrator;
use crate::web::download::{File, download};
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, page, page_with_problems, see_other};
use crate::web::{App, paths};

/// How often it is tried to lock a person of whom something is being recorded just now.
const TRIES: usize = 8;

/// `GET /contacts/{id}/privacy`
pub async fn show(admin: Administrator, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let shown = read(&admin, &app, ContactId(*id), EraseForm::default(), Problems::none()).await?;
    page(&shown)
}

/// `POST /contacts/{id}/export`
pub async fn export(admin: Administrator, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let (id, who) = (ContactId(*id), admin.who());
    let json = app.db.run(move |conn| super::export(conn, &who, id)).await?;
    let name = format!("contact-{id}-{}.json", admin.today());
    let file = File { name, media_type: "application/json; charset=utf-8", inline: false };
    download(file, move |mut outlet| {
        outlet.write_all(json.as_bytes()).map_err(|error| AppError::Internal(error.into()))?;
        Ok(outlet)
    })
    .await
}

/// `POST /contacts/{id}/erase`
pub async fn erase(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let (id, form) = (ContactId(*id), EraseForm::read(&form));
    let reason = match form.parse() {
        Ok(reason) => reason,
        Err(problems) => return page_with_problems(&read(&admin, &app, id, form, problems).await?),
    };
    match try_to_erase(&admin, &app, id, &reason).await? {
        Erased::Now => {
            admin.flash(Flash::ok("Erased.", "Nothing is left of the person but the figures of the book."))
        }
        Erased::Before => admin
            .flash(Flash::warn("Erased before.", "This contact has been erased already; nothing was done.")),
        Erased::Owed(balance, _) => {
            let balance = admin.company.format().total(&balance);
            let sentence = format!(
                "Something of this partner’s ledger is open; its balance is {balance}. Settle it first, then erase. \
                 Nothing was erased."
            );
            let problems = Problems::one("sure", sentence);
            return page_with_problems(&read(&admin, &app, id, form, problems).await?);
        }
    }
    Ok(see_other(paths::contact(id)))
}

/// Where somebody records something of this person at the same moment it is tried again a little later.
async fn try_to_erase(
    admin: &Administrator,
    app: &App,
    id: ContactId,
    reason: &str,
) -> Result<Erased, AppError> {
    let mut tries = 1;
    loop {
        let (who, reason) = (admin.who(), reason.to_string());
        match app.db.run(move |conn| super::erase(conn, &who, id, &reason)).await {
            Err(AppError::Busy(_)) if tries < TRIES => tries += 1,
            result => return result,
        }
    }
}

async fn read(
    admin: &Administrator,
    app: &App,
    id: ContactId,
    form: EraseForm,
    problems: Problems,
) -> Result<PrivacyPage, AppError> {
    let now = app.clock.now();
    let (person, kept, owner, files) = app
        .db
        .read(move |conn| {
            let person =
                record::find(conn, id)?.ok_or_else(|| AppError::not_found(format!("contact {id}")))?;
            let owner = match queries::partner_of(conn, id)? {
                None => None,
                Some(owner) => Some((queries::owed(conn, owner.id)?, owner)),
            };
            Ok((person, queries::kept(conn, id, now)?, owner, queries::files(conn, now)?))
        })
        .await?;
    Ok(PrivacyPage::new(admin, &person, kept, owner, files, form, problems))
}
