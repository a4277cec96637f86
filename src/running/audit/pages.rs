//! What the audit log page shows.

use askama::Template;

use super::Source;
use super::queries::{Row, Search};
use crate::web::admin::Administrator;
use crate::web::layout::Layout;
use crate::web::list::Pager;
use crate::web::paths;

/// The log, the latest first.
#[derive(Template)]
#[template(path = "audit/index.html")]
pub struct IndexPage {
    layout: Layout,
    rows: Vec<Row>,
    pager: Pager,
    user: String,
    action: String,
    users: Vec<(String, String)>,
    actions: Vec<(String, String)>,
}

impl IndexPage {
    pub fn new(
        admin: &Administrator,
        search: Search,
        rows: Vec<Row>,
        pager: Pager,
        users: Vec<(i64, String)>,
        actions: Vec<String>,
    ) -> IndexPage {
        let any = |words: &str| (String::new(), words.to_string());
        let users = users.into_iter().map(|(id, name)| (id.to_string(), name));
        let actions = actions.into_iter().map(|action| (action.clone(), words(&action)));
        IndexPage {
            layout: admin.layout("Audit log").under("CRM", "").under("Settings", paths::SETTINGS).wide(),
            rows,
            pager,
            user: search.user_id.map(|id| id.to_string()).unwrap_or_default(),
            action: search.action.unwrap_or_default(),
            users: std::iter::once(any("Everybody")).chain(users).collect(),
            actions: std::iter::once(any("Everything")).chain(actions).collect(),
        }
    }

    fn is_narrowed(&self) -> bool {
        !self.user.is_empty() || !self.action.is_empty()
    }
}

impl Row {
    /// Who did it.
    pub fn who(&self) -> String {
        if let Some(name) = &self.api_key_name {
            return format!("API key {name}");
        }
        let nobody = if self.source == Source::Web.code() { "Set-up link" } else { "Command line" };
        self.user_name.clone().unwrap_or_else(|| nobody.into())
    }

    /// What was done: `Payment batch: void`.
    pub fn what(&self) -> String {
        words(&self.action)
    }

    /// To what: `user 3`.
    pub fn subject(&self) -> String {
        format!("{} {}", self.subject_kind.replace('_', " "), self.subject_id)
    }

    /// The details as name and value, in the order of their names.
    pub fn facts(&self) -> Vec<(String, String)> {
        let Some(details) = self.details.as_object() else { return Vec::new() };
        let text = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        details.iter().map(|(name, value)| (name.replace('_', " "), text(value))).collect()
    }
}

/// `payment_batch.void` → `Payment batch: void`
fn words(action: &str) -> String {
    let words = action.replace('_', " ").replace('.', ": ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
