//! One order as its page tells it: everything that is kept of it, in a handful of queries, however
//! many lines it has.

use super::super::{SoldBy, Story};
use super::rules::{self, Terms};
use crate::domain::attribution::Step;
use crate::domain::ids::{
    CommissionRowId, ContactId, OrderEventId, OrderId, OrderLineId, PartnerId, ProductId, ProgramId,
    ProgramVersionId, RuleId, VisitorId, WebFormId,
};
use crate::domain::money::Money;
use crate::domain::program::{Payout, Percent, Role};
use crate::error::AppError;
use anyhow::Context;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{
    Array, BigInt, Bool, Date, Integer, Jsonb, Nullable, Numeric, SmallInt, Text, Timestamptz,
};
use rust_decimal::Decimal;
use std::collections::{BTreeSet, HashMap};

/// Everything that is kept of an order.
pub struct OrderFile {
    pub head: HeadRow,
    /// In the order of their numbers.
    pub lines: Vec<LineRow>,
    /// In the order of recording.
    pub events: Vec<EventRow>,
    pub returned: Vec<ReturnedRow>,
    /// The last one is in force.
    pub credits: Vec<CreditFile>,
    /// Everybody whom the credits name.
    pub partners: HashMap<PartnerId, PartnerRow>,
    /// The names of the forms that the credits name.
    pub forms: HashMap<WebFormId, String>,
}

/// One credit of the order with its commission rows and what the ledger holds for them.
pub struct CreditFile {
    pub event: OrderEventId,
    pub number: i32,
    pub story: Story,
    /// By line, role and level; once-per-order amounts last.
    pub rows: Vec<RowRow>,
    /// In the order of recording.
    pub entries: HashMap<CommissionRowId, Vec<EntryRow>>,
    /// What the partners' programs said when it was recorded.
    pub terms: Terms,
}

#[derive(QueryableByName)]
pub struct HeadRow {
    #[diesel(sql_type = BigInt)]
    pub id: OrderId,
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub contact_id: Option<ContactId>,
    #[diesel(sql_type = Text)]
    pub contact_name: String,
    #[diesel(sql_type = Text)]
    pub contact_otherwise: String,
    #[diesel(sql_type = Timestamptz)]
    pub ordered_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    pub shipping_minor: Money,
    #[diesel(sql_type = BigInt)]
    pub tax_minor: Money,
    /// X, unrounded.
    #[diesel(sql_type = Numeric)]
    pub total: Decimal,
    #[diesel(sql_type = Bool)]
    pub paid_in_full: bool,
    #[diesel(sql_type = Text)]
    pub source: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub address: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub visitor_id: Option<VisitorId>,
    /// As written; empty = none.
    #[diesel(sql_type = Text)]
    pub coupon: String,
    #[diesel(sql_type = Timestamptz)]
    pub recorded_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
pub struct LineRow {
    #[diesel(sql_type = BigInt)]
    pub id: OrderLineId,
    #[diesel(sql_type = Integer)]
    pub number: i32,
    #[diesel(sql_type = BigInt)]
    pub product_id: ProductId,
    #[diesel(sql_type = Text)]
    pub code: String,
    /// As the line says it, or else the product's name; may be empty.
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Numeric)]
    pub quantity: Decimal,
    #[diesel(sql_type = Numeric)]
    pub unit_price: Decimal,
    #[diesel(sql_type = BigInt)]
    pub discount_minor: Money,
    #[diesel(sql_type = Numeric)]
    pub base: Decimal,
    #[diesel(sql_type = Bool)]
    pub commissionable: bool,
}

#[derive(Clone, QueryableByName)]
pub struct EventRow {
    #[diesel(sql_type = BigInt)]
    pub id: OrderEventId,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Date)]
    pub dated_on: NaiveDate,
    #[diesel(sql_type = BigInt)]
    pub amount_minor: Money,
    #[diesel(sql_type = Bool)]
    pub names_lines: bool,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Text)]
    pub reason: String,
    /// Who recorded it, by whichever key; none for commands.
    #[diesel(sql_type = Nullable<Text>)]
    pub made_by: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub recorded_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
pub struct ReturnedRow {
    #[diesel(sql_type = BigInt)]
    pub event_id: OrderEventId,
    #[diesel(sql_type = BigInt)]
    pub line_id: OrderLineId,
    #[diesel(sql_type = Numeric)]
    pub quantity: Decimal,
}

#[derive(QueryableByName)]
pub struct PartnerRow {
    #[diesel(sql_type = BigInt)]
    pub id: PartnerId,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
}

#[derive(QueryableByName)]
struct CreditRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    order_event_id: OrderEventId,
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = Jsonb)]
    why: serde_json::Value,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
pub struct RowRow {
    #[diesel(sql_type = BigInt)]
    pub credit_id: i64,
    #[diesel(sql_type = BigInt)]
    pub id: CommissionRowId,
    /// None for a once-per-order amount.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub line_id: Option<OrderLineId>,
    /// Of a once-per-order amount: the lines under its rule.
    #[diesel(sql_type = Array<BigInt>)]
    pub under_rule: Vec<OrderLineId>,
    #[diesel(sql_type = BigInt)]
    pub program_version_id: ProgramVersionId,
    #[diesel(sql_type = BigInt)]
    pub rule_id: RuleId,
    #[diesel(sql_type = BigInt)]
    pub program_id: ProgramId,
    #[diesel(sql_type = Text)]
    pub program: String,
    #[diesel(sql_type = Integer)]
    pub version: i32,
    #[diesel(sql_type = Text)]
    pub payout: Payout,
    #[diesel(sql_type = Text)]
    pub role: Role,
    #[diesel(sql_type = SmallInt)]
    pub level: i16,
    #[diesel(sql_type = BigInt)]
    pub partner_id: PartnerId,
    #[diesel(sql_type = Numeric)]
    pub quantity: Decimal,
    #[diesel(sql_type = Numeric)]
    pub percent: Percent,
    #[diesel(sql_type = BigInt)]
    pub amount_minor: Money,
    #[diesel(sql_type = BigInt)]
    pub full_minor: Money,
}

#[derive(QueryableByName)]
pub struct EntryRow {
    #[diesel(sql_type = BigInt)]
    pub row_id: CommissionRowId,
    #[diesel(sql_type = BigInt)]
    pub event_id: OrderEventId,
    #[diesel(sql_type = BigInt)]
    pub amount_minor: Money,
    #[diesel(sql_type = Date)]
    pub dated_on: NaiveDate,
}

/// The order with all that its page tells; none where there is no such order.
pub fn order_file(conn: &mut PgConnection, id: OrderId) -> Result<Option<OrderFile>, AppError> {
    let Some(head) = head(conn, id)? else { return Ok(None) };
    let lines = lines(conn, id)?;
    let credits = credits(conn, id, &lines)?;
    let mut named: BTreeSet<PartnerId> = BTreeSet::new();
    for credit in &credits {
        let story = &credit.story;
        named.extend(story.why.candidates.iter().map(|candidate| candidate.touch.partner));
        named.extend(story.why.coupons.iter().filter_map(|coupon| coupon.partner));
        for lineage in story.lead.iter().chain(&story.sale) {
            let above = lineage.parent.iter().chain(&lineage.grandparent);
            named.extend(std::iter::once(&lineage.own).chain(above).map(|member| member.partner));
        }
    }
    Ok(Some(OrderFile {
        head,
        lines,
        events: events(conn, id)?,
        returned: returned(conn, id)?,
        forms: forms(conn, &credits)?,
        credits,
        partners: partners(conn, &named)?,
    }))
}

fn head(conn: &mut PgConnection, id: OrderId) -> QueryResult<Option<HeadRow>> {
    sql_query(
        "SELECT o.id, o.number, o.contact_id, coalesce(c.name, '') AS contact_name,
                coalesce(c.email, c.external_id, 'Contact ' || c.id, '') AS contact_otherwise,
                o.ordered_at, o.shipping_minor, o.tax_minor, o.total, o.paid_in_full, o.source, o.address, o.visitor_id, o.coupon, o.recorded_at
           FROM orders o LEFT JOIN contacts c ON c.id = o.contact_id WHERE o.id = $1",
    )
    .bind::<BigInt, _>(id)
    .get_result(conn)
    .optional()
}

fn lines(conn: &mut PgConnection, id: OrderId) -> QueryResult<Vec<LineRow>> {
    sql_query(
        "SELECT l.id, l.number, l.product_id, p.code, coalesce(l.description, p.name) AS name, l.quantity, l.unit_price,
                l.discount_minor, l.base, l.commissionable
           FROM order_lines l JOIN products p ON p.id = l.product_id WHERE l.order_id = $1 ORDER BY l.number",
    )
    .bind::<BigInt, _>(id)
    .load(conn)
}

fn events(conn: &mut PgConnection, id: OrderId) -> QueryResult<Vec<EventRow>> {
    sql_query(
        "SELECT e.id, e.kind, e.dated_on, e.amount_minor, e.names_lines, e.reference, e.reason, coalesce(u.name, 'API key ' || k.name) AS made_by, e.recorded_at
           FROM order_events e LEFT JOIN users u ON u.id = e.made_by LEFT JOIN api_keys k ON k.id = e.api_key_id WHERE e.order_id = $1 ORDER BY e.id",
    )
    .bind::<BigInt, _>(id)
    .load(conn)
}

fn returned(conn: &mut PgConnection, id: OrderId) -> QueryResult<Vec<ReturnedRow>> {
    sql_query(
        "SELECT r.order_event_id AS event_id, r.order_line_id AS line_id, r.quantity
           FROM order_events e JOIN returned_lines r ON r.order_event_id = e.id
           JOIN order_lines l ON l.id = r.order_line_id
          WHERE e.order_id = $1 ORDER BY e.id, l.number",
    )
    .bind::<BigInt, _>(id)
    .load(conn)
}

pub(super) fn partners(
    conn: &mut PgConnection,
    ids: &BTreeSet<PartnerId>,
) -> QueryResult<HashMap<PartnerId, PartnerRow>> {
    let rows: Vec<PartnerRow> = sql_query(
        "SELECT p.id, p.code, c.name FROM partners p JOIN contacts c ON c.id = p.contact_id WHERE p.id = ANY ($1)",
    )
    .bind::<Array<BigInt>, _>(ids.iter().copied().collect::<Vec<_>>())
    .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

fn forms(conn: &mut PgConnection, credits: &[CreditFile]) -> QueryResult<HashMap<WebFormId, String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: WebFormId,
        #[diesel(sql_type = Text)]
        name: String,
    }
    let named = credits.iter().filter_map(|credit| match credit.story.sold_by? {
        SoldBy::Form(form) => Some(form),
        SoldBy::Named | SoldBy::Contact => None,
    });
    let rows: Vec<Row> = sql_query("SELECT id, name FROM web_forms WHERE id = ANY ($1)")
        .bind::<Array<BigInt>, _>(named.collect::<Vec<_>>())
        .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

fn credits(conn: &mut PgConnection, id: OrderId, lines: &[LineRow]) -> Result<Vec<CreditFile>, AppError> {
    let credits: Vec<CreditRow> = sql_query(
        "SELECT c.id, c.order_event_id, c.number, c.why, e.recorded_at
           FROM order_credits c JOIN order_events e ON e.id = c.order_event_id WHERE c.order_id = $1 ORDER BY c.number",
    )
    .bind::<BigInt, _>(id)
    .load(conn)?;
    let mut rows = rows(conn, id)?;
    let mut entries = entries(conn, id)?;
    let mut products: Vec<ProductId> = lines.iter().map(|line| line.product_id).collect();
    products.sort_unstable();
    products.dedup();
    let mut files = Vec::with_capacity(credits.len());
    for credit in credits {
        let story: Story =
            serde_json::from_value(credit.why).context("the story of a credit cannot be read")?;
        let rows = rows.remove(&credit.id).unwrap_or_default();
        let mut used: Vec<ProgramVersionId> = rows.iter().map(|row| row.program_version_id).collect();
        used.sort_unstable();
        used.dedup();
        let first: Vec<PartnerId> =
            story.lead.iter().chain(&story.sale).map(|lineage| lineage.own.partner).collect();
        files.push(CreditFile {
            event: credit.order_event_id,
            number: credit.number,
            entries: rows.iter().filter_map(|row| Some((row.id, entries.remove(&row.id)?))).collect(),
            terms: rules::terms_then(conn, &first, &products, &used, credit.recorded_at)?,
            story,
            rows,
        });
    }
    Ok(files)
}

fn rows(conn: &mut PgConnection, id: OrderId) -> QueryResult<HashMap<i64, Vec<RowRow>>> {
    let rows: Vec<RowRow> = sql_query(
        "SELECT c.id AS credit_id, r.id, r.order_line_id AS line_id,
                CASE WHEN r.order_line_id IS NULL THEN
                    ARRAY(SELECT order_line_id FROM commission_row_lines WHERE commission_row_id = r.id ORDER BY 1)
                ELSE '{}' END AS under_rule,
                r.program_version_id, r.rule_id, p.id AS program_id, p.name AS program, v.number AS version, r.payout, r.role, r.level, r.partner_id,
                r.quantity, r.percent, r.amount_minor, r.full_minor
           FROM order_credits c
           JOIN commission_rows r ON r.order_credit_id = c.id
           JOIN program_versions v ON v.id = r.program_version_id
           JOIN programs p ON p.id = v.program_id
           LEFT JOIN order_lines l ON l.id = r.order_line_id
          WHERE c.order_id = $1
          ORDER BY c.number, l.number NULLS LAST, r.role, r.level = 0, r.level, r.id",
    )
    .bind::<BigInt, _>(id)
    .load(conn)?;
    let mut by_credit: HashMap<i64, Vec<RowRow>> = HashMap::new();
    for row in rows {
        by_credit.entry(row.credit_id).or_default().push(row);
    }
    Ok(by_credit)
}

fn entries(conn: &mut PgConnection, id: OrderId) -> QueryResult<HashMap<CommissionRowId, Vec<EntryRow>>> {
    let entries: Vec<EntryRow> = sql_query(
        "SELECT n.commission_row_id AS row_id, n.order_event_id AS event_id, n.amount_minor, n.dated_on
           FROM order_events e JOIN entries n ON n.order_event_id = e.id WHERE e.order_id = $1 ORDER BY n.order_event_id, n.id",
    )
    .bind::<BigInt, _>(id)
    .load(conn)?;
    let mut by_row: HashMap<CommissionRowId, Vec<EntryRow>> = HashMap::new();
    for entry in entries {
        by_row.entry(entry.row_id).or_default().push(entry);
    }
    Ok(by_row)
}

impl CreditFile {
    /// The step of the search that decided.
    pub fn step(&self) -> Step {
        self.story.why.step
    }
}
