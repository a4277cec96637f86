//! A contact's record, and referrals by hand.

use partnerbook::web::admin::Role::Administrator;

use super::{fields_of, made, resend, send};
use crate::order_pages::shop::{Shop, line, order, rows};
use crate::support::http;

#[test]
fn a_contact_is_made_edited_and_shown() {
    let app = http::app();
    let admin = app.sign_in_as(Administrator);
    let fields = [
        ("name", "Harriet Boone"),
        ("email", "harriet@example.com"),
        ("external_id", "C-7"),
        ("city", "Bend"),
    ];
    let page = admin.submit("/contacts/new", "/contacts", &fields);
    let path = format!("/contacts/{}", made(&page));
    admin.get(&path).says("Harriet Boone").says("Customer number C-7").says("Bend").says("Wants e-mail no");
    let saved = send(&admin, &format!("{path}/edit"), &path, &[("name", "Harriet B."), ("opted_in", "yes")]);
    assert_eq!(saved.location(), path);
    admin.get(&path).says("Harriet B.").says("Wants e-mail yes");
    let page = admin.submit(
        "/contacts/new",
        "/contacts",
        &[("email", "HARRIET@example.com"), ("external_id", "C-7")],
    );
    assert_eq!(page.status, 422);
    page.says("Harriet B. has this e-mail already.");
    let page = admin.submit("/contacts/new", "/contacts", &[("city", "Bend")]);
    page.says("Give at least a name, an e-mail or a customer number.");
    for email in ["x@", "X <x@example.com>", "\"x y\"@example.com", "x@localhost"] {
        let page = admin.submit("/contacts/new", "/contacts", &[("name", "X"), ("email", email)]);
        page.says("no e-mail address");
    }
}

#[test]
fn the_second_of_two_who_edit_a_contact_sees_the_difference() {
    let shop = Shop::open();
    let path = format!("/contacts/{}", shop.contact("h@example.com", "Harriet"));
    let admin = shop.app.sign_in_as(Administrator);
    let opened = fields_of(&admin.get(&format!("{path}/edit")));
    assert_eq!(send(&admin, &format!("{path}/edit"), &path, &[("name", "Harriet Boone")]).status, 303);
    let page = resend(&admin, &path, &opened, &[("city", "Bend")]);
    assert_eq!(page.status, 422);
    page.says("Somebody has saved this contact").says("Name Harriet Boone Harriet").says("City empty Bend");
    assert_eq!(resend(&admin, &path, &fields_of(&page), &[("name", "Harriet Boone")]).status, 303);
    admin.get(&path).says("Harriet Boone").says("Bend");
}

#[test]
fn a_contact_in_use_is_kept_and_one_that_is_not_can_go() {
    let shop = Shop::open();
    let harriet = shop.contact("h@example.com", "Harriet");
    let mut sale = order("10467", vec![line(shop.product("P", "Plan"), "1", "100.00")]);
    sale.contact = Some(harriet);
    shop.sell(sale);
    let admin = shop.app.sign_in_as(Administrator);
    let path = format!("/contacts/{harriet}/delete");
    admin.get(&path).says("This contact is in use and cannot be deleted.").says("1 order");
    let token = admin.get("/profile").token();
    assert_eq!(admin.post_with(&path, &token, &[]).status, 422);
    let other = shop.contact("o@example.com", "Other");
    let path = format!("/contacts/{other}/delete");
    admin.get(&path).says("Nothing uses Other");
    assert_eq!(admin.post_form(&path, &[]).location(), "/contacts");
    assert_eq!(admin.get(&format!("/contacts/{other}")).status, 404);
    assert_eq!(admin.post_with(&path, &token, &[]).status, 404, "a second press finds nothing");
}

#[test]
fn a_referral_by_hand_ties_a_contact_to_a_partner() {
    let shop = Shop::open();
    shop.partner("sam", "Samantha Whitlock", None, &[]);
    let harriet = shop.contact("h@example.com", "Harriet");
    let admin = shop.app.sign_in_as(Administrator);
    let (form, action) =
        (format!("/contacts/{harriet}/referrals/new"), format!("/contacts/{harriet}/referrals"));
    let back = format!("/contacts/{harriet}");
    let manual = [("partner", "SAM"), ("referred_at", "2026-11-01T10:00")];
    assert_eq!(send(&admin, &form, &action, &manual).location(), back);
    assert_eq!(send(&admin, &form, &action, &manual).location(), back);
    admin.get(&back).says("Known already.");
    assert_eq!(send(&admin, &form, &action, &[("partner", "sam"), ("kind", "permanent")]).location(), back);
    let page = admin.get(&back);
    assert_eq!(
        rows(&page, "section[aria-labelledby=referrals] tbody"),
        [
            "Samantha Whitlock | Permanent | Nov 3, 2026, 10:41 | never",
            "Samantha Whitlock | Manual | Nov 1, 2026, 10:00 | Dec 1, 2026, 10:00",
        ]
    );
    let mut told = page.all("section[aria-labelledby=story] li");
    told.retain(|line| line.contains("Samantha"));
    assert_eq!(
        told,
        [
            "Nov 3, 2026, 10:41 Referred for ever by Samantha Whitlock",
            "Nov 1, 2026, 10:00 Referred, by hand or from a file, by Samantha Whitlock",
        ]
    );
    for (changes, sentence) in [
        ([("partner", "joe"), ("referred_at", "2026-11-01")], "No partner has or had this code."),
        ([("partner", "sam"), ("referred_at", "2026-11-05T00:00")], "This lies in the future."),
        ([("partner", ""), ("referred_at", "yesterday")], "This is no time"),
        ([("partner", "sam"), ("kind", "always")], "Choose how long the referral counts."),
    ] {
        let page = send(&admin, &form, &action, &changes);
        assert_eq!(page.status, 422, "{changes:?}");
        page.says(sentence);
    }
}
