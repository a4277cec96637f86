//! How a ledger stands on paper: address in the window of an envelope (DIN 5008 form B on A4; the same
//! place suits a #10 window), summary, entries, totals, payment, seal. Measures in millimetres as the
//! design has them.

use std::collections::BTreeSet;

use super::print::Letterhead;
use super::read::Statement;
use super::table::{self, Cursor};
use crate::domain::ledger::Figures;
use crate::domain::money::Money;
use crate::paper::page::{Colour, MM, Mark, Page};
use crate::paper::shaping::Shaper;
use crate::paper::wrap::wrap;
use crate::people::names::shown;

pub const INK: Colour = Colour(22, 24, 26);
pub const SOFT: Colour = Colour(85, 88, 93);
pub const PETROL: Colour = Colour(18, 63, 71);
pub const TINT: Colour = Colour(238, 245, 245);
pub const HAIR: Colour = Colour(201, 204, 202);
pub const FAINT: Colour = Colour(227, 229, 227);
pub const FIRM: Colour = Colour(139, 143, 141);
pub const RED: Colour = Colour(179, 38, 30);

/// From the left edge to the text, and from the text to the right edge.
pub const LEFT: f32 = 25.0 * MM;
const RIGHT: f32 = 20.0 * MM;

/// Draws on the page that is being made.
pub struct Desk<'a> {
    pub shaper: &'a mut Shaper,
    pub head: &'a Letterhead,
    pub statement: &'a Statement,
    pub pages: Vec<Page>,
    missing: BTreeSet<char>,
}

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    pub size: f32,
    pub bold: bool,
    pub colour: Colour,
}

/// Regular text.
pub const fn plain(size: f32, colour: Colour) -> Style {
    Style { size, bold: false, colour }
}

/// Bold text.
pub const fn bold(size: f32, colour: Colour) -> Style {
    Style { size, bold: true, colour }
}

/// The pages of one ledger.
pub fn pages(shaper: &mut Shaper, head: &Letterhead, statement: &Statement) -> Vec<Page> {
    let mut desk = Desk { shaper, head, statement, pages: Vec::new(), missing: BTreeSet::new() };
    let mut cursor = desk.first_page();
    table::entries(&mut desk, &mut cursor);
    desk.closing(&mut cursor);
    desk.feet();
    desk.pages
}

impl Desk<'_> {
    /// Where the text ends on the right.
    pub fn right(&self) -> f32 {
        self.head.sheet.size().0 - RIGHT
    }

    pub fn width(&self) -> f32 {
        self.right() - LEFT
    }

    /// Where the text of a page must end, above its foot.
    pub fn bottom(&self) -> f32 {
        self.head.sheet.size().1 - 22.0 * MM
    }

    pub fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.marks.push(mark);
        }
    }

    pub fn text(&mut self, x: f32, y: f32, style: Style, text: &str) {
        let line = self.shaper.line(text, style.bold);
        self.missing.extend(line.missing.iter().copied());
        self.mark(Mark::Text { x, y, size: style.size, colour: style.colour, line });
    }

    /// Ends at x; smaller where it would be wider than it may.
    pub fn text_to(&mut self, x: f32, y: f32, style: Style, most: f32, text: &str) {
        let style = self.fitted(style, most, text);
        let width = self.shaper.width(text, style.bold, style.size);
        self.text(x - width, y, style, text);
    }

    /// The style, smaller where the text would be wider than it may.
    pub fn fitted(&mut self, style: Style, most: f32, text: &str) -> Style {
        let width = self.shaper.width(text, style.bold, style.size);
        let size = if width > most { style.size * most / width } else { style.size };
        Style { size, ..style }
    }

    pub fn wrapped(&mut self, text: &str, style: Style, width: f32) -> Vec<String> {
        wrap(self.shaper, text, style.bold, style.size, width)
    }

    pub fn rule(&mut self, x: f32, y: f32, width: f32, thick: f32, colour: Colour) {
        self.mark(Mark::Filled { x, y, width, height: thick * MM, colour });
    }

    /// The partner's name as it can be seen.
    pub fn name(&self) -> String {
        shown(&self.statement.to.name, &self.statement.to.code)
    }

    pub fn amount(&self, amount: Money) -> String {
        amount.grouped(self.statement.currency)
    }

    fn total(&self, amount: Money) -> String {
        amount.with_sign(self.statement.currency)
    }

    fn new_page(&mut self) {
        let chapter = self.pages.is_empty().then(|| format!("{} ({})", self.name(), self.statement.to.code));
        self.pages.push(Page { sheet: self.head.sheet, marks: Vec::new(), chapter });
    }

    /// The first page down to where the entries begin.
    fn first_page(&mut self) -> Cursor {
        self.new_page();
        self.letterhead();
        let address_ends = self.window();
        let facts_end = self.facts();
        self.folds();
        let top = (98.0 * MM).max(address_ends + 8.0 * MM).max(facts_end + 8.0 * MM);
        self.text(LEFT, top + 12.0, bold(15.0, INK), "Referral Partner Ledger");
        let sums = self.sums(top + 12.0 + 6.5 * MM);
        Cursor { y: sums + 6.0 * MM }
    }

    /// A following page down to where the entries go on.
    pub fn next_page(&mut self) -> Cursor {
        self.new_page();
        let y = 16.0 * MM;
        let title = format!(
            "Referral Partner Ledger · {} ({}) · {}",
            self.name(),
            self.statement.to.code,
            self.head.range
        );
        let company = self.head.company.name.clone();
        let half = self.width() / 2.0 - 4.0 * MM;
        let style = self.fitted(bold(10.0, PETROL), half, &company);
        self.text(LEFT, y, style, &company);
        let company_ends = self.shaper.width(&company, true, style.size);
        self.text_to(self.right(), y, plain(8.0, SOFT), self.width() - company_ends - 6.0 * MM, &title);
        self.rule(LEFT, y + 3.0 * MM, self.width(), 0.3, HAIR);
        Cursor { y: 28.0 * MM }
    }

    /// Logo, the company's name and how to reach it.
    fn letterhead(&mut self) {
        let mut x = LEFT;
        if let Some(picture) = self.head.logo.clone() {
            let most = (45.0 * MM, 15.0 * MM);
            let (wide, high) = (picture.width as f32, picture.height as f32);
            let scale = (most.0 / wide).min(most.1 / high);
            let (width, height) = (wide * scale, high * scale);
            self.mark(Mark::Picture { x, y: 12.0 * MM + (most.1 - height) / 2.0, width, height, picture });
            x += width + 4.0 * MM;
        }
        let width = self.right() - x;
        let mut y = 12.0 * MM + 13.0;
        for line in self.wrapped(&self.head.company.name.clone(), bold(13.0, PETROL), width) {
            self.text(x, y, bold(13.0, PETROL), &line);
            y += 15.0;
        }
        y -= 2.5;
        for text in [self.head.address_line(), self.head.reach_line()] {
            for line in self.wrapped(&text, plain(8.0, SOFT), width) {
                self.text(x, y, plain(8.0, SOFT), &line);
                y += 10.8;
            }
        }
    }

    /// The return line and the partner's address; tells where they end.
    fn window(&mut self) -> f32 {
        let (width, top, most) = (80.0 * MM, 62.7 * MM, 27.3 * MM);
        let sender = self.head.sender_line();
        let style = self.fitted(plain(6.5, SOFT), width, &sender);
        self.text(LEFT, top - 1.6 * MM, style, &sender);
        let parts = self.address();
        let lines_at = |desk: &mut Self, size: f32| -> Vec<String> {
            parts.iter().flat_map(|part| desk.wrapped(part, plain(size, INK), width)).collect()
        };
        let mut size = 10.5;
        let mut lines = lines_at(self, size);
        while lines.len() as f32 * size * 1.35 > most && size > 6.5 {
            size -= 0.5;
            lines = lines_at(self, size);
        }
        let mut y = top + size;
        for line in &lines {
            self.text(LEFT, y, plain(size, INK), line);
            y += size * 1.35;
        }
        y
    }

    /// Name and postal address, a line each.
    fn address(&self) -> Vec<String> {
        let to = &self.statement.to;
        let town = town(&to.city, &to.state, &to.postal_code);
        [self.name(), to.address_line1.clone(), to.address_line2.clone(), town, to.country.clone()]
            .into_iter()
            .filter(|line| !line.trim().is_empty())
            .collect()
    }

    /// What ledger this is; tells where it ends.
    fn facts(&mut self) -> f32 {
        let x = 125.0 * MM;
        let mut y = 53.0 * MM;
        let currency = format!("{} ({})", self.statement.currency.name(), self.statement.currency.code());
        let (code, range, day) =
            (self.statement.to.code.clone(), self.head.range.clone(), self.head.day.clone());
        for (name, fact) in
            [("Referral Partner Code", code), ("Period", range), ("Date", day), ("Currency", currency)]
        {
            let style = plain(8.5, SOFT);
            self.text(x, y, style, name);
            let name_ends = x + self.shaper.width(name, false, style.size) + 4.0 * MM;
            let most = self.right() - name_ends;
            for line in self.wrapped(&fact, plain(8.5, INK), most) {
                self.text_to(self.right(), y, plain(8.5, INK), most, &line);
                y += 11.9;
            }
            y += 0.8 * MM;
        }
        y
    }

    /// Where to fold it, for the envelope.
    fn folds(&mut self) {
        let height = self.head.sheet.size().1;
        // A4 as DIN 5008 form B; other sheets in three equal parts.
        let folds = if self.head.sheet == crate::paper::page::Sheet::A4 {
            [105.0 * MM, 210.0 * MM]
        } else {
            [height / 3.0, height * 2.0 / 3.0]
        };
        for y in folds {
            self.rule(0.0, y, 5.0 * MM, 0.2, FIRM);
        }
    }

    /// Beginning + commissions − payments = ending; tells where it ends.
    fn sums(&mut self, top: f32) -> f32 {
        let figures = self.statement.figures;
        let parts = [
            ("Beginning balance", figures.beginning),
            ("+ Commissions", figures.commissions()),
            ("− Payments", figures.payments),
            ("Ending balance", figures.ending()),
        ];
        let (column, height) = (self.width() / 4.0, 28.0 + 4.5 * MM);
        let last = LEFT + 3.0 * column;
        self.mark(Mark::Filled { x: last, y: top, width: column, height, colour: TINT });
        self.rule(LEFT, top, self.width(), 0.3, HAIR);
        self.rule(LEFT, top + height, self.width(), 0.3, HAIR);
        for (number, (name, amount)) in parts.into_iter().enumerate() {
            let left = LEFT + number as f32 * column;
            if number > 0 {
                self.mark(Mark::Filled { x: left, y: top, width: 0.3 * MM, height, colour: FAINT });
            }
            let inset = if number == 0 { 0.0 } else { 3.0 * MM };
            self.text(left + inset, top + 2.0 * MM + 8.5, plain(8.0, SOFT), name);
            let shown = self.total(amount);
            let colour = if amount.is_negative() {
                RED
            } else if number == 3 {
                PETROL
            } else {
                INK
            };
            let style = self.fitted(bold(12.0, colour), column - inset - 2.0 * MM, &shown);
            self.text(left + inset, top + 2.0 * MM + 25.0, style, &shown);
        }
        top + height
    }

    /// Totals and payment side by side, notes, and the seal; together on one page.
    fn closing(&mut self, cursor: &mut Cursor) {
        let notes = self.notes();
        let totals = self.totals();
        let payment = self.payment();
        let rows = totals.len().max(payment.len()) as f32;
        let needed = 10.0 * MM + 20.0 + rows * ROW + 8.0 * MM + (notes.len() as f32 + 2.0) * 11.4;
        if cursor.y + needed > self.bottom() {
            *cursor = self.next_page();
        } else {
            cursor.y += 10.0 * MM;
        }
        let gap = 12.0 * MM;
        let half = (self.width() - gap) / 2.0;
        let top = cursor.y;
        let left_ends = self.facts_table(LEFT, top, half, "Totals for the period", &totals);
        let heading = if self.statement.paid.len() > 1 { "Payments" } else { "Payment" };
        let right_ends = self.facts_table(LEFT + half + gap, top, half, heading, &payment);
        let mut y = left_ends.max(right_ends) + 8.0 * MM;
        for line in notes {
            self.text(LEFT, y, plain(8.2, SOFT), &line);
            y += 11.4;
        }
        let seal = format!("Digest {}", self.statement.seal);
        self.text(LEFT, y + 3.0, plain(7.2, SOFT), &seal);
        cursor.y = y;
    }

    fn facts_table(&mut self, x: f32, top: f32, width: f32, heading: &str, facts: &[Fact]) -> f32 {
        self.text(x, top + 10.0, bold(10.0, INK), heading);
        let mut y = top + 27.0;
        for fact in facts {
            if fact.is_sum {
                self.rule(x, y - 9.6, width, 0.2, HAIR);
                y += 1.5;
            }
            let name_width = if fact.name.is_empty() {
                0.0
            } else {
                self.shaper.width(&fact.name, fact.is_sum, 8.8) + 4.0 * MM
            };
            let name = if fact.is_sum { bold(8.8, INK) } else { plain(8.8, SOFT) };
            let value = Style { size: 8.8, bold: fact.is_strong || fact.is_sum, colour: fact.colour };
            self.text(x, y, name, &fact.name.clone());
            if fact.to_the_right {
                self.text_to(x + width, y, value, width - name_width, &fact.value);
            } else {
                self.text(x + fact.indent, y, value, &fact.value);
            }
            y += ROW;
        }
        y
    }

    fn totals(&self) -> Vec<Fact> {
        let Figures { beginning, earned, clawbacks, adjustments, payments } = self.statement.figures;
        let mut facts =
            vec![self.sum("Beginning balance", beginning), self.sum("Commissions earned", earned)];
        let paid = Money::ZERO - payments;
        for (name, amount) in [("Clawbacks after returns", clawbacks), ("Adjustments", adjustments)] {
            if !amount.is_zero() {
                facts.push(self.sum(name, amount));
            }
        }
        facts.push(self.sum("Payments", paid));
        let ending = self.statement.figures.ending();
        let total = Fact { value: self.total(ending), is_sum: true, ..self.sum("Ending balance", ending) };
        facts.push(total);
        facts
    }

    fn sum(&self, name: &str, amount: Money) -> Fact {
        let colour = if amount.is_negative() { RED } else { INK };
        Fact { colour, to_the_right: true, ..Fact::new(name, self.amount(amount)) }
    }

    /// What was paid, and how: one payment in all its words, more of them a line each.
    fn payment(&mut self) -> Vec<Fact> {
        let half = (self.width() - 12.0 * MM) / 2.0;
        let paid = self.statement.paid.clone();
        match paid.as_slice() {
            [] => {
                let words = "No payment is recorded for this period.";
                vec![Fact::new("", words.into())]
            }
            [paid] => {
                let indent = 24.0 * MM;
                let mut facts =
                    vec![Fact { is_strong: true, ..Fact::new("Amount", self.total(paid.amount)) }];
                let to = match paid.pay_type {
                    crate::domain::payment::PayType::PayPal => self.statement.to.email.clone(),
                    _ => String::new(),
                };
                let rows = [
                    ("Paid by", paid.pay_type.label().to_string()),
                    ("To", to),
                    ("Batch", paid.batch_id.clone()),
                    ("Reference", paid.reference.clone()),
                    ("Date", self.head.format.day(&paid.paid_on)),
                    ("Note", paid.note.clone()),
                ];
                for (name, value) in rows {
                    for (number, line) in
                        self.wrapped(&value, plain(8.8, INK), half - indent).into_iter().take(6).enumerate()
                    {
                        facts.push(Fact::new(if number == 0 { name } else { "" }, line));
                    }
                }
                facts.into_iter().map(|fact| Fact { indent, ..fact }).collect()
            }
            many => {
                let told = many.len().saturating_sub(8);
                let mut facts = Vec::new();
                if told > 0 {
                    let earlier = many[..told].iter().map(|paid| paid.amount).sum();
                    facts.push(self.sum(&format!("{told} earlier ones"), earlier));
                }
                for paid in &many[told..] {
                    let mut name =
                        format!("{}, {}", self.head.format.day(&paid.paid_on), paid.pay_type.label());
                    if !paid.batch_id.is_empty() {
                        name.push_str(&format!(", {}", paid.batch_id));
                    }
                    let most = half - 26.0 * MM;
                    let name =
                        self.wrapped(&name, plain(8.8, SOFT), most).into_iter().next().unwrap_or_default();
                    facts.push(self.sum(&name, paid.amount));
                }
                let all = many.iter().map(|paid| paid.amount).sum();
                facts.push(Fact { value: self.total(all), is_sum: true, ..self.sum("Paid", all) });
                facts
            }
        }
    }

    /// What the partner may ask itself, wrapped.
    fn notes(&mut self) -> Vec<String> {
        let mut notes = String::new();
        if !self.statement.figures.clawbacks.is_zero() {
            notes.push_str(
                "A clawback takes back the commission on what a customer returned or was refunded. ",
            );
        }
        if self.statement.figures.ending().is_negative() {
            notes.push_str("A balance below zero is made up by later commissions. ");
        }
        if !self.head.company.email.is_empty() {
            notes.push_str(&format!("Questions: {}. ", self.head.company.email));
        }
        if !self.missing.is_empty() {
            notes.push_str(&missing_words(&self.missing));
        }
        self.wrapped(&notes, plain(8.2, SOFT), 150.0 * MM)
    }

    /// The feet of all pages: who writes, whose ledger, which page of how many.
    fn feet(&mut self) {
        let count = self.pages.len();
        let height = self.head.sheet.size().1;
        let left = self.head.foot_line();
        let who = format!("{} ({})", self.name(), self.statement.to.code);
        for number in 1..=count {
            let right = format!("{who} · Page {number} of {count}");
            let style = plain(7.2, SOFT);
            let (top, y) = (height - 16.0 * MM, height - 16.0 * MM + 2.0 * MM + 7.2);
            let most = self.width() * 0.62;
            let right = self.shaper.line(&right, false);
            let right_size = (style.size).min(most / right.width.max(0.01));
            let right_width = right.width * right_size;
            let x = self.right() - right_width;
            let left_style = self.fitted(style, self.width() - right_width - 6.0 * MM, &left);
            let left_line = self.shaper.line(&left, false);
            let width = self.width();
            let marks = &mut self.pages[number - 1].marks;
            marks.push(Mark::Filled { x: LEFT, y: top, width, height: 0.2 * MM, colour: HAIR });
            marks.push(Mark::Text { x: LEFT, y, size: left_style.size, colour: SOFT, line: left_line });
            marks.push(Mark::Text { x, y, size: right_size, colour: SOFT, line: right });
        }
    }
}

/// Points from one fact to the next.
const ROW: f32 = 8.8 * 1.4 + 1.0 * MM;

/// A name and what stands beside it.
struct Fact {
    name: String,
    value: String,
    colour: Colour,
    to_the_right: bool,
    is_strong: bool,
    is_sum: bool,
    indent: f32,
}

impl Fact {
    fn new(name: &str, value: String) -> Fact {
        Fact {
            name: name.into(),
            value,
            colour: INK,
            to_the_right: false,
            is_strong: false,
            is_sum: false,
            indent: 0.0,
        }
    }
}

/// The line with the town: `Bend, OR 97701`.
pub fn town(city: &str, state: &str, postal_code: &str) -> String {
    let state =
        [state, postal_code].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ");
    [city, &state].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(", ")
}

fn missing_words(missing: &BTreeSet<char>) -> String {
    let named: Vec<String> =
        missing.iter().take(20).map(|character| format!("U+{:04X}", u32::from(*character))).collect();
    let more = if missing.len() > 20 { " and others" } else { "" };
    format!(
        "Boxes stand for characters that the printing machine has no font for: {}{more}.",
        named.join(", ")
    )
}
