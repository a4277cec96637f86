//! What each kind of job does: the one place where the queue and the features meet.

use crate::paying::statements;
use crate::running::jobs::{JobKind, Runner};
use crate::selling::imports;

/// The function that does jobs of this kind.
pub fn runner(kind: JobKind) -> Runner {
    match kind {
        JobKind::CheckImport => imports::job::check,
        JobKind::Import => imports::job::run,
        JobKind::Print => statements::job::run,
    }
}
