//! What other systems send: read field by field, then held to the rules that forms and files are held to. Whatever
//! is wrong is noted at its place, and a harmless value stands in until all is told.

mod parse;

pub use parse::{SentContact, SentCredit, SentOrder};

use crate::web::json::{Faults, Object};
use crate::web::problem::Problem;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};

/// The most characters of a number, a name, a code.
const SHORT: usize = 200;
/// The most characters of a product's code.
const PRODUCT_CODE: usize = 100;
/// The most characters of an e-mail address.
const EMAIL: usize = 254;
/// The most characters of a note or a reason.
const LONG: usize = 2000;
/// The most characters of an instant.
const INSTANT: usize = 60;
/// The most lines of an order; longer ones come in a file.
pub const MOST_LINES: usize = 5000;

/// An order that was placed.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = NewOrder)]
pub struct OrderBody {
    /// The number that people know it by. The same number with the same content is the same order.
    #[schema(max_length = 200, example = "1001")]
    pub number: String,
    /// When it was ordered, as RFC 3339 says it; a time without a zone is the company's. Now, where it is left out.
    #[schema(example = "2026-10-21T09:14:00Z")]
    pub ordered_at: Option<String>,
    /// Who bought. Found by `external_id`, then by `email`, or made.
    pub contact: Option<ContactBody>,
    /// The visitor's number that the shop's script gave with the order: 32 digits from 0 to f. From now on the visitor
    /// is known as the contact, and its clicks credit the order.
    #[schema(example = "0123456789abcdef0123456789abcdef")]
    pub visitor: Option<String>,
    /// The IP address that it was ordered from. Where *Use IP Address* is Yes, clicks from there credit it.
    #[schema(example = "192.0.2.7")]
    pub address: Option<String>,
    /// The coupon codes that it was placed with, separated by commas; a partner's credits it. One that is nobody's is
    /// kept, and told among the remarks.
    #[schema(max_length = 200, example = "SAM10")]
    pub coupon: Option<String>,
    /// The code of the partner who is credited with the lead, whatever was tracked.
    #[schema(example = "sam")]
    pub partner: Option<String>,
    /// The code of the partner or sales rep who made the sale. Left out, it is the contact's sales rep, or else the lead
    /// partner.
    #[schema(example = "joe")]
    pub sale_partner: Option<String>,
    /// The company's, or left out.
    #[schema(example = "USD")]
    pub currency: Option<String>,
    /// Of the whole order; earns no commission.
    #[schema(schema_with = figure, required = false)]
    pub shipping: Option<String>,
    /// Of the whole order; earns no commission.
    #[schema(schema_with = figure, required = false)]
    pub tax: Option<String>,
    /// Whether the customer has paid all of it; true where it is left out.
    #[schema(example = true)]
    pub paid_in_full: Option<bool>,
    /// Kept with the order.
    #[schema(max_length = 2000)]
    pub note: Option<String>,
    /// What was sold, at most 5,000 lines.
    #[schema(min_items = 1, max_items = 5000)]
    pub lines: Vec<LineBody>,
}

/// A line of an order.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = NewLine)]
pub struct LineBody {
    /// Where it stands in what was sent.
    #[schema(ignore)]
    pointer: String,
    /// The product's code, compared to the letter. A product that is not known yet is made.
    #[schema(max_length = 100, example = "PLAN")]
    pub product: String,
    /// What the line calls it; of a new product its name.
    #[schema(max_length = 200, example = "Office Plan")]
    pub description: Option<String>,
    /// Above zero, with at most 4 decimals.
    #[schema(schema_with = figure, required = true)]
    pub quantity: Option<String>,
    /// For one unit, without tax, with at most 6 decimals; may be below zero.
    #[schema(schema_with = figure, required = true)]
    pub unit_price: Option<String>,
    /// Taken off the whole line.
    #[schema(schema_with = figure, required = false)]
    pub discount: Option<String>,
    /// False: the line earns no commission. True where it is left out.
    #[schema(example = true)]
    pub commissionable: Option<bool>,
}

/// A person. One of `external_id` and `email` is needed, so that the person is known again.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = NewContact)]
pub struct ContactBody {
    /// The person's number in your system.
    #[schema(max_length = 200, example = "C-17")]
    pub external_id: Option<String>,
    /// The person's e-mail address.
    #[schema(max_length = 254, example = "dana@example.com")]
    pub email: Option<String>,
    /// The whole name, where the contact is new; or `first_name` and `last_name`.
    #[schema(max_length = 200, example = "Dana Whitfield")]
    pub name: Option<String>,
    /// In place of `name`.
    #[schema(max_length = 200)]
    pub first_name: Option<String>,
    /// In place of `name`.
    #[schema(max_length = 200)]
    pub last_name: Option<String>,
    /// Where the contact is new.
    #[schema(max_length = 200, example = "US")]
    pub country: Option<String>,
    /// Only of a contact by itself: the visitor that is known as this person from now on.
    #[schema(example = "0123456789abcdef0123456789abcdef")]
    pub visitor: Option<String>,
}

/// Who is to be credited for an order in place of whom it credits.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = NewCredit)]
pub struct CreditBody {
    /// The code of the lead partner. Left out, it stays who it is, and only the sale partner becomes another.
    #[schema(example = "sam")]
    pub partner: Option<String>,
    /// The code of the sale partner. Left out, it is the lead partner.
    #[schema(example = "joe")]
    pub sale_partner: Option<String>,
    /// Why, kept with the order.
    #[schema(max_length = 2000, example = "Joe closed it on the phone.")]
    pub reason: String,
}

/// A figure: a number, or text with its digits. Both are taken to the digit.
fn figure() -> Schema {
    let text = ObjectBuilder::new().schema_type(Type::String).examples(["19.99"]);
    OneOfBuilder::new().item(text).item(ObjectBuilder::new().schema_type(Type::Number)).build().into()
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

impl OrderBody {
    const FIELDS: [&str; 14] = [
        "number",
        "ordered_at",
        "contact",
        "visitor",
        "address",
        "coupon",
        "partner",
        "sale_partner",
        "currency",
        "shipping",
        "tax",
        "paid_in_full",
        "note",
        "lines",
    ];

    /// Reads what was sent, and what is wrong with it.
    pub fn read(text: &str) -> Result<(OrderBody, Faults), Problem> {
        let (object, mut faults) = (Object::of_body(text)?, Faults::default());
        let all = &mut faults;
        object.only(&OrderBody::FIELDS, all);
        let number = object.required("number", SHORT, all);
        let ordered_at = some(object.text("ordered_at", INSTANT, all));
        let contact = object.object("contact", all).map(|contact| {
            contact.only(&ContactBody::FIELDS, all);
            ContactBody::of(&contact, all)
        });
        let body = OrderBody {
            number,
            ordered_at,
            contact,
            visitor: some(object.text("visitor", SHORT, all)),
            address: some(object.text("address", SHORT, all)),
            coupon: some(object.text("coupon", SHORT, all)),
            partner: some(object.text("partner", SHORT, all)),
            sale_partner: some(object.text("sale_partner", SHORT, all)),
            currency: some(object.text("currency", SHORT, all)),
            shipping: some(object.figure("shipping", all)),
            tax: some(object.figure("tax", all)),
            paid_in_full: object.truth("paid_in_full", all),
            note: some(object.lines("note", LONG, all)),
            lines: object
                .objects("lines", MOST_LINES, all)
                .iter()
                .map(|line| LineBody::of(line, all))
                .collect(),
        };
        if body.lines.is_empty() {
            all.add("/lines", "An order has at least one line: say what was sold.");
        }
        Ok((body, faults))
    }
}

impl LineBody {
    const FIELDS: [&str; 6] =
        ["product", "description", "quantity", "unit_price", "discount", "commissionable"];

    fn of(object: &Object, faults: &mut Faults) -> LineBody {
        object.only(&LineBody::FIELDS, faults);
        LineBody {
            pointer: object.pointer().to_string(),
            product: object.required("product", PRODUCT_CODE, faults),
            description: some(object.text("description", SHORT, faults)),
            quantity: some(object.figure("quantity", faults)),
            unit_price: some(object.figure("unit_price", faults)),
            discount: some(object.figure("discount", faults)),
            commissionable: object.truth("commissionable", faults),
        }
    }
}

impl ContactBody {
    const FIELDS: [&str; 6] = ["external_id", "email", "name", "first_name", "last_name", "country"];
    const FIELDS_ALONE: [&str; 7] =
        ["external_id", "email", "name", "first_name", "last_name", "country", "visitor"];

    /// Reads what was sent, and what is wrong with it.
    pub fn read(text: &str) -> Result<(ContactBody, Faults), Problem> {
        let (object, mut faults) = (Object::of_body(text)?, Faults::default());
        object.only(&ContactBody::FIELDS_ALONE, &mut faults);
        let body = ContactBody::of(&object, &mut faults);
        Ok((ContactBody { visitor: some(object.text("visitor", SHORT, &mut faults)), ..body }, faults))
    }

    fn of(object: &Object, faults: &mut Faults) -> ContactBody {
        ContactBody {
            external_id: some(object.text("external_id", SHORT, faults)),
            email: some(object.text("email", EMAIL, faults)),
            name: some(object.text("name", SHORT, faults)),
            first_name: some(object.text("first_name", SHORT, faults)),
            last_name: some(object.text("last_name", SHORT, faults)),
            country: some(object.text("country", SHORT, faults)),
            visitor: None,
        }
    }
}

impl CreditBody {
    /// Reads what was sent, and what is wrong with it.
    pub fn read(text: &str) -> Result<(CreditBody, Faults), Problem> {
        let (object, mut faults) = (Object::of_body(text)?, Faults::default());
        object.only(&["partner", "sale_partner", "reason"], &mut faults);
        let partner = some(object.text("partner", SHORT, &mut faults));
        let sale_partner = some(object.text("sale_partner", SHORT, &mut faults));
        let reason = object.lines("reason", LONG, &mut faults);
        object.miss("reason", &reason, &mut faults);
        if partner.is_none() && sale_partner.is_none() {
            faults.add("/partner", "Say who is to be credited: partner, sale_partner or both.");
        }
        Ok((CreditBody { partner, sale_partner, reason }, faults))
    }
}
