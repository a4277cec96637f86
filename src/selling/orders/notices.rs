//! What is to be said of an order that was just recorded, or is about to be: to whoever records it, and to partners.

use super::by_hand::effect::Effect;
use super::queries::OrderFile;
use crate::domain::attribution::{CouponOutcome, CouponTold};
use crate::domain::ids::PartnerId;
use crate::domain::money::Money;
use crate::error::AppError;
use crate::selling::partner_mails::{self, Commission, Sale};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::PgConnection;

/// An order that was placed longer ago is told nobody as news: whoever connects a shop sends what it has sold before.
const NEWS: TimeDelta = TimeDelta::days(7);

/// Writes mails to the lead partner and the sale partner of a new order, if they are to be told. In the transaction
/// that records it; not for orders of files, which tell of what has been.
pub fn tell_partners(
    conn: &mut PgConnection,
    file: &OrderFile,
    effect: &Effect,
    at: DateTime<Utc>,
) -> Result<(), AppError> {
    let Some(credit) = file.credits.last().filter(|_| at - file.head.ordered_at <= NEWS) else {
        return Ok(());
    };
    let credited = [credit.story.lead, credit.story.sale].into_iter().flatten();
    let mut partners: Vec<PartnerId> = credited.map(|lineage| lineage.own.partner).collect();
    partners.dedup();
    let told = |partner: PartnerId| {
        let own = effect.by_partner.iter().find(|(earner, ..)| *earner == partner);
        let rows = || credit.rows.iter().filter(|row| row.partner_id == partner);
        match own {
            Some((.., amount)) => (partner, Commission::Earned(*amount)),
            None if rows().any(|row| row.full_minor > Money::ZERO) => (partner, Commission::Later),
            None => (partner, Commission::None),
        }
    };
    let partners: Vec<_> = partners.into_iter().map(told).collect();
    let (order, number, ordered_at) = (file.head.id, &file.head.number, file.head.ordered_at);
    partner_mails::tell_of_sale(conn, Sale { order, number, ordered_at, partners: &partners, at })
}

/// Coupons that are no partner's: they are kept with the order, and credit nobody.
pub fn coupons(file: &OrderFile) -> Vec<String> {
    let story = file.credits.last().map(|credit| &credit.story);
    let told = story.into_iter().flat_map(|story| &story.why.coupons);
    let words = |coupon: &CouponTold| match coupon.outcome {
        CouponOutcome::Nobodys => Some(format!(
            "{} is no partner’s coupon: it is kept with the order and credits nobody.",
            coupon.code
        )),
        CouponOutcome::Ended => {
            Some(format!("The coupon {} had ended before the order: it credits nobody.", coupon.code))
        }
        _ => None,
    };
    told.filter_map(words).collect()
}

/// Partners of these that the order credits and that earn nothing.
pub fn inactive(file: &OrderFile, which: impl Fn(PartnerId) -> bool) -> Vec<String> {
    let story = file.credits.last().map(|credit| &credit.story);
    let mut found: Vec<PartnerId> = story
        .into_iter()
        .flat_map(|story| [story.lead, story.sale])
        .flatten()
        .map(|lineage| lineage.own)
        .filter(|own| !own.active && which(own.partner))
        .map(|own| own.partner)
        .collect();
    found.dedup();
    let words =
        |partner| format!("{} is inactive: it is credited and earns nothing.", file.person(partner).name);
    found.into_iter().map(words).collect()
}
