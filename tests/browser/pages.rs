//! Every page, in every state that people meet it in, is one that everybody can use: axe-core and the Nu
//! HTML checker find nothing, by day and by night, on a desk and on a phone.

use partnerbook::runners;
use partnerbook::running::jobs::worker;
use partnerbook::running::mails::sender;
use partnerbook::running::setup;

use crate::browser::{Scripts, visit};
use crate::cast;
use crate::checkers::{self, Faults};
use crate::support::http::{self, TestApp};
use crate::support::smtp::{self, MailServer};
use crate::tour::{Dates, Tour};

const OCTOBER: Dates = Dates { from: "2026-10-01", to: "2026-10-31" };

/// Routes that take a form and never answer it with a page of their own: they lead on, or refuse with the
/// page for trouble.
const LEADING_ON: &[&str] = &[
    "/visits",
    "/sign-out",
    "/runs",
    "/prints",
    "/runs/{id}/again",
    "/saved-searches",
    "/saved-searches/{id}/remove",
    "/contacts/{id}/export",
    "/partners.csv",
    "/partners/{id}/status",
    "/programs/{id}/delete",
    "/programs/{id}/withdrawals",
    "/links/set-aside",
    "/coupons/{id}/end",
    "/web-forms/{id}/seen",
    "/imports/{id}/discard",
    "/settings/users/{id}/access",
    "/settings/mail/tests",
    "/settings/mail/again",
    "/settings/mail/{id}/again",
    "/settings/mail/{id}/seen",
    "/settings/api-keys/{id}/revoke",
    "/jobs/{id}/cancel",
];

#[test]
fn no_page_has_a_fault_that_somebody_would_stumble_over() {
    let Some(packages) = checkers::packages() else { return };
    let mails = MailServer::start();
    mails.says("RCPT", "550 5.1.1 No such mailbox here");
    let settings = smtp::settings(mails.port);
    let app = http::app_with(|state| state.mailing(Some(settings.clone())));
    app.database.db.run_now(cast::tell).expect("the story can be told");
    // Something that happens to nobody, and that everybody would look at.
    app.database.psql(
        "INSERT INTO visits_set_aside (recorded, visits, reason)
         VALUES (1, '[]', 'new row for relation \"clicks\" violates check constraint \"clicks_query_is_at_most_2000_characters\"')",
    );
    let (pages, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    visit(&app.url, Scripts::Run, async |browser| {
        let eyes = Faults::new(packages, pages.path());
        let mut tour = Tour::new(browser, eyes, OCTOBER, files.path().into());
        let worker = worker::start(&app.database.db, &app.clock, runners::runner);
        let sender = sender::start(&app.database.db, &app.clock, &settings).expect("the sender starts");
        tour.everything(&set_up(&app)).await;
        worker.stop();
        sender.stop();
        let missed = tour.missed();
        assert!(missed.is_empty(), "the walk in tests/browser/tour does not lead to {missed:#?}");
        assert_eq!(
            tour.unanswered(),
            LEADING_ON,
            "the forms whose answer the walk in tests/browser/tour never shows"
        );
        let faults = tour.eyes.all(packages);
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    });
}

#[test]
fn no_page_of_an_empty_system_has_a_fault() {
    let Some(packages) = checkers::packages() else { return };
    let app = http::app();
    let (pages, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    visit(&app.url, Scripts::Run, async |browser| {
        let eyes = Faults::new(packages, pages.path());
        let mut tour = Tour::new(browser, eyes, OCTOBER, files.path().into());
        tour.emptiness(&set_up(&app)).await;
        tour.waiting_for_a_worker().await;
        let faults = tour.eyes.all(packages);
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    });
}

/// The way to the first user of a new system.
fn set_up(app: &TestApp) -> String {
    let told = setup::announce(&app.state, None).expect("the link can be made");
    told.trim().rsplit_once(app.url.as_str()).expect("it ends with a link").1.to_string()
}
