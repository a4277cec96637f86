//! CRM > Settings > Company.

use actix_web::HttpResponse;

use super::forms::CompanyForm;
use super::pages::{EditPage, WhyAgain};
use super::save::{Saved, save};
use crate::error::AppError;
use crate::web::admin::{Administrator, Viewer};
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, page, page_with_problems, see_other};
use crate::web::{App, paths};

/// `GET /settings/company`
pub async fn edit(viewer: Viewer, app: App) -> Result<HttpResponse, AppError> {
    let current = app.db.read(super::current).await?;
    let form = CompanyForm::of(&current.company);
    page(&EditPage::new(&viewer, &app, &current, form, Problems::none()))
}

/// `POST /settings/company`
pub async fn update(admin: Administrator, app: App, form: FormData) -> Result<HttpResponse, AppError> {
    let only_show = form.has("show");
    let form = CompanyForm::read(&form);
    let current = app.db.read(super::current).await?;
    if only_show {
        return page(&EditPage::new(&admin, &app, &current, form, Problems::none()));
    }
    let new = match form.parse(current.place.currency) {
        Ok(new) => new,
        Err(problems) => return page_with_problems(&EditPage::new(&admin, &app, &current, form, problems)),
    };
    let (who, clock) = (admin.who(), app.clock.clone());
    let saved = app.db.run(move |conn| save(conn, &who, &new, |place| clock.today(place.zone))).await?;
    let current = app.db.read(super::current).await?;
    let again = |problems| EditPage::new(&admin, &app, &current, form, problems);
    match saved {
        Saved::Done => {
            admin.flash(Flash::ok("Saved.", "Pages and ledgers show it from now on."));
            Ok(see_other(paths::COMPANY))
        }
        Saved::AsBefore => {
            admin.flash(Flash::ok("Nothing to save.", "Everything is as it was."));
            Ok(see_other(paths::COMPANY))
        }
        Saved::Unseen => page(&again(Problems::none()).again(WhyAgain::ToBeSeen)),
        Saved::Stale => {
            let last_save = current.last_save.clone();
            page_with_problems(&again(Problems::none()).again(WhyAgain::Stale(last_save)))
        }
        Saved::CurrencyStays(reason) => page_with_problems(&again(Problems::one("currency", reason))),
    }
}
