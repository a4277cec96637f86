//! The company's logo: a PNG or JPEG that stands on the Company page and on printed ledgers.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse};
use diesel::PgConnection;
use imagesize::ImageType;
use serde_json::json;
use std::io::Read;

use super::forms::CompanyForm;
use super::pages::EditPage;
use crate::error::AppError;
use crate::running::audit::{self, Who};
use crate::running::settings::queries::{self, logo as stored};
use crate::web::admin::{Administrator, Viewer};
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, page_with_problems, see_other};
use crate::web::uploads::Sent;
use crate::web::{App, paths};
pub use stored::{Logo, NewLogo};

/// The most that a logo may have.
pub const MOST_BYTES: u64 = 2_000_000;

/// The most points that it may be wide or high.
const MOST_POINTS: usize = 10_000;

const SAVED: &str = "company.set_logo";
const REMOVED: &str = "company.remove_logo";

/// The logo, and how often it was changed.
pub type Current = (Option<Logo>, i32);

/// The logo as it stands; its version goes on counting where it was taken away.
pub fn current(conn: &mut PgConnection) -> Result<Current, AppError> {
    let logo = stored::find(conn)?;
    let changes = i32::try_from(stored::changes(conn, [SAVED, REMOVED])?).unwrap_or(i32::MAX);
    Ok((logo, changes))
}

/// `GET /settings/company/logo`. Its address carries the version, so browsers may keep it.
pub async fn show(_viewer: Viewer, app: App, request: HttpRequest) -> Result<HttpResponse, AppError> {
    answer(&app, &request).await
}

/// The picture as it is sent to whoever may see it.
pub async fn answer(app: &App, request: &HttpRequest) -> Result<HttpResponse, AppError> {
    let found = app.db.read(|conn| Ok(stored::picture(conn)?)).await?;
    let picture = found.ok_or_else(|| AppError::not_found("logo"))?;
    let keep = if request.query_string().is_empty() { "no-cache" } else { "private, max-age=604800" };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, picture.media_type))
        .insert_header((CACHE_CONTROL, keep))
        .body(picture.bytes))
}

/// `POST /settings/company/logo`
pub async fn update(
    admin: Administrator,
    app: App,
    form: FormData,
    Sent(upload): Sent,
) -> Result<HttpResponse, AppError> {
    let mut bytes = Vec::new();
    if let Some(upload) = upload {
        let mut content = upload.open().map_err(anyhow::Error::from)?;
        content.read_to_end(&mut bytes).map_err(anyhow::Error::from)?;
    }
    let new = match sound(bytes) {
        Ok(new) => new,
        Err(sentence) => return again(&admin, &app, sentence).await,
    };
    let (who, seen) = (admin.who(), form.get("version").to_string());
    if app.db.run(move |conn| change(conn, &who, &seen, Some(&new))).await? {
        admin.flash(Flash::ok("Saved.", "The logo stands on ledgers that are printed from now on."));
        return Ok(see_other(paths::COMPANY));
    }
    again(&admin, &app, STALE.into()).await
}

/// `POST /settings/company/logo/remove`
pub async fn remove(admin: Administrator, app: App, form: FormData) -> Result<HttpResponse, AppError> {
    let (who, seen) = (admin.who(), form.get("version").to_string());
    if app.db.run(move |conn| change(conn, &who, &seen, None)).await? {
        admin.flash(Flash::ok("Removed.", "Ledgers are printed without a logo from now on."));
        return Ok(see_other(paths::COMPANY));
    }
    again(&admin, &app, STALE.into()).await
}

const STALE: &str =
    "Somebody else has changed the logo since you opened this page. Nothing was saved; look at it first.";

async fn again(admin: &Administrator, app: &App, sentence: String) -> Result<HttpResponse, AppError> {
    let current = app.db.read(super::current).await?;
    let form = CompanyForm::of(&current.company);
    page_with_problems(&EditPage::new(admin, app, &current, form, Problems::one("logo", sentence)))
}

/// Puts or takes away; false where the logo is not the one that was seen.
fn change(conn: &mut PgConnection, who: &Who, seen: &str, new: Option<&NewLogo>) -> Result<bool, AppError> {
    queries::lock_company(conn)?;
    let (logo, changes) = current(conn)?;
    if changes.to_string() != seen {
        return Ok(false);
    }
    match new {
        Some(new) => {
            stored::save(conn, new, changes.saturating_add(1))?;
            let details = json!({ "media_type": new.media_type, "width": new.width, "height": new.height });
            audit::write(conn, who, SAVED, ("company", 1), details)?;
        }
        None if logo.is_some() => {
            stored::remove(conn)?;
            audit::write(conn, who, REMOVED, ("company", 1), json!({}))?;
        }
        None => {}
    }
    Ok(true)
}

/// A picture that can be printed, or a sentence that says why not.
fn sound(bytes: Vec<u8>) -> Result<NewLogo, String> {
    if bytes.is_empty() {
        return Err("Choose a picture.".into());
    }
    let (media_type, end): (_, &[u8]) = match imagesize::image_type(&bytes) {
        Ok(ImageType::Png) => ("image/png", b"IEND"),
        Ok(ImageType::Jpeg) => ("image/jpeg", &[0xff, 0xd9]),
        _ => return Err("This is no PNG and no JPEG. Save the logo as one of them.".into()),
    };
    let size = imagesize::blob_size(&bytes).ok();
    let is_whole = bytes.windows(end.len()).any(|part| part == end);
    let Some(size) = size.filter(|_| is_whole) else {
        return Err("The picture is cut off or broken. Save it anew, and choose it again.".into());
    };
    let points = |n: usize| i32::try_from(n).ok().filter(|_| (1..=MOST_POINTS).contains(&n));
    match (points(size.width), points(size.height)) {
        (Some(width), Some(height)) => Ok(NewLogo { media_type, bytes, width, height }),
        _ => Err(format!(
            "The picture has {} × {} points; it may have {MOST_POINTS} each way. Make it smaller.",
            size.width, size.height
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PNG's header, and the end of one.
    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend(b"\0\0\0\0IEND\xaeB`\x82");
        bytes
    }

    #[test]
    fn a_picture_is_known_by_its_header() {
        let logo = sound(png(240, 60)).unwrap();
        assert_eq!((logo.media_type, logo.width, logo.height), ("image/png", 240, 60));
        for (bytes, sentence) in [
            (Vec::new(), "Choose a picture."),
            (b"GIF89a\x10\0\x10\0".to_vec(), "no PNG and no JPEG"),
            (b"<svg onload=alert(1)>".to_vec(), "no PNG and no JPEG"),
            (png(240, 60)[..30].to_vec(), "cut off or broken"),
            (png(240, 60)[..20].to_vec(), "cut off or broken"),
            (b"\x89PNG\r\n\x1a\n".to_vec(), "no PNG and no JPEG"),
            (png(0, 60), "has 0 × 60 points"),
            (png(20_000, 60), "has 20000 × 60 points"),
        ] {
            let refused = sound(bytes).unwrap_err();
            assert!(refused.contains(sentence), "{refused}");
        }
    }
}
