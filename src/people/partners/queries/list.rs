//! The list of partners: searched, sorted, page by page.

use super::super::PartnerStatus;
use super::pages::ACCOUNT;
use crate::domain::ids::{PartnerId, ProgramId};
use crate::domain::money::Money;
use crate::web::list::{Sort, Window};
use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz};

/// What a list of partners is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// A part of the name, the e-mail or a code that it has or had.
    pub words: String,
    pub status: Option<PartnerStatus>,
    pub program: Option<InProgram>,
    /// Recruited by this partner.
    pub parent: Option<PartnerId>,
}

/// Which program partners must be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InProgram {
    This(ProgramId),
    /// Active partners who are in none.
    None,
}

/// By what partners can be sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Name,
    Code,
    Parent,
    Since,
    Balance,
}

/// One partner of the list.
#[derive(QueryableByName)]
pub struct ListRow {
    #[diesel(sql_type = BigInt)]
    pub id: PartnerId,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub email: Option<String>,
    #[diesel(sql_type = Bool)]
    pub active: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub parent_id: Option<PartnerId>,
    #[diesel(sql_type = Text)]
    pub parent_name: String,
    #[diesel(sql_type = Text)]
    pub parent_code: String,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    pub balance_minor: Money,
}

/// How many partners match, and what their balances add up to.
#[derive(QueryableByName)]
pub struct Total {
    #[diesel(sql_type = BigInt)]
    pub partners: i64,
    #[diesel(sql_type = BigInt)]
    pub balance_minor: Money,
}

/// Each condition is there or not, by its parameter.
const MATCHES: &str = "
    ($1 = '' OR strpos(lower(c.name), lower($1 COLLATE by_name)) > 0 OR strpos(lower(c.email), lower($1)) > 0
        OR p.id IN (SELECT partner_id FROM partner_codes WHERE strpos(code, lower($1)) > 0))
    AND ($2 = '' OR p.status = $2)
    AND ($3::bigint IS NULL OR p.id IN (SELECT partner_id FROM enrolments WHERE program_id = $3))
    AND (NOT $4 OR (p.status = 'active' AND p.id NOT IN (SELECT partner_id FROM enrolments)))
    AND ($5::bigint IS NULL OR p.parent_id = $5)";

type Bound<'a> = BoxedSqlQuery<'a, Pg, SqlQuery>;

fn bound<'a>(sql: String, search: &Search) -> Bound<'a> {
    let program = match search.program {
        Some(InProgram::This(id)) => Some(id),
        _ => None,
    };
    sql_query(sql)
        .into_boxed()
        .bind::<Text, _>(search.words.trim().to_string())
        .bind::<Text, _>(search.status.map_or("", PartnerStatus::word))
        .bind::<Nullable<BigInt>, _>(program)
        .bind::<Bool, _>(search.program == Some(InProgram::None))
        .bind::<Nullable<BigInt>, _>(search.parent)
}

/// The sum of what matches.
pub fn total(conn: &mut PgConnection, search: &Search) -> QueryResult<Total> {
    let sql = format!(
        "SELECT count(*) AS partners, coalesce(sum(t.balance_minor), 0)::bigint AS balance_minor
           FROM partners p JOIN contacts c ON c.id = p.contact_id {ACCOUNT} WHERE {MATCHES}"
    );
    bound(sql, search).get_result(conn)
}

/// A page of the partners that match. Who has no name stands by its code.
pub fn list(
    conn: &mut PgConnection,
    search: &Search,
    sort: Sort<Column>,
    window: Window,
) -> QueryResult<Vec<ListRow>> {
    let way = if sort.descending { "DESC" } else { "ASC" };
    let name = "coalesce(nullif(c.name, ''), p.code)";
    let order = match sort.by {
        Column::Name => format!("{name} {way}, p.id {way}"),
        Column::Code => format!("p.code COLLATE by_name {way}, p.id {way}"),
        Column::Parent => format!("coalesce(nullif(qc.name, ''), q.code) {way} NULLS LAST, {name}, p.id"),
        Column::Since => format!("p.created_at {way}, p.id {way}"),
        Column::Balance => format!("coalesce(t.balance_minor, 0) {way}, {name}, p.id"),
    };
    let sql = format!(
        "SELECT p.id, p.code, c.name, c.email, p.status = 'active' AS active, p.parent_id, coalesce(qc.name, '') AS parent_name,
                coalesce(q.code, '') AS parent_code, p.created_at, coalesce(t.balance_minor, 0) AS balance_minor
           FROM partners p JOIN contacts c ON c.id = p.contact_id
           LEFT JOIN partners q ON q.id = p.parent_id LEFT JOIN contacts qc ON qc.id = q.contact_id {ACCOUNT}
          WHERE {MATCHES} ORDER BY {order} LIMIT $6 OFFSET $7"
    );
    bound(sql, search).bind::<BigInt, _>(window.limit()).bind::<BigInt, _>(window.offset()).load(conn)
}

/// Every program by name, for the filter.
pub fn program_names(conn: &mut PgConnection) -> QueryResult<Vec<(ProgramId, String)>> {
    #[derive(QueryableByName)]
    struct Named {
        #[diesel(sql_type = BigInt)]
        id: ProgramId,
        #[diesel(sql_type = Text)]
        name: String,
    }
    let named: Vec<Named> =
        sql_query("SELECT id, name FROM programs WHERE deleted_at IS NULL ORDER BY name, id").load(conn)?;
    Ok(named.into_iter().map(|row| (row.id, row.name)).collect())
}
