//! Who is credited: by examples and properties.

use super::*;
use proptest::prelude::*;

const RULES: TrackingRules = TrackingRules {
    choose: Choose::Latest,
    method: TrackingMethod::HistoryAndCookies,
    use_ip_address: true,
    credit_own_purchases: false,
    coupon: CouponOrLink::Coupon,
};

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(second, 0).unwrap()
}

fn touch(partner: i64, second: i64, recorded: i64) -> Touch {
    Touch { partner: PartnerId(partner), at: at(second), recorded, expires_at: None, robot: false }
}

fn question(cookie: Vec<Touch>, history: Vec<Touch>) -> Question {
    Question {
        at: at(1000),
        named: None,
        coupons: Vec::new(),
        cookie: Some(cookie),
        history,
        ip_address: None,
        own_partner: None,
    }
}

#[test]
fn the_latest_or_the_first_of_the_first_step_with_candidates_wins() {
    let asked = question(vec![touch(1, 10, 1), touch(2, 20, 2)], vec![touch(3, 30, 3)]);
    let latest = credit(&asked, RULES, |_| true);
    assert_eq!(latest.partner, Some(PartnerId(2)));
    let outcomes: Vec<Outcome> = latest.why.candidates.iter().map(|c| c.outcome).collect();
    assert_eq!(outcomes, [Outcome::Credited, Outcome::Older, Outcome::NotReached]);
    let first = credit(&asked, TrackingRules { choose: Choose::First, ..RULES }, |_| true);
    assert_eq!(first.partner, Some(PartnerId(1)));
    assert_eq!(first.why.candidates[0].outcome, Outcome::Newer);
}

#[test]
fn at_equal_times_the_one_recorded_later_is_newer() {
    let asked = question(vec![touch(1, 10, 2), touch(2, 10, 1)], vec![]);
    assert_eq!(credit(&asked, RULES, |_| true).partner, Some(PartnerId(1)));
    let first = credit(&asked, TrackingRules { choose: Choose::First, ..RULES }, |_| true);
    assert_eq!(first.partner, Some(PartnerId(2)));
}

#[test]
fn a_touch_counts_at_the_very_instant_it_expires_and_not_after() {
    let mut clicked = touch(1, 10, 1);
    clicked.expires_at = Some(at(1000));
    assert_eq!(credit(&question(vec![clicked], vec![]), RULES, |_| true).why.step, Step::Cookie);
    clicked.expires_at = Some(at(999));
    let expired = credit(&question(vec![clicked], vec![]), RULES, |_| true);
    assert_eq!((expired.partner, expired.why.step), (None, Step::None));
    assert_eq!(expired.why.candidates[0].outcome, Outcome::Expired);
}

#[test]
fn an_own_purchase_leaves_the_others_of_the_step_standing() {
    let mut asked = question(vec![touch(1, 20, 2), touch(2, 10, 1)], vec![]);
    asked.own_partner = Some(PartnerId(1));
    assert_eq!(credit(&asked, RULES, |_| true).partner, Some(PartnerId(2)));
    let on = TrackingRules { credit_own_purchases: true, ..RULES };
    assert_eq!(credit(&asked, on, |_| true).partner, Some(PartnerId(1)));
}

#[test]
fn a_named_partner_is_credited_even_inactive_and_on_its_own_purchase() {
    let mut asked = question(vec![touch(2, 10, 1)], vec![]);
    (asked.named, asked.own_partner) = (Some(PartnerId(1)), Some(PartnerId(1)));
    let credited = credit(&asked, RULES, |_| false);
    assert_eq!((credited.partner, credited.why.step), (Some(PartnerId(1)), Step::Named));
}

fn coupon(code: &str, holder: Holder) -> Coupon {
    Coupon { code: code.into(), holder }
}

fn outcomes(credited: &Credit) -> Vec<CouponOutcome> {
    credited.why.coupons.iter().map(|coupon| coupon.outcome).collect()
}

#[test]
fn a_coupon_goes_before_links_or_after_them_as_the_setting_says() {
    let link_wins = TrackingRules { coupon: CouponOrLink::Link, ..RULES };
    let mut asked = question(vec![touch(1, 10, 1)], vec![]);
    asked.coupons = vec![coupon("SAM10", Holder::Partner(PartnerId(2)))];
    let credited = credit(&asked, RULES, |_| true);
    assert_eq!((credited.partner, credited.why.step), (Some(PartnerId(2)), Step::Named));
    assert_eq!(credited.why.coupon().map(|coupon| coupon.code.as_str()), Some("SAM10"));
    assert_eq!(credited.why.candidates[0].outcome, Outcome::NotReached);
    let credited = credit(&asked, link_wins, |_| true);
    assert_eq!((credited.partner, credited.why.step), (Some(PartnerId(1)), Step::Cookie));
    assert_eq!((outcomes(&credited), credited.why.coupon()), (vec![CouponOutcome::Link], None));
    // Where no link has a candidate that can be credited, the coupon decides.
    let credited = credit(&asked, link_wins, |partner| partner != PartnerId(1));
    assert_eq!((credited.partner, credited.why.step), (Some(PartnerId(2)), Step::Named));
    assert_eq!(credited.why.candidates[0].outcome, Outcome::Inactive);
}

#[test]
fn a_partner_that_is_named_outright_goes_before_every_coupon() {
    let mut asked = question(vec![], vec![]);
    asked.named = Some(PartnerId(1));
    asked.coupons = vec![coupon("SAM10", Holder::Partner(PartnerId(2))), coupon("X", Holder::Nobody)];
    for choice in [CouponOrLink::Coupon, CouponOrLink::Link] {
        let credited = credit(&asked, TrackingRules { coupon: choice, ..RULES }, |_| true);
        assert_eq!(credited.partner, Some(PartnerId(1)));
        assert_eq!(outcomes(&credited), [CouponOutcome::Named, CouponOutcome::Nobodys]);
    }
}

#[test]
fn the_first_coupon_that_is_a_partners_counts() {
    let mut asked = question(vec![], vec![]);
    asked.coupons = vec![
        coupon("FREESHIP", Holder::Nobody),
        coupon("OLD", Holder::Ended(PartnerId(1))),
        coupon("SAM10", Holder::Partner(PartnerId(2))),
        coupon("JOE10", Holder::Partner(PartnerId(3))),
    ];
    let credited = credit(&asked, RULES, |_| true);
    assert_eq!(credited.partner, Some(PartnerId(2)));
    let expected =
        [CouponOutcome::Nobodys, CouponOutcome::Ended, CouponOutcome::Credited, CouponOutcome::NotFirst];
    assert_eq!(outcomes(&credited), expected);
}

#[test]
fn a_coupon_credits_as_a_named_partner_does_even_inactive_and_on_its_own_purchase() {
    let mut asked = question(vec![touch(2, 10, 1)], vec![]);
    asked.coupons = vec![coupon("SAM10", Holder::Partner(PartnerId(1)))];
    asked.own_partner = Some(PartnerId(1));
    let credited = credit(&asked, RULES, |_| false);
    assert_eq!((credited.partner, credited.why.step), (Some(PartnerId(1)), Step::Named));
}

#[test]
fn a_story_from_before_there_were_coupons_is_read_as_one_without() {
    let why = credit(&question(vec![touch(1, 10, 1)], vec![]), RULES, |_| true).why;
    let mut told = serde_json::to_value(&why).unwrap();
    assert!(told.get("coupons").is_none());
    told["rules"].as_object_mut().unwrap().remove("coupon").unwrap();
    assert_eq!(serde_json::from_value::<Why>(told).unwrap(), why);
}

proptest! {
    #[test]
    fn a_coupon_changes_nothing_where_links_win_and_a_link_speaks_and_decides_wherever_it_goes_first(
        partners in prop::collection::vec((1_i64..6, 0_i64..1200), 0..8),
        held in prop::option::of(1_i64..6),
        named in prop::option::of(1_i64..6),
        link_wins in any::<bool>(),
    ) {
        let touches = (1..).zip(&partners).map(|(n, (partner, second))| touch(*partner, *second, n)).collect();
        let mut asked = question(touches, vec![]);
        asked.named = named.map(PartnerId);
        let choice = if link_wins { CouponOrLink::Link } else { CouponOrLink::Coupon };
        let rules = TrackingRules { coupon: choice, ..RULES };
        let without = credit(&asked, rules, |partner| partner.0 != 3);
        asked.coupons = vec![coupon("C", held.map_or(Holder::Nobody, |id| Holder::Partner(PartnerId(id))))];
        let with = credit(&asked, rules, |partner| partner.0 != 3);
        let expected = if link_wins {
            without.partner.or(held.map(PartnerId))
        } else {
            named.or(held).map(PartnerId).or(without.partner)
        };
        prop_assert_eq!(with.partner, expected);
        prop_assert_eq!(with.why.coupon().is_some(), with.why.step == Step::Named && named.is_none());
    }

    #[test]
    fn who_is_credited_does_not_depend_on_the_order_of_looking(
        touches in prop::collection::vec((1_i64..6, 0_i64..1200, any::<bool>(), prop::option::of(500_i64..1500)), 0..30),
        first in any::<bool>(),
        rotate in 0_usize..30,
    ) {
        let mut touches: Vec<Touch> = touches.iter().enumerate().map(|(recorded, (partner, second, robot, end))| Touch {
            robot: *robot, expires_at: end.map(at), ..touch(*partner, *second, recorded as i64)
        }).collect();
        let rules = TrackingRules { choose: if first { Choose::First } else { Choose::Latest }, ..RULES };
        let before = credit(&question(touches.clone(), vec![]), rules, |p| p.0 != 3);
        if !touches.is_empty() { let n = touches.len(); touches.rotate_left(rotate % n); }
        let after = credit(&question(touches.clone(), vec![]), rules, |p| p.0 != 3);
        prop_assert_eq!(&before, &after);
        let winners = before.why.candidates.iter().filter(|c| c.outcome == Outcome::Credited).count();
        prop_assert_eq!(winners, usize::from(before.partner.is_some()));
        if let Some(winner) = before.partner {
            prop_assert!(winner != PartnerId(3));
            prop_assert!(touches.iter().any(|t| t.partner == winner && t.at <= at(1000) && !t.robot));
        }
    }

    #[test]
    fn the_story_keeps_the_winner_however_many_candidates_there_are(n in 1_usize..300, first in any::<bool>()) {
        let touches = (0..n as i64).map(|i| touch(i, i, i)).collect();
        let rules = TrackingRules { choose: if first { Choose::First } else { Choose::Latest }, ..RULES };
        let credited = credit(&question(touches, vec![]), rules, |_| true);
        prop_assert_eq!(credited.why.candidates.len() + credited.why.omitted, n);
        prop_assert!(credited.why.candidates.len() <= CANDIDATES_KEPT);
        prop_assert!(credited.why.candidates.iter().any(|c| c.outcome == Outcome::Credited));
    }
}
