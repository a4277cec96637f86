//! The list of partners: searched, sorted, page by page.

use super::pages::ACCOUNT;
use crate::db::columns::Number;
use crate::domain::ids::{PartnerId, ProgramId};
use crate::domain::money::Money;
use crate::domain::typed::Trimmed;
use crate::web::list::{Sort, Window};
use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz};

/// What a list of partners is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// A part of the name, the e-mail or a code that it has or had.
    pub words: String,
    pub standing: Option<Standing>,
    pub program: Option<InProgram>,
    /// Recruited by this partner.
    pub parent: Option<PartnerId>,
    /// With this tag, whatever its letter case; empty = any.
    pub tag: String,
}

/// How a partner stands, as the list tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Active,
    Inactive,
    /// It turned out to be another partner.
    Merged,
}

impl Standing {
    pub const ALL: [Standing; 3] = [Standing::Active, Standing::Inactive, Standing::Merged];

    /// The word for it in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Active => "active",
            Standing::Inactive => "inactive",
            Standing::Merged => "merged",
        }
    }

    /// As the list shows it.
    pub fn label(self) -> &'static str {
        match self {
            Standing::Active => "Active",
            Standing::Inactive => "Inactive",
            Standing::Merged => "Merged",
        }
    }

    /// The standing of that word.
    pub fn from_word(word: &str) -> Option<Standing> {
        Standing::ALL.into_iter().find(|standing| standing.word() == word)
    }
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
    #[diesel(sql_type = Nullable<BigInt>)]
    pub merged_into_id: Option<PartnerId>,
    #[diesel(sql_type = Text)]
    pub merged_into_name: String,
    #[diesel(sql_type = Text)]
    pub merged_into_code: String,
    #[diesel(sql_type = Text)]
    pub country: String,
    /// By name, one a line.
    #[diesel(sql_type = Text)]
    pub tags: String,
    /// By name, one a line.
    #[diesel(sql_type = Text)]
    pub programs: String,
    #[diesel(sql_type = BigInt)]
    pub recruits: i64,
    #[diesel(sql_type = Nullable<Integer>)]
    pub track_leads_days: Option<i32>,
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
    AND ($2 = '' OR CASE WHEN p.merged_into_id IS NULL THEN p.status ELSE 'merged' END = $2)
    AND ($3::bigint IS NULL OR p.id IN (SELECT partner_id FROM enrolments WHERE program_id = $3))
    AND (NOT $4 OR (p.status = 'active' AND p.id NOT IN (SELECT partner_id FROM enrolments)))
    AND ($5::bigint IS NULL OR p.parent_id = $5)
    AND ($6 = '' OR p.id IN (SELECT partner_id FROM partner_tags JOIN tags ON tags.id = tag_id WHERE lower(tags.name) = lower($6 COLLATE by_name)))";

type Bound<'a> = BoxedSqlQuery<'a, Pg, SqlQuery>;

fn bound<'a>(sql: String, search: &Search) -> Bound<'a> {
    let program = match search.program {
        Some(InProgram::This(id)) => Some(id),
        _ => None,
    };
    sql_query(sql)
        .into_boxed()
        .bind::<Text, _>(search.words.trimmed().to_string())
        .bind::<Text, _>(search.standing.map_or("", Standing::word))
        .bind::<Nullable<BigInt>, _>(program)
        .bind::<Bool, _>(search.program == Some(InProgram::None))
        .bind::<Nullable<BigInt>, _>(search.parent)
        .bind::<Text, _>(search.tag.trimmed().to_string())
}

/// The sum of what matches.
pub fn total(conn: &mut PgConnection, search: &Search) -> QueryResult<Total> {
    let sql = format!(
        "SELECT count(*) AS partners, coalesce(sum(t.balance_minor), 0)::bigint AS balance_minor
           FROM partners p JOIN contacts c ON c.id = p.contact_id {ACCOUNT} WHERE {MATCHES}"
    );
    bound(sql, search).get_result(conn)
}

/// What the list says of a partner.
const COLUMNS: &str = "p.id, p.code, c.name, c.email, c.country, p.status = 'active' AS active, p.parent_id,
    coalesce(qc.name, '') AS parent_name, coalesce(q.code, '') AS parent_code, p.created_at, p.track_leads_days,
    coalesce(t.balance_minor, 0) AS balance_minor, p.merged_into_id, coalesce(mc.name, '') AS merged_into_name,
    coalesce(m.code, '') AS merged_into_code,
    (SELECT coalesce(string_agg(tags.name, E'\\n' ORDER BY tags.name), '') FROM partner_tags JOIN tags ON tags.id = tag_id
      WHERE partner_id = p.id) AS tags,
    (SELECT coalesce(string_agg(g.name, E'\\n' ORDER BY g.name), '') FROM enrolments e JOIN programs g ON g.id = e.program_id
      WHERE e.partner_id = p.id) AS programs,
    (SELECT count(*) FROM partners r WHERE r.parent_id = p.id) AS recruits";

const FROM: &str = "
    FROM partners p JOIN contacts c ON c.id = p.contact_id
    LEFT JOIN partners q ON q.id = p.parent_id LEFT JOIN contacts qc ON qc.id = q.contact_id
    LEFT JOIN partners m ON m.id = p.merged_into_id LEFT JOIN contacts mc ON mc.id = m.contact_id
    LEFT JOIN accounts a ON a.partner_id = p.id AND a.currency = (SELECT currency FROM company)
    LEFT JOIN account_totals t ON t.account_id = a.id";

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
    // The page is chosen first, so that tags and programs are looked up for its rows only.
    let sql = format!(
        "WITH chosen AS (SELECT p.id {FROM} WHERE {MATCHES} ORDER BY {order} LIMIT $7 OFFSET $8)
         SELECT {COLUMNS} {FROM} WHERE p.id IN (SELECT id FROM chosen) ORDER BY {order}"
    );
    bound(sql, search).bind::<BigInt, _>(window.limit()).bind::<BigInt, _>(window.offset()).load(conn)
}

/// All that match, by number.
pub fn ids(conn: &mut PgConnection, search: &Search) -> QueryResult<Vec<PartnerId>> {
    let sql = format!(
        "SELECT p.id AS value FROM partners p JOIN contacts c ON c.id = p.contact_id WHERE {MATCHES} ORDER BY p.id"
    );
    let rows: Vec<Number> = bound(sql, search).load(conn)?;
    Ok(rows.into_iter().map(|row| PartnerId(row.value)).collect())
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
