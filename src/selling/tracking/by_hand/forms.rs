//! What is typed about a referral.

use crate::domain::instant::parse_instant;
use crate::domain::typed::Trimmed;
use crate::web::forms::{FormData, Problems};
use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;

/// What was typed.
#[derive(Debug, Clone, Default)]
pub struct ReferralForm {
    /// The partner's code.
    pub partner: String,
    /// `manual` or `permanent`.
    pub kind: String,
    /// As a browser sends it: `2026-10-31T14:05`.
    pub referred_at: String,
}

/// A referral as typed and found sound.
pub struct Sound {
    /// The partner's code in lower case.
    pub partner: String,
    pub permanent: bool,
    pub referred_at: DateTime<Utc>,
}

impl ReferralForm {
    /// Made now, as clocks show it where the company is.
    pub fn fresh(now: NaiveDateTime) -> ReferralForm {
        let referred_at = now.format("%Y-%m-%dT%H:%M").to_string();
        ReferralForm { partner: String::new(), kind: "manual".into(), referred_at }
    }

    /// Reads the fields.
    pub fn read(form: &FormData) -> ReferralForm {
        ReferralForm {
            partner: form.get("partner").into(),
            kind: form.get("kind").into(),
            referred_at: form.get("referred_at").into(),
        }
    }

    /// What it means.
    pub fn parse(&self, zone: Tz, now: DateTime<Utc>) -> Result<Sound, Problems> {
        let mut problems = Problems::none();
        let partner = problems.text("partner", "Partner", &self.partner, 200).to_ascii_lowercase();
        let permanent = match self.kind.as_str() {
            "manual" => false,
            "permanent" => true,
            _ => {
                problems.add("kind", "Choose how long the referral counts.");
                false
            }
        };
        let referred_at = parse_instant(self.referred_at.trimmed(), zone).unwrap_or_else(|_| {
            problems.add("referred_at", "This is no time: write it like 2026-10-31 14:05.");
            now
        });
        if referred_at > now {
            problems
                .add("referred_at", "This lies in the future. A referral is recorded when it has been made.");
        }
        problems.or(Sound { partner, permanent, referred_at })
    }
}
