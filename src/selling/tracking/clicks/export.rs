//! A partner's clicks as a file.

use actix_web::HttpResponse;
use chrono_tz::Tz;

use super::device::device;
use super::forms::Search;
use super::pages::host;
use super::queries::{self, ClickRow, Place};
use crate::db::Db;
use crate::domain::ids::PartnerId;
use crate::error::AppError;
use crate::web::csv::{Cell, CsvWriter, Outlet, download_read, in_name, name_of_period};

const HEADINGS: [&str; 21] = [
    "Clicked At",
    "Link",
    "Robot",
    "Visitor",
    "Contact ID",
    "Contact",
    "Became Lead",
    "Orders",
    "Came From",
    "Referrer",
    "Query",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_term",
    "utm_content",
    "Device",
    "User Agent",
    "IP Address",
    "Counts Until",
    "Click ID",
];

/// How many clicks are read at once.
const PIECE: i64 = 2000;

/// All clicks of the search, newest first, read and written piece by piece.
pub async fn as_csv(
    db: Db,
    partner: PartnerId,
    code: String,
    search: Search,
    zone: Tz,
) -> Result<HttpResponse, AppError> {
    let name = name_of_period(&format!("clicks-{}", in_name(&code)), &search.period, "csv");
    download_read(db, &name, move |conn, outlet| {
        let mut file = CsvWriter::new(outlet, &HEADINGS)?;
        let mut place = Place::Offset(0);
        loop {
            let rows = queries::list(conn, partner, &search, zone, PIECE, place)?;
            let Some(last) = rows.last() else { return file.finish() };
            place = Place::After(last.clicked_at, last.id);
            for row in &rows {
                write(&mut file, row, zone)?;
            }
        }
    })
    .await
}

fn write(file: &mut CsvWriter<Outlet>, row: &ClickRow, zone: Tz) -> Result<(), AppError> {
    let instant =
        |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string();
    let yes = |value: bool| Cell::Word(if value { "yes" } else { "no" });
    let orders: Vec<String> = row.orders().into_iter().map(|(_, number)| number).collect();
    let expires = row.expires_at.map(instant).unwrap_or_default();
    let site = host(&row.page);
    file.row(&[
        Cell::Word(&instant(row.clicked_at)),
        match row.link_id {
            Some(_) => Cell::Text(&row.link_name),
            None if site.is_empty() => Cell::Word("Own address"),
            None => Cell::Text(&site),
        },
        yes(row.robot),
        row.visitor_id.map_or(Cell::Empty, |id| Cell::Number(id.0)),
        row.contact_id.map_or(Cell::Empty, |id| Cell::Number(id.0)),
        Cell::Text(if row.contact_name.is_empty() { &row.contact_otherwise } else { &row.contact_name }),
        yes(row.is_lead),
        Cell::Text(&orders.join("; ")),
        Cell::Text(&host(&row.referrer)),
        Cell::Text(&row.referrer),
        Cell::Text(&row.query),
        Cell::Text(&row.utm_source),
        Cell::Text(&row.utm_medium),
        Cell::Text(&row.utm_campaign),
        Cell::Text(&row.utm_term),
        Cell::Text(&row.utm_content),
        Cell::Text(&device(&row.user_agent)),
        Cell::Text(&row.user_agent),
        Cell::Text(&row.address),
        Cell::Word(&expires),
        Cell::Number(row.id),
    ])
}
