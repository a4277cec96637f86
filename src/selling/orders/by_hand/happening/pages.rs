//! What the pages about events of an order show.

use super::super::press::Became;
use super::due;
use super::forms::{EventForm, Kind, last_event};
use super::happen::Outcome;
use crate::people::names::Person;
use crate::selling::orders::pages::commissions::{self, Commissions, item};
use crate::selling::orders::pages::working::number;
use crate::selling::orders::queries::{EventRow, OrderFile};
use crate::web::admin::Administrator;
use crate::web::forms::Problems;
use crate::web::html::Format;
use crate::web::layout::Layout;
use crate::web::paths;
use askama::Template;
use chrono::{DateTime, Utc};

/// How many entries the preview shows by name.
const ENTRIES_SHOWN: usize = 100;

/// The form, and what it would record.
#[derive(Template)]
#[template(path = "orders/event.html")]
pub struct EventPage {
    layout: Layout,
    form: EventForm,
    problems: Problems,
    order: String,
    action: String,
    contact: Option<Person>,
    /// Who is credited now; none = nobody.
    credited: Option<Person>,
    facts: Vec<(&'static str, String)>,
    lines: Vec<ReturnLine>,
    preview: Option<Preview>,
    /// What others recorded since the page was shown.
    meanwhile: Vec<Meanwhile>,
}

/// A line of which some may come back.
pub struct ReturnLine {
    pub number: i32,
    pub name: String,
    pub sold: String,
    pub left: String,
    /// Something is left.
    pub is_open: bool,
    pub typed: String,
    pub field: String,
}

/// What would be recorded.
pub struct Preview {
    pub entries: Commissions,
    /// A credit that pays nobody still tells why.
    pub notices: Vec<String>,
    /// It was to be recorded, and is not what the page had shown before.
    pub changed: bool,
    /// What the button says.
    pub button: String,
}

/// What somebody else recorded.
pub struct Meanwhile {
    pub who: String,
    pub at: DateTime<Utc>,
    pub what: String,
}

impl EventPage {
    pub fn new(admin: &Administrator, file: &OrderFile, form: EventForm, problems: Problems) -> EventPage {
        let order = paths::order(file.head.id);
        let layout = admin
            .layout(form.kind.label())
            .under("CRM", "")
            .under("Orders", paths::ORDERS)
            .under(format!("Order {}", file.head.number), order.clone());
        let format = layout.format;
        let credited = file.credits.last().and_then(|credit| credit.story.lead.or(credit.story.sale));
        EventPage {
            contact: file.contact(),
            credited: credited.map(|lineage| file.person(lineage.own.partner)),
            facts: facts(file, &format),
            lines: if form.kind == Kind::Return { lines(file, &form) } else { Vec::new() },
            layout,
            form,
            problems,
            order,
            action: paths::order_events(file.head.id),
            preview: None,
            meanwhile: Vec::new(),
        }
    }

    /// With what it would record.
    pub fn showing(admin: &Administrator, mut form: EventForm, outcome: &Outcome) -> EventPage {
        form.shown.clone_from(&outcome.tried.digest);
        form.seen = last_event(&outcome.before);
        let page = EventPage::new(admin, &outcome.before, form, Problems::none());
        let format = page.layout.format;
        let meanwhile = outcome.meanwhile.iter().map(|event| Meanwhile::new(event, &format)).collect();
        let preview = Preview::new(outcome, &page.form, &format);
        EventPage { preview: Some(preview), meanwhile, ..page }
    }

    fn amount_label(&self) -> String {
        let currency = self.layout.format.currency.code();
        let what = if self.form.kind == Kind::Return { "Money given back" } else { "Amount" };
        format!("{what}, {currency}")
    }

    fn is(&self, word: &str) -> bool {
        self.form.kind.word() == word
    }
}

impl Preview {
    fn new(outcome: &Outcome, form: &EventForm, format: &Format) -> Preview {
        let (file, effect) = (&outcome.tried.file, &outcome.tried.effect);
        let totals = effect.by_partner.iter().map(|(id, _, amount)| (file.person(*id), *amount)).collect();
        Preview {
            entries: commissions::of_event(file, effect.event, totals, format.currency, ENTRIES_SHOWN),
            notices: outcome.notices.clone(),
            changed: outcome.tried.became == Became::Changed,
            button: button(form, outcome, format),
        }
    }
}

/// `Record the refund of $20.00: $2.00 is taken back from Sam`
fn button(form: &EventForm, outcome: &Outcome, format: &Format) -> String {
    let file = &outcome.tried.file;
    let effect = outcome.tried.effect.words(format);
    let amount = file.events.last().map_or(String::new(), |event| format.total(&event.amount_minor));
    match form.kind {
        Kind::Payment => format!("Record the payment of {amount}: {effect}"),
        Kind::Return => format!("Record the return: {effect}"),
        Kind::Refund => format!("Record the refund of {amount}: {effect}"),
        Kind::Credit => {
            let credited = outcome.tried.effect.credited.as_deref().unwrap_or_default();
            format!("Credit {credited}: {effect}")
        }
        Kind::Cancellation => format!("Cancel the order: {effect}"),
    }
}

/// How the order stands.
fn facts(file: &OrderFile, format: &Format) -> Vec<(&'static str, String)> {
    let currency = format.currency;
    let money = |amount| format.total(&amount);
    let held = file.credits.iter().flat_map(|credit| credit.entries.values().flatten());
    vec![
        ("Order total", money(file.total(currency))),
        ("Paid and not given back", money(due::received(file, currency))),
        ("Due", money(due::due(file, currency))),
        ("Commissions now", money(held.map(|entry| entry.amount_minor).sum())),
    ]
}

fn lines(file: &OrderFile, form: &EventForm) -> Vec<ReturnLine> {
    let lines = file.lines.iter().zip(due::left(file));
    lines
        .map(|(line, left)| ReturnLine {
            number: line.number,
            name: item(line),
            sold: number(line.quantity, 0),
            left: number(left, 0),
            is_open: !left.is_zero(),
            typed: form.quantity(line.number).to_string(),
            field: format!("quantity-{}", line.number),
        })
        .collect()
}

impl Meanwhile {
    fn new(event: &EventRow, format: &Format) -> Meanwhile {
        let amount = format.total(&event.amount_minor);
        Meanwhile {
            who: event.made_by.clone().unwrap_or_else(|| "A command".into()),
            at: event.recorded_at,
            what: match event.kind.as_str() {
                "customer_payment" => format!("a customer payment of {amount}"),
                "refund" if event.names_lines => format!("a return, {amount} given back"),
                "refund" => format!("a refund of {amount}"),
                "credited" => "the credit of another partner".into(),
                other => other.into(),
            },
        }
    }
}
