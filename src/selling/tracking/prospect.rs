//! Whom an order would be credited to if it came now: by what is tracked alone, for nobody has named a partner and
//! no coupon was given.

use chrono::{DateTime, SubsecRound, Utc};
use diesel::PgConnection;
use std::collections::HashSet;

use super::queries::{active, known_touches};
use crate::domain::attribution::{self, Question, Touch};
use crate::domain::ids::{ContactId, PartnerId, VisitorId};
use crate::domain::settings::TrackingRules;
use crate::error::AppError;
use crate::people::partners;

/// Somebody who may order.
#[derive(Debug, Clone, Default)]
pub struct Prospect {
    pub visitor: Option<VisitorId>,
    pub contact: Option<ContactId>,
    pub address: Option<String>,
}

impl Prospect {
    /// The partner that would be credited by these rules at this moment; none where nobody would be (spec 3). What it
    /// has clicked must have been worked in: nothing is waited for here.
    pub fn partner(
        self,
        conn: &mut PgConnection,
        rules: TrackingRules,
        at: DateTime<Utc>,
    ) -> Result<Option<PartnerId>, AppError> {
        let Prospect { visitor, contact, address } = self;
        let address = address.filter(|_| rules.use_ip_address);
        let mut touches = known_touches(conn, visitor.as_slice(), contact.as_slice(), address.as_slice())?;
        let own_partners = partners::own_partners(conn, contact.as_slice())?;
        let question = Question {
            at: at.trunc_subsecs(6),
            named: None,
            coupons: Vec::new(),
            cookie: visitor.map(|visitor| touches.by_visitor.remove(&visitor).unwrap_or_default()),
            history: contact.and_then(|contact| touches.by_contact.remove(&contact)).unwrap_or_default(),
            ip_address: address.map(|address| touches.by_address.remove(&address).unwrap_or_default()),
            own_partner: contact.and_then(|contact| own_partners.get(&contact).copied()),
        };
        let spoken_for = [question.cookie.iter(), question.ip_address.iter()].into_iter().flatten().flatten();
        let candidates: HashSet<PartnerId> =
            spoken_for.chain(&question.history).map(|touch: &Touch| touch.partner).collect();
        let active = active(conn, candidates)?;
        Ok(attribution::credit(&question, rules, |partner| active.contains(&partner)).partner)
    }
}
