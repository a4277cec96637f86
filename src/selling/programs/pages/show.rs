//! A program's rules, as they stand or as one version of it said them.

use super::super::queries::pages::{ProductRow, VersionRow};
use super::super::words;
use super::Head;
use super::grid::Grid;
use crate::domain::ids::ProductId;
use crate::domain::program::Program;
use crate::domain::settings::PayoutRules;
use crate::web::admin::SignedIn;
use crate::web::forms::{FormData, Problems};
use crate::web::layout::Layout;
use crate::web::list::{Address, Pager};
use crate::web::paths;
use askama::Template;
use std::collections::HashMap;

/// The rules.
#[derive(Template)]
#[template(path = "programs/show.html")]
pub struct ShowPage {
    layout: Layout,
    head: Head,
    /// None: nothing is typed here.
    problems: Problems,
    /// Where only one version is shown: which.
    version: Option<VersionRow>,
    default: Option<Grid>,
    own: Vec<OwnRule>,
    /// How many products have rules of their own, whatever was looked for.
    own_count: usize,
    words: String,
    pager: Pager,
}

/// A product's own rule.
struct OwnRule {
    product: String,
    /// The form, with this rule.
    edit: String,
    pays: String,
    kept: String,
}

/// What the page shows, as it was read.
pub struct Shown {
    pub program: Program,
    pub version: Option<VersionRow>,
    /// Referral Partner Defaults: of today, or of the version.
    pub rules: PayoutRules,
    pub products: Vec<ProductRow>,
    /// What was looked for among them.
    pub words: String,
}

impl ShowPage {
    pub fn new(visitor: &SignedIn, head: Head, shown: Shown, pager: Pager) -> ShowPage {
        let mut layout = head.layout(visitor);
        if let Some(version) = &shown.version {
            layout = layout.under(head.name.clone(), paths::program(head.id));
            layout.title = format!("{}, version {}", head.name, version.number);
        }
        let (program, rules, format) = (&shown.program, shown.rules, layout.format);
        let names: HashMap<ProductId, ProductRow> =
            shown.products.iter().map(|product| (product.id, product.clone())).collect();
        let own = |product: &ProductRow| {
            let rule = program.products.get(&product.id)?;
            let rates = |counting| words::rates(rule, program.amount_per, rules, counting, &format);
            Some(OwnRule {
                product: words::product(product.id, &names),
                edit: Address::new(head.edit_path(), &FormData::default())
                    .with("q", &product.code)
                    .to_string(),
                pays: rates(true),
                kept: rates(false),
            })
        };
        ShowPage {
            default: program.default.as_ref().map(|rule| Grid::of(rule, rules, format.currency)),
            own: shown.products.iter().filter_map(own).collect(),
            own_count: program.products.len(),
            words: shown.words,
            version: shown.version,
            problems: Problems::none(),
            pager,
            head,
            layout,
        }
    }
}
