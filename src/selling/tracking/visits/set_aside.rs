//! Clicks that were recorded and could not be worked in: whoever keeps the links is told, and tries them again when
//! what was wrong is mended (decision 0080).

use actix_web::HttpResponse;
use serde_json::json;

use super::queries;
use crate::error::AppError;
use crate::running::audit;
use crate::web::admin::Administrator;
use crate::web::flash::Flash;
use crate::web::forms::see_other;
use crate::web::html::counted;
use crate::web::{App, paths};

/// `POST /links/set-aside`
pub async fn again(admin: Administrator, app: App) -> Result<HttpResponse, AppError> {
    let who = admin.who();
    let tried = app.db.run(move |conn| {
        let Some(before) = queries::clicks_set_aside(conn)? else { return Ok(None) };
        let left = queries::try_clicks_set_aside(conn)?;
        let details = json!({ "tried": before.visits, "left": left });
        audit::write(conn, &who, "clicks.try_again", ("clicks", 0), details)?;
        Ok(Some((before.visits, left)))
    });
    admin.flash(match tried.await? {
        None => Flash::warn("Nothing to try again.", "No click is set aside."),
        Some((tried, 0)) => {
            Flash::ok("Done.", format!("{} worked in.", counted(tried, "click was", "clicks were")))
        }
        Some((_, left)) => Flash::warn(
            format!("{} still could not be worked in.", counted(left, "click", "clicks")),
            "Nothing is lost: they stay set aside.",
        ),
    });
    Ok(see_other(paths::LINKS))
}
