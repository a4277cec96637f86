//! The list of partners: narrowed, its columns chosen, saved as a search, as a file, changed at once.

use partnerbook::domain::program::Level;
use partnerbook::web::admin::Role::Administrator;

use super::{fields_of, resend};
use crate::order_pages::shop::{Shop, percent, program, rows};
use crate::support::http::{Page, Visitor};

/// Ticks these partners on the list and presses Mass Update.
fn mass_update(admin: &Visitor, ticks: &[String], search: &[(&str, &str)]) -> Page {
    let mut fields: Vec<(&str, &str)> = ticks.iter().map(|id| ("tick", id.as_str())).collect();
    fields.extend(search);
    fields.push(("step", "choose"));
    admin.submit("/partners", "/partners/mass-update", &fields)
}

fn next(admin: &Visitor, page: &Page, changes: &[(&str, &str)]) -> Page {
    resend(admin, "/partners/mass-update", &fields_of(page), changes)
}

#[test]
fn the_list_is_narrowed_by_parent_tag_and_standing_and_each_chip_takes_one_away() {
    let shop = Shop::open();
    let sam = shop.partner("sam", "Samantha", None, &[]);
    let joe = shop.partner("joe", "Joe", Some(sam), &[]);
    shop.partner("kim", "Kim", Some(sam), &[]);
    shop.make_inactive(joe);
    shop.app.database.psql(&format!(
        "INSERT INTO tags (name) VALUES ('VIP & Co'); INSERT INTO partner_tags SELECT {joe}, id FROM tags"
    ));
    let names = |query: &str| shop.viewer.get(&format!("/partners?{query}")).all("tbody .row-link");
    assert_eq!(names("parent=SAM"), ["Joe", "Kim"]);
    assert_eq!(names(&format!("parent={sam}")), ["Joe", "Kim"], "a number means it too");
    assert_eq!(names("parent=sam&tag=vip+%26+co"), ["Joe"]);
    assert_eq!(names("parent=sam&status=active"), ["Kim"]);
    assert_eq!(names("status=merged"), Vec::<String>::new());
    let page = shop.viewer.get("/partners?parent=sam&tag=VIP+%26+Co&status=inactive");
    assert_eq!(page.all(".chips .chip > span"), ["Status: Inactive", "Parent: Samantha", "Tag: VIP & Co"]);
    let without = page.attribute(".chip a[aria-label^='Without Tag']", "href");
    assert_eq!(without, "/partners?parent=sam&status=inactive");
    let page = shop.viewer.get("/partners?parent=nobody");
    assert_eq!(page.status, 422);
    page.says("No partner has or had this code.");
}

#[test]
fn columns_are_chosen_and_stay_while_the_list_is_searched() {
    let shop = Shop::open();
    let standard = shop.program(program("Standard", &[(Level::One, percent("10"))]));
    shop.partner("sam", "Samantha", None, &[standard]);
    let page = shop.viewer.get("/partners?col=programs&col=track&col=recruits");
    assert_eq!(page.all("thead th"), ["", "Referral Partner", "Programs", "Track leads for", "Recruited"]);
    assert_eq!(rows(&page, "tbody"), [" | Samantha sam@example.com | Standard | 30 days | 0"]);
    assert_eq!(page.all("form[role=search] input[name=col]").len(), 3);
    assert!(page.attribute("thead a", "href").contains("col=programs"));
    assert_eq!(shop.viewer.get("/partners?col=none").all("thead th"), ["", "Referral Partner"]);
}

#[test]
fn the_list_is_a_file_of_all_results_or_of_those_that_are_ticked() {
    let shop = Shop::open();
    let standard = shop.program(program("Standard", &[(Level::One, percent("10"))]));
    let sam = shop.partner("sam", "=Samantha", None, &[standard]);
    shop.partner("joe", "Joe", Some(sam), &[]);
    let file = shop.viewer.get("/partners.csv?status=active");
    assert_eq!(file.status, 200);
    let lines: Vec<&str> = file.html.trim_start_matches('\u{feff}').lines().collect();
    assert!(lines[0].starts_with("Partner ID,code,name,email,parent_code,status,program,track_leads_days"));
    assert!(lines[1].contains(",sam,'=Samantha,sam@example.com,,active,Standard,30,no,no,"), "{}", lines[1]);
    assert!(lines[1].ends_with(",no,,USD,0.00"), "{}", lines[1]);
    assert_eq!(lines.len(), 3);
    let ticked = shop.viewer.submit("/partners", "/partners.csv", &[("tick", &sam.to_string())]);
    assert_eq!(ticked.html.trim().lines().count(), 2);
    let searched = shop.viewer.submit(
        "/partners",
        "/partners.csv",
        &[("q", "joe"), ("all", "yes"), ("tick", &sam.to_string())],
    );
    assert!(searched.html.contains(",joe,Joe,") && searched.html.trim().lines().count() == 2);
    assert_eq!(shop.viewer.get("/partners.csv?parent=nobody").status, 422);
    assert_eq!(shop.viewer.submit("/partners", "/partners.csv", &[("tick", "x")]).status, 422);
}

#[test]
fn a_mass_update_tells_what_it_does_and_does_just_that() {
    let shop = Shop::open();
    let standard = shop.program(program("Standard", &[(Level::One, percent("10"))])).to_string();
    let sam = shop.partner("sam", "Samantha", None, &[]);
    let ids: Vec<String> =
        ["joe", "kim", "lee"].iter().map(|code| shop.partner(code, code, None, &[]).to_string()).collect();
    let admin = shop.app.sign_in_as(Administrator);
    let chosen = mass_update(&admin, &ids, &[]);
    chosen.says("One change for 3 partners.");
    next(&admin, &chosen, &[("step", "preview")]).says("Choose at least one thing to change.");
    let changes = [
        ("set_status", "inactive"),
        ("set_parent", "sam"),
        ("set_enrol", standard.as_str()),
        ("set_add_tags", "VIP, north"),
        ("set_track_leads_days", "-"),
        ("step", "preview"),
    ];
    let preview = next(&admin, &chosen, &changes);
    preview
        .says("Of 3 partners, 3 change")
        .says("3 partners become inactive")
        .says("3 partners get another parent");
    preview.says("3 partners are enrolled in the program").says("Nothing has been changed yet.");
    assert_eq!(shop.viewer.get("/partners?status=inactive").all("tbody tr").len(), 0);
    // Somebody changes one of them meanwhile: what would be done is no longer what was shown.
    shop.make_inactive(partnerbook::domain::ids::PartnerId(ids[0].parse().unwrap()));
    let moved = next(&admin, &preview, &[("step", "apply")]);
    assert_eq!(moved.status, 422);
    moved.says("Somebody has changed partners since this was shown.").says("2 partners become inactive");
    assert_eq!(shop.viewer.get("/partners?status=inactive").all("tbody tr").len(), 1);
    assert_eq!(next(&admin, &moved, &[("step", "apply")]).location(), "/partners");
    admin.get("/partners").says("Mass Update done. 3 partners were changed.");
    let list = shop.viewer.get(&format!("/partners?parent={sam}&tag=vip&program={standard}&status=inactive"));
    assert_eq!(list.all("tbody .row-link"), ["joe", "kim", "lee"]);
    let history = shop.viewer.get(&format!("/partners/{}/history", ids[1]));
    history
        .says("Mass Update")
        .says("Parent Samantha")
        .says("Enrolled in Standard")
        .says("Track leads for for ever");
    // A second press finds that nothing changes any more, and does nothing.
    assert_eq!(next(&admin, &moved, &[("step", "apply")]).status, 422);
}

#[test]
fn a_mass_update_of_all_results_goes_by_the_search_and_refuses_loops_by_name() {
    let shop = Shop::open();
    let sam = shop.partner("sam", "Samantha", None, &[]);
    shop.partner("joe", "Joe", Some(sam), &[]);
    let admin = shop.app.sign_in_as(Administrator);
    let chosen = mass_update(&admin, &[], &[("q", "sam"), ("all", "yes")]);
    chosen.says("One change for 1 partner.");
    let page = next(&admin, &chosen, &[("set_parent", "joe"), ("step", "preview")]);
    assert_eq!(page.status, 422);
    page.says("sam would become its own ancestor.");
    for (field, value, sentence) in [
        ("set_parent", "nobody", "No partner has or had this code."),
        ("set_track_leads_days", "1e3", "whole number from 1 to 36500"),
        ("set_enrol", "77", "no such commission program"),
        ("set_status", "gone", "no such status"),
        ("set_notify_on_lead", "maybe", "Choose yes or no."),
        (
            "set_add_tags",
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "it may have 60",
        ),
    ] {
        let page = next(&admin, &chosen, &[(field, value), ("step", "preview")]);
        assert_eq!(page.status, 422, "{field}");
        page.says(sentence);
    }
    let shown = next(&admin, &chosen, &[("set_notify_on_sale", "yes"), ("step", "preview")]);
    assert_eq!(next(&admin, &shown, &[("step", "apply")]).status, 303);
    shop.viewer.get(&format!("/partners/{sam}")).says("Notified of sales");
}

#[test]
fn a_search_is_saved_under_a_name_for_its_user_alone() {
    let shop = Shop::open();
    shop.partner("sam", "Samantha", None, &[]);
    let admin = shop.app.sign_in_as(Administrator);
    for (path, query) in
        [("/partners", "status=inactive&col=tags"), ("/reports/ledgers", "preset=last_month&status=active")]
    {
        let page = shop.viewer.get(&format!("{path}?{query}"));
        let form = [
            ("page", page.attribute("form[action='/saved-searches'] [name=page]", "value")),
            ("query", page.attribute("form[action='/saved-searches'] [name=query]", "value")),
            ("name", "Mine <b>".to_string()),
        ];
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let saved = shop.viewer.post_with("/saved-searches", &page.token(), &form);
        let address = saved.location().to_string();
        assert!(address.starts_with(&format!("{path}?")), "{address}");
        let page = shop.viewer.get(path);
        assert_eq!(page.all("[aria-label='Saved searches'] a"), ["Mine <b>"]);
        assert_eq!(page.attribute("[aria-label='Saved searches'] a", "href"), address);
        assert_eq!(admin.get(path).all("[aria-label='Saved searches'] a").len(), 0);
        let removal = page.attribute("[aria-label='Saved searches'] form", "action");
        assert_eq!(admin.post_with(&removal, &admin.get("/profile").token(), &[]).status, 404);
        // The same name again replaces it.
        assert_eq!(shop.viewer.post_with("/saved-searches", &page.token(), &form).status, 303);
        assert_eq!(shop.viewer.get(path).all("[aria-label='Saved searches'] a").len(), 1);
        assert_eq!(shop.viewer.post_with(&removal, &page.token(), &[]).location(), path);
        assert_eq!(shop.viewer.get(path).all("[aria-label='Saved searches'] a").len(), 0);
    }
    let token = shop.viewer.get("/profile").token();
    for fields in [
        [("page", "users"), ("name", "x"), ("query", "")],
        [("page", "partners"), ("name", " "), ("query", "q=x")],
        [
            ("page", "partners"),
            ("name", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
            ("query", "q=x"),
        ],
    ] {
        assert_eq!(shop.viewer.post_with("/saved-searches", &token, &fields).status, 422, "{fields:?}");
    }
    // Whatever is sent as a search leads to the page and nowhere else.
    let fields = [("page", "partners"), ("name", "x"), ("query", "//evil.example/?q=1")];
    let saved = shop.viewer.post_with("/saved-searches", &token, &fields);
    assert!(saved.location().starts_with("/partners?"));
}

#[test]
fn the_ledgers_report_is_narrowed_to_a_tag() {
    let shop = Shop::open();
    let sam = shop.partner("sam", "Samantha", None, &[]);
    shop.partner("joe", "Joe", None, &[]);
    shop.app.database.psql(&format!(
        "INSERT INTO tags (name) VALUES ('Ärzte'); INSERT INTO partner_tags SELECT {sam}, id FROM tags"
    ));
    let page = shop.viewer.get("/reports/ledgers?show=all&tag=%C3%A4rzte");
    assert_eq!(page.all("tbody .row-link"), ["Samantha"]);
    page.says("Tag: ärzte");
    assert_eq!(shop.viewer.get("/reports/ledgers?show=all&tag=none").all("tbody .row-link").len(), 0);
    let file = shop.viewer.get("/reports/ledgers.csv?from=2026-01-01&to=2026-12-31&show=all&tag=%C3%84rzte");
    assert_eq!(file.html.trim().lines().count(), 2);
}
