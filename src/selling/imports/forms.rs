//! The form that says what the columns of a file are.

use super::Column;
use crate::web::forms::{FormData, Problems};

/// So many columns can be chosen one by one; what stands behind them is ignored.
pub const MOST_COLUMNS: usize = 100;

/// What somebody chose the columns to be, in their order: as many as the file has headings.
pub fn columns(
    form: &FormData,
    known: &'static [Column],
    headings: usize,
) -> Result<Vec<Option<String>>, Problems> {
    let mut problems = Problems::none();
    let mut chosen: Vec<Option<String>> = Vec::with_capacity(headings);
    for at in 0..headings {
        let name = if at < MOST_COLUMNS { form.get(&format!("column-{at}")) } else { "" };
        if !name.is_empty() && !known.iter().any(|column| column.name == name) {
            problems.add("columns", format!("{name:?} is no column of such a file."));
        }
        chosen.push(Some(name.to_string()).filter(|name| !name.is_empty()));
    }
    for column in known {
        let times = chosen.iter().filter(|name| name.as_deref() == Some(column.name)).count();
        if times > 1 {
            problems
                .add("columns", format!("{} stands for {times} columns: choose one of them.", column.name));
        } else if times == 0 && column.required {
            problems.add("columns", format!("No column is {}, and the file needs one.", column.name));
        }
    }
    problems.or(chosen)
}
