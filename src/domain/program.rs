//! Commission programs: priced rules for levels 1–3 and for *unused* (spec 4.1, 4.3).

use super::ids::{ProductId, ProgramId, ProgramVersionId, RuleId};
use super::money::{Exact, Money};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The two parts that a partner can play in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Referred the lead.
    Lead,
    /// Made the sale.
    Sale,
}

/// Which generation is paid, or the extra row for a sale partner without a parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    One,
    Two,
    Three,
    Unused,
}

/// A percent of 0 to 100 with at most three decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Percent {
    thousandths: u32,
}

/// What one role gets at one level: both parts add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rate {
    /// A flat amount per unit, or per order where the program says so.
    pub amount: Money,
    pub percent: Percent,
}

/// One row of a rule: the rates of one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rates {
    pub lead: Rate,
    pub sale: Rate,
}

/// A program's default, or a product's own rule. It stands alone: a level or rate that it leaves
/// out is nothing, not the default's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub id: RuleId,
    /// The product whose own rule it is; none for the default.
    pub product: Option<ProductId>,
    rates: [Rates; 4],
}

/// When commissions are credited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payout {
    /// Up-front credit in full, with the order.
    UpFront,
    /// Credit on customer payment, in step with the money received.
    OnPayment,
}

/// What a flat amount is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountPer {
    /// Each unit sold.
    Unit,
    /// Once per order, for each rule.
    Order,
}

/// A program as it stands: its newest version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    pub id: ProgramId,
    pub version: ProgramVersionId,
    /// Lower goes first; equal priorities go by who was created first (the smaller id).
    pub priority: i32,
    pub payout: Payout,
    pub amount_per: AmountPer,
    pub default: Option<Rule>,
    pub products: HashMap<ProductId, Rule>,
}

impl Role {
    pub const ALL: [Role; 2] = [Role::Lead, Role::Sale];

    /// The word for it in tables and the database.
    pub fn word(self) -> &'static str {
        match self {
            Role::Lead => "lead",
            Role::Sale => "sale",
        }
    }

    /// The role of that word.
    pub fn from_word(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.word() == word)
    }
}

impl Payout {
    /// The word for it in files and the database.
    pub fn word(self) -> &'static str {
        match self {
            Payout::UpFront => "up_front",
            Payout::OnPayment => "on_payment",
        }
    }

    /// The payout type of that word.
    pub fn from_word(word: &str) -> Option<Payout> {
        [Payout::UpFront, Payout::OnPayment].into_iter().find(|payout| payout.word() == word)
    }
}

impl AmountPer {
    /// The word for it in files and the database.
    pub fn word(self) -> &'static str {
        match self {
            AmountPer::Unit => "unit",
            AmountPer::Order => "order",
        }
    }

    /// What an amount is paid for, by that word.
    pub fn from_word(word: &str) -> Option<AmountPer> {
        [AmountPer::Unit, AmountPer::Order].into_iter().find(|per| per.word() == word)
    }
}

impl Level {
    pub const ALL: [Level; 4] = [Level::One, Level::Two, Level::Three, Level::Unused];
    /// The generations, nearest first.
    pub const GENERATIONS: [Level; 3] = [Level::One, Level::Two, Level::Three];

    /// 1 to 3, and 0 for *unused*: how files and the database number levels.
    pub fn number(self) -> i16 {
        match self {
            Level::One => 1,
            Level::Two => 2,
            Level::Three => 3,
            Level::Unused => 0,
        }
    }

    /// The level of that number.
    pub fn from_number(number: i16) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.number() == number)
    }

    fn index(self) -> usize {
        self as usize
    }
}

impl Percent {
    /// Nothing.
    pub const ZERO: Percent = Percent { thousandths: 0 };

    /// From a decimal like 12.345; none below 0, above 100 or with more than three decimals.
    pub fn new(value: Decimal) -> Option<Percent> {
        let value = value.normalize();
        if value.scale() > 3 || value.is_sign_negative() && !value.is_zero() || value > Decimal::ONE_HUNDRED {
            return None;
        }
        let thousandths = value.mantissa() * 10_i128.pow(3 - value.scale());
        Some(Percent { thousandths: u32::try_from(thousandths).ok()? })
    }

    /// As a decimal, without trailing zeros: 12.345.
    pub fn decimal(self) -> Decimal {
        Decimal::new(self.thousandths.into(), 3).normalize()
    }

    /// As a fraction of one: 10 % is 1/10.
    pub fn fraction(self) -> Exact {
        Exact::new(self.thousandths.into(), 100_000.into())
    }

    /// Whether it is zero.
    pub fn is_zero(self) -> bool {
        self.thousandths == 0
    }
}

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.decimal())
    }
}

impl Rates {
    /// The rate of a role.
    pub fn of(&self, role: Role) -> Rate {
        match role {
            Role::Lead => self.lead,
            Role::Sale => self.sale,
        }
    }
}

impl Rule {
    /// A rule with these rows; a level that is left out pays nothing.
    pub fn new(
        id: RuleId,
        product: Option<ProductId>,
        rows: impl IntoIterator<Item = (Level, Rates)>,
    ) -> Rule {
        let mut rates = [Rates::default(); 4];
        for (level, row) in rows {
            rates[level.index()] = row;
        }
        Rule { id, product, rates }
    }

    /// What a level's row says.
    pub fn rates(&self, level: Level) -> Rates {
        self.rates[level.index()]
    }
}

impl Program {
    /// The rule that covers a product: its own, or else the default if there is one.
    pub fn rule_for(&self, product: ProductId) -> Option<&Rule> {
        self.products.get(&product).or(self.default.as_ref())
    }
}

/// The first program, by priority and then by age, that covers the product, and its rule.
pub fn covering<'a>(
    enrolled: impl IntoIterator<Item = &'a Program>,
    product: ProductId,
) -> Option<(&'a Program, &'a Rule)> {
    enrolled
        .into_iter()
        .filter_map(|program| Some((program, program.rule_for(product)?)))
        .min_by_key(|(program, _)| (program.priority, program.id))
}
