//! What somebody should look at in an order that was just recorded, or is about to be.

use super::queries::OrderFile;
use crate::domain::attribution::{CouponOutcome, CouponTold};
use crate::domain::ids::PartnerId;

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
