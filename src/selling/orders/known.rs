//! What the rules need to know while orders are recorded: read in a handful of queries, however many
//! orders there are.

use super::queries;
use super::{EventKind, NewEvent, NewOrder, OrderEvent, SoldBy};
use crate::domain::attribution::{Coupon, Question, Touch};
use crate::domain::commission::Lineage;
use crate::domain::coupon::{self, Holder, Spell};
use crate::domain::ids::{ContactId, PartnerId, ProductId, ProgramId};
use crate::domain::program::Program;
use crate::domain::settings::{Defaults, Place};
use crate::error::AppError;
use crate::people::contacts::{self, SalesRep};
use crate::people::partners;
use crate::running::settings;
use crate::selling::tracking::{self, Touches};
use crate::selling::{coupons, programs};
use chrono::SubsecRound;
use diesel::PgConnection;
use std::collections::{HashMap, HashSet};

/// All that the rules need to know while they decide.
pub struct Known {
    pub place: Place,
    pub defaults: Defaults,
    programs: HashMap<ProgramId, Program>,
    enrolments: HashMap<PartnerId, Vec<ProgramId>>,
    lineages: HashMap<PartnerId, Lineage>,
    own_partners: HashMap<ContactId, PartnerId>,
    pub commissionable: HashMap<ProductId, bool>,
    touches: Touches,
    sales_reps: HashMap<ContactId, SalesRep>,
    /// Of the orders' coupon codes, in lower case.
    coupons: HashMap<String, Vec<Spell>>,
}

/// Reads everything that the rules will ask for about these events.
pub fn learn(conn: &mut PgConnection, events: &[OrderEvent]) -> Result<Known, AppError> {
    let placed = || {
        events
            .iter()
            .filter_map(|event| if let OrderEvent::Placed(order) = event { Some(order) } else { None })
    };
    let visitors: Vec<_> = placed().filter_map(|order| order.visitor).collect();
    let mut buyers: Vec<_> = placed().filter_map(|order| order.contact).collect();
    buyers.sort_unstable();
    buyers.dedup();
    let addresses: Vec<String> = placed().filter_map(|order| order.address.clone()).collect();
    let touches = tracking::touches(conn, &visitors, &buyers, &addresses)?;
    let written = placed().filter_map(|order| order.coupon.as_deref());
    let codes: HashSet<String> = written.flat_map(coupon::codes).map(str::to_lowercase).collect();
    let coupons = coupons::spells(conn, &codes.into_iter().collect::<Vec<_>>())?;

    let mut partners: HashSet<PartnerId> = HashSet::new();
    let lists =
        touches.by_visitor.values().chain(touches.by_contact.values()).chain(touches.by_address.values());
    partners.extend(lists.flatten().map(|touch| touch.partner));
    partners.extend(coupons.values().flatten().map(|spell| spell.partner));
    for event in events {
        match event {
            OrderEvent::Placed(order) => partners.extend(order.partner.iter().chain(&order.sale_partner)),
            OrderEvent::Happened(NewEvent {
                kind: EventKind::Credited { partner, sale_partner }, ..
            }) => {
                partners.extend([partner].into_iter().chain(sale_partner));
            }
            OrderEvent::Happened(_) => {}
        }
    }
    let sales_reps = contacts::sales_reps(conn, &buyers)?;
    partners.extend(sales_reps.values().map(|rep| rep.partner));
    let partners: Vec<PartnerId> = partners.into_iter().collect();
    let mut products: Vec<ProductId> =
        placed().flat_map(|order| &order.lines).map(|line| line.product).collect();
    products.sort_unstable();
    products.dedup();
    Ok(Known {
        place: settings::place_held(conn)?,
        defaults: settings::defaults(conn)?.0,
        programs: programs::in_force(conn)?.into_iter().map(|program| (program.id, program)).collect(),
        enrolments: programs::enrolments(conn, &partners)?,
        lineages: partners::lineages(conn, &partners)?,
        own_partners: partners::own_partners(conn, &buyers)?,
        commissionable: queries::commissionable(conn, &products)?,
        touches,
        sales_reps,
        coupons,
    })
}

impl Known {
    /// Whether a partner is active now, when the order is recorded.
    pub fn is_active(&self, partner: PartnerId) -> bool {
        self.lineages.get(&partner).is_some_and(|lineage| lineage.own.active)
    }

    /// A partner with those above it.
    pub fn lineage(&self, partner: Option<PartnerId>) -> Result<Option<Lineage>, AppError> {
        partner
            .map(|partner| {
                let lineage = self.lineages.get(&partner).copied();
                lineage.ok_or_else(|| AppError::not_found(format!("partner {partner}")))
            })
            .transpose()
    }

    /// The programs of a partner, as they stand.
    pub fn enrolled(&self, partner: PartnerId) -> Vec<&Program> {
        let programs = self.enrolments.get(&partner).into_iter().flatten();
        programs.filter_map(|program| self.programs.get(program)).collect()
    }

    /// The coupons that an order was placed with, and whose each was then.
    fn coupons(&self, new: &NewOrder) -> Vec<Coupon> {
        let codes = coupon::codes(new.coupon.as_deref().unwrap_or_default());
        let holder = |code: &str| {
            let spells = self.coupons.get(&code.to_lowercase());
            spells.map_or(Holder::Nobody, |spells| coupon::holder(spells, new.ordered_at.trunc_subsecs(6)))
        };
        codes.into_iter().map(|code| Coupon { code: code.into(), holder: holder(code) }).collect()
    }

    /// Who made the sale, and who says so: the order, or else the contact's sales rep; none: the lead partner.
    pub fn sale(&self, new: &NewOrder) -> Option<(PartnerId, SoldBy)> {
        let rep = || self.sales_reps.get(&new.contact?).copied();
        let named = new.sale_partner.map(|partner| (partner, SoldBy::Named));
        named.or_else(|| rep().map(|rep| (rep.partner, rep.form.map_or(SoldBy::Contact, SoldBy::Form))))
    }

    /// What is asked when an order is credited.
    pub fn question(&self, new: &NewOrder) -> Question {
        let none = Vec::<Touch>::new;
        Question {
            at: new.ordered_at.trunc_subsecs(6),
            named: new.partner,
            coupons: self.coupons(new),
            cookie: new
                .visitor
                .map(|visitor| self.touches.by_visitor.get(&visitor).cloned().unwrap_or_else(none)),
            history: new
                .contact
                .and_then(|contact| self.touches.by_contact.get(&contact).cloned())
                .unwrap_or_else(none),
            ip_address: new
                .address
                .as_ref()
                .map(|address| self.touches.by_address.get(address).cloned().unwrap_or_else(none)),
            own_partner: new.contact.and_then(|contact| self.own_partners.get(&contact).copied()),
        }
    }
}
