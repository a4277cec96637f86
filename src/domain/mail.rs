//! When a mail that could not be sent is tried again, and when it is given up.

use chrono::{DateTime, TimeDelta, Utc};

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
