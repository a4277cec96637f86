//! The story that returns are matched to: what was sold and given back, here and in orders recorded
//! earlier, one after the other.

use super::draft::{Content, Line};
use super::queries::{self, SoldLine};
use super::{New, Resolved, Task};
use crate::domain::ids::{ContactId, ProductId};
use crate::domain::import::{Returned, Sold, Step, Whose, match_returns};
use crate::domain::money::Money;
use crate::error::AppError;
use crate::selling::imports::report::RowError;
use crate::selling::orders::{EventKind, NewEvent};
use diesel::PgConnection;
use rust_decimal::Decimal;
use std::collections::{BTreeSet, HashMap, HashSet};

/// What the returns of a file come to.
pub struct Told {
    /// By the draft that gives back, one event for each order that it gives back.
    pub events: HashMap<usize, Vec<NewEvent>>,
    /// The drafts that gave anything back.
    pub gave_back: BTreeSet<usize>,
}

/// The story as it grows, with what its numbers stand for.
struct Story<'a> {
    wanted: &'a Wanted<'a>,
    steps: Vec<Step>,
    /// The numbers of orders that have sold something so far.
    orders: Vec<&'a str>,
    /// Their places.
    places: HashMap<&'a str, usize>,
    /// Of each sold line its order's place and its number in the order.
    sold: Vec<(usize, i32)>,
    /// Of each return line its draft and the line.
    returned: Vec<(usize, &'a Line)>,
}

/// Matches the returns of the drafts to sales, and reports what finds none.
pub fn tell(
    conn: &mut PgConnection,
    task: &mut Task,
    resolved: &Resolved,
    content: &Content,
) -> Result<Told, AppError> {
    let wanted = Wanted::by(resolved);
    let recorded = wanted.recorded(conn)?;
    let story = Story::of(resolved, &recorded, &wanted);
    let matching = match_returns(story.steps.iter().copied());
    for unmatched in &matching.unmatched {
        let line = story.returned[unmatched.returned].1;
        let all = line.quantity.abs() == unmatched.quantity;
        let rest = unmatched.quantity.normalize();
        let problem = if all {
            "finds no sale to take back".to_string()
        } else {
            format!("finds no sale for {rest} of its units")
        };
        let code = content.words.text(line.product);
        task.report.unmatched(
            unmatched.quantity,
            RowError::new(line.row, &content.headings.product_code, code, problem),
        );
    }
    let mut told = Told { events: HashMap::new(), gave_back: BTreeSet::new() };
    // One event for each return and order that it gives back, in the order of the first line of each.
    let mut given: HashMap<(usize, usize), usize> = HashMap::new();
    for back in matching.given_back {
        let (draft, _) = story.returned[back.returned];
        let (order, number) = story.sold[back.sold];
        told.gave_back.insert(draft);
        let events = told.events.entry(draft).or_default();
        let place = *given.entry((draft, order)).or_insert_with(|| {
            events.push(NewEvent {
                order: story.orders[order].to_string(),
                // Goods: a file of orders says nothing of money given back.
                kind: EventKind::Refund { lines: Vec::new(), amount: Money::ZERO },
                happened_at: resolved.orders[draft].draft.at,
                reference: resolved.orders[draft].draft.number.clone(),
                reason: String::new(),
            });
            events.len() - 1
        });
        if let EventKind::Refund { lines, .. } = &mut events[place].kind {
            add(lines, number, back.quantity);
        }
    }
    Ok(told)
}

fn add(lines: &mut Vec<(i32, Decimal)>, number: i32, quantity: Decimal) {
    match lines.iter_mut().find(|(known, _)| *known == number) {
        Some((_, sum)) => *sum += quantity,
        None => lines.push((number, quantity)),
    }
}

/// What the returns may give back. All else that was sold is left out of the story: most of it never
/// comes back.
#[derive(Default)]
struct Wanted<'a> {
    of_contacts: HashSet<(ContactId, ProductId)>,
    of_orders: HashSet<(&'a str, ProductId)>,
}

impl<'a> Wanted<'a> {
    fn by(resolved: &'a Resolved) -> Wanted<'a> {
        let mut wanted = Wanted::default();
        for New { draft, contact, .. } in &resolved.orders {
            for line in draft.lines.iter().filter(|line| line.is_return()) {
                let product = resolved.products[&line.product].id;
                match &line.returns_order {
                    Some(number) => {
                        wanted.of_orders.insert((number, product));
                    }
                    None => wanted.of_contacts.extend(contact.map(|contact| (contact, product))),
                }
            }
        }
        wanted
    }

    fn has(&self, order: &str, contact: Option<ContactId>, product: ProductId) -> bool {
        contact.is_some_and(|contact| self.of_contacts.contains(&(contact, product)))
            || self.of_orders.contains(&(order, product))
    }

    /// The lines of orders that were recorded earlier.
    fn recorded(&self, conn: &mut PgConnection) -> Result<Vec<SoldLine>, AppError> {
        let contacts: BTreeSet<ContactId> = self.of_contacts.iter().map(|(contact, _)| *contact).collect();
        let numbers: BTreeSet<&str> = self.of_orders.iter().map(|(number, _)| *number).collect();
        let of_contacts = self.of_contacts.iter().map(|(_, product)| *product);
        let products: BTreeSet<ProductId> =
            of_contacts.chain(self.of_orders.iter().map(|(_, product)| *product)).collect();
        Ok(queries::sold_lines(
            conn,
            &contacts.into_iter().collect::<Vec<_>>(),
            &numbers.into_iter().collect::<Vec<_>>(),
            &products.into_iter().collect::<Vec<_>>(),
        )?)
    }
}

impl<'a> Story<'a> {
    /// Recorded orders and the drafts, both by time; at equal times what was recorded goes first.
    fn of(resolved: &'a Resolved, recorded: &'a [SoldLine], wanted: &'a Wanted) -> Story<'a> {
        let mut story = Story {
            wanted,
            steps: Vec::new(),
            orders: Vec::new(),
            places: HashMap::new(),
            sold: Vec::new(),
            returned: Vec::new(),
        };
        let mut recorded = recorded.iter().peekable();
        for (at, new) in resolved.orders.iter().enumerate() {
            let until = new.draft.at;
            while let Some(line) = recorded.next_if(|line| line.ordered_at <= until) {
                story.sell_recorded(line);
            }
            story.work_through(at, new, resolved);
        }
        story
    }

    fn sell_recorded(&mut self, line: &'a SoldLine) {
        if line.remaining > Decimal::ZERO {
            self.sell(&line.order_number, line.number, line.contact_id, line.product_id, line.remaining);
        }
    }

    /// The lines of a draft as they stand: what stands before a return in the same order is sold
    /// already.
    fn work_through(&mut self, at: usize, new: &'a New, resolved: &'a Resolved) {
        let New { draft, contact, .. } = new;
        let mut number = 0;
        for line in &draft.lines {
            let product = resolved.products[&line.product].id;
            if line.is_return() {
                let of = match (&line.returns_order, *contact) {
                    (Some(named), _) => {
                        self.places.get(&**named).map_or(Whose::Nobody, |order| Whose::Order(*order))
                    }
                    (None, Some(contact)) => Whose::Contact(contact),
                    (None, None) => Whose::Nobody,
                };
                let returned =
                    Returned { line: self.returned.len(), of, product, quantity: line.quantity.abs() };
                self.returned.push((at, line));
                self.steps.push(Step::Returned(returned));
            } else {
                number += 1;
                self.sell(&draft.number, number, *contact, product, line.quantity);
            }
        }
    }

    fn sell(
        &mut self,
        order: &'a str,
        number: i32,
        contact: Option<ContactId>,
        product: ProductId,
        quantity: Decimal,
    ) {
        if self.wanted.has(order, contact, product) {
            let order = self.place(order);
            let line = self.sold.len();
            self.sold.push((order, number));
            self.steps.push(Step::Sold(Sold { line, order, contact, product, quantity }));
        }
    }

    fn place(&mut self, order: &'a str) -> usize {
        *self.places.entry(order).or_insert_with(|| {
            self.orders.push(order);
            self.orders.len() - 1
        })
    }
}
