//! Who said who an order's sale partner is, in a few words beside its name.

use crate::selling::orders::SoldBy;
use crate::selling::orders::queries::{CreditFile, OrderFile};

/// The words; empty where there is nothing to say.
pub fn words(file: &OrderFile, credit: &CreditFile) -> String {
    let story = &credit.story;
    let credited_by_hand =
        file.events.iter().any(|event| event.id == credit.event && event.kind == "credited");
    let is_the_lead = story.lead.map(|lead| lead.own.partner) == story.sale.map(|sale| sale.own.partner);
    match story.sold_by {
        None if is_the_lead && story.sale.is_some() => "the order names no sales rep".into(),
        None => String::new(),
        Some(SoldBy::Named) if credited_by_hand => String::new(),
        Some(SoldBy::Named) => "the order names it".into(),
        Some(SoldBy::Contact) => "the contact’s sales rep".into(),
        Some(SoldBy::Form(form)) => match file.forms.get(&form) {
            Some(name) => format!("the contact’s sales rep, by the form {name}"),
            None => "the contact’s sales rep, by a form".into(),
        },
    }
}
