//! One contact's record: as it is, edited, deleted.

use super::super::PostalAddress;
use super::super::record::{Facts, Record};
use crate::db::columns::Number;
use crate::domain::ids::{ContactId, PartnerId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz};

/// Where a contact is used: how often, and in which words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    pub count: i64,
    pub one: &'static str,
    pub many: &'static str,
}

/// What may use a contact: the count, and the words for it.
const USES: &[(&str, &str, &str)] = &[
    ("SELECT count(*) AS value FROM partners WHERE contact_id = $1", "referral partner", "referral partners"),
    ("SELECT count(*) AS value FROM orders WHERE contact_id = $1", "order", "orders"),
    ("SELECT count(*) AS value FROM referrals WHERE contact_id = $1", "referral", "referrals"),
    ("SELECT count(*) AS value FROM visitors WHERE contact_id = $1", "visitor", "visitors"),
    (
        "SELECT count(*) AS value FROM form_submissions WHERE contact_id = $1",
        "form that it sent",
        "forms that it sent",
    ),
];

/// The record, locked or not.
pub fn find(conn: &mut PgConnection, id: ContactId, locked: bool) -> QueryResult<Option<Record>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Integer)]
        version: i32,
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Nullable<Text>)]
        email: Option<String>,
        #[diesel(sql_type = Nullable<Text>)]
        external_id: Option<String>,
        #[diesel(sql_type = Text)]
        address_line1: String,
        #[diesel(sql_type = Text)]
        address_line2: String,
        #[diesel(sql_type = Text)]
        city: String,
        #[diesel(sql_type = Text)]
        state: String,
        #[diesel(sql_type = Text)]
        postal_code: String,
        #[diesel(sql_type = Text)]
        country: String,
        #[diesel(sql_type = Bool)]
        opted_in: bool,
        #[diesel(sql_type = Nullable<Timestamptz>)]
        erased_at: Option<DateTime<Utc>>,
        #[diesel(sql_type = Nullable<BigInt>)]
        sales_rep_id: Option<PartnerId>,
        #[diesel(sql_type = Text)]
        sales_rep_code: String,
    }
    let lock = if locked { "FOR UPDATE OF c" } else { "" };
    let row: Option<Row> = sql_query(format!(
        "SELECT c.version, c.name, c.email, c.external_id, c.address_line1, c.address_line2, c.city, c.state, c.postal_code,
                c.country, c.opted_in, c.erased_at, c.sales_rep_id, coalesce(p.code, '') AS sales_rep_code
           FROM contacts c LEFT JOIN partners p ON p.id = c.sales_rep_id WHERE c.id = $1 {lock}"
    ))
    .bind::<BigInt, _>(id)
    .get_result(conn)
    .optional()?;
    Ok(row.map(|row| Record {
        id,
        version: row.version,
        erased_at: row.erased_at,
        facts: Facts {
            name: row.name,
            email: row.email,
            external_id: row.external_id,
            address: PostalAddress {
                line1: row.address_line1,
                line2: row.address_line2,
                city: row.city,
                state: row.state,
                postal_code: row.postal_code,
                country: row.country,
            },
            opted_in: row.opted_in,
            sales_rep: row.sales_rep_id,
        },
        sales_rep_code: row.sales_rep_code,
    }))
}

/// Writes all of it.
pub fn update(conn: &mut PgConnection, id: ContactId, facts: &Facts) -> QueryResult<()> {
    sql_query(
        "UPDATE contacts SET name = $2, email = $3, external_id = $4, address_line1 = $5, address_line2 = $6, city = $7,
                state = $8, postal_code = $9, country = $10, opted_in = $11, sales_rep_id = $12, version = version + 1,
                sales_rep_form_id = CASE WHEN sales_rep_id IS NOT DISTINCT FROM $12 THEN sales_rep_form_id END
          WHERE id = $1",
    )
    .bind::<BigInt, _>(id)
    .bind::<Text, _>(&facts.name)
    .bind::<Nullable<Text>, _>(&facts.email)
    .bind::<Nullable<Text>, _>(&facts.external_id)
    .bind::<Text, _>(&facts.address.line1)
    .bind::<Text, _>(&facts.address.line2)
    .bind::<Text, _>(&facts.address.city)
    .bind::<Text, _>(&facts.address.state)
    .bind::<Text, _>(&facts.address.postal_code)
    .bind::<Text, _>(&facts.address.country)
    .bind::<Bool, _>(facts.opted_in)
    .bind::<Nullable<BigInt>, _>(facts.sales_rep)
    .execute(conn)?;
    Ok(())
}

/// Other contacts with the e-mail (true) or the number elsewhere (false), by what they are called.
pub fn others(
    conn: &mut PgConnection,
    own: Option<ContactId>,
    facts: &Facts,
) -> QueryResult<Vec<(bool, String)>> {
    #[derive(QueryableByName)]
    struct Other {
        #[diesel(sql_type = Bool)]
        is_email: bool,
        #[diesel(sql_type = Text)]
        name: String,
    }
    let others: Vec<Other> = sql_query(
        "SELECT lower(email) IS NOT DISTINCT FROM lower($2) AND $2 IS NOT NULL AS is_email,
                coalesce(nullif(name, ''), email, external_id, 'Contact ' || id) AS name
           FROM contacts WHERE (lower(email) = lower($2) OR external_id = $3) AND id IS DISTINCT FROM $1 ORDER BY id",
    )
    .bind::<Nullable<BigInt>, _>(own)
    .bind::<Nullable<Text>, _>(&facts.email)
    .bind::<Nullable<Text>, _>(&facts.external_id)
    .load(conn)?;
    Ok(others.into_iter().map(|other| (other.is_email, other.name)).collect())
}

/// The partner that has or had this code, in lower case.
pub fn partner_by_code(conn: &mut PgConnection, code: &str) -> QueryResult<Option<PartnerId>> {
    let found: Option<Number> =
        sql_query("SELECT partner_id AS value FROM partner_codes WHERE code = $1 AND partner_id IS NOT NULL")
            .bind::<Text, _>(code)
            .get_result(conn)
            .optional()?;
    Ok(found.map(|found| PartnerId(found.value)))
}

/// Where it is used.
pub fn uses(conn: &mut PgConnection, id: ContactId) -> QueryResult<Vec<Use>> {
    let mut uses = Vec::new();
    for (sql, one, many) in USES {
        let Number { value: count } = sql_query(*sql).bind::<BigInt, _>(id).get_result(conn)?;
        if count > 0 {
            uses.push(Use { count, one, many });
        }
    }
    Ok(uses)
}

/// Takes it out.
pub fn delete(conn: &mut PgConnection, id: ContactId) -> QueryResult<usize> {
    sql_query("DELETE FROM contacts WHERE id = $1").bind::<BigInt, _>(id).execute(conn)
}
