//! How often somebody may do something: so many times within so long, counted in the memory of this process.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};

/// How many of those who did something lately are remembered. Beyond that, who has not come for longest is
/// forgotten.
const REMEMBERED: usize = 20_000;

/// What is limited. Clones count together.
#[derive(Clone)]
pub struct Limits {
    /// Submissions of web forms, by address.
    pub submissions: Arc<Limit>,
    /// What the script of a shop reports, by address. Many people may share one.
    pub reports: Arc<Limit>,
    /// Requests of other systems, by API key.
    pub api: Arc<Limit>,
    /// API keys that open nothing, by address.
    pub wrong_keys: Arc<Limit>,
}

/// So many times within so long, for each key.
pub struct Limit {
    most: usize,
    within: TimeDelta,
    remembered: usize,
    times: Mutex<HashMap<String, VecDeque<DateTime<Utc>>>>,
}

impl Default for Limits {
    fn default() -> Limits {
        let limit = |most| Arc::new(Limit::new(most, TimeDelta::minutes(10), REMEMBERED));
        let api = Arc::new(Limit::new(600, TimeDelta::minutes(1), REMEMBERED));
        Limits { submissions: limit(10), reports: limit(300), api, wrong_keys: limit(30) }
    }
}

impl Limit {
    fn new(most: usize, within: TimeDelta, remembered: usize) -> Limit {
        Limit { most, within, remembered, times: Mutex::default() }
    }

    /// Counts one more time of this key, unless it was there too often: then how many seconds it has to wait.
    pub fn take(&self, key: &str, now: DateTime<Utc>) -> Result<(), i64> {
        let mut all = self.times.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if !all.contains_key(key) && all.len() >= self.remembered {
            self.forget(&mut all, now);
        }
        let times = all.entry(key.to_string()).or_default();
        // A clock that was set back must lock nobody out.
        times.retain(|time| *time <= now && now - *time < self.within);
        match times.front() {
            Some(first) if times.len() >= self.most => {
                Err((*first + self.within - now).num_milliseconds().div_euclid(1000) + 1)
            }
            _ => {
                times.push_back(now);
                Ok(())
            }
        }
    }

    /// Makes room: whoever may come again anyway, and where that is not enough, a quarter of all.
    fn forget(&self, all: &mut HashMap<String, VecDeque<DateTime<Utc>>>, now: DateTime<Utc>) {
        all.retain(|_, times| times.back().is_some_and(|last| now - *last < self.within));
        if all.len() < self.remembered {
            return;
        }
        let mut lasts: Vec<DateTime<Utc>> = all.values().filter_map(|times| times.back().copied()).collect();
        lasts.sort_unstable();
        let old = lasts.get(self.remembered / 4).copied().unwrap_or(now);
        all.retain(|_, times| times.back().is_some_and(|last| *last > old));
    }
}

/// The key of an address. Who has one address of the newer kind has as many as they like beside it.
pub fn key(address: Option<IpAddr>) -> String {
    match address {
        None => "unknown".into(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn the_window_slides() {
        let limit = Limit::new(2, TimeDelta::seconds(10), 100);
        assert_eq!(limit.take("a", at(0)), Ok(()));
        assert_eq!(limit.take("a", at(4)), Ok(()));
        assert_eq!(limit.take("a", at(5)), Err(6));
        assert_eq!(limit.take("b", at(5)), Ok(()));
        assert_eq!(limit.take("a", at(9)), Err(2));
        assert_eq!(limit.take("a", at(10)), Ok(()));
        assert_eq!(limit.take("a", at(11)), Err(4));
        // What was refused does not count.
        assert_eq!(limit.take("a", at(14)), Ok(()));
    }

    #[test]
    fn a_clock_that_was_set_back_locks_nobody_out() {
        let limit = Limit::new(1, TimeDelta::seconds(10), 100);
        assert_eq!(limit.take("a", at(1000)), Ok(()));
        assert_eq!(limit.take("a", at(0)), Ok(()));
    }

    #[test]
    fn only_so_many_are_remembered_and_the_latest_of_all() {
        let limit = Limit::new(1, TimeDelta::hours(1), 100);
        for number in 0..1000 {
            assert_eq!(limit.take(&number.to_string(), at(number)), Ok(()));
            assert!(limit.times.lock().unwrap().len() <= 100);
        }
        assert!(limit.take("999", at(1000)).is_err());
        assert!(limit.take("950", at(1000)).is_err());
        assert!(limit.take("0", at(1000)).is_ok());
    }

    #[test]
    fn who_is_no_longer_limited_is_forgotten_first() {
        let limit = Limit::new(1, TimeDelta::seconds(10), 3);
        for (key, second) in [("a", 0), ("b", 1), ("c", 20), ("d", 21)] {
            assert_eq!(limit.take(key, at(second)), Ok(()));
        }
        assert!(limit.take("c", at(22)).is_err());
    }

    #[test]
    fn neighbours_of_one_network_count_together() {
        let key_of = |text: &str| key(Some(text.parse().unwrap()));
        assert_eq!(key_of("2001:db8:1:2::1"), key_of("2001:db8:1:2:ffff::9"));
        assert_ne!(key_of("2001:db8:1:2::1"), key_of("2001:db8:1:3::1"));
        assert_ne!(key_of("192.0.2.1"), key_of("192.0.2.2"));
    }
}
