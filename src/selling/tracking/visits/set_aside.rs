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
        let again = queries::try_clicks_set_aside(conn)?;
        if again.tried > 0 {
            let details = json!({ "tried": again.tried, "remaining": again.remaining });
            audit::write(conn, &who, "clicks.try_again", ("clicks", 0), details)?;
        }
        Ok((again.tried, again.remaining))
    });
    admin.flash(match tried.await? {
        (0, _) => Flash::warn("Nothing to try again.", "No click is set aside."),
        (tried, 0) => {
            Flash::ok("Done.", format!("{} worked in.", counted(tried, "click was", "clicks were")))
        }
        (_, remaining) => Flash::warn(
            format!("{} still could not be worked in.", counted(remaining, "click", "clicks")),
            "Nothing is lost: they stay set aside.",
        ),
    });
    Ok(see_other(paths::LINKS))
}
