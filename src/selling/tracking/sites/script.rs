//! `/t.js`: what a shop includes so that its visitors are known. See `static/t.js`.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::error::AppError;
use crate::running::settings::tracking;
use crate::web::App;

/// The script without what only its readers need. No line of it begins within a text.
static SCRIPT: LazyLock<String> = LazyLock::new(|| {
    let lines = include_str!("../../../../static/t.js").lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with("//")).map(|line| format!("{line}\n")).collect()
});

/// `GET /t.js`. Browsers keep it for an hour: a change of settings or an update is everywhere soon.
pub async fn show(app: App) -> Result<HttpResponse, AppError> {
    let (settings, _) = app.db.read(|conn| Ok(tracking::settings(conn)?)).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/javascript; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .insert_header(("cross-origin-resource-policy", "cross-origin"))
        .body(lasting(settings.cookie_days)))
}

/// The script, whose cookie lasts so many days.
fn lasting(days: i32) -> String {
    SCRIPT.replace("SECONDS", &(i64::from(days) * 86_400).to_string())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_script_is_small_and_whole() {
        let script = super::lasting(400);
        assert!(script.len() < 2000, "{} bytes", script.len());
        assert!(script.starts_with("(() => {") && script.ends_with("})();\n"));
        assert!(script.contains("max-age=34560000;") && !script.contains("SECONDS"));
    }
}
