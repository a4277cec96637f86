//! An individual ledger as a file.

use actix_web::HttpResponse;

use super::super::queries::{self, Partner};
use super::lines::{Line, lines};
use crate::book;
use crate::db::Db;
use crate::domain::period::Period;
use crate::error::AppError;
use crate::web::csv::{Cell, CsvWriter, Outlet, download_read, name_of_period};
use crate::web::html::Format;

const HEADINGS: [&str; 20] = [
    "Partner ID",
    "Code",
    "Referral Partner",
    "Date",
    "Recorded At",
    "Entry",
    "Order",
    "Contact",
    "Sold By",
    "Item",
    "Rate",
    "Type",
    "Batch",
    "Note",
    "Reference",
    "By",
    "Settled",
    "Currency",
    "Amount",
    "Balance",
];

/// How many entries are read at once.
const PIECE: i64 = 2000;

/// All entries of the range, read and written piece by piece.
pub async fn ledger_as_csv(
    db: Db,
    partner: Partner,
    period: Period,
    format: Format,
) -> Result<HttpResponse, AppError> {
    let name = name_of_period(&format!("ledger-{}", partner.code), &period, "csv");
    download_read(db, &name, move |conn, outlet| {
        let mut file = CsvWriter::new(outlet, &HEADINGS)?;
        let Some(account) = partner.account else { return file.finish() };
        let figures = book::figures_now(conn, period, &[account])?;
        let mut balance = figures.first().map(|row| row.figures.beginning).unwrap_or_default();
        let mut last = None;
        loop {
            let entries = queries::following(conn, account, period, last.as_ref(), PIECE)?;
            let Some(end) = entries.last().cloned() else { return file.finish() };
            let ids: Vec<_> = entries.iter().map(|entry| entry.id).collect();
            let details = queries::details(conn, &ids)?;
            for line in lines(entries, details, balance, format.currency) {
                write(&mut file, &partner, &line, &format)?;
                balance = line.balance;
            }
            last = Some(end);
        }
    })
    .await
}

fn write(
    file: &mut CsvWriter<Outlet>,
    partner: &Partner,
    line: &Line,
    format: &Format,
) -> Result<(), AppError> {
    let sale = line.sale();
    let of_sale = |part: Option<&str>| part.unwrap_or("").to_string();
    let recorded_at =
        line.entry.recorded_at.with_timezone(&format.zone).format("%Y-%m-%d %H:%M:%S").to_string();
    let settled = match line.settled(format) {
        Some((by, _, words)) => format!("{by} {words}"),
        None if line.is_open() => "open".into(),
        None => String::new(),
    };
    let batch = line.payment().and_then(|payment| payment.batch()).map_or("", |(_, batch_id)| batch_id);
    file.row(&[
        Cell::Number(partner.id.0),
        Cell::Text(&partner.code),
        Cell::Text(&partner.name),
        Cell::Day(line.entry.dated_on),
        Cell::Word(&recorded_at),
        Cell::Word(line.kind()),
        Cell::Text(&of_sale(sale.map(|sale| sale.order_number.as_str()))),
        Cell::Text(&of_sale(sale.and_then(|sale| sale.contact.as_deref()))),
        Cell::Text(&of_sale(sale.and_then(|sale| sale.sold_by.as_deref()))),
        Cell::Text(line.item()),
        Cell::Text(&line.rate),
        Cell::Word(line.payment().map_or("", |payment| payment.pay_type.label())),
        Cell::Text(batch),
        Cell::Text(line.note()),
        Cell::Text(line.reference()),
        Cell::Text(line.made_by().unwrap_or("")),
        Cell::Text(&settled),
        Cell::Word(format.currency.code()),
        Cell::Amount(line.entry.amount, format.currency),
        Cell::Amount(line.balance, format.currency),
    ])
}
