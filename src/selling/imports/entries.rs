//! `entries`: partner_code, date, kind, amount, reference, note: opening balances and history from
//! another system.

use super::Task;
use super::cells::{LONG, SHORT};
use super::report::RowError;
use super::table::{Column, Place, Row, Table};
use crate::book::{self, ImportedEntry};
use crate::domain::ids::PartnerId;
use crate::domain::ledger::EntryKind;
use crate::domain::money::{Currency, Money};
use crate::domain::period::business_date;
use crate::error::AppError;
use crate::people::partners;
use chrono::NaiveDate;
use diesel::PgConnection;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

pub(super) const COLUMNS: &[Column] = &[
    Column::required("partner_code", &[], "Whose ledger."),
    Column::required("date", &[], "The business date."),
    Column::required("kind", &["type"], "opening, commission, clawback, adjustment or payment."),
    Column::required("amount", &[], "Of payments as paid out, of clawbacks below zero."),
    Column::optional(
        "reference",
        &[],
        "A number of your own; tells two entries apart that are the same otherwise.",
    ),
    Column::optional("note", &[], "What the entry is for."),
];

/// Of each word the kind, and whether it is an opening balance: an adjustment so marked.
const KINDS: &[(&str, (EntryKind, bool))] = &[
    ("opening", (EntryKind::Adjustment, true)),
    ("commission", (EntryKind::Commission, false)),
    ("clawback", (EntryKind::Clawback, false)),
    ("adjustment", (EntryKind::Adjustment, false)),
    ("payment", (EntryKind::Payment, false)),
];

/// An entry as a row has it.
struct Draft {
    partner_code: String,
    /// For the message, should nobody have the code.
    unknown_partner: RowError,
    /// Should the file turn out to write payments with a minus.
    positive_payment: Option<RowError>,
    dated_on: NaiveDate,
    kind: EntryKind,
    opening: bool,
    amount: Money,
    reference: String,
    note: String,
}

/// Records entries; payments become payments on account.
pub fn import(conn: &mut PgConnection, task: &mut Task) -> Result<(), AppError> {
    let mut drafts = read(task);
    let codes: Vec<String> = drafts.iter().map(|draft| draft.partner_code.clone()).collect();
    let partners = partners::by_code(conn, &codes)?;
    drafts.retain(|draft| {
        let known = partners.contains_key(&draft.partner_code);
        if !known {
            task.report.error(draft.unknown_partner.clone());
        }
        known
    });
    if !task.goes_on() {
        return Ok(());
    }
    let counts = book::import_entries(conn, &entries(drafts, &partners))?;
    task.report.recorded = counts.recorded;
    task.report.already_there = counts.already_there;
    Ok(())
}

fn entries(drafts: Vec<Draft>, partners: &HashMap<String, PartnerId>) -> Vec<ImportedEntry> {
    let mut seen: HashMap<[u8; 32], usize> = HashMap::new();
    drafts
        .into_iter()
        .filter_map(|draft| {
            let partner = *partners.get(&draft.partner_code)?;
            let content = draft.content(partner);
            // Two equal rows are two entries; the same file again has the same two.
            let occurrence = seen.entry(content).or_default();
            *occurrence += 1;
            Some(ImportedEntry {
                partner,
                dated_on: draft.dated_on,
                kind: draft.kind,
                opening: draft.opening,
                amount: draft.amount,
                reference: draft.reference,
                note: draft.note,
                import_key: format!("{}-{occurrence}", hex::encode(content)),
            })
        })
        .collect()
}

impl Draft {
    /// What the row says, as a hash. The partner by its number, so that a new code changes nothing.
    fn content(&self, partner: PartnerId) -> [u8; 32] {
        let said = json!([
            partner.0,
            self.dated_on.to_string(),
            self.kind.word(),
            self.opening,
            self.amount.minor(),
            self.reference,
            self.note,
        ]);
        Sha256::digest(said.to_string()).into()
    }
}

fn read(task: &mut Task) -> Vec<Draft> {
    let today = business_date(task.import.who.at, task.place.zone);
    let (currency, report) = (task.place.currency, &mut task.report);
    let mut drafts: Vec<Draft> = Vec::new();
    let Some(mut table) = Table::open(task.import, COLUMNS, report) else { return drafts };
    let [partner, date, kind, amount, reference, note] =
        ["partner_code", "date", "kind", "amount", "reference", "note"].map(|name| table.place(name));
    let mut minus_seen = false;
    while let Some(row) = table.next_row(report) {
        let kind_of_row = report.check(entry_kind(&row, kind));
        let values = (
            report.check(row.partner_code(partner)),
            report.check(row.past_day(date, today)),
            kind_of_row.and_then(|(kind, _)| report.check(signed(&row, amount, kind, currency))),
            report.check(row.text(reference, SHORT)),
            report.check(row.lines(note, LONG)),
        );
        let (Some((kind, opening)), (Some(code), Some(dated_on), Some(value), Some(reference), Some(note))) =
            (kind_of_row, values)
        else {
            continue;
        };
        let is_payment = kind == EntryKind::Payment;
        minus_seen |= is_payment && value.is_negative();
        let reversal =
            "is a payment without a minus where others have one. Taking back a payment is an adjustment here";
        drafts.push(Draft {
            partner_code: code.to_ascii_lowercase(),
            unknown_partner: row.error(partner, "is no partner's code"),
            positive_payment: (is_payment && value.is_positive()).then(|| row.error(amount, reversal)),
            dated_on,
            kind,
            opening,
            amount: if is_payment { -value.abs() } else { value },
            reference: reference.to_string(),
            note: note.to_string(),
        });
    }
    // Payments may be written with a minus, as a ledger has them, or without. In a file that has
    // both, one without is most likely the opposite of a payment; taken for one it would count twice.
    if minus_seen {
        drafts.retain_mut(|draft| match draft.positive_payment.take() {
            Some(error) => {
                report.error(error);
                false
            }
            None => true,
        });
    }
    drafts
}

fn entry_kind(row: &Row, place: Place) -> Result<(EntryKind, bool), RowError> {
    if row.is_empty(place) {
        return Err(row.error(place, "is missing"));
    }
    row.word(place, KINDS)
}

/// The amount, which must have the sign of its kind.
fn signed(row: &Row, place: Place, kind: EntryKind, currency: Currency) -> Result<Money, RowError> {
    let amount = row.money(place, currency)?.ok_or_else(|| row.error(place, "is missing"))?;
    let problem = match kind {
        _ if amount.is_zero() => "is zero",
        EntryKind::Commission if amount.is_negative() => {
            "is below zero: what takes a commission back is a clawback"
        }
        EntryKind::Clawback if amount.is_positive() => {
            "is above zero: a clawback takes back, write it with a minus"
        }
        _ => return Ok(amount),
    };
    Err(row.error(place, problem))
}
