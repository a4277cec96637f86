//! A product's record.

use partnerbook::domain::program::Level;
use partnerbook::web::admin::Role::Administrator;

use super::{fields_of, resend, send};
use crate::order_pages::shop::{Shop, line, order, percent, program, rows};
use crate::support::http;

#[test]
fn a_product_is_made_and_edited_and_its_code_is_its_own() {
    let app = http::app();
    let admin = app.sign_in_as(Administrator);
    let add = |fields: &[(&str, &str)]| admin.submit("/products/new", "/products", fields);
    assert_eq!(
        add(&[("code", "85123A"), ("name", "Lantern"), ("commissionable", "yes")]).location(),
        "/products"
    );
    assert_eq!(add(&[("code", "85123a")]).location(), "/products");
    let page = add(&[("code", "85123A"), ("name", "Other")]);
    assert_eq!(page.status, 422);
    page.says("Lantern has this code already.");
    add(&[("name", "Nameless")]).says("Code is missing.");
    assert_eq!(
        rows(&admin.get("/products"), "tbody"),
        ["Lantern | 85123A | as programs say | 0 | 0", "85123a | 85123a | Not commissionable | 0 | 0"]
    );
    let form = admin.get("/products?q=Lantern").attribute("tbody .row-link", "href");
    let action = form.trim_end_matches("/edit");
    let opened = fields_of(&admin.get(&form));
    assert_eq!(send(&admin, &form, action, &[("name", "Red lantern")]).location(), "/products");
    let page = resend(&admin, action, &opened, &[("code", "85123B")]);
    assert_eq!(page.status, 422);
    page.says("Somebody has saved this product").says("Code 85123A 85123B").says("Name Red lantern Lantern");
    assert_eq!(send(&admin, &form, action, &[("code", "85123a")]).status, 422);
}

#[test]
fn a_product_in_use_is_kept_and_one_that_is_not_can_go() {
    let shop = Shop::open();
    let mut terms = program("Own", &[(Level::One, percent("10"))]);
    terms.rules[0].product = Some(shop.product("P", "Plan"));
    shop.program(terms);
    shop.sell(order("10467", vec![line(shop.product("P", "Plan"), "1", "100.00")]));
    shop.product("Q", "Quill");
    let admin = shop.app.sign_in_as(Administrator);
    let page_of = |code: &str| {
        let form = admin.get(&format!("/products?q={code}")).attribute("tbody .row-link", "href");
        form.replace("/edit", "/delete")
    };
    let page = admin.get(&page_of("Plan"));
    page.says("This product is in use and cannot be deleted.").says("1 order line");
    page.says("1 commission program has or had a rule for it");
    let token = admin.get("/profile").token();
    assert_eq!(admin.post_with(&page_of("Plan"), &token, &[]).status, 422);
    assert_eq!(admin.post_form(&page_of("Quill"), &[]).location(), "/products");
    admin.get("/products?q=Quill").says("No product matches");
}
