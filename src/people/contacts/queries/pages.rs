//! What the pages of contacts show.

use crate::db::columns::Number;
use crate::domain::ids::{ContactId, OrderId, PartnerId};
use crate::web::list::{Sort, Window};
use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Nullable, Numeric, Text, Timestamptz};
use rust_decimal::Decimal;

/// By what contacts can be sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Name,
    Email,
    Since,
}

/// One contact, in the list and on top of its own page.
#[derive(QueryableByName)]
pub struct ContactRow {
    #[diesel(sql_type = BigInt)]
    pub id: ContactId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub email: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub external_id: Option<String>,
    #[diesel(sql_type = Text)]
    pub country: String,
    #[diesel(sql_type = Bool)]
    pub opted_in: bool,
    /// The lines of the postal address that there are.
    #[diesel(sql_type = Text)]
    pub address: String,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub erased_at: Option<DateTime<Utc>>,
    /// The partner that it is.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub partner_id: Option<PartnerId>,
    #[diesel(sql_type = Text)]
    pub partner_code: String,
    #[diesel(sql_type = BigInt)]
    pub orders: i64,
    #[diesel(sql_type = BigInt)]
    pub referrals: i64,
    /// Its sales rep, and the form that said so; empty where somebody did by hand.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub rep_id: Option<PartnerId>,
    #[diesel(sql_type = Text)]
    pub rep_name: String,
    #[diesel(sql_type = Text)]
    pub rep_code: String,
    #[diesel(sql_type = Text)]
    pub rep_form: String,
}

#[derive(QueryableByName)]
pub struct OrderRow {
    #[diesel(sql_type = BigInt)]
    pub id: OrderId,
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Timestamptz)]
    pub ordered_at: DateTime<Utc>,
    #[diesel(sql_type = Numeric)]
    pub total: Decimal,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub partner_id: Option<PartnerId>,
    #[diesel(sql_type = Text)]
    pub partner_name: String,
    #[diesel(sql_type = Text)]
    pub partner_code: String,
}

#[derive(QueryableByName)]
pub struct ReferralRow {
    #[diesel(sql_type = BigInt)]
    pub partner_id: PartnerId,
    #[diesel(sql_type = Text)]
    pub partner_name: String,
    #[diesel(sql_type = Text)]
    pub partner_code: String,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Timestamptz)]
    pub referred_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub expires_at: Option<DateTime<Utc>>,
}

const CONTACT: &str = "
    SELECT c.id, c.name, c.email, c.external_id, c.country, c.opted_in, c.erased_at,
           concat_ws(E'\\n', nullif(c.address_line1, ''), nullif(c.address_line2, ''),
               nullif(concat_ws(' ', nullif(c.city, ''), nullif(c.state, ''), nullif(c.postal_code, '')), ''),
               nullif(c.country, '')) AS address,
           c.created_at, p.id AS partner_id, coalesce(p.code, '') AS partner_code,
           (SELECT count(*) FROM orders WHERE contact_id = c.id) AS orders,
           (SELECT count(*) FROM referrals WHERE contact_id = c.id) AS referrals,
           rep.id AS rep_id, coalesce(rep_person.name, '') AS rep_name, coalesce(rep.code, '') AS rep_code,
           coalesce(form.name, '') AS rep_form
      FROM contacts c LEFT JOIN partners p ON p.contact_id = c.id
      LEFT JOIN partners rep ON rep.id = c.sales_rep_id LEFT JOIN contacts rep_person ON rep_person.id = rep.contact_id
      LEFT JOIN web_forms form ON form.id = c.sales_rep_form_id";

const MATCHES: &str = "
    ($1 = '' OR strpos(lower(c.name), lower($1 COLLATE by_name)) > 0 OR strpos(lower(c.email), lower($1)) > 0
        OR strpos(lower(c.external_id), lower($1)) > 0)";

/// How many contacts have these words in their name, e-mail or number elsewhere.
pub fn count(conn: &mut PgConnection, words: &str) -> QueryResult<i64> {
    let counted: Number = sql_query(format!("SELECT count(*) AS value FROM contacts c WHERE {MATCHES}"))
        .bind::<Text, _>(words)
        .get_result(conn)?;
    Ok(counted.value)
}

/// A page of them.
pub fn list(
    conn: &mut PgConnection,
    words: &str,
    sort: Sort<Column>,
    window: Window,
) -> QueryResult<Vec<ContactRow>> {
    let way = if sort.descending { "DESC" } else { "ASC" };
    let order = match sort.by {
        Column::Name => format!("nullif(c.name, '') {way} NULLS LAST, c.id {way}"),
        Column::Email => format!("lower(c.email) {way} NULLS LAST, c.id {way}"),
        Column::Since => format!("c.created_at {way}, c.id {way}"),
    };
    // The page is chosen first, so that orders are counted for its rows only.
    let sql = format!(
        "WITH chosen AS (SELECT c.id FROM contacts c WHERE {MATCHES} ORDER BY {order} LIMIT $2 OFFSET $3)
         {CONTACT} WHERE c.id IN (SELECT id FROM chosen) ORDER BY {order}"
    );
    let query: BoxedSqlQuery<Pg, SqlQuery> = sql_query(sql).into_boxed();
    query
        .bind::<Text, _>(words.to_string())
        .bind::<BigInt, _>(window.limit())
        .bind::<BigInt, _>(window.offset())
        .load(conn)
}

/// One contact; none where there is no such contact.
pub fn find(conn: &mut PgConnection, id: ContactId) -> QueryResult<Option<ContactRow>> {
    sql_query(format!("{CONTACT} WHERE c.id = $1")).bind::<BigInt, _>(id).get_result(conn).optional()
}

/// Its latest orders.
pub fn orders(conn: &mut PgConnection, id: ContactId, limit: i64) -> QueryResult<Vec<OrderRow>> {
    sql_query(
        "SELECT o.id, o.number, o.ordered_at, o.total, p.id AS partner_id, coalesce(pc.name, '') AS partner_name,
                coalesce(p.code, '') AS partner_code
           FROM orders o
           LEFT JOIN LATERAL (SELECT coalesce(lead_partner_id, sale_partner_id) AS partner_id FROM order_credits
                               WHERE order_id = o.id ORDER BY number DESC LIMIT 1) cr ON true
           LEFT JOIN partners p ON p.id = cr.partner_id LEFT JOIN contacts pc ON pc.id = p.contact_id
          WHERE o.contact_id = $1 ORDER BY o.ordered_at DESC, o.id DESC LIMIT $2",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(limit)
    .load(conn)
}

/// Who referred it, the latest first.
pub fn referrals(conn: &mut PgConnection, id: ContactId, limit: i64) -> QueryResult<Vec<ReferralRow>> {
    sql_query(
        "SELECT r.partner_id, c.name AS partner_name, p.code AS partner_code, r.kind, r.referred_at, r.expires_at
           FROM referrals r JOIN partners p ON p.id = r.partner_id JOIN contacts c ON c.id = p.contact_id
          WHERE r.contact_id = $1 ORDER BY r.referred_at DESC, r.recorded DESC LIMIT $2",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(limit)
    .load(conn)
}
