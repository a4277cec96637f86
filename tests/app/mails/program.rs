//! The program as it is run: killed, stopped and started again while there is mail to be sent.

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, Sender};

use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use partnerbook::db;
use partnerbook::db::embedded::Guest;

use super::*;
use crate::support::passable_folder;
use crate::support::program::{Serving, partnerbook, text};

fn with_mail(data: &Path, port: u16) -> Command {
    let mut command = partnerbook(data);
    command.env("PARTNERBOOK_SMTP_URL", smtp::url(port)).env("PARTNERBOOK_MAIL_FROM", smtp::FROM);
    command
}

fn owner_of(data: &Path) -> PgConnection {
    let guest = Guest::join(data).expect("it can be joined").expect("it is running");
    db::owner(&guest.url()).expect("the owner may connect")
}

/// A form that is taken from anywhere, and somebody who sends it.
fn send_a_form(serving: &Serving, owner: &mut PgConnection) {
    owner
        .batch_execute(
            "INSERT INTO web_forms (name, code, title, button, is_embedded, mail_to)
             VALUES ('Demo', 'demo', 'A demo', 'Send', true, '{ops@partners.example}')",
        )
        .expect("it can be made");
    let client = reqwest::blocking::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
    let answer = client
        .expect("a client can be made")
        .post(format!("{}/f/demo", serving.address))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("email=ann%40example.com")
        .send()
        .expect("it answers");
    assert_eq!(answer.status().as_u16(), 303);
}

fn count(owner: &mut PgConnection, which: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let query = format!("SELECT count(*) AS n FROM mails WHERE {which}");
    sql_query(query).get_result::<Counted>(owner).expect("it can be asked").n
}

fn until(owner: &mut PgConnection, which: &str) {
    eventually(which, || Some(()).filter(|_| count(owner, which) == 1));
}

/// Takes each mail only when it is let, and tells when one was given over.
fn hold_mails(server: &MailServer) -> (Receiver<()>, Sender<()>) {
    let (tell, given) = mpsc::channel();
    let (go, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    server.answers(move |line| {
        if line == "." && tell.send(()).is_ok() {
            // An error says that nobody holds it any more.
            let _ = wait.lock().expect("nobody panics").recv();
        }
        None
    });
    (given, go)
}

#[test]
fn a_mail_outlives_kill_9_and_is_sent_by_the_next_start() {
    let folder = passable_folder();
    let port = smtp::unused_port();
    let serving = Serving::start_as(with_mail(folder.path(), port));
    let mut owner = owner_of(folder.path());
    send_a_form(&serving, &mut owner);
    until(&mut owner, "tries = 1 AND next_try_at IS NOT NULL");
    serving.signal(libc::SIGKILL);
    drop((owner, serving));

    let server = MailServer::start_on(port);
    let serving = Serving::start_as(with_mail(folder.path(), port));
    let mut owner = owner_of(folder.path());
    owner.batch_execute("UPDATE mails SET next_try_at = now()").expect("it waits");
    until(&mut owner, "sent_at IS NOT NULL AND tries = 2");
    assert_eq!(recipients(&server.taken()), ["ops@partners.example"]);
    drop(owner);
    let (status, said, errors) = serving.end(libc::SIGTERM);
    assert_eq!(status.code(), Some(0), "{errors}");
    assert!(!format!("{said}{errors}").contains("ops@"), "{said}{errors}");
}

#[test]
fn a_mail_that_a_killed_process_had_just_given_over_comes_again_under_the_same_message_id() {
    let folder = passable_folder();
    let server = MailServer::start();
    let (given, go) = hold_mails(&server);
    let serving = Serving::start_as(with_mail(folder.path(), server.port));
    let mut owner = owner_of(folder.path());
    send_a_form(&serving, &mut owner);
    given.recv().expect("the mail comes");
    serving.signal(libc::SIGKILL);
    drop((owner, serving));
    drop(go);
    eventually("the server has taken it", || Some(()).filter(|_| server.taken().len() == 1));

    let serving = Serving::start_as(with_mail(folder.path(), server.port));
    let mut owner = owner_of(folder.path());
    until(&mut owner, "sent_at IS NOT NULL AND tries = 1");
    let ids: Vec<String> = server.taken().iter().map(|mail| mail.header("Message-ID")).collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
    drop((owner, serving));
}

#[test]
fn a_stop_does_not_wait_for_a_mail_server_that_is_silent_and_the_mail_is_not_lost() {
    let folder = passable_folder();
    let server = MailServer::start();
    let (given, go) = hold_mails(&server);
    let serving = Serving::start_as(with_mail(folder.path(), server.port));
    let mut owner = owner_of(folder.path());
    send_a_form(&serving, &mut owner);
    given.recv().expect("the mail comes");
    drop(owner);
    let (status, _, errors) = serving.end(libc::SIGTERM);
    assert_eq!(status.code(), Some(0), "{errors}");
    assert!(errors.contains("a mail was cut off"), "{errors}");
    drop(go);

    let serving = Serving::start_as(with_mail(folder.path(), server.port));
    let mut owner = owner_of(folder.path());
    until(&mut owner, "sent_at IS NOT NULL");
    drop((owner, serving));
}

#[test]
fn settings_that_cannot_be_are_named_before_anything_is_started_and_no_password_with_them() {
    let folder = passable_folder();
    let mut command = partnerbook(folder.path());
    command
        .env("PARTNERBOOK_SMTP_URL", "smtp://ann:hunter2@mail.example.com")
        .env("PARTNERBOOK_LISTEN", "8080");
    let output = command.args(["serve", "--mail-from", "nobody"]).output().expect("it can be run");
    let said = text(&output);
    assert!(!output.status.success());
    for part in [
        "PARTNERBOOK_LISTEN is",
        "PARTNERBOOK_SMTP_URL would send the password in the clear",
        "PARTNERBOOK_MAIL_FROM is \"nobody\"",
    ] {
        assert!(said.contains(part), "no {part} in {said}");
    }
    assert!(!said.contains("hunter2"), "{said}");
    let help = text(
        &partnerbook(folder.path())
            .env("PARTNERBOOK_SMTP_URL", "hunter2")
            .arg("--help")
            .output()
            .expect("it can be run"),
    );
    assert!(help.contains("PARTNERBOOK_SMTP_URL") && !help.contains("hunter2"), "{help}");
}
