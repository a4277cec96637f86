//! The desk on which a ledger is laid out: its pages so far, colours, styles, and the strokes that all
//! parts of it are made of.

use std::collections::BTreeSet;

use super::print::Letterhead;
use super::read::Statement;
use crate::domain::money::Money;
use crate::paper::page::{Colour, MM, Mark, Page};
use crate::paper::shaping::Shaper;
use crate::paper::wrap::wrap;
use crate::people::names::shown;

/// Of text.
pub const INK: Colour = Colour(22, 24, 26);
/// Of what matters less.
pub const SOFT: Colour = Colour(85, 88, 93);
/// Of the company.
pub const PETROL: Colour = Colour(18, 63, 71);
/// Behind the ending balance.
pub const TINT: Colour = Colour(238, 245, 245);
/// Of thin lines.
pub const HAIR: Colour = Colour(201, 204, 202);
/// Of lines between rows.
pub const FAINT: Colour = Colour(227, 229, 227);
/// Of lines above and below tables.
pub const FIRM: Colour = Colour(139, 143, 141);
/// Of amounts below zero.
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
    /// Characters that no font of this machine has.
    pub missing: BTreeSet<char>,
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

impl Desk<'_> {
    /// Where the text ends on the right.
    pub fn right(&self) -> f32 {
        self.head.sheet.size().0 - RIGHT
    }

    /// From the one edge of the text to the other.
    pub fn width(&self) -> f32 {
        self.right() - LEFT
    }

    /// Where the text of a page must end, above its foot.
    pub fn bottom(&self) -> f32 {
        self.head.sheet.size().1 - 22.0 * MM
    }

    /// Puts something on the page.
    pub fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.marks.push(mark);
        }
    }

    /// A line of text on its baseline.
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

    /// The text in lines of this width.
    pub fn wrapped(&mut self, text: &str, style: Style, width: f32) -> Vec<String> {
        wrap(self.shaper, text, style.bold, style.size, width)
    }

    /// A line across; thick in millimetres.
    pub fn rule(&mut self, x: f32, y: f32, width: f32, thick: f32, colour: Colour) {
        self.mark(Mark::Filled { x, y, width, height: thick * MM, colour });
    }

    /// The partner's name as it can be seen.
    pub fn name(&self) -> String {
        shown(&self.statement.to.name, &self.statement.to.code)
    }

    /// An amount without the currency's sign.
    pub fn amount(&self, amount: Money) -> String {
        amount.grouped(self.statement.currency)
    }

    /// An amount with it.
    pub fn total(&self, amount: Money) -> String {
        amount.with_sign(self.statement.currency)
    }
}
