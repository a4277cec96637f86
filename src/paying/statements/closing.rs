//! The end of a ledger: totals beside what was paid and how, notes, and the seal.

use std::collections::BTreeSet;

use super::desk::{Desk, HAIR, INK, LEFT, RED, SOFT, Style, bold, plain};
use super::table::Cursor;
use crate::domain::ledger::Figures;
use crate::domain::money::Money;
use crate::domain::payment::PayType;
use crate::paper::page::{Colour, MM};

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

impl Desk<'_> {
    /// Totals and payment side by side, notes, and the seal; together on one page.
    pub fn closing(&mut self, cursor: &mut Cursor) {
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
                    PayType::PayPal => self.statement.to.email.clone(),
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
