//! The rules of commission by examples and properties.

use super::super::ids::ProgramId;
use super::super::program::{Rate, Rates};
use super::*;
use proptest::prelude::*;
use std::collections::HashMap;

const ALL_ON: PayoutRules =
    PayoutRules { levels: 3, lead: true, sale: true, amount: true, percent: true, pay_if_unused: true };

fn usd() -> Currency {
    Currency::from_code("USD").unwrap()
}

fn line(product: i64, quantity: &str, price: &str) -> SoldLine {
    SoldLine {
        product: ProductId(product),
        quantity: quantity.parse().unwrap(),
        unit_price: price.parse().unwrap(),
        discount: Money::ZERO,
        commissionable: true,
    }
}

fn rate(amount: i64, percent: &str) -> Rate {
    Rate { amount: Money::from_minor(amount), percent: Percent::new(percent.parse().unwrap()).unwrap() }
}

fn sale(amount: i64, percent: &str) -> Rates {
    Rates { lead: Rate::default(), sale: rate(amount, percent) }
}

fn program(id: i64, priority: i32, rules: Vec<Rule>) -> Program {
    let (default, own): (Vec<Rule>, Vec<Rule>) = rules.into_iter().partition(|rule| rule.product.is_none());
    Program {
        id: ProgramId(id),
        version: ProgramVersionId(id),
        priority,
        payout: Payout::UpFront,
        amount_per: AmountPer::Unit,
        default: default.into_iter().next(),
        products: own.into_iter().filter_map(|rule| Some((rule.product?, rule))).collect::<HashMap<_, _>>(),
    }
}

fn default_rule(id: i64, rows: Vec<(Level, Rates)>) -> Rule {
    Rule::new(RuleId(id), None, rows)
}

fn member(partner: i64, active: bool) -> Member {
    Member { partner: PartnerId(partner), active }
}

fn family(own: bool, parent: Option<bool>, grandparent: Option<bool>) -> Lineage {
    Lineage {
        own: member(1, own),
        parent: parent.map(|active| member(2, active)),
        grandparent: grandparent.map(|active| member(3, active)),
    }
}

/// Partner and value of each row.
fn paid(lines: &[SoldLine], lineage: &Lineage, program: &Program, rules: PayoutRules) -> Vec<(i64, i64)> {
    let rows = rows(lines, None, Some(lineage), |_| vec![program], rules, usd()).unwrap();
    rows.iter().map(|row| (row.partner.0, row.full.minor())).collect()
}

fn three_levels() -> Program {
    let rows = vec![
        (Level::One, sale(0, "10")),
        (Level::Two, sale(0, "3")),
        (Level::Three, sale(0, "1")),
        (Level::Unused, sale(0, "2")),
    ];
    program(1, 1, vec![default_rule(1, rows)])
}

#[test]
fn an_inactive_level_is_not_paid_and_not_passed_upward() {
    let lines = [line(1, "1", "100")];
    for (own, parent, grandparent, expected) in [
        (true, Some(true), Some(true), vec![(1, 1000), (2, 300), (3, 100)]),
        (true, Some(false), Some(true), vec![(1, 1000), (3, 100)]),
        (false, Some(true), None, vec![(2, 300)]),
        (true, None, None, vec![(1, 1000), (1, 200)]),
    ] {
        assert_eq!(paid(&lines, &family(own, parent, grandparent), &three_levels(), ALL_ON), expected);
    }
}

#[test]
fn unused_is_paid_only_without_any_parent_and_with_more_than_one_level() {
    let lines = [line(1, "1", "100")];
    let two = PayoutRules { levels: 2, ..ALL_ON };
    assert_eq!(paid(&lines, &family(true, None, None), &three_levels(), two), [(1, 1000), (1, 200)]);
    assert_eq!(paid(&lines, &family(true, Some(false), None), &three_levels(), two), [(1, 1000)]);
    assert_eq!(paid(&lines, &family(false, None, None), &three_levels(), two), []);
    let one = PayoutRules { levels: 1, ..ALL_ON };
    assert_eq!(paid(&lines, &family(true, None, None), &three_levels(), one), [(1, 1000)]);
    let off = PayoutRules { pay_if_unused: false, ..ALL_ON };
    assert_eq!(paid(&lines, &family(true, None, None), &three_levels(), off), [(1, 1000)]);
}

#[test]
fn a_products_own_rule_stands_alone() {
    let own = Rule::new(RuleId(2), Some(ProductId(7)), [(Level::One, sale(0, "20"))]);
    let mut program = three_levels();
    program.products.insert(ProductId(7), own);
    let lines = [line(7, "1", "100"), line(8, "1", "100")];
    let family = family(true, Some(true), None);
    assert_eq!(paid(&lines, &family, &program, ALL_ON), [(1, 2000), (1, 1000), (2, 300)]);
}

#[test]
fn the_lowest_priority_that_covers_the_product_wins_then_the_older() {
    let only = |id, priority, percent| {
        program(id, priority, vec![default_rule(id, vec![(Level::One, sale(0, percent))])])
    };
    let narrow = program(9, 1, vec![Rule::new(RuleId(9), Some(ProductId(7)), [(Level::One, sale(0, "50"))])]);
    let (late, early, first) = (only(5, 2, "7"), only(4, 2, "8"), narrow);
    let lines = [line(1, "1", "100"), line(7, "1", "100")];
    let enrolled = |_| vec![&late, &early, &first];
    let rows = rows(&lines, None, Some(&family(true, Some(true), None)), enrolled, ALL_ON, usd()).unwrap();
    let values: Vec<i64> = rows.iter().map(|row| row.full.minor()).collect();
    assert_eq!(values, [800, 5000]);
}

#[test]
fn amount_and_percent_add_up_before_they_are_rounded() {
    let program = program(1, 1, vec![default_rule(1, vec![(Level::One, sale(15, "12.345"))])]);
    let lines = [line(1, "2.5", "0.333333")];
    // 2.5 × 0.333333 × 12.345 % + 2.5 × 0.15 = 0.102874… + 0.375
    assert_eq!(paid(&lines, &family(true, Some(true), None), &program, ALL_ON), [(1, 48)]);
    let no_amount = PayoutRules { amount: false, ..ALL_ON };
    assert_eq!(paid(&lines, &family(true, Some(true), None), &program, no_amount), [(1, 10)]);
    let no_percent = PayoutRules { percent: false, ..ALL_ON };
    assert_eq!(paid(&lines, &family(true, Some(true), None), &program, no_percent), [(1, 38)]);
}

#[test]
fn an_amount_per_order_is_paid_once_for_all_lines_under_its_rule() {
    let mut program = program(1, 1, vec![default_rule(1, vec![(Level::One, sale(500, "10"))])]);
    program.amount_per = AmountPer::Order;
    let lines = [line(1, "3", "10"), line(2, "1", "20"), line(3, "1", "-5")];
    let lineage = family(true, Some(true), None);
    let rows = rows(&lines, None, Some(&lineage), |_| vec![&program], ALL_ON, usd()).unwrap();
    let once: Vec<&Row> = rows.iter().filter(|row| matches!(row.scope, Scope::Order(_))).collect();
    assert_eq!(rows.len(), 3);
    assert_eq!((once.len(), once[0].full.minor()), (1, 500));
    assert_eq!((&once[0].scope, &once[0].base), (&Scope::Order(vec![0, 1]), &Exact::from_integer(50.into())));
}

#[test]
fn what_earns_nothing_has_no_row() {
    let mut not_commissionable = line(1, "1", "100");
    not_commissionable.commissionable = false;
    let mut given_away = line(1, "1", "10");
    given_away.discount = Money::from_minor(1000);
    let lines = [not_commissionable, given_away, line(1, "1", "-3")];
    assert_eq!(paid(&lines, &family(true, None, None), &three_levels(), ALL_ON), []);
    assert_eq!(
        order_total(&lines, Money::from_minor(250), Money::ZERO, usd()),
        Exact::new(1990.into(), 20.into())
    );
}

#[test]
fn each_role_earns_by_its_own_rates_and_switch() {
    let rates = Rates { lead: rate(0, "4"), sale: rate(0, "6") };
    let program = program(1, 1, vec![default_rule(1, vec![(Level::One, rates)])]);
    let (lead, rep) =
        (family(true, Some(true), None), Lineage { own: member(9, true), parent: None, grandparent: None });
    let of = |rules| {
        let rows =
            rows(&[line(1, "1", "100")], Some(&lead), Some(&rep), |_| vec![&program], rules, usd()).unwrap();
        rows.iter().map(|row| (row.role, row.partner.0, row.full.minor())).collect::<Vec<_>>()
    };
    let plain = PayoutRules { pay_if_unused: false, ..ALL_ON };
    assert_eq!(of(plain), [(Role::Lead, 1, 400), (Role::Sale, 9, 600)]);
    assert_eq!(of(PayoutRules { lead: false, ..plain }), [(Role::Sale, 9, 600)]);
    assert_eq!(of(PayoutRules { sale: false, ..plain }), [(Role::Lead, 1, 400)]);
}

proptest! {
    #[test]
    fn a_row_is_within_half_a_cent_of_its_exact_value(
        quantity in 1_u32..10_000_000, price in 0_i64..1_000_000_000, percent in 0_i64..=100_000, amount in 0_i64..100_000,
    ) {
        let percent = Percent::new(Decimal::new(percent, 3)).unwrap();
        let rates = Rates { lead: Rate::default(), sale: Rate { amount: Money::from_minor(amount), percent } };
        let program = program(1, 1, vec![default_rule(1, vec![(Level::One, rates)])]);
        let sold = SoldLine {
            product: ProductId(1), quantity: Decimal::new(quantity.into(), 4), unit_price: Decimal::new(price, 6),
            discount: Money::ZERO, commissionable: true,
        };
        let lineage = family(true, Some(true), None);
        for row in rows(std::slice::from_ref(&sold), None, Some(&lineage), |_| vec![&program], ALL_ON, usd()).unwrap() {
            let value = base(&sold, usd()) * percent.fraction()
                + Money::from_minor(amount).exact(usd()) * money::exact(sold.quantity);
            let off = (row.full.exact(usd()) - value).abs();
            prop_assert!(off <= Exact::new(1.into(), 200.into()));
        }
    }

    #[test]
    fn the_order_of_lines_does_not_change_what_anybody_earns(
        lines in prop::collection::vec((1_i64..4, 1_u32..50, -500_i64..5000), 1..12), rotate in 0_usize..12, per_order in any::<bool>(),
    ) {
        let mut program = three_levels();
        program.products.insert(ProductId(2), Rule::new(RuleId(2), Some(ProductId(2)), [(Level::One, sale(70, "5"))]));
        if per_order { program.amount_per = AmountPer::Order; }
        let mut lines: Vec<SoldLine> = lines.iter().map(|(product, quantity, cents)| SoldLine {
            product: ProductId(*product), quantity: Decimal::from(*quantity), unit_price: Decimal::new(*cents, 2),
            discount: Money::ZERO, commissionable: *product != 3,
        }).collect();
        let lineage = family(true, Some(true), Some(true));
        let mut before = paid(&lines, &lineage, &program, ALL_ON);
        let turn = rotate % lines.len();
        lines.rotate_left(turn);
        let mut after = paid(&lines, &lineage, &program, ALL_ON);
        before.sort_unstable();
        after.sort_unstable();
        prop_assert_eq!(before, after);
    }
}
