//! The style sheet, the script and the icon, served from the binary. Their addresses carry a hash of
//! their content, so browsers keep them for ever and still get the new ones after an update.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

use crate::error::AppError;

/// One style sheet from several files, one for each kind of component. Tokens come first: they fix
/// the order of the layers.
const CSS: &str = concat!(
    include_str!("../../static/css/tokens.css"),
    include_str!("../../static/css/base.css"),
    include_str!("../../static/css/frame.css"),
    include_str!("../../static/css/controls.css"),
    include_str!("../../static/css/blocks.css"),
    include_str!("../../static/css/tables.css"),
    include_str!("../../static/css/stories.css"),
    include_str!("../../static/css/programs.css"),
    include_str!("../../static/css/public.css"),
    include_str!("../../static/css/print.css"),
);
const SCRIPT: &str = include_str!("../../static/app.js");
const ICON: &str = include_str!("../../static/favicon.svg");

struct Asset {
    name: &'static str,
    media_type: &'static str,
    content: &'static str,
    hash: String,
    url: String,
}

static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        asset("app.css", "text/css; charset=utf-8", CSS),
        asset("app.js", "text/javascript; charset=utf-8", SCRIPT),
        asset("favicon.svg", "image/svg+xml", ICON),
    ]
});

fn asset(name: &'static str, media_type: &'static str, content: &'static str) -> Asset {
    let hash = hex::encode(&Sha256::digest(content)[..8]);
    let url = format!("/static/{hash}/{name}");
    Asset { name, media_type, content, hash, url }
}

/// The address of the style sheet; for layouts.
pub fn css() -> &'static str {
    &ASSETS[0].url
}

/// The address of the script; for layouts.
pub fn script() -> &'static str {
    &ASSETS[1].url
}

/// The address of the icon; for layouts.
pub fn icon() -> &'static str {
    &ASSETS[2].url
}

/// `GET /static/{hash}/{name}`. A page from before an update asks by the old hash: it gets what
/// there is now, but is not told to keep it.
pub async fn show(path: web::Path<(String, String)>) -> Result<HttpResponse, AppError> {
    let (hash, name) = path.into_inner();
    let asset = ASSETS.iter().find(|asset| asset.name == name);
    let asset = asset.ok_or_else(|| AppError::not_found("such file"))?;
    let keep = if asset.hash == hash { "public, max-age=31536000, immutable" } else { "no-cache" };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, asset.media_type))
        .insert_header((CACHE_CONTROL, keep))
        .body(asset.content))
}

/// `GET /favicon.ico`, for browsers that ask for it without being told to.
pub async fn favicon() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "image/svg+xml"))
        .insert_header((CACHE_CONTROL, "public, max-age=86400"))
        .body(ICON)
}
