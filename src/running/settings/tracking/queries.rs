//! The row of settings about tracking.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Integer, Text};
use serde::Serialize;

/// How visitors are led and remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Settings {
    /// Where `/go/<partner>` leads; empty = nowhere yet.
    pub default_destination: String,
    /// Where a code leads that nobody has; empty = a page that says so.
    pub unknown_destination: String,
    /// How many days of 24 hours the visitor's cookie lasts after a click.
    pub cookie_days: i32,
    /// For how many days of 24 hours the address of a click is kept.
    pub address_days: i32,
    /// The hosts of the company's own sites, one a line: see [`crate::domain::sites::Sites`].
    pub sites: String,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    default_destination: String,
    #[diesel(sql_type = Text)]
    unknown_destination: String,
    #[diesel(sql_type = Integer)]
    cookie_days: i32,
    #[diesel(sql_type = Integer)]
    address_days: i32,
    #[diesel(sql_type = Text)]
    sites: String,
    #[diesel(sql_type = Integer)]
    version: i32,
}

/// The settings, and how often they were saved.
pub fn settings(conn: &mut PgConnection) -> QueryResult<(Settings, i32)> {
    read(conn, "")
}

/// The same, locked for a save.
pub fn locked(conn: &mut PgConnection) -> QueryResult<(Settings, i32)> {
    read(conn, "FOR UPDATE")
}

fn read(conn: &mut PgConnection, lock: &str) -> QueryResult<(Settings, i32)> {
    let row: Row = sql_query(format!("SELECT * FROM tracking_settings {lock}")).get_result(conn)?;
    let Row { default_destination, unknown_destination, cookie_days, address_days, sites, version } = row;
    Ok((Settings { default_destination, unknown_destination, cookie_days, address_days, sites }, version))
}

/// Writes them.
pub fn save(conn: &mut PgConnection, new: &Settings) -> QueryResult<()> {
    sql_query(
        "UPDATE tracking_settings SET default_destination = $1, unknown_destination = $2, cookie_days = $3,
                address_days = $4, sites = $5, version = version + 1",
    )
    .bind::<Text, _>(&new.default_destination)
    .bind::<Text, _>(&new.unknown_destination)
    .bind::<Integer, _>(new.cookie_days)
    .bind::<Integer, _>(new.address_days)
    .bind::<Text, _>(&new.sites)
    .execute(conn)?;
    Ok(())
}
