//! How much a sale earns: which rule, which base, which rates, rows and rounding (spec 4.1–4.5).

use super::ids::{PartnerId, ProductId, ProgramVersionId, RuleId};
use super::money::{self, AmountProblem, Currency, Exact, Money};
use super::program::{AmountPer, Level, Payout, Percent, Program, Role, Rule, covering};
use super::settings::PayoutRules;
use num_traits::{Signed, Zero};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Quantities have at most this many decimals…
pub const QUANTITY_DECIMALS: u32 = 4;
/// … and stay below this.
pub const QUANTITY_LIMIT: i64 = 10_000_000;
/// Unit prices have at most this many decimals…
pub const PRICE_DECIMALS: u32 = 6;
/// … and stay below this.
pub const PRICE_LIMIT: i64 = 1_000_000_000;

/// A line of an order, as it is sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoldLine {
    pub product: ProductId,
    /// With at most four decimals.
    pub quantity: Decimal,
    /// With at most six decimals.
    pub unit_price: Decimal,
    /// Off the whole line.
    pub discount: Money,
    /// False where the line or its product earns nothing.
    pub commissionable: bool,
}

/// A partner and its standing when the order is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub partner: PartnerId,
    pub active: bool,
}

/// A partner with its parent and grandparent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lineage {
    pub own: Member,
    pub parent: Option<Member>,
    pub grandparent: Option<Member>,
}

/// What a commission row is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// One line, by its position in the order (from 0).
    Line(usize),
    /// A once-per-order amount: all lines under its rule, by position.
    Order(Vec<usize>),
}

/// A commission row: what one line (or one once-per-order amount) is worth to one partner in one
/// role at one level. `full` is the row's full value F.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub scope: Scope,
    pub program_version: ProgramVersionId,
    pub rule: RuleId,
    pub payout: Payout,
    pub role: Role,
    pub level: Level,
    pub partner: PartnerId,
    /// What the percent is taken of, in the currency's major unit, unrounded.
    pub base: Exact,
    /// How many units a per-unit amount is paid for; 1 for a once-per-order amount.
    pub quantity: Decimal,
    pub percent: Percent,
    pub amount: Money,
    pub full: Money,
}

/// The base of a line: quantity × unit price − discount, unrounded.
pub fn base(line: &SoldLine, currency: Currency) -> Exact {
    money::exact(line.quantity) * money::exact(line.unit_price) - line.discount.exact(currency)
}

/// The commission rows of an order. `enrolled` gives the programs of a partner. Rows that no rate
/// pays for are left out; a row whose value rounds to zero is kept, for its working can be shown.
pub fn rows<'a>(
    lines: &[SoldLine],
    lead: Option<&Lineage>,
    sale: Option<&Lineage>,
    enrolled: impl Fn(PartnerId) -> Vec<&'a Program>,
    rules: PayoutRules,
    currency: Currency,
) -> Result<Vec<Row>, AmountProblem> {
    let mut rows = Vec::new();
    for (role, lineage) in [(Role::Lead, lead), (Role::Sale, sale)] {
        let pays = match role {
            Role::Lead => rules.lead,
            Role::Sale => rules.sale,
        };
        if let (true, Some(lineage)) = (pays, lineage) {
            let programs = enrolled(lineage.own.partner);
            rows.extend(rows_of_role(role, lines, lineage, &programs, rules, currency)?);
        }
    }
    Ok(rows)
}

fn rows_of_role(
    role: Role,
    lines: &[SoldLine],
    lineage: &Lineage,
    programs: &[&Program],
    rules: PayoutRules,
    currency: Currency,
) -> Result<Vec<Row>, AmountProblem> {
    let paid = paid_levels(role, lineage, rules);
    let mut rows = Vec::new();
    let mut once: Vec<(&Program, &Rule, Vec<usize>, Exact)> = Vec::new();
    for (position, line) in lines.iter().enumerate() {
        let base = base(line, currency);
        if !line.commissionable || !base.is_positive() {
            continue;
        }
        let Some((program, rule)) = covering(programs.iter().copied(), line.product) else { continue };
        let per_unit = rules.amount && program.amount_per == AmountPer::Unit;
        for (level, partner) in &paid {
            let rate = rule.rates(*level).of(role);
            let percent = if rules.percent { rate.percent } else { Percent::ZERO };
            let amount = if per_unit { rate.amount } else { Money::ZERO };
            if percent.is_zero() && amount.is_zero() {
                continue;
            }
            let value = &base * percent.fraction() + amount.exact(currency) * money::exact(line.quantity);
            rows.push(Row {
                scope: Scope::Line(position),
                program_version: program.version,
                rule: rule.id,
                payout: program.payout,
                role,
                level: *level,
                partner: *partner,
                base: base.clone(),
                quantity: line.quantity,
                percent,
                amount,
                full: money::round(&value, currency)?,
            });
        }
        if rules.amount && program.amount_per == AmountPer::Order {
            match once.iter_mut().find(|(_, known, ..)| known.id == rule.id) {
                Some((.., positions, whole)) => {
                    positions.push(position);
                    *whole += base;
                }
                None => once.push((program, rule, vec![position], base)),
            }
        }
    }
    for (program, rule, positions, base) in once {
        for (level, partner) in &paid {
            let amount = rule.rates(*level).of(role).amount;
            if !amount.is_zero() {
                rows.push(Row {
                    scope: Scope::Order(positions.clone()),
                    program_version: program.version,
                    rule: rule.id,
                    payout: program.payout,
                    role,
                    level: *level,
                    partner: *partner,
                    base: base.clone(),
                    quantity: Decimal::ONE,
                    percent: Percent::ZERO,
                    amount,
                    full: amount,
                });
            }
        }
    }
    Ok(rows)
}

/// Which levels of a role are paid, and whom: the generations up to *# of Levels* whose partner
/// exists and is active (an inactive one is not paid and not passed upward), and the sale partner
/// once more for *unused* where it has no parent at all (spec 4.3, 4.4).
pub fn paid_levels(role: Role, lineage: &Lineage, rules: PayoutRules) -> Vec<(Level, PartnerId)> {
    let generations = [Some(lineage.own), lineage.parent, lineage.grandparent];
    let mut paid: Vec<(Level, PartnerId)> = Level::GENERATIONS
        .into_iter()
        .zip(generations)
        .take(rules.levels.into())
        .filter_map(|(level, member)| member.filter(|m| m.active).map(|m| (level, m.partner)))
        .collect();
    let unused = rules.pay_if_unused && rules.levels > 1 && role == Role::Sale && lineage.parent.is_none();
    if unused && lineage.own.active {
        paid.push((Level::Unused, lineage.own.partner));
    }
    paid
}

/// The whole of an order, X: the unrounded bases of all its lines, negative and not commissionable
/// ones too, with shipping and tax.
pub fn order_total(lines: &[SoldLine], shipping: Money, tax: Money, currency: Currency) -> Exact {
    let bases: Exact =
        lines.iter().map(|line| base(line, currency)).fold(Exact::zero(), |sum, base| sum + base);
    bases + shipping.exact(currency) + tax.exact(currency)
}

#[cfg(test)]
#[path = "commission_tests.rs"]
mod tests;
