//! Which rates of a program count under Referral Partner Defaults 7 to 10, and which of them a change
//! of these switches on or off (spec 2, 4.3, 4.4). What is off is kept and comes back.

use super::money::Money;
use super::program::{Level, Percent, Program, Rates, Role, Rule};
use super::settings::PayoutRules;
use serde::{Deserialize, Serialize};

/// Setting 9: the two kinds of rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateKind {
    Percent,
    Amount,
}

/// One of the sixteen rates that a rule can have, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RatePlace {
    pub level: Level,
    pub role: Role,
    pub kind: RateKind,
}

/// What a rate is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    Percent(Percent),
    Amount(Money),
}

/// A rate of a program that a change of the defaults switches on, or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switched {
    pub place: RatePlace,
    /// True: it counts from now on. False: no more.
    pub on: bool,
    /// What the program's default pays at this place, if anything.
    pub default: Option<Worth>,
    /// How many products' own rules pay something at this place.
    pub own_rules: usize,
}

impl RatePlace {
    /// All sixteen, level by level.
    pub fn all() -> impl Iterator<Item = RatePlace> {
        let kinds = [RateKind::Percent, RateKind::Amount];
        let places = move |level, role| kinds.map(|kind| RatePlace { level, role, kind });
        Level::ALL.into_iter().flat_map(move |level| {
            [Role::Sale, Role::Lead].into_iter().flat_map(move |role| places(level, role))
        })
    }

    /// Whether a rate at this place is paid.
    pub fn counts(self, rules: PayoutRules) -> bool {
        let level = match self.level {
            // For the sale role only, and where a parent would be paid.
            Level::Unused => rules.pay_if_unused && rules.levels > 1 && self.role == Role::Sale,
            generation => generation.number() <= i16::from(rules.levels),
        };
        let role = match self.role {
            Role::Lead => rules.lead,
            Role::Sale => rules.sale,
        };
        let kind = match self.kind {
            RateKind::Percent => rules.percent,
            RateKind::Amount => rules.amount,
        };
        level && role && kind
    }

    /// What a rule pays at this place; none where it pays nothing.
    pub fn worth(self, rule: &Rule) -> Option<Worth> {
        let rate = Rates::of(&rule.rates(self.level), self.role);
        match self.kind {
            RateKind::Percent => Some(rate.percent).filter(|percent| !percent.is_zero()).map(Worth::Percent),
            RateKind::Amount => Some(rate.amount).filter(|amount| !amount.is_zero()).map(Worth::Amount),
        }
    }
}

/// The rates of a program that a change of the defaults switches on or off, level by level.
pub fn switched(program: &Program, before: PayoutRules, after: PayoutRules) -> Vec<Switched> {
    let changing = RatePlace::all().filter(|place| place.counts(before) != place.counts(after));
    let switched = changing.map(|place| Switched {
        place,
        on: place.counts(after),
        default: program.default.as_ref().and_then(|rule| place.worth(rule)),
        own_rules: program.products.values().filter(|rule| place.worth(rule).is_some()).count(),
    });
    switched.filter(|switched| switched.default.is_some() || switched.own_rules > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::commission::{Lineage, Member, SoldLine, rows};
    use crate::domain::ids::{PartnerId, ProductId, ProgramId, ProgramVersionId, RuleId};
    use crate::domain::money::Currency;
    use crate::domain::program::{AmountPer, Payout, Rate};
    use proptest::prelude::*;
    use rust_decimal::Decimal;
    use std::collections::HashMap;

    const DEFAULTS: PayoutRules = PayoutRules {
        levels: 2,
        lead: false,
        sale: true,
        amount: false,
        percent: true,
        pay_if_unused: false,
    };

    fn rate(percent: i64, amount: i64) -> Rate {
        Rate { percent: Percent::new(percent.into()).unwrap(), amount: Money::from_minor(amount) }
    }

    fn program(rows: [(Level, Rates); 4]) -> Program {
        Program {
            id: ProgramId(1),
            version: ProgramVersionId(1),
            priority: 1,
            payout: Payout::UpFront,
            amount_per: AmountPer::Unit,
            default: Some(Rule::new(RuleId(1), None, rows)),
            products: HashMap::from([(ProductId(7), Rule::new(RuleId(2), Some(ProductId(7)), [rows[1]]))]),
        }
    }

    fn same_at_each_level(rates: Rates) -> Program {
        program(Level::ALL.map(|level| (level, rates)))
    }

    #[test]
    fn a_third_level_switches_its_rates_on() {
        let program = same_at_each_level(Rates { lead: rate(5, 100), sale: rate(10, 0) });
        let changes = switched(&program, DEFAULTS, PayoutRules { levels: 3, ..DEFAULTS });
        let place = RatePlace { level: Level::Three, role: Role::Sale, kind: RateKind::Percent };
        let worth = Worth::Percent(Percent::new(10.into()).unwrap());
        assert_eq!(changes, [Switched { place, on: true, default: Some(worth), own_rules: 0 }]);
    }

    #[test]
    fn products_own_rules_are_counted() {
        let program = same_at_each_level(Rates { lead: rate(0, 0), sale: rate(3, 0) });
        let changes = switched(&program, DEFAULTS, PayoutRules { levels: 1, ..DEFAULTS });
        assert_eq!(changes.len(), 1);
        assert_eq!((changes[0].place.level, changes[0].on, changes[0].own_rules), (Level::Two, false, 1));
    }

    #[test]
    fn rates_of_nothing_are_not_switched() {
        let program = same_at_each_level(Rates { lead: rate(0, 0), sale: rate(10, 0) });
        assert!(
            switched(&program, DEFAULTS, PayoutRules { amount: true, lead: true, ..DEFAULTS }).is_empty()
        );
    }

    #[test]
    fn unused_pays_the_sale_and_only_with_a_second_level() {
        let program = same_at_each_level(Rates { lead: rate(5, 0), sale: rate(10, 0) });
        let unused = PayoutRules { pay_if_unused: true, lead: true, ..DEFAULTS };
        let changes = switched(&program, PayoutRules { lead: true, ..DEFAULTS }, unused);
        assert_eq!(changes.len(), 1);
        assert_eq!((changes[0].place.level, changes[0].place.role), (Level::Unused, Role::Sale));
        let one_level = PayoutRules { levels: 1, ..unused };
        assert!(RatePlace::all().all(|place| place.level != Level::Unused || !place.counts(one_level)));
    }

    proptest! {
        /// What counts is told here, and again by the rule that pays: they must agree.
        #[test]
        fn what_counts_is_what_is_paid(
            levels in 1_u8..=3, lead: bool, sale: bool, amount: bool, percent: bool, pay_if_unused: bool,
        ) {
            let rules = PayoutRules { levels, lead, sale, amount, percent, pay_if_unused };
            let program = same_at_each_level(Rates { lead: rate(5, 100), sale: rate(10, 200) });
            let member = |id| Member { partner: PartnerId(id), active: true };
            let line = SoldLine {
                product: ProductId(1),
                quantity: Decimal::ONE,
                unit_price: Decimal::ONE_HUNDRED,
                discount: Money::ZERO,
                commissionable: true,
            };
            let family = Lineage { own: member(1), parent: Some(member(2)), grandparent: Some(member(3)) };
            let alone = Lineage { own: member(1), parent: None, grandparent: None };
            let usd = Currency::from_code("USD").unwrap();
            let mut paid = Vec::new();
            for lineage in [family, alone] {
                let rows = rows(std::slice::from_ref(&line), Some(&lineage), Some(&lineage), |_| vec![&program], rules, usd);
                for row in rows.unwrap() {
                    let place = |kind| RatePlace { level: row.level, role: row.role, kind };
                    paid.extend((!row.percent.is_zero()).then(|| place(RateKind::Percent)));
                    paid.extend((!row.amount.is_zero()).then(|| place(RateKind::Amount)));
                }
            }
            for place in RatePlace::all() {
                prop_assert_eq!(place.counts(rules), paid.contains(&place), "{:?}", place);
            }
        }
    }
}
