//! The `mails` table.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as UuidType};
use uuid::Uuid;

use super::{About, NewMail, State};
use crate::db::columns::Number;
use crate::domain::ids::{ContactId, MailId, OrderId, UserId, WebFormId};
use crate::web::list::Window;

/// A mail that is to be sent now.
#[derive(QueryableByName)]
pub struct Due {
    #[diesel(sql_type = BigInt)]
    pub id: MailId,
    #[diesel(sql_type = UuidType)]
    pub key: Uuid,
    #[diesel(sql_type = Text)]
    pub recipient: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub reply_to: Option<String>,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub body: String,
    #[diesel(sql_type = Timestamptz)]
    pub made_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    pub tries: i32,
}

/// A mail in the list.
#[derive(QueryableByName)]
pub struct MailRow {
    #[diesel(sql_type = BigInt)]
    pub id: MailId,
    #[diesel(sql_type = Text)]
    pub recipient: String,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Timestamptz)]
    pub made_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub next_try_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Integer)]
    pub tries: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub sent_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub given_up_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Text)]
    pub trouble: String,
    #[diesel(sql_type = Bool)]
    pub is_seen: bool,
    /// Of whom it tells.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub contact_id: Option<ContactId>,
    /// Of which order it tells a partner.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub order_id: Option<OrderId>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub form_id: Option<WebFormId>,
    #[diesel(sql_type = Text)]
    pub form_name: String,
}

/// How many mails stand how.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Totals {
    #[diesel(sql_type = BigInt)]
    pub waiting: i64,
    #[diesel(sql_type = BigInt)]
    pub sent: i64,
    #[diesel(sql_type = BigInt)]
    pub failed: i64,
    /// Of these, what nobody wants to leave so.
    #[diesel(sql_type = BigInt)]
    pub unseen: i64,
}

/// The mails that failed and that nobody wants to leave so.
#[derive(QueryableByName)]
pub struct Failed {
    #[diesel(sql_type = BigInt)]
    pub mails: i64,
    /// Of the last one.
    #[diesel(sql_type = Text)]
    pub recipient: String,
    #[diesel(sql_type = Text)]
    pub trouble: String,
}

/// Writes a mail down that is due at once.
pub(super) fn insert(conn: &mut PgConnection, new: &NewMail, at: DateTime<Utc>) -> QueryResult<MailId> {
    let (submission, order, user) = match new.about {
        About::Submission(submission) => (Some(submission), None, None),
        About::Order(order) => (None, Some(order), None),
        About::Test(user) => (None, None, Some(user)),
    };
    let made: Number = sql_query(
        "INSERT INTO mails (recipient, reply_to, subject, body, submission_id, order_id, asked_by, made_at, next_try_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) RETURNING id AS value",
    )
    .bind::<Text, _>(&new.recipient)
    .bind::<Nullable<Text>, _>(&new.reply_to)
    .bind::<Text, _>(&new.subject)
    .bind::<Text, _>(&new.body)
    .bind::<Nullable<BigInt>, _>(submission)
    .bind::<Nullable<BigInt>, _>(order)
    .bind::<Nullable<BigInt>, _>(user)
    .bind::<Timestamptz, _>(at)
    .get_result(conn)?;
    Ok(MailId(made.value))
}

/// Takes the mail that has been due for longest: nobody else gets it until this transaction ends.
pub(super) fn take_due(conn: &mut PgConnection, now: DateTime<Utc>) -> QueryResult<Option<Due>> {
    sql_query(
        "SELECT id, key, recipient, reply_to, subject, body, made_at, tries FROM mails
          WHERE next_try_at <= $1 ORDER BY next_try_at, id LIMIT 1 FOR UPDATE SKIP LOCKED",
    )
    .bind::<Timestamptz, _>(now)
    .get_result(conn)
    .optional()
}

/// Notes that a mail server has it.
pub(super) fn note_sent(conn: &mut PgConnection, id: MailId, at: DateTime<Utc>) -> QueryResult<()> {
    sql_query(
        "UPDATE mails SET tries = tries + 1, tried_at = $2, sent_at = $2, next_try_at = NULL, trouble = '' WHERE id = $1",
    )
    .bind::<BigInt, _>(id)
    .bind::<Timestamptz, _>(at)
    .execute(conn)
    .map(drop)
}

/// Notes that it was not taken, and when it is tried again; none: it is given up.
pub(super) fn note_failed(
    conn: &mut PgConnection,
    id: MailId,
    at: DateTime<Utc>,
    again: Option<DateTime<Utc>>,
    trouble: &str,
) -> QueryResult<()> {
    sql_query(
        "UPDATE mails SET tries = tries + 1, tried_at = $2, next_try_at = $3, trouble = $4,
                given_up_at = CASE WHEN $3::timestamptz IS NULL THEN $2 END
          WHERE id = $1",
    )
    .bind::<BigInt, _>(id)
    .bind::<Timestamptz, _>(at)
    .bind::<Nullable<Timestamptz>, _>(again)
    .bind::<Text, _>(trouble)
    .execute(conn)
    .map(drop)
}

/// Gives up what was due before this and what no process has tried to send since.
pub(super) fn give_up_due(
    conn: &mut PgConnection,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    sql_query(
        "UPDATE mails SET next_try_at = NULL, given_up_at = $2, trouble = 'Nobody tried to send it: no mail server was set up.'
          WHERE id IN (SELECT id FROM mails WHERE next_try_at < $1 FOR UPDATE SKIP LOCKED)",
    )
    .bind::<Timestamptz, _>(before)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
}

/// Forgets mails that were made before this.
pub(super) fn forget(conn: &mut PgConnection, before: DateTime<Utc>) -> QueryResult<usize> {
    sql_query("DELETE FROM mails WHERE made_at < $1").bind::<Timestamptz, _>(before).execute(conn)
}

/// Lets a mail be tried again at once that failed, or that waits for its next try. False where there is no such
/// mail, or it is just being sent.
pub(super) fn again(conn: &mut PgConnection, id: MailId, now: DateTime<Utc>) -> QueryResult<bool> {
    let chosen = "id = $2 AND sent_at IS NULL";
    Ok(sql_query(trying_again(chosen)).bind::<Timestamptz, _>(now).bind::<BigInt, _>(id).execute(conn)? > 0)
}

/// The same for all that failed and that nobody wants to leave so; how many.
pub(super) fn all_again(conn: &mut PgConnection, now: DateTime<Utc>) -> QueryResult<usize> {
    let chosen = "given_up_at IS NOT NULL AND seen_at IS NULL";
    sql_query(trying_again(chosen)).bind::<Timestamptz, _>(now).execute(conn)
}

fn trying_again(chosen: &str) -> String {
    format!(
        "UPDATE mails SET next_try_at = $1, tries = 0, given_up_at = NULL, seen_at = NULL
          WHERE id IN (SELECT id FROM mails WHERE {chosen} FOR UPDATE SKIP LOCKED)"
    )
}

/// Leaves a mail that failed as it is. False where there is none to be left.
pub(super) fn see(conn: &mut PgConnection, id: MailId, now: DateTime<Utc>) -> QueryResult<bool> {
    let seen = sql_query(
        "UPDATE mails SET seen_at = $2 WHERE id = $1 AND given_up_at IS NOT NULL AND seen_at IS NULL",
    );
    Ok(seen.bind::<BigInt, _>(id).bind::<Timestamptz, _>(now).execute(conn)? > 0)
}

/// The mails that failed and that nobody wants to leave so; none where there are none.
pub fn failed(conn: &mut PgConnection) -> QueryResult<Option<Failed>> {
    sql_query(
        "SELECT count(*) OVER () AS mails, recipient, trouble FROM mails
          WHERE given_up_at IS NOT NULL AND seen_at IS NULL ORDER BY given_up_at DESC, id DESC LIMIT 1",
    )
    .get_result(conn)
    .optional()
}

/// How many mails stand how.
pub fn totals(conn: &mut PgConnection) -> QueryResult<Totals> {
    sql_query(
        "SELECT count(next_try_at) AS waiting, count(sent_at) AS sent, count(given_up_at) AS failed,
                count(given_up_at) FILTER (WHERE seen_at IS NULL) AS unseen FROM mails",
    )
    .get_result(conn)
}

const MAIL: &str = "
    SELECT m.id, m.recipient, m.subject, m.made_at, m.next_try_at, m.tries, m.sent_at, m.given_up_at, m.trouble,
           m.seen_at IS NOT NULL AS is_seen, s.contact_id, m.order_id, f.id AS form_id, coalesce(f.name, '') AS form_name
      FROM mails m LEFT JOIN form_submissions s ON s.id = m.submission_id LEFT JOIN web_forms f ON f.id = s.form_id";

/// The last mails that stand like this, or however they stand; the latest first.
pub fn list(conn: &mut PgConnection, state: Option<State>, window: Window) -> QueryResult<Vec<MailRow>> {
    let stands = match state {
        None => "true",
        Some(State::Waiting) => "m.next_try_at IS NOT NULL",
        Some(State::Sent) => "m.sent_at IS NOT NULL",
        Some(State::Failed) => "m.given_up_at IS NOT NULL",
    };
    sql_query(format!("{MAIL} WHERE {stands} ORDER BY m.id DESC LIMIT $1 OFFSET $2"))
        .bind::<BigInt, _>(window.limit())
        .bind::<BigInt, _>(window.offset())
        .load(conn)
}

/// The last test mail that this user asked for.
pub fn last_test(conn: &mut PgConnection, of: UserId) -> QueryResult<Option<MailRow>> {
    sql_query(format!("{MAIL} WHERE m.asked_by = $1 ORDER BY m.id DESC LIMIT 1"))
        .bind::<BigInt, _>(of)
        .get_result(conn)
        .optional()
}
