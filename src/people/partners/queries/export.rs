//! Partners with all that is kept of them, for a file.

use super::pages::ACCOUNT;
use crate::domain::ids::PartnerId;
use crate::domain::money::Money;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text};

/// One partner.
#[derive(QueryableByName)]
pub struct ExportRow {
    #[diesel(sql_type = BigInt)]
    pub id: PartnerId,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Text)]
    pub parent_code: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    /// Separated as an import takes them.
    #[diesel(sql_type = Text)]
    pub programs: String,
    #[diesel(sql_type = Nullable<Integer>)]
    pub track_leads_days: Option<i32>,
    #[diesel(sql_type = Bool)]
    pub notify_on_lead: bool,
    #[diesel(sql_type = Bool)]
    pub notify_on_sale: bool,
    #[diesel(sql_type = Text)]
    pub address_line1: String,
    #[diesel(sql_type = Text)]
    pub address_line2: String,
    #[diesel(sql_type = Text)]
    pub city: String,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Text)]
    pub postal_code: String,
    #[diesel(sql_type = Text)]
    pub country: String,
    #[diesel(sql_type = Bool)]
    pub opted_in: bool,
    #[diesel(sql_type = Text)]
    pub tags: String,
    #[diesel(sql_type = BigInt)]
    pub balance_minor: Money,
}

/// These partners, by number.
pub fn rows(conn: &mut PgConnection, partners: &[PartnerId]) -> QueryResult<Vec<ExportRow>> {
    sql_query(format!(
        "SELECT p.id, p.code, c.name, coalesce(c.email, '') AS email, coalesce(q.code, '') AS parent_code, p.status,
                (SELECT coalesce(string_agg(g.name, ';' ORDER BY g.name), '') FROM enrolments e JOIN programs g ON g.id = e.program_id
                  WHERE e.partner_id = p.id) AS programs,
                p.track_leads_days, p.notify_on_lead, p.notify_on_sale, c.address_line1, c.address_line2, c.city, c.state,
                c.postal_code, c.country, c.opted_in,
                (SELECT coalesce(string_agg(tags.name, ', ' ORDER BY tags.name), '') FROM partner_tags JOIN tags ON tags.id = tag_id
                  WHERE partner_id = p.id) AS tags,
                coalesce(t.balance_minor, 0) AS balance_minor
           FROM partners p JOIN contacts c ON c.id = p.contact_id LEFT JOIN partners q ON q.id = p.parent_id {ACCOUNT}
          WHERE p.id = ANY ($1) ORDER BY p.id"
    ))
    .bind::<Array<BigInt>, _>(partners)
    .load(conn)
}
