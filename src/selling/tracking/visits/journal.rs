//! Recording visits: they are written down, and worked in at once where they are few.

use std::collections::HashSet;

use diesel::{Connection, PgConnection};

use super::directory::{Directory, Lead};
use super::queries::{self, InForce, Of};
use super::{Answer, Coming, Visit};
use crate::error::AppError;

/// Fewer than this may be worked in before they are answered.
pub const FEW: usize = 16;

/// Records visits in the order given, in a transaction of the caller, and tells for each where it leads. Those
/// of a visitor who is known as a contact are referrals of it (spec 3) when they are worked in; that is done
/// before anybody asks for them. A few are worked in at once.
pub fn record(
    conn: &mut PgConnection,
    visits: &[Visit],
    directory: &mut Directory,
) -> Result<Vec<Answer>, AppError> {
    let answers = write_down(conn, visits, directory)?;
    if visits.len() < FEW {
        work_in_few(conn);
    }
    Ok(answers)
}

/// The same, and works nothing in.
pub fn write_down(
    conn: &mut PgConnection,
    visits: &[Visit],
    directory: &mut Directory,
) -> Result<Vec<Answer>, AppError> {
    let in_force = queries::in_force(conn)?;
    directory.keep_as_of(in_force.changes);
    let unknown = directory.unknown(visits);
    if !unknown.is_empty() {
        let found = queries::look_up(conn, &unknown)?;
        directory.learn(unknown.into_iter().zip(found));
    }
    let own = own_keys(conn, visits, directory)?;
    let mut answers = Vec::with_capacity(visits.len());
    let (mut kept, mut missed) = (Vec::with_capacity(visits.len()), Vec::new());
    for visit in visits {
        let lead = directory.lead(visit);
        let key = match visit.coming {
            Coming::Person => visit.key.as_ref().filter(|key| own.contains(*key)).or(Some(&visit.fresh)),
            Coming::Robot | Coming::Nobody => None,
        };
        match lead {
            Some(lead) if visit.is_kept() => kept.push((visit, lead, key.map(String::as_str))),
            None if visit.coming == Coming::Person => missed.push(visit),
            _ => {}
        }
        answers.push(answer(lead, key.cloned(), &in_force));
    }
    if !missed.is_empty() {
        queries::count_unknown(conn, &missed)?;
    }
    if !kept.is_empty() {
        queries::write_down(conn, &kept)?;
    }
    Ok(answers)
}

/// Works in a few, so that everybody sees them at once. They are written down already, so if that does not go
/// now it is no reason to refuse them.
pub fn work_in_few(conn: &mut PgConnection) {
    let worked_in = conn.transaction(|conn| queries::work_in(conn, 4 * FEW as i64));
    if let Err(error) = worked_in {
        tracing::warn!(%error, "visits could not be worked in at once");
    }
}

/// The keys from cookies that are visitors' indeed. Nobody chooses a number for himself.
fn own_keys(
    conn: &mut PgConnection,
    visits: &[Visit],
    directory: &Directory,
) -> Result<HashSet<String>, AppError> {
    let from_cookies = visits.iter().filter(|visit| visit.coming == Coming::Person);
    let from_cookies = from_cookies.filter(|visit| directory.lead(visit).is_some());
    let keys: HashSet<&str> = from_cookies.filter_map(|visit| visit.key.as_deref()).collect();
    if keys.is_empty() {
        return Ok(HashSet::new());
    }
    let mut keys: Vec<&str> = keys.into_iter().collect();
    let mut own = queries::known_keys(conn, &keys)?;
    keys.retain(|key| !own.contains(*key));
    if !keys.is_empty() {
        // Perhaps visitors whose first click is not worked in yet.
        queries::work_in_of(conn, Of { keys: &keys, ..Of::default() })?;
        own.extend(queries::known_keys(conn, &keys)?);
    }
    Ok(own)
}

fn answer(lead: Option<&Lead>, key: Option<String>, in_force: &InForce) -> Answer {
    let destination = match lead {
        Some(lead) => lead.destination.as_ref().unwrap_or(&in_force.default_destination),
        None => &in_force.unknown_destination,
    };
    Answer {
        partner: lead.map(|lead| lead.partner),
        link: lead.and_then(|lead| lead.link),
        destination: destination.clone(),
        names_visitor: lead.is_some_and(|lead| lead.names_visitor),
        visitor: key.filter(|_| lead.is_some()),
        cookie_days: in_force.cookie_days,
    }
}
