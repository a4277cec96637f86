//! A new order from what was typed: its customer, products and partners are found or made, and it is
//! tried out or recorded.

use super::super::number;
use super::super::press::{self, Became, Earlier, Press, Tried};
use super::super::typed;
use super::forms::TypedOrder;
use crate::domain::ids::{ContactId, OrderId, VisitorId};
use crate::domain::mail::is_email;
use crate::error::AppError;
use crate::people::contacts::{self, NewContact};
use crate::people::names::shown;
use crate::running::audit::Who;
use crate::selling::orders::queries::by_hand as queries;
use crate::selling::orders::{NewOrder, OrderEvent, Source, lines, notices as told};
use crate::selling::tracking;
use crate::web::forms::Problems;
use crate::web::html::{Format, counted};
use chrono::TimeDelta;
use diesel::PgConnection;
use std::collections::HashMap;

/// How many new products a sentence names before it counts the rest.
const NAMED: usize = 3;

/// An order before that is asked about: mostly it is a year that was mistyped.
const LONG_AGO: TimeDelta = TimeDelta::days(366);

/// What came of a press.
pub enum Answer {
    /// Recorded by an earlier press of the same form.
    Before(OrderId),
    /// The form was recorded before with other content.
    SentBefore,
    /// Nothing was recorded.
    Wrong(Problems),
    /// Tried out or recorded, and what stands out.
    Tried(Tried, Vec<String>),
}

/// Who buys.
enum Customer {
    Nobody,
    Known(ContactId),
    New(Box<NewContact>),
}

/// Tries the order out, or records it, and then `tells_partners` by mail.
pub fn answer(
    conn: &mut PgConnection,
    press: &Press,
    order: &TypedOrder,
    format: &Format,
    who: &Who,
    tells_partners: bool,
) -> Result<Answer, AppError> {
    match press::earlier(conn, press)? {
        Earlier::Same(order) => return Ok(Answer::Before(order)),
        Earlier::Other => return Ok(Answer::SentBefore),
        Earlier::Never => {}
    }
    let mut problems = Problems::none();
    if !queries::taken(conn, std::slice::from_ref(&order.number))?.is_empty() {
        let free = number::propose(conn)?;
        let next = if free.is_empty() { String::new() } else { format!(" {free} is free.") };
        problems.add("number", format!("There is an order {} already.{next}", order.number));
    }
    let customer = customer(conn, &mut problems, order)?;
    let partner = typed::partner(conn, &mut problems, "partner", &order.partner)?;
    let sale_partner = typed::partner(conn, &mut problems, "sale_partner", &order.sale_partner)?;
    let visitor = visitor(conn, &mut problems, &order.visitor)?;
    if lines::are_too_large(&order.lines, order.shipping, order.tax, format.currency) {
        problems.add("lines", "The order comes to more than can be kept. Look at quantities and prices.");
    }
    if !problems.is_empty() {
        return Ok(Answer::Wrong(problems));
    }
    let known = lines::known_products(conn, &order.lines)?;
    let mut notices = notices(conn, order, &customer, &known)?;
    if who.at - order.ordered_at > LONG_AGO {
        let on = format.day(&order.ordered_at.with_timezone(&format.zone).date_naive());
        notices.insert(
            0,
            format!("It was ordered on {on}, more than a year ago: its commissions are dated then."),
        );
    }
    let tried = press::try_out(conn, press, who, |conn| {
        let contact = match customer {
            Customer::Nobody => None,
            Customer::Known(contact) => Some(contact),
            Customer::New(new) => contacts::find_or_make(conn, &[*new])?.into_iter().next(),
        };
        let lines = lines::with_products(conn, &order.lines, &known)?;
        Ok(OrderEvent::Placed(NewOrder {
            contact,
            lines,
            partner,
            sale_partner,
            visitor,
            ..head_of(order, press)
        }))
    });
    match tried {
        Ok(tried) => {
            if tried.is_recorded() && tells_partners {
                told::tell_partners(conn, &tried.file, &tried.effect, who.at)?;
            }
            notices.extend(told::coupons(&tried.file));
            let is_named = |credited| [partner, sale_partner].contains(&Some(credited));
            notices.extend(told::inactive(&tried.file, is_named));
            Ok(Answer::Tried(tried, notices))
        }
        Err(AppError::Refused(sentence)) => Ok(Answer::Wrong(Problems::one("number", sentence))),
        Err(trouble) => Err(trouble),
    }
}

impl Tried {
    /// Whether it is recorded for good.
    pub fn is_recorded(&self) -> bool {
        self.became == Became::Recorded
    }
}

/// The visitor with the number that was typed.
fn visitor(
    conn: &mut PgConnection,
    problems: &mut Problems,
    typed: &str,
) -> Result<Option<VisitorId>, AppError> {
    if typed.is_empty() {
        return Ok(None);
    }
    let found = tracking::visitor_with(conn, &typed.to_lowercase())?;
    if found.is_none() {
        problems
            .add("visitor", "No visitor has this number. Copy it from the shop’s order, or leave it empty.");
    }
    Ok(found)
}

fn head_of(order: &TypedOrder, press: &Press) -> NewOrder {
    NewOrder {
        number: order.number.clone(),
        contact: None,
        ordered_at: order.ordered_at,
        lines: Vec::new(),
        shipping: order.shipping,
        tax: order.tax,
        paid_in_full: order.paid_in_full,
        visitor: None,
        address: order.address.map(|address| address.to_string()),
        partner: None,
        sale_partner: None,
        coupon: Some(order.coupon.clone()).filter(|written| !written.is_empty()),
        source: Source::Hand,
        note: order.note.clone(),
        content_hash: press.content,
    }
}

fn customer(
    conn: &mut PgConnection,
    problems: &mut Problems,
    order: &TypedOrder,
) -> Result<Customer, AppError> {
    let (typed, name) = (order.customer.as_str(), order.customer_name.as_str());
    if typed.is_empty() && name.is_empty() {
        return Ok(Customer::Nobody);
    }
    if !typed.is_empty() {
        if let Some(known) = contacts::by_typed(conn, typed)? {
            return Ok(Customer::Known(known));
        }
        if !is_email(typed) {
            problems.add(
                "customer",
                "No contact has this e-mail or number. Type a part of the name and choose, or write a new \
                 customer's e-mail; one without an e-mail needs only a name.",
            );
        }
    }
    let email = Some(typed.to_string()).filter(|typed| !typed.is_empty());
    Ok(Customer::New(Box::new(NewContact { email, name: name.to_string(), ..NewContact::default() })))
}

/// What somebody should look at before recording.
fn notices(
    conn: &mut PgConnection,
    order: &TypedOrder,
    customer: &Customer,
    known: &HashMap<String, String>,
) -> Result<Vec<String>, AppError> {
    let mut notices = Vec::new();
    let name = order.customer_name.as_str();
    match customer {
        Customer::Nobody => {
            notices.push("No customer is named, so no referral can speak for a partner.".into())
        }
        Customer::New(new) => {
            let who = shown(name, new.email.as_deref().unwrap_or("The customer"));
            notices.push(format!("{who} is new: a contact is added."));
        }
        Customer::Known(id) => {
            let contact = queries::contact(conn, *id)?;
            if !name.is_empty() && !contact.name.is_empty() && contact.name != name {
                let whom = contact.email.unwrap_or_else(|| format!("#{id}"));
                notices.push(format!(
                    "{whom} is {}: the contact keeps this name, and the typed one is not used.",
                    shown(&contact.name, &whom)
                ));
            }
        }
    }
    let mut new: Vec<&str> = order
        .lines
        .iter()
        .map(|line| line.product.as_str())
        .filter(|code| !known.contains_key(*code))
        .collect();
    new.sort_unstable();
    new.dedup();
    match new.as_slice() {
        [] => {}
        [code] => notices.push(format!("{code} is new: a product is added.")),
        codes => {
            let first = codes.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
            let rest = codes.len().saturating_sub(NAMED);
            let more =
                if rest == 0 { String::new() } else { format!(" and {}", counted(rest, "other", "others")) };
            notices.push(format!("{first}{more} are new: products are added."));
        }
    }
    Ok(notices)
}
