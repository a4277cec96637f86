//! The rows of the Ledgers report: one query gives a page of them and the totals of all results.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text};

use super::super::forms::Search;
use crate::db::columns::Number;
use crate::domain::ids::{AccountId, PartnerId, ProgramId};
use crate::domain::ledger::Figures;
use crate::domain::money::Money;
use crate::people::names::Person;
use crate::people::partners::PartnerStatus;
use crate::web::list::{Sort, Window};

/// What the report can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Name,
    Code,
    Parent,
    Beginning,
    Commissions,
    Payments,
    Ending,
}

/// One partner of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub partner: PartnerId,
    pub name: String,
    pub code: String,
    /// Who recruited it, by number and name.
    pub parent: Option<(PartnerId, String)>,
    pub is_active: bool,
    /// The partner that it turned out to be.
    pub merged_into: Option<Person>,
    pub figures: Figures,
}

/// All results together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    pub partners: i64,
    pub figures: Figures,
}

/// A page of the report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Results {
    pub rows: Vec<Row>,
    pub totals: Totals,
}

/// The totals stand in every row; the rest is empty where the page has no row.
#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    partners: i64,
    #[diesel(sql_type = BigInt)]
    total_beginning: Money,
    #[diesel(sql_type = BigInt)]
    total_earned: Money,
    #[diesel(sql_type = BigInt)]
    total_clawbacks: Money,
    #[diesel(sql_type = BigInt)]
    total_adjustments: Money,
    #[diesel(sql_type = BigInt)]
    total_payments: Money,
    #[diesel(sql_type = Nullable<BigInt>)]
    partner_id: Option<PartnerId>,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    code: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    parent_id: Option<PartnerId>,
    #[diesel(sql_type = Nullable<Text>)]
    parent_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    status: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    merged_into_id: Option<PartnerId>,
    #[diesel(sql_type = Nullable<Text>)]
    merged_into_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    merged_into_code: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    beginning: Option<Money>,
    #[diesel(sql_type = Nullable<BigInt>)]
    earned: Option<Money>,
    #[diesel(sql_type = Nullable<BigInt>)]
    clawbacks: Option<Money>,
    #[diesel(sql_type = Nullable<BigInt>)]
    adjustments: Option<Money>,
    #[diesel(sql_type = Nullable<BigInt>)]
    payments: Option<Money>,
}

/// Whom the filters choose, whatever its figures are.
const FILTERS: &str = "
    ($1 IS NULL OR p.code ILIKE $1 OR EXISTS (SELECT FROM contacts c WHERE c.id = p.contact_id AND c.name ILIKE $1)
        OR EXISTS (SELECT FROM partners m JOIN contacts mc ON mc.id = m.contact_id
                    WHERE m.id = p.merged_into_id AND (m.code ILIKE $1 OR mc.name ILIKE $1)))
    AND ($2 IS NULL OR EXISTS (SELECT FROM partners up JOIN contacts uc ON uc.id = up.contact_id
                                WHERE up.id = p.parent_id AND (up.code ILIKE $2 OR uc.name ILIKE $2)))
    AND ($3 IS NULL OR p.status = $3)
    AND ($4 IS NULL OR EXISTS (SELECT FROM enrolments e WHERE e.partner_id = p.id AND e.program_id = $4))
    AND ($5 IS NULL OR EXISTS (SELECT FROM partner_tags x JOIN tags ON tags.id = x.tag_id
                                WHERE x.partner_id = p.id AND lower(tags.name) = lower($5 COLLATE by_name)))";

/// Every partner that the search chooses, with its account and figures. Activity that sums to zero
/// and open entries are looked for only where all figures are zero; `OFFSET 0` keeps the planner from
/// reading the whole table for that instead.
fn chosen_sql() -> String {
    format!(
        "SELECT p.id, p.contact_id, p.parent_id, p.merged_into_id, p.code, lower(p.code) COLLATE \"C\" AS code_key, p.status, a.id AS account_id,
                coalesce(f.beginning_minor, 0) AS beginning, coalesce(f.earned_minor, 0) AS earned,
                coalesce(f.clawbacks_minor, 0) AS clawbacks, coalesce(f.adjustments_minor, 0) AS adjustments,
                coalesce(f.payments_minor, 0) AS payments
           FROM partners p
           LEFT JOIN (accounts a JOIN company USING (currency)) ON a.partner_id = p.id
           LEFT JOIN ledger_figures($6, $7, $8) f ON f.account_id = a.id
          WHERE {FILTERS}
            AND ($9 OR f.beginning_minor <> 0 OR f.earned_minor <> 0 OR f.clawbacks_minor <> 0
                    OR f.adjustments_minor <> 0 OR f.payments_minor <> 0
                    OR EXISTS (SELECT FROM ledger_days d WHERE d.account_id = a.id AND d.day BETWEEN $6 AND $7 OFFSET 0)
                    OR EXISTS (SELECT FROM open_entries o WHERE o.account_id = a.id AND o.dated_on <= $7 OFFSET 0))"
    )
}

/// A page of the report, and the totals of all results.
pub fn find(
    conn: &mut PgConnection,
    search: &Search,
    sort: Sort<Column>,
    window: Window,
) -> QueryResult<Results> {
    let (tables, key) = sorted_by(sort.by);
    let direction = if sort.descending { "DESC" } else { "ASC" };
    let order = format!("{key} {direction} NULLS LAST, code_key");
    let query = sql_query(format!(
        "WITH results AS MATERIALIZED ({}),
              totals AS (
                SELECT count(*) AS partners, coalesce(sum(beginning), 0)::bigint AS total_beginning,
                       coalesce(sum(earned), 0)::bigint AS total_earned, coalesce(sum(clawbacks), 0)::bigint AS total_clawbacks,
                       coalesce(sum(adjustments), 0)::bigint AS total_adjustments, coalesce(sum(payments), 0)::bigint AS total_payments
                  FROM results),
              page AS (SELECT results.* FROM results {tables} ORDER BY {order} LIMIT $10 OFFSET $11)
         SELECT totals.*, page.id AS partner_id, c.name, page.code, page.parent_id, uc.name AS parent_name, page.status,
                page.merged_into_id, mc.name AS merged_into_name, m.code AS merged_into_code, beginning, earned, clawbacks, adjustments, payments
           FROM totals
           LEFT JOIN page ON true
           LEFT JOIN contacts c ON c.id = page.contact_id
           LEFT JOIN partners up ON up.id = page.parent_id
           LEFT JOIN contacts uc ON uc.id = up.contact_id
           LEFT JOIN partners m ON m.id = page.merged_into_id
           LEFT JOIN contacts mc ON mc.id = m.contact_id
          ORDER BY {order}",
        chosen_sql()
    ));
    let query = with_search(conn, query, search)?;
    let found: Vec<Found> =
        query.bind::<BigInt, _>(window.limit()).bind::<BigInt, _>(window.offset()).load(conn)?;
    let totals = found.first().map(Found::totals).unwrap_or_default();
    Ok(Results { totals, rows: found.into_iter().filter_map(Found::row).collect() })
}

/// Binds $1 to $9: the filters, the dates, the accounts in question, and whether all are shown.
fn with_search<'a>(
    conn: &mut PgConnection,
    query: SqlQuery,
    search: &Search,
) -> QueryResult<BoxedSqlQuery<'a, Pg, SqlQuery>> {
    let few = accounts_in_question(conn, search)?;
    Ok(with_filters(query, search)
        .bind::<Date, _>(search.period.from())
        .bind::<Date, _>(search.period.to())
        .bind::<Nullable<Array<BigInt>>, _>(few)
        .bind::<Bool, _>(search.all))
}

fn with_filters<'a>(query: SqlQuery, search: &Search) -> BoxedSqlQuery<'a, Pg, SqlQuery> {
    query
        .into_boxed()
        .bind::<Nullable<Text>, _>(containing(&search.partner))
        .bind::<Nullable<Text>, _>(containing(&search.parent))
        .bind::<Nullable<Text>, _>(search.status.map(PartnerStatus::word))
        .bind::<Nullable<BigInt>, _>(search.program)
        .bind::<Nullable<Text>, _>(Some(search.tag.clone()).filter(|tag| !tag.is_empty()))
}

/// The accounts of a search for a name, a code or a parent: usually few, and figures of few accounts
/// are found without looking at all others. None where all figures are wanted.
fn accounts_in_question(conn: &mut PgConnection, search: &Search) -> QueryResult<Option<Vec<AccountId>>> {
    if search.partner.is_empty() && search.parent.is_empty() {
        return Ok(None);
    }
    let query = sql_query(format!(
        "SELECT a.id AS value FROM partners p JOIN accounts a ON a.partner_id = p.id WHERE {FILTERS}"
    ));
    let rows: Vec<Number> = with_filters(query, search).load(conn)?;
    Ok(Some(rows.into_iter().map(|row| AccountId(row.value)).collect()))
}

/// What is joined for a sort, and the expression that is sorted by. All of it is written here:
/// nothing of it comes from the visitor.
fn sorted_by(column: Column) -> (&'static str, &'static str) {
    const PARENT: &str =
        "LEFT JOIN partners up ON up.id = results.parent_id LEFT JOIN contacts uc ON uc.id = up.contact_id";
    match column {
        Column::Name => ("JOIN contacts c ON c.id = results.contact_id", "c.name"),
        Column::Code => ("", "code_key"),
        Column::Parent => (PARENT, "uc.name"),
        Column::Beginning => ("", "beginning"),
        Column::Commissions => ("", "earned + clawbacks + adjustments"),
        Column::Payments => ("", "payments"),
        Column::Ending => ("", "beginning + earned + clawbacks + adjustments - payments"),
    }
}

#[derive(QueryableByName)]
struct Choice {
    #[diesel(sql_type = BigInt)]
    id: PartnerId,
    #[diesel(sql_type = Nullable<BigInt>)]
    account_id: Option<AccountId>,
}

/// All results of a search: who, and its account where it has one.
pub fn chosen(conn: &mut PgConnection, search: &Search) -> QueryResult<Vec<(PartnerId, Option<AccountId>)>> {
    let query = sql_query(format!("SELECT id, account_id FROM ({}) AS results", chosen_sql()));
    let rows: Vec<Choice> = with_search(conn, query, search)?.load(conn)?;
    Ok(rows.into_iter().map(|row| (row.id, row.account_id)).collect())
}

/// Every commission program, for the search form.
pub fn programs(conn: &mut PgConnection) -> QueryResult<Vec<(ProgramId, String)>> {
    #[derive(QueryableByName)]
    struct Program {
        #[diesel(sql_type = BigInt)]
        id: ProgramId,
        #[diesel(sql_type = Text)]
        name: String,
    }
    let rows: Vec<Program> =
        sql_query("SELECT id, name FROM programs WHERE deleted_at IS NULL ORDER BY name, id").load(conn)?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// The pattern of a text that contains this one, whatever signs it has.
fn containing(text: &str) -> Option<String> {
    let literal = text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
    (!text.is_empty()).then(|| format!("%{literal}%"))
}

impl Found {
    fn totals(&self) -> Totals {
        let figures = Figures {
            beginning: self.total_beginning,
            earned: self.total_earned,
            clawbacks: self.total_clawbacks,
            adjustments: self.total_adjustments,
            payments: self.total_payments,
        };
        Totals { partners: self.partners, figures }
    }

    fn row(self) -> Option<Row> {
        let (name, code) =
            (self.merged_into_name.unwrap_or_default(), self.merged_into_code.unwrap_or_default());
        Some(Row {
            merged_into: self.merged_into_id.map(|id| Person::partner(id, &name, &code)),
            partner: self.partner_id?,
            name: self.name.unwrap_or_default(),
            code: self.code.unwrap_or_default(),
            parent: self.parent_id.zip(self.parent_name),
            is_active: self.status.as_deref() == Some(PartnerStatus::Active.word()),
            figures: Figures {
                beginning: self.beginning?,
                earned: self.earned?,
                clawbacks: self.clawbacks?,
                adjustments: self.adjustments?,
                payments: self.payments?,
            },
        })
    }
}
