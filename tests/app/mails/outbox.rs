//! Written with what is kept, sent once, and tried again until it is sent.

use super::*;
use crate::web_forms::{open, post};

#[test]
fn what_somebody_sends_is_mailed_to_each_address_once() {
    let (office, server) = busy_office();
    let visitor = office.app.visitor();
    let key = open(&visitor, "/f/contact");
    office.pass(TimeDelta::seconds(5));
    for _ in 0..3 {
        assert_eq!(post(&visitor, "/f/contact", &key, &ANN).status, 303);
    }
    office.until(STATE, &["sent", "sent"]);
    office.until("tries", &["1", "1"]);
    let taken = server.taken();
    assert_eq!(recipients(&taken), ["ops@partners.example", "sales@partners.example"]);
    assert!(taken.iter().all(|mail| mail.to.len() == 1), "nobody sees who else is told");
    // Other content of the same page is something else that was sent.
    post(&visitor, "/f/contact", &key, &with(&ANN, "first_name", "Anna"));
    office.until(STATE, &["sent", "sent", "sent", "sent"]);
    assert_eq!(server.taken().len(), 4);
}

#[test]
fn what_robots_send_and_what_is_refused_mails_nobody() {
    let (office, server) = busy_office();
    office.send(&with(&ANN, "website", "https://spam.example"));
    assert_eq!(
        send(&office.app, &office.app.visitor(), "/f/contact", &with(&ANN, "email", "nobody")).status,
        422
    );
    assert_eq!(office.mails("recipient").len(), 0);
    // Whoever comes after them is mailed, and nobody before.
    office.send(&ANN);
    office.until(STATE, &["sent", "sent"]);
    assert!(server.taken().iter().all(|mail| mail.header("Reply-To") == "ann.lee@example.com"));
}

#[test]
fn a_mail_is_kept_while_the_server_is_away_and_sent_when_it_is_back() {
    let port = smtp::unused_port();
    let mut office = office(port);
    office.start_a_sender();
    office.send(&ANN);
    office.until("tries", &["1", "1"]);
    assert_eq!(office.mails(STATE), ["waiting", "waiting"]);
    assert!(
        office.mails("trouble")[0].starts_with("No connection to the mail server"),
        "{:?}",
        office.mails("trouble")
    );
    assert_eq!(office.mails("next_try_at - tried_at"), ["00:01:00", "00:01:00"]);
    office.pass(TimeDelta::minutes(1));
    office.until("tries", &["2", "2"]);
    assert_eq!(office.mails("next_try_at - tried_at"), ["00:05:00", "00:05:00"]);
    let server = MailServer::start_on(port);
    office.pass(TimeDelta::minutes(5));
    office.until(STATE, &["sent", "sent"]);
    office.until("trouble", &["", ""]);
    assert_eq!(recipients(&server.taken()), ["ops@partners.example", "sales@partners.example"]);
    assert_eq!(rows(&office.app, "SELECT count(*) FROM form_submissions"), ["1"], "it was kept all the time");
}

#[test]
fn after_a_day_and_a_half_of_tries_a_mail_is_given_up() {
    let mut office = office(smtp::unused_port());
    office.start_a_sender();
    office.send(&ANN);
    for tries in 1..=6 {
        let tries = tries.to_string();
        office.until("tries", &[&tries, &tries]);
        assert_eq!(office.mails(STATE), ["waiting", "waiting"]);
        office.pass(TimeDelta::hours(24));
    }
    office.until(STATE, &["failed", "failed"]);
    assert_eq!(office.mails("tries"), ["7", "7"]);
    // Whoever was signed in is not any more, after days.
    office.app.sign_in_as(Administrator).get("/").says("2 mails could not be sent");
}

#[test]
fn several_senders_send_each_mail_once() {
    let server = MailServer::start();
    let mut office = office(server.port);
    for number in 0..10 {
        office.send(&with(&ANN, "email", &format!("ann{number}@example.com")));
        // Ten from one address within ten minutes are enough.
        office.pass(TimeDelta::minutes(1));
    }
    assert_eq!(office.mails("recipient").len(), 20);
    for _ in 0..4 {
        office.start_a_sender();
    }
    let sent = "SELECT count(*) FROM mails WHERE sent_at IS NOT NULL AND tries = 1";
    eventually("all are sent", || Some(()).filter(|_| rows(&office.app, sent) == ["20"]));
    let mut ids: Vec<String> = server.taken().iter().map(|mail| mail.header("Message-ID")).collect();
    ids.sort();
    assert_eq!(ids.len(), 20);
    ids.dedup();
    assert_eq!(ids.len(), 20, "no mail went out twice");
}

#[test]
fn without_a_mail_server_nothing_waits_for_one_and_the_pages_say_so() {
    let app = http::app();
    let admin = app.sign_in_as(Administrator);
    admin.get("/web-forms/new").says("Mail is not set up, so that nobody is mailed yet");
    make(&admin, &with(&CONTACT_US, "mail_to", ADDRESSES)).location();
    admin
        .get("/web-forms/1")
        .says("Mailed to ops@partners.example , sales@partners.example . Not set up Nobody is mailed until mail is set up.");
    assert_eq!(send(&app, &app.visitor(), "/f/contact", &ANN).status, 303);
    assert_eq!(rows(&app, "SELECT count(*) FROM form_submissions"), ["1"]);
    assert_eq!(rows(&app, "SELECT count(*) FROM mails"), ["0"]);
    let page = admin.get("/settings/mail");
    page.says("Mail is not set up: nobody is mailed.").says("PARTNERBOOK_SMTP_URL").says("No mail yet");
    assert_eq!(page.all("button").iter().filter(|words| words.contains("test mail")).count(), 0);
    admin.post_with("/settings/mail/tests", &page.token(), &[]).location();
    admin.get("/settings/mail").says("Not sent. No mail server is set up.");
    assert_eq!(rows(&app, "SELECT count(*) FROM mails"), ["0"]);
    admin.get("/settings/about").says("Mail Not set up: nobody is mailed. Mail");
    admin.get("/settings").says("not set up");
}

#[test]
fn what_no_process_tries_is_given_up_and_everything_is_forgotten_after_a_month() {
    let office = office(smtp::unused_port());
    office.send(&ANN);
    let tidy = || {
        let now = office.app.clock.now();
        office.app.database.db.run_now(|conn| mails::forget_in_time(conn, now)).expect("it can be done");
    };
    office.pass(TimeDelta::days(2));
    tidy();
    assert_eq!(office.mails(STATE), ["waiting", "waiting"]);
    office.pass(TimeDelta::days(2));
    tidy();
    assert_eq!(office.mails(STATE), ["failed", "failed"]);
    office
        .app
        .sign_in_as(Administrator)
        .get("/settings/mail")
        .says("Nobody tried to send it: no mail server was set up.");
    office.pass(TimeDelta::days(25));
    tidy();
    assert_eq!(office.mails(STATE).len(), 2);
    office.pass(TimeDelta::days(2));
    tidy();
    assert_eq!(office.mails(STATE).len(), 0);
    assert_eq!(rows(&office.app, "SELECT count(*) FROM form_submissions"), ["1"]);
}

#[test]
fn nothing_is_mailed_that_was_not_kept() {
    let (office, server) = busy_office();
    office.app.database.psql(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no room'; END $$;
         CREATE TRIGGER refuse AFTER INSERT ON mails FOR EACH ROW WHEN (NEW.recipient = 'sales@partners.example') EXECUTE FUNCTION refuse()",
    );
    // The first mail is written, and the second one fails: all of it is as if it had not been.
    assert_eq!(send(&office.app, &office.app.visitor(), "/f/contact", &ANN).status, 500);
    assert_eq!(rows(&office.app, "SELECT count(*) FROM form_submissions"), ["0"]);
    assert_eq!(office.mails("recipient").len(), 0);
    office.app.database.psql("DROP TRIGGER refuse ON mails");
    office.send(&ANN);
    office.until(STATE, &["sent", "sent"]);
    assert_eq!(server.taken().len(), 2);
}

#[test]
fn the_mails_about_an_erased_person_are_erased_and_not_sent() {
    let office = office(smtp::unused_port());
    office.send(&ANN);
    office.send(&with(&ANN, "email", "dana@example.com"));
    let privacy = office.admin.get("/contacts/1/privacy");
    privacy.says("2 mails about it");
    let export = office.admin.post_with("/contacts/1/export", &privacy.token(), &[]);
    let json: serde_json::Value = serde_json::from_str(&export.html).expect("it is JSON");
    assert_eq!(json["mails"][0]["to"], "ops@partners.example");
    assert_eq!(json["mails"].as_array().map(Vec::len), Some(2));
    let fields = [("reason", "Asked for"), ("sure", "yes")];
    office.admin.post_with("/contacts/1/erase", &privacy.token(), &fields).location();
    assert_eq!(office.mails("reply_to"), ["dana@example.com", "dana@example.com"]);
    assert!(!office.mails("subject || body").concat().contains("ann.lee"));
}
