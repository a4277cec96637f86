//! Jobs: done once, whatever happens to the workers; seen, left, found again and cancelled on pages.

mod pages;
mod restarts;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use diesel::sql_types::{BigInt, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use partnerbook::db::Db;
use partnerbook::db::columns::Number;
use partnerbook::domain::ids::{JobId, UserId};
use partnerbook::error::AppError;
use partnerbook::running::audit::Who;
use partnerbook::running::jobs::worker::{self, Worker};
use partnerbook::running::jobs::{self, Job, JobKind, NewJob, Outcome, Runner, State, Work, queries};
use partnerbook::web::clock::Clock;
use serde_json::json;

use crate::support::program::eventually;
use crate::support::{TestDatabase, database};

/// A database with a table that jobs write to, and one that tells them to go on.
fn workshop() -> TestDatabase {
    let database = database();
    prepare(&database);
    database
}

fn prepare(database: &TestDatabase) {
    database.psql("CREATE TABLE told (job bigint, step integer); CREATE TABLE gate ()");
    if let Some(role) = &database.access.role {
        database.psql(&format!("GRANT ALL ON told, gate TO {role}"));
    }
}

/// Lets the jobs that wait for it go on.
fn open(database: &TestDatabase) {
    database.psql("INSERT INTO gate DEFAULT VALUES");
}

fn work(db: &Db, runner: fn(JobKind) -> Runner) -> Worker {
    worker::start(db, &Clock::standing_at("2026-11-03T10:41:00Z".parse().unwrap()), runner)
}

fn stop(worker: Worker) {
    worker.stop();
    assert!(worker.wait(Duration::from_secs(60)), "the worker stops");
}

fn ask(db: &Db, of: Option<UserId>) -> JobId {
    let who = Who { user_id: of, ..Who::command_line("2026-11-03T10:41:00Z".parse().unwrap()) };
    let new = NewJob {
        kind: JobKind::Import,
        title: "Tell a story".into(),
        page: "/orders".into(),
        input: json!({ "steps": 3 }),
    };
    let id = db.run_now(|conn| jobs::ask(conn, &who, &new)).expect("a job can be asked for");
    jobs::ring();
    id
}

fn find(db: &Db, id: JobId) -> Job {
    db.read_now(|conn| Ok(queries::find(conn, id)?)).unwrap().expect("it is there")
}

/// Waits until a job stands like this.
fn until(db: &Db, id: JobId, what: &str, is_so: impl Fn(&Job) -> bool) -> Job {
    eventually(what, || Some(find(db, id)).filter(|job| is_so(job)))
}

fn until_ended(db: &Db, id: JobId) -> Job {
    until(db, id, "the job ends", |job| job.state().has_ended())
}

fn number(conn: &mut PgConnection, sql: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Number {
        #[diesel(sql_type = BigInt)]
        value: i64,
    }
    let number: Number = sql_query(format!("SELECT ({sql})::bigint AS value")).get_result(conn).unwrap();
    number.value
}

fn told(database: &TestDatabase) -> i64 {
    number(&mut database.owner(), "SELECT count(*) FROM told")
}

/// Writes a row at each step.
fn tells(_: JobKind) -> Runner {
    |work| {
        for step in 1..=3 {
            tell(work, step)?;
            work.progress(step, 3, "Telling")?;
        }
        Ok(Outcome { result: "Told in 3 steps.".into(), page: Some("/partners".into()), wrote_much: false })
    }
}

/// Writes a row, and goes on when the gate is open.
fn waits(_: JobKind) -> Runner {
    |work| {
        tell(work, 1)?;
        while work.db.read_now(|conn| Ok(number(conn, "SELECT count(*) FROM gate")))? == 0 {
            work.progress(1, 4, "Waiting at the gate")?;
            std::thread::sleep(Duration::from_millis(5));
        }
        tell(work, 2)?;
        Ok(Outcome { result: "Told.".into(), ..Outcome::default() })
    }
}

fn refuses(_: JobKind) -> Runner {
    |work| {
        tell(work, 1)?;
        Err(AppError::refused("Row 3 is bad; nothing was written."))
    }
}

fn breaks(_: JobKind) -> Runner {
    |work| {
        tell(work, 1)?;
        Err(AppError::Internal(anyhow::anyhow!("the password is swordfish")))
    }
}

fn panics(_: JobKind) -> Runner {
    |work| {
        tell(work, 1)?;
        panic!("an accident on purpose")
    }
}

fn tell(work: &mut Work, step: usize) -> Result<(), AppError> {
    sql_query(format!("INSERT INTO told VALUES ({}, {step})", work.job.id)).execute(work.conn)?;
    Ok(())
}

#[test]
fn a_job_is_done_once_and_keeps_what_came_of_it() {
    let database = workshop();
    let id = ask(&database.db, None);
    let worker = work(&database.db, tells);
    let job = until_ended(&database.db, id);
    assert_eq!((job.state(), job.result.as_str()), (State::Done, "Told in 3 steps."));
    assert_eq!((job.result_page.as_deref(), job.attempts), (Some("/partners"), 1));
    assert!(job.started_at >= Some(job.asked_at) && job.finished_at >= job.started_at);
    let second = until_ended(&database.db, ask(&database.db, None));
    assert_eq!(second.state(), State::Done);
    stop(worker);
    assert_eq!(told(&database), 6, "three steps of two jobs");
    assert_eq!(number(&mut database.owner(), "SELECT count(*) FROM job_queue"), 0);
}

#[test]
fn two_workers_on_one_database_do_each_job_once() {
    let database = workshop();
    let jobs: Vec<JobId> = (0..40).map(|_| ask(&database.db, None)).collect();
    let workers = [work(&database.db, tells), work(&database.db, tells)];
    for id in &jobs {
        assert_eq!(until_ended(&database.db, *id).state(), State::Done);
    }
    workers.into_iter().for_each(stop);
    let mut owner = database.owner();
    assert_eq!(number(&mut owner, "SELECT count(*) FROM told"), 120);
    assert_eq!(number(&mut owner, "SELECT count(DISTINCT (job, step)) FROM told"), 120);
    assert_eq!(number(&mut owner, "SELECT sum(attempts) FROM jobs"), 40);
}

/// What becomes of one job if two workers claim it like this at the same moment, and do it: how often each
/// step was told.
fn claimed_twice(claim: &str) -> i64 {
    let database = workshop();
    let job = ask(&database.db, None);
    let both_have_looked = std::sync::Barrier::new(2);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                database.db.run_now(|conn| {
                    let taken: Vec<Number> = sql_query(claim).load(conn)?;
                    both_have_looked.wait();
                    for _ in taken {
                        sql_query(format!("INSERT INTO told VALUES ({job}, 1)")).execute(conn)?;
                        sql_query(format!("DELETE FROM job_queue WHERE job_id = {job}")).execute(conn)?;
                    }
                    Ok(())
                })
            });
        }
    });
    told(&database)
}

#[test]
fn the_lock_on_its_row_is_what_makes_a_job_happen_once() {
    assert_eq!(claimed_twice(queries::CLAIM), 1);
    let without_lock = queries::CLAIM.replace("FOR UPDATE SKIP LOCKED", "");
    assert_ne!(without_lock, queries::CLAIM);
    assert_eq!(claimed_twice(&without_lock), 2, "red control: both did it");
}

#[test]
fn jobs_that_ended_long_ago_are_forgotten_but_those_of_imports() {
    let database = workshop();
    let ended: Vec<JobId> = (0..3).map(|_| ask(&database.db, None)).collect();
    // Jobs go by the database's clock.
    let clock = Clock::standing_at(find(&database.db, ended[0]).asked_at);
    let worker = worker::start(&database.db, &clock, tells);
    ended.iter().for_each(|id| drop(until_ended(&database.db, *id)));
    stop(worker);
    database.psql(&format!(
        "UPDATE jobs SET finished_at = finished_at - interval '29 days' WHERE id = {};
         UPDATE jobs SET finished_at = finished_at - interval '31 days' WHERE id <> {};
         INSERT INTO users (id, name, email, role, password_hash, created_at) VALUES (99, 'Ann', 'ann@example.com', 'viewer', '$argon2id$v=19$x', now());
         INSERT INTO imports (kind, file_name, bytes, uploaded_by, uploaded_at, check_job_id)
         VALUES ('orders', 'orders.csv', 1, 99, now(), {})",
        ended[0], ended[0], ended[1]
    ));
    let waiting = ask(&database.db, None);
    // As if another process were at it.
    database.psql("DELETE FROM job_queue; UPDATE jobs SET asked_at = asked_at - interval '90 days'");
    let worker = worker::start(&database.db, &clock, tells);
    let mut owner = database.owner();
    let left = format!("SELECT count(*) FROM jobs WHERE id = {}", ended[2]);
    eventually("old ones are forgotten", || Some(()).filter(|()| number(&mut owner, &left) == 0));
    stop(worker);
    let kept = format!("SELECT count(*) FROM jobs WHERE id IN ({}, {}, {waiting})", ended[0], ended[1]);
    assert_eq!(number(&mut owner, &kept), 3, "the young one, the import's, and the one that has not ended");
}

#[test]
fn a_failed_job_leaves_nothing_and_says_why() {
    let database = workshop();
    let worker = work(&database.db, refuses);
    let job = until_ended(&database.db, ask(&database.db, None));
    assert_eq!((job.state(), job.result.as_str()), (State::Failed, "Row 3 is bad; nothing was written."));
    stop(worker);
    let worker = work(&database.db, breaks);
    let job = until_ended(&database.db, ask(&database.db, None));
    assert_eq!(job.state(), State::Failed);
    assert!(job.result.contains("logged as") && !job.result.contains("swordfish"), "{}", job.result);
    stop(worker);
    assert_eq!(told(&database), 0);
}

#[test]
fn a_short_job_need_not_wait_for_a_long_one() {
    let database = workshop();
    let long = ask(&database.db, None);
    let worker = work(&database.db, |kind| {
        if ROUNDS.fetch_add(1, Ordering::Relaxed) == 0 { waits(kind) } else { tells(kind) }
    });
    until(&database.db, long, "it runs", |job| job.doing == "Waiting at the gate");
    let short = ask(&database.db, None);
    assert_eq!(until_ended(&database.db, short).result, "Told in 3 steps.");
    assert_eq!(find(&database.db, long).state(), State::Running);
    open(&database);
    assert_eq!(until_ended(&database.db, long).result, "Told.");
    stop(worker);
}

/// How many jobs were begun in the test above.
static ROUNDS: AtomicUsize = AtomicUsize::new(0);

#[test]
fn what_is_cancelled_stops_and_leaves_nothing() {
    let database = workshop();
    let waiting = ask(&database.db, None);
    assert!(database.db.run_now(|conn| jobs::cancel(conn, waiting)).unwrap());
    assert_eq!(find(&database.db, waiting).state(), State::Cancelled);
    assert!(!database.db.run_now(|conn| jobs::cancel(conn, waiting)).unwrap(), "there is nothing to cancel");
    let worker = work(&database.db, waits);
    let running = ask(&database.db, None);
    until(&database.db, running, "it says what it does", |job| job.doing == "Waiting at the gate");
    assert!(database.db.run_now(|conn| jobs::cancel(conn, running)).unwrap());
    let job = until_ended(&database.db, running);
    assert_eq!(
        (job.state(), job.result.as_str()),
        (State::Cancelled, "It was cancelled. Nothing of it was kept.")
    );
    stop(worker);
    assert_eq!(told(&database), 0);
}

#[test]
fn a_database_without_a_role_does_jobs_as_well() {
    #[derive(QueryableByName)]
    struct Name {
        #[diesel(sql_type = Text)]
        value: String,
    }
    let database = workshop();
    let access = partnerbook::db::Access { role: None, remedy: None };
    let db = Db::connect(&database.url, &access, &worker::pool()).unwrap();
    let worker = work(&db, tells);
    assert_eq!(until_ended(&db, ask(&db, None)).state(), State::Done);
    let name: Name =
        db.read_now(|conn| Ok(sql_query("SELECT current_user::text AS value").get_result(conn)?)).unwrap();
    assert!(!name.value.ends_with("_app"), "{}", name.value);
    stop(worker);
}
