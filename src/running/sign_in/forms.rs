//! The sign-in form.

use crate::domain::typed::Trimmed;
use crate::web::forms::FormData;

/// What was typed.
#[derive(Default)]
pub struct SignInForm {
    /// The e-mail.
    pub email: String,
    /// The password; never shown again.
    pub password: String,
    /// Where the visitor wanted to go.
    pub next: String,
}

impl SignInForm {
    /// Reads the fields.
    pub fn read(form: &FormData) -> SignInForm {
        SignInForm {
            email: form.get("email").trimmed().to_string(),
            password: form.get("password").to_string(),
            next: form.get("next").to_string(),
        }
    }
}
