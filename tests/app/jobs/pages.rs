//! Jobs on pages.

use partnerbook::web::admin::Role;

use super::*;
use crate::support::http;

#[test]
fn a_job_shows_how_far_it_is_and_is_found_again_when_it_is_done() {
    let app = http::app();
    prepare(&app.database);
    let administrator = app.sign_in_as(Role::Administrator);
    administrator.get("/jobs").says("No job yet");
    let ann = app.add_user("Ann Kowalski", "ann@example.com", Role::Administrator);
    let id = ask(&app.database.db, Some(ann));
    let page = administrator.get(&format!("/jobs/{id}"));
    page.says("Tell a story").says("Waiting").says("as soon as a worker is free").says("Ann Kowalski");
    assert!(page.html.contains(r#"<noscript><meta http-equiv="refresh""#), "it reloads without JavaScript");

    let worker = work(&app.database.db, waits);
    until(&app.database.db, id, "it says what it does", |job| job.doing == "Waiting at the gate");
    let page = administrator.get(&format!("/jobs/{id}"));
    page.says("Running").says("Waiting at the gate, 25 %").says("You may leave this page");
    assert_eq!(page.attribute("progress", "value"), "25");
    assert_eq!(page.attribute("[data-poll]", "id"), "job");
    open(&app.database);
    until_ended(&app.database.db, id);
    stop(worker);

    let page = administrator.get(&format!("/jobs/{id}"));
    page.says("Done").says("Told.");
    assert!(
        !page.html.contains("http-equiv") && !page.html.contains("data-poll"),
        "it is not looked at again"
    );
    let list = administrator.get("/jobs");
    list.says("Tell a story").says("Told.").says("1–1 of 1");
    assert_eq!(list.attribute(".row-link", "href"), format!("/jobs/{id}"));
}

#[test]
fn what_came_of_a_job_is_one_press_away() {
    let app = http::app();
    prepare(&app.database);
    let administrator = app.sign_in_as(Role::Administrator);
    let id = ask(&app.database.db, None);
    let worker = work(&app.database.db, tells);
    until_ended(&app.database.db, id);
    stop(worker);
    let page = administrator.get(&format!("/jobs/{id}"));
    page.says("Told in 3 steps.").says("Command line");
    assert_eq!(page.attribute("a.button--primary", "href"), "/partners");
    page.says("Back to where it was asked for");
}

#[test]
fn a_job_is_cancelled_on_its_page_once() {
    let app = http::app();
    prepare(&app.database);
    let administrator = app.sign_in_as(Role::Administrator);
    let id = ask(&app.database.db, None);
    let (page, action) = (format!("/jobs/{id}"), format!("/jobs/{id}/cancel"));
    let token = administrator.get(&page).token();
    assert_eq!(administrator.post_with(&action, &token, &[]).location(), page);
    administrator.get(&page).says("Cancelled.").says("It was cancelled before it had begun.");
    assert_eq!(administrator.post_with(&action, &token, &[]).location(), page);
    administrator.get(&page).says("Nothing to cancel.");
    let cancels = "SELECT count(*) FROM audit_log WHERE action = 'job.cancel'";
    assert_eq!(number(&mut app.database.owner(), cancels), 1);
}

#[test]
fn a_viewer_sees_and_cancels_only_jobs_of_their_own() {
    let app = http::app();
    let ann = app.add_user("Ann Kowalski", "ann@example.com", Role::Administrator);
    let vera = app.add_user("Vera", "vera@example.com", Role::Viewer);
    let (hers, anns) = (ask(&app.database.db, Some(vera)), ask(&app.database.db, Some(ann)));
    let viewer = app.sign_in("vera@example.com");
    viewer.get("/jobs").says("1–1 of 1");
    assert_eq!(viewer.get(&format!("/jobs/{hers}")).status, 200);
    let token = viewer.get(&format!("/jobs/{hers}")).token();
    for page in
        [viewer.get(&format!("/jobs/{anns}")), viewer.post_with(&format!("/jobs/{anns}/cancel"), &token, &[])]
    {
        assert_eq!(page.status, 404);
        page.says(&format!("There is no job {anns}."));
    }
    assert_eq!(find(&app.database.db, anns).state(), State::Waiting);
    assert_eq!(viewer.post_with(&format!("/jobs/{hers}/cancel"), &token, &[]).status, 303);
    assert_eq!(find(&app.database.db, hers).state(), State::Cancelled);
    app.sign_in("ann@example.com").get("/jobs").says("1–2 of 2");
    for wrong in ["/jobs/0", "/jobs/x", "/jobs/99999999999999999999"] {
        assert_eq!(viewer.get(wrong).status, 404, "{wrong}");
    }
}
