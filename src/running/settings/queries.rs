//! The two rows of settings, and what has to be known before they change.

pub mod logo;

use super::company::NewCompany;
use crate::db::columns::Number;
use crate::domain::ids::{PartnerId, ProgramId};
use crate::domain::money::Currency;
use crate::domain::settings::{
    Choose, CouponOrLink, Defaults, PayoutRules, Place, TrackingMethod, TrackingRules,
};
use crate::error::AppError;
use anyhow::Context;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, SmallInt, Text, Timestamptz};

/// The company as it stands on ledgers and pages.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Company {
    #[diesel(sql_type = Text)]
    pub name: String,
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
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Text)]
    pub phone: String,
    #[diesel(sql_type = Text)]
    pub currency: String,
    #[diesel(sql_type = Text)]
    pub time_zone: String,
    #[diesel(sql_type = Text)]
    pub date_format: String,
    /// Counts saves.
    #[diesel(sql_type = Integer)]
    pub version: i32,
}

#[derive(QueryableByName)]
struct DefaultsRow {
    #[diesel(sql_type = Text)]
    code_prefix: String,
    #[diesel(sql_type = Bool)]
    skip_notifications: bool,
    #[diesel(sql_type = Text)]
    choose_partner: String,
    #[diesel(sql_type = Text)]
    tracking_method: String,
    #[diesel(sql_type = Bool)]
    use_ip_address: bool,
    #[diesel(sql_type = Text)]
    custom_link_url: String,
    #[diesel(sql_type = SmallInt)]
    levels: i16,
    #[diesel(sql_type = Bool)]
    payout_lead: bool,
    #[diesel(sql_type = Bool)]
    payout_sale: bool,
    #[diesel(sql_type = Bool)]
    payout_amount: bool,
    #[diesel(sql_type = Bool)]
    payout_percent: bool,
    #[diesel(sql_type = Bool)]
    pay_if_unused: bool,
    #[diesel(sql_type = Bool)]
    credit_own_purchases: bool,
    #[diesel(sql_type = Text)]
    coupon_or_link: String,
    #[diesel(sql_type = Integer)]
    version: i32,
}

/// The company.
pub fn company(conn: &mut PgConnection) -> Result<Company, AppError> {
    Ok(sql_query("SELECT * FROM company").get_result(conn)?)
}

/// The company's currency and time zone: what the rules need of it.
pub fn place(conn: &mut PgConnection) -> Result<Place, AppError> {
    place_of(&company(conn)?)
}

/// The same, held until the transaction ends: what is recorded in a currency must not be overtaken by
/// a change of it.
pub fn place_held(conn: &mut PgConnection) -> Result<Place, AppError> {
    place_of(&sql_query("SELECT * FROM company FOR SHARE").get_result(conn)?)
}

fn place_of(company: &Company) -> Result<Place, AppError> {
    Ok(Place {
        currency: Currency::from_code(&company.currency)
            .with_context(|| format!("the company's currency {:?} is unknown", company.currency))?,
        zone: company
            .time_zone
            .parse()
            .ok()
            .with_context(|| format!("the company's time zone {:?} is unknown", company.time_zone))?,
    })
}

/// Referral Partner Defaults, and how often they were saved.
pub fn defaults(conn: &mut PgConnection) -> Result<(Defaults, i32), AppError> {
    let row: DefaultsRow = sql_query("SELECT * FROM defaults").get_result(conn)?;
    let defaults = Defaults {
        code_prefix: row.code_prefix,
        skip_notifications: row.skip_notifications,
        tracking: TrackingRules {
            choose: Choose::from_word(&row.choose_partner).context("defaults.choose_partner")?,
            method: TrackingMethod::from_word(&row.tracking_method).context("defaults.tracking_method")?,
            use_ip_address: row.use_ip_address,
            credit_own_purchases: row.credit_own_purchases,
            coupon: CouponOrLink::from_word(&row.coupon_or_link).context("defaults.coupon_or_link")?,
        },
        custom_link_url: row.custom_link_url,
        payout: PayoutRules {
            levels: u8::try_from(row.levels).context("defaults.levels")?,
            lead: row.payout_lead,
            sale: row.payout_sale,
            amount: row.payout_amount,
            percent: row.payout_percent,
            pay_if_unused: row.pay_if_unused,
        },
    };
    Ok((defaults, row.version))
}

/// Writes Referral Partner Defaults; the caller has checked them and writes the audit row.
pub fn save_defaults(conn: &mut PgConnection, new: &Defaults) -> Result<(), AppError> {
    sql_query(
        "UPDATE defaults SET code_prefix = $1, skip_notifications = $2, choose_partner = $3, tracking_method = $4,
                use_ip_address = $5, custom_link_url = $6, levels = $7, payout_lead = $8, payout_sale = $9,
                payout_amount = $10, payout_percent = $11, pay_if_unused = $12, credit_own_purchases = $13,
                coupon_or_link = $14, version = version + 1",
    )
    .bind::<Text, _>(&new.code_prefix)
    .bind::<Bool, _>(new.skip_notifications)
    .bind::<Text, _>(new.tracking.choose.word())
    .bind::<Text, _>(new.tracking.method.word())
    .bind::<Bool, _>(new.tracking.use_ip_address)
    .bind::<Text, _>(&new.custom_link_url)
    .bind::<SmallInt, _>(i16::from(new.payout.levels))
    .bind::<Bool, _>(new.payout.lead)
    .bind::<Bool, _>(new.payout.sale)
    .bind::<Bool, _>(new.payout.amount)
    .bind::<Bool, _>(new.payout.percent)
    .bind::<Bool, _>(new.payout.pay_if_unused)
    .bind::<Bool, _>(new.tracking.credit_own_purchases)
    .bind::<Text, _>(new.tracking.coupon.word())
    .execute(conn)?;
    sql_query("INSERT INTO code_prefixes (prefix) SELECT code_prefix FROM defaults WHERE code_prefix <> '' ON CONFLICT DO NOTHING")
        .execute(conn)?;
    Ok(())
}

/// Sets the company's currency and time zone. The caller has seen to it that the currency may change.
pub fn save_place(conn: &mut PgConnection, place: Place) -> Result<(), AppError> {
    sql_query("UPDATE company SET currency = $1, minor_units = $2, time_zone = $3, version = version + 1")
        .bind::<Text, _>(place.currency.code())
        .bind::<SmallInt, _>(place.currency.minor_units() as i16)
        .bind::<Text, _>(place.zone.name())
        .execute(conn)?;
    Ok(())
}

/// Locks Referral Partner Defaults and all programs for a save. What is then read in a later statement
/// stays true until the transaction ends.
pub fn lock_defaults(conn: &mut PgConnection) -> QueryResult<()> {
    sql_query("SELECT FROM defaults FOR UPDATE").execute(conn)?;
    sql_query("SELECT FROM programs ORDER BY id FOR NO KEY UPDATE").execute(conn)?;
    Ok(())
}

/// Keeps Referral Partner Defaults as they are until the transaction ends; others may hold them so too.
pub fn hold_defaults(conn: &mut PgConnection) -> QueryResult<()> {
    sql_query("SELECT FROM defaults FOR SHARE").execute(conn)?;
    Ok(())
}

/// Locks the company for a save.
pub fn lock_company(conn: &mut PgConnection) -> QueryResult<()> {
    sql_query("SELECT FROM company FOR UPDATE").execute(conn)?;
    Ok(())
}

/// Writes the company; the caller has checked it and writes the audit row.
pub fn save_company(conn: &mut PgConnection, new: &NewCompany) -> QueryResult<()> {
    sql_query(
        "UPDATE company SET name = $1, address_line1 = $2, address_line2 = $3, city = $4, state = $5, postal_code = $6,
                country = $7, email = $8, phone = $9, currency = $10, minor_units = $11, time_zone = $12,
                date_format = $13, version = version + 1",
    )
    .bind::<Text, _>(&new.name)
    .bind::<Text, _>(&new.address_line1)
    .bind::<Text, _>(&new.address_line2)
    .bind::<Text, _>(&new.city)
    .bind::<Text, _>(&new.state)
    .bind::<Text, _>(&new.postal_code)
    .bind::<Text, _>(&new.country)
    .bind::<Text, _>(&new.email)
    .bind::<Text, _>(&new.phone)
    .bind::<Text, _>(new.place.currency.code())
    .bind::<SmallInt, _>(new.place.currency.minor_units() as i16)
    .bind::<Text, _>(new.place.zone.name())
    .bind::<Text, _>(new.dates.code())
    .execute(conn)?;
    Ok(())
}

/// What fixes the company's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Recorded {
    /// There are orders.
    #[diesel(sql_type = Bool)]
    pub orders: bool,
    /// There are entries in the ledger.
    #[diesel(sql_type = Bool)]
    pub entries: bool,
}

/// Whether amounts are recorded in the company's currency.
pub fn recorded(conn: &mut PgConnection) -> QueryResult<Recorded> {
    sql_query("SELECT EXISTS (SELECT FROM orders) AS orders, EXISTS (SELECT FROM entries) AS entries")
        .get_result(conn)
}

/// How many partners there are.
pub fn count_partners(conn: &mut PgConnection) -> QueryResult<i64> {
    Ok(sql_query("SELECT count(*) AS value FROM partners").get_result::<Number>(conn)?.value)
}

/// All partners, for accounts in another currency.
pub fn partners(conn: &mut PgConnection) -> QueryResult<Vec<PartnerId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: PartnerId,
    }
    let rows: Vec<Row> = sql_query("SELECT id FROM partners ORDER BY id").load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// The programs' names.
pub fn program_names(conn: &mut PgConnection) -> QueryResult<Vec<(ProgramId, String)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: ProgramId,
        #[diesel(sql_type = Text)]
        name: String,
    }
    let rows: Vec<Row> =
        sql_query("SELECT id, name FROM programs WHERE deleted_at IS NULL ORDER BY name, id").load(conn)?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// Every prefix that was ever in force.
pub fn code_prefixes(conn: &mut PgConnection) -> QueryResult<Vec<String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        prefix: String,
    }
    let rows: Vec<Row> = sql_query("SELECT prefix FROM code_prefixes").load(conn)?;
    Ok(rows.into_iter().map(|row| row.prefix).collect())
}

/// Every code that a partner has, as it is written, or had.
pub fn partner_codes(conn: &mut PgConnection) -> QueryResult<Vec<(String, PartnerId)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        code: String,
        #[diesel(sql_type = BigInt)]
        partner_id: PartnerId,
    }
    let rows: Vec<Row> = sql_query(
        "SELECT CASE WHEN lower(partners.code) = known.code THEN partners.code ELSE known.code END AS code, partner_id
         FROM partner_codes AS known JOIN partners ON partners.id = partner_id",
    )
    .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.code, row.partner_id)).collect())
}

/// Who saved settings last, and when.
#[derive(Debug, Clone, QueryableByName)]
pub struct LastSave {
    /// None for a command.
    #[diesel(sql_type = Nullable<Text>)]
    pub by: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
}

/// The last save under this action of the audit log.
pub fn last_save(conn: &mut PgConnection, action: &str) -> QueryResult<Option<LastSave>> {
    sql_query(
        "SELECT users.name AS by, written_at AS at FROM audit_log LEFT JOIN users ON users.id = user_id
         WHERE action = $1 ORDER BY audit_log.id DESC LIMIT 1",
    )
    .bind::<Text, _>(action)
    .get_result(conn)
    .optional()
}
