//! *CRM > Web Forms*: what people outside fill in, and become leads by. A form has a code, which stands in its
//! address, and says what it asks; what was sent by it stands on its page. See docs/decisions/0073.

mod export;
pub mod fields;
pub mod forms;
pub mod handlers;
pub mod pages;
mod queries;
pub mod submissions;

pub use queries::{News, news};

use crate::domain::ids::{PartnerId, SubmissionId, WebFormId};
use crate::error::AppError;
use crate::running::audit::{self, Who};
use diesel::PgConnection;
use fields::Asked;
use serde_json::{Value, json};

/// What people keep of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// What it is called among us.
    pub name: String,
    pub code: String,
    /// The heading that people see.
    pub title: String,
    pub introduction: String,
    /// The words on its button.
    pub button: String,
    pub asked: Asked,
    /// What people see who have sent it; may be empty.
    pub thanks: String,
    /// Where they are led instead; an address that `domain::destination` has read, or empty.
    pub redirect: String,
    /// Whether it is shown and taken.
    pub is_open: bool,
    /// Whether it is taken from pages that are not ours.
    pub is_embedded: bool,
    /// Whether the start page tells of its new leads.
    pub notifies: bool,
    /// Who is mailed what people send by it.
    pub mail_to: Vec<String>,
    /// Who becomes the sales rep of contacts that come by it and have none.
    pub sales_rep: Option<PartnerId>,
}

/// A form's record as it is.
#[derive(Debug, Clone)]
pub struct Record {
    pub id: WebFormId,
    pub version: i32,
    pub facts: Facts,
    /// The code of its sales rep; empty where it has none.
    pub sales_rep_code: String,
    pub sales_rep_name: String,
    /// Up to which submission somebody has seen them.
    pub seen_up_to: SubmissionId,
}

/// What came of a save.
pub enum Saved {
    Done(WebFormId),
    /// Another form has or had the code: its name.
    CodeTaken(String),
    /// Somebody else has saved it since the form was opened.
    Stale,
}

/// Makes a form.
pub fn create(conn: &mut PgConnection, who: &Who, facts: &Facts) -> Result<Saved, AppError> {
    let Some(id) = queries::insert(conn, facts)? else {
        return Ok(Saved::CodeTaken(queries::name_of(conn, &facts.code)?));
    };
    queries::set_fields(conn, id, &facts.asked)?;
    audit::write(conn, who, "web_form.create", ("web_form", id.0), told(facts))?;
    Ok(Saved::Done(id))
}

/// Saves an edited form. Its address with an earlier code keeps leading to it.
pub fn change(
    conn: &mut PgConnection,
    who: &Who,
    id: WebFormId,
    facts: &Facts,
    version: i32,
) -> Result<Saved, AppError> {
    let before = queries::find(conn, id, true)?.ok_or_else(|| no_such(id))?;
    if before.version != version {
        return Ok(Saved::Stale);
    }
    if before.facts == *facts {
        return Ok(Saved::Done(id));
    }
    if !queries::update(conn, id, facts)? {
        return Ok(Saved::CodeTaken(queries::name_of(conn, &facts.code)?));
    }
    queries::set_fields(conn, id, &facts.asked)?;
    audit::write(conn, who, "web_form.update", ("web_form", id.0), changes(&before.facts, facts))?;
    Ok(Saved::Done(id))
}

/// Deletes a form by which nobody came, with what robots sent; tells how many came otherwise.
pub fn delete(conn: &mut PgConnection, who: &Who, id: WebFormId) -> Result<i64, AppError> {
    let before = queries::find(conn, id, true)?.ok_or_else(|| no_such(id))?;
    let leads = submissions::count(conn, id)?;
    if leads == 0 {
        submissions::forget(conn, id)?;
        queries::delete(conn, id)?;
        audit::write(conn, who, "web_form.delete", ("web_form", id.0), told(&before.facts))?;
    }
    Ok(leads)
}

/// Marks what came up to a submission as seen by somebody.
pub fn see(conn: &mut PgConnection, who: &Who, id: WebFormId, up_to: SubmissionId) -> Result<(), AppError> {
    queries::find(conn, id, true)?.ok_or_else(|| no_such(id))?;
    if queries::see(conn, id, up_to)? {
        audit::write(conn, who, "web_form.see", ("web_form", id.0), json!({ "up_to": up_to }))?;
    }
    Ok(())
}

/// A form's record, or a page that says that there is no such form.
pub fn find(conn: &mut PgConnection, id: WebFormId) -> Result<Record, AppError> {
    queries::find(conn, id, false)?.ok_or_else(|| no_such(id))
}

fn no_such(id: WebFormId) -> AppError {
    AppError::not_found(format!("web form {id}"))
}

/// What of it was changed: before and now. What people are told, and who is mailed, stay out of the log but
/// for *changed*.
fn changes(before: &Facts, now: &Facts) -> Value {
    let (Value::Object(before_told), Value::Object(mut changed)) = (told(before), told(now)) else {
        return Value::Null;
    };
    for (field, was) in before_told {
        match changed.get_mut(&field) {
            Some(is) if *is == was => drop(changed.remove(&field)),
            Some(is) => *is = json!([was, is]),
            None => {}
        }
    }
    let words = |facts: &Facts| {
        let Facts { name, title, introduction, button, thanks, asked, mail_to, .. } = facts.clone();
        (name, title, introduction, button, thanks, asked, mail_to)
    };
    if words(before) != words(now) {
        changed.insert("words".into(), json!("changed"));
    }
    Value::Object(changed)
}

fn told(facts: &Facts) -> Value {
    json!({
        "code": facts.code,
        "asks": facts.asked.inputs().iter().map(|input| input.name).collect::<Vec<_>>().join(" "),
        "redirect": facts.redirect,
        "open": facts.is_open,
        "embedded": facts.is_embedded,
        "notifies": facts.notifies,
        "mails": facts.mail_to.len(),
        "sales_rep": facts.sales_rep,
    })
}
