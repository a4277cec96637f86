//! Merging over HTTP: choose the other record, see both side by side, do it.

use actix_web::{HttpResponse, web};
use diesel::PgConnection;

use super::pages::{MergePage, Pair, Side};
use super::{Merged, Shown, obstacle};
use crate::domain::ids::PartnerId;
use crate::domain::typed::Trimmed;
use crate::error::AppError;
use crate::people::names::shown;
use crate::people::partners::by_code;
use crate::people::partners::queries::merging as queries;
use crate::people::partners::record::{self, Versions};
use crate::web::admin::Administrator;
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, Query, page, page_with_problems, see_other};
use crate::web::html::counted;
use crate::web::{App, paths};

/// `GET /partners/{id}/merge`; `?other=` the code of the record that is merged into this one.
pub async fn new(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let typed = query.get("other").trimmed().to_string();
    let page_of = look(&admin, &app, PartnerId(*id), typed).await?;
    if page_of.is_sound() { page(&page_of) } else { page_with_problems(&page_of) }
}

/// `POST /partners/{id}/merge`
pub async fn create(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let (stays, who, typed) = (PartnerId(*id), admin.who(), form.get("other").trimmed().to_string());
    let gone =
        form.id("gone", PartnerId).ok_or_else(|| AppError::refused("Choose the record to merge first."))?;
    let version = |name: &str| form.get(name).parse().unwrap_or(-1);
    let seen = Shown {
        stays: Versions { partner: version("version"), person: version("contact_version") },
        gone: Versions { partner: version("gone_version"), person: version("gone_contact_version") },
    };
    match app.db.run(move |conn| super::merge(conn, &who, stays, gone, seen)).await? {
        Merged::Done(moved) => {
            let text = format!(
                "{}, {} and {} followed, with the codes. Both ledgers stay as they were and are shown together.",
                counted(moved.referrals, "referral", "referrals"),
                counted(moved.clicks, "click", "clicks"),
                counted(moved.recruits, "recruit", "recruits"),
            );
            admin.flash(Flash::ok("Merged.", text));
            Ok(see_other(paths::partner(stays)))
        }
        Merged::Refused(sentence) => Err(AppError::Refused(format!("{sentence} Nothing was changed."))),
        Merged::Stale => {
            let page = look(&admin, &app, stays, typed).await?;
            page_with_problems(&page.with_problem(
                "Somebody has changed one of the two since this page was shown. Nothing was merged; this is how they are now.",
            ))
        }
    }
}

async fn look(admin: &Administrator, app: &App, id: PartnerId, typed: String) -> Result<MergePage, AppError> {
    let code = typed.to_ascii_lowercase();
    let (stays, pair, problems) = app
        .db
        .read(move |conn| {
            let stays = side(conn, id)?;
            if code.is_empty() {
                return Ok((stays, None, Problems::none()));
            }
            let Some(other) = by_code(conn, std::slice::from_ref(&code))?.remove(&code) else {
                let sentence = "No partner has or had this code. Type the code, or choose from the list.";
                return Ok((stays, None, Problems::one("other", sentence)));
            };
            let gone = side(conn, other)?;
            Ok(match obstacle(conn, &stays.record, &gone.record)? {
                Some(sentence) => (stays, None, Problems::one("other", sentence)),
                None => (stays, Some(gone), Problems::none()),
            })
        })
        .await?;
    let name = shown(&stays.record.person.facts.name, &stays.record.facts.code);
    Ok(MergePage::new(admin, id, name, typed, pair.map(|gone| Pair::new(stays, gone)), problems))
}

fn side(conn: &mut PgConnection, id: PartnerId) -> Result<Side, AppError> {
    Ok(Side { record: record::find(conn, id)?, has: queries::side(conn, id)? })
}
