//! CRM > Settings > Tracking over HTTP.

use actix_web::HttpResponse;

use super::forms::TrackingForm;
use super::pages::EditPage;
use super::{Saved, queries};
use crate::error::AppError;
use crate::running::settings::link_bases;
use crate::web::admin::{Administrator, Viewer};
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, page, page_with_problems, see_other};
use crate::web::{App, paths};

/// `GET /settings/tracking`
pub async fn edit(viewer: Viewer, app: App) -> Result<HttpResponse, AppError> {
    let (saved, version) = app.db.read(|conn| Ok(queries::settings(conn)?)).await?;
    page(&EditPage::new(&viewer, TrackingForm::of(&saved, version), Problems::none()))
}

/// `POST /settings/tracking`
pub async fn update(admin: Administrator, app: App, form: FormData) -> Result<HttpResponse, AppError> {
    let form = TrackingForm::read(&form);
    let new = match form.parse(&link_bases(&app).await?) {
        Ok(new) => new,
        Err(problems) => return page_with_problems(&EditPage::new(&admin, form, problems)),
    };
    let (who, version) = (admin.who(), form.version());
    admin.flash(match app.db.run(move |conn| super::save(conn, &who, &new, version)).await? {
        Saved::Done => Flash::ok("Saved.", "It counts for clicks from now on."),
        Saved::AsBefore => Flash::ok("Nothing to save.", "Everything is as it was."),
        Saved::Stale => {
            let (saved, version) = app.db.read(|conn| Ok(queries::settings(conn)?)).await?;
            return page_with_problems(&EditPage::with_conflict(&admin, &saved, version, form));
        }
    });
    Ok(see_other(paths::TRACKING))
}
