//! The list of orders: searched, sorted, page by page.

use crate::db::columns::Number;
use crate::domain::ids::{ContactId, OrderId, PartnerId};
use crate::domain::money::Money;
use crate::domain::typed::Trimmed;
use crate::web::list::{Sort, Window};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_query;
use diesel::sql_types::{BigInt, Date, Nullable, Numeric, Text, Timestamptz};
use rust_decimal::Decimal;

/// What a list of orders is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// A part of its number or its coupons, or of the name, e-mail or code of somebody in it.
    pub words: String,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub credited: Option<Credited>,
    /// Orders of this contact only.
    pub contact: Option<ContactId>,
    /// Orders that credit this partner, as lead or sale partner, or paid it as a parent.
    pub partner: Option<PartnerId>,
}

/// Whether somebody is credited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credited {
    Somebody,
    Nobody,
}

/// By what orders can be sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Ordered,
    Number,
    Contact,
    Partner,
    Total,
}

/// One order of the list.
#[derive(QueryableByName)]
pub struct ListRow {
    #[diesel(sql_type = BigInt)]
    pub id: OrderId,
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Timestamptz)]
    pub ordered_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub contact_id: Option<ContactId>,
    #[diesel(sql_type = Text)]
    pub contact_name: String,
    #[diesel(sql_type = Text)]
    pub contact_otherwise: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub partner_id: Option<PartnerId>,
    #[diesel(sql_type = Text)]
    pub partner_name: String,
    #[diesel(sql_type = Text)]
    pub partner_code: String,
    #[diesel(sql_type = Numeric)]
    pub total: Decimal,
    /// What the ledger holds for it: of everybody, or of the one partner that was asked for.
    #[diesel(sql_type = BigInt)]
    pub commissions: Money,
}

/// Each condition is there or not, by its parameter.
const MATCHES: &str = "
    ($1 = '' OR strpos(lower(o.number), lower($1)) > 0 OR strpos(lower(o.coupon), lower($1)) > 0
        OR o.contact_id IN (SELECT id FROM contacts WHERE strpos(lower(name), lower($1 COLLATE by_name)) > 0 OR strpos(lower(email), lower($1)) > 0)
        OR o.id IN (SELECT order_id FROM order_credits WHERE lead_partner_id IN (SELECT id FROM named) OR sale_partner_id IN (SELECT id FROM named)))
    AND ($2::date IS NULL OR o.ordered_on >= $2) AND ($3::date IS NULL OR o.ordered_on <= $3)
    AND ($4 = '' OR ($4 = 'nobody') = (SELECT lead_partner_id IS NULL AND sale_partner_id IS NULL FROM order_credits
                                        WHERE order_id = o.id ORDER BY number DESC LIMIT 1))
    AND ($5::bigint IS NULL OR o.contact_id = $5)
    AND ($6::bigint IS NULL OR o.id IN (
            SELECT order_id FROM order_credits WHERE lead_partner_id IN (SELECT id FROM partners WHERE id = $6 OR merged_into_id = $6) OR sale_partner_id IN (SELECT id FROM partners WHERE id = $6 OR merged_into_id = $6)
            UNION SELECT c.order_id FROM commission_rows r JOIN order_credits c ON c.id = r.order_credit_id WHERE r.partner_id IN (SELECT id FROM partners WHERE id = $6 OR merged_into_id = $6)))";

/// The partners whom the words name.
const NAMED: &str = "
    named AS MATERIALIZED (
        SELECT p.id FROM partners p JOIN contacts c ON c.id = p.contact_id
         WHERE $1 <> '' AND (strpos(lower(p.code), lower($1)) > 0 OR strpos(lower(c.name), lower($1 COLLATE by_name)) > 0))";

const CONTACT: &str = "LEFT JOIN contacts c ON c.id = o.contact_id";

/// Who is credited, by the latest credit.
const PARTNER: &str = "
    LEFT JOIN LATERAL (SELECT coalesce(lead_partner_id, sale_partner_id) AS partner_id FROM order_credits
                        WHERE order_id = o.id ORDER BY number DESC LIMIT 1) cr ON true
    LEFT JOIN partners p ON p.id = cr.partner_id
    LEFT JOIN contacts pc ON pc.id = p.contact_id";

type Bound<'a> = BoxedSqlQuery<'a, Pg, SqlQuery>;

/// A query over the orders that match.
pub(super) fn matching(of_orders: &str, rest: &str) -> String {
    format!("WITH {NAMED} {of_orders} WHERE {MATCHES} {rest}")
}

pub(super) fn bound<'a>(sql: String, search: &Search) -> Bound<'a> {
    let credited = match search.credited {
        None => "",
        Some(Credited::Somebody) => "somebody",
        Some(Credited::Nobody) => "nobody",
    };
    sql_query(sql)
        .into_boxed()
        .bind::<Text, _>(search.words.trimmed().to_string())
        .bind::<Nullable<Date>, _>(search.from)
        .bind::<Nullable<Date>, _>(search.to)
        .bind::<Text, _>(credited)
        .bind::<Nullable<BigInt>, _>(search.contact)
        .bind::<Nullable<BigInt>, _>(search.partner)
}

/// How many orders match.
pub fn count(conn: &mut PgConnection, search: &Search) -> QueryResult<i64> {
    let counted: Number =
        bound(matching("SELECT count(*) AS value FROM orders o", ""), search).get_result(conn)?;
    Ok(counted.value)
}

/// A page of the orders that match.
pub fn list(
    conn: &mut PgConnection,
    search: &Search,
    sort: Sort<Column>,
    window: Window,
) -> QueryResult<Vec<ListRow>> {
    let way = if sort.descending { "DESC" } else { "ASC" };
    let order = match sort.by {
        Column::Ordered => format!("o.ordered_on {way}, o.ordered_at {way}, o.id {way}"),
        Column::Number => format!("o.number COLLATE by_name {way}, o.id {way}"),
        Column::Contact => format!("nullif(c.name, '') {way} NULLS LAST, o.ordered_on DESC, o.id DESC"),
        Column::Partner => format!("nullif(pc.name, '') {way} NULLS LAST, o.ordered_on DESC, o.id DESC"),
        Column::Total => format!("o.total {way}, o.id {way}"),
    };
    // The rows of the page are chosen first, so that names and sums are looked up for them only.
    let needed = match sort.by {
        Column::Contact => CONTACT.to_string(),
        Column::Partner => PARTNER.to_string(),
        _ => String::new(),
    };
    let sql = format!(
        "WITH {NAMED}, chosen AS (
             SELECT o.id FROM orders o {needed} WHERE {MATCHES} ORDER BY {order} LIMIT $7 OFFSET $8)
         SELECT o.id, o.number, o.ordered_at, o.contact_id,
                coalesce(c.name, '') AS contact_name, coalesce(c.email, c.external_id, 'Contact ' || c.id, '') AS contact_otherwise,
                p.id AS partner_id, coalesce(pc.name, '') AS partner_name, coalesce(p.code, '') AS partner_code, o.total,
                (SELECT coalesce(sum(n.amount_minor), 0)::bigint
                   FROM order_events e JOIN entries n ON n.order_event_id = e.id JOIN accounts a ON a.id = n.account_id
                  WHERE e.order_id = o.id AND ($6::bigint IS NULL OR a.partner_id IN (SELECT id FROM partners WHERE id = $6 OR merged_into_id = $6))) AS commissions
           FROM chosen JOIN orders o USING (id) {CONTACT} {PARTNER}
          ORDER BY {order}"
    );
    bound(sql, search).bind::<BigInt, _>(window.limit()).bind::<BigInt, _>(window.offset()).load(conn)
}
