//! Whatever people paste into a form is stored and shown back unharmed, or refused beside its field.

use partnerbook::web::admin::Role::Administrator;

use super::{fields_of, partner, resend};
use crate::order_pages::shop::Shop;
use crate::support::http::Visitor;

/// Strings that have broken other people's software.
fn naughty() -> Vec<String> {
    let mut strings: Vec<String> =
        serde_json::from_str(include_str!("../../data/blns.json")).expect("a list of strings");
    strings.extend(["x".repeat(5_000), "NaN".into(), "1e3".into(), "\u{0}".into(), "-1".into()]);
    strings
}

/// A form, and its fields as the page showed them last.
struct Form<'a> {
    visitor: &'a Visitor,
    page: &'a str,
    action: &'a str,
    fields: Vec<(String, String)>,
}

impl Form<'_> {
    /// Sends a string in one field: it is taken, or refused in words. Then the form is opened anew.
    fn takes_or_refuses(&mut self, field: &str, string: &str) {
        let told = resend(self.visitor, self.action, &self.fields, &[(field, string)]);
        assert!([303, 422].contains(&told.status), "{field} {string:?}: {} {}", told.status, told.text());
        if told.status == 303 {
            self.fields = fields_of(&self.visitor.get(self.page));
            return;
        }
        let in_words = told.all("main .error, main .note").iter().any(|words| !words.is_empty());
        let nul = string.contains('\0') && told.text().contains("NUL character");
        assert!(in_words || nul, "{field} {string:?}: {}", told.text());
    }
}

/// Every form, every field, every string. Each record is read back on its pages.
#[test]
fn every_string_in_every_field_is_kept_or_refused() {
    let shop = Shop::open();
    let admin = shop.app.sign_in_as(Administrator);
    let sam = shop.partner("sam", "Sam", None, &[]);
    let harriet = shop.contact("h@example.com", "Harriet");
    shop.product("P", "Plan");
    let product = admin.get("/products").attribute("tbody .row-link", "href");
    let forms = [
        (
            format!("/partners/{sam}/edit"),
            format!("/partners/{sam}"),
            vec![
                "name",
                "email",
                "code",
                "parent",
                "status",
                "program",
                "track_leads_days",
                "address_line1",
                "address_line2",
                "city",
                "state",
                "postal_code",
                "country",
                "tags",
                "version",
                "contact_version",
            ],
        ),
        (
            format!("/contacts/{harriet}/edit"),
            format!("/contacts/{harriet}"),
            vec![
                "name",
                "email",
                "external_id",
                "address_line1",
                "address_line2",
                "city",
                "state",
                "postal_code",
                "country",
                "version",
            ],
        ),
        (product.clone(), product.replace("/edit", ""), vec!["name", "code", "version"]),
        (format!("/partners/{sam}/notes"), format!("/partners/{sam}/notes"), vec!["note", "key"]),
        (
            format!("/contacts/{harriet}/referrals/new"),
            format!("/contacts/{harriet}/referrals"),
            vec!["partner", "kind", "referred_at"],
        ),
    ];
    for (page, action, names) in &forms {
        let fields = fields_of(&admin.get(page));
        let mut form = Form { visitor: &admin, page, action, fields };
        // Each string goes into one field of each form, in turn; together they meet every field.
        for (place, string) in naughty().iter().enumerate() {
            form.takes_or_refuses(names[place % names.len()], string);
        }
        for field in names {
            for string in ["\u{0}", "' OR 1=1; --", "<script>alert(1)</script>", "\u{202e}txt.exe", "x\u{7}y"]
            {
                form.takes_or_refuses(field, string);
            }
        }
    }
    for page in
        ["/partners", "/contacts", "/products", &format!("/partners/{sam}"), &format!("/contacts/{harriet}")]
    {
        let page = admin.get(page);
        assert_eq!(page.status, 200);
        assert!(!page.html.contains("<script>alert"), "what people typed is text");
    }
}

#[test]
fn a_name_comes_back_letter_by_letter() {
    let shop = Shop::open();
    let admin = shop.app.sign_in_as(Administrator);
    for (place, name) in
        ["<b>&amp;\"'</b>", "عائشة \u{202e}x", "田中\u{200b}さん", "{{7*7}}"].iter().enumerate()
    {
        let code = format!("code{place}");
        let made = admin.submit(
            "/partners/new",
            "/partners",
            &partner(&[("name", name), ("code", &code), ("tags", name)]),
        );
        let form = admin.get(&format!("{}/edit", made.location()));
        assert_eq!(form.attribute("#name", "value"), *name);
        assert_eq!(form.attribute("#tags", "value"), *name);
        admin.get(made.location()).says(name);
    }
}

#[test]
fn wrong_numbers_lead_to_no_page() {
    let shop = Shop::open();
    let admin = shop.app.sign_in_as(Administrator);
    let token = admin.get("/profile").token();
    for record in ["partners", "contacts", "products"] {
        for id in ["0", "-1", "999", "9223372036854775807", "9223372036854775808", "x", "1e3"] {
            for (page, verb) in [("edit", "GET"), ("delete", "GET"), ("delete", "POST")] {
                let path = format!("/{record}/{id}/{page}");
                let page = if verb == "GET" { admin.get(&path) } else { admin.post_with(&path, &token, &[]) };
                assert_eq!(page.status, 404, "{verb} {path}: {}", page.text());
            }
        }
    }
}
