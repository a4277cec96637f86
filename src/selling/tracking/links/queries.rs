//! The SQL of tracking links.

use super::{Facts, Record};
use crate::db::columns::Number;
use crate::domain::ids::{LinkId, PartnerId, ProgramId};
use crate::web::list::Window;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz};

/// A link in the list.
#[derive(QueryableByName)]
pub struct LinkRow {
    #[diesel(sql_type = BigInt)]
    pub id: LinkId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub destination: String,
    /// Of people.
    #[diesel(sql_type = BigInt)]
    pub clicks: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_at: Option<DateTime<Utc>>,
}

/// What a link has brought.
#[derive(QueryableByName)]
pub struct Totals {
    /// Clicks of people.
    #[diesel(sql_type = BigInt)]
    pub clicks: i64,
    /// How many visitors they were.
    #[diesel(sql_type = BigInt)]
    pub visitors: i64,
    /// Clicks of known robots.
    #[diesel(sql_type = BigInt)]
    pub robots: i64,
    /// How many contacts the visitors turned out to be.
    #[diesel(sql_type = BigInt)]
    pub contacts: i64,
}

/// Clicks of people in a month.
#[derive(QueryableByName)]
pub struct MonthRow {
    #[diesel(sql_type = Date)]
    pub month: NaiveDate,
    #[diesel(sql_type = BigInt)]
    pub clicks: i64,
}

/// What a partner has brought through a link.
#[derive(QueryableByName)]
pub struct PartnerRow {
    #[diesel(sql_type = BigInt)]
    pub id: PartnerId,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = BigInt)]
    pub clicks: i64,
    #[diesel(sql_type = BigInt)]
    pub visitors: i64,
    #[diesel(sql_type = BigInt)]
    pub contacts: i64,
    #[diesel(sql_type = Timestamptz)]
    pub last_at: DateTime<Utc>,
}

/// An address that was asked for and leads nowhere.
#[derive(QueryableByName)]
pub struct UnknownRow {
    #[diesel(sql_type = Text)]
    pub path: String,
    #[diesel(sql_type = BigInt)]
    pub hits: i64,
    #[diesel(sql_type = Timestamptz)]
    pub last_at: DateTime<Utc>,
}

const MATCHES: &str =
    "($1 = '' OR strpos(lower(l.name), lower($1 COLLATE by_name)) > 0 OR strpos(lower(l.code), lower($1)) > 0
                        OR strpos(lower(l.destination), lower($1)) > 0)";

/// How many links have these words in their name, code or destination.
pub fn count(conn: &mut PgConnection, words: &str) -> QueryResult<i64> {
    let counted: Number =
        sql_query(format!("SELECT count(*) AS value FROM tracking_links l WHERE {MATCHES}"))
            .bind::<Text, _>(words)
            .get_result(conn)?;
    Ok(counted.value)
}

/// A page of them, by name.
pub fn list(conn: &mut PgConnection, words: &str, window: Window) -> QueryResult<Vec<LinkRow>> {
    sql_query(format!(
        "WITH chosen AS (SELECT l.* FROM tracking_links l WHERE {MATCHES}
                          ORDER BY l.name COLLATE by_name, l.id LIMIT $2 OFFSET $3)
         SELECT l.id, l.name, l.code, l.destination, c.clicks, c.last_at
           FROM chosen l CROSS JOIN LATERAL (
                SELECT count(*) AS clicks, max(clicked_at) AS last_at FROM clicks WHERE link_id = l.id AND NOT robot) c
          ORDER BY l.name COLLATE by_name, l.id"
    ))
    .bind::<Text, _>(words)
    .bind::<BigInt, _>(window.limit())
    .bind::<BigInt, _>(window.offset())
    .load(conn)
}

/// The addresses that lead nowhere, the latest first.
pub fn unknown(conn: &mut PgConnection, most: i64) -> QueryResult<Vec<UnknownRow>> {
    sql_query("SELECT path, hits, last_at FROM unknown_links ORDER BY last_at DESC, path LIMIT $1")
        .bind::<BigInt, _>(most)
        .load(conn)
}

/// The record, locked or not.
pub fn find(conn: &mut PgConnection, id: LinkId, locked: bool) -> QueryResult<Option<Record>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Integer)]
        version: i32,
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Text)]
        code: String,
        #[diesel(sql_type = Text)]
        destination: String,
        #[diesel(sql_type = Bool)]
        names_visitor: bool,
    }
    #[derive(QueryableByName)]
    struct Offered {
        #[diesel(sql_type = BigInt)]
        program_id: ProgramId,
    }
    let lock = if locked { "FOR UPDATE" } else { "" };
    let row: Option<Row> = sql_query(format!(
        "SELECT version, name, code, destination, names_visitor FROM tracking_links WHERE id = $1 {lock}"
    ))
    .bind::<BigInt, _>(id)
    .get_result(conn)
    .optional()?;
    let Some(row) = row else { return Ok(None) };
    let programs: Vec<Offered> = sql_query(
        "SELECT program_id FROM tracking_link_programs JOIN programs ON programs.id = program_id
          WHERE link_id = $1 AND deleted_at IS NULL ORDER BY program_id",
    )
    .bind::<BigInt, _>(id)
    .load(conn)?;
    let programs = programs.into_iter().map(|offered| offered.program_id).collect();
    let Row { version, name, code, destination, names_visitor } = row;
    Ok(Some(Record { id, version, facts: Facts { name, code, destination, names_visitor, programs } }))
}

/// Makes a link, without programs; none where another one has or had the code.
pub fn insert(conn: &mut PgConnection, facts: &Facts) -> QueryResult<Option<LinkId>> {
    let made = conn.transaction(|conn| {
        sql_query(
            "INSERT INTO tracking_links (name, code, destination, names_visitor) VALUES ($1, $2, $3, $4) RETURNING id AS value",
        )
        .bind::<Text, _>(&facts.name)
        .bind::<Text, _>(&facts.code)
        .bind::<Text, _>(&facts.destination)
        .bind::<Bool, _>(facts.names_visitor)
        .get_result::<Number>(conn)
    });
    Ok(unless_taken(made)?.map(|made| LinkId(made.value)))
}

/// Saves a link, without its programs; false where another one has or had the code.
pub fn update(conn: &mut PgConnection, id: LinkId, facts: &Facts) -> QueryResult<bool> {
    let updated = conn.transaction(|conn| {
        sql_query(
            "UPDATE tracking_links SET name = $2, code = $3, destination = $4, names_visitor = $5, version = version + 1
              WHERE id = $1",
        )
        .bind::<BigInt, _>(id)
        .bind::<Text, _>(&facts.name)
        .bind::<Text, _>(&facts.code)
        .bind::<Text, _>(&facts.destination)
        .bind::<Bool, _>(facts.names_visitor)
        .execute(conn)
    });
    Ok(unless_taken(updated)?.is_some())
}

/// None where a code is another's. The savepoint around it leaves the transaction to stand in.
fn unless_taken<T>(result: QueryResult<T>) -> QueryResult<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Says to whose partners a link is offered.
pub fn set_programs(conn: &mut PgConnection, id: LinkId, programs: &[ProgramId]) -> QueryResult<()> {
    sql_query("DELETE FROM tracking_link_programs WHERE link_id = $1 AND program_id <> ALL ($2)")
        .bind::<BigInt, _>(id)
        .bind::<Array<BigInt>, _>(programs)
        .execute(conn)?;
    sql_query(
        "INSERT INTO tracking_link_programs (link_id, program_id) SELECT $1, unnest($2) ON CONFLICT DO NOTHING",
    )
    .bind::<BigInt, _>(id)
    .bind::<Array<BigInt>, _>(programs)
    .execute(conn)?;
    Ok(())
}

/// What the link is called that has or had this code.
pub fn name_of(conn: &mut PgConnection, code: &str) -> QueryResult<String> {
    #[derive(QueryableByName)]
    struct Named {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let named: Option<Named> = sql_query(
        "SELECT name FROM tracking_links JOIN tracking_link_codes ON link_id = id WHERE tracking_link_codes.code = lower($1)",
    )
    .bind::<Text, _>(code)
    .get_result(conn)
    .optional()?;
    Ok(named.map_or_else(|| code.to_string(), |named| named.name))
}

/// How often it was clicked, by robots too.
pub fn clicks(conn: &mut PgConnection, id: LinkId) -> QueryResult<i64> {
    let counted: Number = sql_query("SELECT count(*) AS value FROM clicks WHERE link_id = $1")
        .bind::<BigInt, _>(id)
        .get_result(conn)?;
    Ok(counted.value)
}

/// Takes it out, with all its codes.
pub fn delete(conn: &mut PgConnection, id: LinkId) -> QueryResult<usize> {
    sql_query("DELETE FROM tracking_links WHERE id = $1").bind::<BigInt, _>(id).execute(conn)
}

/// What a link has brought since it was made.
pub fn totals(conn: &mut PgConnection, id: LinkId) -> QueryResult<Totals> {
    sql_query(
        "SELECT count(*) FILTER (WHERE NOT robot) AS clicks, count(DISTINCT visitor_id) AS visitors,
                count(*) FILTER (WHERE robot) AS robots, count(DISTINCT r.contact_id) AS contacts
           FROM clicks c LEFT JOIN referrals r ON r.click_id = c.id WHERE c.link_id = $1",
    )
    .bind::<BigInt, _>(id)
    .get_result(conn)
}

/// Clicks of people by month in this time zone, from this instant on; months without any are left out.
pub fn by_month(
    conn: &mut PgConnection,
    id: LinkId,
    from: DateTime<Utc>,
    zone: &str,
) -> QueryResult<Vec<MonthRow>> {
    sql_query(
        "SELECT date_trunc('month', clicked_at AT TIME ZONE $3)::date AS month, count(*) AS clicks
           FROM clicks WHERE link_id = $1 AND clicked_at >= $2 AND NOT robot GROUP BY 1 ORDER BY 1",
    )
    .bind::<BigInt, _>(id)
    .bind::<Timestamptz, _>(from)
    .bind::<Text, _>(zone)
    .load(conn)
}

/// What partners have brought through it, those with most clicks first.
pub fn by_partner(conn: &mut PgConnection, id: LinkId, window: Window) -> QueryResult<Vec<PartnerRow>> {
    sql_query(
        "SELECT p.id, p.code, person.name, c.clicks, c.visitors, c.contacts, c.last_at
           FROM (SELECT c.partner_id, count(*) AS clicks, count(DISTINCT c.visitor_id) AS visitors,
                        count(DISTINCT r.contact_id) AS contacts, max(c.clicked_at) AS last_at
                   FROM clicks c LEFT JOIN referrals r ON r.click_id = c.id
                  WHERE c.link_id = $1 AND NOT c.robot GROUP BY c.partner_id
                  ORDER BY clicks DESC, c.partner_id LIMIT $2 OFFSET $3) c
           JOIN partners p ON p.id = c.partner_id JOIN contacts person ON person.id = p.contact_id
          ORDER BY c.clicks DESC, p.id",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(window.limit())
    .bind::<BigInt, _>(window.offset())
    .load(conn)
}

/// How many partners have brought clicks of people through it.
pub fn count_partners(conn: &mut PgConnection, id: LinkId) -> QueryResult<i64> {
    let counted: Number =
        sql_query("SELECT count(DISTINCT partner_id) AS value FROM clicks WHERE link_id = $1 AND NOT robot")
            .bind::<BigInt, _>(id)
            .get_result(conn)?;
    Ok(counted.value)
}

/// An active partner to whom a link is offered, as an example: the oldest.
pub fn example(conn: &mut PgConnection, id: LinkId) -> QueryResult<Option<PartnerId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: PartnerId,
    }
    let row: Option<Row> = sql_query(
        "SELECT p.id FROM partners p
          WHERE p.status = 'active'
            AND (NOT EXISTS (SELECT FROM tracking_link_programs WHERE link_id = $1)
                 OR EXISTS (SELECT FROM tracking_link_programs o JOIN enrolments e ON e.program_id = o.program_id
                             WHERE o.link_id = $1 AND e.partner_id = p.id))
          ORDER BY p.id LIMIT 1",
    )
    .bind::<BigInt, _>(id)
    .get_result(conn)
    .optional()?;
    Ok(row.map(|row| row.id))
}

/// A partner's code as it is now.
pub fn partner_code(conn: &mut PgConnection, id: PartnerId) -> QueryResult<Option<String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        code: String,
    }
    let row: Option<Row> = sql_query("SELECT code FROM partners WHERE id = $1")
        .bind::<BigInt, _>(id)
        .get_result(conn)
        .optional()?;
    Ok(row.map(|row| row.code))
}
