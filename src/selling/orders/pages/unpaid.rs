//! What an order did not pay, and why: lines that earn nothing, and levels that pay nobody. Told
//! from the lineages that the order keeps and from what the programs said then; grouped by reason,
//! so that a thousand lines are a few sentences.

use crate::domain::commission::{Lineage, Member};
use crate::domain::ids::{OrderLineId, PartnerId, ProgramVersionId, RuleId};
use crate::domain::program::{Level, Program, Rate, Role, Rule, covering};
use crate::domain::settings::PayoutRules;
use crate::selling::orders::queries::{CreditFile, LineRow, ProgramThen};
use rust_decimal::Decimal;
use std::collections::HashMap;

/// Something that earned nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpaid {
    /// `Level 2`; empty where it is about whole lines.
    pub level: String,
    /// Why, as a sentence.
    pub why: String,
    /// Which lines, by position; empty = every line that could earn.
    pub lines: Vec<usize>,
}

/// What the settings let count, in the words of the settings.
struct Switches(PayoutRules);

/// Everything that earned nothing under a credit. `name` tells what a partner is called.
pub fn of_credit(credit: &CreditFile, lines: &[LineRow], name: impl Fn(PartnerId) -> String) -> Vec<Unpaid> {
    let mut found = Vec::new();
    let story = &credit.story;
    if story.lead.is_none() && story.sale.is_none() {
        return found;
    }
    lines_that_cannot_earn(lines, &mut found);
    for (role, lineage) in [(Role::Lead, &story.lead), (Role::Sale, &story.sale)] {
        let Some(lineage) = lineage else { continue };
        let other = if role == Role::Lead { &story.sale } else { &story.lead };
        if !Switches(story.payout).role(role) {
            // Where one partner is both, nothing is missed that a reader would look for.
            if other.is_none_or(|other| other.own.partner != lineage.own.partner) {
                let why = format!(
                    "{} earns nothing for the {}: Payout Type (Lead/Sale) was {}.",
                    name(lineage.own.partner),
                    role.word(),
                    Switches(story.payout).roles()
                );
                found.push(Unpaid { level: "Level 1".into(), why, lines: Vec::new() });
            }
            continue;
        }
        let told = RoleTold { role, lineage, credit, lines, name: &name };
        told.generations(&mut found);
        told.unused(&mut found);
        told.rules(&mut found);
    }
    found
}

fn lines_that_cannot_earn(lines: &[LineRow], found: &mut Vec<Unpaid>) {
    let mut note = |lines: Vec<usize>, why: &str| {
        if !lines.is_empty() {
            found.push(Unpaid { level: String::new(), why: why.into(), lines });
        }
    };
    let places = |wanted: fn(&LineRow) -> bool| {
        lines.iter().enumerate().filter(|(_, line)| wanted(line)).map(|(place, _)| place).collect()
    };
    note(places(|line| !line.commissionable), "Not commissionable: it earns nothing.");
    let nothing = |line: &LineRow| line.commissionable && line.base <= Decimal::ZERO;
    note(places(nothing), "Its amount is not above zero: it earns nothing.");
}

/// One role of a credit that pays.
struct RoleTold<'a, F> {
    role: Role,
    lineage: &'a Lineage,
    credit: &'a CreditFile,
    lines: &'a [LineRow],
    name: &'a F,
}

impl<F: Fn(PartnerId) -> String> RoleTold<'_, F> {
    fn payout(&self) -> PayoutRules {
        self.credit.story.payout
    }

    /// Generations that are missing, not active, or beyond *# of Levels*.
    fn generations(&self, found: &mut Vec<Unpaid>) {
        let Lineage { own, parent, grandparent } = *self.lineage;
        let name = |member: Member| (self.name)(member.partner);
        let inactive = |member: Member| format!("{} was inactive when it was recorded.", name(member));
        if !own.active {
            self.note(found, Level::One, inactive(own));
        }
        let levels = self.payout().levels;
        let beyond = |member: Member| {
            let allowed = format!("Referral Partner # of Levels was {levels}");
            format!("{allowed}: {} is not paid.", name(member))
        };
        for (level, number, below, member) in
            [(Level::Two, 2, Some(own), parent), (Level::Three, 3, parent, grandparent)]
        {
            match member {
                Some(member) if levels < number => self.note(found, level, beyond(member)),
                Some(member) if !member.active => self.note(found, level, inactive(member)),
                None if levels >= number => {
                    if let Some(below) = below {
                        self.note(found, level, format!("{} has no parent.", name(below)));
                    }
                }
                _ => {}
            }
        }
    }

    /// *Pay If Unused*, where it is on and pays nobody.
    fn unused(&self, found: &mut Vec<Unpaid>) {
        let payout = self.payout();
        if !payout.pay_if_unused || self.role == Role::Lead {
            return;
        }
        let own = (self.name)(self.lineage.own.partner);
        if payout.levels < 2 {
            self.note(
                found,
                Level::Unused,
                "Referral Partner # of Levels was 1: there is no level left unused.",
            );
        } else if let Some(parent) = self.lineage.parent {
            self.note(found, Level::Unused, format!("{own} has a parent, {}.", (self.name)(parent.partner)));
        } else if !self.lineage.own.active {
            self.note(found, Level::Unused, format!("{own} was inactive when it was recorded."));
        }
    }

    /// Lines that no program covers, and levels for which the rule of a line has no rate.
    fn rules(&self, found: &mut Vec<Unpaid>) {
        let own = self.lineage.own.partner;
        let terms = &self.credit.terms;
        let enrolled = terms.enrolled.get(&own).into_iter().flatten().filter_map(|id| terms.programs.get(id));
        let enrolled: Vec<&Program> = enrolled.map(|then| &then.program).collect();
        let used = self.rules_used();
        let mut uncovered = Vec::new();
        let mut by_rule: Vec<(ProgramVersionId, &Rule, Vec<usize>)> = Vec::new();
        for (place, line) in self.lines.iter().enumerate() {
            if !line.commissionable || line.base <= Decimal::ZERO {
                continue;
            }
            let known = used.get(&line.id).and_then(|(version, rule)| self.rule(*version, *rule, line));
            let covered = || covering(enrolled.iter().copied(), line.product_id);
            match known.or_else(|| covered().map(|(program, rule)| (program.version, rule))) {
                None => uncovered.push(place),
                Some((version, rule)) => {
                    match by_rule.iter_mut().find(|(.., known, _)| known.id == rule.id) {
                        Some((.., places)) => places.push(place),
                        None => by_rule.push((version, rule, vec![place])),
                    }
                }
            }
        }
        if !uncovered.is_empty() {
            let own = (self.name)(own);
            let why = match enrolled.is_empty() {
                true => format!("{own} was in no commission program."),
                false => format!("No program of {own} covered it."),
            };
            found.push(Unpaid { level: self.whose(), why, lines: uncovered });
        }
        for (version, rule, places) in by_rule {
            if let Some(then) = terms.programs.get(&version) {
                self.missing_rates(then, rule, &places, found);
            }
        }
    }

    /// The rule of each line that has rows, as they name it.
    fn rules_used(&self) -> HashMap<OrderLineId, (ProgramVersionId, RuleId)> {
        let rows = self.credit.rows.iter().filter(|row| row.role == self.role);
        let of_rows = rows.flat_map(|row| {
            let lines = row.line_id.iter().chain(&row.under_rule);
            lines.map(|line| (*line, (row.program_version_id, row.rule_id)))
        });
        of_rows.collect()
    }

    fn rule(
        &self,
        version: ProgramVersionId,
        id: RuleId,
        line: &LineRow,
    ) -> Option<(ProgramVersionId, &Rule)> {
        let then = self.credit.terms.programs.get(&version)?;
        let rule = then.program.rule_for(line.product_id).filter(|rule| rule.id == id)?;
        Some((version, rule))
    }

    /// The levels that would have been paid, had the rule a rate for them.
    fn missing_rates(&self, then: &ProgramThen, rule: &Rule, places: &[usize], found: &mut Vec<Unpaid>) {
        let whose = match rule.product {
            Some(_) => format!("The product’s own rule in {} (version {})", then.name, then.number),
            None => format!("{} (version {})", then.name, then.number),
        };
        let paid = crate::domain::commission::paid_levels(self.role, self.lineage, self.payout());
        for (level, _) in paid {
            let rate = rule.rates(level).of(self.role);
            if Switches(self.payout()).counts(rate) {
                continue;
            }
            let row = level_words(level).to_lowercase();
            let why = if rate != Rate::default() {
                let part = if rate.percent.is_zero() { "an amount" } else { "a percent" };
                let counted = Switches(self.payout()).parts();
                format!("{whose} has {part} for {row}, and Payout Type (Amount/Percent) was {counted}.")
            } else if level == Level::Unused {
                format!("{whose} has no rate for unused.")
            } else {
                format!("{whose} has no {row}{}.", self.for_role())
            };
            found.push(Unpaid { level: self.words(level), why, lines: places.to_vec() });
        }
    }

    fn note(&self, found: &mut Vec<Unpaid>, level: Level, why: impl Into<String>) {
        found.push(Unpaid { level: self.words(level), why: why.into(), lines: Vec::new() });
    }

    fn both_pay(&self) -> bool {
        self.payout().lead && self.payout().sale
    }

    fn words(&self, level: Level) -> String {
        let role = if self.both_pay() { format!(", {}", self.role.word()) } else { String::new() };
        format!("{}{role}", level_words(level))
    }

    fn whose(&self) -> String {
        if self.both_pay() { format!("For the {}", self.role.word()) } else { String::new() }
    }

    fn for_role(&self) -> String {
        if self.both_pay() { format!(" for the {}", self.role.word()) } else { String::new() }
    }
}

/// `Level 2`, `Unused`
pub fn level_words(level: Level) -> String {
    match level {
        Level::Unused => "Unused".into(),
        level => format!("Level {}", level.number()),
    }
}

impl Switches {
    fn role(&self, role: Role) -> bool {
        match role {
            Role::Lead => self.0.lead,
            Role::Sale => self.0.sale,
        }
    }

    fn roles(&self) -> &'static str {
        match (self.0.lead, self.0.sale) {
            (true, true) => "Lead and Sale",
            (true, false) => "Lead",
            _ => "Sale",
        }
    }

    fn parts(&self) -> &'static str {
        match (self.0.amount, self.0.percent) {
            (true, true) => "both",
            (true, false) => "Amount",
            _ => "Percent",
        }
    }

    fn counts(&self, rate: Rate) -> bool {
        (self.0.percent && !rate.percent.is_zero()) || (self.0.amount && !rate.amount.is_zero())
    }
}
