//! The list of partners as a file, in the columns that an import of partners takes, and the balance.

use actix_web::HttpResponse;

use super::{Chosen, Typed};
use crate::db::columns::ROWS_AT_ONCE;
use crate::error::AppError;
use crate::people::partners::queries::export::{self as queries, ExportRow};
use crate::running::settings;
use crate::web::App;
use crate::web::csv::{Cell, CsvWriter, download_read};

const HEADINGS: [&str; 20] = [
    "Partner ID",
    "code",
    "name",
    "email",
    "parent_code",
    "status",
    "program",
    "track_leads_days",
    "notify_on_lead",
    "notify_on_sale",
    "address_line1",
    "address_line2",
    "city",
    "state",
    "postal_code",
    "country",
    "Wants e-mail",
    "Tags",
    "Currency",
    "Balance",
];

/// The file, written while the database still reads.
pub async fn as_csv(app: &App, typed: Typed, chosen: Chosen) -> Result<HttpResponse, AppError> {
    // What the search means nothing by is told as a page, before the file begins.
    let partners = app.db.read(move |conn| chosen.partners(conn, &typed)).await?;
    download_read(app.db.clone(), "referral-partners.csv", move |conn, outlet| {
        let mut file = CsvWriter::new(outlet, &HEADINGS)?;
        let currency = settings::place(conn)?.currency;
        for some in partners.chunks(ROWS_AT_ONCE) {
            for row in queries::rows(conn, some)? {
                file.row(&cells(&row, currency))?;
            }
        }
        file.finish()
    })
    .await
}

fn cells(row: &ExportRow, currency: crate::domain::money::Currency) -> [Cell<'_>; 20] {
    let yes = |value: bool| Cell::Word(if value { "yes" } else { "no" });
    [
        Cell::Number(row.id.0),
        Cell::Text(&row.code),
        Cell::Text(&row.name),
        Cell::Text(&row.email),
        Cell::Text(&row.parent_code),
        Cell::Word(&row.status),
        Cell::Text(&row.programs),
        row.track_leads_days.map_or(Cell::Empty, |days| Cell::Number(days.into())),
        yes(row.notify_on_lead),
        yes(row.notify_on_sale),
        Cell::Text(&row.address_line1),
        Cell::Text(&row.address_line2),
        Cell::Text(&row.city),
        Cell::Text(&row.state),
        Cell::Text(&row.postal_code),
        Cell::Text(&row.country),
        yes(row.opted_in),
        Cell::Text(&row.tags),
        Cell::Word(currency.code()),
        Cell::Amount(row.balance_minor, currency),
    ]
}
