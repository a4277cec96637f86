//! The commissions of one credit of an order: each row with its working, each of its entries, what
//! earned nothing, and who got how much of all.

use super::unpaid::{self, Unpaid, level_words};
use super::working::{self, Told};
use crate::domain::ids::{OrderEventId, OrderLineId, PartnerId};
use crate::domain::money::{Currency, Money};
use crate::domain::program::{Level, Payout, Role};
use crate::people::names::{Person, shown};
use crate::selling::orders::queries::{CreditFile, LineRow, OrderFile, RowRow};
use crate::web::html::counted;
use crate::web::paths;
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap};

/// How many lines a sentence names before it counts the rest.
const NAMED: usize = 3;

/// The table of a credit.
pub struct Commissions {
    /// The rows of this page, each followed by its entries.
    pub lines: Vec<CommissionLine>,
    pub nothing: Vec<NothingLine>,
    /// How many rows there are in all, and how many are shown.
    pub rows: usize,
    pub rows_shown: usize,
    /// Who got what of all rows, the greatest first.
    pub totals: Vec<(Person, Money)>,
    pub sum: Money,
    /// When it is credited, where that is the same for all.
    pub payout: &'static str,
}

/// A row or an entry of it.
pub struct CommissionLine {
    pub partner: Person,
    /// `Commission` or `Clawback` for an entry that is told by itself.
    pub badge: &'static str,
    /// `Level 1, sold it`
    pub level: String,
    /// What was sold.
    pub item: String,
    /// Which line, where the order has several.
    pub place: String,
    pub working: String,
    /// The version of the program that it is paid by, and how much is earned where that is not all:
    /// `Standard (version 2), 5.00 of 10.00 earned so far`. And the page of that version.
    pub note: Option<(String, String)>,
    pub date: Option<NaiveDate>,
    /// None where the entries below tell the amounts.
    pub amount: Option<Money>,
}

impl Commissions {
    /// Whether there is nothing to tell of: nobody is credited.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.nothing.is_empty()
    }
}

impl CommissionLine {
    /// An entry of the same row, told by itself.
    fn entry(&self, entry: &Told) -> CommissionLine {
        CommissionLine {
            partner: self.partner.clone(),
            badge: if entry.amount.is_negative() { "Clawback" } else { "Commission" },
            level: self.level.clone(),
            item: self.item.clone(),
            place: self.place.clone(),
            working: entry.words.clone(),
            note: None,
            date: Some(entry.dated_on),
            amount: Some(entry.amount),
        }
    }

    /// Of the badge.
    pub fn tone(&self) -> &'static str {
        if self.badge == "Clawback" { "bad" } else { "info" }
    }
}

/// Something that earned nothing.
pub struct NothingLine {
    pub level: String,
    pub why: String,
    /// The first few by name, the rest counted; empty = the whole order.
    pub items: String,
    /// Zero.
    pub amount: Money,
}

/// The credit's rows from `skip` on, `take` of them, and the rest summed up.
pub fn of_credit(
    file: &OrderFile,
    credit: &CreditFile,
    currency: Currency,
    skip: usize,
    take: usize,
) -> Commissions {
    let places = Places::of(file);
    let page: Vec<&RowRow> = credit.rows.iter().skip(skip).take(take).collect();
    let mut told = working::of_entries(file, credit, &page, currency);
    let mut lines = Vec::new();
    for row in &page {
        let entries = told.remove(&row.id).unwrap_or_default();
        of_row(row, places.line(row), &entries, places.head(file, credit, row), currency, &mut lines);
    }
    let (totals, sum) = totals(file, credit);
    Commissions {
        lines,
        nothing: nothing(file, credit),
        rows: credit.rows.len(),
        rows_shown: page.len(),
        totals,
        sum,
        payout: payout(credit),
    }
}

/// What one event, the latest, did: each of its entries, and of a credit that it made every row. `most`
/// of them by name; the totals, which the caller knows, are of all.
pub fn of_event(
    file: &OrderFile,
    event: OrderEventId,
    totals: Vec<(Person, Money)>,
    currency: Currency,
    most: usize,
) -> Commissions {
    let places = Places::of(file);
    let sum = totals.iter().map(|(_, amount)| amount).sum();
    let mut all = Commissions {
        lines: Vec::new(),
        nothing: Vec::new(),
        rows: 0,
        rows_shown: 0,
        totals,
        sum,
        payout: "",
    };
    for credit in &file.credits {
        let is_made = credit.event == event;
        let has_entry = |row: &&RowRow| {
            credit.entries.get(&row.id).into_iter().flatten().any(|entry| entry.event_id == event)
        };
        let rows: Vec<&RowRow> = credit.rows.iter().filter(|row| is_made || has_entry(row)).collect();
        all.rows += rows.len();
        let shown = &rows[..rows.len().min(most.saturating_sub(all.rows_shown))];
        all.rows_shown += shown.len();
        let mut told = working::of_entries(file, credit, shown, currency);
        for row in shown {
            let entries = told.remove(&row.id).unwrap_or_default();
            let head = places.head(file, credit, row);
            match entries.last() {
                Some(last) if !is_made => all.lines.push(head.entry(last)),
                _ => of_row(row, places.line(row), &entries, head, currency, &mut all.lines),
            }
        }
        if is_made {
            all.nothing = nothing(file, credit);
            all.payout = payout(credit);
        }
    }
    all
}

/// The lines of an order, by their ids.
struct Places<'a>(HashMap<OrderLineId, (usize, &'a LineRow)>);

impl<'a> Places<'a> {
    fn of(file: &'a OrderFile) -> Places<'a> {
        Places(file.lines.iter().enumerate().map(|(place, line)| (line.id, (place, line))).collect())
    }

    fn line(&self, row: &RowRow) -> Option<&'a LineRow> {
        row.line_id.and_then(|id| self.0.get(&id)).map(|(_, line)| *line)
    }

    /// What a row and its entries have in common.
    fn head(&self, file: &OrderFile, credit: &CreditFile, row: &RowRow) -> CommissionLine {
        let line = self.line(row);
        let items = match line {
            Some(line) => item(line),
            None => {
                let under = row.under_rule.iter().filter_map(|id| self.0.get(id)).map(|(place, _)| *place);
                items(&file.lines, &under.collect::<Vec<_>>())
            }
        };
        CommissionLine {
            partner: file.person(row.partner_id),
            badge: "",
            level: level(row, credit),
            item: items,
            place: line
                .filter(|_| file.lines.len() > 1)
                .map_or(String::new(), |l| format!("line {}", l.number)),
            working: String::new(),
            note: None,
            date: None,
            amount: None,
        }
    }
}

fn nothing(file: &OrderFile, credit: &CreditFile) -> Vec<NothingLine> {
    let name = |partner: PartnerId| file.person(partner).name;
    let nothing = unpaid::of_credit(credit, &file.lines, name);
    nothing.into_iter().map(|unpaid| nothing_line(file, unpaid)).collect()
}

/// A row is one line where its first entry gave all of it, as most do; else its worth comes first
/// and every entry follows on a line of its own.
fn of_row(
    row: &RowRow,
    line: Option<&LineRow>,
    entries: &[Told],
    base: CommissionLine,
    currency: Currency,
    lines: &mut Vec<CommissionLine>,
) {
    let full = row.full_minor.grouped(currency);
    let working = format!("{} = {full}", working::of_row(row, line, currency));
    let at_once = entries.first().filter(|first| first.at_once);
    let following = if at_once.is_some() { &entries[1..] } else { entries };
    let holds = entries.last().map_or(Money::ZERO, |last| last.holds);
    let earned = match (row.payout, at_once) {
        (Payout::OnPayment, _) => format!(", {} of {full} earned so far", holds.grouped(currency)),
        (Payout::UpFront, None) if row.full_minor.is_zero() => ", less than can be paid".to_string(),
        _ => String::new(),
    };
    let head = CommissionLine {
        working,
        note: Some((
            format!("{} (version {}){earned}", row.program, row.version),
            paths::program_version(row.program_id, row.version),
        )),
        date: at_once.map(|entry| entry.dated_on),
        amount: if following.is_empty() || at_once.is_some() {
            Some(at_once.map_or(Money::ZERO, |entry| entry.amount))
        } else {
            None
        },
        ..base
    };
    let following: Vec<CommissionLine> = following.iter().map(|entry| head.entry(entry)).collect();
    lines.push(head);
    lines.extend(following);
}

/// `Level 2, parent`; where both roles earn, for which of them.
fn level(row: &RowRow, credit: &CreditFile) -> String {
    let level = Level::from_number(row.level).unwrap_or(Level::Unused);
    let part = match (level, row.role) {
        (Level::One, Role::Lead) => "referred the lead",
        (Level::One, Role::Sale) => "sold it",
        (Level::Two, _) => "parent",
        (Level::Three, _) => "grandparent",
        (Level::Unused, _) => "has no parent",
    };
    let both = credit.story.payout.lead && credit.story.payout.sale;
    let role = if both && matches!(level, Level::Two | Level::Three) {
        format!(", for the {}", row.role.word())
    } else {
        String::new()
    };
    format!("{}, {part}{role}", level_words(level))
}

fn payout(credit: &CreditFile) -> &'static str {
    let all = |payout: Payout| credit.rows.iter().all(|row| row.payout == payout);
    if credit.rows.is_empty() {
        ""
    } else if all(Payout::UpFront) {
        "Credit in full with the order"
    } else if all(Payout::OnPayment) {
        "Credit on customer payment"
    } else {
        ""
    }
}

fn totals(file: &OrderFile, credit: &CreditFile) -> (Vec<(Person, Money)>, Money) {
    let mut by_partner: BTreeMap<PartnerId, Money> = BTreeMap::new();
    for row in &credit.rows {
        let held: Money =
            credit.entries.get(&row.id).into_iter().flatten().map(|entry| entry.amount_minor).sum();
        *by_partner.entry(row.partner_id).or_default() += held;
    }
    let sum = by_partner.values().sum();
    let mut totals: Vec<(Person, Money)> =
        by_partner.into_iter().map(|(partner, money)| (file.person(partner), money)).collect();
    totals.sort_by_key(|(_, money)| std::cmp::Reverse(*money));
    (totals, sum)
}

fn nothing_line(file: &OrderFile, unpaid: Unpaid) -> NothingLine {
    let items = items(&file.lines, &unpaid.lines);
    NothingLine { level: unpaid.level, why: unpaid.why, items, amount: Money::ZERO }
}

/// What a line sold, as it is called.
pub fn item(line: &LineRow) -> String {
    shown(&line.name, &line.code)
}

/// The first few lines by name, the rest counted; each name once.
fn items(lines: &[LineRow], places: &[usize]) -> String {
    let mut names: Vec<String> = Vec::new();
    let mut told = 0;
    for place in places {
        let name = item(&lines[*place]);
        if names.contains(&name) {
            told += 1;
        } else if names.len() < NAMED {
            names.push(name);
            told += 1;
        }
    }
    let more = places.len() - told;
    let names = names.join(", ");
    if more == 0 { names } else { format!("{names} and {}", counted(more, "more line", "more lines")) }
}

impl OrderFile {
    /// A partner of the story, as shown.
    pub fn person(&self, id: PartnerId) -> Person {
        match self.partners.get(&id) {
            Some(partner) => Person::partner(id, &partner.name, &partner.code),
            None => Person::partner(id, "", &format!("Partner {id}")),
        }
    }
}
