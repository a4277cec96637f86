//! CRM > Settings > Referral Partner Defaults.

use actix_web::HttpResponse;

use super::Current;
use super::changes::ProgramChanges;
use super::forms::DefaultsForm;
use super::pages::{EditPage, LivePage, WhyAgain};
use super::save::{Saved, save};
use crate::domain::link::EqualLinks;
use crate::error::AppError;
use crate::web::admin::{Administrator, Viewer};
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, Query, page, page_with_problems, see_other};
use crate::web::html::{count, counted};
use crate::web::{App, paths};

/// `GET /settings/referral-partner-defaults`
pub async fn edit(viewer: Viewer, app: App) -> Result<HttpResponse, AppError> {
    let current = app.db.read(|conn| super::current(conn, None)).await?;
    let form = DefaultsForm::of(&current.defaults, current.version);
    page(&EditPage::new(&viewer, &app, &current, form, Problems::none()))
}

/// `GET /settings/referral-partner-defaults/example`: what the choices in the query would do. For the
/// script; without it, the form's button *Show the example* shows the whole page again.
pub async fn example(viewer: Viewer, app: App, query: Query) -> Result<HttpResponse, AppError> {
    let form = DefaultsForm::read(&query);
    page(&LivePage::new(&viewer, &app, &current(&app, &form).await?, &form))
}

/// `POST /settings/referral-partner-defaults`
pub async fn update(admin: Administrator, app: App, form: FormData) -> Result<HttpResponse, AppError> {
    let only_show = form.has("show");
    let form = DefaultsForm::read(&form);
    if only_show {
        let current = current(&app, &form).await?;
        return page(&EditPage::new(&admin, &app, &current, form, Problems::none()));
    }
    let new = match form.parse() {
        Ok(new) => new,
        Err(problems) => {
            let current = current(&app, &form).await?;
            return page_with_problems(&EditPage::new(&admin, &app, &current, form, problems));
        }
    };
    let (who, seen) = (admin.who(), !new.confirm.is_empty());
    let saved = app.db.run(move |conn| save(conn, &who, &new)).await?;
    let current = current(&app, &form).await?;
    let again = |problems| EditPage::new(&admin, &app, &current, form, problems);
    match saved {
        Saved::Done(changes) => {
            admin.flash(Flash::ok("Saved.", done(changes.as_ref())));
            Ok(see_other(paths::DEFAULTS))
        }
        Saved::AsBefore => {
            admin.flash(Flash::ok("Nothing to save.", "All settings are as they were."));
            Ok(see_other(paths::DEFAULTS))
        }
        Saved::Unseen if seen => page(&again(Problems::none()).again(WhyAgain::ChangedSinceSeen)),
        Saved::Unseen => page(&again(Problems::none()).again(WhyAgain::ToBeSeen)),
        Saved::Stale => {
            let last_save = current.last_save.clone();
            page_with_problems(&again(Problems::none()).again(WhyAgain::Stale(last_save)))
        }
        Saved::EqualLinks(equal) => page_with_problems(&again(Problems::one("code_prefix", refusal(&equal)))),
    }
}

async fn current(app: &App, choices: &DefaultsForm) -> Result<Current, AppError> {
    let choices = choices.clone();
    app.db.read(move |conn| super::current(conn, Some(&choices))).await
}

fn done(changes: Option<&ProgramChanges>) -> String {
    let Some(changes) = changes else { return "No commission program changes.".into() };
    match (changes.programs.len(), changes.total()) {
        (_, 0) => "There is no commission program yet.".into(),
        (0, all) => format!("{} got a dated version; what they pay stays.", records(all)),
        (1, 1) => format!("{} pays otherwise from now on.", records(1)),
        (some, all) if some == all => format!("{} pay otherwise from now on.", records(all)),
        (some, all) => {
            format!("{} of {} pay otherwise from now on.", count(some), counted(all, "program", "programs"))
        }
    }
}

fn records(all: usize) -> String {
    match all {
        1 => "The one commission program record".into(),
        all => format!("All {} commission program records", count(all)),
    }
}

/// Why a prefix is refused, naming the codes.
fn refusal(equal: &[EqualLinks]) -> String {
    const MOST: usize = 3;
    let named: Vec<String> = equal.iter().take(MOST).map(ToString::to_string).collect();
    let more = match equal.len() {
        n if n > MOST => format!(", and {} more", counted(n - MOST, "pair", "pairs")),
        _ => String::new(),
    };
    format!(
        "Two partners would have the same link: {}{more}. Choose another prefix; nothing was saved.",
        named.join("; ")
    )
}
