//! A partner's record.

use diesel::connection::SimpleConnection;
use partnerbook::domain::program::{Level, Payout};
use partnerbook::selling::orders::EventKind;
use partnerbook::web::admin::Role::Administrator;

use super::{fields_of, made, partner, resend, send};
use crate::order_pages::shop::{Shop, cents, line, october, order, percent, program};
use crate::support::http::{self, Page, Visitor};

fn add(visitor: &Visitor, fields: &[(&str, &str)]) -> Page {
    visitor.submit("/partners/new", "/partners", &partner(fields))
}

#[test]
fn a_partner_is_made_with_everything_its_form_asks_and_shown_so() {
    let shop = Shop::open();
    let standard = shop.program(program("Standard", &[(Level::One, percent("10"))])).to_string();
    shop.partner("sam", "Samantha Whitlock", None, &[]);
    let admin = shop.app.sign_in_as(Administrator);
    let fields = [
        ("email", "dana@example.com"),
        ("parent", "SAM"),
        ("program", &standard),
        ("track_leads_days", "45"),
        ("notify_on_sale", "yes"),
        ("opted_in", "yes"),
        ("address_line1", "1 High Street"),
        ("city", "Bend"),
        ("country", "USA"),
        ("tags", "VIP, north  west,vip"),
    ];
    let page = add(&admin, &fields);
    let id = made(&page);
    let page = admin.get(page.location());
    page.says("Added.").says("Dana Fields Active").says("Code dana").says("Parent Samantha Whitlock");
    page.says("1. Standard 10 %")
        .says("Track leads for 45 days")
        .says("Notified of sales")
        .says("1 High Street Bend USA");
    let form = admin.get(&format!("/partners/{id}/edit"));
    assert_eq!(form.attribute("#tags", "value"), "north west, VIP");
    assert_eq!(form.attribute("#parent", "value"), "sam");
    assert_eq!(form.all("input[name=program][checked]").len(), 1);
    admin.get(&format!("/partners/{id}/history")).says("Created").says("Administrator");
}

#[test]
fn what_is_wrong_is_told_beside_each_field_and_nothing_is_lost() {
    let shop = Shop::open();
    shop.partner("sam", "Samantha Whitlock", None, &[]);
    let admin = shop.app.sign_in_as(Administrator);
    let page = add(
        &admin,
        &[
            ("name", " "),
            ("code", "da na"),
            ("email", "dana"),
            ("parent", "nobody"),
            ("track_leads_days", "0"),
            ("status", "x"),
        ],
    );
    assert_eq!(page.status, 422);
    page.says("Name is missing.").says("A code stands in links").says("no e-mail address");
    page.says("Track leads for is a whole number from 1 to 36500.")
        .says("Choose whether the partner is active.");
    assert_eq!(page.attribute("#code", "value"), "da na");
    assert_eq!(page.attribute("#parent", "value"), "nobody");
    let page = add(
        &admin,
        &[("code", "SAM"), ("email", "Sam@Example.com"), ("parent", "nobody"), ("program", "77")],
    );
    assert_eq!(page.status, 422);
    page.says("Samantha Whitlock has, or had, this code.")
        .says("Samantha Whitlock (sam) has this e-mail already.");
    page.says("No partner has or had this code.").says("One of the programs does not exist any more.");
}

#[test]
fn a_changed_code_keeps_leading_here_and_is_never_given_to_another() {
    let shop = Shop::open();
    let sam = shop.partner("sam", "Samantha Whitlock", None, &[]);
    let admin = shop.app.sign_in_as(Administrator);
    let (form, action) = (format!("/partners/{sam}/edit"), format!("/partners/{sam}"));
    assert_eq!(send(&admin, &form, &action, &[("code", "Sammy")]).location(), action);
    admin.get(&action).says("Code Sammy").says("sam earlier, still leads here");
    add(&admin, &[("code", "sam")]).says("Samantha Whitlock has, or had, this code.");
    let child = made(&add(&admin, &[("parent", "sam")]));
    admin.get(&format!("/partners/{child}")).says("Parent Samantha Whitlock");
    // Its own old code is free for itself.
    assert_eq!(send(&admin, &form, &action, &[("code", "SAM")]).location(), action);
    admin.get(&action).says("Code SAM").says("sammy earlier, still leads here");
    admin.get(&format!("/partners/{sam}/history")).says("Sammy").says("SAM");
}

#[test]
fn a_code_that_a_prefix_makes_equal_to_anothers_is_refused() {
    let shop = Shop::open();
    shop.partner("xam", "Xam", None, &[]);
    shop.defaults(|defaults| defaults.code_prefix = "x".into());
    let page = add(&shop.app.sign_in_as(Administrator), &[("code", "am")]);
    assert_eq!(page.status, 422);
    page.says("the prefix “x” with the code “am” is the same link as the code “xam”");
}

#[test]
fn nobody_becomes_its_own_ancestor_at_any_depth() {
    let shop = Shop::open();
    let mut above = None;
    let family: Vec<_> = ["a1", "b2", "c3", "d4"]
        .into_iter()
        .map(|code| {
            let made = shop.partner(code, code, above, &[]);
            above = Some(made);
            made
        })
        .collect();
    let admin = shop.app.sign_in_as(Administrator);
    let (form, action) = (format!("/partners/{}/edit", family[0]), format!("/partners/{}", family[0]));
    let page = send(&admin, &form, &action, &[("parent", "d4")]);
    assert_eq!(page.status, 422);
    page.says("This partner would be its own ancestor: a1 → b2 → c3 → d4.");
    send(&admin, &form, &action, &[("parent", "A1")]).says("A partner cannot be its own parent.");
    let (form, action) = (format!("/partners/{}/edit", family[3]), format!("/partners/{}", family[3]));
    assert_eq!(send(&admin, &form, &action, &[("parent", "b2")]).status, 303);
    admin.get(&action).says("Parent b2");
    assert_eq!(send(&admin, &form, &action, &[("parent", "")]).status, 303);
    admin.get(&action).says("Parent none");
}

#[test]
fn the_second_of_two_who_edit_is_told_and_sees_the_difference() {
    let shop = Shop::open();
    let sam = shop.partner("sam", "Samantha Whitlock", None, &[]);
    let (one, other) = (shop.app.sign_in_as(Administrator), shop.app.sign_in_as(Administrator));
    let (form, action) = (format!("/partners/{sam}/edit"), format!("/partners/{sam}"));
    let opened = fields_of(&other.get(&form));
    assert_eq!(send(&one, &form, &action, &[("name", "Sam W."), ("city", "Bend")]).status, 303);
    // The other changes something else: without being told, the first one's name would be lost.
    let page = resend(&other, &action, &opened, &[("code", "sammy")]);
    assert_eq!(page.status, 422);
    page.says("Somebody has saved this partner since you opened it.").says("Name Sam W. Samantha Whitlock");
    page.says("Code sam sammy").says("City Bend empty");
    assert_eq!(page.attribute("#code", "value"), "sammy");
    shop.viewer.get(&action).says("Sam W.").says("Code sam");
    let saved = resend(&other, &action, &fields_of(&page), &[("name", "Sam W."), ("city", "Bend")]);
    assert_eq!(saved.status, 303, "{}", saved.text());
    shop.viewer.get(&action).says("Sam W.").says("Code sammy");
    // Editing the contact that it is counts too.
    let opened = fields_of(&other.get(&form));
    let contact = other.get(&action).attribute(".page-head a[href^='/contacts']", "href");
    assert_eq!(send(&one, &format!("{contact}/edit"), &contact, &[("name", "Samantha")]).status, 303);
    resend(&other, &action, &opened, &[]).says("Name Samantha Sam W.");
}

#[test]
fn making_a_partner_inactive_tells_first_what_follows() {
    let shop = Shop::open();
    let mut terms = program("Later", &[(Level::One, percent("10"))]);
    terms.payout = Payout::OnPayment;
    let later = shop.program(terms);
    let sam = shop.partner("sam", "Samantha Whitlock", None, &[later]);
    shop.partner("joe", "Joe", Some(sam), &[]);
    let mut sale = order("10467", vec![line(shop.product("P", "Plan"), "1", "100.00")]);
    (sale.partner, sale.paid_in_full) = (Some(sam), false);
    shop.sell(sale);
    shop.happened("10467", 22, EventKind::CustomerPayment(cents(4000)));
    shop.referral(shop.contact("h@example.com", "Harriet"), sam, october(20, "10:00"));
    let admin = shop.app.sign_in_as(Administrator);
    let path = format!("/partners/{sam}/status");
    let page = admin.get(&path);
    page.says("1 order waits for the customer’s payment and may still bring it up to $6.00.");
    page.says("Returns and refunds on 1 order are still taken back");
    page.says("its 1 recruit")
        .says("$4.00. Inactive partners are paid")
        .says("1 click or referral of it has not expired");
    for _ in 0..2 {
        let done = admin.post_with(&path, &page.token(), &[("status", "inactive")]);
        assert_eq!(done.location(), format!("/partners/{sam}"));
    }
    admin.get(&format!("/partners/{sam}")).says("Samantha Whitlock Inactive");
    let history = admin.get(&format!("/partners/{sam}/history"));
    assert_eq!(history.all("tbody tr").len(), 1, "a second press changes nothing");
    assert_eq!(admin.post_with(&path, &page.token(), &[("status", "gone")]).status, 422);
    // What was earned before goes on being earned.
    shop.happened("10467", 23, EventKind::CustomerPayment(cents(6000)));
    admin.get(&format!("/partners/{sam}")).says("Balance today $10.00");
    assert_eq!(admin.post_form(&path, &[("status", "active")]).status, 303);
    admin.get(&format!("/partners/{sam}")).says("Samantha Whitlock Active");
}

#[test]
fn a_partner_that_nothing_names_is_deleted_and_its_code_stays_its_own() {
    let app = http::app();
    let admin = app.sign_in_as(Administrator);
    let id = made(&add(&admin, &[("email", "dana@example.com"), ("tags", "vip")]));
    let path = format!("/partners/{id}/delete");
    admin.get(&path).says("Nothing uses Dana Fields");
    admin.post_form(
        &format!("/partners/{id}/notes"),
        &[("note", "x"), ("key", "0190a0a0-0000-7000-8000-000000000001")],
    );
    assert_eq!(admin.post_form(&path, &[]).location(), "/partners");
    assert_eq!(admin.get(&format!("/partners/{id}")).status, 404);
    admin.get("/contacts?q=dana").says("Dana Fields");
    let again = add(&admin, &[("email", "dana@example.com")]);
    assert_eq!(again.status, 422);
    again.says("This code was a deleted partner’s.");
    assert_eq!(add(&admin, &[("email", "dana@example.com"), ("code", "dana2")]).status, 303);
}

#[test]
fn a_partner_in_use_is_not_deleted_and_the_page_says_where_it_is_used() {
    let shop = Shop::open();
    let standard = shop.program(program("Standard", &[(Level::One, percent("10"))]));
    let sam = shop.partner("sam", "Samantha Whitlock", None, &[standard]);
    shop.partner("joe", "Joe", Some(sam), &[]);
    let mut sale = order("10467", vec![line(shop.product("P", "Plan"), "1", "100.00")]);
    sale.partner = Some(sam);
    shop.sell(sale);
    let admin = shop.app.sign_in_as(Administrator);
    let path = format!("/partners/{sam}/delete");
    let token = admin.get("/profile").token();
    for page in [admin.get(&path), admin.post_with(&path, &token, &[])] {
        page.says("This partner is in use and cannot be deleted.");
        page.says("1 order that credits it").says("1 entry in its ledger").says("1 recruit");
    }
    assert_eq!(admin.get(&format!("/partners/{sam}")).status, 200);
}

#[test]
fn a_note_keeps_who_and_when_and_is_written_once() {
    let shop = Shop::open();
    let sam = shop.partner("sam", "Samantha Whitlock", None, &[]);
    let admin = shop.app.sign_in_as(Administrator);
    let path = format!("/partners/{sam}/notes");
    shop.viewer.get(&path).says("No note yet");
    let fields = fields_of(&admin.get(&path));
    let text = "Wants cheques.\r\n<b>Not</b> PayPal.";
    for _ in 0..2 {
        assert_eq!(resend(&admin, &path, &fields, &[("note", text)]).location(), path);
    }
    let page = shop.viewer.get(&path);
    assert_eq!(page.all(".notes__text"), ["Wants cheques. <b>Not</b> PayPal."]);
    page.says("Nov 3, 2026, 10:41 · Administrator").says("Notes 1");
    let page = resend(&admin, &path, &fields, &[("note", &"x".repeat(5001))]);
    assert_eq!(page.status, 422);
    page.says("The note has 5001 characters; it may have 5000.");
    assert_eq!(resend(&admin, &path, &fields, &[("note", " ")]).status, 422);
    assert_eq!(resend(&admin, &path, &fields, &[("note", "x"), ("key", "7")]).status, 422);
    assert!(shop.app.database.owner().batch_execute("UPDATE partner_notes SET note = 'x'").is_err());
}
