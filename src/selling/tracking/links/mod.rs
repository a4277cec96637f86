//! *CRM > Tracking Links*: what partners hand out. A link has a code, which stands in its address, and a
//! destination; how often it was clicked stands on its page.

pub mod forms;
pub mod handlers;
pub mod pages;
pub mod qr;
mod queries;

use crate::domain::ids::{LinkId, ProgramId};
use crate::error::AppError;
use crate::running::audit::{self, Who};
use diesel::PgConnection;
use serde_json::{Value, json};

/// What people keep of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub name: String,
    pub code: String,
    /// An address that `domain::destination` has read.
    pub destination: String,
    /// Whether the destination is told who the visitor is.
    pub names_visitor: bool,
    /// To whose partners it is offered, by number; to all where there is none.
    pub programs: Vec<ProgramId>,
}

/// A link's record as it is.
#[derive(Debug, Clone)]
pub struct Record {
    pub id: LinkId,
    pub version: i32,
    pub facts: Facts,
}

/// What came of a save.
pub enum Saved {
    Done(LinkId),
    /// Another link has or had the code: its name.
    CodeTaken(String),
    /// Somebody else has saved it since the form was opened.
    Stale,
}

/// Makes a link.
pub fn create(conn: &mut PgConnection, who: &Who, facts: &Facts) -> Result<Saved, AppError> {
    let Some(id) = queries::insert(conn, facts)? else {
        return Ok(Saved::CodeTaken(queries::name_of(conn, &facts.code)?));
    };
    queries::set_programs(conn, id, &facts.programs)?;
    audit::write(conn, who, "link.create", ("link", id.0), told(facts))?;
    Ok(Saved::Done(id))
}

/// Saves an edited link. What was handed out with an earlier code keeps leading to it.
pub fn change(
    conn: &mut PgConnection,
    who: &Who,
    id: LinkId,
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
    queries::set_programs(conn, id, &facts.programs)?;
    audit::write(conn, who, "link.update", ("link", id.0), changes(&before.facts, facts))?;
    Ok(Saved::Done(id))
}

/// Deletes a link that was never clicked; tells how often it was otherwise.
pub fn delete(conn: &mut PgConnection, who: &Who, id: LinkId) -> Result<i64, AppError> {
    let before = queries::find(conn, id, true)?.ok_or_else(|| no_such(id))?;
    let clicks = queries::clicks(conn, id)?;
    if clicks == 0 {
        queries::delete(conn, id)?;
        audit::write(conn, who, "link.delete", ("link", id.0), told(&before.facts))?;
    }
    Ok(clicks)
}

/// A link's record, or a page that says that there is no such link.
pub fn find(conn: &mut PgConnection, id: LinkId) -> Result<Record, AppError> {
    queries::find(conn, id, false)?.ok_or_else(|| no_such(id))
}

fn no_such(id: LinkId) -> AppError {
    AppError::not_found(format!("tracking link {id}"))
}

/// What of it was changed: before and now. Names are people's and stay out of the log.
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
    if before.name != now.name {
        changed.insert("name".into(), json!("changed"));
    }
    Value::Object(changed)
}

fn told(facts: &Facts) -> Value {
    json!({
        "code": facts.code,
        "destination": facts.destination,
        "names_visitor": facts.names_visitor,
        "programs": facts.programs,
    })
}
