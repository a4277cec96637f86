//! One change for many partners: each statement changes those that are not so yet, and tells which.

use super::super::PartnerStatus;
use super::record::make_tags;
use crate::db::columns::Number;
use crate::domain::ids::{PartnerId, ProgramId};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text};

fn ids(rows: Vec<Number>) -> Vec<PartnerId> {
    rows.into_iter().map(|row| PartnerId(row.value)).collect()
}

/// Locks those of these partners that stand for themselves, in id order; with how many were merged or erased.
pub fn lock(conn: &mut PgConnection, partners: &[PartnerId]) -> QueryResult<(Vec<PartnerId>, usize)> {
    let those: Vec<Number> = sql_query(
        "SELECT id AS value FROM partners WHERE id = ANY ($1) AND merged_into_id IS NULL
            AND NOT EXISTS (SELECT FROM contacts c WHERE c.id = partners.contact_id AND c.erased_at IS NOT NULL)
          ORDER BY id FOR NO KEY UPDATE",
    )
    .bind::<Array<BigInt>, _>(partners)
    .load(conn)?;
    let merged: Number = sql_query(
        "SELECT count(*) AS value FROM partners JOIN contacts ON contacts.id = contact_id
          WHERE partners.id = ANY ($1) AND (merged_into_id IS NOT NULL OR erased_at IS NOT NULL)",
    )
    .bind::<Array<BigInt>, _>(partners)
    .get_result(conn)?;
    Ok((ids(those), merged.value as usize))
}

/// The codes of those among these who are this partner or stand above it.
pub fn at_or_above(
    conn: &mut PgConnection,
    partner: PartnerId,
    these: &[PartnerId],
) -> QueryResult<Vec<String>> {
    #[derive(QueryableByName)]
    struct Coded {
        #[diesel(sql_type = Text)]
        code: String,
    }
    let rows: Vec<Coded> = sql_query(
        "WITH RECURSIVE above (id, parent_id, code) AS (
             SELECT id, parent_id, code FROM partners WHERE id = $1
             UNION SELECT p.id, p.parent_id, p.code FROM partners p JOIN above ON p.id = above.parent_id)
         SELECT code::text AS code FROM above WHERE id = ANY ($2) ORDER BY code",
    )
    .bind::<BigInt, _>(partner)
    .bind::<Array<BigInt>, _>(these)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| row.code).collect())
}

pub fn set_status(
    conn: &mut PgConnection,
    partners: &[PartnerId],
    status: PartnerStatus,
) -> QueryResult<Vec<PartnerId>> {
    let rows = sql_query(
        "UPDATE partners SET status = $2, version = version + 1 WHERE id = ANY ($1) AND status <> $2 RETURNING id AS value",
    )
    .bind::<Array<BigInt>, _>(partners)
    .bind::<Text, _>(status.word())
    .load(conn)?;
    Ok(ids(rows))
}

pub fn set_parent(
    conn: &mut PgConnection,
    partners: &[PartnerId],
    parent: Option<PartnerId>,
) -> QueryResult<Vec<PartnerId>> {
    let rows = sql_query(
        "UPDATE partners SET parent_id = $2, version = version + 1
          WHERE id = ANY ($1) AND parent_id IS DISTINCT FROM $2 RETURNING id AS value",
    )
    .bind::<Array<BigInt>, _>(partners)
    .bind::<Nullable<BigInt>, _>(parent)
    .load(conn)?;
    Ok(ids(rows))
}

pub fn set_notify(
    conn: &mut PgConnection,
    partners: &[PartnerId],
    leads: bool,
    on: bool,
) -> QueryResult<Vec<PartnerId>> {
    let column = if leads { "notify_on_lead" } else { "notify_on_sale" };
    let rows = sql_query(format!(
        "UPDATE partners SET {column} = $2, version = version + 1 WHERE id = ANY ($1) AND {column} <> $2 RETURNING id AS value"
    ))
    .bind::<Array<BigInt>, _>(partners)
    .bind::<Bool, _>(on)
    .load(conn)?;
    Ok(ids(rows))
}

pub fn set_track_leads_days(
    conn: &mut PgConnection,
    partners: &[PartnerId],
    days: Option<i32>,
) -> QueryResult<Vec<PartnerId>> {
    let rows = sql_query(
        "UPDATE partners SET track_leads_days = $2, version = version + 1
          WHERE id = ANY ($1) AND track_leads_days IS DISTINCT FROM $2 RETURNING id AS value",
    )
    .bind::<Array<BigInt>, _>(partners)
    .bind::<Nullable<Integer>, _>(days)
    .load(conn)?;
    Ok(ids(rows))
}

pub fn enrol(
    conn: &mut PgConnection,
    partners: &[PartnerId],
    program: ProgramId,
) -> QueryResult<Vec<PartnerId>> {
    let rows = sql_query(
        "INSERT INTO enrolments (partner_id, program_id) SELECT id, $2 FROM unnest($1) AS id
         ON CONFLICT (partner_id, program_id) DO NOTHING RETURNING partner_id AS value",
    )
    .bind::<Array<BigInt>, _>(partners)
    .bind::<BigInt, _>(program)
    .load(conn)?;
    Ok(ids(rows))
}

pub fn leave(
    conn: &mut PgConnection,
    partners: &[PartnerId],
    program: ProgramId,
) -> QueryResult<Vec<PartnerId>> {
    let rows = sql_query(
        "DELETE FROM enrolments WHERE partner_id = ANY ($1) AND program_id = $2 RETURNING partner_id AS value",
    )
    .bind::<Array<BigInt>, _>(partners)
    .bind::<BigInt, _>(program)
    .load(conn)?;
    Ok(ids(rows))
}

/// Who gets one of these tags; those that are not known yet are made.
pub fn add_tags(
    conn: &mut PgConnection,
    partners: &[PartnerId],
    tags: &[String],
) -> QueryResult<Vec<PartnerId>> {
    make_tags(conn, tags)?;
    let rows = sql_query(
        "INSERT INTO partner_tags (partner_id, tag_id)
         SELECT partner_id, tags.id FROM unnest($1) AS partner_id, tags
          WHERE lower(tags.name) IN (SELECT lower(tag COLLATE by_name) FROM unnest($2) AS tag)
         ON CONFLICT DO NOTHING RETURNING partner_id AS value",
    )
    .bind::<Array<BigInt>, _>(partners)
    .bind::<Array<Text>, _>(tags)
    .load(conn)?;
    Ok(distinct(rows))
}

/// Who loses one of these tags.
pub fn remove_tags(
    conn: &mut PgConnection,
    partners: &[PartnerId],
    tags: &[String],
) -> QueryResult<Vec<PartnerId>> {
    let rows = sql_query(
        "DELETE FROM partner_tags WHERE partner_id = ANY ($1)
            AND tag_id IN (SELECT id FROM tags WHERE lower(name) IN (SELECT lower(tag COLLATE by_name) FROM unnest($2) AS tag))
         RETURNING partner_id AS value",
    )
    .bind::<Array<BigInt>, _>(partners)
    .bind::<Array<Text>, _>(tags)
    .load(conn)?;
    Ok(distinct(rows))
}

fn distinct(rows: Vec<Number>) -> Vec<PartnerId> {
    let mut partners = ids(rows);
    partners.sort_unstable();
    partners.dedup();
    partners
}
