//! `products`: code, name, commissionable.

use super::Task;
use super::cells::{PRODUCT_CODE, SHORT};
use super::queries::{self, KnownProduct};
use super::report::RowError;
use super::table::{Column, Table};
use crate::error::AppError;
use diesel::PgConnection;
use std::collections::HashMap;

pub(super) const COLUMNS: &[Column] = &[
    Column::required(
        "code",
        &["product_code", "StockCode", "SKU"],
        "The product's code, compared exactly: 85123A is not 85123a.",
    ),
    Column::optional("name", &["description"], "What it is called."),
    Column::optional("commissionable", &[], "yes (where it is empty, for new products) or no."),
];

/// A product as a row has it.
pub(super) struct Draft {
    pub code: String,
    /// Empty: the row does not say.
    pub name: String,
    pub commissionable: Option<bool>,
}

/// Makes products, and changes known ones where the file says otherwise: a product is not money, and
/// what was sold keeps what it was.
pub fn import(conn: &mut PgConnection, task: &mut Task) -> Result<(), AppError> {
    let drafts = read(task);
    if !task.goes_on() {
        return Ok(());
    }
    let known = queries::products(conn, &drafts)?;
    let same = |draft: &&Draft| known.get(&draft.code).is_some_and(|known| says_nothing_new(draft, known));
    task.report.already_there = drafts.iter().filter(same).count();
    task.report.recorded = drafts.len() - task.report.already_there;
    queries::save_products(conn, &drafts)?;
    Ok(())
}

fn says_nothing_new(draft: &Draft, known: &KnownProduct) -> bool {
    (draft.name.is_empty() || draft.name == known.name)
        && draft.commissionable.is_none_or(|commissionable| commissionable == known.commissionable)
}

fn read(task: &mut Task) -> Vec<Draft> {
    let report = &mut task.report;
    let mut drafts = Vec::new();
    let mut seen: HashMap<String, u64> = HashMap::new();
    let Some(mut table) = Table::open(task.import, COLUMNS, report) else { return drafts };
    let (code, name, commissionable) =
        (table.place("code"), table.place("name"), table.place("commissionable"));
    while let Some(row) = table.next_row(report) {
        let values = (
            report.check(row.required(code, PRODUCT_CODE)),
            report.check(row.text(name, SHORT)),
            report.check(row.yes_no(commissionable)),
        );
        let (Some(code_text), Some(name), Some(commissionable)) = values else { continue };
        if let Some(first) = seen.insert(code_text.to_string(), row.number) {
            let twice: RowError = row.error(code, format!("stands in row {first} already"));
            report.error(twice);
            continue;
        }
        drafts.push(Draft { code: code_text.to_string(), name: name.to_string(), commissionable });
    }
    drafts
}
