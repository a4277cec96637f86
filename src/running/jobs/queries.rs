//! The `jobs` and `job_queue` tables.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz};

use super::{NewJob, State};
use crate::db::columns::Number;
use crate::domain::ids::{JobId, UserId};
use crate::running::audit::Who;

/// For how long a worker may be silent before it is taken for dead on pages.
const SILENCE_SECONDS: i64 = 20;

/// What columns of the database hold.
const MOST_TITLE: usize = 2000;
const MOST_RESULT: usize = 2000;
const MOST_DOING: usize = 200;

/// A job, with the name that its user has now.
#[derive(Debug, Clone, QueryableByName)]
pub struct Job {
    #[diesel(sql_type = BigInt)]
    pub id: JobId,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub title: String,
    #[diesel(sql_type = Text)]
    pub page: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub user_id: Option<UserId>,
    #[diesel(sql_type = Nullable<Text>)]
    pub user_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub address: Option<String>,
    #[diesel(sql_type = Jsonb)]
    pub input: serde_json::Value,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Integer)]
    pub attempts: i32,
    #[diesel(sql_type = Bool)]
    pub cancel_wanted: bool,
    #[diesel(sql_type = BigInt)]
    pub steps_done: i64,
    #[diesel(sql_type = BigInt)]
    pub steps_in_all: i64,
    #[diesel(sql_type = Text)]
    pub doing: String,
    #[diesel(sql_type = Text)]
    pub result: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub result_page: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub asked_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub started_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub finished_at: Option<DateTime<Utc>>,
    /// Its worker has been silent for so long that it is taken for dead.
    #[diesel(sql_type = Bool)]
    pub is_silent: bool,
}

impl Job {
    /// How it stands.
    pub fn state(&self) -> State {
        State::from_word(&self.state).unwrap_or(State::Failed)
    }
}

/// What pages and workers read of a job.
fn jobs(which: &str) -> String {
    format!(
        "SELECT j.id, j.kind, j.title, j.page, j.user_id, u.name AS user_name, host(j.address) AS address, j.input,
                j.state, j.attempts, j.cancel_wanted, j.steps_done, j.steps_in_all, j.doing, j.result, j.result_page,
                j.asked_at, j.started_at, j.finished_at,
                j.state = 'running' AND j.heartbeat_at < now() - make_interval(secs => {SILENCE_SECONDS}) AS is_silent
           FROM jobs j LEFT JOIN users u ON u.id = j.user_id WHERE {which}"
    )
}

/// The job of this number.
pub fn find(conn: &mut PgConnection, id: JobId) -> QueryResult<Option<Job>> {
    sql_query(jobs("j.id = $1")).bind::<BigInt, _>(id).get_result(conn).optional()
}

/// The latest jobs, of one user or of all.
pub fn recent(conn: &mut PgConnection, of: Option<UserId>, limit: i64, offset: i64) -> QueryResult<Vec<Job>> {
    sql_query(jobs("($1::bigint IS NULL OR j.user_id = $1) ORDER BY j.id DESC LIMIT $2 OFFSET $3"))
        .bind::<Nullable<BigInt>, _>(of)
        .bind::<BigInt, _>(limit)
        .bind::<BigInt, _>(offset)
        .load(conn)
}

/// How many there are, of one user or of all.
pub fn count(conn: &mut PgConnection, of: Option<UserId>) -> QueryResult<i64> {
    let counted: Number =
        sql_query("SELECT count(*) AS value FROM jobs WHERE $1::bigint IS NULL OR user_id = $1")
            .bind::<Nullable<BigInt>, _>(of)
            .get_result(conn)?;
    Ok(counted.value)
}

/// Queues a job.
pub(super) fn insert(conn: &mut PgConnection, who: &Who, new: &NewJob) -> QueryResult<JobId> {
    let made: Number = sql_query(
        "WITH made AS (
             INSERT INTO jobs (kind, title, page, user_id, address, input)
             VALUES ($1, $2, $3, $4, $5::inet, $6) RETURNING id
         ), queued AS (INSERT INTO job_queue (job_id) SELECT id FROM made)
         SELECT id AS value FROM made",
    )
    .bind::<Text, _>(new.kind.word())
    .bind::<Text, _>(cut(&new.title, MOST_TITLE))
    .bind::<Text, _>(&new.page)
    .bind::<Nullable<BigInt>, _>(who.user_id)
    .bind::<Nullable<Text>, _>(who.address.map(|address| address.to_string()))
    .bind::<Jsonb, _>(&new.input)
    .get_result(conn)?;
    Ok(JobId(made.value))
}

/// How the job is claimed that has waited longest.
pub const CLAIM: &str =
    "SELECT job_id AS value FROM job_queue ORDER BY job_id LIMIT 1 FOR UPDATE SKIP LOCKED";

/// Claims the job that has waited longest: nobody else gets it until this transaction ends.
pub(super) fn take_next(conn: &mut PgConnection) -> QueryResult<Option<JobId>> {
    let taken: Option<Number> = sql_query(CLAIM).get_result(conn).optional()?;
    Ok(taken.map(|taken| JobId(taken.value)))
}

/// Forgets jobs that ended before this. An import's page tells of its jobs for as long as there is the
/// import, so those stay.
pub(super) fn remove_old(conn: &mut PgConnection, before: DateTime<Utc>) -> QueryResult<usize> {
    sql_query(
        "DELETE FROM jobs
          WHERE finished_at < $1 AND NOT EXISTS (SELECT FROM imports WHERE check_job_id = jobs.id OR job_id = jobs.id)",
    )
    .bind::<Timestamptz, _>(before)
    .execute(conn)
}

/// Claims this job. False where a worker is at it, or it has ended.
pub(super) fn take(conn: &mut PgConnection, id: JobId) -> QueryResult<bool> {
    let taken: Option<Number> =
        sql_query("SELECT job_id AS value FROM job_queue WHERE job_id = $1 FOR UPDATE SKIP LOCKED")
            .bind::<BigInt, _>(id)
            .get_result(conn)
            .optional()?;
    Ok(taken.is_some())
}

/// Lets a transaction take its time, and notices soon if our end of the connection is gone, so that
/// the claim does not outlive its worker.
pub fn take_time(conn: &mut PgConnection) -> QueryResult<()> {
    sql_query(
        "SELECT set_config(name, value, true)
           FROM (VALUES ('statement_timeout', '0'), ('lock_timeout', '0'), ('idle_in_transaction_session_timeout', '0'),
                        ('client_connection_check_interval', '5s'), ('tcp_keepalives_idle', '10'),
                        ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3')) AS wanted (name, value)
           JOIN pg_settings USING (name)",
    )
    .execute(conn)?;
    Ok(())
}

/// Notes that a worker has begun, on a connection of its own: pages are to see it at once.
pub(super) fn begin(conn: &mut PgConnection, id: JobId) -> QueryResult<Job> {
    sql_query(
        "UPDATE jobs SET state = 'running', attempts = attempts + 1, started_at = now(), heartbeat_at = now(),
                steps_done = 0, steps_in_all = 0, doing = '' WHERE id = $1",
    )
    .bind::<BigInt, _>(id)
    .execute(conn)?;
    sql_query(jobs("j.id = $1")).bind::<BigInt, _>(id).get_result(conn)
}

/// A sign of life, and how far it is. Tells whether somebody wants it to stop.
pub(super) fn beat(
    conn: &mut PgConnection,
    id: JobId,
    (done, in_all): (i64, i64),
    doing: &str,
) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Wanted {
        #[diesel(sql_type = Bool)]
        cancel_wanted: bool,
    }
    let wanted: Wanted = sql_query(
        "UPDATE jobs SET heartbeat_at = now(), steps_done = $2, steps_in_all = $3, doing = $4
          WHERE id = $1 RETURNING cancel_wanted",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(done.max(0))
    .bind::<BigInt, _>(in_all.max(0))
    .bind::<Text, _>(cut(doing, MOST_DOING))
    .get_result(conn)?;
    Ok(wanted.cancel_wanted)
}

/// Ends a claimed job.
pub(super) fn end(
    conn: &mut PgConnection,
    id: JobId,
    state: State,
    result: &str,
    result_page: Option<&str>,
) -> QueryResult<()> {
    sql_query("DELETE FROM job_queue WHERE job_id = $1").bind::<BigInt, _>(id).execute(conn)?;
    sql_query("UPDATE jobs SET state = $2, finished_at = clock_timestamp(), result = $3, result_page = $4 WHERE id = $1")
        .bind::<BigInt, _>(id)
        .bind::<Text, _>(state.word())
        .bind::<Text, _>(cut(result, MOST_RESULT))
        .bind::<Nullable<Text>, _>(result_page)
        .execute(conn)?;
    Ok(())
}

/// Notes that an orderly stop has interrupted it; unless another worker has begun it since.
pub(super) fn interrupt(conn: &mut PgConnection, id: JobId, attempt: i32) -> QueryResult<usize> {
    sql_query(
        "UPDATE jobs SET state = 'waiting', attempts = attempts - 1, steps_done = 0, steps_in_all = 0, doing = ''
          WHERE id = $1 AND state = 'running' AND attempts = $2",
    )
    .bind::<BigInt, _>(id)
    .bind::<Integer, _>(attempt)
    .execute(conn)
}

/// Asks the worker to stop.
pub(super) fn want_cancel(conn: &mut PgConnection, id: JobId) -> QueryResult<usize> {
    sql_query("UPDATE jobs SET cancel_wanted = true WHERE id = $1 AND state IN ('waiting', 'running')")
        .bind::<BigInt, _>(id)
        .execute(conn)
}

/// No more characters than fit.
fn cut(text: &str, most: usize) -> String {
    text.chars().filter(|c| *c != '\0').take(most).collect()
}
