//! What other systems get: an order as it stands, with who is credited, why in the words of its page, and what each
//! earns of it.

use crate::domain::ids::{ContactId, OrderId, PartnerId};
use crate::domain::money::Money;
use crate::domain::program::{Level, Role};
use crate::selling::orders::notices;
use crate::selling::orders::pages::story::{self, Tense, WhyThisPartner};
use crate::selling::orders::queries::{CreditFile, OrderFile, RowRow};
use crate::web::html::Format;
use crate::web::paths;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// An order as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Order)]
pub struct OrderAnswer {
    #[schema(example = "1001")]
    number: String,
    /// Our own number for it.
    #[schema(value_type = i64, example = 17)]
    id: OrderId,
    /// Its page.
    #[schema(example = "https://partners.example.com/orders/17")]
    url: String,
    ordered_at: DateTime<Utc>,
    /// Who bought; null: nobody known.
    contact: Option<ContactAnswer>,
    #[schema(example = "USD")]
    currency: String,
    /// With shipping and tax.
    #[schema(example = "119.98")]
    total: String,
    /// Nothing more can happen to it.
    is_cancelled: bool,
    /// Who referred the lead; null: nobody.
    lead_partner: Option<PartnerAnswer>,
    /// Who made the sale; null: nobody.
    sale_partner: Option<PartnerAnswer>,
    /// Why the lead partner is credited, as the order's page says it.
    #[schema(example = "Samantha was credited because the order names it.")]
    why: String,
    /// What the partners of the credit in force earn of it.
    commissions: Vec<CommissionAnswer>,
    /// All of these.
    #[schema(example = "10.00")]
    commissions_total: String,
    /// What somebody should look at.
    #[schema(example = json!(["SUMMER is no partner’s coupon: it is kept with the order and credits nobody."]))]
    remarks: Vec<String>,
}

/// A contact.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Contact)]
pub struct ContactAnswer {
    /// Our own number for it.
    #[schema(value_type = i64, example = 42)]
    id: ContactId,
    /// Its page.
    #[schema(example = "https://partners.example.com/contacts/42")]
    url: String,
}

/// A partner whom an order credits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Partner)]
pub struct PartnerAnswer {
    #[schema(example = "sam")]
    code: String,
    #[schema(example = "Samantha")]
    name: String,
    /// Its page.
    #[schema(example = "https://partners.example.com/partners/2")]
    url: String,
    /// Who said so, where that is not told by `why`; may be empty.
    #[schema(example = "the order names it")]
    note: String,
}

/// What one partner earns by a line, or by the whole order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Commission)]
pub struct CommissionAnswer {
    /// The partner's code.
    #[schema(example = "sam")]
    partner: String,
    /// `lead` or `sale`: for which of the order's two partners.
    #[schema(example = "sale")]
    role: &'static str,
    /// `1`, `2`, `3` or `unused`.
    #[schema(example = "1")]
    level: &'static str,
    /// The line, counted from 1; null: an amount once for the order.
    line: Option<i32>,
    #[schema(example = "Standard")]
    program: String,
    /// What stands in the ledger for it now.
    #[schema(example = "10.00")]
    amount: String,
    /// What it is worth in full: of a program that pays as the customer does, more may follow.
    #[schema(example = "10.00")]
    full_amount: String,
}

impl OrderAnswer {
    pub fn new(file: &OrderFile, format: &Format, public_url: &str) -> OrderAnswer {
        let plain = |amount: Money| format.plain(&amount);
        let credit = file.credits.last();
        let why = credit.map(|credit| story::of_credit(file, credit, format, Tense::Was));
        let partner = |part: &str, id: Option<PartnerId>| {
            let id = id?;
            let role = why.as_ref()?.people.iter().find(|role| role.part == part);
            let note = role.map_or(String::new(), |role| role.note.clone());
            let code = code(file, id);
            let url = format!("{public_url}{}", paths::partner(id));
            Some(PartnerAnswer { code, name: file.person(id).name, url, note })
        };
        let story = credit.map(|credit| &credit.story);
        let of =
            |lineage: Option<crate::domain::commission::Lineage>| lineage.map(|lineage| lineage.own.partner);
        let rows: Vec<(&RowRow, Money)> = credit
            .into_iter()
            .flat_map(|credit| credit.rows.iter().map(|row| (row, held(credit, row))))
            .collect();
        let mut remarks = notices::coupons(file);
        remarks.extend(notices::inactive(file, |_| true));
        OrderAnswer {
            number: file.head.number.clone(),
            id: file.head.id,
            url: format!("{public_url}{}", paths::order(file.head.id)),
            ordered_at: file.head.ordered_at,
            contact: file.head.contact_id.map(|id| ContactAnswer::new(id, public_url)),
            currency: format.currency.code().into(),
            total: plain(file.total(format.currency)),
            is_cancelled: file.events.iter().any(|event| event.kind == "cancelled"),
            lead_partner: partner("Lead partner", story.and_then(|story| of(story.lead))),
            sale_partner: partner("Sale partner", story.and_then(|story| of(story.sale))),
            why: why.as_ref().map_or(String::new(), sentence),
            commissions_total: plain(rows.iter().map(|(_, held)| held).sum()),
            commissions: rows
                .iter()
                .map(|(row, held)| commission(file, row, plain(*held), plain(row.full_minor)))
                .collect(),
            remarks,
        }
    }

    /// The same with one more remark.
    pub fn remarking(mut self, sentence: impl Into<String>) -> OrderAnswer {
        self.remarks.push(sentence.into());
        self
    }

    /// The order's number.
    pub fn number(&self) -> &str {
        &self.number
    }
}

impl ContactAnswer {
    pub fn new(id: ContactId, public_url: &str) -> ContactAnswer {
        ContactAnswer { id, url: format!("{public_url}{}", paths::contact(id)) }
    }
}

/// `Samantha was credited because it has the latest referral of Dana.`
fn sentence(why: &WhyThisPartner) -> String {
    let named = [why.who.as_ref().map(|who| who.name.as_str()), Some(why.because.as_str())];
    let named = named.into_iter().chain([why.contact.as_ref().map(|contact| contact.name.as_str())]);
    format!("{}{}", named.flatten().collect::<Vec<_>>().join(" "), why.rest)
}

fn commission(file: &OrderFile, row: &RowRow, amount: String, full_amount: String) -> CommissionAnswer {
    let line = row.line_id.and_then(|id| file.lines.iter().find(|line| line.id == id));
    CommissionAnswer {
        partner: code(file, row.partner_id),
        role: match row.role {
            Role::Lead => "lead",
            Role::Sale => "sale",
        },
        level: match Level::from_number(row.level) {
            Some(Level::One) => "1",
            Some(Level::Two) => "2",
            Some(Level::Three) => "3",
            Some(Level::Unused) | None => "unused",
        },
        line: line.map(|line| line.number),
        program: row.program.clone(),
        amount,
        full_amount,
    }
}

/// What the ledger holds for a row.
fn held(credit: &CreditFile, row: &RowRow) -> Money {
    credit.entries.get(&row.id).into_iter().flatten().map(|entry| entry.amount_minor).sum()
}

fn code(file: &OrderFile, partner: PartnerId) -> String {
    file.partners.get(&partner).map_or(String::new(), |partner| partner.code.clone())
}
