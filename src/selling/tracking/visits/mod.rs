//! Visits to links: `/go/<link>/<partner>`, and to shops whose script reports them. Each is recorded before it is
//! answered, and no answer waits for more than that: requests hand their visits to one writer, which records
//! what has come while it was recording what came before.
//!
//! Recorded is what stands in the table `visits`. From there it is worked into visitors, clicks and referrals: at
//! once where few come, else as soon as there is time ([`work_in_of`] for whoever cannot wait).

mod catching_up;
mod coming;
pub mod cookie;
mod desk;
mod directory;
pub mod handlers;
mod journal;
mod queries;
pub mod set_aside;
mod writer;

pub use coming::Coming;
pub use desk::Desk;
pub use directory::Directory;
pub use journal::record;
pub use queries::{
    Of, SetAside, clicks_set_aside, erase_addresses, forget_unknown_links, tidy_link_changes, work_in_of,
};
pub use writer::{Visits, Writer};

use std::sync::Arc;

use crate::domain::destination::Destination;
use crate::domain::ids::{LinkId, PartnerId};
use chrono::{DateTime, Utc};

/// Somebody asks for a link.
#[derive(Debug, Clone, Default)]
pub struct Visit {
    /// The link's code as it was asked for; none = the default destination.
    pub link: Option<String>,
    /// The partner's code, after a prefix or none.
    pub partner: String,
    /// The partner's number, which is tried before the code.
    pub number: Option<PartnerId>,
    /// The visitor's key that came in the cookie. One that no visitor has is not taken.
    pub key: Option<String>,
    /// The key for a visitor that turns out to be new.
    pub fresh: String,
    /// Who comes: nobody's visits are told where they lead and not recorded.
    pub coming: Coming,
    pub at: DateTime<Utc>,
    /// From which IP address.
    pub address: Option<String>,
    pub user_agent: Option<String>,
    pub referrer: Option<String>,
    /// What stood after the question mark, as it was written.
    pub query: Option<String>,
    pub utm: Utm,
    /// The page of a shop on which it began, without a link of ours.
    pub page: Option<String>,
    /// When it was by the clock of the visitor's browser, in milliseconds: what is reported again says the same, and
    /// counts once.
    pub report_ms: Option<i64>,
}

/// What a campaign says of itself in the query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Utm {
    pub source: Option<String>,
    pub medium: Option<String>,
    pub campaign: Option<String>,
    pub term: Option<String>,
    pub content: Option<String>,
}

/// What became of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whose link it was; none where no link or no partner has that code.
    pub partner: Option<PartnerId>,
    /// Which link; none = the partner's own address.
    pub link: Option<LinkId>,
    /// Where it leads: the link's destination or the default one; for an unknown code the company's site.
    /// None where none is set.
    pub destination: Option<Arc<Destination>>,
    /// Whether the destination is told who the visitor is.
    pub names_visitor: bool,
    /// The visitor's key for its cookie; none where nothing was recorded, and for robots.
    pub visitor: Option<String>,
    /// How many days of 24 hours the cookie lasts.
    pub cookie_days: i32,
}

impl Visit {
    /// Whether it is recorded, where its link is somebody's.
    fn is_kept(&self) -> bool {
        self.coming != Coming::Nobody
    }
}
