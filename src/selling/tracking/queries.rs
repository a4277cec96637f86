//! Clicks, visitors and referrals in the database.

use super::visits::{self, Of};
use crate::domain::attribution::{Touch, expiry};
use crate::domain::ids::{ContactId, PartnerId, VisitorId};
use crate::error::AppError;
use chrono::{DateTime, SubsecRound, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz};
use std::collections::{HashMap, HashSet};

/// A referral by hand or from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReferral {
    pub contact: ContactId,
    pub partner: PartnerId,
    pub referred_at: DateTime<Utc>,
    /// Never expires.
    pub permanent: bool,
    /// As the file says; none = by the partner's *Track leads for*. Not for permanent ones.
    pub expires_at: Option<DateTime<Utc>>,
}

/// What speaks for partners, by visitor, contact and address.
#[derive(Debug, Default)]
pub struct Touches {
    pub by_visitor: HashMap<VisitorId, Vec<Touch>>,
    pub by_contact: HashMap<ContactId, Vec<Touch>>,
    pub by_address: HashMap<String, Vec<Touch>>,
}

#[derive(QueryableByName)]
struct VisitorRow {
    #[diesel(sql_type = BigInt)]
    id: VisitorId,
    #[diesel(sql_type = Nullable<BigInt>)]
    contact_id: Option<ContactId>,
}

#[derive(QueryableByName)]
struct TrackLeads {
    #[diesel(sql_type = BigInt)]
    id: PartnerId,
    #[diesel(sql_type = Nullable<Integer>)]
    track_leads_days: Option<i32>,
}

#[derive(QueryableByName)]
struct TouchRow {
    #[diesel(sql_type = Text)]
    of: String,
    #[diesel(sql_type = BigInt)]
    partner_id: PartnerId,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    recorded: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    robot: bool,
}

/// The visitors that have these keys.
pub fn visitors_with(conn: &mut PgConnection, keys: &[&str]) -> Result<HashMap<String, VisitorId>, AppError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        key: String,
        #[diesel(sql_type = BigInt)]
        id: VisitorId,
    }
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    visits::work_in_of(conn, Of { keys, ..Of::default() })?;
    let rows: Vec<Row> = sql_query("SELECT key, id FROM visitors WHERE key = ANY ($1)")
        .bind::<Array<Text>, _>(keys)
        .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.key, row.id)).collect())
}

/// The visitor with this key, if any.
pub fn visitor_with(conn: &mut PgConnection, key: &str) -> Result<Option<VisitorId>, AppError> {
    Ok(visitors_with(conn, &[key])?.remove(key))
}

/// The visitor with this key that another system has met, with what it clicked; made where it is new, for the script
/// of a shop makes keys and may be ahead of its report.
pub fn visitor_met(conn: &mut PgConnection, key: &str) -> Result<VisitorId, AppError> {
    match visitor_with(conn, key)? {
        Some(visitor) => Ok(visitor),
        None => visitor(conn, key),
    }
}

/// The visitor with this key, made where it is new.
pub fn visitor(conn: &mut PgConnection, key: &str) -> Result<VisitorId, AppError> {
    sql_query("INSERT INTO visitors (key) VALUES ($1) ON CONFLICT (key) DO NOTHING")
        .bind::<Text, _>(key)
        .execute(conn)?;
    let found: VisitorRow = sql_query("SELECT id, contact_id FROM visitors WHERE key = $1")
        .bind::<Text, _>(key)
        .get_result(conn)?;
    Ok(found.id)
}

/// A visitor becomes known as a contact: by a web form, an order, or an API call. Clicks made before
/// it was first known belong to that first contact; later ones to the one it is known as last.
pub fn identify(conn: &mut PgConnection, visitor: VisitorId, contact: ContactId) -> Result<(), AppError> {
    visits::work_in_of(conn, Of { visitors: &[visitor], ..Of::default() })?;
    let known = lock_visitor(conn, visitor)?;
    if known == Some(contact) {
        return Ok(());
    }
    if known.is_none() {
        refer_by_clicks(conn, contact, visitor)?;
    }
    sql_query("UPDATE visitors SET contact_id = $2 WHERE id = $1")
        .bind::<BigInt, _>(visitor)
        .bind::<BigInt, _>(contact)
        .execute(conn)?;
    // What else this browser is called elsewhere is the same person, unless it is known as somebody already.
    let joined: Vec<VisitorRow> = sql_query(
        "SELECT id, contact_id FROM visitors WHERE joined_to_id = $1 AND contact_id IS NULL ORDER BY id",
    )
    .bind::<BigInt, _>(visitor)
    .load(conn)?;
    joined.into_iter().try_for_each(|row| identify(conn, row.id, contact))
}

fn lock_visitor(conn: &mut PgConnection, visitor: VisitorId) -> Result<Option<ContactId>, AppError> {
    let row: VisitorRow = sql_query("SELECT id, contact_id FROM visitors WHERE id = $1 FOR NO KEY UPDATE")
        .bind::<BigInt, _>(visitor)
        .get_result(conn)
        .optional()?
        .ok_or_else(|| AppError::not_found(format!("visitor {visitor}")))?;
    Ok(row.contact_id)
}

/// Makes a visitor's clicks into referrals of a contact: with the click's time, expiry and place in the order.
fn refer_by_clicks(conn: &mut PgConnection, contact: ContactId, visitor: VisitorId) -> Result<(), AppError> {
    sql_query(
        "INSERT INTO referrals (recorded, contact_id, partner_id, kind, click_id, referred_at, expires_at)
         SELECT recorded, $1, partner_id, 'cookie', id, clicked_at, expires_at
           FROM clicks WHERE visitor_id = $2 AND NOT robot ORDER BY recorded
         ON CONFLICT ON CONSTRAINT referrals_one_per_click DO NOTHING",
    )
    .bind::<BigInt, _>(contact)
    .bind::<BigInt, _>(visitor)
    .execute(conn)?;
    Ok(())
}

/// Records referrals in the order given, and tells how many were new: the same one again is known.
pub fn make_referrals(conn: &mut PgConnection, referrals: &[NewReferral]) -> Result<usize, AppError> {
    let mut partners: Vec<PartnerId> = referrals.iter().map(|referral| referral.partner).collect();
    partners.sort_unstable();
    partners.dedup();
    let days = track_leads_days(conn, &partners)?;
    let expiries: Vec<Option<DateTime<Utc>>> = referrals
        .iter()
        .map(|referral| match referral.expires_at {
            _ if referral.permanent => None,
            Some(end) => Some(end),
            None => expiry(referral.referred_at, days.get(&referral.partner).copied().flatten()),
        })
        .collect();
    let made = sql_query(
        "INSERT INTO referrals (contact_id, partner_id, kind, referred_at, expires_at)
         SELECT contact_id, partner_id, CASE WHEN permanent THEN 'permanent' ELSE 'manual' END, referred_at, expires_at
           FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY
                AS new (contact_id, partner_id, permanent, referred_at, expires_at, place)
          ORDER BY place
         ON CONFLICT (contact_id, partner_id, kind, referred_at) WHERE click_id IS NULL DO NOTHING",
    )
    .bind::<Array<BigInt>, _>(referrals.iter().map(|r| r.contact).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(referrals.iter().map(|r| r.partner).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(referrals.iter().map(|r| r.permanent).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(
        referrals.iter().map(|r| r.referred_at.trunc_subsecs(6)).collect::<Vec<_>>(),
    )
    .bind::<Array<Nullable<Timestamptz>>, _>(expiries)
    .execute(conn)?;
    Ok(made)
}

fn track_leads_days(
    conn: &mut PgConnection,
    partners: &[PartnerId],
) -> Result<HashMap<PartnerId, Option<i32>>, AppError> {
    let rows: Vec<TrackLeads> = sql_query("SELECT id, track_leads_days FROM partners WHERE id = ANY ($1)")
        .bind::<Array<BigInt>, _>(partners)
        .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.id, row.track_leads_days)).collect())
}

/// All touches of these visitors, contacts and addresses.
pub fn touches(
    conn: &mut PgConnection,
    visitors: &[VisitorId],
    contacts: &[ContactId],
    addresses: &[String],
) -> Result<Touches, AppError> {
    visits::work_in_of(conn, Of { visitors, contacts, addresses, ..Of::default() })?;
    known_touches(conn, visitors, contacts, addresses)
}

/// The same, of what is worked in already.
pub fn known_touches(
    conn: &mut PgConnection,
    visitors: &[VisitorId],
    contacts: &[ContactId],
    addresses: &[String],
) -> Result<Touches, AppError> {
    let clicks = "clicks.partner_id, clicks.clicked_at AS at, clicks.recorded, clicks.expires_at, clicks.robot FROM clicks";
    let mut touches = Touches::default();
    let rows: Vec<TouchRow> =
        sql_query(format!(
            "SELECT asked.id::text AS of, {clicks} JOIN (
                    SELECT asked.id, browser.id AS browser_id FROM visitors AS asked CROSS JOIN LATERAL (
                        SELECT asked.id
                        UNION
                        SELECT asked.joined_to_id WHERE asked.joined_to_id IS NOT NULL
                        UNION
                        SELECT id FROM visitors WHERE joined_to_id = coalesce(asked.joined_to_id, asked.id)) AS browser
                     WHERE asked.id = ANY ($1)) AS asked ON clicks.visitor_id = asked.browser_id"
        ))
            .bind::<Array<BigInt>, _>(visitors)
            .load(conn)?;
    for row in rows {
        if let Ok(visitor) = row.of.parse() {
            touches.by_visitor.entry(VisitorId(visitor)).or_default().push(row.touch());
        }
    }
    let rows: Vec<TouchRow> = sql_query(
        "SELECT contact_id::text AS of, partner_id, referred_at AS at, recorded, expires_at, false AS robot
           FROM referrals WHERE contact_id = ANY ($1)",
    )
    .bind::<Array<BigInt>, _>(contacts)
    .load(conn)?;
    for row in rows {
        if let Ok(contact) = row.of.parse() {
            touches.by_contact.entry(ContactId(contact)).or_default().push(row.touch());
        }
    }
    let rows: Vec<TouchRow> = sql_query(format!("SELECT address AS of, {clicks} WHERE address = ANY ($1)"))
        .bind::<Array<Text>, _>(addresses)
        .load(conn)?;
    for row in rows {
        let touch = row.touch();
        touches.by_address.entry(row.of).or_default().push(touch);
    }
    Ok(touches)
}

impl TouchRow {
    fn touch(&self) -> Touch {
        Touch {
            partner: self.partner_id,
            at: self.at,
            recorded: self.recorded,
            expires_at: self.expires_at,
            robot: self.robot,
        }
    }
}

/// Which of these partners are active.
pub fn active(
    conn: &mut PgConnection,
    partners: impl IntoIterator<Item = PartnerId>,
) -> QueryResult<HashSet<PartnerId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: PartnerId,
    }
    let rows: Vec<Row> = sql_query("SELECT id FROM partners WHERE id = ANY ($1) AND status = 'active'")
        .bind::<Array<BigInt>, _>(partners.into_iter().collect::<Vec<_>>())
        .load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
