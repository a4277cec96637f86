//! From what was sent to what it means: by the same functions that read forms and files.

use super::{ContactBody, CreditBody, LineBody, OrderBody};
use crate::domain::instant::parse_instant;
use crate::domain::mail::is_email;
use crate::domain::money::{Currency, Money};
use crate::domain::period::{business_date, is_plausible};
use crate::people::contacts::{self, NewContact, PostalAddress};
use crate::selling::orders::by_hand::typed;
use crate::selling::orders::content::{self, Head};
use crate::selling::orders::lines::NamedLine;
use crate::selling::tracking::visits::cookie;
use crate::web::html::Format;
use crate::web::json::Faults;
use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use std::net::IpAddr;

/// So far two systems' clocks may differ: what is ordered a moment ahead of ours is ordered now.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(5);

/// When something was ordered.
#[derive(Debug, Clone, Copy)]
pub struct Instant {
    /// As it was sent; none: now is meant.
    pub said: Option<DateTime<Utc>>,
    pub at: DateTime<Utc>,
}

/// An order that makes sense by itself.
#[derive(Debug)]
pub struct SentOrder {
    pub number: String,
    pub ordered: Instant,
    pub contact: Option<NewContact>,
    /// The visitor's key.
    pub visitor: Option<String>,
    pub address: Option<String>,
    pub coupon: Option<String>,
    /// Partners' codes in lower case.
    pub partner: Option<String>,
    pub sale_partner: Option<String>,
    pub shipping: Money,
    pub tax: Money,
    pub paid_in_full: bool,
    pub note: String,
    pub lines: Vec<NamedLine>,
}

/// A contact that makes sense by itself.
#[derive(Debug)]
pub struct SentContact {
    pub contact: NewContact,
    /// The visitor's key.
    pub visitor: Option<String>,
}

/// A credit that makes sense by itself.
#[derive(Debug)]
pub struct SentCredit {
    /// Partners' codes in lower case.
    pub partner: Option<String>,
    pub sale_partner: Option<String>,
    pub reason: String,
}

impl OrderBody {
    /// What it means; nothing of it counts where something is wrong.
    pub fn parse(self, faults: &mut Faults, now: DateTime<Utc>, format: &Format) -> SentOrder {
        let currency = format.currency;
        let named = self.currency.as_deref().unwrap_or(currency.code());
        if !named.eq_ignore_ascii_case(currency.code()) {
            let words = "currency is not the company's, which is";
            faults.add("/currency", format!("{words} {currency}: such orders cannot be recorded yet."));
        }
        SentOrder {
            number: self.number,
            ordered: ordered(self.ordered_at.as_deref(), faults, now, format),
            contact: self.contact.map(|contact| contact.parse("/contact", faults)),
            visitor: visitor(self.visitor, faults),
            address: address(self.address.as_deref(), faults),
            coupon: self.coupon,
            partner: self.partner.map(|code| code.to_lowercase()),
            sale_partner: self.sale_partner.map(|code| code.to_lowercase()),
            shipping: amount("/shipping", self.shipping.as_deref(), faults, currency),
            tax: amount("/tax", self.tax.as_deref(), faults, currency),
            paid_in_full: self.paid_in_full.unwrap_or(true),
            note: self.note.unwrap_or_default(),
            lines: self.lines.into_iter().map(|line| line.parse(faults, currency)).collect(),
        }
    }
}

impl LineBody {
    fn parse(self, faults: &mut Faults, currency: Currency) -> NamedLine {
        let pointer = self.pointer;
        let mut figure = |name: &str, read: Result<Decimal, String>| {
            read.unwrap_or_else(|problem| {
                faults.add(format!("{pointer}/{name}"), format!("{name} {problem}."));
                Decimal::ONE
            })
        };
        let quantity =
            figure("quantity", typed::quantity(self.quantity.as_deref().unwrap_or_default(), currency));
        let price = typed::price(self.unit_price.as_deref().unwrap_or_default(), currency);
        NamedLine {
            product: self.product,
            description: self.description.unwrap_or_default(),
            quantity,
            unit_price: figure("unit_price", price),
            discount: amount(&format!("{pointer}/discount"), self.discount.as_deref(), faults, currency),
            commissionable: self.commissionable.unwrap_or(true),
        }
    }
}

impl ContactBody {
    /// What it means, where a contact is sent by itself.
    pub fn parse_alone(mut self, faults: &mut Faults) -> SentContact {
        let visitor = visitor(self.visitor.take(), faults);
        SentContact { contact: self.parse("", faults), visitor }
    }

    fn parse(self, pointer: &str, faults: &mut Faults) -> NewContact {
        let parts = contacts::full_name(
            self.first_name.as_deref().unwrap_or_default(),
            self.last_name.as_deref().unwrap_or_default(),
        );
        if self.name.is_some() && !parts.is_empty() {
            faults.add(format!("{pointer}/name"), "Send name, or first_name and last_name, not both.");
        }
        let name = self.name.unwrap_or(parts);
        let length = name.chars().count();
        if length > super::SHORT {
            let words =
                format!("first_name and last_name have {length} characters; they may have {}.", super::SHORT);
            faults.add(format!("{pointer}/first_name"), words);
        }
        if self.email.as_deref().is_some_and(|email| !is_email(email)) {
            faults.add(
                format!("{pointer}/email"),
                "email is no e-mail address: write it like dana@example.com.",
            );
        }
        if self.email.is_none() && self.external_id.is_none() {
            let words = "A contact needs an email or an external_id, so that it is known again.";
            faults.add(format!("{pointer}/email"), words);
        }
        NewContact {
            external_id: self.external_id,
            email: self.email,
            name,
            address: PostalAddress { country: self.country.unwrap_or_default(), ..PostalAddress::default() },
        }
    }
}

impl CreditBody {
    /// What it means.
    pub fn parse(self) -> SentCredit {
        SentCredit {
            partner: self.partner.map(|code| code.to_lowercase()),
            sale_partner: self.sale_partner.map(|code| code.to_lowercase()),
            reason: self.reason,
        }
    }
}

impl SentOrder {
    /// SHA-256 of what it says.
    pub fn content_hash(&self, currency: Currency) -> [u8; 32] {
        let contact = self.contact.as_ref();
        let head = Head {
            number: &self.number,
            at: self.ordered.said,
            external_id: contact.and_then(|contact| contact.external_id.as_deref()),
            email: contact.and_then(|contact| contact.email.as_deref()),
            partner: self.partner.as_deref(),
            sale_partner: self.sale_partner.as_deref(),
            currency,
            shipping: self.shipping,
            tax: self.tax,
            coupon: self.coupon.as_deref(),
            visitor: self.visitor.as_deref(),
            address: self.address.as_deref(),
            paid_in_full: self.paid_in_full,
            note: &self.note,
        };
        let lines = self.lines.iter().map(|line| content::Line {
            product: &line.product,
            description: &line.description,
            quantity: line.quantity,
            unit_price: line.unit_price,
            discount: line.discount,
            returns_order: "",
            commissionable: line.commissionable,
        });
        content::hash(&head, lines)
    }
}

fn ordered(said: Option<&str>, faults: &mut Faults, now: DateTime<Utc>, format: &Format) -> Instant {
    let Some(text) = said else { return Instant { said: None, at: now } };
    let problem = match parse_instant(text, format.zone) {
        Err(problem) => problem.to_string(),
        Ok(at) if at > now + CLOCKS_DIFFER => "lies in the future".into(),
        Ok(at) if !is_plausible(business_date(at, format.zone)) => {
            "is not between the years 1900 and 2999".into()
        }
        Ok(at) => return Instant { said: Some(at), at: at.min(now) },
    };
    faults.add("/ordered_at", format!("ordered_at {problem}."));
    Instant { said: None, at: now }
}

fn visitor(key: Option<String>, faults: &mut Faults) -> Option<String> {
    let key = key.map(|key| key.to_ascii_lowercase());
    if key.as_deref().is_some_and(|key| !cookie::is_key(key)) {
        faults.add("/visitor", "visitor is no visitor's number, which has 32 digits from 0 to f.");
    }
    key
}

fn address(text: Option<&str>, faults: &mut Faults) -> Option<String> {
    let address = text?.parse::<IpAddr>();
    if address.is_err() {
        faults.add("/address", "address is no IP address.");
    }
    address.ok().map(|address| address.to_canonical().to_string())
}

fn amount(pointer: &str, text: Option<&str>, faults: &mut Faults, currency: Currency) -> Money {
    let name = pointer.rsplit('/').next().unwrap_or_default();
    typed::money_or_none(text.unwrap_or_default(), currency).unwrap_or_else(|problem| {
        faults.add(pointer, format!("{name} {problem}."));
        Money::ZERO
    })
}
