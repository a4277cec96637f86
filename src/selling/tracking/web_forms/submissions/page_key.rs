//! The hidden key of a form's page: when the page was made and a number of its own, signed, so that nobody makes
//! one but us. It tells who has read the page from a robot that sends at once, and one press from another.

use actix_web::cookie::Key;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::domain::ids::WebFormId;

/// How soon after its page was made a form may be sent: nobody reads and types faster.
const SOONEST: TimeDelta = TimeDelta::seconds(3);
/// How long a page is good for.
const LONGEST: TimeDelta = TimeDelta::hours(24);

/// Signs the keys of pages.
#[derive(Clone)]
pub struct Signer(Hmac<Sha256>);

/// What the key of a page says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageKey {
    /// The page is not ours.
    Absent,
    /// None that we have made for this form.
    Forged,
    /// Sent sooner than anybody could have read it.
    TooSoon,
    /// The page was made too long ago.
    TooOld,
    /// The number of the page.
    Sound(String),
}

impl Signer {
    /// Signs with a key derived from that of the server's cookies.
    pub fn new(key: &Key) -> Signer {
        let mut derived = hmac(key.signing());
        derived.update(b"partnerbook: pages of web forms");
        Signer(hmac(&derived.finalize().into_bytes()))
    }

    /// A key for a page of this form that is made now.
    pub fn issue(&self, form: WebFormId, now: DateTime<Utc>) -> String {
        let made = now.timestamp_millis();
        let number = hex::encode(rand::random::<[u8; 16]>());
        let signature = hex::encode(self.over(form, made, &number).finalize().into_bytes());
        format!("{made}.{number}.{signature}")
    }

    /// What the key says that was sent with this form.
    pub fn read(&self, form: WebFormId, sent: &str, now: DateTime<Utc>) -> PageKey {
        if sent.is_empty() {
            return PageKey::Absent;
        }
        let Some((made, number)) = self.signed(form, sent) else { return PageKey::Forged };
        let age = now - made;
        if age > LONGEST {
            PageKey::TooOld
        } else if age < SOONEST {
            PageKey::TooSoon
        } else {
            PageKey::Sound(number)
        }
    }

    fn signed(&self, form: WebFormId, sent: &str) -> Option<(DateTime<Utc>, String)> {
        let mut parts = sent.split('.');
        let (made, number, signature) = (parts.next()?, parts.next()?, parts.next()?);
        let moment: i64 = made.parse().ok()?;
        let signature = hex::decode(signature).ok()?;
        self.over(form, moment, number).verify_slice(&signature).ok()?;
        Some((DateTime::from_timestamp_millis(moment)?, number.to_string()))
    }

    fn over(&self, form: WebFormId, made: i64, number: &str) -> Hmac<Sha256> {
        let mut hmac = self.0.clone();
        hmac.update(format!("{form}.{made}.{number}").as_bytes());
        hmac
    }
}

fn hmac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_800_000_000_000 + milliseconds).unwrap()
    }

    #[test]
    fn a_key_is_good_from_three_seconds_to_a_day() {
        let signer = Signer::new(&Key::generate());
        let key = signer.issue(WebFormId(7), at(0));
        let day = 24 * 60 * 60 * 1000;
        for (later, expected) in [
            (0, PageKey::TooSoon),
            (2_999, PageKey::TooSoon),
            (-5_000, PageKey::TooSoon),
            (day + 1, PageKey::TooOld),
        ] {
            assert_eq!(signer.read(WebFormId(7), &key, at(later)), expected, "{later}");
        }
        for later in [3_000, day] {
            let PageKey::Sound(number) = signer.read(WebFormId(7), &key, at(later)) else {
                panic!("{later}")
            };
            assert_eq!(number.len(), 32);
        }
    }

    #[test]
    fn nobody_makes_one_but_us() {
        let signer = Signer::new(&Key::generate());
        let key = signer.issue(WebFormId(7), at(0));
        let (made, rest) = key.split_once('.').unwrap();
        let (number, signature) = rest.split_once('.').unwrap();
        let other = Signer::new(&Key::generate()).issue(WebFormId(7), at(0));
        for forged in [
            "x".to_string(),
            "..".into(),
            other,
            format!("1{made}.{number}.{signature}"),
            format!("{made}.{}.{signature}", number.replace(|c: char| c.is_ascii_digit(), "f")),
            format!("{made}.{number}.{}", &signature[2..]),
            format!("{made}.{number}."),
            format!("99999999999999999999.{number}.{signature}"),
        ] {
            assert_eq!(signer.read(WebFormId(7), &forged, at(5_000)), PageKey::Forged, "{forged}");
        }
        assert_eq!(signer.read(WebFormId(8), &key, at(5_000)), PageKey::Forged);
        assert_eq!(signer.read(WebFormId(7), "", at(5_000)), PageKey::Absent);
    }
}
