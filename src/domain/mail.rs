//! What an e-mail address is; when a mail that could not be sent is tried again, and when it is given up.

use chrono::{DateTime, TimeDelta, Utc};
use email_address::{EmailAddress, Options};

/// Whether a text is an e-mail address, and nothing beside it: a name before it would hide from every comparison
/// whose address it is. Quoted ones, which hardly any server takes, are none.
pub fn is_email(text: &str) -> bool {
    is_address(text, 2)
}

/// The same, where the host may be one word, such as localhost: whoever signs in need not be reached from outside.
pub fn is_local_email(text: &str) -> bool {
    is_address(text, 1)
}

fn is_address(text: &str, minimum_sub_domains: usize) -> bool {
    let plain = Options { minimum_sub_domains, allow_domain_literal: false, allow_display_text: false };
    !text.starts_with('"') && EmailAddress::parse_with_options(text, plain).is_ok()
}

/// How long after each failed try the next one follows: soon while it may be a hiccup, at last a day later.
const PAUSES: [TimeDelta; 6] = [
    TimeDelta::minutes(1),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(8),
    TimeDelta::hours(24),
];

/// When a mail is tried again of which so many tries have failed, the last of them now; none: it is given up.
pub fn next_try(failed: i32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let place = usize::try_from(failed).ok()?.checked_sub(1)?;
    Some(now + *PAUSES.get(place)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_nothing_beside_it() {
        for (text, email, local) in [
            ("Sam.O'Neil+x@partners.example", true, true),
            ("jörg@bücher.example", true, true),
            ("ann@localhost", false, true),
            ("Sam <sam@partners.example>", false, false),
            ("<sam@partners.example>", false, false),
            ("\"a b\"@x.example", false, false),
            ("sam@[127.0.0.1]", false, false),
            ("sam@x.example, joe@x.example", false, false),
            ("sam", false, false),
            ("", false, false),
        ] {
            assert_eq!((is_email(text), is_local_email(text)), (email, local), "{text}");
        }
    }

    #[test]
    fn the_pauses_grow_and_after_seven_tries_it_is_given_up() {
        let now = "2026-11-03T10:41:00Z".parse().unwrap();
        let minutes: Vec<_> =
            (1..8).map(|failed| next_try(failed, now).map(|at| (at - now).num_minutes())).collect();
        assert_eq!(
            minutes,
            [Some(1), Some(5), Some(30), Some(120), Some(480), Some(1440), None],
            "minutes after each failed try"
        );
    }

    #[test]
    fn what_has_not_failed_has_no_next_try() {
        let now = "2026-11-03T10:41:00Z".parse().unwrap();
        assert_eq!((next_try(0, now), next_try(-1, now)), (None, None));
    }
}
