//! What was sent by a form as a file.

use actix_web::HttpResponse;
use chrono_tz::Tz;
use std::borrow::Cow;
use std::collections::HashMap;

use super::Record;
use super::submissions::queries::{self, Column, SubmissionRow};
use crate::db::Db;
use crate::domain::ids::SubmissionId;
use crate::error::AppError;
use crate::web::csv::{Cell, CsvWriter, Outlet, download_read, guarded, in_name};

/// What stands before the questions.
const HEADINGS: [&str; 8] = [
    "Submission ID",
    "Sent At",
    "Contact ID",
    "Contact",
    "Contact Email",
    "Referral Partner",
    "Code",
    "IP Address",
];

/// How many submissions are read at once.
const PIECE: i64 = 1000;

/// What people sent by a form, the latest first, read and written piece by piece. Each question has a column: first
/// those that the form asks now, then those that it asked before. What robots sent is left out.
pub async fn as_csv(db: Db, record: Record, zone: Tz) -> Result<HttpResponse, AppError> {
    let name = format!("leads-{}.csv", in_name(&record.facts.code));
    download_read(db, &name, move |conn, outlet| {
        let columns = columns(&record, queries::columns(conn, record.id)?);
        let labels: Vec<Cow<str>> = columns.iter().map(|column| guarded(&column.label)).collect();
        let headings: Vec<&str> = HEADINGS.into_iter().chain(labels.iter().map(|label| &**label)).collect();
        let mut file = CsvWriter::new(outlet, &headings)?;
        let mut before = SubmissionId(i64::MAX);
        loop {
            let rows = queries::list_before(conn, record.id, before, PIECE)?;
            let Some(last) = rows.last() else { return file.finish() };
            before = last.id;
            for row in &rows {
                write(&mut file, row, &columns, zone)?;
            }
        }
    })
    .await
}

/// What the form asks now, and then what else was answered.
fn columns(record: &Record, answered: Vec<Column>) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for input in record.facts.asked.inputs() {
        let same = columns.iter().filter(|column| column.label == input.label).count();
        let number = i64::try_from(same).unwrap_or(i64::MAX) + 1;
        columns.push(Column { label: input.label, number });
    }
    let asked = columns.len();
    let earlier = answered.into_iter().filter(|column| !columns[..asked].contains(column));
    let earlier: Vec<Column> = earlier.collect();
    columns.extend(earlier);
    columns
}

fn write(
    file: &mut CsvWriter<Outlet>,
    row: &SubmissionRow,
    columns: &[Column],
    zone: Tz,
) -> Result<(), AppError> {
    let sent_at = row.sent_at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string();
    let mut numbers: HashMap<String, i64> = HashMap::new();
    let answers: HashMap<Column, String> = row
        .answers()
        .into_iter()
        .map(|answer| {
            let number = numbers.entry(answer.label.clone()).or_default();
            *number += 1;
            (Column { label: answer.label, number: *number }, answer.answer)
        })
        .collect();
    let mut cells = vec![
        Cell::Number(row.id.0),
        Cell::Word(&sent_at),
        row.contact_id.map_or(Cell::Empty, |id| Cell::Number(id.0)),
        Cell::Text(&row.name),
        Cell::Text(&row.email),
        Cell::Text(&row.partner_name),
        Cell::Text(&row.partner_code),
        Cell::Text(&row.address),
    ];
    cells.extend(
        columns.iter().map(|column| answers.get(column).map_or(Cell::Empty, |text| Cell::Text(text))),
    );
    file.row(&cells)
}
