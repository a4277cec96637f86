//! What each kind of job does, and what is done beside the jobs: the one place where the queue and the features
//! meet.

use crate::paying::statements;
use crate::running::jobs::worker::Chore;
use crate::running::jobs::{JobKind, Runner};
use crate::running::mails;
use crate::selling::tracking::web_forms::submissions;
use crate::selling::tracking::{clicks, visits};
use crate::selling::{imports, orders};

/// The function that does jobs of this kind.
pub fn runner(kind: JobKind) -> Runner {
    match kind {
        JobKind::CheckImport => imports::job::check,
        JobKind::Import => imports::job::run,
        JobKind::Print => statements::job::run,
    }
}

/// What is done from time to time beside the jobs.
pub const CHORES: &[Chore] = &[
    visits::erase_addresses,
    orders::erase_addresses,
    visits::forget_unknown_links,
    visits::tidy_link_changes,
    submissions::forget_in_time,
    mails::forget_in_time,
    clicks::mark_days,
    clicks::keep_days,
];
