//! A new order from what was typed: its customer, products and partners are found or made, and it is
//! tried out or recorded.

use super::super::number;
use super::super::press::{self, Became, Earlier, Press, Tried};
use super::super::typed;
use super::forms::{TypedLine, TypedOrder};
use crate::domain::attribution::{CouponOutcome, CouponTold};
use crate::domain::commission::{self, SoldLine};
use crate::domain::ids::{ContactId, OrderId, PartnerId, ProductId, VisitorId};
use crate::domain::money::{Currency, round};
use crate::error::AppError;
use crate::people::contacts::{self, NewContact};
use crate::people::names::shown;
use crate::running::audit::Who;
use crate::selling::orders::queries::by_hand as queries;
use crate::selling::orders::{NewLine, NewOrder, OrderEvent, Source};
use crate::selling::products::{self, NewProduct};
use crate::selling::tracking;
use crate::web::forms::Problems;
use crate::web::html::{Format, counted};
use chrono::TimeDelta;
use diesel::PgConnection;
use email_address::EmailAddress;
use std::collections::{BTreeMap, HashMap};

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

/// Tries the order out, or records it.
pub fn answer(
    conn: &mut PgConnection,
    press: &Press,
    order: &TypedOrder,
    format: &Format,
    who: &Who,
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
    check_total(&mut problems, order, format.currency);
    if !problems.is_empty() {
        return Ok(Answer::Wrong(problems));
    }
    let codes: Vec<String> = order.lines.iter().map(|line| line.product.clone()).collect();
    let known = queries::products(conn, &codes)?;
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
        let names = names(order, &known);
        let products = find_products(conn, &names)?;
        let lines = order.lines.iter().map(|line| line_of(line, &products, &names));
        Ok(OrderEvent::Placed(NewOrder {
            contact,
            lines: lines.collect::<Result<_, _>>()?,
            partner,
            sale_partner,
            visitor,
            ..head_of(order, press)
        }))
    });
    match tried {
        Ok(tried) => {
            notices.extend(coupons(&tried));
            notices.extend(inactive(&tried, [partner, sale_partner]));
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
        if !EmailAddress::is_valid(typed) {
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

/// What is beyond what amounts may be is found before it is recorded, with its name.
fn check_total(problems: &mut Problems, order: &TypedOrder, currency: Currency) {
    let sold: Vec<SoldLine> = order
        .lines
        .iter()
        .map(|line| SoldLine {
            product: ProductId(0),
            quantity: line.quantity,
            unit_price: line.unit_price,
            discount: line.discount,
            commissionable: true,
        })
        .collect();
    let bases = sold.iter().map(|line| commission::base(line, currency));
    let total = commission::order_total(&sold, order.shipping, order.tax, currency);
    if bases.chain([total]).any(|amount| round(&amount, currency).is_err()) {
        problems.add("lines", "The order comes to more than can be kept. Look at quantities and prices.");
    }
}

/// What each product is called: as it is known, or else as it is first described here.
fn names<'a>(order: &'a TypedOrder, known: &'a HashMap<String, String>) -> BTreeMap<&'a str, &'a str> {
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for line in &order.lines {
        let known = known.get(&line.product).map_or("", String::as_str);
        let name = names.entry(&line.product).or_insert(known);
        if name.is_empty() {
            *name = &line.description;
        }
    }
    names
}

/// Always in the same order, so that two orders that make the same products wait for each other
/// instead of crossing.
fn find_products<'a>(
    conn: &mut PgConnection,
    names: &BTreeMap<&'a str, &'a str>,
) -> Result<HashMap<&'a str, ProductId>, AppError> {
    let named =
        names.iter().map(|(code, name)| NewProduct { code: code.to_string(), name: name.to_string() });
    let found = products::find_or_make(conn, &named.collect::<Vec<_>>())?;
    Ok(names.keys().copied().zip(found.into_iter().map(|product| product.id)).collect())
}

fn line_of(
    line: &TypedLine,
    products: &HashMap<&str, ProductId>,
    names: &BTreeMap<&str, &str>,
) -> Result<NewLine, AppError> {
    let product = products.get(line.product.as_str()).copied();
    let is_its_name = names.get(line.product.as_str()).is_some_and(|name| *name == line.description);
    Ok(NewLine {
        product: product.ok_or_else(|| AppError::not_found(format!("product {}", line.product)))?,
        description: Some(line.description.clone()).filter(|text| !text.is_empty() && !is_its_name),
        quantity: line.quantity,
        unit_price: line.unit_price,
        discount: line.discount,
        commissionable: line.commissionable,
    })
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

/// Coupons that are no partner's: they are kept with the order, and credit nobody.
fn coupons(tried: &Tried) -> Vec<String> {
    let story = tried.file.credits.last().map(|credit| &credit.story);
    let told = story.into_iter().flat_map(|story| &story.why.coupons);
    let words = |coupon: &CouponTold| match coupon.outcome {
        CouponOutcome::Nobodys => Some(format!(
            "{} is no partner’s coupon: it is kept with the order and credits nobody.",
            coupon.code
        )),
        CouponOutcome::Ended => {
            Some(format!("The coupon {} had ended before the order: it credits nobody.", coupon.code))
        }
        _ => None,
    };
    told.filter_map(words).collect()
}

/// Partners that the order names and that earn nothing.
fn inactive(tried: &Tried, named: [Option<PartnerId>; 2]) -> Vec<String> {
    let story = tried.file.credits.last().map(|credit| &credit.story);
    let mut found: Vec<PartnerId> = story
        .into_iter()
        .flat_map(|story| [story.lead, story.sale])
        .flatten()
        .map(|lineage| lineage.own)
        .filter(|own| !own.active && named.contains(&Some(own.partner)))
        .map(|own| own.partner)
        .collect();
    found.dedup();
    let words = |partner| {
        format!("{} is inactive: it is credited and earns nothing.", tried.file.person(partner).name)
    };
    found.into_iter().map(words).collect()
}
