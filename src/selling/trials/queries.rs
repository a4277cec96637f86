//! The orders that a trial is run over.

use crate::domain::ids::{OrderId, PartnerId, ProgramId};
use crate::domain::period::Period;
use crate::domain::program::Role;
use crate::people::names::Person;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Date, Jsonb, Nullable, Text};
use std::collections::HashMap;

/// An order with its latest credit.
#[derive(Debug, QueryableByName)]
pub struct CreditRow {
    #[diesel(sql_type = BigInt)]
    pub order_id: OrderId,
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Date)]
    pub ordered_on: NaiveDate,
    /// The story of the credit.
    #[diesel(sql_type = Jsonb)]
    pub why: serde_json::Value,
}

#[derive(QueryableByName)]
struct PartnerRow {
    #[diesel(sql_type = BigInt)]
    id: PartnerId,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    name: String,
}

/// Everybody who is enrolled in a program.
pub fn enrolled(conn: &mut PgConnection, program: ProgramId) -> QueryResult<Vec<PartnerId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        partner_id: PartnerId,
    }
    let rows: Vec<Row> = sql_query("SELECT partner_id FROM enrolments WHERE program_id = $1")
        .bind::<BigInt, _>(program)
        .load(conn)?;
    Ok(rows.into_iter().map(|row| row.partner_id).collect())
}

/// The orders of the period that credit one of these partners, or were paid by the program.
pub fn credits(
    conn: &mut PgConnection,
    program: Option<ProgramId>,
    partners: &[PartnerId],
    period: Period,
    most: usize,
) -> QueryResult<Vec<CreditRow>> {
    sql_query(
        "SELECT o.id AS order_id, o.number, o.ordered_on, c.why
           FROM orders o
           JOIN LATERAL (SELECT * FROM order_credits WHERE order_id = o.id ORDER BY number DESC LIMIT 1) c ON true
          WHERE o.ordered_on BETWEEN $1 AND $2
            AND (c.lead_partner_id = ANY ($3) OR c.sale_partner_id = ANY ($3)
                 OR EXISTS (SELECT FROM commission_rows r JOIN program_versions v ON v.id = r.program_version_id
                             WHERE r.order_credit_id = c.id AND v.program_id = $4))
          ORDER BY o.ordered_on, o.id LIMIT $5",
    )
    .bind::<Date, _>(period.from())
    .bind::<Date, _>(period.to())
    .bind::<Array<BigInt>, _>(partners)
    .bind::<Nullable<BigInt>, _>(program)
    .bind::<BigInt, _>(i64::try_from(most).unwrap_or(i64::MAX))
    .load(conn)
}

/// By which programs each order pays, and for which role.
pub fn programs_used(
    conn: &mut PgConnection,
    orders: &[OrderId],
) -> QueryResult<HashMap<OrderId, Vec<(Role, ProgramId)>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        order_id: OrderId,
        #[diesel(sql_type = Text)]
        role: Role,
        #[diesel(sql_type = BigInt)]
        program_id: ProgramId,
    }
    let rows: Vec<Row> = sql_query(
        "SELECT DISTINCT c.order_id, r.role, v.program_id
           FROM order_credits c JOIN commission_rows r ON r.order_credit_id = c.id
           JOIN program_versions v ON v.id = r.program_version_id
          WHERE c.order_id = ANY ($1)
            AND NOT EXISTS (SELECT FROM order_credits n WHERE n.order_id = c.order_id AND n.number > c.number)",
    )
    .bind::<Array<BigInt>, _>(orders)
    .load(conn)?;
    let mut used: HashMap<OrderId, Vec<(Role, ProgramId)>> = HashMap::new();
    for row in rows {
        used.entry(row.order_id).or_default().push((row.role, row.program_id));
    }
    Ok(used)
}

/// These partners, with their codes.
pub fn people(
    conn: &mut PgConnection,
    partners: &[PartnerId],
) -> QueryResult<HashMap<PartnerId, (Person, String)>> {
    let rows: Vec<PartnerRow> = sql_query(
        "SELECT p.id, p.code, c.name FROM partners p JOIN contacts c ON c.id = p.contact_id WHERE p.id = ANY ($1)",
    )
    .bind::<Array<BigInt>, _>(partners)
    .load(conn)?;
    let person = |row: PartnerRow| (row.id, (Person::partner(row.id, &row.name, &row.code), row.code));
    Ok(rows.into_iter().map(person).collect())
}
