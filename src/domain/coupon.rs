//! Coupon codes: which of them an order was placed with, and whose each is.

use super::ids::PartnerId;
use super::typed::Trimmed;
use chrono::{DateTime, Utc};

/// The most characters of a code.
pub const MOST_CODE: usize = 50;

/// For how long a code is whose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spell {
    pub partner: PartnerId,
    pub added_at: DateTime<Utc>,
    /// Until when, that instant included; none = still.
    pub ended_at: Option<DateTime<Utc>>,
}

/// Whose a code was at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    Partner(PartnerId),
    /// It had ended; this partner had it last.
    Ended(PartnerId),
    /// No partner ever had it.
    Nobody,
}

/// Whether a text may be a coupon code: up to 50 letters, digits, dashes and underscores.
pub fn is_code(text: &str) -> bool {
    (1..=MOST_CODE).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// The codes in what an order says of its coupons, in its order, each once: separated by commas,
/// semicolons or blanks.
pub fn codes(written: &str) -> Vec<&str> {
    let mut codes: Vec<&str> = Vec::new();
    for code in written.split(|c: char| matches!(c, ',' | ';') || c.is_whitespace()).map(Trimmed::trimmed) {
        if !code.is_empty() && !codes.iter().any(|known| known.eq_ignore_ascii_case(code)) {
            codes.push(code);
        }
    }
    codes
}

/// Whose a code was for an order of that time, by the code's spells, the earliest first. Who had it first
/// has it for orders from before it was written down here too; between two spells it is nobody's.
pub fn holder(spells: &[Spell], at: DateTime<Utc>) -> Holder {
    let lasts = |spell: &Spell| spell.ended_at.is_none_or(|end| at <= end);
    let Some(place) = spells.iter().position(lasts) else {
        return spells.last().map_or(Holder::Nobody, |last| Holder::Ended(last.partner));
    };
    match place.checked_sub(1).map(|before| spells[before].partner) {
        Some(before) if at < spells[place].added_at => Holder::Ended(before),
        _ => Holder::Partner(spells[place].partner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn spell(partner: i64, added: i64, ended: Option<i64>) -> Spell {
        Spell { partner: PartnerId(partner), added_at: at(added), ended_at: ended.map(at) }
    }

    #[test]
    fn an_orders_coupons_are_told_apart_however_they_are_written() {
        assert_eq!(codes(" SAM10, freeship;X-1\tSam10 "), ["SAM10", "freeship", "X-1"]);
        assert_eq!(codes("\u{202a}SAM10\u{202c}, \u{202a}JOE5\u{202c}"), ["SAM10", "JOE5"]);
        assert_eq!(codes(" , ;"), [""; 0]);
        assert_eq!(codes("20 % off!"), ["20", "%", "off!"]);
    }

    #[test]
    fn a_code_is_made_of_what_can_be_typed_at_a_till() {
        for code in ["SAM10", "a", "x_y-Z", &"9".repeat(50)] {
            assert!(is_code(code), "{code}");
        }
        for text in ["", "SAM 10", "SÄM", "10%", &"9".repeat(51), "a,b", "a\n"] {
            assert!(!is_code(text), "{text}");
        }
    }

    #[test]
    fn a_code_is_whose_it_was_at_the_orders_time() {
        let spells = [spell(1, 100, Some(200)), spell(2, 300, None)];
        let whose = |second| holder(&spells, at(second));
        assert_eq!(whose(50), Holder::Partner(PartnerId(1)));
        assert_eq!(whose(200), Holder::Partner(PartnerId(1)));
        assert_eq!(whose(201), Holder::Ended(PartnerId(1)));
        assert_eq!(whose(299), Holder::Ended(PartnerId(1)));
        assert_eq!(whose(300), Holder::Partner(PartnerId(2)));
        assert_eq!(holder(&spells[..1], at(900)), Holder::Ended(PartnerId(1)));
        assert_eq!(holder(&[], at(900)), Holder::Nobody);
    }

    proptest! {
        #[test]
        fn a_code_that_was_never_ended_is_always_its_partners(added in 0_i64..1000, order in 0_i64..2000) {
            prop_assert_eq!(holder(&[spell(7, added, None)], at(order)), Holder::Partner(PartnerId(7)));
        }

        #[test]
        fn what_is_told_of_an_orders_coupons_stands_in_what_was_written(written in ".{0,60}") {
            for code in codes(&written) {
                prop_assert!(written.contains(code) && !code.is_empty());
            }
        }
    }
}
