//! Submissions of web forms in the database.

use super::forms::Answer;
use super::{New, Submission};
use crate::db::columns::Number;
use crate::domain::ids::{ContactId, PartnerId, SubmissionId, VisitorId, WebFormId};
use crate::error::AppError;
use crate::selling::tracking::visits::{self, Of};
use crate::web::list::Window;
use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Jsonb, Nullable, Text, Timestamptz};

/// For how long what robots sent is kept.
const SPAM_DAYS: i32 = 30;

/// What a form has brought.
#[derive(QueryableByName)]
pub struct Totals {
    #[diesel(sql_type = BigInt)]
    pub leads: i64,
    /// How many contacts they were.
    #[diesel(sql_type = BigInt)]
    pub contacts: i64,
    /// Those that nobody has marked as seen.
    #[diesel(sql_type = BigInt)]
    pub fresh: i64,
    /// Those that came with a visitor whose clicks are known.
    #[diesel(sql_type = BigInt)]
    pub referred: i64,
    /// What robots sent.
    #[diesel(sql_type = BigInt)]
    pub spam: i64,
    /// The last submission; 0 = none.
    #[diesel(sql_type = BigInt)]
    pub last: SubmissionId,
}

/// A submission on its form's page.
#[derive(QueryableByName)]
pub struct SubmissionRow {
    #[diesel(sql_type = BigInt)]
    pub id: SubmissionId,
    #[diesel(sql_type = Timestamptz)]
    pub sent_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub contact_id: Option<ContactId>,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Jsonb)]
    pub answers: serde_json::Value,
    /// The partner of the visitor's last click before.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub partner_id: Option<PartnerId>,
    #[diesel(sql_type = Text)]
    pub partner_name: String,
    #[diesel(sql_type = Text)]
    pub partner_code: String,
    /// Empty once it is erased.
    #[diesel(sql_type = Text)]
    pub address: String,
}

/// A question that was answered: its words, and whether it is the first or a later one of the same words.
#[derive(Debug, Clone, PartialEq, Eq, Hash, QueryableByName)]
pub struct Column {
    #[diesel(sql_type = Text)]
    pub label: String,
    #[diesel(sql_type = BigInt)]
    pub number: i64,
}

impl SubmissionRow {
    /// What was answered.
    pub fn answers(&self) -> Vec<Answer> {
        serde_json::from_value(self.answers.clone()).unwrap_or_default()
    }
}

/// Keeps others from sending this form until the transaction ends; false where there is no such form, or it is
/// closed.
pub fn hold(conn: &mut PgConnection, form: WebFormId) -> QueryResult<bool> {
    let held = sql_query("SELECT id FROM web_forms WHERE id = $1 AND is_open FOR NO KEY UPDATE");
    Ok(held.bind::<BigInt, _>(form).execute(conn)? > 0)
}

/// Whether just this was sent from the same page before; or, from a page that is not ours, a moment ago.
pub(super) fn is_known(
    conn: &mut PgConnection,
    new: &New,
    hash: &[u8],
    moment: TimeDelta,
) -> QueryResult<bool> {
    let counted: Number = sql_query(
        "SELECT count(*) AS value FROM form_submissions
          WHERE content_hash = $1 AND (page_key = $2 OR ($2 IS NULL AND sent_at > $3))",
    )
    .bind::<Binary, _>(hash)
    .bind::<Nullable<Text>, _>(&new.page_key)
    .bind::<Timestamptz, _>(new.at - moment)
    .get_result(conn)?;
    Ok(counted.value > 0)
}

/// The visitors that have these keys, in the order of the list. One all of whose clicks are set aside is a visitor too:
/// it is made, so that they are its contact's when they go in.
pub fn visitors(conn: &mut PgConnection, keys: &[String]) -> QueryResult<Vec<VisitorId>> {
    let sent: Vec<&str> = keys.iter().map(String::as_str).collect();
    visits::work_in_of(conn, Of { keys: &sent, ..Of::default() })?;
    sql_query(
        "INSERT INTO visitors (key) SELECT key FROM unnest($1) AS sent (key)
          WHERE EXISTS (SELECT FROM visits_set_aside WHERE strpos(visits, to_json(key)::text) > 0) ORDER BY key
         ON CONFLICT ON CONSTRAINT visitors_one_per_key DO NOTHING",
    )
    .bind::<Array<Text>, _>(keys)
    .execute(conn)?;
    #[derive(QueryableByName)]
    struct Known {
        #[diesel(sql_type = BigInt)]
        id: VisitorId,
    }
    let known: Vec<Known> = sql_query(
        "SELECT v.id FROM unnest($1) WITH ORDINALITY AS sent (key, place) JOIN visitors v ON v.key = sent.key
          GROUP BY v.id ORDER BY min(place)",
    )
    .bind::<Array<Text>, _>(keys)
    .load(conn)?;
    Ok(known.into_iter().map(|visitor| visitor.id).collect())
}

/// Keeps a submission.
pub(super) fn insert(
    conn: &mut PgConnection,
    new: &New,
    kept: &Submission,
) -> Result<SubmissionId, AppError> {
    let answers = serde_json::to_value(&kept.answers).context("answers of a form")?;
    let made: Number = sql_query(
        "INSERT INTO form_submissions (form_id, contact_id, visitor_id, sent_at, address, answers, page_key, content_hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id AS value",
    )
    .bind::<BigInt, _>(new.form)
    .bind::<Nullable<BigInt>, _>(kept.contact)
    .bind::<Nullable<BigInt>, _>(kept.visitor)
    .bind::<Timestamptz, _>(new.at)
    .bind::<Nullable<Text>, _>(&new.address)
    .bind::<Jsonb, _>(answers)
    .bind::<Nullable<Text>, _>(&new.page_key)
    .bind::<Binary, _>(kept.content_hash)
    .get_result(conn)?;
    Ok(SubmissionId(made.value))
}

/// How many people have sent the form.
pub fn count(conn: &mut PgConnection, form: WebFormId) -> QueryResult<i64> {
    let counted: Number = sql_query(
        "SELECT count(*) AS value FROM form_submissions WHERE form_id = $1 AND contact_id IS NOT NULL",
    )
    .bind::<BigInt, _>(form)
    .get_result(conn)?;
    Ok(counted.value)
}

/// Forgets what robots sent by a form.
pub fn forget(conn: &mut PgConnection, form: WebFormId) -> QueryResult<usize> {
    sql_query("DELETE FROM form_submissions WHERE form_id = $1 AND contact_id IS NULL")
        .bind::<BigInt, _>(form)
        .execute(conn)
}

/// What a form has brought since it was made.
pub fn totals(conn: &mut PgConnection, form: WebFormId, seen_up_to: SubmissionId) -> QueryResult<Totals> {
    sql_query(
        "SELECT count(contact_id) AS leads, count(DISTINCT contact_id) AS contacts,
                count(contact_id) FILTER (WHERE id > $2) AS fresh, count(contact_id) FILTER (WHERE visitor_id IS NOT NULL) AS referred,
                count(*) FILTER (WHERE contact_id IS NULL) AS spam, coalesce(max(id) FILTER (WHERE contact_id IS NOT NULL), 0) AS last
           FROM form_submissions WHERE form_id = $1",
    )
    .bind::<BigInt, _>(form)
    .bind::<BigInt, _>(seen_up_to)
    .get_result(conn)
}

const SUBMISSION: &str = "
    SELECT s.id, s.sent_at, s.contact_id, coalesce(c.name, '') AS name, coalesce(c.email, '') AS email, s.answers,
           p.id AS partner_id, coalesce(person.name, '') AS partner_name, coalesce(p.code, '') AS partner_code,
           coalesce(s.address, '') AS address
      FROM form_submissions s LEFT JOIN contacts c ON c.id = s.contact_id
      LEFT JOIN LATERAL (SELECT partner_id FROM clicks WHERE visitor_id = s.visitor_id AND clicked_at <= s.sent_at
                          ORDER BY clicked_at DESC, recorded DESC LIMIT 1) click ON true
      LEFT JOIN partners p ON p.id = click.partner_id LEFT JOIN contacts person ON person.id = p.contact_id";

/// One submission of a person.
pub fn find(conn: &mut PgConnection, id: SubmissionId) -> QueryResult<SubmissionRow> {
    sql_query(format!("{SUBMISSION} WHERE s.id = $1")).bind::<BigInt, _>(id).get_result(conn)
}

/// What people sent by a form, the latest first.
pub fn list(conn: &mut PgConnection, form: WebFormId, window: Window) -> QueryResult<Vec<SubmissionRow>> {
    sql_query(format!(
        "{SUBMISSION} WHERE s.form_id = $1 AND s.contact_id IS NOT NULL ORDER BY s.id DESC LIMIT $2 OFFSET $3"
    ))
    .bind::<BigInt, _>(form)
    .bind::<BigInt, _>(window.limit())
    .bind::<BigInt, _>(window.offset())
    .load(conn)
}

/// What people sent by a form before a submission, the latest first.
pub fn list_before(
    conn: &mut PgConnection,
    form: WebFormId,
    before: SubmissionId,
    most: i64,
) -> QueryResult<Vec<SubmissionRow>> {
    sql_query(format!(
        "{SUBMISSION} WHERE s.form_id = $1 AND s.contact_id IS NOT NULL AND s.id < $2 ORDER BY s.id DESC LIMIT $3"
    ))
    .bind::<BigInt, _>(form)
    .bind::<BigInt, _>(before)
    .bind::<BigInt, _>(most)
    .load(conn)
}

/// All questions that people have answered by a form; those first that were answered last, in their order.
pub fn columns(conn: &mut PgConnection, form: WebFormId) -> QueryResult<Vec<Column>> {
    sql_query(
        "SELECT label, number FROM (
             SELECT s.id, a.place, a.answer ->> 'label' AS label,
                    row_number() OVER (PARTITION BY s.id, a.answer ->> 'label' ORDER BY a.place) AS number
               FROM form_submissions s, jsonb_array_elements(s.answers) WITH ORDINALITY AS a (answer, place)
              WHERE s.form_id = $1 AND s.contact_id IS NOT NULL) answered
          GROUP BY label, number ORDER BY max(id) DESC, min(place)",
    )
    .bind::<BigInt, _>(form)
    .load(conn)
}

/// What robots sent by a form, the latest first.
pub fn spam(conn: &mut PgConnection, form: WebFormId, most: i64) -> QueryResult<Vec<SubmissionRow>> {
    sql_query(format!(
        "{SUBMISSION} WHERE s.form_id = $1 AND s.contact_id IS NULL ORDER BY s.id DESC LIMIT $2"
    ))
    .bind::<BigInt, _>(form)
    .bind::<BigInt, _>(most)
    .load(conn)
}

/// Whether the company has a logo.
pub fn has_logo(conn: &mut PgConnection) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Bool)]
        found: bool,
    }
    let row: Found = sql_query("SELECT EXISTS (SELECT FROM company_logo) AS found").get_result(conn)?;
    Ok(row.found)
}

/// Erases addresses as those of clicks are, and forgets what robots sent a month ago.
pub fn forget_in_time(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), AppError> {
    sql_query(
        "UPDATE form_submissions SET address = NULL
          WHERE address IS NOT NULL AND sent_at < $1 - (SELECT address_days * interval '24 hours' FROM tracking_settings)",
    )
    .bind::<Timestamptz, _>(now)
    .execute(conn)?;
    sql_query("DELETE FROM form_submissions WHERE contact_id IS NULL AND sent_at < $1")
        .bind::<Timestamptz, _>(now - TimeDelta::days(SPAM_DAYS.into()))
        .execute(conn)?;
    Ok(())
}
