//! The company's logo.

use partnerbook::web::admin::Role::{Administrator, Viewer};

use super::told;
use crate::support::http::{self, Page, Visitor};

const PATH: &str = "/settings/company/logo";

/// A red dot, as a PNG.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
    bytes.extend(b"\0\0\0\0IEND\xaeB`\x82");
    bytes
}

fn upload(visitor: &Visitor, name: &str, picture: &[u8]) -> Page {
    let page = visitor.get("/settings/company");
    let version = page.attribute(&format!("form[action='{PATH}'] input[name=version]"), "value");
    let token = page.token();
    visitor.post_file(PATH, &[("csrf", &token), ("version", &version)], ("logo", name, picture))
}

fn stored(app: &http::TestApp) -> String {
    told(
        app,
        "SELECT coalesce((SELECT media_type || ' ' || width || 'x' || height FROM company_logo), 'none')",
    )
}

#[test]
fn a_logo_is_uploaded_shown_replaced_and_removed() {
    let app = http::app();
    let ann = app.sign_in_as(Administrator);
    assert_eq!(ann.get(PATH).status, 404, "there is none yet");
    assert_eq!(upload(&ann, "logo.png", &png(240, 60)).location(), "/settings/company");
    let page = ann.get("/settings/company");
    page.says("The logo stands on ledgers that are printed from now on.");
    let first = page.attribute("img.logo", "src");
    assert_eq!(
        (page.attribute("img.logo", "width"), stored(&app)),
        ("240".into(), "image/png 240x60".into())
    );
    let picture = ann.get(&first);
    assert_eq!((picture.status, picture.header("content-type")), (200, "image/png"));
    assert_eq!(picture.header("x-content-type-options"), "nosniff");

    upload(&ann, "logo.png", &png(100, 100));
    let page = ann.get("/settings/company");
    assert_ne!(page.attribute("img.logo", "src"), first, "browsers ask for the newest");
    assert_eq!(app.sign_in_as(Viewer).get(&first).status, 200, "everybody who is signed in sees it");
    assert_eq!(app.visitor().get(&first).status, 303);

    let version = page.attribute(&format!("form[action='{PATH}/remove'] input[name=version]"), "value");
    let removed = ann.post_with(&format!("{PATH}/remove"), &page.token(), &[("version", &version)]);
    assert_eq!(removed.location(), "/settings/company");
    assert_eq!((ann.get(PATH).status, stored(&app)), (404, "none".into()));
    let audit = "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_log WHERE action LIKE 'company.%'";
    assert_eq!(told(&app, audit), "company.set_logo company.set_logo company.remove_logo");
}

#[test]
fn what_is_no_picture_is_refused_beside_the_field() {
    let app = http::app();
    let ann = app.sign_in_as(Administrator);
    for (name, picture, sentence) in [
        ("", b"".as_slice(), "Choose a picture."),
        ("logo.svg", b"<svg onload=alert(1)>", "This is no PNG and no JPEG."),
        ("logo.gif", b"GIF89a\x10\0\x10\0", "This is no PNG and no JPEG."),
        ("cut.png", &png(240, 60)[..30], "The picture is cut off or broken."),
        ("huge.png", &png(20_000, 60), "20000 × 60 points"),
    ] {
        let page = upload(&ann, name, picture);
        assert_eq!(page.status, 422, "{name}");
        page.says(sentence);
        assert_eq!(page.attribute("#logo", "aria-invalid"), "true");
    }
    let large = [png(240, 60), vec![0; 2_000_000]].concat();
    let page = upload(&ann, "large.png", &large);
    assert_eq!(page.status, 413);
    page.says("larger than this page takes: 2 MB");
    assert_eq!(stored(&app), "none");
}

#[test]
fn of_two_who_change_the_logo_the_second_looks_first() {
    let app = http::app();
    let ann = app.sign_in_as(Administrator);
    let seen = ann.get("/settings/company");
    upload(&ann, "logo.png", &png(240, 60));
    let version = seen.attribute(&format!("form[action='{PATH}'] input[name=version]"), "value");
    let fields = [("csrf", seen.token()), ("version", version)];
    let fields = [("csrf", fields[0].1.as_str()), ("version", fields[1].1.as_str())];
    let late = ann.post_file(PATH, &fields, ("logo", "other.png", &png(50, 50)));
    assert_eq!(late.status, 422);
    late.says("Somebody else has changed the logo since you opened this page.");
    assert_eq!(stored(&app), "image/png 240x60");
    let viewer = app.sign_in_as(Viewer);
    let page = viewer.get("/settings/company");
    assert!(
        page.all(&format!("form[action='{PATH}']")).is_empty() && page.html.contains("img class=\"logo\"")
    );
}
