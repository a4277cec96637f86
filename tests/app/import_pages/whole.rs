//! The way of a good file, and what may come between.

use super::*;

#[test]
fn a_file_shows_what_it_would_do_is_imported_and_shows_what_it_did() {
    let office = office();
    let before = office.number("SELECT count(*) FROM orders");
    let (path, page) = office.uploads("orders", "orders.csv", ORDERS.as_bytes());
    page.says("What will happen").says("Orders");
    assert_eq!(tile(&page, "Rows"), "4");
    assert_eq!(tile(&page, "Would be recorded"), "2");
    assert_eq!(tile(&page, "Returns to take back"), "1");
    assert_eq!(tile(&page, "Unmatched returns"), "1");
    page.says("finds no sale to take back").says("Import 2 orders and 1 return");
    assert_eq!(office.number("SELECT count(*) FROM orders"), before, "nothing is written by looking");
    assert_eq!(office.number("SELECT count(*) FROM contacts WHERE external_id = 'c1'"), 0);

    let page = office.starts(&path, &[]);
    page.says("Imported.")
        .says("2 orders and 1 return recorded, 0 already there, 1 return line without a sale.");
    assert_eq!(tile(&page, "Recorded"), "2");
    assert_eq!(office.number("SELECT count(*) FROM orders"), 2);
    assert_eq!(
        office.number("SELECT sum(amount_minor) FROM entries"),
        500 + 150,
        "rp2 10 %, rp1 3 %, half came back"
    );
    assert_eq!(
        office.number("SELECT count(*) FROM files WHERE name = 'orders.csv'"),
        0,
        "the file is not kept"
    );
    let list = office.ann.get("/imports");
    list.says("orders.csv").says("Imported").says("2 orders and 1 return recorded");
    office.ann.get("/jobs").says("Import orders.csv").says("Check orders.csv");
    let audit = "SELECT count(*) FROM audit_log WHERE action = 'orders.import' AND user_id IS NOT NULL";
    assert_eq!(office.number(audit), 1);

    let remarks = office.ann.get(&format!("{path}/remarks.csv"));
    assert_eq!(remarks.header("content-disposition"), "attachment; filename=\"orders-remarks.csv\"");
    assert!(remarks.html.contains("unmatched,orders.csv,5,product_code,kettle"), "{}", remarks.html);
}

#[test]
fn the_same_file_again_changes_nothing_and_says_so() {
    let office = office();
    office.brings("orders", "orders.csv", ORDERS.as_bytes());
    let entries = office.number("SELECT count(*) FROM entries");
    let (path, page) = office.uploads("orders", "orders.csv", ORDERS.as_bytes());
    page.says("There is nothing to import: all that the file says is there already.");
    assert_eq!(tile(&page, "Already there"), "3");
    assert!(page.all("button[form=start]").is_empty(), "there is no button for nothing");
    let again = office.ann.post_with(&format!("{path}/start"), &page.token(), &[("seen", "0")]);
    assert_eq!(again.status, 422);
    assert_eq!(office.number("SELECT count(*) FROM entries"), entries);
}

#[test]
fn the_same_file_twice_at_once_is_recorded_once() {
    let office = office();
    let (one, first) = office.uploads("orders", "orders.csv", ORDERS.as_bytes());
    let (other, second) = office.uploads("orders", "orders.csv", ORDERS.as_bytes());
    for (path, page) in [(&one, &first), (&other, &second)] {
        let seen = page.attribute("input[name=seen]", "value");
        let answer = office.ann.post_with(&format!("{path}/start"), &page.token(), &[("seen", &seen)]);
        assert_eq!(answer.location(), path);
    }
    let recorded = [one, other].map(|path| {
        let page = office.waits_for(&path);
        page.says("Imported.");
        tile(&page, "Recorded")
    });
    assert!(recorded.contains(&"2".to_string()) && recorded.contains(&"0".to_string()), "{recorded:?}");
    assert_eq!(office.number("SELECT count(*) FROM orders"), 2);
}

#[test]
fn two_presses_at_once_import_once() {
    let office = office();
    let (path, page) = office.uploads("orders", "orders.csv", ORDERS.as_bytes());
    let seen = page.attribute("input[name=seen]", "value");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let fields = [("seen", seen.as_str())];
                let answer = office.ann.post_with(&format!("{path}/start"), &page.token(), &fields);
                assert_eq!(answer.location(), path);
            });
        }
    });
    office.waits_for(&path).says("Imported.");
    assert_eq!(
        office.number("SELECT count(*) FROM jobs WHERE kind = 'import' AND title = 'Import orders.csv'"),
        1
    );
    assert_eq!(office.number("SELECT count(*) FROM orders"), 2);
}

#[test]
fn bad_rows_are_shown_and_left_out_only_when_somebody_says_so() {
    let office = office();
    let file = "code,name,email\nrp8,Eight,rp8@example.com\nrp 9,Nine,\nrp7,Seven,no mail\n";
    let (path, page) = office.uploads("partners", "partners.csv", file.as_bytes());
    assert_eq!((tile(&page, "Would be recorded"), tile(&page, "Bad rows")), ("1".into(), "2".into()));
    page.says("2 rows are bad.").says("rp 9").says("is not a code").says("is not an e-mail address");
    page.says("Import the good rows: 1 partner");
    let seen = page.attribute("input[name=seen]", "value");
    let refused = office.ann.post_with(&format!("{path}/start"), &page.token(), &[("seen", &seen)]);
    assert_eq!(refused.status, 422);
    refused.says("Mend the bad rows in the file, or say that they are left out.");
    assert_eq!(office.number("SELECT count(*) FROM partners"), 3);
    let page = office.starts(&path, &[("skip_bad_rows", "yes")]);
    page.says("1 partner recorded, 0 already there, 2 bad rows left out.");
    assert_eq!(office.number("SELECT count(*) FROM partners"), 4);
    let remarks = office.ann.get(&format!("{path}/remarks.csv"));
    assert!(remarks.html.contains("error,partners.csv,3,code,rp 9"), "{}", remarks.html);
}

#[test]
fn the_code_of_a_deleted_partner_is_a_bad_row_of_its_own() {
    let office = office();
    let gone = office.number("SELECT id FROM partners WHERE code = 'rp3'");
    assert_eq!(office.ann.post_form(&format!("/partners/{gone}/delete"), &[]).status, 303);
    let file = "code,name\nrp8,Eight\nRP3,Three\nrp9,Nine\n";
    let (path, page) = office.uploads("partners", "partners.csv", file.as_bytes());
    page.says("1 row is bad.").says("codes are never used again for another");
    assert_eq!((tile(&page, "Would be recorded"), tile(&page, "Bad rows")), ("2".into(), "1".into()));
    office.starts(&path, &[("skip_bad_rows", "yes")]).says("2 partners recorded");
    let remarks = office.ann.get(&format!("{path}/remarks.csv"));
    assert!(
        remarks.html.contains("error,partners.csv,3,code,RP3,was a deleted partner’s"),
        "{}",
        remarks.html
    );
}

#[test]
fn rows_that_turn_bad_between_looking_and_importing_are_shown_and_nothing_is_written() {
    let office = office();
    let file = "code,name,email\nrp8,Eight,new@example.com\nrp9,Nine,\n";
    let (path, page) = office.uploads("partners", "partners.csv", file.as_bytes());
    page.says("Import 2 partners");
    office.brings("partners", "other.csv", b"code,name,email\nrp7,Seven,new@example.com\n");
    let page = office.starts(&path, &[]);
    page.says("Nothing was written: rows are bad that were good before.");
    page.says("is the e-mail of partner rp7 already").says("1 row is bad.");
    assert_eq!(office.number("SELECT count(*) FROM partners"), 4);
    office.starts(&path, &[("skip_bad_rows", "yes")]).says("1 partner recorded");
}

#[test]
fn all_samples_can_be_imported_as_they_are() {
    let office = empty_office();
    for kind in ["products", "programs", "partners", "referrals", "orders", "entries"] {
        office.ann.get("/imports").says("What does the file hold?");
        office.ann.get(&format!("/imports/new?kind={kind}")).says("Columns").says("needed");
        let sample = office.ann.get(&format!("/imports/sample.csv?kind={kind}"));
        assert!(sample.header("content-disposition").contains(&format!("{kind}-sample.csv")));
        let (path, page) = office.uploads(kind, "sample.csv", sample.html.as_bytes());
        assert!(
            !page.html.contains("Bad row") && !page.html.contains("Unmatched"),
            "{kind}: {}",
            page.text()
        );
        office.starts(&path, &[]).says("Imported.");
    }
    assert_eq!(office.number("SELECT count(*) FROM partners"), 2);
    assert_eq!(office.number("SELECT count(*) FROM orders"), 2);
    assert_eq!(office.ann.get("/imports/sample.csv?kind=nothing").status, 404);
    assert_eq!(office.ann.get("/imports/new?kind=nothing").location(), "/imports");
}

#[test]
fn an_import_can_be_left_and_is_there_after_a_restart() {
    let mut office = office();
    office.closes();
    let page = office.sends("orders", "orders.csv", ORDERS.as_bytes());
    let path = page.location().to_string();
    let page = office.ann.get(&path);
    page.says("Looking what the file would do").says("You may leave this page");
    assert!(page.html.contains(r#"<noscript><meta http-equiv="refresh""#));
    office.ann.get("/imports").says("Being looked at");
    office.opens();
    office.waits_for(&path).says("What will happen");
    office.starts(&path, &[]).says("Imported.");
}

#[test]
fn a_cancelled_import_leaves_nothing_and_can_be_begun_again() {
    let mut office = office();
    let (path, page) = office.uploads("orders", "orders.csv", ORDERS.as_bytes());
    office.closes();
    let seen = page.attribute("input[name=seen]", "value");
    office.ann.post_with(&format!("{path}/start"), &page.token(), &[("seen", &seen)]);
    let page = office.ann.get(&path);
    page.says("The file is being imported");
    let refused = office.ann.post_with(&format!("{path}/discard"), &page.token(), &[]);
    assert_eq!(refused.status, 422);
    let cancel = page.attribute("form[action^='/jobs/']", "action");
    assert_eq!(office.ann.post_with(&cancel, &page.token(), &[]).status, 303);
    office.opens();
    office.waits_for(&path).says("Cancelled.").says("Import 2 orders");
    assert_eq!(office.number("SELECT count(*) FROM orders"), 0);
    office.starts(&path, &[]).says("Imported.");
}

#[test]
fn a_file_that_is_thrown_away_is_gone() {
    let office = office();
    let (path, page) = office.uploads("orders", "orders.csv", ORDERS.as_bytes());
    assert_eq!(office.ann.post_with(&format!("{path}/discard"), &page.token(), &[]).location(), "/imports");
    office.ann.get("/imports").says("Thrown away.").says("Nothing of orders.csv was imported.");
    office.ann.get(&path).says("The file is no longer kept");
    assert_eq!(office.number("SELECT count(*) FROM files"), 0);
    let seen = office.number("SELECT max(check_job_id) FROM imports").to_string();
    let late = office.ann.post_with(&format!("{path}/start"), &page.token(), &[("seen", &seen)]);
    assert_eq!(late.location(), path);
    office.waits_for(&path).says("Upload it once more");
    assert_eq!(office.number("SELECT count(*) FROM orders"), 0);
}

#[test]
fn another_users_upload_is_seen_and_not_imported() {
    let office = office();
    let (path, page) = office.uploads("orders", "orders.csv", ORDERS.as_bytes());
    let seen = page.attribute("input[name=seen]", "value");
    office.app.add_user("Bea Stone", "bea@example.com", Role::Administrator);
    let bea = office.app.sign_in("bea@example.com");
    let page = bea.get(&path);
    page.says("uploaded this file, and nobody else imports it");
    assert!(page.all("form[action*='/start'], form[action*='/discard']").is_empty());
    for action in ["start", "columns", "discard"] {
        let fields = [("seen", seen.as_str()), ("column-0", "order_number"), ("as_headings", "yes")];
        let answer = bea.post_with(&format!("{path}/{action}"), &page.token(), &fields);
        assert_eq!(answer.status, 422, "{action}");
        answer.says("Administrator uploaded this file");
    }
    office.starts(&path, &[]).says("Imported.");
    bea.get(&path).says("Imported.");
}

#[test]
fn empty_lists_and_the_first_steps_lead_to_their_import() {
    let office = empty_office();
    for (page, kind) in [
        ("/partners", "partners"),
        ("/products", "products"),
        ("/programs", "programs"),
        ("/orders", "orders"),
    ] {
        let link = office.ann.get(page).attribute("a[href^='/imports/new']", "href");
        assert_eq!(link, format!("/imports/new?kind={kind}"));
    }
    assert_eq!(office.ann.get("/").all("a[href^='/imports/new']").len(), 3, "programs, partners, orders");
    let viewer = office.app.sign_in_as(Role::Viewer);
    for page in ["/", "/partners", "/products", "/programs", "/orders"] {
        assert!(viewer.get(page).all("a[href^='/imports']").is_empty(), "{page} leads a viewer nowhere");
    }
}
