//! What an event of an order does to the ledger, in amounts and in words.

use crate::domain::ids::{OrderEventId, PartnerId};
use crate::domain::money::Money;
use crate::people::names::shown;
use crate::selling::orders::queries::{CreditFile, OrderFile};
use crate::web::html::{Format, counted};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The most characters of a name on a button.
const NAME_ON_BUTTON: usize = 32;

/// What the latest event of an order did.
#[derive(Debug, Clone)]
pub struct Effect {
    pub event: OrderEventId,
    /// Of each partner, by name as shown: what it got or lost; never zero. The greatest gain first.
    pub by_partner: Vec<(PartnerId, String, Money)>,
    /// The event credited somebody, and this is what it may still earn: the full values of its rows.
    pub promised: Option<Money>,
    /// The lead partner of a credit that the event made.
    pub credited: Option<String>,
}

impl Effect {
    /// What this event did, which is the latest of the order.
    pub fn of(file: &OrderFile, event: OrderEventId) -> Effect {
        let mut sums: BTreeMap<PartnerId, Money> = BTreeMap::new();
        for credit in &file.credits {
            for row in &credit.rows {
                let entries = credit.entries.get(&row.id).into_iter().flatten();
                for entry in entries.filter(|entry| entry.event_id == event) {
                    *sums.entry(row.partner_id).or_default() += entry.amount_minor;
                }
            }
        }
        let mut by_partner: Vec<(PartnerId, String, Money)> = sums
            .into_iter()
            .filter(|(_, amount)| !amount.is_zero())
            .map(|(partner, amount)| (partner, file.person(partner).name, amount))
            .collect();
        by_partner.sort_by_key(|(partner, _, amount)| (std::cmp::Reverse(*amount), *partner));
        let made = file.credits.iter().find(|credit| credit.event == event);
        Effect {
            event,
            by_partner,
            promised: made.map(|credit| credit.rows.iter().map(|row| row.full_minor).sum()),
            credited: made
                .and_then(|credit| credit.story.lead.or(credit.story.sale))
                .map(|lineage| file.person(lineage.own.partner).name),
        }
    }

    /// What it does, to stand on a button after what is recorded: `Sam earns $10.00`.
    pub fn words(&self, format: &Format) -> String {
        let earned: Vec<(&str, Money)> = self.sums(Money::is_positive);
        let mut lost: Vec<(&str, Money)> = self.sums(Money::is_negative);
        lost.reverse();
        let mut parts = Vec::new();
        if let Some((first, rest)) = lost.split_first() {
            let all = lost.iter().map(|(_, amount)| *amount).sum::<Money>();
            parts.push(match rest {
                [] => format!("{} is taken back from {}", format.total(&first.1.abs()), short(first.0)),
                _ => {
                    let partners = counted(lost.len(), "partner", "partners");
                    format!("{} is taken back from {partners}", format.total(&all.abs()))
                }
            });
        }
        let each = |(name, amount): &(&str, Money)| format!("{} {}", short(name), format.total(amount));
        match earned.as_slice() {
            [] => {}
            [(name, amount)] => parts.push(format!("{} earns {}", short(name), format.total(amount))),
            [(name, amount), second] => {
                parts.push(format!("{} earns {}, {}", short(name), format.total(amount), each(second)));
            }
            [(name, amount), rest @ ..] => {
                let sum: Money = rest.iter().map(|(_, amount)| *amount).sum();
                let others = counted(rest.len(), "other", "others");
                let first = format!("{} earns {}", short(name), format.total(amount));
                parts.push(format!("{first}, {others} {}", format.total(&sum)));
            }
        }
        if earned.is_empty() {
            parts.extend(self.nothing_yet(format));
        }
        if parts.is_empty() {
            return "no commission changes".into();
        }
        parts.join("; ")
    }

    /// Of a new credit by which nobody earns anything at once.
    fn nothing_yet(&self, format: &Format) -> Option<String> {
        let promised = self.promised?;
        Some(match &self.credited {
            None => "nobody is credited".into(),
            Some(name) if promised.is_zero() => format!("{} is credited and earns nothing", short(name)),
            Some(name) => {
                let most = format.total(&promised);
                format!("{} is credited, up to {most} as the customer pays", short(name))
            }
        })
    }

    fn sums(&self, wanted: impl Fn(Money) -> bool) -> Vec<(&str, Money)> {
        let partners = self.by_partner.iter().filter(|(_, _, amount)| wanted(*amount));
        partners.map(|(_, name, amount)| (name.as_str(), *amount)).collect()
    }

    /// All that the page shows of what follows, into a fingerprint. No ids that are made anew at each
    /// attempt.
    pub fn fingerprint(&self, file: &OrderFile, hash: &mut Sha256) {
        let mut say = |number: i64| hash.update(number.to_le_bytes());
        let places: BTreeMap<_, _> =
            file.lines.iter().map(|line| (line.id, i64::from(line.number))).collect();
        for credit in &file.credits {
            let CreditFile { story, rows, entries, .. } = credit;
            say(i64::from(credit.number));
            for lineage in [story.lead, story.sale] {
                say(lineage.map_or(0, |lineage| lineage.own.partner.0));
            }
            for row in rows {
                let place = row.line_id.and_then(|line| places.get(&line)).copied();
                for number in [place.unwrap_or(0), row.rule_id.0, row.partner_id.0, i64::from(row.level)] {
                    say(number);
                }
                for entry in entries.get(&row.id).into_iter().flatten() {
                    say(entry.amount_minor.minor());
                    say(i64::from(chrono::Datelike::num_days_from_ce(&entry.dated_on)));
                }
                say(row.full_minor.minor());
            }
        }
        // Events, and with them what was returned and paid, are told by their number alone; and by the day of
        // the last, which an order of now has until midnight.
        say(i64::try_from(file.events.len()).unwrap_or(i64::MAX));
        say(file.events.last().map_or(0, |event| chrono::Datelike::num_days_from_ce(&event.dated_on).into()));
        hash.update(serde_json::to_vec(&file.credits.last().map(|credit| &credit.story)).unwrap_or_default());
    }
}

/// A name, short enough for a button.
fn short(name: &str) -> String {
    let name = shown(name, "?");
    if name.chars().count() <= NAME_ON_BUTTON {
        return name;
    }
    let cut: String = name.chars().take(NAME_ON_BUTTON - 1).collect();
    format!("{}…", cut.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Currency;
    use crate::web::html::DateFormat;

    fn words(amounts: &[(&str, i64)], promised: Option<i64>, credited: Option<&str>) -> String {
        let format = Format {
            currency: Currency::from_code("USD").unwrap(),
            zone: chrono_tz::UTC,
            dates: DateFormat::default(),
        };
        let partner = |(id, (name, minor)): (i64, &(&str, i64))| {
            (PartnerId(id), name.to_string(), Money::from_minor(*minor))
        };
        let effect = Effect {
            event: OrderEventId(1),
            by_partner: (1..).zip(amounts).map(partner).collect(),
            promised: promised.map(Money::from_minor),
            credited: credited.map(str::to_string),
        };
        effect.words(&format)
    }

    #[test]
    fn a_button_says_who_earns_and_who_loses_how_much() {
        assert_eq!(words(&[("Sam", 1000)], Some(1000), Some("Sam")), "Sam earns $10.00");
        assert_eq!(words(&[("Sam", 1000), ("Joe", 300)], None, None), "Sam earns $10.00, Joe $3.00");
        assert_eq!(
            words(&[("Sam", 1000), ("Joe", 300), ("Eve", 50)], None, None),
            "Sam earns $10.00, 2 others $3.50"
        );
        assert_eq!(words(&[("Sam", -500)], None, None), "$5.00 is taken back from Sam");
        assert_eq!(
            words(&[("Joe", 900), ("Sam", -1000)], Some(900), Some("Joe")),
            "$10.00 is taken back from Sam; Joe earns $9.00"
        );
        assert_eq!(
            words(&[("Sam", -1000), ("Eve", -50)], None, None),
            "$10.50 is taken back from 2 partners"
        );
        assert_eq!(words(&[], None, None), "no commission changes");
    }

    #[test]
    fn a_button_says_why_nobody_earns_anything_yet() {
        assert_eq!(words(&[], Some(0), None), "nobody is credited");
        assert_eq!(words(&[], Some(0), Some("Sam")), "Sam is credited and earns nothing");
        assert_eq!(words(&[], Some(1000), Some("Sam")), "Sam is credited, up to $10.00 as the customer pays");
        let long = words(&[("Wolfeschlegelsteinhausenbergerdorff Senior", 1)], None, None);
        assert_eq!(long, "Wolfeschlegelsteinhausenbergerd… earns $0.01");
    }
}
