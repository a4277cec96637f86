//! What is remembered of links and partners, so that a click need not look for them: most clicks go through a few
//! links.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::QueryableByName;
use diesel::sql_types::BigInt;

use super::Visit;
use super::queries::InForce;
use crate::domain::destination::Destination;
use crate::domain::ids::{LinkId, PartnerId};

/// How many are remembered at most. Anybody can ask for any number of codes that nobody has.
const MOST: usize = 20_000;

/// What a visit asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Asked {
    pub link: Option<String>,
    pub partner: String,
    pub number: Option<PartnerId>,
}

/// Whose it is, and where it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    pub partner: PartnerId,
    pub link: Option<LinkId>,
    /// The link's; none without a link, and where what is kept for it is no address.
    pub destination: Option<Arc<Destination>>,
    /// Whether the destination is told who the visitor is.
    pub names_visitor: bool,
    /// For how many days of 24 hours the click counts; none = for ever.
    pub track_leads_days: Option<i32>,
}

/// How links and partners stood when they were looked up: the same as long as nothing about them has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, QueryableByName)]
pub struct Changes {
    #[diesel(sql_type = BigInt)]
    pub changes: i64,
    #[diesel(sql_type = BigInt)]
    pub last: i64,
}

/// What is remembered; also of what is nobody's.
#[derive(Debug, Default)]
pub struct Directory {
    /// None = nothing is remembered yet, or it is no longer right.
    in_force: Option<InForce>,
    known: HashMap<Asked, Option<Lead>>,
}

impl Directory {
    /// What holds for all visits, as it is remembered.
    pub fn in_force(&self) -> Option<&InForce> {
        self.in_force.as_ref()
    }

    /// Takes what is in force now, and forgets all else, unless nothing has changed.
    pub fn keep_as_of(&mut self, now: InForce) {
        if self.known.len() > MOST || self.in_force.as_ref().is_none_or(|known| known.changes != now.changes)
        {
            self.known.clear();
        }
        self.in_force = Some(now);
    }

    /// What of these is not known, each once.
    pub fn unknown(&self, visits: &[&Visit]) -> Vec<Asked> {
        let mut unknown: Vec<Asked> = Vec::new();
        for asked in visits.iter().copied().map(Asked::by) {
            if !self.known.contains_key(&asked) && !unknown.contains(&asked) {
                unknown.push(asked);
            }
        }
        unknown
    }

    /// Remembers what was found.
    pub fn learn(&mut self, found: impl IntoIterator<Item = (Asked, Option<Lead>)>) {
        self.known.extend(found);
    }

    /// Where a visit leads; none where it asked for what nobody has.
    pub fn lead(&self, visit: &Visit) -> Option<&Lead> {
        self.known.get(&Asked::by(visit)).and_then(Option::as_ref)
    }
}

impl Asked {
    fn by(visit: &Visit) -> Asked {
        Asked { link: visit.link.clone(), partner: visit.partner.clone(), number: visit.number }
    }
}
