//! What a mail says, whatever was typed.

use super::*;
use crate::web_forms::partner;

#[test]
fn a_mail_says_who_sent_what_through_whom_and_where_to_look() {
    let (office, server) = busy_office();
    partner(&office.admin, "sam");
    office.app.database.psql("UPDATE tracking_settings SET default_destination = 'https://shop.example/'");
    let asks = [
        ("mail_to", ADDRESSES),
        ("question_1", "What is it about?"),
        ("kind_1", "lines"),
        ("question_2", "Size?"),
        ("kind_2", "line"),
        ("version", "1"),
    ];
    let fields = asks.iter().fold(CONTACT_US.to_vec(), |fields, (name, value)| with(&fields, name, value));
    office.admin.submit("/web-forms/1/edit", "/web-forms/1", &fields).location();
    let visitor = office.app.visitor();
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    assert_eq!(visitor.get_with("/go/sam", &[("user-agent", firefox)]).status, 302);
    office.pass(TimeDelta::seconds(5));
    let typed = with(&ANN, "question_1", "Kettles.\r\nMany of them.\n.\nGrüße, Ann 🫖");
    assert_eq!(send(&office.app, &visitor, "/f/contact", &typed).status, 303);
    office.until(STATE, &["sent", "sent"]);
    let mail = server.taken().remove(0);
    assert_eq!(mail.header("From"), smtp::FROM);
    assert_eq!(mail.header("Reply-To"), "ann.lee@example.com");
    assert_eq!(mail.header("Subject"), "Contact us: Ann Lee");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert_eq!(mail.header("Date"), "Tue, 03 Nov 2026 10:41:10 +0000");
    assert!(mail.header("Content-Type").starts_with("text/plain; charset=utf-8"));
    assert_eq!(
        mail.text().trim_end(),
        format!(
            "Ann Lee has sent the form “Contact us”.\n\n\
             First name: Ann\nLast name: Lee\nE-mail: ann.lee@example.com\n\
             What is it about?\n    Kettles.\n    Many of them.\n    .\n    Grüße, Ann 🫖\n\n\
             Came through a link of sam (sam).\n\
             Contact: {url}/contacts/2\nForm: {url}/web-forms/1\n\n\
             An answer to this mail goes to ann.lee@example.com.",
            url = office.app.url
        )
    );
}

#[test]
fn an_answer_is_promised_only_where_it_goes() {
    let (office, server) = busy_office();
    office.send(&with(&ANN, "email", "jörg@bücher.example"));
    office.until(STATE, &["sent", "sent"]);
    let mail = server.taken().remove(0);
    assert!(!mail.headers().iter().any(|name| name == "Reply-To"), "{}", mail.raw);
    let text = mail.text();
    assert!(!text.contains("An answer to this mail goes"), "{text}");
    assert!(
        text.contains("Write to jörg@bücher.example: an answer to this mail does not go there."),
        "{text}"
    );
}

#[test]
fn nobody_writes_a_header_by_what_is_typed() {
    let (office, server) = busy_office();
    for name in [
        "Ann\r\nBcc: all@victim.example",
        "Ann\nSubject: You won\n\nBuy now",
        "Ann\r\n.\r\nMAIL FROM:<x@y.example>",
    ] {
        let answer = send(&office.app, &office.app.visitor(), "/f/contact", &with(&ANN, "first_name", name));
        assert_eq!(answer.status, 422, "{name:?}");
    }
    let hostile = [
        "=?utf-8?q?Ann=0D=0ABcc:_all@victim.example?=",
        "Ann\u{2028}Bcc: all@victim.example",
        "\u{202e}nnA <all@victim.example>, \"x",
        "安娜 🫖 \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
        "%0d%0aBcc: all@victim.example",
        "&lt;b&gt;Ann&lt;/b&gt; <b>Ann</b>",
    ];
    for (number, name) in hostile.iter().enumerate() {
        let email = format!("ann{number}@example.com");
        let typed = with(&with(&ANN, "first_name", name), "email", &email);
        office.send(&typed);
        office.pass(TimeDelta::minutes(2));
    }
    let sent = format!("SELECT count(*) FROM mails WHERE {STATE} = 'sent'");
    eventually("all are sent", || Some(()).filter(|_| rows(&office.app, &sent) == ["12"]));
    let taken = server.taken();
    assert_eq!(taken.len(), 12);
    for mail in &taken {
        assert_eq!(
            mail.headers(),
            [
                "From",
                "To",
                "Subject",
                "Date",
                "Message-ID",
                "Auto-Submitted",
                "Content-Type",
                "Reply-To",
                "Content-Transfer-Encoding"
            ],
            "{}",
            mail.raw
        );
        assert!(["ops@partners.example", "sales@partners.example"].contains(&mail.header("To").as_str()));
        assert!(mail.raw.is_ascii(), "every server takes it");
        assert!(mail.header("Subject").starts_with("Contact us: "), "{}", mail.raw);
    }
    let subjects: Vec<String> = taken.iter().map(|mail| mail.header("Subject")).collect();
    let whole = "Contact us: &lt;b&gt;Ann&lt;/b&gt; <b>Ann</b> Lee";
    assert!(subjects.iter().any(|subject| subject == whole), "{whole}: {subjects:?}");
    assert!(subjects.iter().any(|subject| subject.contains("安娜 🫖")), "{subjects:?}");
}

#[test]
fn long_answers_are_cut_and_long_names_fit() {
    let (office, server) = busy_office();
    let asks =
        [("mail_to", "ops@partners.example"), ("question_1", "Why?"), ("kind_1", "lines"), ("version", "1")];
    let fields = asks.iter().fold(CONTACT_US.to_vec(), |fields, (name, value)| with(&fields, name, value));
    let long_name = with(&fields, "name", "ä".repeat(200).leak());
    office.admin.submit("/web-forms/1/edit", "/web-forms/1", &long_name).location();
    let answer = "ß".repeat(4999);
    let typed = with(&with(&ANN, "question_1", &answer), "first_name", "x".repeat(99).leak());
    office.send(&typed);
    office.until(STATE, &["sent"]);
    let mail = server.taken().remove(0);
    assert_eq!(mail.header("Subject").chars().count(), 200);
    let text = mail.text();
    assert!(text.contains("… (the rest stands on the contact’s page)"), "{text}");
    assert_eq!(text.matches('ß').count(), 2000);
    assert!(mail.raw.lines().all(|line| line.len() <= 998), "no line is longer than mail servers take");
}
