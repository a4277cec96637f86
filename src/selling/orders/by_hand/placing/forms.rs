//! The form of a new order.

use super::super::press::{self, Press};
use super::super::typed::{money_or_none, note, price, quantity};
use crate::domain::instant::first_instant;
use crate::domain::money::{Currency, Money};
use crate::domain::typed::Trimmed;
use crate::selling::orders::lines::NamedLine;
use crate::web::forms::{FormData, Problems};
use crate::web::html::Format;
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use std::net::IpAddr;
use uuid::Uuid;

/// The most lines of an order by hand; longer ones come in a file.
pub const MOST_LINES: usize = 500;
/// How many lines an empty form shows.
const LINES_AT_FIRST: usize = 3;
/// The most characters of a line's description, of a name, of an order's number.
const MOST_SHORT: usize = 200;
/// The most characters of a product's code.
const MOST_CODE: usize = 100;
/// The most characters of an e-mail address.
const MOST_EMAIL: usize = 254;
/// The most characters of a note.
const MOST_LONG: usize = 2000;

/// An order as it was typed.
#[derive(Debug, Clone, Default)]
pub struct OrderForm {
    pub number: String,
    pub ordered_on: String,
    pub ordered_time: String,
    /// Date and time as the page proposed them: left so, they mean the moment of recording.
    pub proposed: String,
    pub customer: String,
    pub customer_name: String,
    pub lines: Vec<LineForm>,
    pub shipping: String,
    pub tax: String,
    /// `full` or `later`.
    pub paid: String,
    pub partner: String,
    pub sale_partner: String,
    pub coupon: String,
    pub visitor: String,
    pub address: String,
    pub note: String,
    pub key: String,
    /// The fingerprint of what the page showed.
    pub shown: String,
}

/// A line as it was typed.
#[derive(Debug, Clone)]
pub struct LineForm {
    pub product: String,
    pub description: String,
    pub quantity: String,
    pub price: String,
    pub discount: String,
    pub commissionable: bool,
}

/// Which button was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button {
    AddLine,
    /// By its place, from 0.
    RemoveLine(usize),
    Preview,
    Record,
}

/// An order that was typed and makes sense by itself.
#[derive(Debug, Clone)]
pub struct TypedOrder {
    pub number: String,
    pub ordered_at: DateTime<Utc>,
    /// An e-mail, a number from elsewhere or `#` and our own; may be empty.
    pub customer: String,
    pub customer_name: String,
    pub lines: Vec<NamedLine>,
    pub shipping: Money,
    pub tax: Money,
    pub paid_in_full: bool,
    pub partner: String,
    pub sale_partner: String,
    /// Coupon codes; may be empty.
    pub coupon: String,
    /// The visitor's key; may be empty.
    pub visitor: String,
    /// The IP address that it came from.
    pub address: Option<IpAddr>,
    pub note: String,
}

impl OrderForm {
    /// A fresh form, with what a link to it filled in.
    pub fn fresh(query: &FormData, proposed: String, now: DateTime<Utc>, format: &Format) -> OrderForm {
        let mut lines = vec![LineForm::empty(); LINES_AT_FIRST];
        lines[0].product = query.get("product").into();
        let form = OrderForm {
            number: proposed,
            customer: query.get("customer").into(),
            partner: query.get("partner").into(),
            paid: "full".into(),
            key: Uuid::new_v4().to_string(),
            lines,
            ..OrderForm::default()
        };
        form.proposing(now, format)
    }

    /// Proposes this moment as the order's.
    fn proposing(self, now: DateTime<Utc>, format: &Format) -> OrderForm {
        let local = now.with_timezone(&format.zone);
        let (ordered_on, ordered_time) =
            (local.format("%Y-%m-%d").to_string(), local.format("%H:%M").to_string());
        let proposed = format!("{ordered_on} {ordered_time}");
        OrderForm { ordered_on, ordered_time, proposed, ..self }
    }

    /// Whether date and time stand as they were proposed.
    pub fn is_now(&self) -> bool {
        !self.proposed.is_empty()
            && self.proposed == format!("{} {}", self.ordered_on.trimmed(), self.ordered_time.trimmed())
    }

    /// What was sent. Where the time was left as it was proposed, this moment is proposed anew.
    pub fn read(form: &FormData, now: DateTime<Utc>, format: &Format) -> OrderForm {
        let of = |name: &str| form.get(name).to_string();
        let column = |name| form.all(name).collect::<Vec<_>>();
        let columns = ["product", "description", "quantity", "price", "discount"].map(column);
        let ticked = column("commissionable");
        let count = columns.iter().map(Vec::len).max().unwrap_or(0);
        let lines = (0..count).map(|place| {
            let [product, description, quantity, price, discount] =
                columns.each_ref().map(|column| column.get(place).copied().unwrap_or_default().to_string());
            let commissionable = ticked.contains(&place.to_string().as_str());
            LineForm { product, description, quantity, price, discount, commissionable }
        });
        let form = OrderForm {
            number: of("number"),
            ordered_on: of("ordered_on"),
            ordered_time: of("ordered_time"),
            proposed: of("proposed"),
            customer: of("customer"),
            customer_name: of("customer_name"),
            lines: lines.collect(),
            shipping: of("shipping"),
            tax: of("tax"),
            paid: of("paid"),
            partner: of("partner"),
            sale_partner: of("sale_partner"),
            coupon: of("coupon"),
            visitor: of("visitor"),
            address: of("address"),
            note: of("note"),
            key: of("key"),
            shown: of("shown"),
        };
        if form.is_now() { form.proposing(now, format) } else { form }
    }

    /// The button by which it was sent.
    pub fn button(form: &FormData) -> Button {
        match form.get("press") {
            "add" => Button::AddLine,
            "record" => Button::Record,
            other => match other.strip_prefix("remove-").and_then(|place| place.parse().ok()) {
                Some(place) => Button::RemoveLine(place),
                None => Button::Preview,
            },
        }
    }

    /// The press, by a form that has a key.
    pub fn press(&self, is_final: bool) -> Option<Press> {
        let key = Uuid::parse_str(&self.key).ok()?;
        // What means now says the same at every press.
        let now = (String::from("now"), String::new());
        let given = (self.ordered_on.clone(), self.ordered_time.clone());
        let (day, time) = if self.is_now() { now } else { given };
        let head = [
            &self.number,
            &day,
            &time,
            &self.customer,
            &self.customer_name,
            &self.shipping,
            &self.tax,
            &self.paid,
            &self.partner,
            &self.sale_partner,
            &self.coupon,
            &self.visitor,
            &self.address,
            &self.note,
        ];
        let lines = self.lines.iter().filter(|line| !line.is_empty()).flat_map(|line| {
            let commissionable = if line.commissionable { "yes" } else { "no" };
            let typed = [&line.product, &line.description, &line.quantity, &line.price, &line.discount];
            typed.into_iter().map(|text| text.trimmed()).chain([commissionable])
        });
        let content = press::hash_of(head.into_iter().map(|text| text.trimmed()).chain(lines));
        Some(Press { key, content, shown: self.shown.clone(), is_final })
    }

    /// The order, or everything that is wrong with it.
    pub fn parse(&self, now: DateTime<Utc>, format: &Format) -> Result<TypedOrder, Problems> {
        let mut problems = Problems::none();
        let currency = format.currency;
        let number = problems.text("number", "Order number", &self.number, MOST_SHORT);
        let ordered_at = self.ordered_at(&mut problems, now, format);
        let customer = problems.optional_text("customer", "Customer", &self.customer, MOST_EMAIL);
        let customer_name = problems.optional_text("customer_name", "Name", &self.customer_name, MOST_SHORT);
        let lines = self.lines(&mut problems, currency);
        let shipping =
            note(&mut problems, "shipping".into(), "Shipping", money_or_none(&self.shipping, currency));
        let tax = note(&mut problems, "tax".into(), "Tax", money_or_none(&self.tax, currency));
        let paid_in_full = match self.paid.as_str() {
            "full" => Some(true),
            "later" => Some(false),
            _ => {
                problems.add("paid", "Say whether the customer has paid.");
                None
            }
        };
        let partner = problems.optional_text("partner", "Lead partner", &self.partner, MOST_SHORT);
        let sale_partner =
            problems.optional_text("sale_partner", "Sale partner", &self.sale_partner, MOST_SHORT);
        let coupon = problems.optional_text("coupon", "Coupon", &self.coupon, MOST_SHORT);
        let visitor = problems.optional_text("visitor", "Visitor", &self.visitor, MOST_SHORT);
        let address = self.address(&mut problems);
        let note = problems.optional_lines("note", "Note", &self.note, MOST_LONG);
        match (ordered_at, shipping, tax, paid_in_full) {
            (Some(ordered_at), Some(shipping), Some(tax), Some(paid_in_full)) => problems.or(TypedOrder {
                number,
                ordered_at,
                customer,
                customer_name,
                lines,
                shipping,
                tax,
                paid_in_full,
                partner,
                sale_partner,
                coupon,
                visitor,
                address,
                note,
            }),
            _ => Err(problems),
        }
    }

    fn ordered_at(
        &self,
        problems: &mut Problems,
        now: DateTime<Utc>,
        format: &Format,
    ) -> Option<DateTime<Utc>> {
        if self.is_now() {
            return Some(now);
        }
        let day = problems.day("ordered_on", "Date", &self.ordered_on);
        let typed = self.ordered_time.trimmed();
        let time = NaiveTime::parse_from_str(typed, "%H:%M").or(NaiveTime::parse_from_str(typed, "%H:%M:%S"));
        if time.is_err() {
            problems.add("ordered_time", "Time is no time of the day: write it like 14:05.");
        }
        let at = first_instant(day?.and_time(time.ok()?), format.zone);
        if at > now {
            let local = now.with_timezone(&format.zone);
            let today = format.day(&local.date_naive());
            let words = format!("The order lies in the future: it is {}, {today}.", local.format("%H:%M"));
            problems.add("ordered_on", words);
            return None;
        }
        // Who writes 14:05 means that minute, with the click that led to the order in it.
        let minute = if typed.matches(':').count() == 1 {
            TimeDelta::microseconds(59_999_999)
        } else {
            TimeDelta::zero()
        };
        Some((at + minute).min(now))
    }

    fn address(&self, problems: &mut Problems) -> Option<IpAddr> {
        let typed = self.address.trimmed();
        if typed.is_empty() {
            return None;
        }
        let read = typed.parse::<IpAddr>().map(|address| address.to_canonical());
        if read.is_err() {
            problems.add("address", "This is no IP address: write it like 192.0.2.7 or 2001:db8::7.");
        }
        read.ok()
    }

    fn lines(&self, problems: &mut Problems, currency: Currency) -> Vec<NamedLine> {
        let typed = self.lines.iter().enumerate().filter(|(_, line)| !line.is_empty());
        let count = typed.clone().count();
        if count == 0 {
            problems.add("product-0", "An order has at least one line: say what was sold.");
        }
        if count > MOST_LINES {
            let words = format!(
                "The order has {count} lines; by hand it may have {MOST_LINES}. Longer ones come in a file."
            );
            problems.add("lines", words);
            return Vec::new();
        }
        typed.filter_map(|(place, line)| line.parse(problems, place, currency)).collect()
    }
}

impl LineForm {
    /// A line in which nothing is typed yet.
    pub fn empty() -> LineForm {
        let nothing = String::new;
        LineForm {
            product: nothing(),
            description: nothing(),
            quantity: "1".into(),
            price: nothing(),
            discount: nothing(),
            commissionable: true,
        }
    }

    /// Whether nothing is typed in it: such a line is left out.
    pub fn is_empty(&self) -> bool {
        let typed = [&self.product, &self.description, &self.price, &self.discount];
        typed.iter().all(|text| text.trimmed().is_empty())
    }

    fn parse(&self, problems: &mut Problems, place: usize, currency: Currency) -> Option<NamedLine> {
        let line = place + 1;
        let field = |name: &str| format!("{name}-{place}");
        let label = |name: &str| format!("Line {line}: {name}");
        let mut own = Problems::none();
        let product = own.text("product", &label("Product code"), &self.product, MOST_CODE);
        let description =
            own.optional_text("description", &label("Description"), &self.description, MOST_SHORT);
        for (name, sentence) in own.iter() {
            problems.add(field(name), sentence);
        }
        let quantity = quantity(&self.quantity, currency);
        let quantity = note(problems, field("quantity"), &label("Quantity"), quantity);
        let unit_price = note(problems, field("price"), &label("Price"), price(&self.price, currency));
        let discount = money_or_none(&self.discount, currency);
        let discount = note(problems, field("discount"), &label("Discount"), discount);
        Some(NamedLine {
            product,
            description,
            quantity: quantity?,
            unit_price: unit_price?,
            discount: discount?,
            commissionable: self.commissionable,
        })
    }
}
