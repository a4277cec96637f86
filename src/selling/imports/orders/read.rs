//! Reading an `orders` file: one row per order line; rows of one number are one order, wherever in
//! the file they stand.

use super::draft::{Content, Draft, Headings, Line};
use crate::domain::commission::{PRICE_DECIMALS, PRICE_LIMIT, QUANTITY_DECIMALS, QUANTITY_LIMIT};
use crate::domain::money::{Currency, LARGEST_MINOR, Money};
use crate::domain::settings;
use crate::error::AppError;
use crate::people::contacts::full_name;
use crate::selling::imports::Task;
use crate::selling::imports::cells::{PRODUCT_CODE, SHORT};
use crate::selling::imports::report::{ImportReport, RowError, sound};
use crate::selling::imports::table::{Column, Place, Row, Shape, Table};
use crate::selling::tracking::visits::cookie;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

pub(in crate::selling::imports) const COLUMNS: &[Column] = &[
    Column::required(
        "order_number",
        &["InvoiceNo", "Order", "Order ID"],
        "Rows of one number are one order, or one return.",
    ),
    Column::required(
        "ordered_at",
        &["InvoiceDate", "Date", "Created at"],
        "When; a time without a zone is in the company's.",
    ),
    Column::optional(
        "contact_external_id",
        &["CustomerID", "Customer ID"],
        "The customer's number in your system.",
    ),
    Column::optional("email", &[], "The customer's e-mail address."),
    Column::optional("first_name", &[], "The customer's, where the contact is new."),
    Column::optional("last_name", &[], "The customer's, where the contact is new."),
    Column::optional("country", &[], "The customer's, where the contact is new."),
    Column::required("product_code", &["StockCode", "SKU"], "A product that is not known yet is made."),
    Column::optional("description", &["Name", "Item"], "What the product is called."),
    Column::required("quantity", &[], "Below zero the row is a return."),
    Column::required("unit_price", &["UnitPrice", "Price"], "For one piece, without tax."),
    Column::optional("discount", &[], "Taken off the whole line."),
    Column::optional("shipping", &[], "Of the whole order; earns no commission."),
    Column::optional("tax", &[], "Of the whole order; earns no commission."),
    Column::optional("currency", &[], "The company's, or empty."),
    Column::optional("partner_code", &[], "Who is credited with the lead, whatever was tracked."),
    Column::optional("sale_partner_code", &[], "Who is credited with the sale, whatever was tracked."),
    Column::optional(
        "coupon",
        &["Coupon code", "Discount code"],
        "What the customer bought with; a partner's coupon credits it.",
    ),
    Column::optional(
        "visitor",
        &["Visitor ID"],
        "The visitor's number that the shop's script gave with the order; its clicks credit it.",
    ),
    Column::optional(
        "ip_address",
        &["IP", "Client IP"],
        "From where it was ordered; where Use IP Address is Yes, clicks from there credit it.",
    ),
    Column::optional(
        "returns_order",
        &[],
        "The order that a return gives back; without it the customer's latest of the product.",
    ),
];

/// How many rows pass between two reports of progress.
const STEP: usize = 20_000;

/// Where the columns stand.
struct Places {
    order_number: Place,
    ordered_at: Place,
    contact_external_id: Place,
    email: Place,
    first_name: Place,
    last_name: Place,
    country: Place,
    product_code: Place,
    description: Place,
    quantity: Place,
    unit_price: Place,
    discount: Place,
    shipping: Place,
    tax: Place,
    currency: Place,
    partner_code: Place,
    sale_partner_code: Place,
    coupon: Place,
    visitor: Place,
    ip_address: Place,
    returns_order: Place,
}

/// Reads the rows; the orders that have a bad one are left out and their good rows counted. None: the
/// file cannot be used.
pub fn read(task: &mut Task) -> Result<Option<Content>, AppError> {
    let text = task.import.text;
    let Some(mut table) = Table::open(task.import, COLUMNS, &mut task.report) else { return Ok(None) };
    let places = Places::of(&table);
    let content = Content { headings: places.headings(&table), ..Content::default() };
    let largest = Decimal::new(LARGEST_MINOR, task.place.currency.minor_units());
    let mut reader = Reader {
        places,
        place: task.place,
        now: task.import.who.at,
        largest,
        content,
        known: HashMap::new(),
        spoiled: HashSet::new(),
        last_time: None,
    };
    while let Some((shape, row)) = table.next_row_or_torn(&mut task.report) {
        reader.row(shape, &row, &mut task.report);
        if task.report.rows_read.is_multiple_of(STEP) {
            task.progress("Reading", table.position(), text.len())?;
        }
    }
    task.progress("Reading", text.len(), text.len())?;
    let Reader { mut content, spoiled, .. } = reader;
    content.leave_out(&mut task.report, |draft| spoiled.contains(draft.number.as_str()));
    Ok(Some(content))
}

struct Reader {
    places: Places,
    place: settings::Place,
    /// When the file is read.
    now: DateTime<Utc>,
    /// What an order may be worth.
    largest: Decimal,
    content: Content,
    /// Where in the content each order stands.
    known: HashMap<Box<str>, usize>,
    /// The orders that have a bad row.
    spoiled: HashSet<Box<str>>,
    /// Times repeat from row to row, and reading one takes longer than comparing two.
    last_time: Option<(Vec<u8>, DateTime<Utc>)>,
}

/// What a row says of its order as a whole.
struct Facts {
    at: DateTime<Utc>,
    external_id: Option<String>,
    email: Option<String>,
    first_name: String,
    last_name: String,
    country: String,
    partner: Option<String>,
    sale_partner: Option<String>,
    coupon: Option<String>,
    visitor: Option<String>,
    address: Option<String>,
    shipping: Option<Money>,
    tax: Option<Money>,
}

impl Reader {
    fn row(&mut self, shape: Shape, row: &Row, report: &mut ImportReport) {
        let mut problems = Vec::new();
        let number = sound(row.required(self.places.order_number, SHORT), &mut problems);
        if shape == Shape::Torn {
            self.spoiled.insert(number.into());
            return;
        }
        let facts = self.facts(row, &mut problems);
        let line = self.line(row, &mut problems);
        if problems.is_empty() {
            self.add(row, number, facts, line, &mut problems);
        }
        if !problems.is_empty() {
            self.spoiled.insert(number.into());
        }
        problems.into_iter().for_each(|problem| report.error(problem));
    }

    fn facts(&mut self, row: &Row, problems: &mut Vec<RowError>) -> Facts {
        let places = &self.places;
        let some = |text: &str| Some(text.to_string()).filter(|text| !text.is_empty());
        let code = |place: Place| match row.is_empty(place) {
            true => Ok(None),
            false => row.partner_code(place).map(|code| Some(code.to_ascii_lowercase())),
        };
        let facts = Facts {
            at: DateTime::default(),
            external_id: some(sound(row.text(places.contact_external_id, SHORT), problems)),
            email: sound(row.email(places.email), problems).map(str::to_string),
            first_name: sound(row.text(places.first_name, SHORT), problems).to_string(),
            last_name: sound(row.text(places.last_name, SHORT), problems).to_string(),
            country: sound(row.text(places.country, SHORT), problems).to_string(),
            partner: sound(code(places.partner_code), problems),
            sale_partner: sound(code(places.sale_partner_code), problems),
            coupon: some(sound(row.text(places.coupon, SHORT), problems)),
            visitor: some(sound(row.text(places.visitor, SHORT), problems)),
            address: some(sound(row.text(places.ip_address, SHORT), problems)),
            shipping: sound(not_negative(row, places.shipping, self.place.currency), problems),
            tax: sound(not_negative(row, places.tax, self.place.currency), problems),
        };
        let length = full_name(&facts.first_name, &facts.last_name).chars().count();
        if length > SHORT {
            let problem = format!("with the last name has {length} characters; at most {SHORT} are kept");
            problems.push(row.error(places.first_name, problem));
        }
        let address = match facts.address.as_deref().map(str::parse::<IpAddr>) {
            None => None,
            Some(Ok(address)) => Some(address.to_canonical().to_string()),
            Some(Err(_)) => {
                problems.push(row.error(places.ip_address, "is no IP address"));
                None
            }
        };
        if facts.visitor.as_deref().is_some_and(|key| !cookie::is_key(key)) {
            let problem = "is no visitor's number, which has 32 digits from 0 to f";
            problems.push(row.error(places.visitor, problem));
        }
        let currency = sound(row.text(places.currency, SHORT), problems);
        if !currency.is_empty() && !currency.eq_ignore_ascii_case(self.place.currency.code()) {
            let ours = self.place.currency;
            problems.push(row.error(
                places.currency,
                format!("is not the company's currency, {ours}: such orders cannot be recorded yet"),
            ));
        }
        Facts { at: sound(self.time(row), problems), address, ..facts }
    }

    fn time(&mut self, row: &Row) -> Result<DateTime<Utc>, RowError> {
        let written = row.bytes(self.places.ordered_at);
        if let Some((last, at)) = &self.last_time
            && last == written
        {
            return Ok(*at);
        }
        let at = row.past_instant(self.places.ordered_at, self.place.zone, self.now)?;
        self.last_time = Some((written.to_vec(), at));
        Ok(at)
    }

    fn line(&mut self, row: &Row, problems: &mut Vec<RowError>) -> Line {
        let places = &self.places;
        let quantity = sound(row.decimal(places.quantity, QUANTITY_DECIMALS, QUANTITY_LIMIT), problems);
        if quantity.is_zero() && problems.is_empty() {
            problems.push(row.error(places.quantity, "is zero"));
        }
        let discount = sound(row.money(places.discount, self.place.currency), problems).unwrap_or_default();
        if discount.is_negative() && quantity.is_sign_positive() {
            problems.push(row.error(places.discount, "is below zero: a discount is taken off"));
        }
        let words = &mut self.content.words;
        let returns_order = sound(row.text(places.returns_order, SHORT), problems);
        Line {
            row: row.number,
            product: words.word(sound(row.required(places.product_code, PRODUCT_CODE), problems)),
            description: words.word(sound(row.text(places.description, SHORT), problems)),
            quantity,
            unit_price: sound(row.decimal(places.unit_price, PRICE_DECIMALS, PRICE_LIMIT), problems),
            discount,
            returns_order: Some(returns_order.into()).filter(|_| !returns_order.is_empty()),
        }
    }

    /// Adds a line to its order, which must agree with what the order's other rows say.
    fn add(&mut self, row: &Row, number: &str, facts: Facts, line: Line, problems: &mut Vec<RowError>) {
        let at = match self.known.get(number) {
            Some(at) => *at,
            None => {
                self.content.drafts.push(Draft::new(number, row.number, facts.at));
                self.known.insert(number.into(), self.content.drafts.len() - 1);
                self.content.drafts.len() - 1
            }
        };
        let (draft, places) = (&mut self.content.drafts[at], &self.places);
        let in_lower_case = |email: &String| email.to_lowercase();
        let of_row = |code: String| (code, row.number);
        let agreed = [
            agree(row, places.contact_external_id, &mut draft.external_id, facts.external_id, String::clone),
            agree(row, places.email, &mut draft.email, facts.email, in_lower_case),
            agree(row, places.partner_code, &mut draft.partner, facts.partner.map(of_row), |(code, _)| {
                code.clone()
            }),
            agree(
                row,
                places.sale_partner_code,
                &mut draft.sale_partner,
                facts.sale_partner.map(of_row),
                |(code, _)| code.clone(),
            ),
            agree(row, places.coupon, &mut draft.coupon, facts.coupon.map(of_row), |(written, _)| {
                written.to_lowercase()
            }),
            agree(row, places.ip_address, &mut draft.address, facts.address, String::clone),
            agree(row, places.visitor, &mut draft.visitor, facts.visitor.map(of_row), |(key, _)| key.clone()),
            agree(row, places.shipping, &mut draft.shipping, facts.shipping, Money::clone),
            agree(row, places.tax, &mut draft.tax, facts.tax, Money::clone),
        ];
        problems.extend(agreed.into_iter().filter_map(Result::err));
        for (known, said) in [
            (&mut draft.first_name, facts.first_name),
            (&mut draft.last_name, facts.last_name),
            (&mut draft.country, facts.country),
        ] {
            if known.is_empty() {
                *known = said;
            }
        }
        // Both within limits that keep the product exact.
        draft.worth += (line.quantity * line.unit_price).abs();
        if draft.worth > self.largest {
            problems.push(row.error(places.unit_price, "× quantity makes the order larger than can be kept"));
        }
        draft.lines.push(line);
    }
}

/// Takes what a row says of its order as a whole, unless an earlier row says otherwise. Once is
/// enough, and on every row is as good.
fn agree<T, K: PartialEq>(
    row: &Row,
    place: Place,
    known: &mut Option<T>,
    said: Option<T>,
    key: impl Fn(&T) -> K,
) -> Result<(), RowError> {
    match (&known, &said) {
        (Some(known), Some(said)) if key(known) != key(said) => {
            Err(row.error(place, "is not what an earlier row of the same order says"))
        }
        (None, Some(_)) => {
            *known = said;
            Ok(())
        }
        _ => Ok(()),
    }
}

fn not_negative(row: &Row, place: Place, currency: Currency) -> Result<Option<Money>, RowError> {
    match row.money(place, currency)? {
        Some(amount) if amount.is_negative() => Err(row.error(place, "is below zero")),
        amount => Ok(amount),
    }
}

impl Places {
    fn of(table: &Table) -> Places {
        Places {
            order_number: table.place("order_number"),
            ordered_at: table.place("ordered_at"),
            contact_external_id: table.place("contact_external_id"),
            email: table.place("email"),
            first_name: table.place("first_name"),
            last_name: table.place("last_name"),
            country: table.place("country"),
            product_code: table.place("product_code"),
            description: table.place("description"),
            quantity: table.place("quantity"),
            unit_price: table.place("unit_price"),
            discount: table.place("discount"),
            shipping: table.place("shipping"),
            tax: table.place("tax"),
            currency: table.place("currency"),
            partner_code: table.place("partner_code"),
            sale_partner_code: table.place("sale_partner_code"),
            coupon: table.place("coupon"),
            visitor: table.place("visitor"),
            ip_address: table.place("ip_address"),
            returns_order: table.place("returns_order"),
        }
    }

    fn headings(&self, table: &Table) -> Headings {
        let heading = |place| table.heading(place).to_string();
        Headings {
            order_number: heading(self.order_number),
            product_code: heading(self.product_code),
            partner_code: heading(self.partner_code),
            sale_partner_code: heading(self.sale_partner_code),
            coupon: heading(self.coupon),
            visitor: heading(self.visitor),
            returns_order: heading(self.returns_order),
        }
    }
}
