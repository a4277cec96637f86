//! The SQL of partners.

pub mod export;
pub mod list;
pub mod mass;
pub mod merging;
pub mod notes;
pub mod notified;
pub mod pages;
pub mod record;
pub mod standing;
pub mod tabs;

use super::{NewPartner, PartnerStatus};
use crate::db::columns::ROWS_AT_ONCE;
use crate::domain::commission::{Lineage, Member};
use crate::domain::ids::{ContactId, PartnerId, ProgramId};
use crate::domain::typed::Trimmed;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text};
use diesel::{PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query};
use std::collections::HashMap;

/// Makes partners of contacts; their ids in the order of the list.
pub fn insert(
    conn: &mut PgConnection,
    contacts: &[ContactId],
    new: &[NewPartner],
) -> QueryResult<Vec<PartnerId>> {
    #[derive(QueryableByName)]
    struct Made {
        #[diesel(sql_type = BigInt)]
        id: PartnerId,
    }
    let mut ids = Vec::with_capacity(new.len());
    for (contacts, new) in contacts.chunks(ROWS_AT_ONCE).zip(new.chunks(ROWS_AT_ONCE)) {
        // Numbered, and returned, in the order of the list.
        let made: Vec<Made> = sql_query(
            "INSERT INTO partners (contact_id, code, parent_id, status, track_leads_days, notify_on_lead, notify_on_sale) \
             SELECT contact_id, code, parent_id, status, track_leads_days, notify_on_lead, notify_on_sale \
             FROM unnest($1, $2, $3, $4, $5, $6, $7) WITH ORDINALITY \
                  AS given (contact_id, code, parent_id, status, track_leads_days, notify_on_lead, notify_on_sale, place) \
             ORDER BY place RETURNING id",
        )
        .bind::<Array<BigInt>, _>(contacts)
        .bind::<Array<Text>, _>(new.iter().map(|partner| partner.code.as_str()).collect::<Vec<_>>())
        .bind::<Array<Nullable<BigInt>>, _>(new.iter().map(|partner| partner.parent).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(new.iter().map(|partner| partner.status.word()).collect::<Vec<_>>())
        .bind::<Array<Nullable<Integer>>, _>(new.iter().map(|partner| partner.track_leads_days).collect::<Vec<_>>())
        .bind::<Array<Bool>, _>(new.iter().map(|partner| partner.notify_on_lead).collect::<Vec<_>>())
        .bind::<Array<Bool>, _>(new.iter().map(|partner| partner.notify_on_sale).collect::<Vec<_>>())
        .load(conn)?;
        ids.extend(made.into_iter().map(|made| made.id));
    }
    Ok(ids)
}

/// Gives contacts the names and addresses of the partners that they become, as far as they are given.
pub fn name_contacts(conn: &mut PgConnection, contacts: &[ContactId], new: &[NewPartner]) -> QueryResult<()> {
    for (contacts, new) in contacts.chunks(ROWS_AT_ONCE).zip(new.chunks(ROWS_AT_ONCE)) {
        let column = |of: fn(&NewPartner) -> &str| new.iter().map(of).collect::<Vec<&str>>();
        sql_query(
            "UPDATE contacts SET name = CASE WHEN given.name = '' THEN contacts.name ELSE given.name END, \
                    address_line1 = CASE WHEN located THEN line1 ELSE contacts.address_line1 END, \
                    address_line2 = CASE WHEN located THEN line2 ELSE contacts.address_line2 END, \
                    city = CASE WHEN located THEN given.city ELSE contacts.city END, \
                    state = CASE WHEN located THEN given.state ELSE contacts.state END, \
                    postal_code = CASE WHEN located THEN given.postal_code ELSE contacts.postal_code END, \
                    country = CASE WHEN given.country = '' THEN contacts.country ELSE given.country END, \
                    version = contacts.version + 1 \
             FROM (SELECT *, line1 || line2 || city || state || postal_code <> '' AS located \
                   FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) \
                        AS given (id, name, line1, line2, city, state, postal_code, country)) AS given \
             WHERE contacts.id = given.id \
               AND ((given.name <> '' AND contacts.name <> given.name) \
                    OR (given.country <> '' AND contacts.country <> given.country) \
                    OR (located AND (contacts.address_line1, contacts.address_line2, contacts.city, contacts.state, contacts.postal_code) \
                                    IS DISTINCT FROM (line1, line2, given.city, given.state, given.postal_code)))",
        )
        .bind::<Array<BigInt>, _>(contacts)
        .bind::<Array<Text>, _>(column(|partner| &partner.name))
        .bind::<Array<Text>, _>(column(|partner| &partner.address.line1))
        .bind::<Array<Text>, _>(column(|partner| &partner.address.line2))
        .bind::<Array<Text>, _>(column(|partner| &partner.address.city))
        .bind::<Array<Text>, _>(column(|partner| &partner.address.state))
        .bind::<Array<Text>, _>(column(|partner| &partner.address.postal_code))
        .bind::<Array<Text>, _>(column(|partner| &partner.address.country))
        .execute(conn)?;
    }
    Ok(())
}

/// Sets parents.
pub fn set_parents(conn: &mut PgConnection, parents: &[(PartnerId, PartnerId)]) -> QueryResult<()> {
    for parents in parents.chunks(ROWS_AT_ONCE) {
        sql_query(
            "UPDATE partners SET parent_id = given.parent_id, version = version + 1 \
             FROM unnest($1, $2) AS given (id, parent_id) WHERE partners.id = given.id",
        )
        .bind::<Array<BigInt>, _>(parents.iter().map(|(partner, _)| *partner).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(parents.iter().map(|(_, parent)| *parent).collect::<Vec<_>>())
        .execute(conn)?;
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Enrolment {
    #[diesel(sql_type = BigInt)]
    partner_id: PartnerId,
    #[diesel(sql_type = BigInt)]
    program_id: ProgramId,
}

/// Enrols partners in programs that are there; gives those that were not enrolled before.
pub fn enrol(
    conn: &mut PgConnection,
    enrolments: &[(PartnerId, ProgramId)],
) -> QueryResult<Vec<(PartnerId, ProgramId)>> {
    changed(
        conn,
        "INSERT INTO enrolments (partner_id, program_id) \
         SELECT given.partner_id, given.program_id FROM unnest($1, $2) AS given (partner_id, program_id) \
         JOIN programs ON programs.id = given.program_id AND deleted_at IS NULL \
         FOR KEY SHARE OF programs \
         ON CONFLICT (partner_id, program_id) DO NOTHING RETURNING partner_id, program_id",
        enrolments,
    )
}

/// Takes partners out of programs; gives those that were enrolled.
pub fn withdraw(
    conn: &mut PgConnection,
    enrolments: &[(PartnerId, ProgramId)],
) -> QueryResult<Vec<(PartnerId, ProgramId)>> {
    changed(
        conn,
        "DELETE FROM enrolments USING unnest($1, $2) AS given (partner_id, program_id) \
         WHERE enrolments.partner_id = given.partner_id AND enrolments.program_id = given.program_id \
         RETURNING enrolments.partner_id, enrolments.program_id",
        enrolments,
    )
}

fn changed(
    conn: &mut PgConnection,
    statement: &str,
    enrolments: &[(PartnerId, ProgramId)],
) -> QueryResult<Vec<(PartnerId, ProgramId)>> {
    let mut all = Vec::new();
    for enrolments in enrolments.chunks(ROWS_AT_ONCE) {
        let changed: Vec<Enrolment> = sql_query(statement)
            .bind::<Array<BigInt>, _>(enrolments.iter().map(|(partner, _)| *partner).collect::<Vec<_>>())
            .bind::<Array<BigInt>, _>(enrolments.iter().map(|(_, program)| *program).collect::<Vec<_>>())
            .load(conn)?;
        all.extend(changed.into_iter().map(|row| (row.partner_id, row.program_id)));
    }
    Ok(all)
}

/// Partners by the codes that they have or had, in lower case.
pub fn by_code(conn: &mut PgConnection, codes: &[String]) -> QueryResult<HashMap<String, PartnerId>> {
    #[derive(QueryableByName)]
    struct Coded {
        #[diesel(sql_type = Text)]
        code: String,
        #[diesel(sql_type = BigInt)]
        partner_id: PartnerId,
    }
    let mut partners = HashMap::with_capacity(codes.len());
    // Codes are ASCII, so our lower case is the database's.
    let lower: Vec<String> = codes.iter().map(|code| code.trimmed().to_ascii_lowercase()).collect();
    for lower in lower.chunks(ROWS_AT_ONCE) {
        let found: Vec<Coded> = sql_query(
            "SELECT code, partner_id FROM partner_codes WHERE code = ANY ($1) AND partner_id IS NOT NULL",
        )
        .bind::<Array<Text>, _>(lower)
        .load(conn)?;
        partners.extend(found.into_iter().map(|found| (found.code, found.partner_id)));
    }
    Ok(partners)
}

/// Partners with their parents and grandparents.
pub fn lineages(conn: &mut PgConnection, partners: &[PartnerId]) -> QueryResult<HashMap<PartnerId, Lineage>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: PartnerId,
        #[diesel(sql_type = Bool)]
        active: bool,
        #[diesel(sql_type = Nullable<BigInt>)]
        parent: Option<PartnerId>,
        #[diesel(sql_type = Nullable<Bool>)]
        parent_active: Option<bool>,
        #[diesel(sql_type = Nullable<BigInt>)]
        grandparent: Option<PartnerId>,
        #[diesel(sql_type = Nullable<Bool>)]
        grandparent_active: Option<bool>,
    }
    let rows: Vec<Row> = sql_query(
        "SELECT own.id, own.status = 'active' AS active, \
                parent.id AS parent, parent.status = 'active' AS parent_active, \
                grandparent.id AS grandparent, grandparent.status = 'active' AS grandparent_active \
         FROM partners AS own \
         LEFT JOIN partners AS parent ON parent.id = own.parent_id \
         LEFT JOIN partners AS grandparent ON grandparent.id = parent.parent_id \
         WHERE own.id = ANY ($1)",
    )
    .bind::<Array<BigInt>, _>(partners)
    .load(conn)?;
    let member = |(partner, active)| Member { partner, active };
    let lineage = |row: &Row| Lineage {
        own: Member { partner: row.id, active: row.active },
        parent: row.parent.zip(row.parent_active).map(member),
        grandparent: row.grandparent.zip(row.grandparent_active).map(member),
    };
    Ok(rows.iter().map(|row| (row.id, lineage(row))).collect())
}

/// *Track leads for*, of each of these partners.
pub fn track_leads_days(
    conn: &mut PgConnection,
    partners: &[PartnerId],
) -> QueryResult<HashMap<PartnerId, Option<i32>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: PartnerId,
        #[diesel(sql_type = Nullable<Integer>)]
        track_leads_days: Option<i32>,
    }
    let rows: Vec<Row> = sql_query("SELECT id, track_leads_days FROM partners WHERE id = ANY ($1)")
        .bind::<Array<BigInt>, _>(partners)
        .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.id, row.track_leads_days)).collect())
}

/// Changes a partner's status; how many partners that is.
pub fn set_status(conn: &mut PgConnection, partner: PartnerId, status: PartnerStatus) -> QueryResult<usize> {
    sql_query("UPDATE partners SET status = $2, version = version + 1 WHERE id = $1")
        .bind::<BigInt, _>(partner)
        .bind::<Text, _>(status.word())
        .execute(conn)
}

/// Whether each partner is active.
pub fn all_statuses(conn: &mut PgConnection) -> QueryResult<HashMap<PartnerId, bool>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: PartnerId,
        #[diesel(sql_type = Bool)]
        active: bool,
    }
    let rows: Vec<Row> = sql_query("SELECT id, status = 'active' AS active FROM partners").load(conn)?;
    Ok(rows.into_iter().map(|row| (row.id, row.active)).collect())
}

/// The partner that each of these contacts is; of a merged one, the partner that it turned out to be.
pub fn own_partners(
    conn: &mut PgConnection,
    contacts: &[ContactId],
) -> QueryResult<HashMap<ContactId, PartnerId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        contact_id: ContactId,
        #[diesel(sql_type = BigInt)]
        id: PartnerId,
    }
    let rows: Vec<Row> = sql_query(
        "SELECT contact_id, coalesce(merged_into_id, id) AS id FROM partners WHERE contact_id = ANY ($1)",
    )
    .bind::<Array<BigInt>, _>(contacts)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.contact_id, row.id)).collect())
}
