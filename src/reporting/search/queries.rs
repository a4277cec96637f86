//! Looking for words among everything that has a name or a number. What is exactly the words comes
//! first, then what begins with them, then what contains them.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Date, Text};

use crate::domain::ids::{ContactId, OrderId, PartnerId, PaymentBatchId};
use chrono::NaiveDate;

/// Something with a name that was found.
#[derive(QueryableByName)]
pub struct PartnerHit {
    #[diesel(sql_type = BigInt)]
    pub id: PartnerId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Bool)]
    pub active: bool,
    #[diesel(sql_type = Bool)]
    pub exact: bool,
}

#[derive(QueryableByName)]
pub struct ContactHit {
    #[diesel(sql_type = BigInt)]
    pub id: ContactId,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Text)]
    pub external_id: String,
    #[diesel(sql_type = Bool)]
    pub exact: bool,
}

#[derive(QueryableByName)]
pub struct OrderHit {
    #[diesel(sql_type = BigInt)]
    pub id: OrderId,
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Date)]
    pub ordered_on: NaiveDate,
    #[diesel(sql_type = Text)]
    pub contact: String,
    #[diesel(sql_type = Bool)]
    pub exact: bool,
}

#[derive(QueryableByName)]
pub struct BatchHit {
    #[diesel(sql_type = BigInt)]
    pub id: PaymentBatchId,
    #[diesel(sql_type = Text)]
    pub batch_id: String,
    #[diesel(sql_type = Date)]
    pub paid_on: NaiveDate,
    #[diesel(sql_type = Bool)]
    pub exact: bool,
}

/// Partners by name, e-mail, a coupon code, or a code that they have or had, with or without a prefix that links
/// ever had.
pub fn partners(conn: &mut PgConnection, words: &str, limit: i64) -> QueryResult<Vec<PartnerHit>> {
    sql_query(format!(
        "WITH {FOUND_PARTNERS}
         SELECT p.id, c.name, p.code, coalesce(c.email, '') AS email, p.status = 'active' AS active, exact
           FROM found JOIN partners p USING (id) JOIN contacts c ON c.id = p.contact_id
          ORDER BY exact DESC, NOT begins, c.name, p.id LIMIT $2"
    ))
    .bind::<Text, _>(words)
    .bind::<BigInt, _>(limit)
    .load(conn)
}

/// The partners that these words find: `found (id, exact, begins)`.
const FOUND_PARTNERS: &str = "\
    coded AS (
        SELECT partner_id, bool_or(exact) AS exact FROM (
            SELECT k.partner_id, k.code = lower($1) OR lower($1) IN (SELECT lower(prefix) || k.code FROM code_prefixes) AS exact
              FROM partner_codes k
             WHERE strpos(k.code, lower($1)) > 0 OR lower($1) IN (SELECT lower(prefix) || k.code FROM code_prefixes)
            UNION ALL
            SELECT k.partner_id, lower(k.code) = lower($1)
              FROM coupon_codes k WHERE k.ended_at IS NULL AND strpos(lower(k.code), lower($1)) > 0) AS code
         GROUP BY partner_id),
    found AS (
        SELECT p.id, strpos(lower(c.name), lower($1 COLLATE by_name)) = 1 AS begins,
               coalesce(coded.exact, false) OR lower(c.name) = lower($1 COLLATE by_name) OR coalesce(lower(c.email) = lower($1), false) AS exact
          FROM partners p JOIN contacts c ON c.id = p.contact_id LEFT JOIN coded ON coded.partner_id = p.id
         WHERE coded.partner_id IS NOT NULL OR strpos(lower(c.name), lower($1 COLLATE by_name)) > 0 OR strpos(lower(c.email), lower($1)) > 0)";

/// Partners as [`partners`] finds them, to choose one by its code. In the place of a merged one stands the
/// partner that it turned out to be, once.
pub fn partner_choices(conn: &mut PgConnection, words: &str, limit: i64) -> QueryResult<Vec<Choice>> {
    sql_query(format!(
        "WITH {FOUND_PARTNERS},
         meant AS (
             SELECT coalesce(p.merged_into_id, p.id) AS id, bool_or(exact) AS exact, bool_or(begins) AS begins
               FROM found JOIN partners p USING (id) GROUP BY 1)
         SELECT p.code AS value, c.name
           FROM meant JOIN partners p USING (id) JOIN contacts c ON c.id = p.contact_id
          ORDER BY exact DESC, NOT begins, c.name, p.id LIMIT $2"
    ))
    .bind::<Text, _>(words)
    .bind::<BigInt, _>(limit)
    .load(conn)
}

/// Contacts who are no partners, by name, e-mail or number elsewhere.
pub fn contacts(conn: &mut PgConnection, words: &str, limit: i64) -> QueryResult<Vec<ContactHit>> {
    sql_query(
        "SELECT c.id, c.name, coalesce(c.email, '') AS email, coalesce(c.external_id, '') AS external_id,
                lower(c.name) = lower($1 COLLATE by_name) OR coalesce(lower(c.email) = lower($1), false)
                    OR coalesce(lower(c.external_id) = lower($1), false) AS exact
           FROM contacts c
          WHERE NOT EXISTS (SELECT FROM partners WHERE contact_id = c.id)
            AND (strpos(lower(c.name), lower($1 COLLATE by_name)) > 0 OR strpos(lower(c.email), lower($1)) > 0
                 OR strpos(lower(c.external_id), lower($1)) > 0)
          ORDER BY exact DESC, strpos(lower(c.name), lower($1 COLLATE by_name)) <> 1, c.name, c.id LIMIT $2",
    )
    .bind::<Text, _>(words)
    .bind::<BigInt, _>(limit)
    .load(conn)
}

/// Orders by number; of equally good ones the latest first.
pub fn orders(conn: &mut PgConnection, words: &str, limit: i64) -> QueryResult<Vec<OrderHit>> {
    sql_query(
        "SELECT o.id, o.number, o.ordered_on, coalesce(nullif(c.name, ''), c.email, c.external_id, '') AS contact,
                lower(o.number) = lower($1) AS exact
           FROM orders o LEFT JOIN contacts c ON c.id = o.contact_id
          WHERE strpos(lower(o.number), lower($1)) > 0
          ORDER BY exact DESC, strpos(lower(o.number), lower($1)) <> 1, o.ordered_on DESC, o.id DESC LIMIT $2",
    )
    .bind::<Text, _>(words)
    .bind::<BigInt, _>(limit)
    .load(conn)
}

/// Payment batches by their batch id; the latest first.
pub fn batches(conn: &mut PgConnection, words: &str, limit: i64) -> QueryResult<Vec<BatchHit>> {
    sql_query(
        "SELECT id, batch_id, paid_on, lower(batch_id) = lower($1) AS exact
           FROM payment_batches WHERE strpos(lower(batch_id), lower($1)) > 0
          ORDER BY exact DESC, strpos(lower(batch_id), lower($1)) <> 1, id DESC LIMIT $2",
    )
    .bind::<Text, _>(words)
    .bind::<BigInt, _>(limit)
    .load(conn)
}

/// Something that can be chosen: what stands in the field then, and what it is called.
#[derive(QueryableByName)]
pub struct Choice {
    #[diesel(sql_type = Text)]
    pub value: String,
    #[diesel(sql_type = Text)]
    pub name: String,
}

/// Products by code or name, to choose one by its code.
pub fn product_choices(conn: &mut PgConnection, words: &str, limit: i64) -> QueryResult<Vec<Choice>> {
    sql_query(
        "SELECT code AS value, name FROM products
          WHERE strpos(lower(code), lower($1)) > 0 OR strpos(lower(name), lower($1 COLLATE by_name)) > 0
          ORDER BY code <> $1, lower(code) <> lower($1), strpos(lower(code), lower($1)) <> 1, name, code LIMIT $2",
    )
    .bind::<Text, _>(words)
    .bind::<BigInt, _>(limit)
    .load(conn)
}

/// Commission programs by name.
pub fn program_choices(conn: &mut PgConnection, words: &str, limit: i64) -> QueryResult<Vec<Choice>> {
    sql_query(
        "SELECT name AS value, '' AS name FROM programs
          WHERE deleted_at IS NULL AND strpos(lower(name), lower($1 COLLATE by_name)) > 0 ORDER BY programs.name LIMIT $2",
    )
    .bind::<Text, _>(words)
    .bind::<BigInt, _>(limit)
    .load(conn)
}

/// Contacts by name, e-mail or number elsewhere, partners too, to choose one by its e-mail, or by our
/// own number where it has none.
pub fn contact_choices(conn: &mut PgConnection, words: &str, limit: i64) -> QueryResult<Vec<Choice>> {
    sql_query(
        "SELECT coalesce(email, '#' || id) AS value, coalesce(nullif(name, ''), external_id, '') AS name FROM contacts
          WHERE erased_at IS NULL AND (strpos(lower(contacts.name), lower($1 COLLATE by_name)) > 0 OR strpos(lower(email), lower($1)) > 0
             OR strpos(lower(external_id), lower($1)) > 0)
          ORDER BY coalesce(lower(email) = lower($1), false) DESC, strpos(lower(contacts.name), lower($1 COLLATE by_name)) <> 1,
                   contacts.name, id LIMIT $2",
    )
    .bind::<Text, _>(words)
    .bind::<BigInt, _>(limit)
    .load(conn)
}
