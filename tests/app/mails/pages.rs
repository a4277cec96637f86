//! The form's field, and *CRM > Settings > Mail*.

use super::*;

#[test]
fn whom_a_form_mails_is_typed_in_lines_or_with_commas() {
    let office = office(smtp::unused_port());
    let page = office.admin.get("/web-forms/1");
    page.says("Mailed to ops@partners.example , sales@partners.example");
    assert!(!page.text().contains("Not set up"));
    let edit = office.admin.get("/web-forms/1/edit");
    assert_eq!(edit.first("#mail_to"), "ops@partners.example sales@partners.example");
    let typed = " a@x.example;b@x.example\r\n\r\nc@x.example , A@X.example\n";
    let fields = with(&with(&CONTACT_US, "mail_to", typed), "version", "1");
    office.admin.submit("/web-forms/1/edit", "/web-forms/1", &fields).location();
    assert_eq!(rows(&office.app, "SELECT mail_to FROM web_forms"), ["{a@x.example,b@x.example,c@x.example}"]);
    // The audit log holds no addresses.
    let log = rows(&office.app, "SELECT details FROM audit_log WHERE subject_kind = 'web_form' ORDER BY id");
    assert!(log[1].contains("\"mails\": [2, 3]") && !log.concat().contains("x.example"), "{log:?}");
    let nobody = with(&with(&CONTACT_US, "mail_to", " "), "version", "2");
    office.admin.submit("/web-forms/1/edit", "/web-forms/1", &nobody).location();
    assert!(!office.admin.get("/web-forms/1").text().contains("Mailed to"));
    office.send(&ANN);
    assert_eq!(office.mails("recipient").len(), 0);
}

#[test]
fn whom_no_form_can_mail_is_told_at_the_field() {
    let office = office(smtp::unused_port());
    for (typed, sentence) in [
        ("ops", "“ops” is no e-mail address: write it like dana@example.com."),
        ("ops@x.example sales@x.example", "is no e-mail address"),
        ("ops@x.example, <script>", "“<script>” is no e-mail address"),
        ("Ops <ops@x.example>", "“Ops <ops@x.example>” is no e-mail address"),
        (&format!("{}@x.example", "x".repeat(300)), "is no e-mail address"),
        ("a@x.example b".repeat(200).leak(), "Notify by e-mail has 2600 characters; it may have 2000."),
        (
            "a@x.example,b@x.example,c@x.example,d@x.example,e@x.example,f@x.example",
            "Notify by e-mail has 6 addresses; it may have 5.",
        ),
    ] {
        let fields = with(&with(&CONTACT_US, "mail_to", typed), "code", "other");
        let page = make(&office.admin, &fields);
        assert_eq!(page.status, 422, "{typed}");
        assert!(page.first("#mail_to-error").contains(sentence), "{typed}: {}", page.text());
        assert_eq!(page.first("#mail_to"), typed.trim(), "what was typed stays");
    }
    let late = with(&with(&CONTACT_US, "mail_to", "x@x.example"), "version", "0");
    let page = office.admin.submit("/web-forms/1/edit", "/web-forms/1", &late);
    page.says("Notify by e-mail ops@partners.example sales@partners.example x@x.example");
}

#[test]
fn a_test_mail_goes_the_way_of_all_mails_and_its_result_is_shown() {
    let (office, server) = busy_office();
    let page = office.admin.get("/settings/mail");
    page.says(&format!("Mail server 127.0.0.1:{} , not encrypted", server.port))
        .says("From Fern & Co <book@partners.example>")
        .says("A test mail goes to administrator@example.com the way that all others go.")
        .says("No mail yet");
    office.admin.post_with("/settings/mail/tests", &page.token(), &[]).location();
    office.until(STATE, &["sent"]);
    let mail = server.taken().remove(0);
    assert_eq!(mail.to, ["administrator@example.com"]);
    assert_eq!(mail.header("Subject"), "A test mail of Partnerbook");
    assert!(
        mail.text()
            .starts_with(&format!("Administrator asked for this mail at {}/settings/mail", office.app.url))
    );
    assert!(!mail.headers().contains(&"Reply-To".to_string()));
    office.admin.get("/settings/mail").says("Your last test Sent to administrator@example.com");
    server.says("MAIL", "550 5.7.1 Go away");
    office.admin.post_with("/settings/mail/tests", &page.token(), &[]).location();
    office.until(STATE, &["sent", "failed"]);
    office
        .admin
        .get("/settings/mail")
        .says("Your last test Failed to administrator@example.com")
        .says("550 5.7.1 Go away");
    assert_eq!(rows(&office.app, "SELECT count(*) FROM audit_log WHERE action = 'mail.test'"), ["2"]);
}

#[test]
fn a_viewer_sees_what_became_of_mails_and_changes_nothing() {
    let mut office = office(smtp::unused_port());
    office.send(&ANN);
    // Nobody has tried to send them: the page looks again by itself.
    let waiting = office.admin.get("/settings/mail");
    waiting.says("It goes out in a moment");
    assert_eq!(waiting.all("[data-poll]").len(), 1);
    office.start_a_sender();
    office.until("tries", &["1", "1"]);
    let viewer = office.app.sign_in_as(Viewer);
    let page = viewer.get("/settings/mail");
    page.says("Contact us: Ann Lee").says("ops@partners.example").says("All 2 Waiting 2 Sent 0 Failed 0");
    assert_eq!(page.all("[data-poll]").len(), 0, "nothing is due for a minute");
    assert_eq!(page.attribute("th a.row-link", "href"), "/contacts/1");
    assert_eq!(page.all("main form").len(), 0, "nothing to press");
    let token = viewer.get("/profile").token();
    for path in
        ["/settings/mail/tests", "/settings/mail/again", "/settings/mail/1/again", "/settings/mail/1/seen"]
    {
        assert_eq!(viewer.post_with(path, &token, &[]).status, 403, "{path}");
    }
    viewer.get("/settings/mail?state=sent").says("No mail stands so");
    viewer.get("/settings/mail?state=nonsense").says("Contact us: Ann Lee");
    // An administrator need not wait for the next try.
    let server = MailServer::start_on(office.port);
    office.admin.submit("/settings/mail", "/settings/mail/2/again", &[]).location();
    office.until(STATE, &["waiting", "sent"]);
    assert_eq!(recipients(&server.taken()), ["sales@partners.example"]);
}
