//! The `company_logo` table: one row, or none.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Binary, Integer, Text};

use crate::db::columns::Number;

/// The logo, without the picture itself.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Logo {
    #[diesel(sql_type = Text)]
    pub media_type: String,
    #[diesel(sql_type = Integer)]
    pub width: i32,
    #[diesel(sql_type = Integer)]
    pub height: i32,
    /// Counts uploads.
    #[diesel(sql_type = Integer)]
    pub version: i32,
}

/// The picture.
#[derive(QueryableByName)]
pub struct Picture {
    #[diesel(sql_type = Text)]
    pub media_type: String,
    #[diesel(sql_type = Binary)]
    pub bytes: Vec<u8>,
}

/// A picture that was uploaded and found sound.
#[derive(Debug, Clone)]
pub struct NewLogo {
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
    pub width: i32,
    pub height: i32,
}

/// The logo; none where there is none.
pub fn find(conn: &mut PgConnection) -> QueryResult<Option<Logo>> {
    sql_query("SELECT media_type, width, height, version FROM company_logo").get_result(conn).optional()
}

/// The picture; none where there is none.
pub fn picture(conn: &mut PgConnection) -> QueryResult<Option<Picture>> {
    sql_query("SELECT media_type, bytes FROM company_logo").get_result(conn).optional()
}

/// Puts a logo in the place of the one before, if there was one.
pub fn save(conn: &mut PgConnection, new: &NewLogo, version: i32) -> QueryResult<usize> {
    sql_query(
        "INSERT INTO company_logo (id, media_type, bytes, width, height, version) VALUES (1, $1, $2, $3, $4, $5)
         ON CONFLICT (id) DO UPDATE SET media_type = $1, bytes = $2, width = $3, height = $4, version = $5",
    )
    .bind::<Text, _>(new.media_type)
    .bind::<Binary, _>(&new.bytes)
    .bind::<Integer, _>(new.width)
    .bind::<Integer, _>(new.height)
    .bind::<Integer, _>(version)
    .execute(conn)
}

/// Takes the logo away.
pub fn remove(conn: &mut PgConnection) -> QueryResult<usize> {
    sql_query("DELETE FROM company_logo").execute(conn)
}

/// How often a logo was put or taken away: the audit log counts on where the row is gone.
pub fn changes(conn: &mut PgConnection, actions: [&str; 2]) -> QueryResult<i64> {
    let changes: Number = sql_query("SELECT count(*) AS value FROM audit_log WHERE action IN ($1, $2)")
        .bind::<Text, _>(actions[0])
        .bind::<Text, _>(actions[1])
        .get_result(conn)?;
    Ok(changes.value)
}
