//! What an order says, as a hash: the same order sent again is known by it, by whichever way it comes and
//! however it is written.

use crate::domain::money::{Currency, Money};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

/// What an order says as a whole. Names and countries describe the contact, not the order, and may change
/// meanwhile; they are left out.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    pub number: &'a str,
    /// None: it does not say when, and means now.
    pub at: Option<DateTime<Utc>>,
    pub external_id: Option<&'a str>,
    pub email: Option<&'a str>,
    /// Partners' codes in lower case.
    pub partner: Option<&'a str>,
    pub sale_partner: Option<&'a str>,
    pub currency: Currency,
    pub shipping: Money,
    pub tax: Money,
    pub coupon: Option<&'a str>,
    pub visitor: Option<&'a str>,
    pub address: Option<&'a str>,
    pub paid_in_full: bool,
    pub note: &'a str,
}

/// One of its lines.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    pub product: &'a str,
    pub description: &'a str,
    pub quantity: Decimal,
    pub unit_price: Decimal,
    pub discount: Money,
    /// The order that it gives back, where it is a return; may be empty.
    pub returns_order: &'a str,
    pub commissionable: bool,
}

/// SHA-256 of it.
pub fn hash<'a>(head: &Head, lines: impl Iterator<Item = Line<'a>>) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut say = |part: &str| {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    };
    say(head.number);
    say(&head.at.map_or(String::new(), |at| at.timestamp_micros().to_string()));
    say(head.external_id.unwrap_or_default());
    say(&head.email.unwrap_or_default().to_lowercase());
    say(head.partner.unwrap_or_default());
    say(head.sale_partner.unwrap_or_default());
    say(head.currency.code());
    say(&head.shipping.minor().to_string());
    say(&head.tax.minor().to_string());
    let mut not_commissionable = Vec::new();
    for (place, line) in lines.enumerate() {
        say(line.product);
        say(line.description);
        say(&line.quantity.normalize().to_string());
        say(&line.unit_price.normalize().to_string());
        say(&line.discount.minor().to_string());
        say(line.returns_order);
        if !line.commissionable {
            not_commissionable.push(place);
        }
    }
    // Said last and only where there is one: orders from before such a thing could be said are known again.
    for (name, said) in [("coupon", head.coupon), ("visitor", head.visitor), ("address", head.address)] {
        if let Some(said) = said {
            say(name);
            say(said);
        }
    }
    if !head.paid_in_full {
        say("not paid");
    }
    if !head.note.is_empty() {
        say("note");
        say(head.note);
    }
    for place in not_commissionable {
        say("not commissionable");
        say(&place.to_string());
    }
    hash.finalize().into()
}
