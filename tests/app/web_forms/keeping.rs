//! Forms made, edited, closed and deleted by those who keep them.

use super::*;

#[test]
fn a_form_is_made_shown_and_opened() {
    let app = http::app();
    let admin = app.sign_in_as(Administrator);
    admin.get("/web-forms").says("No web form yet");
    let asks = [
        ("introduction", "We answer\nwithin a day."),
        ("company", "must"),
        ("address", "ask"),
        ("question_2", "How many are you?"),
        ("kind_2", "choice"),
        ("choices_2", "One\nTwo\r\n\nTwo\nMany"),
        ("required_2", "yes"),
        ("question_5", "Anything else?"),
        ("kind_5", "lines"),
        ("opt_in", "Send me news"),
        ("thanks", "Thanks a lot!"),
        ("is_embedded", "yes"),
    ];
    let fields = asks.iter().fold(CONTACT_US.to_vec(), |fields, (name, value)| with(&fields, name, value));
    let made = make(&admin, &fields);
    let page = admin.get(made.location());
    page.says("Added. Its address can be handed out now.")
        .says("Talk to us")
        .says("Nobody has sent this form yet.");
    assert_eq!(page.attribute("input[readonly]", "value"), format!("{}/f/contact", app.url));
    let snippet = page.first("#snippet");
    for part in [
        &format!("action=\"{}/f/contact\"", app.url) as &str,
        "data-partnerbook",
        "name=\"visitor\"",
        "name=\"question_2\" required",
        "<option>Many</option>",
        "name=\"opt_in\"",
    ] {
        assert!(snippet.contains(part), "no {part} in {snippet}");
    }
    admin.get("/web-forms").says("Contact us contact 0 0 never");
    admin.get("/web-forms?q=TALK").says("Contact us");
    admin.get("/web-forms?q=nothing").says("No form matches");

    let form = app.visitor().get("/f/Contact");
    assert_eq!((form.status, form.header("set-cookie"), form.header("cache-control")), (200, "", "no-store"));
    assert!(form.header("content-security-policy").contains("frame-ancestors 'none'"));
    form.says("Talk to us We answer within a day.")
        .says("How many are you?")
        .says("Anything else? (optional)");
    let options: Vec<String> = form.all("select[name=question_2] option");
    assert_eq!(options, ["Choose…", "One", "Two", "Many"]);
    assert_eq!(form.all("input[required]").len(), 2, "the company and the e-mail");
    app.visitor().get("/f/contact/thanks").says("Thank you Thanks a lot!");
}

#[test]
fn what_no_form_can_be_is_told_at_its_field() {
    let app = http::app();
    let admin = app.sign_in_as(Administrator);
    for (field, typed, sentence) in [
        ("name", "", "Name is missing."),
        ("code", "a b", "A code has letters A to Z, digits, dashes and underscores only."),
        ("code", &"x".repeat(51), "Code has 51 characters; it may have 50."),
        ("title", " ", "Heading is missing."),
        ("button", "", "Words on the button is missing."),
        ("introduction", &"x".repeat(5001), "Introduction has 5001 characters; it may have 5000."),
        ("redirect", "javascript:alert(1)", "Page to lead to must begin with https:// or http://."),
        ("redirect", "https://shop.example/\r\nSet-Cookie: a=b", "Page to lead to has a line break."),
        ("sales_rep", "nobody", "No partner has or had this code."),
        ("first_name", "perhaps", "Choose whether to ask: First name."),
        ("question_1", &"x".repeat(301), "Question 1 has 301 characters; it may have 300."),
        ("choices_1", "One\nTwo", "Question 1 is missing."),
    ] {
        let page = make(&admin, &with(&with(&CONTACT_US, "kind_1", "choice"), field, typed));
        assert_eq!(page.status, 422, "{field}: {typed}");
        page.says(sentence);
    }
    let choice = with(&with(&CONTACT_US, "question_3", "Which?"), "kind_3", "choice");
    make(&admin, &with(&choice, "choices_3", "One")).says("Answers to question 3: write at least two");
    let many: String = (0..31).map(|number| format!("{number}\n")).collect();
    make(&admin, &with(&choice, "choices_3", &many))
        .says("Answers to question 3: there are 31; there may be 30.");
    let of_a_line = with(&with(&choice, "kind_3", "line"), "choices_3", "One\nTwo");
    make(&admin, &of_a_line)
        .says("Answers to question 3: choose “One of several answers” as well, or empty this.");
    make(&admin, &with(&choice, "kind_3", "nonsense")).says("Question 3: choose how it is answered.");
    assert_eq!(make(&admin, &CONTACT_US).status, 303);
    let again = make(&admin, &with(&CONTACT_US, "code", "CONTACT"));
    assert_eq!(again.status, 422);
    again.says("“Contact us” has or had this code.");
}

#[test]
fn an_edited_form_is_found_by_its_earlier_code_and_asks_what_it_asks_now() {
    let (app, admin) = company();
    let path = "/web-forms/1";
    let edited =
        [("code", "hello"), ("phone", "must"), ("question_4", "Size?"), ("kind_4", "line"), ("version", "1")];
    let fields = edited.iter().fold(CONTACT_US.to_vec(), |fields, (name, value)| with(&fields, name, value));
    admin.submit("/web-forms/1/edit", path, &fields).location();
    for code in ["contact", "hello", "HELLO"] {
        app.visitor().get(&format!("/f/{code}")).says("Phone").says("Size?");
    }
    let edit = admin.get("/web-forms/1/edit");
    assert_eq!(edit.attribute("#question_4", "value"), "Size?");
    assert_eq!(edit.attribute("input[name=phone][checked]", "value"), "must");
    let late =
        admin.submit("/web-forms/1/edit", path, &with(&with(&CONTACT_US, "title", "Hi"), "version", "1"));
    assert_eq!(late.status, 422);
    late.says("Somebody has saved this form since you opened it.").says("Heading Talk to us Hi");
    assert_eq!(late.attribute("input[name=version]", "value"), "2");
    admin.get("/settings/audit").says(r#"code ["contact","hello"]"#);
}

#[test]
fn a_closed_form_takes_nothing_and_one_that_was_sent_is_not_deleted() {
    let (app, admin) = company();
    let visitor = app.visitor();
    let key = open(&visitor, "/f/contact");
    app.clock.advance(TimeDelta::seconds(5));
    let closed: Vec<_> = CONTACT_US.into_iter().filter(|(name, _)| *name != "is_open").collect();
    admin.submit("/web-forms/1/edit", "/web-forms/1", &with(&closed, "version", "1")).location();
    for page in [visitor.get("/f/contact"), post(&visitor, "/f/contact", &key, &ANN)] {
        assert_eq!(page.status, 410);
        page.says("This form is closed It takes no entries any more. Nothing was recorded.");
    }
    assert_eq!(visitor.get("/f/contact/thanks").status, 410);
    assert_eq!(rows(&app, CONTACTS).len(), 0);
    admin.submit("/web-forms/1/edit", "/web-forms/1", &with(&CONTACT_US, "version", "2")).location();
    assert_eq!(post(&visitor, "/f/contact", &key, &ANN).status, 303);
    admin
        .get("/web-forms/1/delete")
        .says("This web form is in use and cannot be deleted.")
        .says("1 submission");
    let token = admin.get("/web-forms/new").token();
    assert_eq!(admin.post_with("/web-forms/1/delete", &token, &[]).status, 422);
    app.database.psql("DELETE FROM form_submissions");
    // What robots sent goes with the form.
    send(&app, &visitor, "/f/contact", &with(&ANN, "website", "https://spam.example"));
    assert_eq!(admin.post_with("/web-forms/1/delete", &token, &[]).location(), "/web-forms");
    let page = post(&visitor, "/f/contact", &key, &ANN);
    assert_eq!(page.status, 404);
    page.says("There is no such form").says("Nothing was recorded.");
    for path in ["/f/none", "/f/%00", "/f/%F0%9F%92%A9", "/f/contact/thanks", "/f/contact/logo"] {
        assert_eq!(visitor.get(path).status, 404, "{path}");
    }
}

#[test]
fn the_start_page_tells_of_new_leads_until_somebody_has_seen_them() {
    let (app, admin) = company();
    let visitor = app.visitor();
    send(&app, &visitor, "/f/contact", &ANN);
    send(&app, &visitor, "/f/contact", &with(&ANN, "email", "other@example.com"));
    admin.get("/").says("2 new leads since Nov 3, 2026").says("By the form Contact us.");
    let page = admin.get("/web-forms/1");
    page.says("Leads 2 sent by people New 2 not marked as seen").says("Mark 2 as seen");
    let last = page.attribute("input[name=up_to]", "value");
    send(&app, &visitor, "/f/contact", &with(&ANN, "email", "third@example.com"));
    admin.post_with("/web-forms/1/seen", &page.token(), &[("up_to", &last)]).location();
    admin.get("/").says("1 new lead since");
    // A number that is not of this form, and one that has been seen, change nothing.
    for up_to in ["999", "x", "-1", &last] {
        admin.post_with("/web-forms/1/seen", &page.token(), &[("up_to", up_to)]).location();
    }
    admin.get("/").says("1 new lead since");
    let silent: Vec<_> = CONTACT_US.into_iter().filter(|(name, _)| *name != "notifies").collect();
    admin.submit("/web-forms/1/edit", "/web-forms/1", &with(&silent, "version", "1")).location();
    assert!(!admin.get("/").text().contains("new lead"));
    admin.get("/web-forms").says("Contact us contact 3 1");
}

#[test]
fn marks_that_come_along_when_somebody_copies_are_not_kept() {
    let (app, _) = company();
    for email in ["\u{202a}ann.lee@example.com\u{202c}", "\u{feff}Ann.Lee@example.com\u{200b} "] {
        let typed = with(&with(&ANN, "email", email), "first_name", "\u{2068}Ann\u{2069}");
        assert_eq!(send(&app, &app.visitor(), "/f/contact", &typed).status, 303);
    }
    assert_eq!(rows(&app, "SELECT name || ' ' || email FROM contacts"), ["Ann Lee ann.lee@example.com"]);
}
