//! The forms of what happens to an order.

use super::super::press::{self, Press};
use super::super::typed::{money, money_or_none, note, number};
use super::due::left;
use crate::domain::commission::{QUANTITY_DECIMALS, QUANTITY_LIMIT};
use crate::domain::instant::first_instant;
use crate::domain::money::{Currency, Money};
use crate::domain::typed::Trimmed;
use crate::selling::orders::pages::working;
use crate::selling::orders::queries::OrderFile;
use crate::web::forms::{FormData, Problems};
use crate::web::html::Format;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

/// The most characters of a reference.
const MOST_SHORT: usize = 200;
/// The most characters of a reason.
const MOST_LONG: usize = 2000;

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Payment,
    Return,
    Refund,
    Credit,
    Cancellation,
}

impl Kind {
    /// All of them, in the order of the menu.
    pub const ALL: [Kind; 5] = [Kind::Payment, Kind::Return, Kind::Refund, Kind::Credit, Kind::Cancellation];

    /// The word for it in addresses and forms.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Payment => "payment",
            Kind::Return => "return",
            Kind::Refund => "refund",
            Kind::Credit => "credit",
            Kind::Cancellation => "cancellation",
        }
    }

    /// What this word means.
    pub fn from_word(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// In the menu and as a title.
    pub fn label(self) -> &'static str {
        match self {
            Kind::Payment => "Customer payment",
            Kind::Return => "Return",
            Kind::Refund => "Refund",
            Kind::Credit => "Credit another partner",
            Kind::Cancellation => "Cancel order",
        }
    }

    /// What is recorded, for who looks at the form.
    pub fn help(self) -> &'static str {
        match self {
            Kind::Payment => {
                "The customer has paid for this order. What its programs credit on customer payment is earned with it."
            }
            Kind::Return => {
                "Goods come back. Commissions are taken back for the share of each line that came back, whatever money \
                 is given for it."
            }
            Kind::Refund => {
                "Money is given back without naming goods. Commissions are taken back for its share of the whole order."
            }
            Kind::Credit => {
                "What the order gave so far is taken back, and another partner gets what today’s rates, programs and \
                 settings pay. Both are kept, with the reason."
            }
            Kind::Cancellation => {
                "All that the order gave is taken back. Nothing more can happen to a cancelled order."
            }
        }
    }

    /// Whether a reason must be given.
    pub fn needs_reason(self) -> bool {
        matches!(self, Kind::Credit | Kind::Cancellation)
    }
}

/// What was typed.
#[derive(Debug, Clone)]
pub struct EventForm {
    pub kind: Kind,
    pub on: String,
    pub amount: String,
    /// Of each line of the order, by its number.
    pub quantities: Vec<(i32, String)>,
    pub partner: String,
    pub sale_partner: String,
    pub reference: String,
    pub reason: String,
    pub key: String,
    /// The latest event that the page knew.
    pub seen: String,
    /// The fingerprint of what the page showed.
    pub shown: String,
}

/// What happened, as typed and sound by itself.
#[derive(Debug, Clone)]
pub struct TypedEvent {
    pub what: What,
    pub happened_at: DateTime<Utc>,
    pub reference: String,
    pub reason: String,
}

/// What it is, with its figures.
#[derive(Debug, Clone)]
pub enum What {
    Payment(Money),
    /// Lines by their numbers, and the money given with them.
    Return(Vec<(i32, Decimal)>, Money),
    Refund(Money),
    Credit,
    Cancellation,
}

impl EventForm {
    /// A fresh form about an order.
    pub fn fresh(kind: Kind, file: &OrderFile, now: DateTime<Utc>, format: &Format) -> EventForm {
        EventForm {
            kind,
            on: now.with_timezone(&format.zone).date_naive().to_string(),
            amount: String::new(),
            quantities: file.lines.iter().map(|line| (line.number, String::new())).collect(),
            partner: String::new(),
            sale_partner: String::new(),
            reference: String::new(),
            reason: String::new(),
            key: Uuid::new_v4().to_string(),
            seen: last_event(file),
            shown: String::new(),
        }
    }

    /// What was sent; none where it says of no kind.
    pub fn read(form: &FormData) -> Option<EventForm> {
        let of = |name: &str| form.get(name).to_string();
        let quantities = form.fields().iter().filter_map(|(name, typed)| {
            let line = name.strip_prefix("quantity-")?.parse().ok()?;
            Some((line, typed.clone()))
        });
        Some(EventForm {
            kind: Kind::from_word(form.get("kind"))?,
            on: of("on"),
            amount: of("amount"),
            quantities: quantities.collect(),
            partner: of("partner"),
            sale_partner: of("sale_partner"),
            reference: of("reference"),
            reason: of("reason"),
            key: of("key"),
            seen: of("seen"),
            shown: of("shown"),
        })
    }

    /// What was typed for a line.
    pub fn quantity(&self, line: i32) -> &str {
        self.quantities.iter().find(|(number, _)| *number == line).map_or("", |(_, typed)| typed)
    }

    /// Everything that is left of every line comes back.
    pub fn take_all(&mut self, file: &OrderFile) {
        let all = left(file).into_iter().zip(&file.lines);
        self.quantities = all
            .map(|(left, line)| {
                let typed = if left.is_zero() { String::new() } else { left.normalize().to_string() };
                (line.number, typed)
            })
            .collect();
    }

    /// The press, by a form that has a key.
    pub fn press(&self, is_final: bool) -> Option<Press> {
        let key = Uuid::parse_str(&self.key).ok()?;
        let figures =
            [&self.on, &self.amount, &self.partner, &self.sale_partner, &self.reference, &self.reason];
        let lines: Vec<String> = self
            .quantities
            .iter()
            .filter(|(_, typed)| !typed.trimmed().is_empty())
            .map(|(line, typed)| format!("{line}: {}", typed.trimmed()))
            .collect();
        let head = std::iter::once(self.kind.word()).chain(figures.into_iter().map(|text| text.trimmed()));
        let content = press::hash_of(head.chain(lines.iter().map(String::as_str)));
        Some(Press { key, content, shown: self.shown.clone(), is_final })
    }

    /// What happened, or everything that is wrong with it. A reason may be missing until it is recorded.
    pub fn parse(
        &self,
        file: &OrderFile,
        is_final: bool,
        now: DateTime<Utc>,
        format: &Format,
    ) -> Result<TypedEvent, Problems> {
        let mut problems = Problems::none();
        let currency = format.currency;
        let what = match self.kind {
            Kind::Payment => self.money(&mut problems, currency).map(What::Payment),
            Kind::Refund => self.money(&mut problems, currency).map(What::Refund),
            Kind::Return => {
                let lines = self.lines(&mut problems, file, currency);
                let amount = money_or_none(&self.amount, currency);
                let amount = note(&mut problems, "amount".into(), "Money given back", amount);
                amount.map(|amount| What::Return(lines, amount))
            }
            Kind::Credit => Some(What::Credit),
            Kind::Cancellation => Some(What::Cancellation),
        };
        let happened_at = match self.kind {
            // Dated today, whenever the order was.
            Kind::Credit => Some(now),
            _ => self.happened_at(&mut problems, file, now, format),
        };
        let reference = problems.optional_text("reference", "Reference", &self.reference, MOST_SHORT);
        let reason = if self.kind.needs_reason() && is_final {
            problems.lines("reason", "Reason", &self.reason, MOST_LONG)
        } else {
            let label = if self.kind.needs_reason() { "Reason" } else { "Note" };
            problems.optional_lines("reason", label, &self.reason, MOST_LONG)
        };
        match (what, happened_at) {
            (Some(what), Some(happened_at)) => {
                problems.or(TypedEvent { what, happened_at, reference, reason })
            }
            _ => Err(problems),
        }
    }

    fn money(&self, problems: &mut Problems, currency: Currency) -> Option<Money> {
        note(problems, "amount".into(), "Amount", money(&self.amount, currency))
    }

    /// What comes back of each line: at most what is left of it.
    fn lines(&self, problems: &mut Problems, file: &OrderFile, currency: Currency) -> Vec<(i32, Decimal)> {
        let before = problems.iter().count();
        let mut lines = Vec::new();
        for (line, left) in file.lines.iter().zip(left(file)) {
            let typed = self.quantity(line.number);
            if typed.trimmed().is_empty() {
                continue;
            }
            let read =
                number(typed, QUANTITY_DECIMALS, QUANTITY_LIMIT, currency).and_then(
                    |quantity| match quantity {
                        negative if negative.is_sign_negative() && !negative.is_zero() => {
                            Err("is below zero: say how many came back".to_string())
                        }
                        much if much > left => {
                            Err(format!("is more than is left: {}", working::number(left, 0)))
                        }
                        quantity => Ok(quantity),
                    },
                );
            let label = format!("Line {}: Quantity", line.number);
            match note(problems, format!("quantity-{}", line.number), &label, read) {
                Some(quantity) if !quantity.is_zero() => lines.push((line.number, quantity)),
                _ => {}
            }
        }
        let known = |number: &i32| file.lines.iter().any(|line| line.number == *number);
        if let Some((strange, _)) =
            self.quantities.iter().find(|(number, typed)| !known(number) && !typed.is_empty())
        {
            problems.add("lines", format!("This order has no line {strange}."));
        }
        if lines.is_empty() && problems.iter().count() == before {
            problems.add("lines", "Say of which line how many came back. For money alone there is Refund.");
        }
        lines
    }

    /// The day, as an instant of it: now where it is today, and never before the order.
    fn happened_at(
        &self,
        problems: &mut Problems,
        file: &OrderFile,
        now: DateTime<Utc>,
        format: &Format,
    ) -> Option<DateTime<Utc>> {
        let local = |at: DateTime<Utc>| at.with_timezone(&format.zone).date_naive();
        let day: NaiveDate = problems.day("on", "Date", &self.on)?;
        let (today, ordered_on) = (local(now), local(file.head.ordered_at));
        if day > today {
            problems.add("on", format!("The date lies in the future: today is {}.", format.day(&today)));
        } else if day < ordered_on && day != today {
            let words = "Nothing can happen to the order before it was placed, on";
            problems.add("on", format!("{words} {}.", format.day(&ordered_on)));
        } else if day == today {
            return Some(now.max(file.head.ordered_at));
        } else {
            return Some(first_instant(day.and_time(NaiveTime::MIN), format.zone).max(file.head.ordered_at));
        }
        None
    }
}

/// The latest event of an order, as a form carries it.
pub fn last_event(file: &OrderFile) -> String {
    file.events.last().map_or(String::new(), |event| event.id.to_string())
}
