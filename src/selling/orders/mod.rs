//! Orders: what was sold, who is credited for it, and what it earns. Others hand over what happened
//! (an order was placed, money came, goods came back) and [`record`] does the rest: credits it,
//! works out its commission rows, and brings the ledger to what they are worth.

pub mod by_hand;
pub mod content;
pub mod crediting;
pub mod handlers;
mod known;
pub mod lines;
pub mod notices;
pub mod pages;
pub mod queries;
mod record;
pub mod what_if;

pub use queries::erase_addresses;
pub use record::{SoldBy, Story, lock_before_parts, record};

use crate::domain::ids::{ApiKeyId, ContactId, PartnerId, ProductId, UserId, VisitorId};
use crate::domain::money::Money;
use crate::running::audit::Who;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

/// Who recorded something: a user, another system by its API key, or nobody who signs in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MadeBy {
    pub user: Option<UserId>,
    pub api_key: Option<ApiKeyId>,
}

/// Something that happened to an order.
#[derive(Debug, Clone, PartialEq)]
pub enum OrderEvent {
    /// It was placed.
    Placed(NewOrder),
    /// Something happened to it later.
    Happened(NewEvent),
}

/// An order that was placed.
#[derive(Debug, Clone, PartialEq)]
pub struct NewOrder {
    /// The number that people know it by; unique.
    pub number: String,
    pub contact: Option<ContactId>,
    pub ordered_at: DateTime<Utc>,
    pub lines: Vec<NewLine>,
    pub shipping: Money,
    pub tax: Money,
    /// The customer paid the whole total with the order.
    pub paid_in_full: bool,
    /// The visitor that it came with: is known as the contact from now on.
    pub visitor: Option<VisitorId>,
    /// The IP address that it came from.
    pub address: Option<String>,
    /// The partner that it names.
    pub partner: Option<PartnerId>,
    /// The sales rep that it names.
    pub sale_partner: Option<PartnerId>,
    /// The coupon codes that it was placed with, as written; of several, the first that is a partner's
    /// counts. At most 200 characters.
    pub coupon: Option<String>,
    pub source: Source,
    /// What somebody noted with it.
    pub note: String,
    /// SHA-256 of what it said, so that the same order sent again is known.
    pub content_hash: [u8; 32],
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLine {
    pub product: ProductId,
    /// What the line calls it, where that is not the product's name.
    pub description: Option<String>,
    /// Above zero; within `domain::commission`'s limits.
    pub quantity: Decimal,
    pub unit_price: Decimal,
    pub discount: Money,
    /// False: earns nothing. So does a line of a product that earns nothing.
    pub commissionable: bool,
}

/// How an order came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Hand,
    Import,
    Form,
    Api,
    Shop,
}

/// Something that happened to an order after it was placed.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// The order's number.
    pub order: String,
    pub kind: EventKind,
    pub happened_at: DateTime<Utc>,
    /// Its number elsewhere: of a return, a payment.
    pub reference: String,
    /// Why, in words.
    pub reason: String,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum EventKind {
    /// The customer paid.
    CustomerPayment(Money),
    /// Goods, money or both were given back. Lines by their number in the order (from 1).
    Refund { lines: Vec<(i32, Decimal)>, amount: Money },
    /// All of it is given back.
    Cancelled,
    /// Another partner is credited, by today's rules (spec 4.7).
    Credited { partner: PartnerId, sale_partner: Option<PartnerId> },
}

impl From<Option<UserId>> for MadeBy {
    fn from(user: Option<UserId>) -> MadeBy {
        MadeBy { user, api_key: None }
    }
}

impl From<&Who> for MadeBy {
    fn from(who: &Who) -> MadeBy {
        MadeBy { user: who.user_id, api_key: who.api_key_id }
    }
}

impl Source {
    /// The word for it in the database.
    pub fn word(self) -> &'static str {
        match self {
            Source::Hand => "hand",
            Source::Import => "import",
            Source::Form => "form",
            Source::Api => "api",
            Source::Shop => "shop",
        }
    }
}

impl EventKind {
    /// The word for it in the database.
    pub fn word(&self) -> &'static str {
        match self {
            EventKind::CustomerPayment(_) => "customer_payment",
            EventKind::Refund { .. } => "refund",
            EventKind::Cancelled => "cancelled",
            EventKind::Credited { .. } => "credited",
        }
    }
}
