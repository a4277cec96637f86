//! The sales rep of a contact: by a form or by hand, and the sale partner of its later orders.

use partnerbook::domain::ids::PartnerId;
use partnerbook::domain::money::Money;
use partnerbook::people::contacts::{self, NewContact};
use partnerbook::people::partners;
use partnerbook::selling::orders::{self, NewLine, NewOrder, OrderEvent, Source};
use partnerbook::selling::products::{self, NewProduct};

use super::*;
use crate::ledgers::cast::{Cast, partner as made};
use crate::records::{fields_of, resend};

/// A shop with one more partner, Ria, who is in no program, and a form that makes her the sales rep.
struct Shop {
    cast: Cast,
    ria: PartnerId,
}

fn shop() -> Shop {
    let cast = Cast::new();
    let ria = cast.app.database.db.run_now(|conn| partners::make(conn, &[made("ria", "Ria Rossi")]));
    let ria = ria.expect("she can be made")[0];
    make(&cast.admin, &with(&CONTACT_US, "sales_rep", "RIA")).location();
    Shop { cast, ria }
}

/// Records an order of this e-mail, and opens its page.
fn order(cast: &Cast, number: &str, email: &str, lead: Option<PartnerId>, sale: Option<PartnerId>) -> Page {
    let recorded = cast.app.database.db.run_now(|conn| {
        let product = NewProduct { code: "kettle".into(), name: "Kettle".into() };
        let product = products::find_or_make(conn, &[product])?[0].id;
        let person = NewContact { email: Some(email.into()), ..NewContact::default() };
        let line = NewLine {
            product,
            description: None,
            quantity: 1.into(),
            unit_price: 100.into(),
            discount: Money::ZERO,
            commissionable: true,
        };
        let order = NewOrder {
            number: number.into(),
            contact: Some(contacts::find_or_make(conn, &[person])?[0]),
            ordered_at: cast.app.clock.now(),
            lines: vec![line],
            shipping: Money::ZERO,
            tax: Money::ZERO,
            paid_in_full: true,
            visitor: None,
            address: None,
            partner: lead,
            sale_partner: sale,
            coupon: None,
            source: Source::Hand,
            note: String::new(),
            content_hash: [0; 32],
        };
        orders::record(conn, &[OrderEvent::Placed(order)], None)
    });
    recorded.expect("the order can be recorded");
    let id = rows(&cast.app, &format!("SELECT id FROM orders WHERE number = '{number}'")).remove(0);
    cast.admin.get(&format!("/orders/{id}"))
}

/// Lead and sale partner of an order.
fn credited(cast: &Cast, number: &str) -> String {
    let sql = format!(
        "SELECT concat_ws(' ', coalesce(l.code, 'nobody'), coalesce(s.code, 'nobody')) FROM order_credits c
           JOIN orders o ON o.id = c.order_id LEFT JOIN partners l ON l.id = c.lead_partner_id
           LEFT JOIN partners s ON s.id = c.sale_partner_id WHERE o.number = '{number}'"
    );
    rows(&cast.app, &sql).remove(0)
}

#[test]
fn a_form_says_who_makes_the_later_sales_and_an_order_that_names_somebody_goes_first() {
    let Shop { cast, .. } = shop();
    make(&cast.admin, &with(&with(&CONTACT_US, "code", "other"), "sales_rep", "joe")).location();
    let visitor = cast.app.visitor();
    send(&cast.app, &visitor, "/f/contact", &ANN);
    // Who has a sales rep keeps it.
    send(&cast.app, &visitor, "/f/other", &ANN);
    let id = rows(&cast.app, "SELECT id FROM contacts WHERE email = 'ann.lee@example.com'").remove(0);
    cast.admin.get(&format!("/contacts/{id}")).says("Sales rep Ria Rossi by the form Contact us");
    cast.admin.get("/web-forms/1").says("Sales rep Ria Rossi");

    let page = order(&cast, "R-1", "ann.lee@example.com", Some(cast.sam), None);
    assert_eq!(credited(&cast, "R-1"), "sam ria");
    page.says("Ria Rossi , the contact’s sales rep, by the form Contact us");
    let page = order(&cast, "R-2", "ann.lee@example.com", Some(cast.sam), Some(cast.joe));
    assert_eq!(credited(&cast, "R-2"), "sam joe");
    page.says("Joe Marchetti , the order names it");
    // An order that credits no lead partner has a sale partner all the same.
    order(&cast, "R-3", "ann.lee@example.com", None, None);
    assert_eq!(credited(&cast, "R-3"), "nobody ria");
    let page = order(&cast, "R-4", "somebody.else@example.com", Some(cast.sam), None);
    assert_eq!(credited(&cast, "R-4"), "sam sam");
    page.says("Samantha Whitlock , the order names no sales rep");
}

#[test]
fn the_sale_earns_the_rep_and_an_inactive_rep_earns_nothing() {
    let Shop { cast, .. } = shop();
    make(&cast.admin, &with(&with(&CONTACT_US, "code", "sam"), "sales_rep", "sam")).location();
    make(&cast.admin, &with(&with(&CONTACT_US, "code", "zoe"), "sales_rep", "zoe")).location();
    let visitor = cast.app.visitor();
    send(&cast.app, &visitor, "/f/sam", &ANN);
    send(&cast.app, &visitor, "/f/zoe", &with(&ANN, "email", "zed@example.com"));
    let earned = |number: &str| {
        let sql = format!(
            "SELECT p.code || ' ' || r.role || ' ' || r.full_minor FROM commission_rows r JOIN order_credits c ON c.id = r.order_credit_id
               JOIN orders o ON o.id = c.order_id JOIN partners p ON p.id = r.partner_id WHERE o.number = '{number}' ORDER BY r.level"
        );
        rows(&cast.app, &sql)
    };
    order(&cast, "R-1", "ann.lee@example.com", Some(cast.joe), None);
    assert_eq!(earned("R-1"), ["sam sale 1000", "joe sale 300"]);
    order(&cast, "R-2", "zed@example.com", Some(cast.sam), None);
    assert_eq!(credited(&cast, "R-2"), "sam zoe");
    assert_eq!(earned("R-2").len(), 0);
}

#[test]
fn a_sales_rep_is_set_and_taken_away_by_hand() {
    let Shop { cast, ria } = shop();
    send(&cast.app, &cast.app.visitor(), "/f/contact", &ANN);
    let id = rows(&cast.app, "SELECT id FROM contacts WHERE email = 'ann.lee@example.com'").remove(0);
    let (path, edit) = (format!("/contacts/{id}"), format!("/contacts/{id}/edit"));
    assert_eq!(cast.admin.get(&edit).attribute("#sales_rep", "value"), "ria");
    let save = |rep: &str, name: &str| {
        let version = cast.admin.get(&edit).attribute("input[name=version]", "value");
        let fields =
            [("name", name), ("email", "ann.lee@example.com"), ("sales_rep", rep), ("version", &version)];
        cast.admin.submit(&edit, &path, &fields)
    };
    let form =
        "SELECT coalesce(sales_rep_form_id::text, 'by hand') FROM contacts WHERE sales_rep_id IS NOT NULL";
    // Whatever else is edited, the form that said so is still told.
    save("Ria", "Ann Leigh").location();
    assert_eq!(rows(&cast.app, form), ["1"]);
    let wrong = save("nobody", "Ann Leigh");
    assert_eq!(wrong.status, 422);
    wrong.says("No partner has or had this code.");
    save("sam", "Ann Leigh").location();
    assert_eq!(rows(&cast.app, form), ["by hand"]);
    order(&cast, "R-1", "ann.lee@example.com", None, None)
        .says("Samantha Whitlock , the contact’s sales rep");
    cast.admin.get("/settings/audit").says(&format!("sales rep [{ria},{}]", cast.sam));
    save("", "Ann Leigh").location();
    assert_eq!(rows(&cast.app, form).len(), 0);
    order(&cast, "R-2", "ann.lee@example.com", None, None);
    assert_eq!(credited(&cast, "R-2"), "nobody nobody");
}

#[test]
fn a_rep_is_in_use_and_a_merged_one_hands_its_contacts_on() {
    let Shop { cast, ria } = shop();
    send(&cast.app, &cast.app.visitor(), "/f/contact", &ANN);
    let page = cast.admin.get(&format!("/partners/{ria}/delete"));
    page.says("1 contact whose sales rep it is").says("1 web form that makes it sales rep");
    let merge = format!("/partners/{}/merge", cast.joe);
    let page = cast.admin.get(&format!("{merge}?other=ria"));
    let moved = "SELECT DISTINCT p.code FROM partners p WHERE p.id IN (SELECT sales_rep_id FROM contacts) OR p.id IN (SELECT sales_rep_id FROM web_forms)";
    assert_eq!(rows(&cast.app, moved), ["ria"]);
    let mut fields = fields_of(&page);
    fields.retain(|(name, _)| name != "other");
    resend(&cast.admin, &merge, &fields, &[("other", "ria")]).location();
    assert_eq!(rows(&cast.app, moved), ["joe"]);
}
