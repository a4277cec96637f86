//! When a commission is earned and what is taken back: every row's target after every event (spec 4.6).

use super::money::{Exact, Money, share_of};
use super::program::Payout;
use num_traits::{One, Signed, Zero};

/// What is left of a line: how much of it the customer gave back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptLine {
    /// Its base, unrounded; may be zero or negative.
    pub base: Exact,
    /// The share of its quantity that was given back, between 0 and 1.
    pub returned: Exact,
}

/// An order at some moment: all that a target depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderState {
    pub lines: Vec<KeptLine>,
    /// X, the whole order: bases, shipping and tax.
    pub total: Exact,
    /// Money received from the customer.
    pub received: Exact,
    /// All money given back, by refunds that name lines and by those that do not.
    pub given_back: Exact,
    /// R: money given back by refunds that name no lines.
    pub refunded_without_lines: Exact,
    /// A cancelled order keeps nothing.
    pub cancelled: bool,
}

/// The lasting terms of a commission row that its target depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowTerms {
    pub full: Money,
    pub payout: Payout,
    /// The lines that the row's base is made of, by position.
    pub lines: Vec<usize>,
    /// Credit was given to another partner: the target is 0 for ever.
    pub retired: bool,
}

/// What the ledger must hold for a row, given the order's state.
pub fn target(row: &RowTerms, order: &OrderState) -> Money {
    if row.retired || order.cancelled {
        return Money::ZERO;
    }
    let kept = kept_share(row.lines.iter().filter_map(|position| order.lines.get(*position)));
    let share = match row.payout {
        Payout::UpFront => held(kept - refunded_share(order)),
        Payout::OnPayment => kept * paid_share(order),
    };
    share_of(row.full, &share)
}

/// 1 − the share of these lines' base that was given back as goods.
fn kept_share<'a>(lines: impl Iterator<Item = &'a KeptLine>) -> Exact {
    let (mut whole, mut back) = (Exact::zero(), Exact::zero());
    for line in lines {
        whole += &line.base;
        back += &line.base * &line.returned;
    }
    if whole.is_positive() { held(Exact::one() - back / whole) } else { Exact::zero() }
}

/// R / X, and 0 where the order is worth nothing.
fn refunded_share(order: &OrderState) -> Exact {
    if order.total.is_positive() { &order.refunded_without_lines / &order.total } else { Exact::zero() }
}

/// The share of what the customer still keeps that is paid: (received − given back) / (X × kept).
/// Where X ≤ 0 it is 1; where nothing is kept it is 0.
fn paid_share(order: &OrderState) -> Exact {
    let kept = kept_share(order.lines.iter().filter(|line| line.base.is_positive()));
    if kept.is_zero() {
        return Exact::zero();
    }
    if !order.total.is_positive() {
        return Exact::one();
    }
    held((&order.received - &order.given_back) / (&order.total * kept))
}

/// Held between 0 and 1.
fn held(share: Exact) -> Exact {
    if share.is_negative() {
        Exact::zero()
    } else if share > Exact::one() {
        Exact::one()
    } else {
        share
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(number: i64) -> Exact {
        Exact::from_integer(number.into())
    }

    fn order(total: i64, received: i64) -> OrderState {
        OrderState {
            lines: vec![KeptLine { base: whole(total), returned: Exact::zero() }],
            total: whole(total),
            received: whole(received),
            given_back: Exact::zero(),
            refunded_without_lines: Exact::zero(),
            cancelled: false,
        }
    }

    fn row(full: i64, payout: Payout) -> RowTerms {
        RowTerms { full: Money::from_minor(full), payout, lines: vec![0], retired: false }
    }

    #[test]
    fn half_returned_of_eleven_cents_leaves_six() {
        let mut state = order(1, 1);
        state.lines[0].returned = Exact::new(1.into(), 2.into());
        assert_eq!(target(&row(11, Payout::UpFront), &state), Money::from_minor(6));
    }

    #[test]
    fn instalments_earn_in_step_and_a_full_refund_takes_all_back() {
        let on_payment = row(1000, Payout::OnPayment);
        for (received, earned) in [(0, 0), (20, 200), (40, 400), (100, 1000), (120, 1000)] {
            assert_eq!(target(&on_payment, &order(100, received)), Money::from_minor(earned));
        }
        let mut refunded = order(100, 50);
        (refunded.given_back, refunded.refunded_without_lines) = (whole(50), whole(50));
        assert_eq!(target(&on_payment, &refunded), Money::ZERO);
        assert_eq!(target(&row(1000, Payout::UpFront), &refunded), Money::from_minor(500));
    }

    #[test]
    fn one_of_two_units_returned_unpaid_then_the_rest_paid_earns_half() {
        let mut state = order(100, 50);
        state.lines[0].returned = Exact::new(1.into(), 2.into());
        assert_eq!(target(&row(1000, Payout::OnPayment), &state), Money::from_minor(500));
    }

    #[test]
    fn a_cancelled_order_and_a_retired_row_hold_nothing() {
        let cancelled = OrderState { cancelled: true, ..order(100, 100) };
        assert_eq!(target(&row(1000, Payout::UpFront), &cancelled), Money::ZERO);
        let retired = RowTerms { retired: true, ..row(1000, Payout::UpFront) };
        assert_eq!(target(&retired, &order(100, 100)), Money::ZERO);
    }

    proptest! {
        #[test]
        fn a_target_lies_between_nothing_and_the_whole(
            full in 0_i64..1_000_000,
            on_payment in any::<bool>(),
            lines in prop::collection::vec((-500_i64..1000, 0_i64..=10), 1..6),
            extra in -100_i64..100, received in 0_i64..3000, given_back in 0_i64..3000, without in 0_i64..3000,
        ) {
            let state = OrderState {
                total: whole(lines.iter().map(|l| l.0).sum::<i64>() + extra),
                lines: lines.iter().map(|(base, tenths)| KeptLine {
                    base: whole(*base), returned: Exact::new((*tenths).into(), 10.into()),
                }).collect(),
                received: whole(received), given_back: whole(given_back.max(without)),
                refunded_without_lines: whole(without), cancelled: false,
            };
            let payout = if on_payment { Payout::OnPayment } else { Payout::UpFront };
            let held = target(&row(full, payout), &state);
            prop_assert!(Money::ZERO <= held && held <= Money::from_minor(full));
        }

        #[test]
        fn giving_everything_back_in_parts_takes_back_exactly_what_was_given(
            full in 1_i64..1_000_000, parts in prop::collection::vec(1_i64..20, 1..12), on_payment in any::<bool>(),
        ) {
            let payout = if on_payment { Payout::OnPayment } else { Payout::UpFront };
            let all: i64 = parts.iter().sum();
            let mut state = order(100, 100);
            let mut held = target(&row(full, payout), &state);
            prop_assert_eq!(held, Money::from_minor(full));
            let mut back = 0;
            for part in parts {
                back += part;
                state.lines[0].returned = Exact::new(back.into(), all.into());
                let now = target(&row(full, payout), &state);
                prop_assert!(now <= held);
                held = now;
            }
            prop_assert_eq!(held, Money::ZERO);
        }
    }
}
