//! The addresses of what is kept about a person.

use super::CONTACTS;
use crate::domain::ids::ContactId;

/// What is kept about a contact, to be given out or erased.
pub fn contact_privacy(id: ContactId) -> String {
    format!("{CONTACTS}/{id}/privacy")
}

/// Where the button goes that gives out all that is kept about a contact.
pub fn contact_export(id: ContactId) -> String {
    format!("{CONTACTS}/{id}/export")
}

/// Where the button that erases a contact goes.
pub fn contact_erasure(id: ContactId) -> String {
    format!("{CONTACTS}/{id}/erase")
}
