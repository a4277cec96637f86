//! What time it is: the only place that asks the system. Rules get instants and days as arguments.

use chrono::{DateTime, NaiveDate, SubsecRound, TimeDelta, Utc};
use chrono_tz::Tz;
use std::sync::{Arc, Mutex};

use crate::domain::period::business_date;

/// The system's clock, or one that a test sets. Clones share the same time.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    set: Arc<Mutex<Option<DateTime<Utc>>>>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Clock {
        Clock::default()
    }

    /// A clock that stands still at this instant until it is set or moved on; for tests.
    pub fn standing_at(at: DateTime<Utc>) -> Clock {
        let clock = Clock::default();
        clock.set(at);
        clock
    }

    /// Now, to the microsecond: as precisely as PostgreSQL keeps it, so that what was written
    /// equals what is read.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the system")]
    pub fn now(&self) -> DateTime<Utc> {
        let set = *self.set.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        set.unwrap_or_else(Utc::now).trunc_subsecs(6)
    }

    /// Today where the company is.
    pub fn today(&self, zone: Tz) -> NaiveDate {
        business_date(self.now(), zone)
    }

    /// Stops the clock at an instant.
    pub fn set(&self, at: DateTime<Utc>) {
        *self.set.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(at);
    }

    /// Moves the clock on from what it shows, and lets it stand there.
    pub fn advance(&self, by: TimeDelta) {
        self.set(self.now() + by);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_clock_stands_still_and_its_clones_show_the_same() {
        let clock = Clock::standing_at("2026-03-31T23:30:00Z".parse().unwrap());
        let other = clock.clone();
        clock.advance(TimeDelta::minutes(45));
        assert_eq!(other.now(), "2026-04-01T00:15:00Z".parse::<DateTime<Utc>>().unwrap());
        assert_eq!(other.today(chrono_tz::America::New_York), "2026-03-31".parse().unwrap());
    }
}
