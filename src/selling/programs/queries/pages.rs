//! What the pages of programs show.

use crate::domain::ids::{PartnerId, ProductId, ProgramId, ProgramVersionId};
use crate::domain::program::Program;
use crate::domain::settings::PayoutRules;
use crate::web::list::Window;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, SmallInt, Text, Timestamptz};
use std::collections::HashMap;

/// A program in the list, beside its rules.
#[derive(Debug, Clone, QueryableByName)]
pub struct ListRow {
    #[diesel(sql_type = BigInt)]
    pub id: ProgramId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = BigInt)]
    pub partners: i64,
}

/// The head of a program's pages.
#[derive(Debug, Clone, QueryableByName)]
pub struct HeadRow {
    #[diesel(sql_type = BigInt)]
    pub id: ProgramId,
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Counts saves.
    #[diesel(sql_type = Integer)]
    pub version: i32,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    pub partners: i64,
    #[diesel(sql_type = BigInt)]
    pub versions: i64,
}

/// A version of a program, without its rules.
#[derive(Debug, Clone, QueryableByName)]
pub struct VersionRow {
    #[diesel(sql_type = BigInt)]
    pub id: ProgramVersionId,
    #[diesel(sql_type = Integer)]
    pub number: i32,
    #[diesel(sql_type = Timestamptz)]
    pub made_at: DateTime<Utc>,
    /// Until when it was in force; none for the newest.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub until: Option<DateTime<Utc>>,
    /// None for a command.
    #[diesel(sql_type = Nullable<Text>)]
    pub by: Option<String>,
    #[diesel(sql_type = SmallInt)]
    levels: i16,
    #[diesel(sql_type = Bool)]
    payout_lead: bool,
    #[diesel(sql_type = Bool)]
    payout_sale: bool,
    #[diesel(sql_type = Bool)]
    payout_amount: bool,
    #[diesel(sql_type = Bool)]
    payout_percent: bool,
    #[diesel(sql_type = Bool)]
    pay_if_unused: bool,
}

/// A product as rules name it.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct ProductRow {
    #[diesel(sql_type = BigInt)]
    pub id: ProductId,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
}

/// A partner that is enrolled.
#[derive(Debug, Clone, QueryableByName)]
pub struct EnrolledRow {
    #[diesel(sql_type = BigInt)]
    pub id: PartnerId,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Bool)]
    pub active: bool,
    #[diesel(sql_type = Timestamptz)]
    pub enrolled_at: DateTime<Utc>,
    /// Its other programs, by priority.
    #[diesel(sql_type = Array<Text>)]
    pub others: Vec<String>,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

impl VersionRow {
    /// The Referral Partner Defaults under which it was made.
    pub fn payout_rules(&self) -> PayoutRules {
        PayoutRules {
            levels: u8::try_from(self.levels).unwrap_or(1),
            lead: self.payout_lead,
            sale: self.payout_sale,
            amount: self.payout_amount,
            percent: self.payout_percent,
            pay_if_unused: self.pay_if_unused,
        }
    }
}

/// Every program as it stands, in the order in which they are asked: by priority, then by age.
pub fn list(conn: &mut PgConnection) -> QueryResult<Vec<(ListRow, Program)>> {
    let rows: Vec<ListRow> = sql_query(
        "SELECT id, name, (SELECT count(*) FROM enrolments WHERE program_id = programs.id) AS partners
         FROM programs WHERE deleted_at IS NULL",
    )
    .load(conn)?;
    let mut rows: HashMap<ProgramId, ListRow> = rows.into_iter().map(|row| (row.id, row)).collect();
    let programs = super::in_force(conn)?.into_iter();
    Ok(programs.filter_map(|program| Some((rows.remove(&program.id)?, program))).collect())
}

/// The head of a program's pages; none where there is no such program.
pub fn head(conn: &mut PgConnection, id: ProgramId) -> QueryResult<Option<HeadRow>> {
    sql_query(
        "SELECT id, name, version, created_at,
                (SELECT count(*) FROM enrolments WHERE program_id = programs.id) AS partners,
                (SELECT count(*) FROM program_versions WHERE program_id = programs.id) AS versions
         FROM programs WHERE id = $1 AND deleted_at IS NULL",
    )
    .bind::<BigInt, _>(id)
    .get_result(conn)
    .optional()
}

const VERSIONS: &str = "SELECT version.id, version.number, version.made_at, users.name AS by,
        (SELECT next.made_at FROM program_versions next
          WHERE next.program_id = version.program_id AND next.number = version.number + 1) AS until,
        version.levels, version.payout_lead, version.payout_sale, version.payout_amount, version.payout_percent,
        version.pay_if_unused
   FROM program_versions version LEFT JOIN users ON users.id = version.made_by";

/// A program's versions, the newest first, from an offset on.
pub fn versions(
    conn: &mut PgConnection,
    id: ProgramId,
    limit: i64,
    offset: i64,
) -> QueryResult<Vec<VersionRow>> {
    sql_query(format!(
        "{VERSIONS} WHERE version.program_id = $1 ORDER BY version.number DESC LIMIT $2 OFFSET $3"
    ))
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(limit)
    .bind::<BigInt, _>(offset)
    .load(conn)
}

/// One version of a program by its number.
pub fn version(conn: &mut PgConnection, id: ProgramId, number: i32) -> QueryResult<Option<VersionRow>> {
    sql_query(format!("{VERSIONS} WHERE version.program_id = $1 AND version.number = $2"))
        .bind::<BigInt, _>(id)
        .bind::<Integer, _>(number)
        .get_result(conn)
        .optional()
}

/// The products of these that match some words in code or name, by code: a page of them, and how many
/// there are in all.
pub fn products_matching(
    conn: &mut PgConnection,
    products: &[ProductId],
    words: &str,
    window: Window,
) -> QueryResult<(i64, Vec<ProductRow>)> {
    const MATCHES: &str = "id = ANY ($1) AND ($2 = '' OR strpos(lower(code), lower($2)) > 0
                           OR strpos(lower(name), lower($2 COLLATE by_name)) > 0)";
    let counted: Counted = sql_query(format!("SELECT count(*) AS rows FROM products WHERE {MATCHES}"))
        .bind::<Array<BigInt>, _>(products)
        .bind::<Text, _>(words)
        .get_result(conn)?;
    let rows = sql_query(format!(
        "SELECT id, code, name FROM products WHERE {MATCHES} ORDER BY code LIMIT $3 OFFSET $4"
    ))
    .bind::<Array<BigInt>, _>(products)
    .bind::<Text, _>(words)
    .bind::<BigInt, _>(window.limit())
    .bind::<BigInt, _>(window.offset())
    .load(conn)?;
    Ok((counted.rows, rows))
}

/// These products.
pub fn products(conn: &mut PgConnection, ids: &[ProductId]) -> QueryResult<HashMap<ProductId, ProductRow>> {
    let rows: Vec<ProductRow> = sql_query("SELECT id, code, name FROM products WHERE id = ANY ($1)")
        .bind::<Array<BigInt>, _>(ids)
        .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The products of these codes, which are compared exactly.
pub fn products_by_code(
    conn: &mut PgConnection,
    codes: &[String],
) -> QueryResult<HashMap<String, ProductRow>> {
    let rows: Vec<ProductRow> = sql_query("SELECT id, code, name FROM products WHERE code = ANY ($1)")
        .bind::<Array<Text>, _>(codes)
        .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.code.clone(), row)).collect())
}

/// The partners that are enrolled in a program, by name.
pub fn enrolled(conn: &mut PgConnection, id: ProgramId, window: Window) -> QueryResult<Vec<EnrolledRow>> {
    sql_query(
        "SELECT p.id, p.code, c.name, p.status = 'active' AS active, e.enrolled_at,
                ARRAY(SELECT g.name::text FROM enrolments o JOIN programs g ON g.id = o.program_id
                      JOIN LATERAL (SELECT priority FROM program_versions WHERE program_id = g.id
                                    ORDER BY number DESC LIMIT 1) v ON true
                      WHERE o.partner_id = p.id AND o.program_id <> $1 ORDER BY v.priority, g.id) AS others
           FROM enrolments e JOIN partners p ON p.id = e.partner_id JOIN contacts c ON c.id = p.contact_id
          WHERE e.program_id = $1
          ORDER BY coalesce(nullif(c.name, ''), p.code), p.id LIMIT $2 OFFSET $3",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(window.limit())
    .bind::<BigInt, _>(window.offset())
    .load(conn)
}
