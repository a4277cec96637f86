//! What the forms of products show.

use super::forms::ProductForm;
use super::{Record, Use};
use crate::domain::ids::ProductId;
use crate::people::names::shown;
use crate::web::admin::Administrator;
use crate::web::conflict::Conflict;
use crate::web::forms::Problems;
use crate::web::html::counted;
use crate::web::layout::Layout;
use crate::web::paths;
use askama::Template;

/// The form: of a new product, or of one that there is.
#[derive(Template)]
#[template(path = "products/edit.html")]
pub struct EditPage {
    layout: Layout,
    id: Option<ProductId>,
    form: ProductForm,
    problems: Problems,
    conflict: Conflict,
}

/// Before a product is deleted: where it is used, or that nothing uses it.
#[derive(Template)]
#[template(path = "products/delete.html")]
pub struct DeletePage {
    layout: Layout,
    id: ProductId,
    name: String,
    uses: Vec<String>,
}

impl EditPage {
    pub fn new(
        admin: &Administrator,
        record: Option<&Record>,
        form: ProductForm,
        problems: Problems,
    ) -> EditPage {
        let layout = match record {
            None => admin.layout("Add a product"),
            Some(record) => admin.layout(shown(&record.facts.name, &record.facts.code)),
        };
        let layout = layout.under("CRM", "").under("Products", paths::PRODUCTS).narrow();
        EditPage { layout, id: record.map(|record| record.id), form, problems, conflict: Conflict::none() }
    }

    /// Somebody has saved it since the form was opened: what was typed stays, and may be saved now.
    pub fn with_conflict(admin: &Administrator, record: &Record, mut form: ProductForm) -> EditPage {
        let conflict = Conflict::of(form.beside(&record.facts));
        form.version = record.version.to_string();
        EditPage { conflict, ..EditPage::new(admin, Some(record), form, Problems::none()) }
    }

    fn deletion(&self) -> Option<String> {
        self.id.map(paths::product_deletion)
    }

    fn action(&self) -> String {
        self.id.map_or(paths::PRODUCTS.to_string(), paths::product)
    }
}

impl DeletePage {
    pub fn new(admin: &Administrator, record: &Record, uses: Vec<Use>) -> DeletePage {
        let name = shown(&record.facts.name, &record.facts.code);
        let layout = admin.layout("Delete the product").under("CRM", "").under("Products", paths::PRODUCTS);
        DeletePage {
            layout: layout.under(name.clone(), paths::edit_product(record.id)).narrow(),
            id: record.id,
            name,
            uses: uses.into_iter().map(|using| counted(using.count, using.one, using.many)).collect(),
        }
    }
}
