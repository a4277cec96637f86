//! An order as the rules see it: what was sold, what came back, what was paid, and what each of its
//! commission rows holds in the ledger. Events change it; what must then be booked follows.

use super::clawback::{KeptLine, OrderState, RowTerms, target};
use super::ids::PartnerId;
use super::money::{Currency, Exact, Money, exact};
use num_traits::One;
use rust_decimal::Decimal;

/// One line: its base and how much of it came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Unrounded, in the currency's major unit.
    pub base: Exact,
    pub quantity: Decimal,
    /// As said; more than the quantity counts as all of it.
    pub returned: Decimal,
}

/// One commission row: its terms, whose it is, and what the ledger holds for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRow<R> {
    /// What the caller knows the row by.
    pub key: R,
    pub partner: PartnerId,
    pub terms: RowTerms,
    /// The sum of its entries.
    pub held: Money,
}

/// An order and its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order<R> {
    pub currency: Currency,
    pub lines: Vec<Line>,
    /// X.
    pub total: Exact,
    /// The whole total was paid with the order.
    pub paid_in_full: bool,
    /// Money received since.
    pub received: Money,
    /// All money given back.
    pub given_back: Money,
    /// R: money given back by refunds that name no lines.
    pub refunded_without_lines: Money,
    pub cancelled: bool,
    pub rows: Vec<HeldRow<R>>,
}

/// What must be booked so that a row holds its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Correction<R> {
    pub key: R,
    pub partner: PartnerId,
    /// Above zero a commission, below a clawback; never zero.
    pub amount: Money,
}

/// Something that happens to an order after it was placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The customer paid.
    Received(Money),
    /// Goods, money or both were given back. Lines by position, with quantities.
    GivenBack { lines: Vec<(usize, Decimal)>, amount: Money },
    /// The order is off.
    Cancelled,
}

impl<R: Copy> Order<R> {
    /// The same order, its rows known by other keys.
    pub fn with_keys<S>(self, key: impl Fn(R) -> S) -> Order<S> {
        let rows = self
            .rows
            .into_iter()
            .map(|row| HeldRow { key: key(row.key), partner: row.partner, terms: row.terms, held: row.held })
            .collect();
        Order {
            currency: self.currency,
            lines: self.lines,
            total: self.total,
            paid_in_full: self.paid_in_full,
            received: self.received,
            given_back: self.given_back,
            refunded_without_lines: self.refunded_without_lines,
            cancelled: self.cancelled,
            rows,
        }
    }

    /// Lets something happen. Nothing is booked yet: see [`Order::settle`].
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Received(amount) => self.received += *amount,
            Change::GivenBack { lines, amount } => {
                for (position, quantity) in lines {
                    if let Some(line) = self.lines.get_mut(*position) {
                        line.returned += *quantity;
                    }
                }
                self.given_back += *amount;
                if lines.is_empty() {
                    self.refunded_without_lines += *amount;
                }
            }
            Change::Cancelled => self.cancelled = true,
        }
    }

    /// Retires all rows: credit goes to another partner.
    pub fn retire_rows(&mut self) {
        for row in &mut self.rows {
            row.terms.retired = true;
        }
    }

    /// Brings every row to its target, and tells what must be booked for that (spec 4.6).
    pub fn settle(&mut self) -> Vec<Correction<R>> {
        let state = self.state();
        let mut corrections = Vec::new();
        for row in &mut self.rows {
            let amount = target(&row.terms, &state) - row.held;
            if !amount.is_zero() {
                row.held += amount;
                corrections.push(Correction { key: row.key, partner: row.partner, amount });
            }
        }
        corrections
    }

    /// What each row should hold now, beside what it holds: equal in a sound book.
    pub fn targets(&self) -> Vec<(&HeldRow<R>, Money)> {
        let state = self.state();
        self.rows.iter().map(|row| (row, target(&row.terms, &state))).collect()
    }

    fn state(&self) -> OrderState {
        let with_order = if self.paid_in_full { self.total.clone() } else { Exact::from_integer(0.into()) };
        OrderState {
            lines: self
                .lines
                .iter()
                .map(|line| KeptLine { base: line.base.clone(), returned: line.returned_share() })
                .collect(),
            total: self.total.clone(),
            received: with_order + self.received.exact(self.currency),
            given_back: self.given_back.exact(self.currency),
            refunded_without_lines: self.refunded_without_lines.exact(self.currency),
            cancelled: self.cancelled,
        }
    }
}

impl Line {
    /// The share of its quantity that came back: at most all.
    fn returned_share(&self) -> Exact {
        if self.returned.is_zero() {
            Exact::from_integer(0.into())
        } else if self.returned >= self.quantity {
            Exact::one()
        } else {
            exact(self.returned) / exact(self.quantity)
        }
    }
}
