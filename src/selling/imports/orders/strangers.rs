//! What orders name and nobody has: a visitor's number, a coupon. The orders come in all the same, and the report
//! says so (decision 0076).

use super::draft::{Content, Draft};
use super::{Resolved, Task};
use crate::domain::coupon::{self, Holder};
use crate::error::AppError;
use crate::selling::coupons;
use crate::selling::imports::report::RowError;
use crate::web::html::counted;
use diesel::PgConnection;
use std::collections::{BTreeMap, HashSet};

/// A coupon that credits nobody.
struct Idle<'a> {
    /// As it is first written in the file, and in which row.
    written: &'a str,
    row: u64,
    orders: usize,
}

/// Notes each visitor's number that no visitor has, and each coupon that is no partner's: a coupon once, however many
/// orders were placed with it.
pub fn tell(
    conn: &mut PgConnection,
    task: &mut Task,
    resolved: &Resolved,
    content: &Content,
) -> Result<(), AppError> {
    let sold = || resolved.orders.iter().map(|new| &new.draft).filter(|draft| draft.sells());
    let unknown = sold().filter_map(|draft| draft.visitor.as_ref());
    for (key, row) in unknown.filter(|(key, _)| !resolved.visitors.contains_key(key)) {
        let problem = "is no visitor's number: the order comes in all the same, without its clicks";
        task.report.note(RowError::new(*row, &content.headings.visitor, key, problem));
    }
    for ((_, ended), idle) in idle_coupons(conn, sold())? {
        let what = if ended { "had ended before the order" } else { "is no partner's coupon" };
        let others = match idle.orders - 1 {
            0 => String::new(),
            n => format!(", and in {}", counted(n, "other order", "other orders")),
        };
        let problem =
            format!("{what}: it credits nobody here{others}; what was ordered comes in all the same");
        task.report.note(RowError::new(idle.row, &content.headings.coupon, idle.written, problem));
    }
    Ok(())
}

/// By their codes in lower case, and whether they had been a partner's until they were ended.
fn idle_coupons<'a>(
    conn: &mut PgConnection,
    sold: impl Iterator<Item = &'a Draft> + Clone,
) -> Result<BTreeMap<(String, bool), Idle<'a>>, AppError> {
    let written =
        sold.filter_map(|draft| draft.coupon.as_ref().map(|(written, row)| (draft.at, written, *row)));
    let codes: HashSet<String> =
        written.clone().flat_map(|(_, written, _)| coupon::codes(written)).map(str::to_lowercase).collect();
    let spells = coupons::spells(conn, &codes.into_iter().collect::<Vec<_>>())?;
    let mut idle: BTreeMap<(String, bool), Idle> = BTreeMap::new();
    for (at, written, row) in written {
        for code in coupon::codes(written) {
            let folded = code.to_lowercase();
            let ended = match spells.get(&folded).map_or(Holder::Nobody, |spells| coupon::holder(spells, at))
            {
                Holder::Partner(_) => continue,
                Holder::Ended(_) => true,
                Holder::Nobody => false,
            };
            let first = Idle { written: code, row, orders: 0 };
            let known = idle.entry((folded, ended)).or_insert(first);
            known.orders += 1;
            if row < known.row {
                (known.written, known.row) = (code, row);
            }
        }
    }
    Ok(idle)
}
