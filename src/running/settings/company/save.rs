//! Saving the company, with accounts in another currency where that changes, and its audit row.

use chrono::NaiveDate;
use diesel::PgConnection;
use serde_json::json;

use super::place::{PlaceChange, why_fixed, why_not};
use super::{Current, NewCompany, SAVED};
use crate::book;
use crate::domain::settings::Place;
use crate::error::AppError;
use crate::running::audit::{self, Who};
use crate::running::settings::{defaults, queries};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved {
    /// It was done.
    Done,
    /// It was saved so already.
    AsBefore,
    /// Somebody else has saved meanwhile.
    Stale,
    /// Currency or time zone change, and the visitor has not seen what that does.
    Unseen,
    /// The currency cannot be changed, for this reason.
    CurrencyStays(String),
}

/// Saves, or tells why not. `today` is what day it is at a place.
pub fn save(
    conn: &mut PgConnection,
    who: &Who,
    new: &NewCompany,
    today: impl Fn(Place) -> NaiveDate,
) -> Result<Saved, AppError> {
    queries::lock_company(conn)?;
    let before = super::current(conn)?;
    if before.company.version != new.version {
        return Ok(Saved::Stale);
    }
    let changed = changed(&before, new);
    if changed.is_empty() {
        return Ok(Saved::AsBefore);
    }
    let other_currency = before.place.currency != new.place.currency;
    if other_currency {
        let fixed = why_fixed(before.recorded, before.place.currency);
        let programs = defaults::programs(conn)?;
        let reasons = [fixed, why_not(&programs, before.place.currency, new.place.currency)];
        if let Some(reason) = reasons.into_iter().find(|reason| !reason.is_empty()) {
            return Ok(Saved::CurrencyStays(reason));
        }
    }
    let change = PlaceChange::new(before.place, new.place, today);
    if change.is_some_and(|change| change.key() != new.confirm) {
        return Ok(Saved::Unseen);
    }
    queries::save_company(conn, new)?;
    if other_currency {
        let partners = queries::partners(conn)?;
        book::open_accounts(conn, &partners)?;
    }
    audit::write(conn, who, SAVED, ("company", 1), details(&before, new, &changed))?;
    Ok(Saved::Done)
}

/// The names of the fields that differ.
fn changed(before: &Current, new: &NewCompany) -> Vec<&'static str> {
    let old = &before.company;
    let fields = [
        ("name", old.name != new.name),
        (
            "address",
            address(old)
                != [
                    &new.address_line1,
                    &new.address_line2,
                    &new.city,
                    &new.state,
                    &new.postal_code,
                    &new.country,
                ],
        ),
        ("e-mail", old.email != new.email),
        ("phone", old.phone != new.phone),
        ("currency", before.place.currency != new.place.currency),
        ("time zone", before.place.zone != new.place.zone),
        ("date format", old.date_format != new.dates.code()),
    ];
    fields.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field).collect()
}

fn address(company: &queries::Company) -> [&String; 6] {
    let queries::Company { address_line1, address_line2, city, state, postal_code, country, .. } = company;
    [address_line1, address_line2, city, state, postal_code, country]
}

/// Which fields changed. Names and addresses are not told: the audit log is kept for ever.
fn details(before: &Current, new: &NewCompany, changed: &[&str]) -> serde_json::Value {
    let mut details = json!({ "changed": changed.join(", ") });
    if before.place.currency != new.place.currency {
        details["currency"] = json!(format!("{} → {}", before.place.currency, new.place.currency));
    }
    if before.place.zone != new.place.zone {
        details["time_zone"] = json!(format!("{} → {}", before.place.zone, new.place.zone));
    }
    details
}
