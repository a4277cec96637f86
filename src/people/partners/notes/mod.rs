//! Notes about a partner: written once, with who and when, and never changed.

pub mod handlers;
pub mod pages;

use super::queries::notes as queries;
use super::record;
use crate::domain::ids::PartnerId;
use crate::error::AppError;
use crate::running::audit::{self, Who};
use crate::web::forms::{FormData, Problems};
use diesel::PgConnection;
use serde_json::json;
use uuid::Uuid;

/// The most characters of a note.
pub const MOST: usize = 5_000;

/// A note to be written.
#[derive(Debug, Clone)]
pub struct NewNote {
    pub note: String,
    /// Of the form, so that a second press writes nothing.
    pub key: Uuid,
}

/// What was typed.
#[derive(Debug, Clone)]
pub struct NoteForm {
    pub note: String,
    pub key: String,
}

impl NoteForm {
    /// An empty one.
    pub fn fresh() -> NoteForm {
        NoteForm { note: String::new(), key: Uuid::new_v4().to_string() }
    }

    /// Reads the fields.
    pub fn read(form: &FormData) -> NoteForm {
        NoteForm { note: form.get("note").into(), key: form.get("key").into() }
    }

    /// What it means.
    pub fn parse(&self) -> Result<NewNote, Problems> {
        let mut problems = Problems::none();
        // A browser sends line ends as CR LF, and counts them as one character.
        let note = problems.lines("note", "The note", &self.note.replace("\r\n", "\n"), MOST);
        let key = Uuid::parse_str(&self.key).ok();
        if key.is_none() {
            problems.add("note", "This form was cut off. Press the button again.");
        }
        problems.or(NewNote { note, key: key.unwrap_or_default() })
    }
}

/// Writes a note. The same form again writes nothing.
pub fn add(conn: &mut PgConnection, who: &Who, id: PartnerId, new: &NewNote) -> Result<(), AppError> {
    record::find(conn, id)?;
    let user = who.user_id.ok_or(AppError::SignedOut)?;
    if queries::insert(conn, id, new, user, who.at)? {
        audit::write(conn, who, "partner.note", ("partner", id.0), json!({}))?;
    }
    Ok(())
}
