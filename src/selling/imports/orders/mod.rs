//! `orders`: one row per order line; a negative quantity is a return. Orders and returns are worked
//! through in the order of their time, then of the file.

mod draft;
mod queries;
mod read;
mod story;
mod strangers;

pub(super) use read::COLUMNS;

use super::Task;
use super::report::RowError;
use crate::domain::ids::{ContactId, PartnerId, VisitorId};
use crate::error::AppError;
use crate::people::contacts::{self, NewContact};
use crate::people::partners;
use crate::selling::orders::{self, NewLine, NewOrder, OrderEvent, Source};
use crate::selling::products::{self, NewProduct, Product};
use crate::selling::tracking;
use diesel::PgConnection;
use draft::{Content, Draft, Word};
use queries::Known;
use std::collections::{HashMap, HashSet};
use story::Told;

/// How many lines are recorded in one go: enough to fill every statement, and no more than fits well
/// into memory with all that follows from them.
const LINES_AT_ONCE: usize = 40_000;

/// All that the orders of a file need to be recorded.
struct Resolved {
    /// By their time, then by their first row.
    orders: Vec<New>,
    partners: HashMap<String, PartnerId>,
    products: HashMap<Word, Product>,
    /// By their keys; of those that somebody has.
    visitors: HashMap<String, VisitorId>,
    /// Orders that were recorded earlier and are named by returns: whose they are.
    known: HashMap<String, Known>,
}

/// An order or a return that is not known yet.
struct New {
    draft: Draft,
    hash: [u8; 32],
    contact: Option<ContactId>,
}

/// Records orders and returns that are not known yet.
pub fn import(conn: &mut PgConnection, task: &mut Task) -> Result<(), AppError> {
    let Some(mut content) = read::read(task)? else { return Ok(()) };
    let partners = known_partners(conn, task, &mut content)?;
    if !task.goes_on() {
        return Ok(());
    }
    content.drafts.sort_by_key(|draft| (draft.at, draft.row));
    let (mut resolved, content) = resolve(conn, task, content, partners)?;
    refuse_other_contacts(task, &mut resolved, &content);
    if !task.goes_on() {
        return Ok(());
    }
    let told = story::tell(conn, task, &resolved, &content)?;
    strangers::tell(conn, task, &resolved, &content)?;
    task.report.recorded = resolved.orders.iter().filter(|new| new.draft.sells()).count();
    task.report.returns_recorded = told.gave_back.len();
    let names = names_of(conn, &resolved)?;
    record(conn, task, &resolved, &content, &names, told)
}

/// The partners that orders name; orders that name others are bad.
fn known_partners(
    conn: &mut PgConnection,
    task: &mut Task,
    content: &mut Content,
) -> Result<HashMap<String, PartnerId>, AppError> {
    let named = |draft: &Draft| [draft.partner.clone(), draft.sale_partner.clone()];
    let codes: HashSet<String> =
        content.drafts.iter().flat_map(named).flatten().map(|(code, _)| code).collect();
    let partners = partners::by_code(conn, &codes.into_iter().collect::<Vec<_>>())?;
    let mut bad: HashSet<String> = HashSet::new();
    for draft in &content.drafts {
        let headings = [&content.headings.partner_code, &content.headings.sale_partner_code];
        for (named, heading) in named(draft).into_iter().zip(headings) {
            if let Some((code, row)) = named.filter(|(code, _)| !partners.contains_key(code)) {
                task.report.error(RowError::new(row, heading, &code, "is no partner's code"));
                bad.insert(draft.number.clone());
            }
        }
    }
    content.leave_out(&mut task.report, |draft| bad.contains(&draft.number));
    Ok(partners)
}

/// Leaves out what is known already, and finds or makes the contacts and products of the rest.
fn resolve(
    conn: &mut PgConnection,
    task: &mut Task,
    mut content: Content,
    partners: HashMap<String, PartnerId>,
) -> Result<(Resolved, Content), AppError> {
    let all = std::mem::take(&mut content.drafts);
    let mut numbers: HashSet<&str> = all.iter().map(|draft| draft.number.as_str()).collect();
    let named =
        all.iter().flat_map(|draft| draft.lines.iter().filter_map(|line| line.returns_order.as_deref()));
    numbers.extend(named);
    let known = queries::known(conn, &numbers.into_iter().collect::<Vec<_>>())?;
    let mut orders: Vec<New> = Vec::new();
    for draft in all {
        let hash = draft.content_hash(&content.words, task.place.currency);
        match known.get(&draft.number) {
            None => orders.push(New { draft, hash, contact: None }),
            Some(known) if known.content_hash == hash => task.report.already_there += 1,
            Some(_) => task.report.conflict(RowError::new(
                draft.row,
                &content.headings.order_number,
                &draft.number,
                "is known already with other content; it was left as it is",
            )),
        }
    }
    find_contacts(conn, &mut orders)?;
    let products = find_products(conn, &orders, &content)?;
    let keys: Vec<&str> =
        orders.iter().filter_map(|new| Some(new.draft.visitor.as_ref()?.0.as_str())).collect();
    let visitors = tracking::visitors_with(conn, &keys)?;
    Ok((Resolved { orders, partners, products, visitors, known }, content))
}

fn find_contacts(conn: &mut PgConnection, orders: &mut [New]) -> Result<(), AppError> {
    let people: Vec<Option<NewContact>> = orders.iter().map(|new| new.draft.contact()).collect();
    let known: Vec<NewContact> = people.iter().flatten().cloned().collect();
    let mut found = contacts::find_or_make(conn, &known)?.into_iter();
    for (new, person) in orders.iter_mut().zip(people) {
        new.contact = person.and_then(|_| found.next());
    }
    Ok(())
}

/// A product is called what it was first sold as; what only came back may be called anything.
fn find_products(
    conn: &mut PgConnection,
    orders: &[New],
    content: &Content,
) -> Result<HashMap<Word, Product>, AppError> {
    let mut words: Vec<Word> = Vec::new();
    let mut names: HashMap<Word, &str> = HashMap::new();
    for returns in [false, true] {
        let lines = orders.iter().flat_map(|new| &new.draft.lines).filter(|line| line.is_return() == returns);
        for line in lines {
            let name = names.entry(line.product).or_insert_with(|| {
                words.push(line.product);
                ""
            });
            if name.is_empty() {
                *name = content.words.text(line.description);
            }
        }
    }
    let new: Vec<NewProduct> = words
        .iter()
        .map(|word| NewProduct { code: content.words.text(*word).into(), name: names[word].into() })
        .collect();
    Ok(words.into_iter().zip(products::find_or_make(conn, &new)?).collect())
}

fn names_of(conn: &mut PgConnection, resolved: &Resolved) -> Result<HashMap<Word, String>, AppError> {
    let ids: Vec<_> = resolved.products.values().map(|product| product.id).collect();
    let mut names = queries::product_names(conn, &ids)?;
    Ok(resolved
        .products
        .iter()
        .map(|(word, product)| (*word, names.remove(&product.id).unwrap_or_default()))
        .collect())
}

/// What one contact returns was not bought by another.
fn refuse_other_contacts(task: &mut Task, resolved: &mut Resolved, content: &Content) {
    let of_file: HashMap<&str, Option<ContactId>> =
        resolved.orders.iter().map(|new| (new.draft.number.as_str(), new.contact)).collect();
    let buyer = |number: &str| match of_file.get(number) {
        Some(contact) => *contact,
        None => resolved.known.get(number).and_then(|known| known.contact_id),
    };
    let mut bad: HashSet<String> = HashSet::new();
    for New { draft, contact, .. } in &resolved.orders {
        for line in draft.lines.iter().filter(|line| line.is_return()) {
            let Some(number) = line.returns_order.as_deref() else { continue };
            let bought_by = buyer(number);
            if bought_by.is_some() && contact.is_some() && bought_by != *contact {
                let problem = "is an order of another contact";
                task.report.error(RowError::new(line.row, &content.headings.returns_order, number, problem));
                bad.insert(draft.number.clone());
            }
        }
    }
    resolved.orders.retain(|new| {
        let is_bad = bad.contains(&new.draft.number);
        if is_bad {
            task.report.left_out += new.draft.good_rows(&task.report);
        }
        !is_bad
    });
}

impl Resolved {
    /// An order as it is recorded: what was sold.
    fn order(&self, at: usize, content: &Content, names: &HashMap<Word, String>) -> NewOrder {
        let New { draft, hash, contact } = &self.orders[at];
        let partner = |named: &Option<(String, u64)>| {
            named.as_ref().and_then(|(code, _)| self.partners.get(code).copied())
        };
        let lines = draft.lines.iter().filter(|line| !line.is_return()).map(|line| {
            let description = content.words.text(line.description);
            let differs =
                !description.is_empty() && names.get(&line.product).is_none_or(|name| name != description);
            NewLine {
                product: self.products[&line.product].id,
                description: differs.then(|| description.to_string()),
                quantity: line.quantity,
                unit_price: line.unit_price,
                discount: line.discount,
                commissionable: true,
            }
        });
        NewOrder {
            number: draft.number.clone(),
            contact: *contact,
            ordered_at: draft.at,
            lines: lines.collect(),
            shipping: draft.shipping.unwrap_or_default(),
            tax: draft.tax.unwrap_or_default(),
            // A file of orders says nothing of payments: what was sold counts as paid.
            paid_in_full: true,
            visitor: draft.visitor.as_ref().and_then(|(key, _)| self.visitors.get(key)).copied(),
            address: draft.address.clone(),
            partner: partner(&draft.partner),
            sale_partner: partner(&draft.sale_partner),
            coupon: draft.coupon.as_ref().map(|(written, _)| written.clone()),
            source: Source::Import,
            note: String::new(),
            content_hash: *hash,
        }
    }
}

/// Records it all in its order, so many lines at a time.
fn record(
    conn: &mut PgConnection,
    task: &Task,
    resolved: &Resolved,
    content: &Content,
    names: &HashMap<Word, String>,
    mut told: Told,
) -> Result<(), AppError> {
    let in_all: usize = resolved.orders.iter().map(|new| new.draft.lines.len()).sum();
    if in_all > LINES_AT_ONCE {
        // In several parts: each locks what it needs, and one after the other they would cross with whoever
        // locks in order.
        let happened = told.events.values().flatten().map(|event| event.order.as_str());
        orders::lock_before_parts(conn, &happened.collect())?;
    }
    let (mut events, mut lines) = (Vec::new(), 0);
    for (at, New { draft, .. }) in resolved.orders.iter().enumerate() {
        if draft.sells() {
            events.push(OrderEvent::Placed(resolved.order(at, content, names)));
        }
        events.extend(told.events.remove(&at).unwrap_or_default().into_iter().map(OrderEvent::Happened));
        lines += draft.lines.len();
        if lines >= LINES_AT_ONCE || at + 1 == resolved.orders.len() {
            orders::record(conn, &events, task.import.who)?;
            events.clear();
            lines = 0;
            task.progress("Crediting orders", at + 1, resolved.orders.len())?;
        }
    }
    let gave_back = told.gave_back.iter().map(|at| &resolved.orders[*at]);
    let returns: Vec<(&str, [u8; 32])> =
        gave_back.filter(|new| !new.draft.sells()).map(|new| (new.draft.number.as_str(), new.hash)).collect();
    queries::keep_returns(conn, &returns)?;
    Ok(())
}
