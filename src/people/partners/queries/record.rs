//! One partner's record: as it is, edited, deleted; who has which code; who stands below whom.

use super::super::PartnerStatus;
use super::super::record::{Facts, Record};
use crate::db::columns::Number;
use crate::domain::ids::{ContactId, PartnerId, ProgramId};
use crate::people::contacts::record as person;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text};

pub use crate::people::contacts::record::Use;

/// A partner's own row.
#[derive(QueryableByName)]
pub struct Row {
    #[diesel(sql_type = BigInt)]
    id: PartnerId,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = BigInt)]
    pub contact_id: ContactId,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    parent_id: Option<PartnerId>,
    #[diesel(sql_type = Text)]
    parent_code: String,
    #[diesel(sql_type = Bool)]
    active: bool,
    #[diesel(sql_type = Nullable<Integer>)]
    track_leads_days: Option<i32>,
    #[diesel(sql_type = Bool)]
    notify_on_lead: bool,
    #[diesel(sql_type = Bool)]
    notify_on_sale: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    merged_into_id: Option<PartnerId>,
}

impl Row {
    /// The record, with the person, the programs and the tags.
    pub fn record(self, person: person::Record, programs: Vec<ProgramId>, tags: Vec<String>) -> Record {
        Record {
            id: self.id,
            version: self.version,
            facts: Facts {
                code: self.code,
                parent: self.parent_id,
                status: if self.active { PartnerStatus::Active } else { PartnerStatus::Inactive },
                track_leads_days: self.track_leads_days,
                notify_on_lead: self.notify_on_lead,
                notify_on_sale: self.notify_on_sale,
                programs,
                tags,
            },
            parent_code: self.parent_code,
            person,
            merged_into: self.merged_into_id,
        }
    }
}

/// Lets nobody else give a partner a code by hand until the transaction ends, so that what is found free
/// stays free.
pub fn hold_codes(conn: &mut PgConnection) -> QueryResult<()> {
    sql_query("SELECT pg_advisory_xact_lock(hashtext('partners.code'))").execute(conn)?;
    Ok(())
}

/// A partner's row, locked or not.
pub fn find(conn: &mut PgConnection, id: PartnerId, locked: bool) -> QueryResult<Option<Row>> {
    let lock = if locked { "FOR UPDATE OF p" } else { "" };
    sql_query(format!(
        "SELECT p.id, p.version, p.contact_id, p.code, p.parent_id, coalesce(q.code, '') AS parent_code,
                p.status = 'active' AS active, p.track_leads_days, p.notify_on_lead, p.notify_on_sale, p.merged_into_id
           FROM partners p LEFT JOIN partners q ON q.id = p.parent_id WHERE p.id = $1 {lock}"
    ))
    .bind::<BigInt, _>(id)
    .get_result(conn)
    .optional()
}

/// The programs that it is in, by number.
pub fn programs_of(conn: &mut PgConnection, id: PartnerId) -> QueryResult<Vec<ProgramId>> {
    let rows: Vec<Number> =
        sql_query("SELECT program_id AS value FROM enrolments WHERE partner_id = $1 ORDER BY program_id")
            .bind::<BigInt, _>(id)
            .load(conn)?;
    Ok(rows.into_iter().map(|row| ProgramId(row.value)).collect())
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Its tags, by name.
pub fn tags_of(conn: &mut PgConnection, id: PartnerId) -> QueryResult<Vec<String>> {
    let rows: Vec<Named> = sql_query(
        "SELECT t.name FROM partner_tags x JOIN tags t ON t.id = x.tag_id WHERE x.partner_id = $1 ORDER BY t.name, t.id",
    )
    .bind::<BigInt, _>(id)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// Every tag, for suggestions and filters.
pub fn all_tags(conn: &mut PgConnection) -> QueryResult<Vec<String>> {
    let rows: Vec<Named> = sql_query("SELECT name FROM tags ORDER BY name, id").load(conn)?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// Writes the partner's own row.
pub fn update(conn: &mut PgConnection, id: PartnerId, facts: &Facts) -> QueryResult<()> {
    sql_query(
        "UPDATE partners SET code = $2, parent_id = $3, status = $4, track_leads_days = $5, notify_on_lead = $6,
                notify_on_sale = $7, version = version + 1 WHERE id = $1",
    )
    .bind::<BigInt, _>(id)
    .bind::<Text, _>(&facts.code)
    .bind::<Nullable<BigInt>, _>(facts.parent)
    .bind::<Text, _>(facts.status.word())
    .bind::<Nullable<Integer>, _>(facts.track_leads_days)
    .bind::<Bool, _>(facts.notify_on_lead)
    .bind::<Bool, _>(facts.notify_on_sale)
    .execute(conn)?;
    Ok(())
}

/// Enrols it in these programs and no others; where it is already, *since when* stays.
pub fn set_programs(conn: &mut PgConnection, id: PartnerId, programs: &[ProgramId]) -> QueryResult<()> {
    sql_query("DELETE FROM enrolments WHERE partner_id = $1 AND program_id <> ALL ($2)")
        .bind::<BigInt, _>(id)
        .bind::<Array<BigInt>, _>(programs)
        .execute(conn)?;
    super::enrol(conn, &programs.iter().map(|program| (id, *program)).collect::<Vec<_>>())?;
    Ok(())
}

/// Gives it these tags and no others; makes those that are not known yet.
pub fn set_tags(conn: &mut PgConnection, id: PartnerId, tags: &[String]) -> QueryResult<()> {
    make_tags(conn, tags)?;
    sql_query(
        "DELETE FROM partner_tags WHERE partner_id = $1
            AND tag_id NOT IN (SELECT id FROM tags WHERE lower(name) IN (SELECT lower(tag COLLATE by_name) FROM unnest($2) AS tag))",
    )
    .bind::<BigInt, _>(id)
    .bind::<Array<Text>, _>(tags)
    .execute(conn)?;
    tag(conn, &[id], tags)
}

/// Makes the tags that are not known yet.
pub fn make_tags(conn: &mut PgConnection, tags: &[String]) -> QueryResult<()> {
    sql_query("INSERT INTO tags (name) SELECT unnest($1) ON CONFLICT (lower(name)) DO NOTHING")
        .bind::<Array<Text>, _>(tags)
        .execute(conn)?;
    Ok(())
}

/// Gives partners these tags beside those that they have.
pub fn tag(conn: &mut PgConnection, partners: &[PartnerId], tags: &[String]) -> QueryResult<()> {
    sql_query(
        "INSERT INTO partner_tags (partner_id, tag_id)
         SELECT partner_id, tags.id FROM unnest($1) AS partner_id, tags
          WHERE lower(tags.name) IN (SELECT lower(tag COLLATE by_name) FROM unnest($2) AS tag)
         ON CONFLICT DO NOTHING",
    )
    .bind::<Array<BigInt>, _>(partners)
    .bind::<Array<Text>, _>(tags)
    .execute(conn)?;
    Ok(())
}

/// The other partner whose contact has this e-mail, by its code.
pub fn other_with_email(
    conn: &mut PgConnection,
    own: Option<PartnerId>,
    email: Option<&str>,
) -> QueryResult<Option<String>> {
    let other: Option<Named> = sql_query(
        "SELECT coalesce(nullif(c.name, ''), p.code) || ' (' || p.code || ')' AS name
           FROM partners p JOIN contacts c ON c.id = p.contact_id WHERE lower(c.email) = lower($2) AND p.id IS DISTINCT FROM $1",
    )
    .bind::<Nullable<BigInt>, _>(own)
    .bind::<Nullable<Text>, _>(email)
    .get_result(conn)
    .optional()?;
    Ok(other.map(|other| other.name))
}

/// To whom a code leads.
#[derive(QueryableByName)]
pub struct CodeOwner {
    /// None: its partner was deleted.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub id: Option<PartnerId>,
    #[diesel(sql_type = Text)]
    name: String,
    /// No merged record still carries it.
    #[diesel(sql_type = Bool)]
    pub is_free_for_it: bool,
}

impl CodeOwner {
    /// Why another one cannot have the code.
    pub fn sentence(&self, own: Option<PartnerId>) -> String {
        match self.id {
            None => "This code was a deleted partner’s. Codes are never used again for another.".into(),
            id if id == own => {
                "A record that was merged into this partner keeps this code; it leads here already.".into()
            }
            Some(_) => {
                format!("{} has, or had, this code. Codes are never used again for another.", self.name)
            }
        }
    }
}

/// To whom a code leads, whatever its letter case; none where nobody ever had it.
pub fn code_owner(conn: &mut PgConnection, code: &str) -> QueryResult<Option<CodeOwner>> {
    sql_query(
        "SELECT k.partner_id AS id, coalesce(nullif(c.name, ''), p.code, '') AS name,
                NOT EXISTS (SELECT FROM partners o WHERE lower(o.code) = k.code AND o.id IS DISTINCT FROM k.partner_id) AS is_free_for_it
           FROM partner_codes k LEFT JOIN partners p ON p.id = k.partner_id LEFT JOIN contacts c ON c.id = p.contact_id
          WHERE k.code = lower($1)",
    )
    .bind::<Text, _>(code)
    .get_result(conn)
    .optional()
}

/// How many of these programs there are.
pub fn known_programs(conn: &mut PgConnection, programs: &[ProgramId]) -> QueryResult<i64> {
    let found: Number =
        sql_query("SELECT count(*) AS value FROM unnest($1) AS given (id) JOIN programs USING (id) WHERE deleted_at IS NULL")
            .bind::<Array<BigInt>, _>(programs)
            .get_result(conn)?;
    Ok(found.value)
}

/// Where `below` is `own` or stands below it: the codes from `own` down to it. None where it does not.
pub fn chain_down(
    conn: &mut PgConnection,
    own: PartnerId,
    below: PartnerId,
) -> QueryResult<Option<Vec<String>>> {
    #[derive(QueryableByName)]
    struct Chain {
        #[diesel(sql_type = Array<Text>)]
        codes: Vec<String>,
    }
    // The loop guard of the database keeps this finite.
    let chain: Option<Chain> = sql_query(
        "WITH RECURSIVE above (id, parent_id, codes) AS (
             SELECT id, parent_id, ARRAY[code::text] FROM partners WHERE id = $2
             UNION ALL
             SELECT p.id, p.parent_id, p.code::text || a.codes FROM partners p JOIN above a ON p.id = a.parent_id)
         SELECT codes FROM above WHERE id = $1",
    )
    .bind::<BigInt, _>(own)
    .bind::<BigInt, _>(below)
    .get_result(conn)
    .optional()?;
    Ok(chain.map(|chain| chain.codes))
}

/// What may name a partner: the count, and the words for it.
const USES: &[(&str, &str, &str)] = &[
    (
        "SELECT count(*) AS value FROM order_credits WHERE lead_partner_id = $1 OR sale_partner_id = $1",
        "order that credits it",
        "orders that credit it",
    ),
    (
        "SELECT count(DISTINCT c.order_id) AS value FROM commission_rows r JOIN order_credits c ON c.id = r.order_credit_id
          WHERE r.partner_id = $1",
        "order that earns it a commission",
        "orders that earn it a commission",
    ),
    (
        "SELECT count(*) AS value FROM entries e JOIN accounts a ON a.id = e.account_id WHERE a.partner_id = $1",
        "entry in its ledger",
        "entries in its ledger",
    ),
    (
        "SELECT count(*) AS value FROM payments y JOIN accounts a ON a.id = y.account_id WHERE a.partner_id = $1",
        "payment",
        "payments",
    ),
    (
        "SELECT count(*) AS value FROM payment_skips s JOIN accounts a ON a.id = s.account_id WHERE a.partner_id = $1",
        "payment batch that skipped it",
        "payment batches that skipped it",
    ),
    (
        "SELECT count(*) AS value FROM run_accounts r JOIN accounts a ON a.id = r.account_id WHERE a.partner_id = $1",
        "kept export, print or preview of the Ledgers report",
        "kept exports, prints or previews of the Ledgers report",
    ),
    (
        "SELECT count(*) AS value FROM orders
          WHERE coupon <> '' AND regexp_split_to_array(lower(coupon), '[,;[:space:]]+')
                && ARRAY(SELECT lower(code) FROM coupon_codes WHERE partner_id = $1)",
        "order with a coupon of its",
        "orders with a coupon of its",
    ),
    (
        "SELECT (SELECT count(*) FROM clicks WHERE partner_id = $1)
              + (SELECT count(*) FROM visits_set_aside WHERE partner_id = $1) AS value",
        "click",
        "clicks",
    ),
    ("SELECT count(*) AS value FROM referrals WHERE partner_id = $1", "referral", "referrals"),
    ("SELECT count(*) AS value FROM partners WHERE parent_id = $1", "recruit", "recruits"),
    (
        "SELECT count(*) AS value FROM contacts WHERE sales_rep_id = $1",
        "contact whose sales rep it is",
        "contacts whose sales rep it is",
    ),
    (
        "SELECT count(*) AS value FROM web_forms WHERE sales_rep_id = $1",
        "web form that makes it sales rep",
        "web forms that make it sales rep",
    ),
    (
        "SELECT count(*) AS value FROM partners WHERE merged_into_id = $1",
        "partner that was merged into it",
        "partners that were merged into it",
    ),
];

/// What names it: nothing where it can be deleted (spec 8).
pub fn uses(conn: &mut PgConnection, id: PartnerId) -> QueryResult<Vec<Use>> {
    let mut uses = Vec::new();
    for (sql, one, many) in USES {
        let Number { value: count } = sql_query(*sql).bind::<BigInt, _>(id).get_result(conn)?;
        if count > 0 {
            uses.push(Use { count, one, many });
        }
    }
    Ok(uses)
}

/// Deletes a partner that nothing names.
pub fn take_out(conn: &mut PgConnection, id: PartnerId) -> QueryResult<()> {
    sql_query("SELECT take_out_partner($1)").bind::<BigInt, _>(id).execute(conn)?;
    Ok(())
}
