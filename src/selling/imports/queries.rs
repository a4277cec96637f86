//! The SQL of imports: what is known already; in `uploads` the files that came through the browser.

pub mod uploads;

use super::products::Draft;
use crate::db::columns::ROWS_AT_ONCE;
use crate::domain::ids::{PartnerId, ProgramId};
use crate::people::partners::PartnerStatus;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text};
use diesel::{PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query};
use std::collections::HashMap;

/// Waits for other imports to end, until the transaction does: what one has looked up stays true.
pub fn take_turn(conn: &mut PgConnection) -> QueryResult<()> {
    sql_query("SELECT pg_advisory_xact_lock(hashtext('partnerbook.import'))").execute(conn)?;
    Ok(())
}

/// What an empty system would not have; none where it is empty.
pub fn what_is_there(conn: &mut PgConnection) -> QueryResult<Option<String>> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Nullable<Text>)]
        found: Option<String>,
    }
    let found: Found = sql_query(
        "SELECT CASE WHEN EXISTS (SELECT FROM orders) THEN 'orders'
                     WHEN EXISTS (SELECT FROM partners) THEN 'partners'
                     WHEN EXISTS (SELECT FROM entries) THEN 'ledger entries'
                     WHEN EXISTS (SELECT FROM contacts) THEN 'contacts'
                     WHEN EXISTS (SELECT FROM programs) THEN 'programs'
                     WHEN EXISTS (SELECT FROM products) THEN 'products'
                     WHEN EXISTS (SELECT FROM clicks) THEN 'clicks' END AS found",
    )
    .get_result(conn)?;
    Ok(found.found)
}

/// A code of a partner, and where the partner belongs. All codes in lower case.
#[derive(QueryableByName)]
pub struct FamilyMember {
    #[diesel(sql_type = BigInt)]
    pub id: PartnerId,
    #[diesel(sql_type = Text)]
    pub code: String,
    /// The code in force.
    #[diesel(sql_type = Text)]
    pub current: String,
    /// The parent's code in force.
    #[diesel(sql_type = Nullable<Text>)]
    pub parent: Option<String>,
}

/// All codes that lead to partners.
pub fn family(conn: &mut PgConnection) -> QueryResult<Vec<FamilyMember>> {
    sql_query(
        "SELECT own.id, partner_codes.code, lower(own.code) AS current, lower(parent.code) AS parent
         FROM partner_codes
         JOIN partners AS own ON own.id = partner_id
         LEFT JOIN partners AS parent ON parent.id = own.parent_id",
    )
    .load(conn)
}

/// A partner as it is.
#[derive(QueryableByName)]
pub struct KnownPartner {
    #[diesel(sql_type = BigInt)]
    pub id: PartnerId,
    #[diesel(sql_type = Text)]
    pub code: String,
    /// All that it ever had, in lower case.
    #[diesel(sql_type = Array<Text>)]
    pub codes: Vec<String>,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub email: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub parent: Option<PartnerId>,
    #[diesel(sql_type = Bool)]
    pub active: bool,
    #[diesel(sql_type = Array<BigInt>)]
    pub programs: Vec<i64>,
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
}

impl KnownPartner {
    /// Whether it has or had this code, given in lower case.
    pub fn has_code(&self, code: &str) -> bool {
        self.codes.iter().any(|known| known == code)
    }

    pub fn status(&self) -> PartnerStatus {
        if self.active { PartnerStatus::Active } else { PartnerStatus::Inactive }
    }
}

/// The partners that have one of these codes (in lower case) or e-mails.
pub fn partners(
    conn: &mut PgConnection,
    codes: &[String],
    emails: &[&str],
) -> QueryResult<Vec<KnownPartner>> {
    sql_query(
        "SELECT partners.id, partners.code, partners.parent_id AS parent, partners.status = 'active' AS active,
                track_leads_days, notify_on_lead, notify_on_sale,
                contacts.name, contacts.email, address_line1, address_line2, city, state, postal_code, country,
                (SELECT array_agg(code) FROM partner_codes WHERE partner_id = partners.id) AS codes,
                (SELECT coalesce(array_agg(program_id), '{}') FROM enrolments WHERE partner_id = partners.id) AS programs
         FROM partners JOIN contacts ON contacts.id = contact_id
         WHERE partners.id IN (SELECT partner_id FROM partner_codes WHERE code = ANY ($1))
            OR lower(contacts.email) IN (SELECT lower(email) FROM unnest($2) AS given (email))
         ORDER BY partners.id",
    )
    .bind::<Array<Text>, _>(codes)
    .bind::<Array<Text>, _>(emails)
    .load(conn)
}

/// All programs, by their name in lower case.
pub fn programs(conn: &mut PgConnection) -> QueryResult<HashMap<String, ProgramId>> {
    #[derive(QueryableByName)]
    struct Named {
        #[diesel(sql_type = BigInt)]
        id: ProgramId,
        #[diesel(sql_type = Text)]
        name: String,
    }
    let named: Vec<Named> = sql_query("SELECT id, name FROM programs WHERE deleted_at IS NULL").load(conn)?;
    Ok(named.into_iter().map(|row| (row.name.to_lowercase(), row.id)).collect())
}

/// Those of these codes (in lower case) that were a deleted partner's: nobody gets them any more.
pub fn codes_of_nobody(conn: &mut PgConnection, codes: &[String]) -> QueryResult<Vec<String>> {
    #[derive(QueryableByName)]
    struct Gone {
        #[diesel(sql_type = Text)]
        code: String,
    }
    let gone: Vec<Gone> =
        sql_query("SELECT code FROM partner_codes WHERE partner_id IS NULL AND code = ANY ($1)")
            .bind::<Array<Text>, _>(codes)
            .load(conn)?;
    Ok(gone.into_iter().map(|row| row.code).collect())
}

/// A product as it is.
#[derive(QueryableByName)]
pub struct KnownProduct {
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Bool)]
    pub commissionable: bool,
}

/// Those of these products that are known, by their code.
pub fn products(conn: &mut PgConnection, drafts: &[Draft]) -> QueryResult<HashMap<String, KnownProduct>> {
    let mut known = HashMap::new();
    for drafts in drafts.chunks(ROWS_AT_ONCE) {
        let found: Vec<KnownProduct> =
            sql_query("SELECT code, name, commissionable FROM products WHERE code = ANY ($1)")
                .bind::<Array<Text>, _>(drafts.iter().map(|draft| draft.code.as_str()).collect::<Vec<_>>())
                .load(conn)?;
        known.extend(found.into_iter().map(|product| (product.code.clone(), product)));
    }
    Ok(known)
}

/// Makes products and changes known ones, as far as the rows say.
pub fn save_products(conn: &mut PgConnection, drafts: &[Draft]) -> QueryResult<()> {
    for drafts in drafts.chunks(ROWS_AT_ONCE) {
        sql_query(
            "INSERT INTO products (code, name, commissionable)
             SELECT code, name, coalesce(commissionable, true)
             FROM unnest($1, $2, $3) AS given (code, name, commissionable) ORDER BY code COLLATE \"C\"
             ON CONFLICT (code) DO UPDATE
                SET name = CASE WHEN excluded.name = '' THEN products.name ELSE excluded.name END,
                    commissionable = CASE WHEN products.code = ANY ($4) THEN excluded.commissionable
                                          ELSE products.commissionable END,
                    version = products.version + 1
                WHERE (excluded.name <> '' AND excluded.name <> products.name)
                   OR (products.code = ANY ($4) AND excluded.commissionable <> products.commissionable)",
        )
        .bind::<Array<Text>, _>(drafts.iter().map(|draft| draft.code.as_str()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(drafts.iter().map(|draft| draft.name.as_str()).collect::<Vec<_>>())
        .bind::<Array<Nullable<Bool>>, _>(drafts.iter().map(|draft| draft.commissionable).collect::<Vec<_>>())
        // Those whose row says whether they are commissionable.
        .bind::<Array<Text>, _>(
            drafts
                .iter()
                .filter(|draft| draft.commissionable.is_some())
                .map(|d| d.code.as_str())
                .collect::<Vec<_>>(),
        )
        .execute(conn)?;
    }
    Ok(())
}
