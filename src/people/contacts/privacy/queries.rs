//! What is kept about a person, and erasing it.

mod everything;

pub use everything::everything;

use crate::domain::ids::{ContactId, PartnerId};
use crate::domain::money::Money;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text, Timestamptz};

/// How much is kept about a person.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Kept {
    #[diesel(sql_type = BigInt)]
    pub orders: i64,
    #[diesel(sql_type = BigInt)]
    pub referrals: i64,
    #[diesel(sql_type = BigInt)]
    pub submissions: i64,
    /// That tell of it, go to it, or are answered to it.
    #[diesel(sql_type = BigInt)]
    pub mails: i64,
    #[diesel(sql_type = BigInt)]
    pub visitors: i64,
    #[diesel(sql_type = BigInt)]
    pub clicks: i64,
    /// About the partner that it is.
    #[diesel(sql_type = BigInt)]
    pub notes: i64,
    /// Events of its orders, and payments, with something typed by hand.
    #[diesel(sql_type = BigInt)]
    pub words: i64,
    /// Files of anybody that are kept for a while.
    #[diesel(sql_type = BigInt)]
    pub files: i64,
}

/// The partner that a contact is.
#[derive(Debug, Clone, QueryableByName)]
pub struct Owner {
    #[diesel(sql_type = BigInt)]
    pub id: PartnerId,
    #[diesel(sql_type = Text)]
    pub code: String,
}

/// A file that may name anybody.
#[derive(Debug, Clone, QueryableByName)]
pub struct FileRow {
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Timestamptz)]
    pub keep_until: DateTime<Utc>,
}

/// How many of them are named.
const FILES_NAMED: i64 = 5;

/// For the rest of the transaction, waits for a lock less long than the server takes to look for a deadlock.
pub fn wait_shortly(conn: &mut PgConnection) -> QueryResult<()> {
    sql_query("SET LOCAL lock_timeout = '500ms'").execute(conn).map(drop)
}

/// Locks the visitors that are known as a contact, and sees to it that all their clicks are there.
pub fn lock_visitors(conn: &mut PgConnection, id: ContactId) -> QueryResult<()> {
    sql_query("SELECT work_in_visits_of('{}', '{}', ARRAY[$1], '{}')").bind::<BigInt, _>(id).execute(conn)?;
    sql_query("SELECT FROM visitors WHERE contact_id = $1 ORDER BY id FOR NO KEY UPDATE")
        .bind::<BigInt, _>(id)
        .execute(conn)
        .map(drop)
}

/// The partner that a contact is, if it is one.
pub fn partner_of(conn: &mut PgConnection, id: ContactId) -> QueryResult<Option<Owner>> {
    sql_query("SELECT id, code FROM partners WHERE contact_id = $1")
        .bind::<BigInt, _>(id)
        .get_result(conn)
        .optional()
}

/// The balance of a partner, and how many entries of it are open.
pub fn owed(conn: &mut PgConnection, id: PartnerId) -> QueryResult<(Money, i64)> {
    #[derive(QueryableByName)]
    struct Owed {
        #[diesel(sql_type = BigInt)]
        balance_minor: Money,
        #[diesel(sql_type = BigInt)]
        open: i64,
    }
    let owed: Owed = sql_query(
        "SELECT coalesce(sum(t.balance_minor), 0)::bigint AS balance_minor,
                (SELECT count(*) FROM open_entries o JOIN accounts a ON a.id = o.account_id WHERE a.partner_id = $1) AS open
           FROM accounts a JOIN account_totals t ON t.account_id = a.id WHERE a.partner_id = $1",
    )
    .bind::<BigInt, _>(id)
    .get_result(conn)?;
    Ok((owed.balance_minor, owed.open))
}

/// How much is kept about a person now.
pub fn kept(conn: &mut PgConnection, id: ContactId, now: DateTime<Utc>) -> QueryResult<Kept> {
    sql_query(
        "SELECT (SELECT count(*) FROM orders WHERE contact_id = $1) AS orders,
                (SELECT count(*) FROM referrals WHERE contact_id = $1) AS referrals,
                (SELECT count(*) FROM form_submissions WHERE contact_id = $1) AS submissions,
                (SELECT count(*) FROM mails WHERE submission_id IN (SELECT id FROM form_submissions WHERE contact_id = $1)
                    OR (SELECT lower(email) FROM contacts WHERE id = $1) IN (lower(recipient), lower(reply_to))) AS mails,
                (SELECT count(*) FROM visitors WHERE contact_id = $1) AS visitors,
                (SELECT count(*) FROM (
                    SELECT click_id FROM referrals WHERE contact_id = $1 AND click_id IS NOT NULL
                    UNION
                    SELECT c.id FROM visitors v JOIN clicks c ON c.visitor_id = v.id LEFT JOIN referrals r ON r.click_id = c.id
                     WHERE v.contact_id = $1 AND (r.contact_id IS NULL OR r.contact_id = $1)) AS its)
                + (SELECT count(*) FROM visits_set_aside a
                    WHERE contact_id = $1 OR EXISTS (
                        SELECT FROM visitors v WHERE v.contact_id = $1 AND strpos(a.visits, to_json(v.key)::text) > 0)) AS clicks,
                (SELECT count(*) FROM partner_notes n JOIN partners p ON p.id = n.partner_id WHERE p.contact_id = $1) AS notes,
                (SELECT count(*) FROM orders o JOIN order_events e ON e.order_id = o.id WHERE o.contact_id = $1 AND e.reason <> '')
                + (SELECT count(*) FROM partners p JOIN accounts a ON a.partner_id = p.id JOIN payments y ON y.account_id = a.id
                    WHERE p.contact_id = $1 AND y.note <> '') AS words,
                (SELECT count(*) FROM files WHERE keep_until > $2) AS files",
    )
    .bind::<BigInt, _>(id)
    .bind::<Timestamptz, _>(now)
    .get_result(conn)
}

/// Some of the files that are kept for a while, those first that are kept longest.
pub fn files(conn: &mut PgConnection, now: DateTime<Utc>) -> QueryResult<Vec<FileRow>> {
    sql_query(
        "SELECT name, keep_until FROM files WHERE keep_until > $1 ORDER BY keep_until DESC, id DESC LIMIT $2",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(FILES_NAMED)
    .load(conn)
}

/// Erases the person, by the one function that may.
pub fn erase(conn: &mut PgConnection, id: ContactId, at: DateTime<Utc>) -> QueryResult<()> {
    sql_query("SELECT erase_contact($1, $2)")
        .bind::<BigInt, _>(id)
        .bind::<Timestamptz, _>(at)
        .execute(conn)
        .map(drop)
}
