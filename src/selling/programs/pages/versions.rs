//! A program's dated versions: when each was saved, by whom, and what it says otherwise.

use super::super::queries::pages::{ProductRow, VersionRow};
use super::super::words::{self, Version};
use super::Head;
use crate::domain::ids::ProductId;
use crate::domain::program::Program;
use crate::web::admin::SignedIn;
use crate::web::layout::Layout;
use crate::web::list::Pager;
use crate::web::paths;
use askama::Template;
use chrono::{DateTime, Utc};
use std::collections::HashMap;

/// How many versions stand on a page.
pub const VERSIONS_SHOWN: i64 = 20;
/// How many of a version's changes are told one by one.
const CHANGES_SHOWN: usize = 12;

/// The versions.
#[derive(Template)]
#[template(path = "programs/versions.html")]
pub struct VersionsPage {
    layout: Layout,
    head: Head,
    versions: Vec<Line>,
    pager: Pager,
}

/// One version.
struct Line {
    number: i32,
    path: String,
    at: DateTime<Utc>,
    by: String,
    is_in_force: bool,
    changes: Vec<String>,
    /// How many more changes there are.
    more: usize,
}

impl Line {
    fn has_more(&self) -> bool {
        self.more > 0
    }
}

impl VersionsPage {
    /// The versions, the newest first, each with its rules; the last may be there only to compare with.
    pub fn new(
        visitor: &SignedIn,
        head: Head,
        versions: &[(VersionRow, Program)],
        names: &HashMap<ProductId, ProductRow>,
        pager: Pager,
    ) -> VersionsPage {
        let layout = head.layout(visitor);
        let line = |place: usize, (row, program): &(VersionRow, Program)| {
            let before = versions.get(place + 1);
            let after = Version { program, rules: row.payout_rules() };
            let mut changes = match before {
                None => vec![format!("Made, with priority {}", program.priority)],
                Some((before, old)) => {
                    let before = Version { program: old, rules: before.payout_rules() };
                    words::changes(before, after, names, &layout.format)
                }
            };
            let more = changes.len().saturating_sub(CHANGES_SHOWN);
            changes.truncate(CHANGES_SHOWN);
            Line {
                number: row.number,
                path: paths::program_version(head.id, row.number),
                at: row.made_at,
                by: row.by.clone().unwrap_or_else(|| "Command line".into()),
                is_in_force: row.until.is_none(),
                changes,
                more,
            }
        };
        let shown = usize::try_from(VERSIONS_SHOWN).unwrap_or(usize::MAX);
        let versions =
            versions.iter().enumerate().take(shown).map(|(place, version)| line(place, version)).collect();
        VersionsPage { versions, layout, head, pager }
    }
}
