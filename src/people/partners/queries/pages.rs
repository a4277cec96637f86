//! What a partner's page shows: its head, and its overview.

use crate::db::columns::Number;
use crate::domain::ids::{ContactId, CouponId, LinkId, OrderId, PartnerId, ProgramId};
use crate::domain::ledger::EntryKind;
use crate::domain::money::Money;
use crate::domain::program::{AmountPer, Payout, Percent};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Date, Integer, Jsonb, Nullable, Numeric, SmallInt, Text, Timestamptz};

/// What stands on top of each of a partner's pages, with the counts of its tabs.
#[derive(Debug, Clone, QueryableByName)]
pub struct HeadRow {
    #[diesel(sql_type = BigInt)]
    pub id: PartnerId,
    #[diesel(sql_type = BigInt)]
    pub contact_id: ContactId,
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
    /// With what was merged into it.
    #[diesel(sql_type = BigInt)]
    pub together_minor: Money,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub merged_into_id: Option<PartnerId>,
    #[diesel(sql_type = Text)]
    pub merged_into_name: String,
    #[diesel(sql_type = Text)]
    pub merged_into_code: String,
    /// The records that were merged into it: id, name, code and balance of each.
    #[diesel(sql_type = Jsonb)]
    pub merged: serde_json::Value,
    #[diesel(sql_type = BigInt)]
    pub referrals: i64,
    #[diesel(sql_type = BigInt)]
    pub orders: i64,
    #[diesel(sql_type = BigInt)]
    pub payments: i64,
    #[diesel(sql_type = BigInt)]
    pub notes: i64,
}

/// What else is known of a partner.
#[derive(QueryableByName)]
pub struct DetailsRow {
    #[diesel(sql_type = Nullable<Integer>)]
    pub track_leads_days: Option<i32>,
    #[diesel(sql_type = Bool)]
    pub notify_on_lead: bool,
    #[diesel(sql_type = Bool)]
    pub notify_on_sale: bool,
    #[diesel(sql_type = Bool)]
    pub opted_in: bool,
    /// The lines of the postal address that there are.
    #[diesel(sql_type = Text)]
    pub address: String,
    /// Codes that it had before, one a line.
    #[diesel(sql_type = Text)]
    pub earlier_codes: String,
}

/// Commissions, net, of one month.
#[derive(QueryableByName)]
pub struct MonthRow {
    #[diesel(sql_type = Date)]
    pub month: NaiveDate,
    #[diesel(sql_type = BigInt)]
    pub net_minor: Money,
    #[diesel(sql_type = BigInt)]
    pub payments_minor: Money,
}

/// What is open, and of when.
#[derive(QueryableByName)]
pub struct OpenRow {
    #[diesel(sql_type = BigInt)]
    pub before_minor: Money,
    #[diesel(sql_type = BigInt)]
    pub since_minor: Money,
}

#[derive(QueryableByName)]
pub struct EntryRow {
    #[diesel(sql_type = Date)]
    pub dated_on: NaiveDate,
    #[diesel(sql_type = Text)]
    pub kind: EntryKind,
    #[diesel(sql_type = BigInt)]
    pub amount_minor: Money,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub order_id: Option<OrderId>,
    #[diesel(sql_type = Text)]
    pub order_number: String,
    #[diesel(sql_type = Text)]
    pub item: String,
}

/// A program and one level of its default rule.
#[derive(QueryableByName)]
pub struct ProgramRow {
    #[diesel(sql_type = BigInt)]
    pub id: ProgramId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Integer)]
    pub priority: i32,
    #[diesel(sql_type = Text)]
    pub payout: Payout,
    #[diesel(sql_type = Text)]
    pub amount_per: AmountPer,
    #[diesel(sql_type = BigInt)]
    pub own_rules: i64,
    #[diesel(sql_type = Nullable<SmallInt>)]
    pub level: Option<i16>,
    #[diesel(sql_type = BigInt)]
    pub lead_amount_minor: Money,
    #[diesel(sql_type = Numeric)]
    pub lead_percent: Percent,
    #[diesel(sql_type = BigInt)]
    pub sale_amount_minor: Money,
    #[diesel(sql_type = Numeric)]
    pub sale_percent: Percent,
}

#[derive(QueryableByName)]
pub struct RecruitRow {
    #[diesel(sql_type = BigInt)]
    pub id: PartnerId,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = BigInt)]
    pub balance_minor: Money,
}

/// The account in the company's currency, which is a partner's only one until currencies come.
pub const ACCOUNT: &str = "
    LEFT JOIN accounts a ON a.partner_id = p.id AND a.currency = (SELECT currency FROM company)
    LEFT JOIN account_totals t ON t.account_id = a.id";

/// A partner and the records that were merged into it.
pub const SAME: &str = "(SELECT id FROM partners WHERE id = $1 OR merged_into_id = $1)";

/// The orders that credit a partner or paid it as a parent.
const ITS_ORDERS: &str = "
    SELECT order_id FROM order_credits
     WHERE lead_partner_id IN (SELECT id FROM partners WHERE id = $1 OR merged_into_id = $1)
        OR sale_partner_id IN (SELECT id FROM partners WHERE id = $1 OR merged_into_id = $1)
    UNION SELECT c.order_id FROM commission_rows r JOIN order_credits c ON c.id = r.order_credit_id
     WHERE r.partner_id IN (SELECT id FROM partners WHERE id = $1 OR merged_into_id = $1)";

/// The head of a partner's pages; none where there is no such partner.
pub fn head(conn: &mut PgConnection, id: PartnerId) -> QueryResult<Option<HeadRow>> {
    sql_query(format!(
        "SELECT p.id, p.contact_id, p.code, c.name, c.email, p.status = 'active' AS active, p.parent_id,
                coalesce(qc.name, '') AS parent_name, coalesce(q.code, '') AS parent_code, p.created_at,
                coalesce(t.balance_minor, 0) AS balance_minor, p.merged_into_id, coalesce(mc.name, '') AS merged_into_name,
                coalesce(m.code, '') AS merged_into_code,
                (SELECT coalesce(sum(st.balance_minor), 0)::bigint FROM accounts sa JOIN account_totals st ON st.account_id = sa.id
                  WHERE sa.partner_id IN {SAME} AND sa.currency = (SELECT currency FROM company)) AS together_minor,
                (SELECT coalesce(jsonb_agg(jsonb_build_object('id', sp.id, 'name', sc.name, 'code', sp.code,
                            'balance', coalesce(st.balance_minor, 0)) ORDER BY sp.merged_at, sp.id), '[]')
                   FROM partners sp JOIN contacts sc ON sc.id = sp.contact_id
                   LEFT JOIN accounts sa ON sa.partner_id = sp.id AND sa.currency = (SELECT currency FROM company)
                   LEFT JOIN account_totals st ON st.account_id = sa.id
                  WHERE sp.merged_into_id = p.id) AS merged,
                (SELECT count(*) FROM referrals WHERE partner_id = p.id) AS referrals,
                (SELECT count(*) FROM ({ITS_ORDERS}) AS its) AS orders,
                (SELECT count(*) FROM payments y JOIN accounts sa ON sa.id = y.account_id WHERE sa.partner_id IN {SAME}) AS payments,
                (SELECT count(*) FROM partner_notes WHERE partner_id IN {SAME}) AS notes
           FROM partners p JOIN contacts c ON c.id = p.contact_id
           LEFT JOIN partners q ON q.id = p.parent_id LEFT JOIN contacts qc ON qc.id = q.contact_id
           LEFT JOIN partners m ON m.id = p.merged_into_id LEFT JOIN contacts mc ON mc.id = m.contact_id {ACCOUNT}
          WHERE p.id = $1"
    ))
    .bind::<BigInt, _>(id)
    .get_result(conn)
    .optional()
}

/// The rest of what is known of it.
pub fn details(conn: &mut PgConnection, id: PartnerId) -> QueryResult<DetailsRow> {
    sql_query(
        "SELECT p.track_leads_days, p.notify_on_lead, p.notify_on_sale, c.opted_in,
                concat_ws(E'\\n', nullif(c.address_line1, ''), nullif(c.address_line2, ''),
                    nullif(concat_ws(' ', nullif(c.city, ''), nullif(c.state, ''), nullif(c.postal_code, '')), ''),
                    nullif(c.country, '')) AS address,
                (SELECT coalesce(string_agg(code, E'\\n' ORDER BY code), '') FROM partner_codes
                  WHERE partner_id = p.id AND code <> lower(p.code)) AS earlier_codes
           FROM partners p JOIN contacts c ON c.id = p.contact_id WHERE p.id = $1",
    )
    .bind::<BigInt, _>(id)
    .get_result(conn)
}

/// Its months with anything in them, from the first of one to the first of another.
pub fn months(
    conn: &mut PgConnection,
    id: PartnerId,
    first: NaiveDate,
    last: NaiveDate,
) -> QueryResult<Vec<MonthRow>> {
    sql_query(format!(
        "SELECT m.month, sum(m.earned_minor + m.clawbacks_minor + m.adjustments_minor)::bigint AS net_minor,
                (-sum(m.payments_minor))::bigint AS payments_minor
           FROM ledger_months m JOIN accounts a ON a.id = m.account_id
          WHERE a.partner_id IN {SAME} AND m.month BETWEEN $2 AND $3 GROUP BY m.month ORDER BY m.month"
    ))
    .bind::<BigInt, _>(id)
    .bind::<Date, _>(first)
    .bind::<Date, _>(last)
    .load(conn)
}

/// What of its balance is of before a day, and what has come since.
pub fn open_around(conn: &mut PgConnection, id: PartnerId, day: NaiveDate) -> QueryResult<OpenRow> {
    sql_query(format!(
        "SELECT coalesce(sum(o.amount_minor) FILTER (WHERE o.dated_on < $2), 0)::bigint AS before_minor,
                coalesce(sum(o.amount_minor) FILTER (WHERE o.dated_on >= $2), 0)::bigint AS since_minor
           FROM open_entries o JOIN accounts a ON a.id = o.account_id WHERE a.partner_id IN {SAME}"
    ))
    .bind::<BigInt, _>(id)
    .bind::<Date, _>(day)
    .get_result(conn)
}

/// How many orders of a range credit it.
pub fn orders_between(
    conn: &mut PgConnection,
    id: PartnerId,
    first: NaiveDate,
    last: NaiveDate,
) -> QueryResult<i64> {
    let counted: Number = sql_query(format!(
        "SELECT count(*) AS value FROM orders WHERE ordered_on BETWEEN $2 AND $3 AND id IN ({ITS_ORDERS})"
    ))
    .bind::<BigInt, _>(id)
    .bind::<Date, _>(first)
    .bind::<Date, _>(last)
    .get_result(conn)?;
    Ok(counted.value)
}

/// The latest entries of its ledger.
pub fn latest_entries(conn: &mut PgConnection, id: PartnerId, limit: i64) -> QueryResult<Vec<EntryRow>> {
    sql_query(format!(
        "SELECT n.dated_on, n.kind::text AS kind, n.amount_minor, o.id AS order_id, coalesce(o.number, '') AS order_number,
                coalesce(l.description, nullif(pr.name, ''), pr.code, nullif(d.reason, ''), nullif(y.note, ''), '') AS item
           FROM (SELECT n.* FROM entries n JOIN accounts a ON a.id = n.account_id
                  WHERE a.partner_id IN {SAME} ORDER BY n.dated_on DESC, n.number DESC, n.id DESC LIMIT $2) n
           LEFT JOIN order_events e ON e.id = n.order_event_id
           LEFT JOIN orders o ON o.id = e.order_id
           LEFT JOIN commission_rows r ON r.id = n.commission_row_id
           LEFT JOIN order_lines l ON l.id = r.order_line_id
           LEFT JOIN products pr ON pr.id = l.product_id
           LEFT JOIN entry_details d ON d.entry_id = n.id
           LEFT JOIN payments y ON y.entry_id = n.id
          ORDER BY n.dated_on DESC, n.number DESC, n.id DESC"
    ))
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(limit)
    .load(conn)
}

/// The programs that it is in, as they stand, each with the levels of its default rule.
pub fn programs(conn: &mut PgConnection, id: PartnerId) -> QueryResult<Vec<ProgramRow>> {
    sql_query(
        "SELECT g.id, g.name, v.priority, v.payout, v.amount_per,
                (SELECT count(*) FROM program_rules WHERE program_version_id = v.id AND product_id IS NOT NULL) AS own_rules,
                x.level, coalesce(x.lead_amount_minor, 0) AS lead_amount_minor, coalesce(x.lead_percent, 0) AS lead_percent,
                coalesce(x.sale_amount_minor, 0) AS sale_amount_minor, coalesce(x.sale_percent, 0) AS sale_percent
           FROM enrolments e JOIN programs g ON g.id = e.program_id
           JOIN LATERAL (SELECT * FROM program_versions WHERE program_id = g.id ORDER BY number DESC LIMIT 1) v ON true
           LEFT JOIN program_rules u ON u.program_version_id = v.id AND u.product_id IS NULL
           LEFT JOIN program_rates x ON x.rule_id = u.id
          WHERE e.partner_id = $1 ORDER BY v.priority, g.id, x.level = 0, x.level",
    )
    .bind::<BigInt, _>(id)
    .load(conn)
}

/// A tracking link that is offered to it.
#[derive(QueryableByName)]
pub struct LinkRow {
    #[diesel(sql_type = BigInt)]
    pub id: LinkId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub code: String,
}

/// A coupon code of a partner.
#[derive(QueryableByName)]
pub struct CouponRow {
    #[diesel(sql_type = BigInt)]
    pub id: CouponId,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Bool)]
    pub is_ended: bool,
}

/// Its coupon codes, and those of partners that were merged into it: those in force first, by code.
pub fn coupons(conn: &mut PgConnection, id: PartnerId) -> QueryResult<Vec<CouponRow>> {
    sql_query(
        "SELECT id, code, ended_at IS NOT NULL AS is_ended FROM coupon_codes
          WHERE partner_id IN (SELECT id FROM partners WHERE id = $1 OR merged_into_id = $1)
          ORDER BY ended_at IS NOT NULL, lower(code), added_at DESC",
    )
    .bind::<BigInt, _>(id)
    .load(conn)
}

/// The tracking links that are offered to it, by name: those of its programs, and those of none.
pub fn links(conn: &mut PgConnection, id: PartnerId) -> QueryResult<Vec<LinkRow>> {
    sql_query(
        "SELECT l.id, l.name, l.code FROM tracking_links l
          WHERE NOT EXISTS (SELECT FROM tracking_link_programs WHERE link_id = l.id)
             OR EXISTS (SELECT FROM tracking_link_programs o JOIN enrolments e ON e.program_id = o.program_id
                         WHERE o.link_id = l.id AND e.partner_id = $1)
          ORDER BY l.name COLLATE by_name, l.id",
    )
    .bind::<BigInt, _>(id)
    .load(conn)
}

/// The partners that it recruited, by name.
pub fn recruits(conn: &mut PgConnection, id: PartnerId, limit: i64) -> QueryResult<Vec<RecruitRow>> {
    sql_query(format!(
        "SELECT p.id, p.code, c.name, coalesce(t.balance_minor, 0) AS balance_minor
           FROM partners p JOIN contacts c ON c.id = p.contact_id {ACCOUNT}
          WHERE p.parent_id = $1 ORDER BY coalesce(nullif(c.name, ''), p.code), p.id LIMIT $2"
    ))
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(limit)
    .load(conn)
}
