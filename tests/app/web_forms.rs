//! *CRM > Web Forms*, and `/f/<form>`: made, opened, sent; who becomes a lead, and who is kept out.

mod export;
mod guards;
mod keeping;
mod leads;
mod sales_reps;

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use partnerbook::web::admin::Role::Administrator;

use crate::support::http::{self, Page, TestApp, Visitor};

/// A form as an administrator types it in: first and last name asked, the e-mail as always.
pub const CONTACT_US: [(&str, &str); 12] = [
    ("name", "Contact us"),
    ("code", "contact"),
    ("title", "Talk to us"),
    ("introduction", ""),
    ("first_name", "ask"),
    ("last_name", "ask"),
    ("company", "no"),
    ("phone", "no"),
    ("address", "no"),
    ("button", "Send"),
    ("is_open", "yes"),
    ("notifies", "yes"),
];

pub const ANN: [(&str, &str); 3] =
    [("first_name", "Ann"), ("last_name", "Lee"), ("email", "ann.lee@example.com")];

/// The fields with one of them changed, or one more.
pub fn with<'a>(fields: &[(&'a str, &'a str)], name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut fields = fields.to_vec();
    match fields.iter_mut().find(|(field, _)| *field == name) {
        Some((_, typed)) => *typed = value,
        None => fields.push((name, value)),
    }
    fields
}

pub fn make(admin: &Visitor, fields: &[(&str, &str)]) -> Page {
    admin.submit("/web-forms/new", "/web-forms", fields)
}

/// A company with the form, and its administrator.
fn company() -> (TestApp, Visitor) {
    let app = http::app();
    let admin = app.sign_in_as(Administrator);
    make(&admin, &CONTACT_US).location();
    (app, admin)
}

/// Opens the form; the key of its page.
pub fn open(visitor: &Visitor, path: &str) -> String {
    visitor.get(path).attribute("input[name=page]", "value")
}

/// Opens the form, reads it, and sends it.
pub fn send(app: &TestApp, visitor: &Visitor, path: &str, fields: &[(&str, &str)]) -> Page {
    let key = open(visitor, path);
    app.clock.advance(TimeDelta::seconds(5));
    post(visitor, path, &key, fields)
}

pub fn post(visitor: &Visitor, path: &str, key: &str, fields: &[(&str, &str)]) -> Page {
    visitor.post(path, &[fields, &[("page", key)]].concat())
}

/// The first column of what a query finds, as text.
pub fn rows(app: &TestApp, query: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        told: String,
    }
    let query = sql_query(format!("SELECT told::text FROM ({query}) AS rows (told)"));
    let rows: Vec<Row> = query.load(&mut app.database.owner()).expect("the query runs");
    rows.into_iter().map(|row| row.told).collect()
}

const CONTACTS: &str = "SELECT name || ' ' || coalesce(email, '') FROM contacts ORDER BY id";
const SENT: &str = "SELECT count(*) FROM form_submissions WHERE contact_id IS NOT NULL";

pub fn partner(admin: &Visitor, code: &str) -> String {
    let email = format!("{code}@example.com");
    let fields = [("name", code), ("code", code), ("email", email.as_str()), ("status", "active")];
    admin.submit("/partners/new", "/partners", &fields).location().to_string()
}
