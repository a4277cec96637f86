//! A referral that a person records: *this contact was referred by this partner*, for as long as the
//! partner's leads are tracked, or for ever.

mod forms;
mod pages;

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::{NewReferral, make_referrals};
use crate::domain::ids::ContactId;
use crate::error::AppError;
use crate::people::{contacts, partners};
use crate::running::audit::{self, Who};
use crate::web::admin::Administrator;
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, page, page_with_problems, see_other};
use crate::web::{App, paths};
use diesel::PgConnection;
use forms::{ReferralForm, Sound};
use pages::NewPage;

/// `GET /contacts/{id}/referrals/new`
pub async fn new(admin: Administrator, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let contact = find(&app, ContactId(*id)).await?;
    let form = ReferralForm::fresh(app.clock.now().with_timezone(&admin.company.format().zone).naive_local());
    page(&NewPage::new(&admin, &contact, form, Problems::none()))
}

/// `POST /contacts/{id}/referrals`
pub async fn create(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let (form, now) = (ReferralForm::read(&form), app.clock.now());
    let contact = find(&app, ContactId(*id)).await?;
    let problems = match form.parse(admin.company.format().zone, now) {
        Err(problems) => problems,
        Ok(sound) => {
            let (id, who) = (contact.id, admin.who());
            match app.db.run(move |conn| record(conn, &who, id, &sound)).await? {
                Some(is_new) => {
                    admin.flash(match is_new {
                        true => Flash::ok(
                            "Recorded.",
                            "Orders that are recorded from now on can be credited by it.",
                        ),
                        false => Flash::warn("Known already.", "This very referral was recorded before."),
                    });
                    return Ok(see_other(paths::contact(id)));
                }
                None => Problems::one(
                    "partner",
                    "No partner has or had this code. Type the partner’s code, or choose from the list.",
                ),
            }
        }
    };
    page_with_problems(&NewPage::new(&admin, &contact, form, problems))
}

/// Records it: whether it is new; none where there is no such partner.
fn record(
    conn: &mut PgConnection,
    who: &Who,
    contact: ContactId,
    sound: &Sound,
) -> Result<Option<bool>, AppError> {
    let person = contacts::record::lock(conn, contact)?;
    contacts::record::refuse_erased(
        &person.ok_or_else(|| AppError::not_found(format!("contact {contact}")))?,
    )?;
    let found = partners::by_code(conn, std::slice::from_ref(&sound.partner))?;
    let Some(&partner) = found.get(&sound.partner) else { return Ok(None) };
    let (referred_at, permanent) = (sound.referred_at, sound.permanent);
    let new = NewReferral { contact, partner, referred_at, permanent, expires_at: None };
    let is_new = make_referrals(conn, &[new])? == 1;
    if is_new {
        let kind = if permanent { "permanent" } else { "manual" };
        let details = json!({ "partner": partner, "kind": kind, "referred_at": referred_at });
        audit::write(conn, who, "contact.refer", ("contact", contact.0), details)?;
    }
    Ok(Some(is_new))
}

async fn find(app: &App, id: ContactId) -> Result<contacts::record::Record, AppError> {
    let found = app.db.read(move |conn| contacts::record::find(conn, id)).await?;
    let person = found.ok_or_else(|| AppError::not_found(format!("contact {id}")))?;
    contacts::record::refuse_erased(&person)?;
    Ok(person)
}
