//! Create Referral Partner Payments, through the pages.

use crate::support::http::{self, Page, TestApp, Visitor};
use chrono::NaiveDate;
use partnerbook::book::{self, NewRun, RunKind};
use partnerbook::domain::ids::{AccountId, PartnerId, RunId, UserId};
use partnerbook::domain::money::Money;
use partnerbook::domain::period::Period;
use partnerbook::people::partners::{self, NewPartner, PartnerStatus};
use partnerbook::web::admin::Role;
use serde_json::json;

/// An application with partners who are owed something for June 2026.
struct Cast {
    app: TestApp,
    admin: Visitor,
    sam: AccountId,
    joe: AccountId,
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn june() -> Period {
    Period::new(day("2026-06-01"), day("2026-06-30")).expect("a range")
}

impl Cast {
    /// Sam is owed 100.00 of June and 20.00 of May; Joe −5.00 of June.
    fn new() -> Cast {
        let app = http::app();
        let admin = app.sign_in_as(Role::Administrator);
        let accounts = app.database.db.run_now(|conn| {
            let new = |code: &str, name: &str| NewPartner {
                code: code.into(),
                name: name.into(),
                email: None,
                parent: None,
                status: PartnerStatus::Active,
                track_leads_days: None,
                notify_on_lead: false,
                notify_on_sale: false,
                address: Default::default(),
            };
            let ids: Vec<PartnerId> = partners::make(conn, &[new("sam", "Sam"), new("joe", "Joe <b>&")])?;
            let accounts = book::accounts_of(conn, &ids)?;
            Ok((accounts[&ids[0]], accounts[&ids[1]]))
        });
        let (sam, joe) = accounts.expect("partners can be made");
        let cast = Cast { app, admin, sam, joe };
        cast.earn(sam, 2_000, "2026-05-20");
        cast.earn(sam, 10_000, "2026-06-10");
        cast.earn(joe, -500, "2026-06-11");
        cast
    }

    fn earn(&self, account: AccountId, minor: i64, on: &str) {
        let amount = Money::from_minor(minor);
        let adjust = |conn: &mut _| book::adjust(conn, account, amount, day(on), "earned", None, None);
        self.app.database.db.run_now(adjust).expect("an entry can be recorded");
    }

    fn run(&self, kind: RunKind, by: &str) -> RunId {
        let made_by = self.user(by);
        let run = NewRun { kind, period: june(), criteria: json!({}), made_by: Some(made_by) };
        let accounts = [self.sam, self.joe];
        self.app.database.db.run_now(|conn| book::make_run(conn, &run, &accounts)).expect("a run can be made")
    }

    fn user(&self, email: &str) -> UserId {
        use diesel::prelude::*;
        let found = self.app.database.db.read_now(|conn| {
            let query = diesel::sql_query("SELECT id AS value FROM users WHERE email = $1");
            let row: partnerbook::db::columns::Number =
                query.bind::<diesel::sql_types::Text, _>(email).get_result(conn)?;
            Ok(UserId(row.value))
        });
        found.expect("the user is there")
    }

    fn preview(&self, method: &str) -> (String, Page) {
        let run = self.run(RunKind::Preview, "administrator@example.com");
        let path = format!("/payment-batches/new?run={run}&method={method}");
        let page = self.admin.get(&path);
        assert_eq!(page.status, 200, "{}", page.text());
        (path, page)
    }

    fn balance(&self, account: AccountId) -> i64 {
        let figures = self.app.database.db.read_now(|conn| book::figures_now(conn, june(), &[account]));
        figures.expect("figures")[0].balance.minor()
    }
}

/// The form of a preview as a browser would send it, with changes.
fn form(page: &Page, changes: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let names = ["run", "as_of", "method", "leave", "key", "shown", "batch_id", "paid_on", "note"];
    let mut fields: Vec<(&'static str, String)> = vec![("pay_type", "manual".into())];
    for name in names {
        let selector = format!("#batch [name={name}]");
        if !page.all(&selector).is_empty() {
            fields.push((name, page.attribute(&selector, "value")));
        }
    }
    for (name, value) in changes {
        fields.retain(|(field, _)| field != name);
        fields.push((name, value.to_string()));
    }
    fields
}

fn press(visitor: &Visitor, page: &Page, changes: &[(&'static str, &str)]) -> Page {
    let fields = form(page, changes);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    visitor.post_with("/payment-batches", &page.token(), &fields)
}

#[test]
fn the_preview_shows_the_three_methods_side_by_side_and_records_nothing() {
    let cast = Cast::new();
    let (_, page) = cast.preview("commission");
    assert_eq!(page.all(".choice").len(), 3);
    page.says("Process Action: pay 1 partner $100.00");
    page.says("Open from before this range: $20.00, not in this method");
    page.says("1 partner is skipped");
    page.says("Joe <b>&");
    let (_, page) = cast.preview("ending_balance");
    page.says("Process Action: pay 1 partner $120.00");
    assert_eq!(cast.balance(cast.sam), 12_000);
}

#[test]
fn process_action_records_what_was_shown_and_says_so() {
    let cast = Cast::new();
    let (_, page) = cast.preview("commission");
    cast.earn(cast.sam, 700, "2026-06-29");
    let answer = press(&cast.admin, &page, &[("note", "by hand")]);
    assert_eq!(answer.status, 303, "{}", answer.text());
    let result = cast.admin.get(answer.location());
    result.says("Paid 1 partner $100.00.").says("by hand").says("1 entry stays open");
    assert_eq!(cast.balance(cast.sam), 2_700);
    let search = cast.admin.get("/reports/payments");
    search.says("1 batch").says("$100.00");
    cast.admin.get("/reports/payments?show=payments&partner=sam").says("1 payment");
    let csv = cast.admin.get(&format!("{}/payments.csv", answer.location()));
    assert!(csv.html.contains(",100.00,stands,by hand"), "{}", csv.html);
}

#[test]
fn pressing_twice_gives_the_first_result_again() {
    let cast = Cast::new();
    let (_, page) = cast.preview("commission");
    let first = press(&cast.admin, &page, &[]);
    let second = press(&cast.admin, &page, &[]);
    assert_eq!((first.status, first.location()), (303, second.location()));
    assert_eq!(cast.balance(cast.sam), 2_000);
    let other = press(&cast.admin, &page, &[("note", "other content")]);
    assert_eq!(other.status, 422);
    other.says("was sent before with other content");
    assert_eq!(cast.balance(cast.sam), 2_000);
}

#[test]
fn a_batch_id_is_used_once_whatever_its_case() {
    let cast = Cast::new();
    let (_, page) = cast.preview("commission");
    assert_eq!(press(&cast.admin, &page, &[("batch_id", "June")]).status, 303);
    let (_, page) = cast.preview("ending_balance");
    let refused = press(&cast.admin, &page, &[("batch_id", "jUNE"), ("note", "kept")]);
    assert_eq!(refused.status, 422);
    refused.says("was used before");
    assert_eq!(refused.attribute("#batch [name=note]", "value"), "kept");
    assert_eq!(cast.balance(cast.sam), 2_000);
}

#[test]
fn what_was_settled_since_it_was_shown_is_not_paid_again() {
    let cast = Cast::new();
    let (_, early) = cast.preview("commission");
    let (_, page) = cast.preview("ending_balance");
    assert_eq!(press(&cast.admin, &page, &[]).status, 303);
    let late = press(&cast.admin, &early, &[]);
    assert_eq!(late.status, 422);
    late.says("Nothing was recorded").says("settled or voided since");
    assert_eq!(cast.balance(cast.sam), 0);
}

#[test]
fn an_export_pays_what_it_showed_though_more_was_earned_since() {
    let cast = Cast::new();
    let export = cast.run(RunKind::Export, "administrator@example.com");
    cast.earn(cast.sam, 900, "2026-06-20");
    let (path, page) = cast.preview("commission");
    page.says("pay 1 partner $109.00").says("As exported");
    let page = cast.admin.get(&format!("{path}&as_of={export}"));
    page.says("pay 1 partner $100.00");
    let answer = press(&cast.admin, &page, &[]);
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(cast.balance(cast.sam), 2_900);
    let again = cast.admin.get(&format!("{path}&as_of={export}"));
    again.says("cannot be recorded");
}

#[test]
fn a_preview_of_somebody_else_is_refused() {
    let cast = Cast::new();
    cast.app.add_user("Ann", "ann@example.com", Role::Administrator);
    let run = cast.run(RunKind::Preview, "ann@example.com");
    let page = cast.admin.get(&format!("/payment-batches/new?run={run}"));
    assert_eq!(page.status, 422);
    page.says("made by Ann");
    let export = cast.run(RunKind::Export, "administrator@example.com");
    let page = cast.admin.get(&format!("/payment-batches/new?run={export}"));
    assert_eq!(page.status, 422);
    assert_eq!(cast.admin.get("/payment-batches/new?run=999999").status, 404);
    assert_eq!(cast.admin.get("/payment-batches/new?run=zebra").status, 303);
}

#[test]
fn what_is_typed_wrongly_is_named_and_kept() {
    let cast = Cast::new();
    let (_, page) = cast.preview("commission");
    let long = "x".repeat(5_000);
    for (field, value, words) in [
        ("pay_type", "bitcoin", "Choose a pay type"),
        ("batch_id", "", "Batch Id"),
        ("batch_id", long.as_str(), "Batch Id"),
        ("paid_on", "2026-02-30", "Date"),
        ("paid_on", "yesterday", "Date"),
        ("note", long.as_str(), "Note"),
        ("key", "not-a-key", "incomplete"),
    ] {
        let answer = press(&cast.admin, &page, &[(field, value)]);
        assert_eq!(answer.status, 422, "{field}");
        answer.says(words);
        if ["batch_id", "paid_on", "note"].contains(&field) {
            assert_eq!(answer.attribute(&format!("#batch [name={field}]"), "value"), value, "{field}");
        }
    }
    assert_eq!(cast.balance(cast.sam), 12_000);
}

#[test]
fn a_date_before_an_entry_that_it_pays_is_pointed_out() {
    let cast = Cast::new();
    let (_, page) = cast.preview("commission");
    let asked = press(&cast.admin, &page, &[("paid_on", "2026-06-09")]);
    assert_eq!(asked.status, 422);
    asked.says("The date is before an entry that is paid");
    let done = press(&cast.admin, &asked, &[("early", "yes")]);
    assert_eq!(done.status, 303, "{}", done.text());
}

#[test]
fn a_void_opens_what_was_settled_and_is_done_once() {
    let cast = Cast::new();
    let (_, page) = cast.preview("commission");
    let batch = press(&cast.admin, &page, &[]).location().to_string();
    let path = format!("{batch}/void");
    let today = cast.admin.get(&path).attribute("[name=voided_on]", "value");
    let without_reason = cast.admin.post_form(&path, &[("voided_on", &today), ("reason", " ")]);
    assert_eq!(without_reason.status, 422);
    let early = cast.admin.post_form(&path, &[("voided_on", "2020-01-01"), ("reason", "wrong")]);
    assert_eq!(early.status, 422);
    early.says("cannot be dated before its payment");
    let page = cast.admin.get(&path);
    let fields = [("voided_on", today.as_str()), ("reason", "bounced")];
    let done = cast.admin.post_with(&path, &page.token(), &fields);
    assert_eq!((done.status, done.location()), (303, batch.as_str()));
    cast.admin.get(&batch).says("Voided $100.00.").says("Voided");
    assert_eq!(cast.balance(cast.sam), 12_000);
    let again = cast.admin.post_with(&path, &page.token(), &fields);
    assert_eq!((again.status, again.location()), (303, batch.as_str()));
    cast.admin.get(&batch).says("Nothing was voided.");
    assert_eq!(cast.balance(cast.sam), 12_000);
    let (_, page) = cast.preview("commission");
    page.says("pay 1 partner $100.00");
}

#[test]
fn a_payment_shows_which_entries_it_settled_and_a_viewer_may_look() {
    let cast = Cast::new();
    let (_, page) = cast.preview("ending_balance");
    let batch = press(&cast.admin, &page, &[]).location().to_string();
    let payment = cast.admin.get(&batch).attribute("td.cell-link a", "href");
    let page = cast.admin.get(&payment);
    page.says("2 entries").says("$120.00");
    assert_eq!(page.all(".button--danger").len(), 1);
    let viewer = cast.app.sign_in_as(Role::Viewer);
    assert_eq!(viewer.get(&payment).all(".button--danger").len(), 0);
    assert_eq!(viewer.get(&batch).status, 200);
    assert_eq!(viewer.get(&format!("{batch}/void")).status, 403);
}

#[test]
fn a_payment_on_account_can_be_left_out_of_a_batch() {
    use partnerbook::paying::payments::single::{NewSingle, record_single};
    let cast = Cast::new();
    let single = NewSingle {
        account: cast.sam,
        to: day("2026-06-30"),
        amount: Money::from_minor(3_000),
        shown: (String::new(), Money::ZERO),
        pay_type: partnerbook::domain::payment::PayType::Cash,
        paid_on: day("2026-06-15"),
        note: String::new(),
        form_key: uuid::Uuid::new_v4(),
    };
    let who =
        partnerbook::running::audit::Who::command_line("2026-07-01T00:00:00Z".parse().expect("an instant"));
    cast.app.database.db.run_now(|conn| record_single(conn, &single, &who)).expect("recorded");
    let (_, page) = cast.preview("commission");
    page.says("Payments on account").says("pay 1 partner $70.00");
    let without =
        cast.admin.get(&page.attribute("section[aria-labelledby=h-on-account] td.cell-link a", "href"));
    without.says("pay 1 partner $100.00").says("Left out");
    assert_eq!(press(&cast.admin, &without, &[]).status, 303);
    assert_eq!(cast.balance(cast.sam), 12_000 - 3_000 - 10_000);
}

#[test]
fn an_export_that_was_paid_in_part_since_leads_on_and_never_round_in_a_circle() {
    let cast = Cast::new();
    let export = cast.run(RunKind::Export, "administrator@example.com");
    let (_, now) = cast.preview("ending_balance");
    assert_eq!(press(&cast.admin, &now, &[]).status, 303);
    cast.earn(cast.sam, 900, "2026-06-12");
    let (path, _) = cast.preview("ending_balance");
    let page = cast.admin.get(&format!("{path}&as_of={export}"));
    page.says("cannot be recorded as it was shown then").says("Look again, as it stands now");
    assert!(!page.text().contains("Process Action: pay"), "no button that cannot do what it says");
    let answer = press(&cast.admin, &page, &[]);
    assert_eq!(answer.status, 422);
    assert!(!answer.text().contains("press again"), "{}", answer.text());
    assert_eq!(cast.balance(cast.sam), 900);
}

#[test]
fn who_is_not_in_the_export_is_skipped_for_that_reason() {
    let cast = Cast::new();
    let only_joe = cast.app.database.db.run_now(|conn| {
        let run = NewRun { kind: RunKind::Export, period: june(), criteria: json!({}), made_by: None };
        book::make_run(conn, &run, &[cast.joe])
    });
    let (path, _) = cast.preview("ending_balance");
    let page = cast.admin.get(&format!("{path}&as_of={}", only_joe.unwrap()));
    page.says("Not in that export or print: it was made without this partner.");
    let answer = press(&cast.admin, &page, &[]);
    assert_eq!(answer.status, 303, "{}", answer.text());
    cast.admin.get(answer.location()).says("Not in that export or print");
    let report = cast.app.database.db.read_now(|conn| book::verify::verify(conn, &|_| {})).unwrap();
    assert_eq!(report.places().filter(|place| !place.is_empty()).collect::<Vec<_>>(), [""; 0]);
    assert_eq!(cast.balance(cast.sam), 12_000);
}

#[test]
fn a_void_page_tells_what_still_stands_and_proposes_a_date_that_it_takes() {
    let cast = Cast::new();
    let lee = cast.sam;
    cast.earn(cast.joe, 1_500, "2026-06-20");
    let (_, page) = cast.preview("ending_balance");
    let batch = press(&cast.admin, &page, &[("paid_on", "2027-03-01")]).location().to_string();
    let first = cast.admin.get(&batch).attribute("a[href^='/payments/']", "href");
    let void = cast.admin.get(&format!("{first}/void"));
    assert_eq!(void.attribute("#voided_on", "value"), "2027-03-01");
    let early = cast.admin.submit(
        &format!("{first}/void"),
        &format!("{first}/void"),
        &[("voided_on", "2026-11-03"), ("reason", "bounced")],
    );
    assert_eq!(early.status, 422);
    early.says("A void cannot be dated before its payment, which is of Mar 1, 2027.");
    let fields = [("voided_on", "2027-03-01"), ("reason", "bounced")];
    assert_eq!(cast.admin.submit(&format!("{first}/void"), &format!("{first}/void"), &fields).status, 303);
    cast.admin.get(&format!("{batch}/void")).says("1 payment").says("The 2 entries that they settled");
    let again = cast.admin.submit("/profile", &format!("{first}/void"), &fields);
    assert_eq!((again.status, again.location()), (303, &first[..]));
    cast.admin.get(&first).says("Nothing was voided.");
    assert_eq!(cast.admin.submit(&format!("{batch}/void"), &format!("{batch}/void"), &fields).status, 303);
    for gone in [format!("{batch}/void"), format!("{first}/void")] {
        assert_eq!(cast.admin.get(&gone).status, 303, "nothing of it stands");
    }
    assert_eq!(cast.balance(lee), 12_000);
}
