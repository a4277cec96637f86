//! What an order would hold for each partner if its commission rows were made by other rules: for
//! trying a program before it is saved. Nothing here is kept.

use super::clawback::RowTerms;
use super::commission::{self, Lineage, Scope, SoldLine};
use super::ids::PartnerId;
use super::money::{AmountProblem, Money};
use super::order::{HeldRow, Order};
use super::program::Program;
use super::settings::PayoutRules;
use std::collections::BTreeMap;

/// What the ledger would hold of an order now, by partner, had its rows been made by these programs and
/// settings: all that came back and was paid since counts as it did.
pub fn would_hold<'a, R>(
    order: &Order<R>,
    sold: &[SoldLine],
    (lead, sale): (Option<&Lineage>, Option<&Lineage>),
    enrolled: impl Fn(PartnerId) -> Vec<&'a Program>,
    rules: PayoutRules,
) -> Result<BTreeMap<PartnerId, Money>, AmountProblem> {
    let rows = commission::rows(sold, lead, sale, enrolled, rules, order.currency)?;
    let held = |(key, row): (usize, commission::Row)| HeldRow {
        key,
        partner: row.partner,
        terms: RowTerms {
            full: row.full,
            payout: row.payout,
            lines: match row.scope {
                Scope::Line(position) => vec![position],
                Scope::Order(positions) => positions,
            },
            retired: false,
        },
        held: Money::ZERO,
    };
    let mut order = Order {
        currency: order.currency,
        lines: order.lines.clone(),
        total: order.total.clone(),
        paid_in_full: order.paid_in_full,
        received: order.received,
        given_back: order.given_back,
        refunded_without_lines: order.refunded_without_lines,
        cancelled: order.cancelled,
        rows: rows.into_iter().enumerate().map(held).collect(),
    };
    let mut by_partner: BTreeMap<PartnerId, Money> = BTreeMap::new();
    for correction in order.settle() {
        *by_partner.entry(correction.partner).or_default() += correction.amount;
    }
    Ok(by_partner)
}

/// What an order holds now, by partner.
pub fn holds<R>(order: &Order<R>) -> BTreeMap<PartnerId, Money> {
    let mut by_partner: BTreeMap<PartnerId, Money> = BTreeMap::new();
    for row in order.rows.iter().filter(|row| !row.held.is_zero()) {
        *by_partner.entry(row.partner).or_default() += row.held;
    }
    by_partner
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::commission::Member;
    use crate::domain::ids::{ProductId, ProgramId, ProgramVersionId, RuleId};
    use crate::domain::money::Currency;
    use crate::domain::order::{Change, Line};
    use crate::domain::program::{AmountPer, Level, Payout, Percent, Rate, Rates, Rule};
    use crate::domain::settings::Defaults;
    use rust_decimal::Decimal;

    fn program(percent: i64) -> Program {
        let sale = Rate { percent: Percent::new(percent.into()).unwrap(), amount: Money::ZERO };
        let rule = Rule::new(RuleId(1), None, [(Level::One, Rates { sale, ..Rates::default() })]);
        Program {
            id: ProgramId(1),
            version: ProgramVersionId(1),
            priority: 1,
            payout: Payout::UpFront,
            amount_per: AmountPer::Unit,
            default: Some(rule),
            products: Default::default(),
        }
    }

    #[test]
    fn what_came_back_since_counts_as_it_did() {
        let currency = Currency::from_code("USD").unwrap();
        let line = SoldLine {
            product: ProductId(1),
            quantity: Decimal::TWO,
            unit_price: Decimal::new(5000, 2),
            discount: Money::ZERO,
            commissionable: true,
        };
        let base = commission::base(&line, currency);
        let mut order: Order<()> = Order {
            currency,
            lines: vec![Line { base: base.clone(), quantity: line.quantity, returned: Decimal::ZERO }],
            total: base,
            paid_in_full: true,
            received: Money::ZERO,
            given_back: Money::ZERO,
            refunded_without_lines: Money::ZERO,
            cancelled: false,
            rows: Vec::new(),
        };
        let sam = Member { partner: PartnerId(7), active: true };
        let sam = Lineage { own: sam, parent: None, grandparent: None };
        let rules = Defaults::default().payout;
        let under = |order: &Order<()>, percent| {
            let program = program(percent);
            let both = (Some(&sam), Some(&sam));
            would_hold(order, std::slice::from_ref(&line), both, |_| vec![&program], rules).unwrap()
        };
        assert_eq!(under(&order, 10), BTreeMap::from([(PartnerId(7), Money::from_minor(1000))]));
        order.apply(&Change::GivenBack { lines: vec![(0, Decimal::ONE)], amount: Money::ZERO });
        assert_eq!(under(&order, 12), BTreeMap::from([(PartnerId(7), Money::from_minor(600))]));
        assert!(under(&order, 0).is_empty());
        assert!(holds(&order).is_empty());
    }
}
