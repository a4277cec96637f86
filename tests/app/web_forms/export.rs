//! What was sent by a form as a file.

use super::*;
use partnerbook::web::admin::Role::Viewer;

/// The file's headings and rows.
fn file(viewer: &Visitor) -> (Vec<String>, Vec<Vec<String>>) {
    let path = viewer.get("/web-forms/1").attribute("a[download]", "href");
    let (status, media_type, bytes) = viewer.get_bytes(&path);
    assert_eq!((status, media_type.as_str()), (200, "text/csv; charset=utf-8"));
    let text = String::from_utf8(bytes).expect("it is UTF-8");
    let text = text.strip_prefix('\u{feff}').expect("it begins with a mark of UTF-8");
    assert!(text.ends_with("\r\n") && !text.contains("\r\r"), "each row ends as Windows has it");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let words = |record: &csv::StringRecord| record.iter().map(str::to_string).collect::<Vec<_>>();
    let headings = words(reader.headers().expect("headings"));
    (headings, reader.records().map(|record| words(&record.expect("a row"))).collect())
}

/// What stands in a row under a heading.
fn cell<'a>(headings: &[String], row: &'a [String], heading: &str) -> &'a str {
    let place = headings.iter().position(|known| known == heading);
    &row[place.unwrap_or_else(|| panic!("no {heading} in {headings:?}"))]
}

#[test]
fn what_people_sent_is_a_file_with_a_column_for_each_question() {
    let (app, admin) = company();
    let asks =
        [("question_1", "=How many?"), ("kind_1", "line"), ("question_2", "Notes"), ("kind_2", "lines")];
    let form = [&CONTACT_US[..], &asks[..]].concat();
    let edit = |fields: &[(&str, &str)]| {
        let version = admin.get("/web-forms/1/edit").attribute("input[name=version]", "value");
        admin.submit("/web-forms/1/edit", "/web-forms/1", &with(fields, "version", &version)).location();
    };
    edit(&form);
    let viewer = app.sign_in_as(Viewer);
    assert!(!viewer.get("/web-forms/1").html.contains("leads.csv"), "nothing was sent yet");
    let visitor = app.visitor();
    let full = [&ANN[..], &[("question_1", "@12"), ("question_2", "One\r\nTwo, \"three\"")]].concat();
    send(&app, &visitor, "/f/contact", &full).location();
    send(&app, &visitor, "/f/contact", &[("email", "robot@example.com"), ("website", "x")]).location();
    // The form asks something else from now on.
    edit(&with(&with(&form, "question_1", "Since when?"), "first_name", "no"));
    let other = [("email", "bo@example.com"), ("last_name", "+Bo"), ("question_1", "Monday")];
    send(&app, &visitor, "/f/contact", &other).location();
    let (headings, rows) = file(&viewer);
    assert_eq!(
        headings[8..],
        ["Last name", "E-mail", "Since when?", "Notes", "First name", "'=How many?"].map(String::from),
        "first what is asked now"
    );
    assert_eq!(rows.len(), 2, "without the robot, the latest first");
    let of = |row: usize, heading: &str| cell(&headings, &rows[row], heading).to_string();
    assert_eq!(
        [of(0, "Contact"), of(0, "Contact Email"), of(0, "Since when?")],
        ["'+Bo", "bo@example.com", "Monday"]
    );
    assert_eq!([of(0, "Notes"), of(0, "First name")], ["", ""]);
    assert_eq!([of(1, "Contact ID"), of(1, "Contact")], ["1", "Ann Lee"]);
    assert_eq!([of(1, "'=How many?"), of(1, "Notes")], ["'@12", "One\nTwo, \"three\""]);
    assert_eq!(of(1, "Sent At"), "2026-11-03 10:41:05");
    assert_eq!(of(1, "IP Address"), "127.0.0.1");
    let page = viewer.get("/web-forms/1/leads.csv");
    assert!(page.header("content-disposition").contains("leads-contact.csv"));
    assert_eq!(viewer.get("/web-forms/9/leads.csv").status, 404);
    // What is erased is not in it any more.
    app.database.psql("UPDATE form_submissions SET address = NULL; SELECT erase_contact(1, now())");
    let (headings, rows) = file(&viewer);
    assert_eq!(cell(&headings, &rows[1], "IP Address"), "");
    assert!(!rows[1].join(" ").contains("Ann"), "{:?}", rows[1]);
}

#[test]
fn thousands_of_submissions_and_two_questions_of_the_same_words_are_all_in_the_file() {
    let (app, admin) = company();
    app.database.psql(
        r#"INSERT INTO contacts (name, email) SELECT 'Lead ' || n, n || '@example.com' FROM generate_series(1, 2500) n;
           INSERT INTO form_submissions (form_id, contact_id, sent_at, answers, content_hash)
           SELECT 1, id, now(), jsonb_build_array(jsonb_build_object('label', 'Why?', 'answer', 'a' || id),
                                                  jsonb_build_object('label', 'Why?', 'answer', 'b' || id)), sha256('x')
             FROM contacts ORDER BY id"#,
    );
    let (headings, rows) = file(&admin);
    assert_eq!(headings[11..], ["Why?", "Why?"].map(String::from));
    let numbers: Vec<&str> = rows.iter().map(|row| row[2].as_str()).collect();
    let expected: Vec<String> = (1..=2500).rev().map(|n| n.to_string()).collect();
    assert_eq!(numbers, expected, "each once, the latest first");
    assert_eq!(rows[0][11..], ["a2500", "b2500"].map(String::from));
}
