//! The demo: exactly the files of `demo/` and the settings that go with them (spec 9, 10), into an
//! empty system.

use super::{Import, ImportReport, Kind, Progress, file, import, queries};
use crate::domain::money::Currency;
use crate::domain::settings::{Defaults, Place, TrackingMethod, TrackingRules};
use crate::error::AppError;
use crate::running::audit;
use crate::running::settings::queries as settings;
use crate::web::admin::Who;
use anyhow::Context;
use diesel::PgConnection;
use serde_json::json;

/// In an order in which each finds what it names.
const FILES: [(Kind, &str, &[u8]); 5] = [
    (Kind::Products, "products.csv", include_bytes!("../../../demo/products.csv")),
    (Kind::Programs, "programs.csv", include_bytes!("../../../demo/programs.csv")),
    (Kind::Partners, "partners.csv", include_bytes!("../../../demo/partners.csv")),
    (Kind::Referrals, "referrals.csv", include_bytes!("../../../demo/referrals.csv")),
    (Kind::Orders, "online_retail.csv.xz", include_bytes!("../../../demo/online_retail.csv.xz")),
];

/// Fills an empty system; refused where it has data already. Users may be there: they are none of
/// the demo's.
pub fn fill(
    conn: &mut PgConnection,
    who: &Who,
    progress: &dyn Fn(Progress) -> Result<(), AppError>,
) -> Result<Vec<ImportReport>, AppError> {
    queries::take_turn(conn)?;
    if let Some(found) = queries::what_is_there(conn)? {
        return Err(AppError::refused(format!(
            "The demo fills an empty system, and this one has {found} already. Give it a data folder of its own \
             with --data."
        )));
    }
    let place = Place {
        currency: Currency::from_code("GBP").context("pounds are a currency")?,
        zone: chrono_tz::Europe::London,
    };
    settings::save_place(conn, place)?;
    settings::save_defaults(conn, &defaults())?;
    audit::write(
        conn,
        who,
        "demo.fill",
        ("company", 1),
        json!({ "currency": "GBP", "time_zone": place.zone.name() }),
    )?;
    FILES
        .into_iter()
        .map(|(kind, name, bytes)| {
            let text = file::text_of(bytes.to_vec())?;
            let report = import(
                conn,
                &Import {
                    kind,
                    file: name,
                    text: &text,
                    columns: None,
                    skip_bad_rows: false,
                    number: 0,
                    who,
                    progress,
                },
            )?;
            if report.written { Ok(report) } else { Err(AppError::refused(report.summary().join(" "))) }
        })
        .collect()
}

/// Two levels, the sale, percents: as a new company has them; but referral history counts too.
fn defaults() -> Defaults {
    let new = Defaults::default();
    Defaults { tracking: TrackingRules { method: TrackingMethod::HistoryAndCookies, ..new.tracking }, ..new }
}
