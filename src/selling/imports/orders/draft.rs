//! An order as its rows in a file have it.

use crate::domain::money::{Currency, Money};
use crate::people::contacts::{NewContact, PostalAddress, full_name};
use crate::selling::imports::report::ImportReport;
use crate::selling::orders::content::{self, Head};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use std::collections::HashMap;

/// All that a file says.
#[derive(Default)]
pub struct Content {
    /// By their first rows.
    pub drafts: Vec<Draft>,
    /// Product codes and descriptions.
    pub words: Words,
    /// The headings by which cells are named in messages.
    pub headings: Headings,
}

/// What the file calls the columns that messages name.
#[derive(Default)]
pub struct Headings {
    pub order_number: String,
    pub product_code: String,
    pub partner_code: String,
    pub sale_partner_code: String,
    pub coupon: String,
    pub visitor: String,
    pub returns_order: String,
}

/// An order, or a return under a number of its own; or both in one.
pub struct Draft {
    pub number: String,
    pub row: u64,
    /// Its first line's time, which holds for all.
    pub at: DateTime<Utc>,
    pub external_id: Option<String>,
    pub email: Option<String>,
    pub first_name: String,
    pub last_name: String,
    pub country: String,
    /// Partners' codes in lower case, with the row that names them.
    pub partner: Option<(String, u64)>,
    pub sale_partner: Option<(String, u64)>,
    /// Coupon codes, as written, with the row that has them.
    pub coupon: Option<(String, u64)>,
    /// The visitor's key, with the row that names it.
    pub visitor: Option<(String, u64)>,
    /// From which IP address it was ordered.
    pub address: Option<String>,
    pub shipping: Option<Money>,
    pub tax: Option<Money>,
    pub lines: Vec<Line>,
    /// The amounts of all its lines, without their signs.
    pub worth: Decimal,
}

/// A line of it.
pub struct Line {
    pub row: u64,
    pub product: Word,
    pub description: Word,
    /// Below zero: a return. Never zero.
    pub quantity: Decimal,
    pub unit_price: Decimal,
    pub discount: Money,
    /// The order that a return says it gives back.
    pub returns_order: Option<Box<str>>,
}

/// A text that stands in many rows, kept once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Word(u32);

/// The texts behind the words.
#[derive(Default)]
pub struct Words {
    texts: Vec<Box<str>>,
    known: HashMap<Box<str>, Word>,
}

impl Words {
    /// The word for a text.
    pub fn word(&mut self, text: &str) -> Word {
        if let Some(word) = self.known.get(text) {
            return *word;
        }
        let word = Word(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        self.texts.push(text.into());
        self.known.insert(text.into(), word);
        word
    }

    /// The text of a word.
    pub fn text(&self, word: Word) -> &str {
        self.texts.get(word.0 as usize).map_or("", |text| text)
    }
}

impl Line {
    /// Whether goods came back.
    pub fn is_return(&self) -> bool {
        self.quantity.is_sign_negative()
    }
}

impl Content {
    /// Leaves orders out: each goes in whole or not at all, because an order that misses a line could
    /// not be mended later. Their good rows are counted.
    pub fn leave_out(&mut self, report: &mut ImportReport, is_bad: impl Fn(&Draft) -> bool) {
        self.drafts.retain(|draft| {
            let bad = is_bad(draft);
            if bad {
                report.left_out += draft.good_rows(report);
            }
            !bad
        });
    }
}

impl Draft {
    /// An order of which nothing more is known yet.
    pub fn new(number: &str, row: u64, at: DateTime<Utc>) -> Draft {
        Draft {
            number: number.to_string(),
            row,
            at,
            external_id: None,
            email: None,
            first_name: String::new(),
            last_name: String::new(),
            country: String::new(),
            partner: None,
            sale_partner: None,
            coupon: None,
            visitor: None,
            address: None,
            shipping: None,
            tax: None,
            lines: Vec::new(),
            worth: Decimal::ZERO,
        }
    }

    /// How many of its rows are good by themselves.
    pub fn good_rows(&self, report: &ImportReport) -> usize {
        self.lines.iter().filter(|line| !report.is_bad(line.row)).count()
    }

    /// Whether anything in it was sold.
    pub fn sells(&self) -> bool {
        self.lines.iter().any(|line| !line.is_return())
    }

    /// Who bought; none where neither number nor e-mail says who it is.
    pub fn contact(&self) -> Option<NewContact> {
        (self.external_id.is_some() || self.email.is_some()).then(|| NewContact {
            external_id: self.external_id.clone(),
            email: self.email.clone(),
            name: full_name(&self.first_name, &self.last_name),
            address: PostalAddress { country: self.country.clone(), ..PostalAddress::default() },
        })
    }

    /// SHA-256 of what it says, however that is written: the same order sent again is known by it.
    pub fn content_hash(&self, words: &Words, currency: Currency) -> [u8; 32] {
        let head = Head {
            number: &self.number,
            at: Some(self.at),
            external_id: self.external_id.as_deref(),
            email: self.email.as_deref(),
            partner: self.partner.as_ref().map(|(code, _)| code.as_str()),
            sale_partner: self.sale_partner.as_ref().map(|(code, _)| code.as_str()),
            currency,
            shipping: self.shipping.unwrap_or_default(),
            tax: self.tax.unwrap_or_default(),
            coupon: self.coupon.as_ref().map(|(code, _)| code.as_str()),
            visitor: self.visitor.as_ref().map(|(key, _)| key.as_str()),
            address: self.address.as_deref(),
            paid_in_full: true,
            note: "",
        };
        let lines = self.lines.iter().map(|line| content::Line {
            product: words.text(line.product),
            description: words.text(line.description),
            quantity: line.quantity,
            unit_price: line.unit_price,
            discount: line.discount,
            returns_order: line.returns_order.as_deref().unwrap_or_default(),
            commissionable: true,
        });
        content::hash(&head, lines)
    }
}
