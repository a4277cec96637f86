//! The `saved_searches` table.

use super::Page;
use crate::db::columns::Number;
use crate::domain::ids::UserId;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text, Timestamptz};

/// A search with its name.
#[derive(Debug, Clone, QueryableByName)]
pub struct SavedSearch {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Text)]
    pub name: String,
    /// What stands after the `?`.
    #[diesel(sql_type = Text)]
    pub query: String,
}

/// A user's searches of a page, by name.
pub fn of(conn: &mut PgConnection, user: UserId, page: Page) -> QueryResult<Vec<SavedSearch>> {
    sql_query("SELECT id, name, query FROM saved_searches WHERE user_id = $1 AND page = $2 ORDER BY name, id")
        .bind::<BigInt, _>(user)
        .bind::<Text, _>(page.word())
        .load(conn)
}

/// How many they are.
pub fn count(conn: &mut PgConnection, user: UserId, page: Page) -> QueryResult<i64> {
    let counted: Number =
        sql_query("SELECT count(*) AS value FROM saved_searches WHERE user_id = $1 AND page = $2")
            .bind::<BigInt, _>(user)
            .bind::<Text, _>(page.word())
            .get_result(conn)?;
    Ok(counted.value)
}

/// Saves one, in place of one with the same name; its number.
pub fn save(
    conn: &mut PgConnection,
    user: UserId,
    page: Page,
    name: &str,
    query: &str,
    at: DateTime<Utc>,
) -> QueryResult<i64> {
    let saved: Number = sql_query(
        "INSERT INTO saved_searches (user_id, page, name, query, saved_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (user_id, page, lower(name)) DO UPDATE SET name = excluded.name, query = excluded.query, saved_at = excluded.saved_at
         RETURNING id AS value",
    )
    .bind::<BigInt, _>(user)
    .bind::<Text, _>(page.word())
    .bind::<Text, _>(name)
    .bind::<Text, _>(query)
    .bind::<Timestamptz, _>(at)
    .get_result(conn)?;
    Ok(saved.value)
}

/// Removes one of the user's; for which page it was, none where there is no such search of theirs.
pub fn remove(conn: &mut PgConnection, user: UserId, id: i64) -> QueryResult<Option<String>> {
    #[derive(QueryableByName)]
    struct Removed {
        #[diesel(sql_type = Text)]
        page: String,
    }
    let removed: Option<Removed> =
        sql_query("DELETE FROM saved_searches WHERE id = $1 AND user_id = $2 RETURNING page")
            .bind::<BigInt, _>(id)
            .bind::<BigInt, _>(user)
            .get_result(conn)
            .optional()?;
    Ok(removed.map(|removed| removed.page))
}
