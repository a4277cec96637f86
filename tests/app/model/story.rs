//! Stories that proptest makes up: what happens, with everything named by a number that is taken modulo
//! what there is, so that a story stays one when it shrinks.

use super::ledger::{Kind, Method};
use proptest::prelude::*;

/// One thing that happens.
#[derive(Debug, Clone)]
pub enum Op {
    Sell {
        partner: usize,
        units: i64,
        day: i64,
    },
    Return {
        order: usize,
        units: i64,
        day: i64,
    },
    Adjust {
        partner: usize,
        cents: i64,
        day: i64,
    },
    /// From another system.
    BringIn {
        partner: usize,
        kind: Kind,
        cents: i64,
        day: i64,
    },
    PayProposal {
        partner: usize,
        to: i64,
        day: i64,
    },
    PayOnAccount {
        partner: usize,
        cents: i64,
        day: i64,
    },
    /// An export of these partners.
    Export {
        partners: Bits,
        from: i64,
        to: i64,
    },
    /// A batch at once: as of now, or as of an export.
    Batch {
        batch: Batch,
        id_of: Option<usize>,
    },
    /// A payment page is opened, to be pressed later.
    Show {
        batch: Batch,
    },
    /// The button of such a page.
    Press {
        page: usize,
    },
    /// The same form with another note.
    PressAltered {
        page: usize,
    },
    VoidBatch {
        batch: usize,
        day: i64,
    },
    /// Any payment: one of a batch or a single one.
    VoidPayment {
        payment: usize,
        day: i64,
    },
}

/// Some of the partners, or all; a bit for each.
pub type Bits = u8;

/// A batch that is wanted.
#[derive(Debug, Clone)]
pub struct Batch {
    pub method: Method,
    pub partners: Bits,
    pub from: i64,
    pub to: i64,
    /// Which export; it says the dates then. None: as of now.
    pub export: Option<usize>,
    pub leave_out: LeaveOut,
    pub day: i64,
}

/// What is done with payments on account.
#[derive(Debug, Clone, Copy)]
pub enum LeaveOut {
    Nothing,
    All,
    /// A bit for each.
    Some(u8),
}

/// Most often everybody asks for the same dates.
fn days() -> impl Strategy<Value = (i64, i64)> {
    prop_oneof![
        3 => Just((0_i64, 40_i64)),
        2 => (0_i64..15, 10_i64..40).prop_map(|(from, length)| (from, from + length)),
    ]
}

fn batch() -> impl Strategy<Value = Batch> {
    let method = prop_oneof![
        Just(Method::Commission),
        Just(Method::BeginningPlusCommission),
        Just(Method::EndingBalance)
    ];
    let leave_out = prop_oneof![
        3 => Just(LeaveOut::Nothing),
        1 => Just(LeaveOut::All),
        1 => any::<u8>().prop_map(LeaveOut::Some),
    ];
    let partners = prop_oneof![3 => Just(u8::MAX), 1 => any::<u8>()];
    (method, partners, days(), proptest::option::of(0_usize..4), leave_out, 20_i64..30).prop_map(
        |(method, partners, (from, to), export, leave_out, day)| Batch {
            method,
            partners,
            from,
            to,
            export,
            leave_out,
            day,
        },
    )
}

fn op() -> impl Strategy<Value = Op> {
    let partner = 0_usize..2;
    let kind = prop_oneof![
        2 => Just(Kind::Commission),
        1 => Just(Kind::Clawback),
        1 => Just(Kind::Adjustment),
        1 => Just(Kind::Payment)
    ];
    prop_oneof![
        8 => (partner.clone(), 1_i64..8, 0_i64..35).prop_map(|(partner, units, day)| Op::Sell { partner, units, day }),
        2 => (0_usize..20, 1_i64..4, 0_i64..35).prop_map(|(order, units, day)| Op::Return { order, units, day }),
        2 => (partner.clone(), -300_i64..300, 0_i64..35).prop_map(|(partner, cents, day)| Op::Adjust { partner, cents, day }),
        2 => (partner.clone(), kind, 1_i64..5, 0_i64..35)
            .prop_map(|(partner, kind, hundreds, day)| Op::BringIn { partner, kind, cents: hundreds * 100, day }),
        2 => (partner.clone(), 0_i64..40, 0_i64..30).prop_map(|(partner, to, day)| Op::PayProposal { partner, to, day }),
        4 => (partner, 1_i64..5, 0_i64..30).prop_map(|(partner, hundreds, day)| Op::PayOnAccount { partner, cents: hundreds * 100, day }),
        3 => (any::<u8>(), days()).prop_map(|(partners, (from, to))| Op::Export { partners: partners | 1, from, to }),
        7 => (batch(), proptest::option::weighted(0.05, 0_usize..4)).prop_map(|(batch, id_of)| Op::Batch { batch, id_of }),
        3 => batch().prop_map(|batch| Op::Show { batch }),
        4 => (0_usize..4).prop_map(|page| Op::Press { page }),
        1 => (0_usize..4).prop_map(|page| Op::PressAltered { page }),
        3 => (0_usize..6, 25_i64..60).prop_map(|(batch, day)| Op::VoidBatch { batch, day }),
        6 => (0_usize..20, 25_i64..60).prop_map(|(payment, day)| Op::VoidPayment { payment, day }),
    ]
}

/// A story of up to so many things.
pub fn story(length: usize) -> impl Strategy<Value = Vec<Op>> {
    prop::collection::vec(op(), length / 2..=length)
}
