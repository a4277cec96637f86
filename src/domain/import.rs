//! Which sales the returns of a file give back (spec 9).

use super::ids::{ContactId, ProductId};
use rust_decimal::Decimal;
use std::collections::HashMap;

/// A moment of the story that returns are matched to: sales and returns, in the order in which they
/// are worked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A line of an order was sold.
    Sold(Sold),
    /// Goods came back.
    Returned(Returned),
}

/// A line that was sold. Orders and lines are numbered by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sold {
    pub line: usize,
    pub order: usize,
    pub contact: Option<ContactId>,
    pub product: ProductId,
    /// What it still has to give back.
    pub quantity: Decimal,
}

/// A return line, numbered by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Returned {
    pub line: usize,
    /// The order that it says it gives back.
    pub of: Whose,
    pub product: ProductId,
    /// Above zero.
    pub quantity: Decimal,
}

/// Where the sales of a return are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// In the order that it names.
    Order(usize),
    /// Among all that the contact bought.
    Contact(ContactId),
    /// Nowhere: it has neither.
    Nobody,
}

/// So much of a return line gives back so much of a sold line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GivenBack {
    pub returned: usize,
    pub sold: usize,
    pub quantity: Decimal,
}

/// What of a return line finds no sale, or more than the sales have left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unmatched {
    pub returned: usize,
    pub quantity: Decimal,
}

/// What all returns of a story give back; both lists in the order of the story.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matching {
    pub given_back: Vec<GivenBack>,
    pub unmatched: Vec<Unmatched>,
}

/// Matches returns to sales: the named order's lines of the product, or the contact's earlier lines
/// of it, that still have something to give back; newest order first, within one order the line
/// that stands later first, across several if need be.
pub fn match_returns(story: impl IntoIterator<Item = Step>) -> Matching {
    let mut shelves = Shelves::default();
    let mut matching = Matching::default();
    for step in story {
        match step {
            Step::Sold(sold) => shelves.put(sold),
            Step::Returned(returned) => {
                let rest = shelves.take(returned, &mut matching.given_back);
                if !rest.is_zero() {
                    matching.unmatched.push(Unmatched { returned: returned.line, quantity: rest });
                }
            }
        }
    }
    matching
}

/// What was sold and not given back. A shelf is a stack, newest on top; a line stands on two of
/// them, its contact's and its order's, and is cleared away where it is found empty.
#[derive(Default)]
struct Shelves {
    /// The caller's number of a sold line, and what it has left.
    lines: Vec<(usize, Decimal)>,
    of_contacts: HashMap<(ContactId, ProductId), Vec<usize>>,
    of_orders: HashMap<(usize, ProductId), Vec<usize>>,
}

impl Shelves {
    fn put(&mut self, sold: Sold) {
        let place = self.lines.len();
        self.lines.push((sold.line, sold.quantity));
        self.of_orders.entry((sold.order, sold.product)).or_default().push(place);
        if let Some(contact) = sold.contact {
            self.of_contacts.entry((contact, sold.product)).or_default().push(place);
        }
    }

    /// Takes what a return gives back, and tells what is left over.
    fn take(&mut self, returned: Returned, given_back: &mut Vec<GivenBack>) -> Decimal {
        let mut wanted = returned.quantity;
        let shelf = match returned.of {
            Whose::Order(order) => self.of_orders.get_mut(&(order, returned.product)),
            Whose::Contact(contact) => self.of_contacts.get_mut(&(contact, returned.product)),
            Whose::Nobody => None,
        };
        let Some(shelf) = shelf else { return wanted };
        while let (false, Some(&place)) = (wanted.is_zero(), shelf.last()) {
            let (line, left) = &mut self.lines[place];
            let quantity = wanted.min(*left);
            if quantity > Decimal::ZERO {
                given_back.push(GivenBack { returned: returned.line, sold: *line, quantity });
                *left -= quantity;
                wanted -= quantity;
            }
            if left.is_zero() {
                shelf.pop();
            }
        }
        wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sold(line: usize, order: usize, quantity: i64) -> Step {
        let quantity = quantity.into();
        Step::Sold(Sold { line, order, contact: Some(ContactId(1)), product: ProductId(1), quantity })
    }

    fn returned(line: usize, of: Whose, quantity: i64) -> Step {
        Step::Returned(Returned { line, of, product: ProductId(1), quantity: quantity.into() })
    }

    fn taken(matching: &Matching) -> Vec<(usize, usize, i64)> {
        let plain = |given: &GivenBack| (given.returned, given.sold, i64::try_from(given.quantity).unwrap());
        matching.given_back.iter().map(plain).collect()
    }

    const CONTACT: Whose = Whose::Contact(ContactId(1));

    #[test]
    fn the_newest_order_gives_first_and_in_it_the_later_line() {
        let story = [sold(0, 0, 5), sold(1, 1, 2), sold(2, 1, 3), returned(0, CONTACT, 6), sold(3, 2, 9)];
        let matching = match_returns(story);
        assert_eq!(taken(&matching), [(0, 2, 3), (0, 1, 2), (0, 0, 1)]);
        assert!(matching.unmatched.is_empty());
    }

    #[test]
    fn a_named_order_gives_its_own_lines_only() {
        let story = [sold(0, 0, 5), sold(1, 1, 2), returned(0, Whose::Order(0), 4), returned(1, CONTACT, 9)];
        let matching = match_returns(story);
        assert_eq!(taken(&matching), [(0, 0, 4), (1, 1, 2), (1, 0, 1)]);
        assert_eq!(matching.unmatched, [Unmatched { returned: 1, quantity: 6.into() }]);
    }

    #[test]
    fn who_names_neither_order_nor_contact_finds_no_sale() {
        let matching = match_returns([sold(0, 0, 5), returned(0, Whose::Nobody, 1)]);
        assert_eq!(matching.unmatched, [Unmatched { returned: 0, quantity: 1.into() }]);
    }

    fn stories() -> impl Strategy<Value = Vec<Step>> {
        let step = (any::<bool>(), 0..4_usize, 0..3_i64, 0..2_i64, 1..400_i64, 0..3_u8);
        prop::collection::vec(step, 0..60).prop_map(|steps| {
            let (mut lines, mut returns) = (0, 0);
            let number = |of: &mut usize| std::mem::replace(of, *of + 1);
            let steps = steps.into_iter().map(|(sale, order, contact, product, hundredths, whose)| {
                let (product, quantity) = (ProductId(product), Decimal::new(hundredths, 2));
                let contact = Some(ContactId(contact)).filter(|id| id.0 > 0);
                if sale {
                    Step::Sold(Sold { line: number(&mut lines), order, contact, product, quantity })
                } else {
                    let of = match (whose, contact) {
                        (0, _) => Whose::Order(order),
                        (_, Some(contact)) => Whose::Contact(contact),
                        _ => Whose::Nobody,
                    };
                    Step::Returned(Returned { line: number(&mut returns), of, product, quantity })
                }
            });
            steps.collect()
        })
    }

    proptest! {
        #[test]
        fn nothing_gives_back_more_than_it_sold_and_every_unit_is_accounted_for(story in stories()) {
            let matching = match_returns(story.clone());
            for (at, step) in story.iter().enumerate() {
                match step {
                    Step::Sold(sold) => {
                        let of_line = matching.given_back.iter().filter(|given| given.sold == sold.line);
                        prop_assert!(of_line.map(|given| given.quantity).sum::<Decimal>() <= sold.quantity);
                    }
                    Step::Returned(returned) => {
                        let of_return = matching.given_back.iter().filter(|given| given.returned == returned.line);
                        let rest = matching.unmatched.iter().filter(|rest| rest.returned == returned.line);
                        let sum: Decimal = of_return.clone().map(|given| given.quantity).sum::<Decimal>()
                            + rest.map(|rest| rest.quantity).sum::<Decimal>();
                        prop_assert_eq!(sum, returned.quantity);
                        // Each gives back an earlier line of its product, of its order or its contact.
                        for given in of_return {
                            let source = story[..at].iter().find_map(|step| match step {
                                Step::Sold(sold) if sold.line == given.sold => Some(sold),
                                _ => None,
                            });
                            let source = source.expect("an earlier line");
                            prop_assert_eq!(source.product, returned.product);
                            let rightly = match returned.of {
                                Whose::Order(order) => source.order == order,
                                Whose::Contact(contact) => source.contact == Some(contact),
                                Whose::Nobody => false,
                            };
                            prop_assert!(rightly);
                        }
                    }
                }
            }
        }
    }
}
