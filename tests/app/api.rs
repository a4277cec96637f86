//! The API: what other systems record and ask, each by its key.

mod credits;
mod figures;
mod hostile;
mod keys;
mod once;
mod orders;
mod problems;
mod tracking;

use partnerbook::web::admin::Role;
use serde_json::{Value, json};

use crate::order_forms::placing;
use crate::order_pages::shop::Shop;
use crate::support::http::{Page, Visitor};

pub const ORDERS: &str = "/api/v1/orders";
const CONTACTS: &str = "/api/v1/contacts";

/// A shop in which Sam earns 10 % and its parent Joe 3 %, an administrator, and another system with a key.
pub struct Till {
    pub shop: Shop,
    pub admin: Visitor,
    /// Without a cookie, as no browser is.
    outside: Visitor,
    key: String,
}

impl Till {
    pub fn open() -> Till {
        Till::of(placing::shop())
    }

    pub fn of((shop, admin): (Shop, Visitor)) -> Till {
        let key = make(&admin, "Till");
        Till { outside: shop.app.visitor(), shop, admin, key }
    }

    /// In a shop without partners and programs.
    fn empty() -> Till {
        let shop = Shop::open();
        let admin = shop.app.sign_in_as(Role::Administrator);
        Till::of((shop, admin))
    }

    pub fn post(&self, path: &str, body: &Value) -> Page {
        self.outside.post_json(path, &self.key, body.to_string())
    }

    fn get(&self, path: &str) -> Page {
        self.outside.get_with(path, &[("authorization", &format!("Bearer {}", self.key))])
    }

    /// Records an order; what is answered.
    fn sell(&self, order: &Value) -> Value {
        let page = self.post(ORDERS, order);
        assert_eq!(page.status, 201, "{}", page.html);
        told(&page)
    }

    /// What the ledger holds for everybody: `joe 300, sam 1000`.
    fn ledger(&self) -> String {
        self.shop.app.database.ask(
            "SELECT string_agg(code || ' ' || minor, ', ' ORDER BY code) FROM (
                SELECT p.code, sum(e.amount_minor) AS minor FROM entries e JOIN accounts a ON a.id = e.account_id
                  JOIN partners p ON p.id = a.partner_id GROUP BY 1) AS sums",
        )
    }

    fn count(&self, table: &str) -> String {
        self.shop.app.database.ask(&format!("SELECT count(*) FROM {table}"))
    }

    fn verify_clean(&self) {
        placing::verify_clean(&self.shop);
    }
}

/// Makes a key on its page; the key.
pub fn make(admin: &Visitor, name: &str) -> String {
    let page = admin.submit("/settings/api-keys/new", "/settings/api-keys", &[("name", name)]);
    assert_eq!(page.status, 200, "{}", page.text());
    page.first("#key")
}

/// The JSON of an answer.
fn told(page: &Page) -> Value {
    serde_json::from_str(&page.html).unwrap_or_else(|error| panic!("{error}: {} {}", page.status, page.html))
}

/// The problems of an answer: `/lines/0/quantity quantity is missing.`
fn problems(page: &Page) -> Vec<String> {
    assert_eq!(page.header("content-type"), "application/problem+json", "{}", page.html);
    let told = told(page);
    assert_eq!(told["status"], page.status);
    assert_eq!(told["type"], "about:blank");
    let list = told["problems"].as_array().expect("they are a list").iter();
    let words = |problem: &Value, name: &str| problem[name].as_str().expect("it is text").to_string();
    list.map(|problem| format!("{} {}", words(problem, "pointer"), words(problem, "detail"))).collect()
}

/// An order of 100.00, of October 21.
fn order(number: &str) -> Value {
    json!({
        "number": number,
        "ordered_at": "2026-10-21T09:14:00Z",
        "lines": [{ "product": "PLAN", "quantity": 2, "unit_price": "50.00" }],
    })
}

/// The same, saying more.
pub fn saying(number: &str, more: Value) -> Value {
    let mut order = order(number);
    for (name, value) in more.as_object().expect("it is an object") {
        order[name] = value.clone();
    }
    order
}
