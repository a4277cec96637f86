//! What people wrote down about a partner.

use crate::domain::ids::{PartnerId, UserId};
use crate::people::partners::notes::NewNote;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid};

/// A note.
#[derive(QueryableByName)]
pub struct NoteRow {
    #[diesel(sql_type = Text)]
    pub note: String,
    #[diesel(sql_type = Text)]
    pub made_by: String,
    #[diesel(sql_type = Timestamptz)]
    pub made_at: DateTime<Utc>,
}

/// Writes a note; false where its form has written it already.
pub fn insert(
    conn: &mut PgConnection,
    partner: PartnerId,
    new: &NewNote,
    made_by: UserId,
    made_at: DateTime<Utc>,
) -> QueryResult<bool> {
    let written = sql_query(
        "INSERT INTO partner_notes (partner_id, note, form_key, made_by, made_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (form_key) DO NOTHING",
    )
    .bind::<BigInt, _>(partner)
    .bind::<Text, _>(&new.note)
    .bind::<Uuid, _>(new.key)
    .bind::<BigInt, _>(made_by)
    .bind::<Timestamptz, _>(made_at)
    .execute(conn)?;
    Ok(written == 1)
}

/// Its notes and those of the records that were merged into it, the latest first.
pub fn notes(
    conn: &mut PgConnection,
    partner: PartnerId,
    limit: i64,
    offset: i64,
) -> QueryResult<Vec<NoteRow>> {
    sql_query(
        "SELECT n.note, u.name AS made_by, n.made_at FROM partner_notes n JOIN users u ON u.id = n.made_by
          WHERE n.partner_id IN (SELECT id FROM partners WHERE id = $1 OR merged_into_id = $1) ORDER BY n.id DESC LIMIT $2 OFFSET $3",
    )
    .bind::<BigInt, _>(partner)
    .bind::<BigInt, _>(limit)
    .bind::<BigInt, _>(offset)
    .load(conn)
}
