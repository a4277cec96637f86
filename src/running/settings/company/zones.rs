//! The time zones that can be chosen.

use chrono::{DateTime, Offset, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

/// The zones of one part of the world.
pub struct ZoneGroup {
    pub name: &'static str,
    pub zones: Vec<ZoneChoice>,
}

/// A zone that can be chosen.
pub struct ZoneChoice {
    pub code: &'static str,
    /// *New York (UTC−5:00)*
    pub words: String,
}

/// All zones that the database of time zones knows, by part of the world, with what they differ from
/// UTC at this instant.
pub fn zone_groups(at: DateTime<Utc>) -> Vec<ZoneGroup> {
    let mut groups: Vec<ZoneGroup> = Vec::new();
    for zone in TZ_VARIANTS {
        let (part, place) = zone.name().split_once('/').unwrap_or((OTHERS, zone.name()));
        let place = place.replace('_', " ").replace('/', " / ");
        let words = if place == "UTC" { place } else { format!("{place} ({})", difference(zone, at)) };
        let choice = ZoneChoice { code: zone.name(), words };
        match groups.iter_mut().find(|group| group.name == part) {
            Some(group) => group.zones.push(choice),
            None => groups.push(ZoneGroup { name: part, zones: vec![choice] }),
        }
    }
    for group in &mut groups {
        group.zones.sort_by(|one, other| one.words.cmp(&other.words));
    }
    // Zones without a part of the world are mostly old names of others; UTC is among them.
    groups.sort_by_key(|group| (group.name == OTHERS, group.name));
    groups
}

const OTHERS: &str = "Others";

/// *UTC−5:00*
fn difference(zone: Tz, at: DateTime<Utc>) -> String {
    let minutes = zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc() / 60;
    let sign = if minutes < 0 { '\u{2212}' } else { '+' };
    match minutes.abs() {
        0 => "UTC".into(),
        minutes => format!("UTC{sign}{}:{:02}", minutes / 60, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_zone_can_be_chosen_once_and_says_how_far_it_is_from_utc() {
        let groups = zone_groups("2026-11-20T12:00:00Z".parse().unwrap());
        let choices: Vec<_> = groups.iter().flat_map(|group| &group.zones).collect();
        assert_eq!(choices.len(), TZ_VARIANTS.len());
        assert!(choices.iter().all(|choice| choice.code.parse::<Tz>().is_ok()));
        let words = |code| choices.iter().find(|choice| choice.code == code).unwrap().words.as_str();
        assert_eq!(words("America/New_York"), "New York (UTC\u{2212}5:00)");
        assert_eq!(words("America/Argentina/Buenos_Aires"), "Argentina / Buenos Aires (UTC\u{2212}3:00)");
        assert_eq!(words("Asia/Kathmandu"), "Kathmandu (UTC+5:45)");
        assert_eq!(words("UTC"), "UTC");
        assert_eq!(groups.last().unwrap().name, OTHERS);
    }
}
