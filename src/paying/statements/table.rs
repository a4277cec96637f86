//! The entries of a ledger, row by row over as many pages as they need. Each page begins with what was
//! brought forward and ends with what is carried forward.

use super::desk::{Desk, FAINT, FIRM, INK, LEFT, RED, SOFT, Style, bold, plain};
use crate::domain::ledger::EntryKind;
use crate::domain::money::Money;
use crate::paper::page::MM;
use crate::paying::ledgers::Line;
use chrono::NaiveDate;

/// How far down a page is filled.
#[derive(Debug, Clone, Copy)]
pub struct Cursor {
    pub y: f32,
}

const SIZE: f32 = 8.6;
const SMALL: f32 = 7.6;
/// Above and below the text of a row.
const INSET: f32 = 1.35 * MM;
/// A row of one line, with its line below.
const ONE_LINE: f32 = SIZE * 1.3 + 2.0 * INSET;

/// Where the columns are.
struct Columns {
    item: f32,
    rate: f32,
    amount_ends: f32,
    balance_ends: f32,
    item_width: f32,
    rate_width: f32,
    money_width: f32,
}

/// One line of a row.
struct RowLine {
    item: Option<(String, Style)>,
    rate: Option<String>,
    height: f32,
}

/// One entry as rows of text.
struct Row {
    date: String,
    lines: Vec<RowLine>,
    amount: Money,
    balance: Money,
}

/// Draws them all, from the beginning balance to the ending one.
pub fn entries(desk: &mut Desk<'_>, cursor: &mut Cursor) {
    let columns = Columns::of(desk);
    headings(desk, cursor, &columns);
    let figures = desk.statement.figures;
    let first = desk.head.first_day.map(|day| desk.head.short_day(day)).unwrap_or_default();
    balance_row(desk, cursor, &columns, &first, "Beginning balance", figures.beginning);
    // The statement outlives the desk's own changes.
    let statement = desk.statement;
    let mut before = figures.beginning;
    for line in &statement.lines {
        let row = Row::of(desk, line, &columns);
        place(desk, cursor, &columns, row, before);
        before = line.balance;
    }
    let last = desk.head.last_day.map(|day| desk.head.short_day(day)).unwrap_or_default();
    ending(desk, cursor, &columns, &last, figures.ending());
}

impl Columns {
    fn of(desk: &Desk<'_>) -> Columns {
        let (date_width, rate_width, money_width) = (desk.head.date_width, 43.0 * MM, 22.0 * MM);
        let balance_ends = desk.right();
        let amount_ends = balance_ends - 23.0 * MM;
        let rate = amount_ends - money_width - rate_width + 3.0 * MM;
        let item = LEFT + date_width;
        Columns {
            item,
            rate,
            amount_ends,
            balance_ends,
            item_width: rate - item - 3.0 * MM,
            rate_width: rate_width - 4.0 * MM,
            money_width,
        }
    }
}

impl Row {
    fn of(desk: &mut Desk<'_>, line: &Line, columns: &Columns) -> Row {
        let (main, small) = words(desk, line);
        // Where nothing stands beside it, it may be as wide as both columns.
        let beside = if line.rate.is_empty() { columns.rate_width + 3.0 * MM } else { 0.0 };
        let width = columns.item_width + beside;
        let texts = [(main, plain(SIZE, INK)), (small, plain(SMALL, SOFT))];
        let mut items = Vec::new();
        for (text, style) in texts {
            let wrapped = desk.wrapped(&text, style, width);
            items.extend(wrapped.into_iter().map(|line| (line, style)));
        }
        // It breaks between what happened and how it is worked out, not within a product.
        let rate: Vec<String> = line.rate.split(", ").map(|part| unbroken(desk, part, columns)).collect();
        let rates = desk.wrapped(&rate.join(", "), plain(SIZE, SOFT), columns.rate_width);
        let count = items.len().max(rates.len()).max(1);
        let (mut items, mut rates) = (items.into_iter(), rates.into_iter());
        let lines = (0..count)
            .map(|_| {
                let (item, rate) = (items.next(), rates.next());
                let size = item.as_ref().map_or(SIZE, |(_, style)| style.size);
                let size = if rate.is_some() { SIZE } else { size };
                RowLine { item, rate, height: size * 1.3 }
            })
            .collect();
        let date = desk.head.short_day(line.entry.dated_on);
        Row { date, lines, amount: line.entry.amount, balance: line.balance }
    }

    fn height(&self) -> f32 {
        self.lines.iter().map(|line| line.height).sum::<f32>() + 2.0 * INSET
    }
}

/// A part of how an entry is worked out, in one piece where it fits the column; else it breaks at its blanks, but
/// not before a percent sign.
fn unbroken(desk: &mut Desk<'_>, part: &str, columns: &Columns) -> String {
    let whole = part.replace(' ', "\u{a0}");
    let fits = desk.wrapped(&whole, plain(SIZE, SOFT), columns.rate_width).len() <= 1;
    if fits { whole } else { part.replace(" %", "\u{a0}%") }
}

/// What an entry is about: a line, and a smaller one below it.
fn words(desk: &Desk<'_>, line: &Line) -> (String, String) {
    let note = line.note();
    if let Some(sale) = line.sale() {
        let clawback = if line.entry.kind == EntryKind::Clawback { "Clawback: " } else { "" };
        let mut small = format!("Order {}", sale.order_number);
        if let Some(contact) = &sale.contact {
            small.push_str(&format!(", {contact}"));
        }
        if let Some(seller) = sale.sold_by.as_ref().filter(|seller| **seller != desk.statement.to.name) {
            small.push_str(&format!(", sold by {seller}"));
        }
        return (format!("{clawback}{}", line.item()), small);
    }
    let reference = line.reference();
    let number = if reference.is_empty() { String::new() } else { format!("no. {reference}") };
    if let Some(payment) = line.payment() {
        let voids = line.voids(&desk.head.format);
        let mut main = if voids.is_empty() {
            format!("{}, {}", line.kind(), payment.pay_type.label())
        } else {
            format!("Void {voids}")
        };
        if let Some((_, batch_id)) = payment.batch() {
            main.push_str(&format!(", {batch_id}"));
        }
        return (main, joined(&number, note));
    }
    let main = if note.is_empty() { line.kind().to_string() } else { format!("{}: {note}", line.kind()) };
    (main, number)
}

fn joined(one: &str, other: &str) -> String {
    [one, other].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(", ")
}

fn headings(desk: &mut Desk<'_>, cursor: &mut Cursor, columns: &Columns) {
    let style = bold(7.8, SOFT);
    let y = cursor.y + INSET + 7.8;
    for (x, heading) in [(LEFT, "Date"), (columns.item, "Item"), (columns.rate, "Rate")] {
        desk.text(x, y, style, heading);
    }
    desk.text_to(columns.amount_ends, y, style, columns.money_width, "Amount");
    desk.text_to(columns.balance_ends, y, style, columns.money_width, "Balance");
    cursor.y += 7.8 * 1.3 + 2.0 * INSET;
    desk.rule(LEFT, cursor.y, desk.width(), 0.4, FIRM);
}

/// Draws a row, on the next page where it does not fit on this one. A row that is higher than half a
/// page goes on over the end of a page.
fn place(desk: &mut Desk<'_>, cursor: &mut Cursor, columns: &Columns, row: Row, before: Money) {
    // Below the last row there must be room for the carried or the ending balance.
    let bottom = desk.bottom() - ONE_LINE - 1.5 * MM;
    if cursor.y + row.height() > bottom && (row.height() < bottom / 2.0 || cursor.y + 3.0 * ONE_LINE > bottom)
    {
        turn(desk, cursor, columns, before);
    }
    let mut y = cursor.y + INSET;
    for (number, line) in row.lines.iter().enumerate() {
        if y + line.height > bottom + INSET && number > 0 {
            cursor.y = y;
            // The row's own amount stands on the page on which it begins.
            turn(desk, cursor, columns, row.balance);
            y = cursor.y + INSET;
        }
        let baseline = y + SIZE;
        if number == 0 {
            desk.text(LEFT, baseline, plain(SIZE, INK), &row.date);
            money(desk, columns.amount_ends, baseline, columns, row.amount);
            money(desk, columns.balance_ends, baseline, columns, row.balance);
        }
        if let Some((text, style)) = &line.item {
            desk.text(columns.item, baseline, *style, text);
        }
        if let Some(rate) = &line.rate {
            desk.text(columns.rate, baseline, plain(SIZE, SOFT), rate);
        }
        y += line.height;
    }
    cursor.y = y + INSET;
    desk.rule(LEFT, cursor.y, desk.width(), 0.2, FAINT);
}

fn money(desk: &mut Desk<'_>, x: f32, y: f32, columns: &Columns, amount: Money) {
    let colour = if amount.is_negative() { RED } else { INK };
    let text = desk.amount(amount);
    desk.text_to(x, y, plain(SIZE, colour), columns.money_width, &text);
}

/// Ends a page with what is carried forward, and begins the next with it.
fn turn(desk: &mut Desk<'_>, cursor: &mut Cursor, columns: &Columns, balance: Money) {
    desk.rule(LEFT, cursor.y, desk.width(), 0.4, FIRM);
    strong_row(desk, cursor, columns, ("", "Carried forward", balance));
    *cursor = desk.next_page();
    headings(desk, cursor, columns);
    balance_row(desk, cursor, columns, "", "Brought forward", balance);
}

fn balance_row(
    desk: &mut Desk<'_>,
    cursor: &mut Cursor,
    columns: &Columns,
    date: &str,
    name: &str,
    balance: Money,
) {
    strong_row(desk, cursor, columns, (date, name, balance));
    desk.rule(LEFT, cursor.y, desk.width(), 0.2, FAINT);
}

fn strong_row(desk: &mut Desk<'_>, cursor: &mut Cursor, columns: &Columns, row: (&str, &str, Money)) {
    let (date, name, balance) = row;
    let y = cursor.y + INSET + SIZE;
    desk.text(LEFT, y, bold(SIZE, INK), date);
    desk.text(columns.item, y, bold(SIZE, INK), name);
    let colour = if balance.is_negative() { RED } else { INK };
    let text = desk.amount(balance);
    desk.text_to(columns.balance_ends, y, bold(SIZE, colour), columns.money_width, &text);
    cursor.y += ONE_LINE;
}

fn ending(desk: &mut Desk<'_>, cursor: &mut Cursor, columns: &Columns, date: &str, balance: Money) {
    desk.rule(LEFT, cursor.y, desk.width(), 0.4, FIRM);
    let y = cursor.y + INSET + 10.0;
    let style = desk.fitted(bold(10.0, INK), columns.item - LEFT - 2.0 * MM, date);
    desk.text(LEFT, y, style, date);
    desk.text(columns.item, y, bold(10.0, INK), "Ending balance");
    let colour = if balance.is_negative() { RED } else { INK };
    let text = balance.with_sign(desk.statement.currency);
    desk.text_to(columns.balance_ends, y, bold(10.0, colour), 2.0 * columns.money_width, &text);
    cursor.y += 10.0 * 1.3 + 2.0 * INSET;
    // A double line, as under every sum that is final.
    desk.rule(LEFT, cursor.y, desk.width(), 0.3, INK);
    desk.rule(LEFT, cursor.y + 0.6 * MM, desk.width(), 0.3, INK);
    cursor.y += 1.0 * MM;
}

/// A day as short as it is clear within its range.
pub fn short_pattern(day: NaiveDate, one_year: bool, dates: crate::web::html::DateFormat) -> String {
    use crate::web::html::DateFormat;
    match (one_year, dates) {
        (true, DateFormat::MonthDayYear) => day.format("%b %-d").to_string(),
        (true, DateFormat::DayMonthYear) => day.format("%-d %b").to_string(),
        _ => dates.show(day),
    }
}
