//! What happens to a job whose worker does not come to its end.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use partnerbook::db;
use partnerbook::db::embedded::Guest;
use partnerbook::running::files::{self, NewFile};
use partnerbook::selling::imports::uploads::{self, NewUpload};
use partnerbook::selling::imports::{Kind, job};

use super::*;
use crate::support::passable_folder;
use crate::support::program::Serving;

#[test]
fn an_orderly_stop_interrupts_a_job_and_the_next_start_begins_it_anew() {
    let database = workshop();
    let id = ask(&database.db, None);
    let worker = work(&database.db, waits);
    until(&database.db, id, "it says what it does", |job| job.doing == "Waiting at the gate");
    stop(worker);
    let job = find(&database.db, id);
    assert_eq!((job.state(), job.attempts, job.doing.as_str()), (State::Waiting, 0, ""));
    assert_eq!(told(&database), 0, "nothing of it is kept");
    open(&database);
    let worker = work(&database.db, waits);
    let job = until_ended(&database.db, id);
    assert_eq!((job.state(), job.attempts), (State::Done, 1));
    stop(worker);
    assert_eq!(told(&database), 2, "both steps, once");
}

#[test]
fn a_worker_that_loses_its_connection_leaves_nothing_and_the_job_is_done_once() {
    let database = workshop();
    let id = ask(&database.db, None);
    let worker = work(&database.db, waits);
    until(&database.db, id, "it says what it does", |job| job.doing == "Waiting at the gate");
    let pid = "SELECT pid FROM pg_locks JOIN pg_class ON pg_class.oid = relation
               WHERE relname = 'job_queue' AND mode = 'RowShareLock' AND pid <> pg_backend_pid()";
    database.psql(&format!("DO $$ BEGIN PERFORM pg_terminate_backend(({pid})); END $$"));
    // Its worker has not noticed yet, and will only when it writes again.
    until(&database.db, id, "another one begins anew", |job| job.attempts == 2);
    open(&database);
    let job = until_ended(&database.db, id);
    assert_eq!((job.state(), job.attempts), (State::Done, 2), "{}", job.result);
    stop(worker);
    assert_eq!(told(&database), 2, "both steps, once");
}

#[test]
fn a_job_that_breaks_its_worker_is_given_up_after_three_attempts() {
    let database = workshop();
    let id = ask(&database.db, None);
    let worker = work(&database.db, panics);
    let job = until_ended(&database.db, id);
    assert_eq!(job.state(), State::Failed);
    assert!(job.result.contains("went down each time"), "{}", job.result);
    stop(worker);
    assert_eq!(told(&database), 0);
}

#[test]
fn after_kill_9_in_the_middle_of_an_import_the_next_start_does_it_once() {
    let folder = passable_folder();
    let serving = Serving::start(folder.path());
    let mut owner = owner_of(folder.path());
    let id = ask_for_import(&mut owner, &orders(4000));
    let is_running =
        format!("SELECT count(*) FROM jobs WHERE id = {id} AND state = 'running' AND steps_done > 0");
    eventually("it is in the middle", || Some(()).filter(|_| number(&mut owner, &is_running) > 0));
    serving.signal(libc::SIGKILL);
    drop(serving);

    let serving = Serving::start(folder.path());
    let mut owner = owner_of(folder.path());
    let has_ended = format!("SELECT count(*) FROM jobs WHERE id = {id} AND finished_at IS NOT NULL");
    eventually("it is done", || Some(()).filter(|_| number(&mut owner, &has_ended) > 0));
    let job = queries::find(&mut owner, id).unwrap().unwrap();
    assert_eq!((job.state(), job.attempts), (State::Done, 2), "{}", job.result);
    assert_eq!(job.result, "4,000 orders recorded, 0 already there.");
    assert_eq!(number(&mut owner, "SELECT count(*) FROM orders"), 4000);
    assert_eq!(number(&mut owner, "SELECT count(*) FROM audit_log WHERE action = 'orders.import'"), 1);
    assert_eq!(serving.end(libc::SIGTERM).0.code(), Some(0));
}

#[test]
fn a_stop_waits_for_no_job_and_the_job_for_the_next_start() {
    let folder = passable_folder();
    let serving = Serving::start(folder.path());
    let mut owner = owner_of(folder.path());
    // The import waits for this one, and would for ever.
    owner.batch_execute("BEGIN; SELECT pg_advisory_xact_lock(hashtext('partnerbook.import'))").unwrap();
    let mut other = owner_of(folder.path());
    let id = ask_for_import(&mut other, &orders(2));
    let is_running = format!("SELECT count(*) FROM jobs WHERE id = {id} AND state = 'running'");
    eventually("it runs", || Some(()).filter(|_| number(&mut other, &is_running) > 0));
    drop(other);
    let (status, _, errors) = serving.end(libc::SIGTERM);
    assert_eq!(status.code(), Some(0), "{errors}");
    drop(owner);

    let serving = Serving::start(folder.path());
    let mut owner = owner_of(folder.path());
    let is_done = format!("SELECT count(*) FROM jobs WHERE id = {id} AND state = 'done'");
    eventually("it is done", || Some(()).filter(|_| number(&mut owner, &is_done) > 0));
    drop(serving);
}

fn owner_of(data: &Path) -> PgConnection {
    let guest = Guest::join(data).unwrap().expect("it is running");
    let conn = db::owner(&guest.url()).unwrap();
    // The guest's lock is not needed: the tests end before the server does.
    drop(guest);
    conn
}

/// Uploads a file of orders as its page does, and asks for its import.
fn ask_for_import(conn: &mut PgConnection, text: &str) -> JobId {
    let who = Who::command_line(Clock::system().now());
    let new = NewFile {
        name: "orders.csv",
        media_type: "text/csv",
        made_at: who.at,
        keep: chrono::TimeDelta::days(1),
    };
    let asked = conn.transaction(|conn| {
        let user = "INSERT INTO users (email, name, role, password_hash, created_at)
                    VALUES ('ann@example.com', 'Ann', 'administrator', '$argon2id$', now())";
        conn.batch_execute(user)?;
        let user = UserId(number(conn, "SELECT max(id) FROM users"));
        let file = files::keep(conn, &new, &mut text.as_bytes())?;
        let id = uploads::next_id(conn)?;
        let job = job::ask(conn, &who, JobKind::Import, id, "orders.csv")?;
        let upload = NewUpload {
            kind: Kind::Orders,
            file_name: "orders.csv",
            bytes: text.len() as u64,
            uploaded_by: user,
            file,
            check_job: job,
        };
        uploads::insert(conn, &who, id, &upload)?;
        uploads::begin(conn, id, job, false)?;
        Ok(job)
    });
    asked.unwrap_or_else(|error: AppError| panic!("{error:?}"))
}

fn orders(count: usize) -> String {
    let line = |n: usize| format!("{n},2026-01-05T10:00:00Z,c{},kettle,1,9.99\n", n % 500);
    let lines: String = (1..=count).map(line).collect();
    format!("order_number,ordered_at,contact_external_id,product_code,quantity,unit_price\n{lines}")
}
