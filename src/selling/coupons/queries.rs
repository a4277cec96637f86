//! Coupon codes in the database. A merged partner's are those of the partner that it turned out to be.

use crate::db::columns::Number;
use crate::domain::coupon::Spell;
use crate::domain::ids::{CouponId, PartnerId};
use crate::web::list::Window;
use chrono::{DateTime, SubsecRound, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz};
use std::collections::HashMap;

/// A code with its partner.
#[derive(QueryableByName)]
pub struct CouponRow {
    #[diesel(sql_type = BigInt)]
    pub id: CouponId,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = BigInt)]
    pub partner_id: PartnerId,
    #[diesel(sql_type = Text)]
    pub partner_name: String,
    #[diesel(sql_type = Text)]
    pub partner_code: String,
    #[diesel(sql_type = Timestamptz)]
    pub added_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub ended_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct SpellRow {
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = BigInt)]
    partner_id: PartnerId,
    #[diesel(sql_type = Timestamptz)]
    added_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
}

const COUPONS: &str = "
    SELECT k.id, k.code, p.id AS partner_id, c.name AS partner_name, p.code AS partner_code, k.added_at, k.ended_at
      FROM coupon_codes k JOIN partners own ON own.id = k.partner_id
      JOIN partners p ON p.id = coalesce(own.merged_into_id, own.id) JOIN contacts c ON c.id = p.contact_id";

const MATCHES: &str = "
    ($1 = '' OR strpos(lower(k.code), lower($1)) > 0 OR strpos(lower(p.code), lower($1)) > 0
        OR strpos(lower(c.name), lower($1 COLLATE by_name)) > 0)";

/// How many codes match: a part of the code, or of the partner's code or name.
pub fn count(conn: &mut PgConnection, words: &str) -> QueryResult<i64> {
    let counted: Number =
        sql_query(format!("SELECT count(*) AS value FROM ({COUPONS} WHERE {MATCHES}) found"))
            .bind::<Text, _>(words)
            .get_result(conn)?;
    Ok(counted.value)
}

/// A page of them: those in force first, by code.
pub fn list(conn: &mut PgConnection, words: &str, window: Window) -> QueryResult<Vec<CouponRow>> {
    sql_query(format!(
        "{COUPONS} WHERE {MATCHES} ORDER BY k.ended_at IS NOT NULL, lower(k.code), k.added_at DESC, k.id LIMIT $2 OFFSET $3"
    ))
    .bind::<Text, _>(words)
    .bind::<BigInt, _>(window.limit())
    .bind::<BigInt, _>(window.offset())
    .load(conn)
}

/// One of them.
pub fn find(conn: &mut PgConnection, id: CouponId) -> QueryResult<Option<CouponRow>> {
    sql_query(format!("{COUPONS} WHERE k.id = $1")).bind::<BigInt, _>(id).get_result(conn).optional()
}

/// Who has this code now.
pub fn in_force(conn: &mut PgConnection, code: &str) -> QueryResult<Option<CouponRow>> {
    sql_query(format!("{COUPONS} WHERE lower(k.code) = lower($1) AND k.ended_at IS NULL"))
        .bind::<Text, _>(code)
        .get_result(conn)
        .optional()
}

/// Everybody who has or had this code, the latest first.
pub fn of_code(conn: &mut PgConnection, code: &str) -> QueryResult<Vec<CouponRow>> {
    sql_query(format!("{COUPONS} WHERE lower(k.code) = lower($1) ORDER BY k.added_at DESC, k.id DESC"))
        .bind::<Text, _>(code)
        .load(conn)
}

/// How many orders were placed with this code among their coupons.
pub fn orders(conn: &mut PgConnection, code: &str) -> QueryResult<i64> {
    let counted: Number = sql_query(
        "SELECT count(*) AS value FROM orders
          WHERE coupon <> '' AND lower($1) = ANY (regexp_split_to_array(lower(coupon), '[,;[:space:]]+'))",
    )
    .bind::<Text, _>(code)
    .get_result(conn)?;
    Ok(counted.value)
}

/// Adds a code; none where it is in force. The savepoint leaves the transaction to stand in.
pub fn insert(
    conn: &mut PgConnection,
    code: &str,
    partner: PartnerId,
    at: DateTime<Utc>,
) -> QueryResult<Option<CouponId>> {
    // Never before the code's last end, whatever the clocks of two servers say.
    let made = conn.transaction(|conn| {
        sql_query(
            "INSERT INTO coupon_codes (code, partner_id, added_at)
             SELECT $1, $2, greatest($3, (SELECT max(ended_at) FROM coupon_codes WHERE lower(code) = lower($1)))
             RETURNING id AS value",
        )
        .bind::<Text, _>(code)
        .bind::<BigInt, _>(partner)
        .bind::<Timestamptz, _>(at.trunc_subsecs(6))
        .get_result::<Number>(conn)
    });
    match made {
        Ok(made) => Ok(Some(CouponId(made.value))),
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Ends a code; false where it was ended before.
pub fn end(conn: &mut PgConnection, id: CouponId, at: DateTime<Utc>) -> QueryResult<bool> {
    let ended = sql_query(
        "UPDATE coupon_codes SET ended_at = greatest($2, added_at) WHERE id = $1 AND ended_at IS NULL",
    )
    .bind::<BigInt, _>(id)
    .bind::<Timestamptz, _>(at.trunc_subsecs(6))
    .execute(conn)?;
    Ok(ended > 0)
}

/// The spells of these codes, each's earliest first, by the code in lower case.
pub fn spells(conn: &mut PgConnection, codes: &[String]) -> QueryResult<HashMap<String, Vec<Spell>>> {
    let mut spells: HashMap<String, Vec<Spell>> = HashMap::new();
    if codes.is_empty() {
        return Ok(spells);
    }
    let rows: Vec<SpellRow> = sql_query(
        "SELECT lower(k.code) AS code, coalesce(p.merged_into_id, p.id) AS partner_id, k.added_at, k.ended_at
           FROM coupon_codes k JOIN partners p ON p.id = k.partner_id
          WHERE lower(k.code) = ANY ($1) ORDER BY k.added_at, k.id",
    )
    .bind::<Array<Text>, _>(codes)
    .load(conn)?;
    for SpellRow { code, partner_id, added_at, ended_at } in rows {
        spells.entry(code).or_default().push(Spell { partner: partner_id, added_at, ended_at });
    }
    Ok(spells)
}
