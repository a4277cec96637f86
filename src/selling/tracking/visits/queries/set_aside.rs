//! Clicks that could not be worked in, in the database.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};

/// Clicks that are recorded and could not be worked in.
#[derive(Debug, QueryableByName)]
pub struct SetAside {
    /// How many; a batch that could not be read counts as one.
    #[diesel(sql_type = BigInt)]
    pub visits: i64,
    /// Why the last one could not, in the words of the database.
    #[diesel(sql_type = Text)]
    pub reason: String,
}

/// What is set aside; none where nothing is.
pub fn clicks_set_aside(conn: &mut PgConnection) -> QueryResult<Option<SetAside>> {
    sql_query(
        "SELECT count(*) OVER () AS visits, reason FROM visits_set_aside ORDER BY recorded DESC LIMIT 1",
    )
    .get_result(conn)
    .optional()
}

/// What came of it when clicks that were set aside were tried again.
#[derive(Debug, QueryableByName)]
pub struct TriedAgain {
    #[diesel(sql_type = BigInt)]
    pub tried: i64,
    /// What is set aside still.
    #[diesel(sql_type = BigInt)]
    pub remaining: i64,
}

/// Works in what was set aside, where that goes by now.
pub fn try_clicks_set_aside(conn: &mut PgConnection) -> QueryResult<TriedAgain> {
    sql_query("SELECT tried, remaining FROM try_visits_set_aside()").get_result(conn)
}
