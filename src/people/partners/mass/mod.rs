//! Mass Update: one change for many partners at once, told before it is made. What a look tells is what
//! the change itself would do: it is made, counted, and taken back.

mod forms;
pub mod handlers;
mod pages;

use super::queries::{mass as queries, record};
use crate::domain::ids::{PartnerId, ProgramId};
use crate::error::AppError;
use crate::people::partners::PartnerStatus;
use crate::running::audit::{self, Who};
use crate::web::forms::Problems;
use diesel::{Connection, PgConnection};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What is changed; what is none stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    pub status: Option<PartnerStatus>,
    /// None inside: no parent.
    pub parent: Option<Option<PartnerId>>,
    pub enrol: Option<ProgramId>,
    pub leave: Option<ProgramId>,
    pub add_tags: Vec<String>,
    pub remove_tags: Vec<String>,
    pub notify_on_lead: Option<bool>,
    pub notify_on_sale: Option<bool>,
    /// None inside: for ever.
    pub track_leads_days: Option<Option<i32>>,
}

/// What a change does, or has done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effect {
    /// Each part in words, and how many partners it changes.
    pub parts: Vec<(&'static str, usize)>,
    /// How many partners were chosen that can be changed at all.
    pub chosen: usize,
    /// Merged records, which stay as they are.
    pub merged: usize,
    /// The partners that change.
    pub changed: BTreeSet<PartnerId>,
}

/// What a change would do; nothing is changed.
pub fn look(
    conn: &mut PgConnection,
    partners: &[PartnerId],
    change: &Change,
) -> Result<Result<Effect, Problems>, AppError> {
    let mut told = None;
    let taken_back = conn.transaction::<(), AppError, _>(|conn| {
        told = Some(make(conn, partners, change)?);
        Err(diesel::result::Error::RollbackTransaction.into())
    });
    match (told, taken_back) {
        (Some(told), _) => Ok(told),
        (None, Err(error)) => Err(error),
        (None, Ok(())) => Ok(Ok(Effect::default())),
    }
}

/// Makes the change, and writes an audit row for each partner that it changes.
pub fn apply(
    conn: &mut PgConnection,
    who: &Who,
    partners: &[PartnerId],
    change: &Change,
) -> Result<Result<Effect, Problems>, AppError> {
    let made = make(conn, partners, change)?;
    if let Ok(effect) = &made {
        let details = change.details();
        for partner in &effect.changed {
            audit::write(conn, who, "partner.mass_update", ("partner", partner.0), details.clone())?;
        }
    }
    Ok(made)
}

fn make(
    conn: &mut PgConnection,
    partners: &[PartnerId],
    change: &Change,
) -> Result<Result<Effect, Problems>, AppError> {
    record::hold_codes(conn)?;
    let (those, merged) = queries::lock(conn, partners)?;
    if let Some(Some(parent)) = change.parent {
        let above = queries::at_or_above(conn, parent, &those)?;
        if !above.is_empty() {
            let sentence = format!(
                "{} would become {} own ancestor. Choose another parent, or tick others.",
                above.join(", "),
                if above.len() == 1 { "its" } else { "their" }
            );
            return Ok(Err(Problems::one("parent", sentence)));
        }
    }
    let mut effect = Effect { chosen: those.len(), merged, ..Effect::default() };
    let mut note = |words: &'static str, changed: Vec<PartnerId>| {
        effect.parts.push((words, changed.len()));
        effect.changed.extend(changed);
    };
    match change.status {
        Some(PartnerStatus::Active) => {
            note("become active", queries::set_status(conn, &those, PartnerStatus::Active)?)
        }
        Some(PartnerStatus::Inactive) => {
            note("become inactive", queries::set_status(conn, &those, PartnerStatus::Inactive)?);
        }
        None => {}
    }
    if let Some(parent) = change.parent {
        note("get another parent", queries::set_parent(conn, &those, parent)?);
    }
    if let Some(program) = change.enrol {
        note("are enrolled in the program", queries::enrol(conn, &those, program)?);
    }
    if let Some(program) = change.leave {
        note("leave the program", queries::leave(conn, &those, program)?);
    }
    if !change.add_tags.is_empty() {
        note("get a tag that they lack", queries::add_tags(conn, &those, &change.add_tags)?);
    }
    if !change.remove_tags.is_empty() {
        note("lose a tag", queries::remove_tags(conn, &those, &change.remove_tags)?);
    }
    if let Some(on) = change.notify_on_lead {
        note("are told otherwise about leads", queries::set_notify(conn, &those, true, on)?);
    }
    if let Some(on) = change.notify_on_sale {
        note("are told otherwise about sales", queries::set_notify(conn, &those, false, on)?);
    }
    if let Some(days) = change.track_leads_days {
        note("have their leads tracked for another time", queries::set_track_leads_days(conn, &those, days)?);
    }
    Ok(Ok(effect))
}

impl Change {
    /// Whether nothing is chosen to be changed.
    pub fn is_nothing(&self) -> bool {
        *self == Change::default()
    }

    /// For the audit log: what was set, in numbers and words of ours.
    fn details(&self) -> Value {
        let mut details = serde_json::Map::new();
        let mut note =
            |name: &str, value: Option<Value>| details.extend(value.map(|value| (name.to_string(), value)));
        note("status", self.status.map(|status| json!(status.word())));
        note("parent", self.parent.map(|parent| json!(parent)));
        note("enrolled_in", self.enrol.map(|program| json!([program])));
        note("left", self.leave.map(|program| json!([program])));
        note("tags_added", (!self.add_tags.is_empty()).then(|| json!(self.add_tags)));
        note("tags_removed", (!self.remove_tags.is_empty()).then(|| json!(self.remove_tags)));
        note("notify_on_lead", self.notify_on_lead.map(|on| json!(on)));
        note("notify_on_sale", self.notify_on_sale.map(|on| json!(on)));
        note("track_leads_days", self.track_leads_days.map(|days| json!(days)));
        Value::Object(details)
    }
}
