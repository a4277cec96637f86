//! Mail servers that do not take a mail: now, ever, or without a word.

use super::*;

#[test]
fn a_refusal_for_good_gives_up_that_mail_at_once_and_shows_the_servers_words() {
    let (office, server) = busy_office();
    server.says("RCPT TO:<ops@", "550 5.1.1 <ops@partners.example>: no such mailbox");
    office.send(&ANN);
    office.until(STATE, &["failed", "sent"]);
    assert_eq!(office.mails("tries"), ["1", "1"]);
    assert_eq!(recipients(&server.taken()), ["sales@partners.example"], "the other one has it");
    let words = "550 5.1.1 <ops@partners.example>: no such mailbox";
    office
        .admin
        .get("/")
        .says("1 mail could not be sent")
        .says(&format!("It was to go to ops@partners.example: {words}"));
    let page = office.admin.get("/settings/mail?state=failed");
    page.says("Failed").says(words).says("Given up");
    assert!(!page.text().contains("sales@partners.example"), "the other one has not failed");
    // Somebody makes the mailbox.
    server.answers(|_| None);
    office.admin.post_with("/settings/mail/1/again", &page.token(), &[]).location();
    office.admin.get("/settings/mail").says("Tried again.");
    office.until(STATE, &["sent", "sent"]);
    assert!(!office.admin.get("/").text().contains("could not be sent"));
    assert_eq!(server.taken().len(), 2);
    // Pressed once more, it is not sent once more.
    office.admin.post_with("/settings/mail/1/again", &page.token(), &[]).location();
    office.admin.get("/settings/mail").says("Nothing to try again.");
    assert_eq!(office.mails(STATE), ["sent", "sent"]);
}

#[test]
fn a_mail_that_failed_can_be_left_so() {
    let (office, server) = busy_office();
    server.says(".", "554 5.7.1 Looks like spam");
    office.send(&ANN);
    office.until(STATE, &["failed", "failed"]);
    let page = office.admin.get("/settings/mail");
    office.admin.post_with("/settings/mail/1/seen", &page.token(), &[]).location();
    office.admin.get("/").says("1 mail could not be sent");
    office.admin.post_with("/settings/mail/2/seen", &page.token(), &[]).location();
    office.admin.post_with("/settings/mail/2/seen", &page.token(), &[]).location();
    office.admin.get("/settings/mail").says("Nothing to leave.").says("left so");
    assert!(!office.admin.get("/").text().contains("could not be sent"));
    office.admin.get("/settings/audit?action=mail.see").says("Mail: see");
    assert_eq!(rows(&office.app, "SELECT count(*) FROM audit_log WHERE action = 'mail.see'"), ["2"]);
}

#[test]
fn all_that_failed_are_tried_again_by_one_button() {
    let (office, server) = busy_office();
    server.says("MAIL", "550 5.7.1 Not from you");
    office.send(&ANN);
    office.send(&with(&ANN, "email", "dana@example.com"));
    office.until(STATE, &["failed"; 4]);
    let page = office.admin.get("/settings/mail");
    office.admin.post_with("/settings/mail/4/seen", &page.token(), &[]).location();
    server.answers(|_| None);
    office.admin.post_with("/settings/mail/again", &page.token(), &[]).location();
    office.admin.get("/settings/mail").says("3 mails are tried again.");
    office.until(STATE, &["sent", "sent", "sent", "failed"]);
    office.admin.post_with("/settings/mail/again", &page.token(), &[]).location();
    office.admin.get("/settings/mail").says("Nothing to try again.");
}

#[test]
fn what_may_pass_is_tried_again() {
    for (line, words, told) in [
        ("RCPT", "450 4.2.1 Try later", "450 4.2.1 Try later"),
        (".", "451 4.3.0 Out of order", "451 4.3.0 Out of order"),
        ("DATA", "", "The mail server broke off"),
        // After the mail was given over nobody knows whether the server keeps it.
        (".", "", "The mail server broke off"),
        ("EHLO", "nonsense", "The mail server broke off or cannot be understood"),
    ] {
        let (office, server) = busy_office();
        server.says(line, words);
        office.send(&ANN);
        office.until("tries", &["1", "1"]);
        assert_eq!(office.mails(STATE), ["waiting", "waiting"], "{line} {words}");
        assert!(
            office.mails("trouble")[0].starts_with(told),
            "{line} {words}: {:?}",
            office.mails("trouble")
        );
        office.admin.get("/settings/mail").says("Tried once. Next try").says("Try again");
        server.answers(|_| None);
        office.pass(TimeDelta::minutes(1));
        office.until(STATE, &["sent", "sent"]);
        assert_eq!(recipients(&server.taken()), ["ops@partners.example", "sales@partners.example"]);
    }
}

#[test]
fn a_server_that_does_not_know_our_password_does_not_make_us_give_up_mails() {
    let server = MailServer::start();
    server.says("AUTH", "535 5.7.8 Wrong password");
    let url = format!("smtp://book:hunter2@127.0.0.1:{}", server.port);
    let settings = partnerbook::config::mail::parse(Some(&url.into()), Some(&smtp::FROM.into()));
    let settings = settings.expect("sound").expect("there");
    let mut office = office(server.port);
    let sender = sender::start(&office.app.database.db, &office.app.clock, &settings).expect("it starts");
    office.senders.push(sender);
    office.send(&ANN);
    office.until("tries", &["1", "1"]);
    assert_eq!(office.mails(STATE), ["waiting", "waiting"]);
    assert_eq!(office.mails("trouble"), ["535 5.7.8 Wrong password", "535 5.7.8 Wrong password"]);
    assert!(!office.admin.get("/settings/mail").html.contains("hunter2"));
    server.says("AUTH", "235 2.7.0 Welcome");
    office.pass(TimeDelta::minutes(1));
    office.until(STATE, &["sent", "sent"]);
}

#[test]
fn a_mail_keeps_its_message_id_through_all_tries() {
    let (office, server) = busy_office();
    // It takes the mail, and its yes is lost on the way.
    let lost = std::sync::atomic::AtomicUsize::new(0);
    let ids = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    server.answers({
        let ids = ids.clone();
        move |line| {
            let is_first = line == "." && lost.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < 2;
            ids.lock().expect("nobody panics").push(line.to_string());
            is_first.then(String::new)
        }
    });
    office.send(&ANN);
    office.until("tries", &["1", "1"]);
    let keys = office.mails("key");
    office.pass(TimeDelta::minutes(1));
    office.until(STATE, &["sent", "sent"]);
    let mut told: Vec<String> = server.taken().iter().map(|mail| mail.header("Message-ID")).collect();
    let mut expected: Vec<String> = keys.iter().map(|key| format!("<{key}@partners.example>")).collect();
    told.sort();
    expected.sort();
    assert_eq!(told, expected);
    let ends = ids.lock().expect("nobody panics").iter().filter(|line| *line == ".").count();
    assert_eq!(ends, 4, "each was given over twice");
}
