//! What is shown when a search cannot be saved as it was named.

use super::Page;
use crate::web::admin::Viewer;
use crate::web::forms::Problems;
use crate::web::layout::Layout;
use crate::web::paths;
use askama::Template;

/// The form that saves a search, with what is wrong with it.
#[derive(Template)]
#[template(path = "saved_searches/new.html")]
pub struct NewPage {
    layout: Layout,
    page: Page,
    /// The name as it was typed.
    typed: String,
    query: String,
    problems: Problems,
}

impl NewPage {
    pub fn new(viewer: &Viewer, page: Page, typed: String, query: String, problems: Problems) -> NewPage {
        let layout = viewer.layout("Save this search").narrow();
        NewPage { layout, page, typed, query, problems }
    }

    /// The list as it was searched, unless the search itself is what is wrong.
    fn back(&self) -> String {
        let query = if self.problems.of("query").is_empty() { self.query.as_str() } else { "" };
        self.page.address(query)
    }
}
