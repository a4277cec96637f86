//! Mass Update over HTTP: one address, three steps. What is chosen travels along as it was: ticks, or the
//! search whose results are meant.

use actix_web::HttpResponse;
use diesel::PgConnection;

use super::forms::ChangeForm;
use super::pages::{ChoosePage, Offered, PreviewPage};
use super::{Change, Effect};
use crate::domain::ids::PartnerId;
use crate::error::AppError;
use crate::people::partners::list::{Chosen, Typed};
use crate::people::partners::queries::{list, record};
use crate::web::admin::Administrator;
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, page, page_with_problems, see_other};
use crate::web::html::counted;
use crate::web::{App, paths};

/// What came of a step.
enum Step {
    /// What would change, or has changed, and for how many partners it was asked.
    Effect(Effect, String),
    /// Nothing was changed: what is wrong.
    Problems(Problems),
    /// Nothing was changed: whom the choice means, or what changes, is no longer what was shown.
    Moved(Effect, String),
}

/// `POST /partners/mass-update`; `step=` choose, preview or apply.
pub async fn update(admin: Administrator, app: App, form: FormData) -> Result<HttpResponse, AppError> {
    let (typed, chosen, change) = (Typed::of(&form), Chosen::of(&form)?, ChangeForm::read(&form));
    let step = form.get("step").to_string();
    let of = chosen.clone();
    let search = typed.clone();
    if !["preview", "apply"].contains(&step.as_str()) {
        let (offered, count) =
            app.db.read(move |conn| Ok((offered(conn)?, of.partners(conn, &search)?.len()))).await?;
        return page(&ChoosePage::new(&admin, &form, offered, change, count, Problems::none()));
    }
    let (who, typed_change, shown) = (admin.who(), change.clone(), form.get("shown").to_string());
    let applies = step == "apply";
    let done = app
        .db
        .run(move |conn| {
            let partners = of.partners(conn, &search)?;
            let (change, problems) = typed_change.parse(conn)?;
            if !problems.is_empty() {
                return Ok(Step::Problems(problems));
            }
            let effect = match super::look(conn, &partners, &change)? {
                Ok(effect) => effect,
                Err(problems) => return Ok(Step::Problems(problems)),
            };
            let now = fingerprint(&partners, &change, &effect);
            if !applies {
                return Ok(Step::Effect(effect, now));
            }
            if now != shown {
                return Ok(Step::Moved(effect, now));
            }
            match super::apply(conn, &who, &partners, &change)? {
                Ok(effect) => Ok(Step::Effect(effect, now)),
                Err(problems) => Ok(Step::Problems(problems)),
            }
        })
        .await?;
    match done {
        Step::Problems(problems) => {
            let (offered, count) =
                app.db.read(move |conn| Ok((offered(conn)?, chosen.partners(conn, &typed)?.len()))).await?;
            page_with_problems(&ChoosePage::new(&admin, &form, offered, change, count, problems))
        }
        Step::Effect(effect, _) if applies => {
            let text = counted(effect.changed.len(), "partner was changed.", "partners were changed.");
            admin.flash(Flash::ok("Mass Update done.", text));
            Ok(see_other(paths::PARTNERS))
        }
        Step::Effect(effect, now) => page(&PreviewPage::new(&admin, &form, effect, now, false)),
        Step::Moved(effect, now) => page_with_problems(&PreviewPage::new(&admin, &form, effect, now, true)),
    }
}

/// Says the same as long as the same partners would be changed in the same way.
fn fingerprint(partners: &[PartnerId], change: &Change, effect: &Effect) -> String {
    use sha2::{Digest, Sha256};
    let told = format!("{partners:?} {change:?} {effect:?}");
    hex::encode(Sha256::digest(told.as_bytes()))
}

fn offered(conn: &mut PgConnection) -> Result<Offered, AppError> {
    Ok(Offered { programs: list::program_names(conn)?, tags: record::all_tags(conn)? })
}
