//! Searches that a user has given a name, on the list of partners and on the Ledgers report. Each user
//! has its own; a viewer too, for they change nothing of anybody else's.

pub mod handlers;
pub mod pages;
mod queries;

pub use queries::SavedSearch;

use crate::domain::ids::UserId;
use crate::error::AppError;
use crate::running::audit::{self, Who};
use crate::web::forms::{FormData, Problems};
use crate::web::list::Address;
use crate::web::paths;
use diesel::PgConnection;
use serde_json::json;

/// The most searches that a user may keep for one page.
const MOST: i64 = 40;
/// The most characters of a search.
const MOST_CHARACTERS: usize = 4_000;

/// A page whose searches can be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    Partners,
    Ledgers,
}

/// The saved searches of a page, and the one that it shows.
#[derive(Debug, Clone)]
pub struct Saved {
    page: Page,
    /// What the page shows now, as it would be saved; empty where nothing was asked for.
    pub query: String,
    pub searches: Vec<SavedSearch>,
}

impl Page {
    /// The word for it in forms and the database.
    pub fn word(self) -> &'static str {
        match self {
            Page::Partners => "partners",
            Page::Ledgers => "ledgers",
        }
    }

    /// The page of that word.
    pub fn from_word(word: &str) -> Option<Page> {
        [Page::Partners, Page::Ledgers].into_iter().find(|page| page.word() == word)
    }

    fn path(self) -> &'static str {
        match self {
            Page::Partners => paths::PARTNERS,
            Page::Ledgers => paths::LEDGERS,
        }
    }

    /// The page with this search.
    pub fn address(self, query: &str) -> String {
        if query.is_empty() { self.path().to_string() } else { format!("{}?{query}", self.path()) }
    }
}

impl Saved {
    /// The searches that a user has saved for a page, and what the page is asked for now.
    pub fn read(
        conn: &mut PgConnection,
        user: UserId,
        page: Page,
        asked: &FormData,
    ) -> Result<Saved, AppError> {
        Ok(Saved { page, query: written(asked), searches: queries::of(conn, user, page)? })
    }

    /// The page's word, for the form that saves.
    pub fn page(&self) -> &'static str {
        self.page.word()
    }

    /// Where a saved search leads.
    pub fn address(&self, search: &SavedSearch) -> String {
        self.page.address(&search.query)
    }

    /// Whether this one is shown.
    pub fn is_shown(&self, search: &SavedSearch) -> bool {
        search.query == self.query
    }

    /// Whether there is a search that could be saved, or one that was.
    pub fn is_worth_showing(&self) -> bool {
        !self.query.is_empty() || !self.searches.is_empty()
    }
}

impl SavedSearch {
    /// Where it is removed.
    pub fn removal(&self) -> String {
        paths::remove_saved_search(self.id)
    }
}

/// Saves a search ([`plain`]) under a name; one that had the name is replaced. The address that shows it,
/// or what is wrong.
pub fn save(
    conn: &mut PgConnection,
    who: &Who,
    page: Page,
    name: &str,
    query: &str,
) -> Result<Result<String, Problems>, AppError> {
    let user = who.user_id.ok_or(AppError::SignedOut)?;
    let mut problems = Problems::none();
    let name = problems.text("name", "The name of the search", name, 60);
    if query.len() > MOST_CHARACTERS {
        problems.add("query", "This search is too long to be saved.");
    }
    if queries::count(conn, user, page)? >= MOST {
        problems
            .add("name", format!("You have saved {MOST} searches for this page already. Remove one first."));
    }
    if !problems.is_empty() {
        return Ok(Err(problems));
    }
    let id = queries::save(conn, user, page, &name, query, who.at)?;
    audit::write(conn, who, "saved_search.save", ("saved_search", id), json!({ "page": page.word() }))?;
    Ok(Ok(page.address(query)))
}

/// Removes a search of the user's own; the page that it was for.
pub fn remove(conn: &mut PgConnection, who: &Who, id: i64) -> Result<Page, AppError> {
    let user = who.user_id.ok_or(AppError::SignedOut)?;
    let missing = || AppError::not_found("such saved search of yours");
    let page = queries::remove(conn, user, id)?.ok_or_else(missing)?;
    audit::write(conn, who, "saved_search.remove", ("saved_search", id), json!({}))?;
    Page::from_word(&page).ok_or_else(missing)
}

/// A search as a browser sends it, written anew: nothing but a search can be saved.
pub fn plain(query: &str) -> Result<String, AppError> {
    Ok(written(&FormData::parse(query.as_bytes())?))
}

/// The fields that say something.
fn written(asked: &FormData) -> String {
    let address = Address::new("", asked).without("page").to_string();
    address.trim_start_matches('?').to_string()
}
