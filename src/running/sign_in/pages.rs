//! What the sign-in page shows.

use askama::Template;

use crate::web::paths;

/// The sign-in page.
#[derive(Template)]
#[template(path = "sign_in/new.html")]
pub struct NewPage {
    pub csrf: String,
    pub email: String,
    pub next: String,
    /// Why the visitor is here again; empty at first.
    pub trouble: String,
    /// What is good to know; empty mostly.
    pub notice: &'static str,
}
