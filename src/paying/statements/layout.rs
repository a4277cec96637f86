//! How a ledger stands on paper: address in the window of an envelope (DIN 5008 form B on A4; the same
//! place suits a #10 window, decision 66), summary, entries, totals, payment, seal. Measures in millimetres as the
//! design has them.

use std::collections::BTreeSet;

use super::desk::{Desk, FAINT, FIRM, HAIR, INK, LEFT, PETROL, RED, SOFT, TINT, bold, plain};
use super::print::Letterhead;
use super::read::Statement;
use super::table::{self, Cursor};
use crate::paper::page::{MM, Mark, Page, Sheet};
use crate::paper::shaping::Shaper;

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
        let most = if self.head.sheet == Sheet::A4 { 27.3 * MM } else { 24.0 * MM };
        let (width, top) = (80.0 * MM, 62.7 * MM);
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
        // A4 as DIN 5008 form B. Letter so that its upper part fills a #10 envelope: in three equal parts it
        // would slide until the window hides the last line of the address.
        let folds =
            if self.head.sheet == Sheet::A4 { [105.0 * MM, 210.0 * MM] } else { [100.0 * MM, 189.7 * MM] };
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

    /// The feet of all pages: who writes, whose ledger, which page of how many.
    fn feet(&mut self) {
        let count = self.pages.len();
        let height = self.head.sheet.size().1;
        // As much of it as a long name leaves room for.
        let lefts = [self.head.foot_line(), self.head.sender_line(), self.head.company.name.clone()];
        let style = plain(7.2, SOFT);
        let (top, y) = (height - 16.0 * MM, height - 16.0 * MM + 2.0 * MM + 7.2);
        // By itself, so that a name from right to left leaves the rest in its order.
        let name = self.shaper.line(&self.name(), false);
        for number in 1..=count {
            let page = format!(" ({}) · Page {number} of {count}", self.statement.to.code);
            let page = self.shaper.line(&page, false);
            let wide = name.width + page.width;
            let size = style.size.min(self.width() * 0.62 / wide);
            let x = self.right() - wide * size;
            let room = x - LEFT - 6.0 * MM;
            let fits = |desk: &mut Self, left: &String| desk.fitted(style, room, left).size >= 6.0;
            let left = lefts.iter().find(|left| fits(self, left)).unwrap_or(&lefts[2]);
            let left_style = self.fitted(style, room, left);
            let left_line = self.shaper.line(left, false);
            let width = self.width();
            let marks = &mut self.pages[number - 1].marks;
            let text = |x, size, line| Mark::Text { x, y, size, colour: SOFT, line };
            marks.push(Mark::Filled { x: LEFT, y: top, width, height: 0.2 * MM, colour: HAIR });
            marks.push(text(LEFT, left_style.size, left_line));
            marks.push(text(x, size, name.clone()));
            marks.push(text(x + name.width * size, size, page));
        }
    }
}

/// The line with the town: `Bend, OR 97701`.
pub fn town(city: &str, state: &str, postal_code: &str) -> String {
    let state =
        [state, postal_code].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ");
    [city, &state].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(", ")
}
