//! Recording visits: they are written down, and worked in at once where they are few.

use std::collections::HashSet;

use anyhow::{Context, anyhow};
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
    let answers = write_down(conn, &visits.iter().collect::<Vec<_>>(), directory, &mut None)?;
    if visits.len() < FEW {
        work_in_few(conn);
    }
    Ok(answers)
}

/// How often visits are looked up anew because links and partners have changed meanwhile.
const TRIES: usize = 3;

/// The same, and works nothing in. Also without a transaction of the caller it is all or nothing; what would be
/// answered stands in `tried` before anything is written, for whoever does not hear whether it was.
pub fn write_down(
    conn: &mut PgConnection,
    visits: &[&Visit],
    directory: &mut Directory,
    tried: &mut Option<Vec<Answer>>,
) -> Result<Vec<Answer>, AppError> {
    for _ in 0..TRIES {
        // Whoever is written down learns by it whether what is remembered is still right.
        let is_checked = visits.iter().any(|visit| visit.is_kept() && directory.lead(visit).is_some());
        if directory.in_force().is_none() || !is_checked {
            directory.keep_as_of(queries::in_force(conn)?);
        }
        if write_down_as_known(conn, visits, directory, tried)? {
            return Ok(tried.take().context("it is known what is answered")?);
        }
        directory.keep_as_of(queries::in_force(conn)?);
    }
    Err(AppError::Unavailable(anyhow!("links and partners change faster than visits can be written down")))
}

/// Whether it was done: not where links and partners have changed since they were looked up.
fn write_down_as_known(
    conn: &mut PgConnection,
    visits: &[&Visit],
    directory: &mut Directory,
    tried: &mut Option<Vec<Answer>>,
) -> Result<bool, AppError> {
    let unknown = directory.unknown(visits);
    if !unknown.is_empty() {
        let found = queries::look_up(conn, &unknown)?;
        directory.learn(unknown.into_iter().zip(found));
    }
    let own = own_keys(conn, visits, directory)?;
    let in_force = directory.in_force().context("it has been looked up")?;
    let mut answers = Vec::with_capacity(visits.len());
    let (mut kept, mut missed) = (Vec::with_capacity(visits.len()), Vec::new());
    for &visit in visits {
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
        answers.push(answer(lead, key.cloned(), in_force));
    }
    let since = in_force.changes;
    *tried = Some(answers);
    if missed.is_empty() {
        Ok(kept.is_empty() || queries::write_down(conn, &kept, since)?)
    } else {
        conn.transaction(|conn| {
            let is_current = kept.is_empty() || queries::write_down(conn, &kept, since)?;
            if is_current {
                queries::count_unknown(conn, &missed)?;
            }
            Ok(is_current)
        })
    }
}

/// Works in the few that were written down a moment ago, if they are all, so that everybody sees them at once;
/// whether it did. They are written down already, so if that does not go now it is no reason to refuse them.
pub fn work_in_few(conn: &mut PgConnection) -> bool {
    conn.transaction(queries::work_in_only).unwrap_or_else(|error| {
        tracing::warn!(%error, "visits could not be worked in at once");
        false
    })
}

/// The keys from cookies that are visitors' indeed. Nobody chooses a number for himself.
fn own_keys(
    conn: &mut PgConnection,
    visits: &[&Visit],
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
        Some(lead) if lead.link.is_some() => &lead.destination,
        Some(_) => &in_force.default_destination,
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
