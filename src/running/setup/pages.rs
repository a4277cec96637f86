//! What the set-up page shows.

use askama::Template;

use crate::running::users::forms::UserForm;
use crate::web::forms::Problems;
use crate::web::paths;

/// The form for the first administrator.
#[derive(Template)]
#[template(path = "setup/new.html")]
pub struct NewPage {
    pub csrf: String,
    pub token: String,
    pub form: UserForm,
    pub problems: Problems,
}
