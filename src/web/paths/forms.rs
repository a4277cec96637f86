//! The addresses of web forms: those of their records, and those that people outside know.

use crate::domain::ids::WebFormId;

/// CRM > Web Forms.
pub const WEB_FORMS: &str = "/web-forms";
/// The form for a new web form.
pub const NEW_WEB_FORM: &str = "/web-forms/new";

/// A web form: what was sent by it, and where its record's form goes.
pub fn web_form(id: WebFormId) -> String {
    format!("{WEB_FORMS}/{id}")
}

/// What was sent by a web form, as a file.
pub fn web_form_leads(id: WebFormId) -> String {
    format!("{WEB_FORMS}/{id}/leads.csv")
}

/// The form of a web form's record.
pub fn edit_web_form(id: WebFormId) -> String {
    format!("{WEB_FORMS}/{id}/edit")
}

/// Before a web form is deleted, and where that goes.
pub fn web_form_deletion(id: WebFormId) -> String {
    format!("{WEB_FORMS}/{id}/delete")
}

/// Where it is said that what was sent by a form has been seen.
pub fn seen_web_form(id: WebFormId) -> String {
    format!("{WEB_FORMS}/{id}/seen")
}

/// The form with this code as people outside see it, and where it goes.
pub fn hosted_form(code: &str) -> String {
    format!("/f/{code}")
}

/// What people see who have sent it.
pub fn hosted_form_thanks(code: &str) -> String {
    format!("/f/{code}/thanks")
}

/// The company's logo, for them.
pub fn hosted_form_logo(code: &str) -> String {
    format!("/f/{code}/logo")
}
