//! The forms about users.

use super::Changes;
use super::queries::User;
use crate::domain::mail::is_local_email;
use crate::running::sign_in::passwords;
use crate::web::admin::Role;
use crate::web::forms::{FormData, Problems};

/// What was typed about a user; also at set-up, where the role is not asked for.
#[derive(Debug, Clone, Default)]
pub struct UserForm {
    pub name: String,
    pub email: String,
    pub role: String,
    pub version: String,
    pub password: String,
    pub password_again: String,
}

/// A new user as typed and found sound; the password is still to be hashed.
pub struct SoundUser {
    pub name: String,
    pub email: String,
    pub role: Role,
    pub password: String,
}

impl UserForm {
    /// Reads the fields.
    pub fn read(form: &FormData) -> UserForm {
        UserForm {
            name: form.get("name").into(),
            email: form.get("email").into(),
            role: form.get("role").into(),
            version: form.get("version").into(),
            password: form.get("password").into(),
            password_again: form.get("password_again").into(),
        }
    }

    /// The form for a user that there is.
    pub fn of(user: &User) -> UserForm {
        UserForm {
            name: user.name.clone(),
            email: user.email.clone(),
            role: user.role().code().into(),
            version: user.version.to_string(),
            ..UserForm::default()
        }
    }

    /// Reads a new user.
    pub fn parse_new(&self) -> Result<SoundUser, Problems> {
        let mut problems = Problems::none();
        let (name, email, role) = self.parse_facts(&mut problems);
        let password = passwords::read(&mut problems, &self.password, &self.password_again, &email);
        problems.or(SoundUser { name, email, role, password })
    }

    /// Reads the edit of a user.
    pub fn parse_changes(&self) -> Result<Changes, Problems> {
        let mut problems = Problems::none();
        let (name, email, role) = self.parse_facts(&mut problems);
        // A version that is no number was not made by our page; it counts as an old one.
        problems.or(Changes { name, email, role, version: self.version.parse().unwrap_or(-1) })
    }

    fn parse_facts(&self, problems: &mut Problems) -> (String, String, Role) {
        let name = problems.text("name", "Name", &self.name, 200);
        let email = read_email(problems, &self.email);
        let role = Role::from_code(&self.role).unwrap_or_else(|| {
            problems.add("role", "Choose what the user may do.");
            Role::Viewer
        });
        (name, email, role)
    }
}

/// Reads an e-mail address to sign in with.
pub fn read_email(problems: &mut Problems, typed: &str) -> String {
    let email = problems.text("email", "E-mail", typed, 254);
    if !email.is_empty() && !is_local_email(&email) {
        problems.add("email", "This is no e-mail address: write it like dana@example.com.");
    }
    email
}
