//! What the pages of products show.

use super::queries::pages::{Column, ProductRow};
use crate::people::names::shown;
use crate::web::admin::Viewer;
use crate::web::forms::Problems;
use crate::web::layout::Layout;
use crate::web::list::{Address, Pager, Sort, SortLink};
use crate::web::paths;
use askama::Template;

/// By what the list can be sorted, as the address says it.
pub const COLUMNS: &[(&str, Column)] = &[("name", Column::Name), ("code", Column::Code)];

/// The list.
#[derive(Template)]
#[template(path = "products/index.html")]
pub struct IndexPage {
    layout: Layout,
    may_change: bool,
    words: String,
    problems: Problems,
    products: Vec<ProductRow>,
    pager: Pager,
    name: SortLink,
    code: SortLink,
}

impl IndexPage {
    pub fn new(
        viewer: &Viewer,
        (words, problems): (String, Problems),
        products: Vec<ProductRow>,
        pager: Pager,
        sort: Sort<Column>,
        address: &Address,
    ) -> IndexPage {
        IndexPage {
            layout: viewer.layout("Products").under("CRM", ""),
            may_change: viewer.may_change(),
            words,
            problems,
            products,
            pager,
            name: sort.link(address, "name", Column::Name, false),
            code: sort.link(address, "code", Column::Code, false),
        }
    }
}

impl ProductRow {
    /// What it is called: its code where its name cannot be seen.
    fn shown(&self) -> String {
        shown(&self.name, &self.code)
    }

    fn edit_path(&self) -> String {
        paths::edit_product(self.id)
    }
}
