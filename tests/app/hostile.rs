//! Whatever strangers type, in every field of every form. The forms are found by walking through the
//! application: one that is new is tried without anybody having told this test of it.

mod forms;
mod names;
mod probe;
mod strings;
mod trial;
mod walk;

use std::time::Duration;

use partnerbook::people::partners;
use partnerbook::routes::ROUTES;
use partnerbook::runners;
use partnerbook::running::jobs::worker;
use partnerbook::running::setup;
use partnerbook::web::admin::Role;
use partnerbook::web::routing::Access;

use crate::ledgers::cast::{Cast, partner};
use crate::support::http::{self, PASSWORD};
use forms::{Field, Form, Kind};
use strings::Ring;
use trial::Trial;
use walk::Walk;

/// Routes without a page of words: files, and what scripts ask for.
const NO_PAGES: &[&str] = &[
    "/health",
    "/static/{hash}/{name}",
    "/favicon.ico",
    "/settings/company/logo",
    "/prints/{id}",
    "/web-forms/{id}/leads.csv",
];

/// Forms that the walk does not come by, and why.
const NOT_MET: &[(&str, &str)] = &[
    ("/sign-in", "nobody who is signed in sees it: tried below"),
    ("/set-up/{token}", "only an empty system has it: tried below"),
    ("/sign-out", "a button"),
    ("/jobs/{id}/cancel", "a button, while a job is under way"),
    ("/web-forms/{id}/seen", "a button, once somebody has sent the form"),
    ("/links/set-aside", "a button, where clicks are set aside"),
    ("/settings/mail/tests", "a button, where a mail server is set"),
    ("/settings/mail/again", "a button, where mails have failed"),
    ("/settings/mail/{id}/again", "a button, where a mail has failed"),
    ("/settings/mail/{id}/seen", "a button, where a mail has failed"),
    ("/visits", "what the script of a shop sends: tried with the sites of shops"),
    ("/f/{form}", "takes nobody who is as quick as this test: tried with the web forms"),
];

/// Pages that nothing leads to before somebody has chosen dates, or types.
const STARTS: &[&str] = &[
    "/reports/ledgers?from=2026-10-01&to=2026-10-31",
    "/reports/ledgers.csv?from=2026-10-01&to=2026-10-31",
    "/reports/ledgers.pdf?from=2026-10-01&to=2026-10-31",
    "/choices/partners?q=p",
    "/orders/1/lines",
    "/partners/1/clicks.csv?preset=all",
    "/partners/5/merge?other=p6",
    "/partners/7/merge?other=p8",
    "/partners/9/merge?other=p10",
    "/orders/1/commissions",
];

/// What a valid user types where the page offers nothing.
fn valid(form: &Form, times: usize) -> Vec<Option<Vec<u8>>> {
    let mut values = form.filled();
    for (field, value) in form.fields.iter().zip(&mut values) {
        let is_empty = value.as_ref().is_none_or(Vec::is_empty);
        let must = field.required || (field.name == "product" && is_empty);
        if is_empty && must && field.kind != Kind::File {
            *value = Some(typical(field, times).into_bytes());
        }
    }
    values
}

fn typical(field: &Field, times: usize) -> String {
    match (field.kind, field.asks_for.as_str()) {
        (Kind::Password, _) => PASSWORD.into(),
        (Kind::Choice, _) => {
            field.options.iter().find(|option| !option.is_empty()).cloned().unwrap_or_default()
        }
        (_, "partners") => format!("p{}", times % 12),
        (_, "products") => "kettle".into(),
        (_, "contacts") => "dana@example.com".into(),
        (_, "programs") => "Standard".into(),
        (Kind::Area, _) if field.name == "codes" => format!("p{}", times % 12),
        (_, "email") => format!("probe{times}@example.com"),
        _ if field.name.contains("destination") => format!("https://shop.example/{times}"),
        (_, "date") => "2026-10-20".into(),
        (_, "time") => "10:00".into(),
        (Kind::Figure, _) => "1".into(),
        // Not the same in two fields of a form.
        _ => format!(
            "{}{times}",
            field.name.chars().filter(char::is_ascii_alphabetic).take(8).collect::<String>()
        ),
    }
}

/// A company with something of everything.
fn company() -> Cast {
    let cast = Cast::new();
    let twelve: Vec<_> =
        (0..12).map(|number| partner(&format!("p{number}"), &format!("Partner {number}"))).collect();
    cast.app.database.db.run_now(|conn| partners::make(conn, &twelve)).expect("they can be made");
    // Three batches, and something left to pay.
    for number in 0..4 {
        cast.sell(&format!("2000{number}"), "2026-10-05", "1", "100");
        let report = cast.admin.get("/reports/ledgers?from=2026-10-01&to=2026-10-31");
        let range = [("from", "2026-10-01"), ("to", "2026-10-31"), ("kind", "preview")];
        let run = cast.admin.post_with("/runs", &report.token(), &range);
        let page = cast.admin.get(run.location());
        let forms = Form::all(&page, run.location());
        let batch = forms.iter().find(|form| form.action == "/payment-batches" && form.posts);
        if number < 3 {
            let batch = batch.expect("there is somebody to pay");
            let paid = batch.send(&cast.admin, &batch.filled(), batch.buttons.first());
            assert!(paid.location().starts_with("/payment-batches/"), "{}", paid.text());
        }
    }
    for number in 0..3 {
        cast.app.add_user(&format!("User {number}"), &format!("user{number}@example.com"), Role::Viewer);
    }
    cast
}

#[test]
fn every_field_of_every_form_takes_or_refuses_whatever_is_typed() {
    let cast = company();
    let worker = worker::start(&cast.app.database.db, &cast.app.clock, runners::runner);
    let mut walk = Walk::new(&cast.admin, valid, &["/settings/users/1", "/sign-out"]);
    let plain = ROUTES.iter().filter(|route| route.method == "GET" && !route.path.contains('{'));
    plain.for_each(|route| walk.notice(route.path));
    STARTS.iter().for_each(|address| walk.notice(address));
    let mut trial = Trial::new(walk);
    trial.all();
    trial.walk.notice("/jobs/1");
    trial.walk.go();
    trial.addresses();
    trial.rest();
    worker.stop();
    assert!(worker.wait(Duration::from_secs(60)));
    println!("{} forms, {} probes", trial.done.len(), trial.probes);
    let mut wrong = std::mem::take(&mut trial.walk.trouble);
    wrong.append(&mut trial.complaints);
    for route in ROUTES
        .iter()
        .filter(|route| route.method == "GET" && ![Access::Public, Access::ApiKey].contains(&route.access))
    {
        if !trial.walk.seen.contains(route.path) && !NO_PAGES.contains(&route.path) {
            wrong.push(format!("no page of {} was seen", route.path));
        }
    }
    wrong.extend(trial.untried().iter().map(|route| format!("no form to {route} was tried")));
    let is_tried_below = |form: &str| NOT_MET.iter().any(|(path, _)| form.split(' ').nth(1) == Some(path));
    for form in trial.done.iter().filter(|form| !trial.taken.contains(*form) && !is_tried_below(form)) {
        wrong.push(format!("not even a valid user gets through: {form}"));
    }
    for ring in Ring::ALL {
        let unseen = trial.strings.unseen(ring);
        if unseen > 0 && ring != Ring::Address {
            wrong.push(format!("{unseen} strings were typed into no field of {ring:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} things:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_doors_take_or_refuse_whatever_is_typed() {
    let app = http::app();
    let announced = setup::announce(&app.state, None).expect("the start can be announced");
    let set_up = announced.rsplit('/').next().expect("it ends with the token").trim();
    let visitor = app.visitor();
    for (address, forms) in [("/sign-in".to_string(), 1), (format!("/set-up/{set_up}"), 1)] {
        let mut trial = Trial::new(Walk::new(&visitor, valid, &[]));
        trial.walk.notice(&address);
        trial.walk.go();
        let found: Vec<String> = trial.walk.forms.keys().cloned().collect();
        assert_eq!(found.len(), forms, "{address}");
        for signature in found {
            (0..24).for_each(|round| trial.together(&signature, round, |_| true));
            trial.form(&signature);
        }
        // Who is in is not let in again: the form is gone then.
        trial.complaints.retain(|why| !why.contains("/sign-in [") || !why.contains("it ended the session"));
        assert!(trial.probes > 20, "{address}: {}", trial.probes);
        assert!(trial.complaints.is_empty(), "{}", trial.complaints.join("\n"));
    }
}
