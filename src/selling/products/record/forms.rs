//! What is typed about a product.

use super::Facts;
use crate::web::forms::{FormData, Problems};

/// What was typed.
#[derive(Debug, Clone, Default)]
pub struct ProductForm {
    pub code: String,
    pub name: String,
    pub commissionable: bool,
    pub version: String,
}

impl ProductForm {
    /// Reads the fields.
    pub fn read(form: &FormData) -> ProductForm {
        ProductForm {
            code: form.get("code").into(),
            name: form.get("name").into(),
            commissionable: form.has("commissionable"),
            version: form.get("version").into(),
        }
    }

    /// The form for a product that there is.
    pub fn of(facts: &Facts, version: i32) -> ProductForm {
        let Facts { code, name, commissionable } = facts.clone();
        ProductForm { code, name, commissionable, version: version.to_string() }
    }

    /// What it means.
    pub fn parse(&self) -> Result<Facts, Problems> {
        let mut problems = Problems::none();
        let code = problems.text("code", "Code", &self.code, 100);
        let name = problems.optional_text("name", "Name", &self.name, 200);
        problems.or(Facts { code, name, commissionable: self.commissionable })
    }

    /// The version that was edited. One that is no number was not made by our page; it counts as old.
    pub fn version(&self) -> i32 {
        self.version.parse().unwrap_or(-1)
    }

    /// Each field as label, what is saved, and what was typed: for two who edit at once.
    pub fn beside(&self, saved: &Facts) -> [(&'static str, String, String); 3] {
        let earns = |yes: bool| if yes { "yes" } else { "no" }.to_string();
        [
            ("Code", saved.code.clone(), self.code.clone()),
            ("Name", saved.name.clone(), self.name.clone()),
            ("Earns commission", earns(saved.commissionable), earns(self.commissionable)),
        ]
    }
}
