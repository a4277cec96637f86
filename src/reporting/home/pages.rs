//! What the start page shows.

use super::News;
use super::queries::{BatchRow, Due, LedgerMonth, OrderMonth, Owed, OwedRow};
use crate::domain::money::Money;
use crate::domain::period::{Period, Preset, business_date};
use crate::people::names::Person;
use crate::running::mails::Failed;
use crate::selling::tracking::visits::SetAside;
use crate::selling::tracking::web_forms::News as Leads;
use crate::web::admin::Viewer;
use crate::web::chart::{Chart, twelve_months};
use crate::web::html::{Format, count, counted};
use crate::web::layout::Layout;
use crate::web::{App, paths};
use askama::Template;
use chrono::{DateTime, Months, NaiveDate, Timelike, Utc};

/// How many partners are listed with what they are owed.
pub const MOST_OWED: i64 = 6;
/// How many batches are listed.
pub const BATCHES: i64 = 5;

/// Which months the page is about.
pub struct Window {
    /// The first days of twelve months.
    pub months: Vec<NaiveDate>,
    pub last_day: NaiveDate,
    /// The latest month that is over, and the tiles tell of.
    pub complete: Period,
    /// The twelve months lie in the past, because nothing happened since.
    pub is_past: bool,
}

/// Everything that was read.
pub struct Facts {
    pub window: Window,
    pub owed: Owed,
    pub due: Due,
    pub most_owed: Vec<OwedRow>,
    pub ledger: Vec<LedgerMonth>,
    pub orders: Vec<OrderMonth>,
    pub batches: Vec<BatchRow>,
    pub without_program: i64,
    pub news: News,
}

/// How things stand.
#[derive(Template)]
#[template(path = "home/show.html")]
pub struct HomePage {
    layout: Layout,
    greeting: &'static str,
    first_name: String,
    today: String,
    /// The Ledgers report for the month that is over, where there is one.
    ledgers: Option<String>,
    tiles: Vec<(String, String, String)>,
    todo: Vec<Todo>,
    charts: Vec<Chart>,
    months: Vec<MonthLine>,
    sums: MonthLine,
    twelve: String,
    owed: Vec<(Person, String, Money)>,
    /// How many more are owed, and how much.
    more_owed: Option<(String, Money)>,
    all_owed: (String, Money),
    batches: Vec<Batch>,
}

/// One thing to be done.
pub(super) struct Todo {
    pub(super) n: String,
    pub(super) what: String,
    pub(super) why: String,
    pub(super) link: Option<(String, &'static str)>,
}

struct MonthLine {
    month: String,
    orders: String,
    commissions: Money,
    paid: Money,
}

struct Batch {
    name: String,
    path: String,
    partners: String,
    paid: Money,
    voided: bool,
}

impl Window {
    /// The twelve months that end with this one, or with the latest in which anything was booked if
    /// that is longer ago.
    pub fn around(today: NaiveDate, latest: Option<NaiveDate>) -> Window {
        let months = twelve_months(today);
        match latest.filter(|latest| *latest < months[0]) {
            Some(latest) => Window {
                months: twelve_months(latest),
                last_day: Period::month_of(latest).to(),
                complete: Period::month_of(latest),
                is_past: true,
            },
            None => Window {
                months,
                last_day: Period::month_of(today).to(),
                complete: Period::preset(Preset::LastMonth, today),
                is_past: false,
            },
        }
    }

    /// The month by its name; with its year where that is not clear.
    fn month(&self) -> String {
        let pattern = if self.is_past { "%B %Y" } else { "%B" };
        self.complete.from().format(pattern).to_string()
    }
}

impl HomePage {
    pub fn new(viewer: &Viewer, app: &App, facts: Facts, now: DateTime<Utc>) -> HomePage {
        let layout = viewer.layout("Home");
        let format = layout.format;
        let today = viewer.today();
        let ledgers = has_page(app, paths::LEDGERS).then(|| {
            let period = facts.window.complete;
            format!("{}?from={}&to={}", paths::LEDGERS, period.from(), period.to())
        });
        let months = months(&facts);
        let shown: Money = facts.most_owed.iter().map(|row| row.balance_minor).sum();
        let more = facts.owed.partners - i64::try_from(facts.most_owed.len()).unwrap_or(0);
        HomePage {
            greeting: greeting(now.with_timezone(&format.zone).hour()),
            first_name: layout.user.name.split_whitespace().next().unwrap_or_default().to_string(),
            today: format!("{}, {}. {}", today.format("%A"), format.day(&today), standing(&facts)),
            tiles: tiles(&facts, &months, &format),
            todo: todo(&facts, &format, ledgers.as_deref()),
            ledgers,
            charts: charts(&facts, &months, &format),
            sums: MonthLine {
                month: "12 months".into(),
                orders: count(facts.orders.iter().map(|row| row.orders).sum::<i64>()),
                commissions: months.iter().map(|month| month.commissions).sum(),
                paid: months.iter().map(|month| month.paid).sum(),
            },
            twelve: match facts.window.is_past {
                true => format!("The twelve months up to {}", facts.window.month()),
                false => "The last twelve months".into(),
            },
            months,
            more_owed: (more > 0)
                .then(|| (counted(more, "more partner", "more partners"), facts.owed.owed_minor - shown)),
            all_owed: (counted(facts.owed.partners, "partner", "partners"), facts.owed.owed_minor),
            owed: facts
                .most_owed
                .into_iter()
                .map(|row| (Person::partner(row.id, &row.name, &row.code), row.code, row.balance_minor))
                .collect(),
            batches: facts.batches.into_iter().map(Batch::from).collect(),
            layout,
        }
    }
}

fn has_page(app: &App, path: &str) -> bool {
    app.routes.access("GET", path).is_some()
}

fn greeting(hour: u32) -> &'static str {
    match hour {
        5..=11 => "Good morning",
        12..=17 => "Good afternoon",
        _ => "Good evening",
    }
}

/// Whether the month that is over is paid.
fn standing(facts: &Facts) -> String {
    let month = facts.window.month();
    if facts.due.partners > 0 {
        format!("{month} is complete and not yet paid.")
    } else if facts.owed.partners > 0 {
        format!("All that is owed up to {month} is paid.")
    } else {
        "Nobody is owed anything.".into()
    }
}

fn months(facts: &Facts) -> Vec<MonthLine> {
    let of = |month: NaiveDate| {
        let ledger = facts.ledger.iter().find(|row| row.month == month);
        let orders = facts.orders.iter().find(|row| row.month == month);
        MonthLine {
            month: month.format("%b %Y").to_string(),
            orders: count(orders.map_or(0, |row| row.orders)),
            commissions: ledger.map_or(Money::ZERO, |row| row.net_minor),
            paid: ledger.map_or(Money::ZERO, |row| row.paid_minor),
        }
    };
    facts.window.months.iter().map(|month| of(*month)).collect()
}

/// Name, figure, a few words.
fn tiles(facts: &Facts, months: &[MonthLine], format: &Format) -> Vec<(String, String, String)> {
    let month = facts.window.month();
    let this = facts.window.complete.from();
    let before = this - Months::new(1);
    let before_name = before.format("%B").to_string();
    let place = |day: NaiveDate| facts.window.months.iter().position(|month| *month == day);
    let net = |day: NaiveDate| place(day).map_or(Money::ZERO, |place| months[place].commissions);
    let paid = place(this).map_or(Money::ZERO, |place| months[place].paid);
    let orders =
        |day: NaiveDate| facts.orders.iter().find(|row| row.month == day).map_or(0, |row| row.orders);
    let behind = match facts.owed.behind {
        0 => String::new(),
        n => format!("; {} {} below zero", count(n), if n == 1 { "is" } else { "are" }),
    };
    let partners = counted(facts.owed.partners, "partner", "partners");
    let more = orders(this) - orders(before);
    let sign = if more > 0 { "+" } else { "" };
    let paid_words = if paid.is_zero() { "nothing was paid" } else { "payments less voids" };
    vec![
        (
            "Owed to partners today".into(),
            format.total(&facts.owed.owed_minor),
            format!("{partners}{behind}"),
        ),
        (
            format!("Commissions in {month}"),
            format.total(&net(this)),
            change(net(before), net(this), &before_name),
        ),
        (
            format!("Orders in {month}"),
            count(orders(this)),
            format!("{sign}{} on {before_name}", count(more)),
        ),
        (format!("Paid in {month}"), format.total(&paid), paid_words.into()),
    ]
}

/// `+9.4 % on September`
fn change(before: Money, now: Money, month: &str) -> String {
    if before.minor() <= 0 {
        return format!("none in {month}");
    }
    let tenths = i128::from(now.minor() - before.minor()) * 1000 / i128::from(before.minor());
    let sign = if tenths < 0 { "\u{2212}" } else { "+" };
    let tenths = tenths.unsigned_abs();
    format!("{sign}{}.{} % on {month}", tenths / 10, tenths % 10)
}

fn todo(facts: &Facts, format: &Format, ledgers: Option<&str>) -> Vec<Todo> {
    let mut todo = facts.news.todo(format);
    let one = |n: i64, one: &str, many: &str| if n == 1 { one.to_string() } else { many.to_string() };
    let due = facts.due;
    if due.partners > 0 {
        let month = facts.window.month();
        let skipped = match due.skipped {
            0 => String::new(),
            n => format!(" {} more {} nothing to be paid.", count(n), one(n, "has", "have")),
        };
        todo.push(Todo {
            n: count(due.partners),
            what: format!(
                "{} {} to be paid for {month}",
                one(due.partners, "partner has", "partners have"),
                format.total(&due.sum_minor)
            ),
            why: format!("All that is open up to {}.{skipped}", format.day(&facts.window.complete.to())),
            link: ledgers.map(|path| (path.to_string(), "Ledgers")),
        });
    }
    if facts.owed.behind > 0 {
        todo.push(Todo {
            n: count(facts.owed.behind),
            what: format!(
                "{} a balance below zero, together {}",
                one(facts.owed.behind, "partner has", "partners have"),
                format.total(&facts.owed.behind_minor)
            ),
            why: "More was taken back than they had. What they earn next makes it good.".into(),
            link: Some((format!("{}?sort=balance", paths::PARTNERS), "Look")),
        });
    }
    if facts.without_program > 0 {
        todo.push(Todo {
            n: count(facts.without_program),
            what: one(facts.without_program, "partner is in no program", "partners are in no program"),
            why: "They earn nothing by what they refer or sell until they are enrolled.".into(),
            link: Some((format!("{}?program=none", paths::PARTNERS), "Look")),
        });
    }
    todo
}

impl News {
    /// What is to be done about it.
    pub(super) fn todo(&self, format: &Format) -> Vec<Todo> {
        let leads = self.leads.as_ref().map(|leads| new_leads(leads, format));
        let mails = self.failed_mails.as_ref().map(failed_mails);
        leads.into_iter().chain(mails).chain(self.set_aside.as_ref().map(set_aside)).collect()
    }
}

/// Mails that were given up.
fn failed_mails(failed: &Failed) -> Todo {
    let (what, which) = match failed.mails {
        1 => ("mail could not be sent", "It was to go"),
        _ => ("mails could not be sent", "The last was to go"),
    };
    Todo {
        n: count(failed.mails),
        what: what.into(),
        why: format!("{which} to {}: {}", failed.recipient, failed.trouble),
        link: Some((paths::failed_mails(), "Look")),
    }
}

/// Clicks that could not be worked in.
fn set_aside(clicks: &SetAside) -> Todo {
    Todo {
        n: count(clicks.visits),
        what: match clicks.visits {
            1 => "click could not be worked in".into(),
            _ => "clicks could not be worked in".into(),
        },
        why: format!("Recorded, and credited to nobody yet: {}", clicks.reason),
        link: Some((paths::LINKS.into(), "Look")),
    }
}

/// Leads that nobody has marked as seen.
fn new_leads(news: &Leads, format: &Format) -> Todo {
    let by = match news.forms {
        1 => format!("By the form {}.", news.name),
        forms => format!("By {forms} web forms, most of them by {}.", news.name),
    };
    let since = format.day(&business_date(news.since, format.zone));
    let (one_form, all_forms) = (paths::web_form(news.form), paths::WEB_FORMS.to_string());
    Todo {
        n: count(news.leads),
        what: format!("new {} since {since}", if news.leads == 1 { "lead" } else { "leads" }),
        why: by,
        link: Some((if news.forms == 1 { one_form } else { all_forms }, "Look")),
    }
}

fn charts(facts: &Facts, months: &[MonthLine], format: &Format) -> Vec<Chart> {
    let days = &facts.window.months;
    let orders: Vec<(NaiveDate, i64)> = days
        .iter()
        .map(|day| (*day, facts.orders.iter().find(|row| row.month == *day).map_or(0, |row| row.orders)))
        .collect();
    let commissions: Vec<(NaiveDate, i64)> =
        days.iter().zip(months).map(|(day, month)| (*day, month.commissions.minor())).collect();
    let sold = format!("{} in 12 months", count(orders.iter().map(|(_, n)| n).sum::<i64>()));
    let earned: Money = months.iter().map(|month| month.commissions).sum();
    let earned = format!("{} in 12 months", format.total(&earned));
    vec![
        Chart::new("Orders", sold, &orders, count),
        Chart::new("Commissions", earned, &commissions, |minor| format.total(&Money::from_minor(minor))),
    ]
}

impl From<BatchRow> for Batch {
    fn from(row: BatchRow) -> Batch {
        Batch {
            name: row.batch_id,
            path: paths::payment_batch(row.id),
            partners: count(row.partners),
            paid: row.paid_minor,
            voided: row.voided,
        }
    }
}
