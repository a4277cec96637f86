//! The parts of the page that follow the choices while they are made: the worked example, a link, the
//! programs that a save changes, and what the save button says.

use super::Current;
use super::changes::{ProgramChange, ProgramChanges, program_changes};
use super::example::{Example, example};
use super::forms::DefaultsForm;
use super::words::{self, SETTINGS, Setting};
use crate::domain::link;
use crate::domain::settings::Defaults;
use crate::web::html::{Format, count, counted};

/// What these choices would do.
pub struct Live {
    pub format: Format,
    pub example: Example,
    /// What the sale pays as the settings are saved; empty where that is the same.
    pub example_as_saved: String,
    /// A link as it would be generated.
    pub link: String,
    /// What happens to the programs; none where settings 7 to 10 are as they are saved.
    pub changes: Option<ProgramChanges>,
    /// What differs from what is saved.
    pub differences: Vec<Difference>,
    pub save: SaveBar,
}

/// A setting that differs from what is saved.
pub struct Difference {
    pub setting: &'static Setting,
    pub saved: String,
    pub chosen: String,
}

/// What stands beside the save button, and on it.
pub struct SaveBar {
    /// Reads on after *11. Save*.
    pub words: String,
    pub button: String,
    /// What the button stands for; see [`ProgramChanges::key`].
    pub key: String,
}

impl Live {
    /// For the choices in the form, as far as they can be read.
    pub fn new(current: &Current, form: &DefaultsForm, format: Format, public_url: &str) -> Live {
        let saved = &current.defaults;
        let chosen = form.as_far_as_read(saved);
        let differences = differences(saved, &chosen);
        let problems = form.parse().err().unwrap_or_default();
        // Choices that cannot be saved change no program, whatever they would pay.
        let changes = (chosen.payout != saved.payout && problems.is_empty())
            .then(|| program_changes(&current.programs, saved.payout, chosen.payout));
        let base = link::base(&chosen.custom_link_url, public_url);
        Live {
            format,
            example: example(chosen.payout, &format),
            example_as_saved: match &changes {
                Some(_) => in_short(&example(saved.payout, &format), &format),
                None => String::new(),
            },
            link: link::address(base, "shop", &chosen.code_prefix, "sam"),
            save: match problems.iter().next() {
                Some((_, problem)) => SaveBar::plain(format!("cannot be done yet. {problem}")),
                None => SaveBar::new(&differences, changes.as_ref()),
            },
            changes,
            differences,
        }
    }

    /// What a setting says as it is saved; empty where that is what was chosen.
    pub fn was(&self, setting: &Setting) -> &str {
        let difference = self.differences.iter().find(|difference| difference.setting.field == setting.field);
        difference.map_or("", |difference| &difference.saved)
    }

    /// The example in a sentence, for those who hear the page.
    pub fn in_short(&self) -> String {
        format!("This sale pays {}.", in_short(&self.example, &self.format))
    }

    /// All settings, in their order.
    pub fn settings(&self) -> &'static [Setting] {
        &SETTINGS
    }

    /// *3 of 4 programs*.
    pub fn share(&self, changes: &ProgramChanges) -> String {
        share(changes)
    }

    /// The programs that pay as before.
    pub fn others(&self, changes: &ProgramChanges) -> String {
        listed(&changes.others.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The rates of a program that go on, or off, in words.
    pub fn rates(&self, program: &ProgramChange, on: bool) -> Vec<String> {
        let rates = program.switched.iter().filter(|switched| switched.on == on);
        rates.map(|switched| words::switched(switched, &self.format)).collect()
    }
}

impl SaveBar {
    fn new(differences: &[Difference], changes: Option<&ProgramChanges>) -> SaveBar {
        let Some(changes) = changes else {
            return SaveBar::plain(match differences.len() {
                0 => "changes nothing so far.".into(),
                n => format!("changes {}, and no commission program.", counted(n, "setting", "settings")),
            });
        };
        match (changes.programs.len(), changes.total()) {
            (_, 0) => {
                SaveBar::plain("changes what programs will pay; there is no commission program yet.".into())
            }
            (0, all) => SaveBar::plain(format!(
                "updates all of the existing referral partner program records ({}); none of their rates goes on or off.",
                count(all)
            )),
            _ => SaveBar {
                words: format!(
                    "changes what {} commission program records pay: {}.",
                    share_of(changes),
                    listed(&changes.programs.iter().map(|program| program.name.as_str()).collect::<Vec<_>>())
                ),
                button: format!("Save changes to {}", share(changes)),
                key: changes.key.clone(),
            },
        }
    }

    fn plain(words: String) -> SaveBar {
        SaveBar { words, button: "Save".into(), key: String::new() }
    }
}

fn share_of(changes: &ProgramChanges) -> String {
    format!("{} of {}", count(changes.programs.len()), count(changes.total()))
}

fn share(changes: &ProgramChanges) -> String {
    let all = counted(changes.total(), "program", "programs");
    format!("{} of {all}", count(changes.programs.len()))
}

/// *Standard, Equipment and 2 more*.
pub fn listed(names: &[&str]) -> String {
    const MOST: usize = 3;
    match names {
        [] => String::new(),
        [only] => only.to_string(),
        [first @ .., last] if names.len() <= MOST => format!("{} and {last}", first.join(", ")),
        _ => format!("{} and {} more", names[..MOST].join(", "), count(names.len() - MOST)),
    }
}

fn differences(saved: &Defaults, chosen: &Defaults) -> Vec<Difference> {
    let all = SETTINGS.iter().map(|setting| Difference {
        setting,
        saved: setting.says(saved),
        chosen: setting.says(chosen),
    });
    all.filter(|difference| difference.saved != difference.chosen).collect()
}

/// *Sam $10.00, Joe $3.00*, or *nobody anything*.
fn in_short(example: &Example, format: &Format) -> String {
    let paid = example.people.iter().filter(|person| person.is_paid);
    let paid: Vec<String> =
        paid.map(|person| format!("{} {}", person.name, format.total(&person.amount))).collect();
    if paid.is_empty() { "nobody anything".into() } else { paid.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_of_names_are_cut() {
        assert_eq!(listed(&["A"]), "A");
        assert_eq!(listed(&["A", "B", "C"]), "A, B and C");
        assert_eq!(listed(&["A", "B", "C", "D", "E"]), "A, B, C and 2 more");
    }
}
