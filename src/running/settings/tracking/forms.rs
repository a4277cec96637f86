//! What is typed about tracking.

use super::Settings;
use crate::domain::sites::{NoSite, Sites};
use crate::web::forms::{FormData, Problems};

/// What was typed.
#[derive(Debug, Clone, Default)]
pub struct TrackingForm {
    pub default_destination: String,
    pub unknown_destination: String,
    pub cookie_days: String,
    pub address_days: String,
    pub sites: String,
    pub version: String,
}

impl TrackingForm {
    /// Reads the fields.
    pub fn read(form: &FormData) -> TrackingForm {
        let text = |name| form.get(name).to_string();
        TrackingForm {
            default_destination: text("default_destination"),
            unknown_destination: text("unknown_destination"),
            cookie_days: text("cookie_days"),
            address_days: text("address_days"),
            sites: text("sites"),
            version: text("version"),
        }
    }

    /// The form for the settings as they are saved.
    pub fn of(saved: &Settings, version: i32) -> TrackingForm {
        TrackingForm {
            default_destination: saved.default_destination.clone(),
            unknown_destination: saved.unknown_destination.clone(),
            cookie_days: saved.cookie_days.to_string(),
            address_days: saved.address_days.to_string(),
            sites: saved.sites.clone(),
            version: version.to_string(),
        }
    }

    /// What it means, where links begin with these addresses.
    pub fn parse(&self, ours: &[String]) -> Result<Settings, Problems> {
        let mut problems = Problems::none();
        let default =
            problems.leading("default_destination", "Default destination", &self.default_destination, ours);
        let unknown = problems.leading(
            "unknown_destination",
            "The page for unknown codes",
            &self.unknown_destination,
            ours,
        );
        let mut days = |field, label, typed, least, most| {
            problems
                .whole(field, label, typed, least, most)
                .and_then(|days| i32::try_from(days).ok())
                .unwrap_or(0)
        };
        let new = Settings {
            default_destination: default,
            unknown_destination: unknown,
            cookie_days: days("cookie_days", "Days of the cookie", &self.cookie_days, 1, 400),
            address_days: days("address_days", "Days of addresses", &self.address_days, 0, 3650),
            sites: problems.optional_lines("sites", "Your sites", &self.sites, 10_000),
        };
        match Sites::parse(&new.sites) {
            Ok(sites) => problems.or(Settings { sites: sites.to_string(), ..new }),
            Err(NoSite { line, typed }) => {
                let problem = format!(
                    "Line {line}, “{typed}”, names no site. Write its host, such as shop.example.com."
                );
                problems.add("sites", problem);
                Err(problems)
            }
        }
    }

    /// The version that was edited. One that is no number was not made by our page; it counts as old.
    pub fn version(&self) -> i32 {
        self.version.parse().unwrap_or(-1)
    }

    /// Each field as label, what is saved, and what was typed: for two who edit at once.
    pub fn beside(&self, saved: &Settings) -> [(&'static str, String, String); 5] {
        [
            ("Default destination", saved.default_destination.clone(), self.default_destination.clone()),
            ("Unknown codes lead to", saved.unknown_destination.clone(), self.unknown_destination.clone()),
            ("Days of the cookie", saved.cookie_days.to_string(), self.cookie_days.clone()),
            ("Days of addresses", saved.address_days.to_string(), self.address_days.clone()),
            ("Your sites", saved.sites.clone(), self.sites.clone()),
        ]
    }
}
